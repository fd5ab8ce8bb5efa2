"""Noise that is a pure function of a seed and a position, so that time may run, jump or repeat."""

import math
from zlib import crc32

_MASK = (1 << 64) - 1


def seed_of(*parts: object) -> int:
    """Return a seed that is the same in every process for the same ``parts``."""
    return crc32("/".join(map(str, parts)).encode())


def uniform(seed: int, index: int) -> float:
    """Return the ``index``-th number of the sequence ``seed``, evenly spread over 0 to 1."""
    # SplitMix64's finalizer: cheap, and neighbouring indices are unrelated.
    z = (index * 0x9E3779B97F4A7C15 + seed * 0xD1B54A32D192ED03 + 0x632BE59BD9B4E019) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return ((z ^ (z >> 31)) >> 11) / (1 << 53)


def gauss(seed: int, index: int) -> float:
    """Return the ``index``-th number of a sequence with mean 0 and standard deviation 1."""
    total = uniform(seed, 4 * index) + uniform(seed, 4 * index + 1)
    total += uniform(seed, 4 * index + 2) + uniform(seed, 4 * index + 3)
    return (total - 2) * math.sqrt(3)


def smooth(seed: int, position: float) -> float:
    """Return a smooth curve between -1 and 1 that changes its mind at every whole ``position``."""
    left = math.floor(position)
    weight = position - left
    weight *= weight * (3 - 2 * weight)
    start, end = uniform(seed, left), uniform(seed, left + 1)
    return 2 * (start + (end - start) * weight) - 1
