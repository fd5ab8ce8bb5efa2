"""Why: one plain sentence per charger from the figures of the decision (promise 7).

Sentences are English; the structure beside them (reason, binding cap, timers) is what automations
and translations use.
"""

from .answer import (
    CapDecision,
    ChargerDecision,
    PhaseDecision,
    Reason,
    Timer,
    TimerKind,
)
from .captions import limit_text, owner_text
from .estimate import Estimate
from .layout import Layout
from .memory import Reading
from .model import Phase
from .ruling import Ruling, Scene
from .view import View

SENTENCES: dict[Reason, str] = {
    Reason.DISABLED: "Not controlled",
    Reason.NO_CAR: "No car; {offer} is ready",
    Reason.BLOCKED: "The charger waits for something other than current; {offer} is ready",
    Reason.FAULT: "The charger reports a fault",
    Reason.FULL_POWER: "{offer}: nothing limits it",
    Reason.PLANNED: "{offer}, as planned{until}",
    Reason.BOOST: "{offer}, boosted{until}",
    Reason.FUSE_LIMIT: "{offer}: {house}",
    Reason.CIRCUIT_LIMIT: "{offer}: {cap}",
    Reason.POWER_LIMIT: "{offer}: {cap}",
    Reason.EXTERNAL_LIMIT: "{offer}, dimmed from outside: {house}",
    Reason.CAPACITY_LIMIT: "{offer}: {cap}",
    Reason.UNBALANCE_LIMIT: "{offer}: {cap}",
    Reason.SHARED: "{offer}, shared with other chargers: {cap}",
    Reason.SURPLUS: "{offer} from surplus",
    Reason.SURPLUS_MINIMUM: "{offer}, the minimum: there is not more surplus",
    Reason.EXPORT_LIMIT: "{offer}, so that less flows to the grid",
    Reason.WAITING_FOR_SURPLUS: "Waits for enough surplus",
    Reason.WAITING_FOR_ROOM: "Paused: {house}",
    Reason.WAITING_TO_RAISE: "{offer}",
    Reason.WAITING_TO_RESTART: "Paused",
    Reason.METER_SILENT: "{offer}: the mains meter cannot be believed",
    Reason.METER_CHECK: "{offer} for a moment, to see whether the mains meter follows",
    Reason.CHARGER_SILENT: "{offer}: the charger does not answer",
    Reason.NOT_FOLLOWING: "Paused: the charger does not do what it is told",
    Reason.SWITCHING_LINES: "Paused: the charger switches between one line and all",
    Reason.NOT_WANTED: "Nothing is wanted now",
    Reason.WAITING_FOR_PLAN: "Waits for its plan{until}",
    Reason.SURPLUS_SOLD: "Waits for its plan{until}: the grid pays more for surplus than it costs",
    Reason.TARGET_REACHED: "The target is reached",
    Reason.SWITCHED_OFF: "Switched off",
    Reason.LOW_BALANCE: "Paused: the balance of the supply account is low",
}
NO_ROOM = "there is not enough room under the limits"
WAITING = frozenset({Reason.WAITING_TO_RAISE, Reason.WAITING_TO_RESTART})
"""Their sentences name what leaves no more room where something does."""
COUNTDOWNS: dict[TimerKind, str] = {
    TimerKind.RAISE: "may rise",
    TimerKind.RESTART: "may start",
    TimerKind.START_BY_SURPLUS: "may start",
    TimerKind.STOP_BY_IMPORT: "may stop",
    TimerKind.TURN: "the turn changes",
    TimerKind.HELD: "gets another chance",
    TimerKind.REST: "may start",
}


def chargers(
    scene: Scene,
    rulings: list[Ruling],
    phases: tuple[PhaseDecision, ...],
    caps: tuple[CapDecision, ...],
    running: tuple[tuple[Timer, ...], ...],
) -> tuple[ChargerDecision, ...]:
    """Return the decisions on all chargers."""
    return tuple(
        [
            _charger(scene, view, ruling, phases=phases, caps=caps, timers=timers)
            for view, ruling, timers in zip(scene.views, rulings, running, strict=True)
        ]
    )


