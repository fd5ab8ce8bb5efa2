"""Who takes part, and what happens to all of them in one run of a scenario.

A case is a scenario with a single run. It is put through the shipped balancer, through every
baseline that can do what its home asks for, and through the bounds; ``outcomes`` is what a worker
process does, so it stands at the top of a module and its argument and answer can be sent.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from custom_components.evse_suite.control.answer import AlarmKind

from . import engine, ideal
from .bounds import Reaction, reactive_a, room_a
from .contract import Commands, HomeSpec, Maker, Mode, Sight
from .days import Currents, Series
from .metrics import STARTED_A
from .outcome import Outcome, Reference, judge
from .rivals.cryptotomte import cryptotomte
from .rivals.elb import conservative, conservative_mended, optimised
from .rivals.evcc import FAST_INTERVAL_S, evcc
from .rivals.openevse import openevse
from .rivals.openwb import openwb
from .rivals.poller import poller
from .rivals.sem import night_charging
from .rivals.smartevse import smartevse
from .rivals.watt_o_balancer import watt_o_balancer
from .steps import FROM_THEN
from .trial import Scenario
from .world import Record, run

OURS: Final = "EVSE Suite"
PERFECT: Final = "perfect information"
REACTIVE: Final = "no margin, no hesitation"
FORESEEN: Final = "foreseen starts"
BOUNDS: Final = (PERFECT, REACTIVE, FORESEEN)
EVCC: Final = "evcc"
OPENWB: Final = "openWB"
OPENEVSE: Final = "OpenEVSE"
SMARTEVSE: Final = "SmartEVSE"
RIVALS: Final[dict[str, Maker]] = {
    EVCC: evcc(),
    f"evcc, {FAST_INTERVAL_S} s": evcc(FAST_INTERVAL_S),
    OPENWB: openwb,
    OPENEVSE: openevse(),
    SMARTEVSE: smartevse,
    "Watt-O-Balancer": watt_o_balancer,
    "ev-load-balancer": cryptotomte,
    "evse-load-balancer": optimised,
    "evse-load-balancer, conservative": conservative,
    "evse-load-balancer, mended": conservative_mended,
    "sem-community": night_charging,
    "poller, 30 s": poller,
}
FORESEEN_IN: Final = ("G1", "G2")
"""The bound costs as much as another run of ours, so it is found for the days with a goal."""
FAULTS: Final = "F"
LOAD_RISES_A: Final = 30.0
SHOWN_BY_LOAD: Final = ("F charger ignores", "F charger's meter stuck")
"""Faults that nothing shows until the load moves."""


def outcomes(case: Scenario) -> list[Outcome]:
    """Return what everybody makes of the only run of a scenario, ours first, bounds last."""
    house_a = case.runs[0].make()
    cars = [kind.car for kind in case.chargers]
    reference = Reference.of(case.home, house_a, cars)
    found = [_ours(case, house_a, reference)]
    for name, maker in RIVALS.items():
        if can_do(maker, case.home):
            record = through(case, house_a, maker)
            safe_s = _safe_after_s(case, record) if case.family == FAULTS else None
            found.append(judge(case, name, record, reference, safe_after_s=safe_s))
    if case.family != FAULTS:
        found += _bounds(case, house_a, reference)
    return found


def can_do(maker: Maker, home: HomeSpec) -> bool:
    """Tell whether a controller has the mode for this home and knows so many chargers."""
    try:
        maker(home, 0)
    except ValueError:
        return False
    return True


def through(case: Scenario, house_a: Currents, maker: Maker) -> Record:
    """Put a controller through the only run of a scenario."""
    return run(
        case.home,
        house_a,
        maker,
        kinds=case.chargers,
        meter=case.meter,
        seed=case.runs[0].seed,
        restart_s=case.restart_s,
    )


@dataclass(slots=True)
class Listener:
    """Our balancer, and the times at which it would have told a person of a fault."""

    engine: engine.Engine
    alarms_s: list[float]

    def step(self, sight: Sight) -> Commands:
        """Run one cycle."""
        commands = self.engine.step(sight)
        decision = self.engine.decision
        if decision and any(alarm.kind is not AlarmKind.OVERLOAD for alarm in decision.alarms):
            self.alarms_s.append(sight.now_s)
        return commands


def _ours(case: Scenario, house_a: Currents, reference: Reference) -> Outcome:
    if case.family != FAULTS:
        return judge(case, OURS, through(case, house_a, engine.make), reference)
    alarms_s: list[float] = []

    def make(home: HomeSpec, seed: int) -> Listener:
        return Listener(engine.make(home, seed), alarms_s)

    record = through(case, house_a, make)
    begin_s = _fault_s(case, record)
    return judge(
        case,
        OURS,
        record,
        reference,
        safe_after_s=_safe_after_s(case, record),
        alarm_after_s=next((time_s - begin_s for time_s in alarms_s if time_s >= begin_s), None),
    )


def _safe_after_s(case: Scenario, record: Record) -> float | None:
    """Return how long after a fault the charger offers no more than its minimum.

    After the last rise of the load there is no room for much more, fault or not.
    """
    begin_s = _fault_s(case, record)
    last_rise_s = int(np.flatnonzero(np.diff(record.house_a[0]) > STARTED_A)[-1]) + 1
    offered_a = record.offered_a[0][begin_s:last_rise_s]
    safe = np.flatnonzero(offered_a <= record.home.chargers[0].minimum_a)
    return float(safe[0]) if len(safe) else None


def _fault_s(case: Scenario, record: Record) -> int:
    """Return the second from which on a fault can be known."""
    if case.key in SHOWN_BY_LOAD:
        return int(np.flatnonzero(np.diff(record.house_a[0]) > LOAD_RISES_A)[0]) + 1
    if case.meter.gain != 1:
        started = np.flatnonzero(record.drawn_a[0] > STARTED_A)
        return int(started[0]) if len(started) else 0
    return int(FROM_THEN.begin_s)


def _bounds(case: Scenario, house_a: Currents, reference: Reference) -> Iterator[Outcome]:
    """Return what the bounds would have done, judged like everybody else; for one charger."""
    if len(case.chargers) > 1:
        return

    def bound(name: str, drawn_a: Series) -> Outcome:
        record = Record(
            home=case.home,
            house_a=list(house_a),
            drawn_a=[drawn_a],
            offered_a=[drawn_a],
            car_lines=[len(case.home.chargers[0].lines)],
            commands=[],
        )
        return replace(judge(case, name, record, reference), commands=None)

    yield bound(PERFECT, reference.best[1].drawn_a)
    if case.home.mode is Mode.POWER:
        yield bound(REACTIVE, _reactive_a(case, house_a))
    if case.key in FORESEEN_IN:
        drawn_a, commands = _foreseen(case, house_a)
        yield replace(bound(FORESEEN, drawn_a), commands=commands)


def _reactive_a(case: Scenario, house_a: Currents) -> Series:
    """Return what a car draws that takes all that the fuse is known to leave."""
    (place,), (kind,) = case.home.chargers, case.chargers
    return reactive_a(
        room_a(case.home, house_a, place),
        Reaction.of(case.meter, kind),
        minimum_a=place.minimum_a,
        maximum_a=place.maximum_a - kind.car.offset_a,
    )


def _foreseen(case: Scenario, house_a: Currents) -> tuple[Series, int]:
    """Return our own following of the sun, on at the best times, and the commands it takes.

    In Hybrid our balancer follows the sun all day long, so that run tells what it would draw at any
    second of Green.
    """
    hybrid = replace(case, home=replace(case.home, mode=Mode.HYBRID))
    record = through(hybrid, house_a, engine.make)
    best = ideal.best_starts(case.home, house_a, case.chargers[0].car, record.drawn_a[0])
    on = best.drawn_a > 0
    return best.drawn_a, 2 * best.starts + sum(bool(on[int(at_s)]) for at_s, *_ in record.commands)
