"""What the balancer is to reach, and what was measured; nothing is rounded in its favour."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Final

from simulator.plant.car import CAR_TYPES

from .bounds import Reaction
from .cases import EVCC, FORESEEN, OPENEVSE, OPENWB, OURS, SMARTEVSE
from .outcome import Outcome
from .steps import PERIODS_S, SWEEP_BASE_A, SWEEP_CARS, SWEEP_FUSE_A, SWEEP_RISES_A
from .summary import Summary, over_ratio, score_share, sun_share
from .world import ChargerKind, MeterKind

ONE_CHARGER: Final = ("P1", "P2", "P3", "P4", "P6")
TWO_CHARGERS: Final = ("P5", "P5 mixed")
POWER: Final = (*ONE_CHARGER, *TWO_CHARGERS, "P5 four")
STEP: Final = "S typical 1 s"
TABLE: Final = ("T +13 A", "T +16 A", "T random")
GREEN: Final = ("G1", "G2", "G3", "G slow", "G iec5", "LONG")
LATE: Final = "S late"
AHEAD_POINTS: Final = 12
WITHIN: Final = 0.01
"""Where a bound proves a goal impossible, this part of the bound may be missing."""

type Found = Sequence[Summary]
type Value = Callable[[Outcome], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One goal and what came of it."""

    text: str
    measured: str
    worst: str
    """Where that was, or the worst of the days that make it up, or what somebody else reached."""
    met: bool
    bound: float | None = None
    """The most that foresight reaches, where that is less than the goal: it is impossible."""
    missing: float = 0.0
    """Part of the bound that ours misses."""

    @property
    def verdict(self) -> str:
        """Say what came of it; rounded against us."""
        if self.met:
            return "met"
        if self.bound is None:
            return "**not met**"
        percent = ceil(1000 * self.missing) / 10
        told = f"impossible: bound {self.bound:.2f}, ours {percent:.1f} % below"
        return told if self.missing <= WITHIN else f"**not met** ({told})"


def goals(found: Found) -> list[Goal]:
    """Return all goals for which something was measured."""
    return [*_fuse(found), *_sweep(found), *_table(found), *_green(found), *_rest(found)]


def _of(found: Found, *keys: str, controller: str = OURS) -> list[Outcome]:
    return [
        each
        for summary in found
        if summary.controller == controller and summary.scenario in keys
        for each in summary.outcomes
    ]


def _most(text: str, outcomes: list[Outcome], value: Value, limit: float, form: str) -> list[Goal]:
    """Return the goal that no run exceeds a limit; none if there was no run."""
    if not outcomes:
        return []
    worst = max(outcomes, key=value)
    measured = value(worst)
    return [_goal(text, format(measured, form), _where(worst), met=measured <= limit)]


def _least(text: str, outcomes: list[Outcome], value: Value, limit: float, form: str) -> list[Goal]:
    """Return the goal that no run falls below a limit; none if there was no run."""
    if not outcomes:
        return []
    worst = min(outcomes, key=value)
    measured = value(worst)
    return [_goal(text, format(measured, form), _where(worst), met=measured >= limit)]


def _goal(text: str, measured: str, worst: str, *, met: bool) -> Goal:
    return Goal(text=text, measured=measured, worst=worst, met=met)


def _where(outcome: Outcome) -> str:
    return f"{outcome.scenario}: {outcome.run}"


def _fuse(found: Found) -> Iterator[Goal]:
    """Yield what the fuse may have to bear with a meter of 1 s and a typical car."""
    power, one = _of(found, *POWER), _of(found, *ONE_CHARGER)
    all_of = [*power, *_of(found, STEP)]
    yield from _most("over 1 x the fuse: 8 s at most", all_of, _longest_s, 8, ".0f")
    text = "over 1.25 x the fuse: 5 s at most"
    yield from _most(text, all_of, lambda o: o.protection.longest_far_s, 5, ".0f")
    text = "two steps: A·s at most 1.1 x the bound"
    yield from _most(text, _of(found, STEP), lambda o: over_ratio([o]) or 0.0, 1.1, ".3f")
    text = "wear of an MCB, one charger: 0.10 at most"
    yield from _most(text, one, lambda o: o.protection.mcb, 0.10, ".3f")
    text = "wear of a gG fuse, one charger: 0.03 at most"
    yield from _most(text, one, lambda o: o.protection.fuse, 0.03, ".3f")
    two = _of(found, *TWO_CHARGERS)
    text = "wear of an MCB, two chargers: 0.15 at most"
    yield from _most(text, two, lambda o: o.protection.mcb, 0.15, ".3f")
    text = "one charger: 99.3 % of the best energy at least"
    yield from _least(text, one, lambda o: 100 * o.energy_wh / o.best_energy_wh, 99.3, ".2f")
    text = "over the fuse by an own raise: 0 s"
    quiet = [*power, *_of(found, *_sweep_keys(), *TABLE)]
    yield from _most(text, quiet, lambda o: o.protection.own_raise_s, 0, ".0f")


