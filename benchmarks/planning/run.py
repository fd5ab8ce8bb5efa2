"""One strategy in one home."""

from typing import Final

from .home import Home
from .optimum import optimum
from .replay import Strategy, replay
from .report import OPTIMUM, Row, row
from .rules import CheapestQuarters, Evcc, PlugIn
from .suite import Suite

STRATEGIES: Final = (
    OPTIMUM,
    "EVSE Suite, perfect forecasts",
    "EVSE Suite",
    "evcc's planner",
    "cheapest quarters (ev_smart_charging)",
    "cheapest stretch (its default)",
    "on plug-in",
)


def run(home: Home, strategy: str) -> Row:
    """Return what a strategy does in a home."""
    if strategy == OPTIMUM:
        return row(home, strategy, optimum(home))
    made: dict[str, Strategy] = {
        STRATEGIES[1]: Suite(foresight=True),
        STRATEGIES[2]: Suite(),
        STRATEGIES[3]: Evcc(),
        STRATEGIES[4]: CheapestQuarters(continuous=False),
        STRATEGIES[5]: CheapestQuarters(continuous=True),
        STRATEGIES[6]: PlugIn(),
    }
    return row(home, strategy, replay(home, made[strategy]))
