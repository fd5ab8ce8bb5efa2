"""Why: one plain sentence per charger from the figures of the decision (promise 7).

Sentences are English; the structure beside them (reason, binding cap, timers) is what automations
and translations use.
"""

from math import inf

from .answer import (
    CapDecision,
    ChargerDecision,
    MeterHealth,
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
    Reason.DISABLED: "Not controlled: the mode is Disabled",
    Reason.NO_CAR: "No car; {ready}",
    Reason.BLOCKED: "The charger holds the car back, by a lock, a login or a schedule; {ready}",
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
    Reason.SHARED: "{offer}, shared with other chargers: {house}",
    Reason.SURPLUS: "{offer} from surplus",
    Reason.SURPLUS_MINIMUM: "{offer}, the minimum: there is no more surplus",
    Reason.EXPORT_LIMIT: "{offer}, so that less flows to the grid",
    Reason.WAITING_FOR_SURPLUS: "Waits for enough surplus{sun}",
    Reason.WAITING_FOR_ROOM: "Paused: {house}",
    Reason.WAITING_TO_RAISE: "{offer}: {house}",
    Reason.WAITING_TO_RESTART: "Paused: {house}",
    Reason.METER_SILENT: "{offer}: the mains meter {meter}",
    Reason.METER_CHECK: "{offer} for a moment, to see whether the mains meter follows",
    Reason.CHARGER_SILENT: "The charger does not answer{told}",
    Reason.NOT_FOLLOWING: "The charger does not do what it is told{told}",
    Reason.SWITCHING_LINES: "Paused: the charger switches between one line and all",
    Reason.NOT_WANTED: "Paused: the car, the charger or a plan allows less than {minimum} A",
    Reason.WAITING_FOR_PLAN: "Waits for its plan{until}",
    Reason.SURPLUS_SOLD: "Waits for its plan{until}: the grid pays more for surplus than it costs",
    Reason.TARGET_REACHED: "The target is reached",
    Reason.SWITCHED_OFF: "Switched off",
    Reason.LOW_BALANCE: "Paused: the balance of the supply account is low",
}
NO_ROOM = "there is not enough room under the limits"
NOT_SURE = "it is not sure yet that there is room"
WAITING = frozenset({Reason.WAITING_TO_RAISE, Reason.WAITING_TO_RESTART})
"""Their sentences name what leaves no more room where something does."""
DRAWS_A = 1.0
"""A car that draws less than this has all but stopped."""
HALF_A = 0.5
"""Amperes are told without a part."""
IN_MINUTES_S = 180.0
"""A countdown that is longer is told in minutes."""
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
    *,
    surplus_w: float | None,
) -> tuple[ChargerDecision, ...]:
    """Return the decisions on all chargers."""
    return tuple(
        [
            _charger(
                scene, view, ruling, phases=phases, caps=caps, timers=timers, surplus_w=surplus_w
            )
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
    surplus_w: float | None,
) -> ChargerDecision:
    """Return the decision on one charger with its explanation."""
    rows = scene.layout.rows
    row = ruling.row if ruling.row is not None and ruling.row < len(rows) else None
    limit = None if row is None or rows[row].limit_a == inf else _limit(scene, row, phases, caps)
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
        sentence=_sentence(scene, view, ruling, limit, surplus_w) + _countdown(timers) + ".",
    )


def _limit(
    scene: Scene, row: int, phases: tuple[PhaseDecision, ...], caps: tuple[CapDecision, ...]
) -> tuple[str, str]:
    """Say what binds: what leaves no room where that is known, and what the limit allows."""
    cap = limit_text(scene.layout, scene.layout.rows[row], scene.house, caps)
    house = _house(phases[row]) if row < len(phases) else None
    return (house + owner_text(scene.layout, scene.layout.rows[row], caps) if house else cap), cap


def _sentence(
    scene: Scene,
    view: View,
    ruling: Ruling,
    limit: tuple[str, str] | None,
    surplus_w: float | None,
) -> str:
    """Fill in the sentence of the reason.

    ``limit`` has the words for what binds, by the house and by the limit itself.
    """
    text = SENTENCES[ruling.reason]
    if "{" not in text:
        return text
    target_a = ruling.target_a or 0
    none = NOT_SURE if ruling.reason in WAITING else NO_ROOM
    house, cap = limit or (none, none)
    wish = view.wish
    return text.format(
        offer=f"{target_a} A of {view.seat.spec.maximum_a} A" if target_a else "0 A",
        ready=f"{target_a} A is ready" if target_a else "one that comes would have to wait",
        house=house,
        cap=cap,
        until=f" until {wish.until}" if wish and wish.until else "",
        told=_told(view, ruling),
        sun=_sun(scene, view, surplus_w),
        minimum=view.seat.spec.minimum_a,
        meter="is silent" if scene.health is MeterHealth.SILENT else "cannot be believed",
    )


def _countdown(timers: tuple[Timer, ...]) -> str:
    """Tell the next change that time will bring."""
    if not timers:
        return ""
    left_s = timers[0].remaining_s
    left = f"{max(1, round(left_s))} s" if left_s < IN_MINUTES_S else f"{left_s / 60:.0f} min"
    return f"; {COUNTDOWNS[timers[0].kind]} in {left}"


def _told(view: View, ruling: Ruling) -> str:
    """Set what a charger was told beside what it was seen to draw last."""
    if ruling.target_a is None:
        return ""
    told = f": told {ruling.target_a} A" if ruling.target_a else ": told to pause"
    if view.drawn_a <= DRAWS_A:
        return told
    return f"{told}, it {'drew' if view.silent else 'draws'} {view.drawn_a:.0f} A"


def _sun(scene: Scene, view: View, surplus_w: float | None) -> str:
    """Set the surplus that there is beside what is needed to start."""
    if surplus_w is None:
        return ""
    needed_w = view.minimum_w(surplus_w, scene.layout.spec.voltage_v)
    there = f"there is {max(0.0, surplus_w) / 1000:.1f} kW"
    return f": it needs {needed_w / 1000:.1f} kW for a while, {there}"


def _house(phase: PhaseDecision) -> str | None:
    """Say what leaves no more room on a phase; while it is overloaded, only that is sure."""
    name = phase.phase.upper()
    if phase.mains_a is not None and phase.mains_a > phase.limit_a:
        return f"{name} carries {phase.mains_a:.0f} of {phase.limit_a:g} A"
    if phase.house_a is None:
        return None
    if phase.house_a <= -HALF_A:
        return f"{name} may carry {phase.limit_a:g} A, and the house gives {-phase.house_a:.0f} A"
    return f"the house uses {max(0.0, phase.house_a):.0f} of {phase.limit_a:g} A on {name}"


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