def _longest_s(outcome: Outcome) -> float:
    return outcome.protection.longest_s


def _sweep_keys() -> list[str]:
    return [LATE, *(f"S {car} {period_s} s" for car in SWEEP_CARS for period_s in PERIODS_S)]


def _sweep(found: Found) -> Iterator[Goal]:
    """Yield how soon the car must be below the fuse with slower meters and cars."""
    yield from _most("slow car: 25 s at most", _of(found, "S slow 1 s"), _longest_s, 25, ".0f")
    for car in SWEEP_CARS:
        for period_s in PERIODS_S[1:]:
            kind, meter = ChargerKind(car=CAR_TYPES[car]), MeterKind(period_s=period_s)
            limit_s = _due_s(meter, kind)
            text = f"{car} car, meter every {period_s} s: {limit_s:.1f} s at most"
            outcomes = _of(found, f"S {car} {period_s} s")
            yield from _most(text, outcomes, _longest_s, limit_s, ".0f")
    limit_s = _due_s(MeterKind(latency_s=3), ChargerKind(command_s=2))
    text = f"late readings and commands: {limit_s:.1f} s at most"
    yield from _most(text, _of(found, LATE), _longest_s, limit_s, ".0f")


def _due_s(meter: MeterKind, charger: ChargerKind) -> float:
    """Return the dead time of the worst moment, the way down at the car's slew, and 2 s."""
    over_a = SWEEP_BASE_A + SWEEP_RISES_A[0] + 32 - charger.car.offset_a - SWEEP_FUSE_A
    reaction = Reaction.of(meter, charger)
    return meter.period_s - 1 + reaction.dead_s + over_a / reaction.down_a_per_s + 2


def _table(found: Found) -> Iterator[Goal]:
    """Yield the comparison with three others under 25 A."""
    for key in TABLE:
        own = _of(found, key)
        others = {name: _of(found, key, controller=name) for name in (SMARTEVSE, OPENWB, OPENEVSE)}
        if not own:
            continue
        mine, theirs = max(map(_longest_s, own)), max(map(_longest_s, others[SMARTEVSE]))
        text = f"{key}: seconds over the fuse, no more than {SMARTEVSE}'s"
        yield _against(text, mine, theirs, met=mine <= theirs)
        mine, theirs = _energy_wh(own), _energy_wh(others[OPENWB])
        text = f"{key}: Wh a run, more than {OPENWB}'s"
        yield _against(text, mine, theirs, met=mine > theirs)
        mine, theirs = sum(o.starts for o in own), sum(o.starts for o in others[OPENEVSE])
        text = f"{key}: starts, no more than {OPENEVSE}'s"
        yield _against(text, mine, theirs, met=mine <= theirs)


def _energy_wh(outcomes: list[Outcome]) -> float:
    return sum(each.energy_wh for each in outcomes) / len(outcomes)


def _against(text: str, mine: float, theirs: float, *, met: bool) -> Goal:
    return _goal(text, f"{mine:,.0f}", f"{theirs:,.0f} theirs", met=met)


def _green(found: Found) -> Iterator[Goal]:
    """Yield the goals for following the sun alone."""
    for key, roof, score, sun in (("G1", "6 kWp", 94, 89), ("G2", "4 kWp", 89, 80)):
        own, green = _of(found, key), f"Green, {roof}"
        most = _foreseen(own, _of(found, key, controller=FORESEEN))
        for goal in _mean(f"{green}: J {score} % of the best at least", own, _score, score):
            yield _bounded(goal, _score(own), most, score)
        yield from _mean(f"{green}: {sun} % of the sun in the car at least", own, _sun, sun)
        text = f"{green}: import 0.9 kWh a day at most"
        yield from _mean(text, own, _imported_kwh, 0.9, most=True)
        text = f"{green}: 8 starts a day at most"
        yield from _mean(text, own, _starts, 8, most=True)
        text = f"{green}: 14 starts on the worst day at most"
        yield from _most(text, own, lambda o: o.most_starts, 14, ".0f")
        yield from _ahead(green, own, _of(found, key, controller=EVCC), most)


