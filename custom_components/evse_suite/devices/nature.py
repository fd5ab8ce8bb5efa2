"""What is known of a kind of device before it is asked."""

from dataclasses import dataclass
from enum import StrEnum


class Alone(StrEnum):
    """What a charger does when Home Assistant is gone without a word (IND-8)."""

    KEEPS = "keeps"
    """It goes on with the last current that it was told."""
    FALLS_BACK = "falls_back"
    """It goes to a current of its own that is set in it."""
    STOPS = "stops"
    FULL = "full"
    """It charges as fast as it can."""
    OWN_CONTROL = "own_control"
    """Its maker or another system steers it, as before."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What is known of a kind of device before it is asked; None where it is like any other."""

    alone: Alone = Alone.UNKNOWN
    alone_note: str = ""
    """What it does, in a sentence."""
    caveats: tuple[str, ...] = ()
    interval_s: float | None = None
    """How often it says something."""
    settle_s: float | None = None
    """Command, device and the way back need this long together."""
    raise_spacing_s: float | None = None
    """Least time between two raises, so that it is not written to more often than it bears."""
    switched_only: bool = False
    """It can be switched on and off, and has no current that can be set."""
    minimum_on_s: float = 0.0
    minimum_off_s: float = 0.0
