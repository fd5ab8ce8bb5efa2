"""Outcomes of the runs of one scenario by one controller, put together."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from .outcome import START_COSTS_WH, Outcome, Sun

MIDDLE: Final = len(START_COSTS_WH) // 2
"""Index of the start cost that the benchmark uses."""
LEAST_BEST_WH: Final = 500.0
"""On a day as dull as that no share of the best J means anything."""


@dataclass(frozen=True, slots=True)
class Summary:
    """One line of a table; worst cases are those of the worst run, shares those of sums."""

    outcomes: tuple[Outcome, ...]

    @property
    def scenario(self) -> str:
        """Key of the scenario."""
        return self.outcomes[0].scenario

    @property
    def controller(self) -> str:
        """Who it was."""
        return self.outcomes[0].controller

    @property
    def days(self) -> float:
        """All runs together."""
        return sum(each.days for each in self.outcomes)

    @property
    def over_as(self) -> float:
        """Ampere-seconds above the fuse, of all runs."""
        return sum(each.protection.over_as for each in self.outcomes)

    @property
    def over_ratio(self) -> float | None:
        """Ampere-seconds as a multiple of what dead times make unavoidable."""
        return over_ratio(self.outcomes)

    @property
    def energy_share(self) -> float:
        """Energy as a part of what perfect information gets."""
        return self.energy_wh / max(1.0, sum(each.best_energy_wh for each in self.outcomes))

    @property
    def energy_wh(self) -> float:
        """Energy of all runs and cars."""
        return sum(each.energy_wh for each in self.outcomes)

    @property
    def starts(self) -> int:
        """Starts of all runs."""
        return sum(each.starts for each in self.outcomes)

    @property
    def commands(self) -> int | None:
        """Commands of all runs; None for a bound that sends none."""
        sent = [each.commands for each in self.outcomes if each.commands is not None]
        return sum(sent) if sent else None

    @property
    def suns(self) -> list[Sun]:
        """What is known of the sun, run by run."""
        return [each.sun for each in self.outcomes if each.sun is not None]

    @property
    def sun_share(self) -> float:
        """Sun in the car as a part of what it could have taken."""
        return sun_share(self.suns)

    @property
    def imported_wh(self) -> float:
        """What the cars took from the grid."""
        return sum(sun.imported_wh for sun in self.suns)

    def score_share(self, cost: int = MIDDLE) -> float | None:
        """Return J as a part of the best one, for one of the start costs."""
        return score_share(self.suns, cost)

    def worst(self, value: Callable[[Outcome], float]) -> float:
        """Return the highest value of any run."""
        return max(map(value, self.outcomes))

    def lowest(self, value: Callable[[Outcome], float]) -> float:
        """Return the lowest value of any run."""
        return min(map(value, self.outcomes))


def over_ratio(outcomes: Iterable[Outcome]) -> float | None:
    """Return ampere-seconds over the unavoidable ones; None where these are not known, or none."""
    over_as = least_as = 0.0
    for each in outcomes:
        if each.unavoidable_as is None:
            return None
        over_as += each.protection.over_as
        least_as += each.unavoidable_as
    return over_as / least_as if least_as > 1 else None


def sun_share(suns: Sequence[Sun]) -> float:
    """Return the sun in the car as a part of what it could have taken."""
    return sum(sun.from_sun_wh for sun in suns) / max(1.0, sum(sun.usable_wh for sun in suns))


def score_share(suns: Sequence[Sun], cost: int = MIDDLE) -> float | None:
    """Return J as a part of the best J; None where the best is next to nothing."""
    best_wh = sum(sun.best_wh[cost] for sun in suns)
    if best_wh < LEAST_BEST_WH:
        return None
    return sum(sun.scores_wh[cost] for sun in suns) / best_wh


def summaries(outcomes: Iterable[Outcome]) -> list[Summary]:
    """Put the runs of every (scenario, controller) together, in the order in which they come."""
    found: dict[tuple[str, str], list[Outcome]] = {}
    for each in outcomes:
        found.setdefault((each.scenario, each.controller), []).append(each)
    return [Summary(tuple(group)) for group in found.values()]