def _charger(
    scene: Scene,
    view: View,
    ruling: Ruling,
    *,
    phases: tuple[PhaseDecision, ...],
    caps: tuple[CapDecision, ...],
    timers: tuple[Timer, ...],
) -> ChargerDecision:
    """Return the decision on one charger with its explanation."""
    rows = scene.layout.rows
    row = ruling.row if ruling.row is not None and ruling.row < len(rows) else None
    limit = None if row is None else _limit(scene, row, phases, caps)
    drawn_a: dict[Phase, float] = {}
    if view.draws:
        for phase, current_a in zip(view.seat.spec.phases, view.draws[-1].drawn_a, strict=True):
            drawn_a[phase] = drawn_a.get(phase, 0.0) + current_a
    return ChargerDecision(
        key=view.seat.spec.key,
        target_a=ruling.target_a,
        reason=ruling.reason,
        binding_cap=rows[row].cap if row is not None else None,
        drawn_a=drawn_a,
        timers=timers,
        sentence=_sentence(view, ruling, limit, timers),
    )


def _limit(
    scene: Scene, row: int, phases: tuple[PhaseDecision, ...], caps: tuple[CapDecision, ...]
) -> tuple[str, str]:
    """Say what binds: what leaves no room where that is known, and what the limit allows."""
    cap = limit_text(scene.layout, scene.layout.rows[row], scene.house, caps)
    house = _house(phases[row]) if row < len(phases) else None
    return (house + owner_text(scene.layout, scene.layout.rows[row], caps) if house else cap), cap


def _sentence(
    view: View, ruling: Ruling, limit: tuple[str, str] | None, timers: tuple[Timer, ...]
) -> str:
    """Fill in the sentence of the reason, and tell the next change that time will bring.

    ``limit`` has the words for what binds, by the house and by the limit itself.
    """
    text = SENTENCES[ruling.reason]
    if ruling.reason in WAITING and limit is not None:
        text += ": {house}"
    if timers:
        seconds = max(1, round(timers[0].remaining_s))
        text += f"; {COUNTDOWNS[timers[0].kind]} in {seconds} s"
    if "{" not in text:
        return text + "."
    target_a = ruling.target_a or 0
    offer = f"{target_a} A of {view.seat.spec.maximum_a} A" if target_a else "0 A"
    house, cap = limit or (NO_ROOM, NO_ROOM)
    until = f" until {view.wish.until}" if view.wish and view.wish.until else ""
    return text.format(offer=offer, house=house, cap=cap, until=until) + "."


def _house(phase: PhaseDecision) -> str | None:
    """Say what leaves no more room on a phase; while it is overloaded, only that is sure."""
    name = phase.phase.upper()
    if phase.mains_a is not None and phase.mains_a > phase.limit_a:
        return f"{name} carries {phase.mains_a:.0f} of {phase.limit_a:g} A"
    if phase.house_a is None:
        return None
    return f"the house uses {phase.house_a:.0f} of {phase.limit_a:g} A on {name}"


def phases(
    layout: Layout, reading: Reading | None, house: Estimate | None
) -> tuple[PhaseDecision, ...]:
    """Return the arithmetic of every phase, as far as the mains meter is believed."""
    unknown: tuple[None, ...] = (None,) * len(layout.spec.phases)
    return tuple(
        [
            PhaseDecision(
                phase=phase,
                mains_a=mains_a,
                house_a=house_a,
                house_low_a=low_a,
                house_high_a=high_a,
                headroom_a=None if mains_a is None else row.limit_a - mains_a,
                limit_a=row.limit_a,
                binding_cap=row.cap,
            )
            for phase, row, mains_a, house_a, low_a, high_a in zip(
                layout.spec.phases,
                layout.rows[: len(unknown)],
                reading.current_a if reading else unknown,
                house.middle_a if house else unknown,
                house.low_a if house else unknown,
                house.high_a if house else unknown,
                strict=True,
            )
        ]
    )