def _foreseen(own: list[Outcome], ahead: list[Outcome]) -> float | None:
    """Return the J that foresight makes of our own following; None if it was not found for all."""
    if [each.run for each in own] != [each.run for each in ahead]:
        return None
    return _score(ahead)


def _bounded(goal: Goal, mine: float | None, most: float | None, wanted: float) -> Goal:
    """Return a goal for J with the proof that it is impossible, if the bound is one."""
    if goal.met or mine is None or most is None or most >= wanted:
        return goal
    return replace(goal, bound=most, missing=1 - mine / most)


def _ahead(
    green: str, own: list[Outcome], others: list[Outcome], most: float | None
) -> Iterator[Goal]:
    """Yield the comparison of J with evcc."""
    mine, theirs = _score(own), _score(others)
    if mine is None or theirs is None:
        return
    text = f"{green}: J {AHEAD_POINTS} points above {EVCC}'s at least"
    ahead = mine - theirs
    goal = _goal(text, f"{ahead:.2f}", f"{theirs:.2f} theirs", met=ahead >= AHEAD_POINTS)
    yield _bounded(goal, mine, most, theirs + AHEAD_POINTS)


def _mean(
    text: str,
    outcomes: list[Outcome],
    value: Callable[[list[Outcome]], float | None],
    limit: float,
    *,
    most: bool = False,
) -> Iterator[Goal]:
    """Yield the goal that all runs together stay on one side of a limit."""
    measured = value(outcomes) if outcomes else None
    if measured is None:
        return
    days = [(each_day, each) for each in outcomes if (each_day := value([each])) is not None]
    met = measured <= limit if most else measured >= limit
    beside = "-"
    if days:
        worst, where = (max if most else min)(days, key=lambda day: day[0])
        beside = f"{worst:.2f}, {_where(where)}"
    yield _goal(text, f"{measured:.2f}", beside, met=met)


def _score(outcomes: list[Outcome]) -> float | None:
    share = score_share([each.sun for each in outcomes if each.sun is not None])
    return None if share is None else 100 * share


def _sun(outcomes: list[Outcome]) -> float:
    return 100 * sun_share([each.sun for each in outcomes if each.sun is not None])


def _imported_kwh(outcomes: list[Outcome]) -> float:
    imported_wh = sum(each.sun.imported_wh for each in outcomes if each.sun is not None)
    return imported_wh / 1000 / sum(each.days for each in outcomes)


def _starts(outcomes: list[Outcome]) -> float:
    return sum(each.starts for each in outcomes) / sum(each.days for each in outcomes)


def _rest(found: Found) -> Iterator[Goal]:
    """Yield Hybrid, and what goes over the network."""
    hybrid = _of(found, "H1")
    yield from _mean("Hybrid: J 98 % of the best at least", hybrid, _score, 98)
    yield from _most("Hybrid: no pause, one start a day", hybrid, lambda o: o.starts, 1, ".0f")
    text = "Green: 1,000 commands a day at most"
    yield from _most(text, _whole_days(_of(found, *GREEN)), _commands_a_day, 1000, ",.0f")
    text = "Power: 300 commands a day and charger at most"
    yield from _most(text, _whole_days(_of(found, *POWER)), _commands_a_day, 300, ",.0f")
    text = "no raise within 5 s of the command before it"
    everywhere = _of(found, *POWER, *GREEN, "H1", *TABLE, *_sweep_keys())
    yield from _least(text, everywhere, lambda o: o.spacing_s, 5, ".0f")


def _whole_days(outcomes: list[Outcome]) -> list[Outcome]:
    """Return those of which a rate per day can be told."""
    return [each for each in outcomes if each.days >= 1]


def _commands_a_day(outcome: Outcome) -> float:
    return (outcome.commands or 0) / outcome.days / outcome.chargers
