"""Small harm done to good input: to bytes, and to the tree of a JSON document."""

from collections.abc import Callable, Sequence
from copy import deepcopy
import json
import math
import random
from typing import Any, Final

ODD_VALUES: Final[tuple[object, ...]] = (
    None,
    True,
    False,
    0,
    -1,
    1e308,
    -1e308,
    10**400,
    math.nan,
    math.inf,
    "",
    "NaN",
    "-0",
    "1e999",
    "\ud800",
    "\x00",
    "٣",
    "A" * 5000,
    [],
    {},
    [[]],
    [None],
    {"": {}},
    "2026-13-45T99:99:99Z",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
)
TOKENS: Final = (
    b"\x00",
    b"\xff",
    b"\r\n",
    b"(",
    b")",
    b"*",
    b"{",
    b"}",
    b"[",
    b'"',
    b"\\u0000",
    b"999999999999999999999",
    b"-",
    b"1-0:",
    b"1e309",
    b"NaN",
    b"\x02",
    b"\x03",
    b"/",
)
DEEPEST: Final = 2000


def harm_bytes(seed: bytes, chance: random.Random) -> bytes:
    """Return ``seed`` with one to four small changes."""
    data = bytearray(seed)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(data) + 1)
        match chance.randrange(6):
            case 0 if data:
                data[min(place, len(data) - 1)] ^= 1 << chance.randrange(8)
            case 1:
                del data[place : place + chance.randint(1, 20)]
            case 2:
                data[place:place] = chance.choice(TOKENS)
            case 3:
                data[place:place] = data[place : place + chance.randint(1, 60)] * chance.randint(
                    1, 3
                )
            case 4:
                del data[place:]
            case _:
                data[place:place] = chance.randbytes(chance.randint(1, 8))
    return bytes(data)


def harm_tree(seed: object, chance: random.Random) -> Any:
    """Return a copy of a JSON document in which one to three places are another."""
    tree: Any = [deepcopy(seed)]
    for _ in range(chance.randint(1, 3)):
        holder, key = chance.choice(_places(tree))
        match chance.randrange(5):
            case 0 if isinstance(holder, dict):
                del holder[key]
            case 1:
                holder[key] = _nested(chance)
            case 2:
                holder[key] = [holder[key]] * chance.randint(1, 4)
            case 3 if isinstance(holder[key], float):
                holder[key] *= chance.choice((-1, 1000, 0.001, 1e12, 0))
            case _:
                holder[key] = deepcopy(chance.choice(ODD_VALUES))
    return tree[0]


def harm_json(seed: object, chance: random.Random) -> bytes:
    """Return the text of a harmed document, or a good document as harmed text."""
    if chance.random() < 0.5:
        return json.dumps(harm_tree(seed, chance)).encode("utf-8", "surrogatepass")
    return harm_bytes(json.dumps(seed).encode(), chance)


def _places(tree: object) -> list[tuple[Any, Any]]:
    """Return every place in a document as what holds it and the key under which it does."""
    found: list[tuple[Any, Any]] = []
    waiting = [tree]
    while waiting:
        holder = waiting.pop()
        if isinstance(holder, dict):
            items: Sequence[tuple[Any, Any]] = list(holder.items())
        elif isinstance(holder, list):
            items = list(enumerate(holder))
        else:
            continue
        found += [(holder, key) for key, _ in items]
        waiting += [value for _, value in items]
    return found


def _nested(chance: random.Random) -> object:
    value: object = 1
    make: Callable[[object], object] = chance.choice(((lambda it: [it]), (lambda it: {"a": it})))
    for _ in range(chance.choice((3, 40, DEEPEST))):
        value = make(value)
    return value
