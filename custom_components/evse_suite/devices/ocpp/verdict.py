"""Whether a charger follows what it has accepted: some accept every profile and ignore it.

Pure (protocol D.4).
"""

from dataclasses import dataclass
from typing import Final

TOLERANCE_A: Final = 1.5
TOLERANCE_PART: Final = 0.1
FULL_PART: Final = 0.75
"""A car that draws at least this part of what it was told shows that the charger told it."""
TELLING_A: Final = 2.0
"""What lies under the profile has to differ by so much to be told from it."""
HELD_DOWN_A: Final = 4.0
CLOSE_A: Final = 1.0
MINIMUM_A: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is seen of a charger some time after it accepted ``sent_a``; None is not told."""

    sent_a: int
    base_a: int
    """What lies under the profile."""
    measured_a: float | None
    offered_a: float | None
    charging: bool
    held_by_charger: bool
    """It says that it is the charger that pauses."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """``follows`` is None while nobody can tell."""

    follows: bool | None
    why: str = ""


def judge(seen: Evidence) -> Verdict:
    """Judge by what is measured first, then by what the charger says that it offers."""
    most_a = seen.sent_a + max(TOLERANCE_A, TOLERANCE_PART * seen.sent_a)
    told_apart = abs(seen.sent_a - seen.base_a) >= TELLING_A
    if seen.measured_a is not None and seen.charging:
        if seen.measured_a > most_a:
            return Verdict(follows=False, why=f"{seen.measured_a:.1f} A flow, not {seen.sent_a} A")
        if told_apart and seen.measured_a >= FULL_PART * seen.sent_a > 0:
            return Verdict(follows=True)
    if seen.held_by_charger and seen.sent_a >= MINIMUM_A:
        return Verdict(follows=False, why=f"it pauses although it was told {seen.sent_a} A")
    if seen.offered_a is not None:
        return _judge_offer(seen, seen.offered_a)
    held_down = seen.sent_a - seen.base_a >= HELD_DOWN_A and seen.charging
    if held_down and seen.measured_a is not None and abs(seen.measured_a - seen.base_a) <= CLOSE_A:
        return Verdict(follows=False, why=f"it stays at {seen.base_a} A, not {seen.sent_a} A")
    return Verdict(follows=None)


def _judge_offer(seen: Evidence, offered_a: float) -> Verdict:
    """Judge by the charger's own word; less may be offered for the sake of cable or heat."""
    if abs(offered_a - seen.sent_a) <= CLOSE_A:
        return Verdict(follows=True)
    stuck = seen.sent_a - seen.base_a >= HELD_DOWN_A and abs(offered_a - seen.base_a) <= CLOSE_A
    if offered_a > seen.sent_a or stuck:
        return Verdict(follows=False, why=f"it offers {offered_a:.0f} A, not {seen.sent_a} A")
    return Verdict(follows=None)
