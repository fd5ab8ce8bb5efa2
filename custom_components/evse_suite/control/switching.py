"""Charging on all lines of a charger or on the first alone (1p/3p switching; LEK-4, LEK-10).

All lines carry the power of a sunny day, but their minimum is three times that of one. A charger
that can switch goes to one line where surplus, or the room under a cap, does not carry the minimum
of all, and back where one line leaves something unused. What decides is the energy that the other
number of lines would have gained: a switch costs about as much, for the charge pauses. So a surplus
that hovers between the two hardly ever switches, and a clear case does so within a minute. The
energy asked for grows with every switch of the last hour, and their number is bounded.

The switch is a procedure: pause, wait until no current flows, switch, wait until the charger says
so and its contactor has settled. Meanwhile it counts with all its lines.
"""

from dataclasses import dataclass, replace
from math import floor, inf

from .caps import Room
from .estimate import Estimate
from .layout import Layout, Seat
from .lines import HOUR_S, NO_CURRENT_A, can_switch, car_lines, car_seat, may_switch, switched_on
from .memory import Switching
from .model import ChargerActivity, SiteMode
from .modes import SURPLUS_MODES, Wants
from .view import View

DOWN_WH = 30.0
"""Imported, or not charged, for want of a lower minimum before it goes to one line."""
UP_WH = 60.0
"""Exported, or not charged, for want of lines before it goes back to all."""
UP_PART = 1.1
"""All lines are worth it only from this part of their minimum on."""
UNUSED_W = 500.0
"""Less than this is left over by the steps of whole amperes and by a car on its way."""
PAUSED_AFTER_S = 90.0
"""A charger whose current does not end is not switched."""
SETTLE_S = 8.0
"""Contactor and charger need this long."""
FOLLOWED_AFTER_S = 15.0
ATTEMPTS = 3
LONGEST_STEP_S = 15.0
"""The energy of a longer gap between two cycles is not known."""
FIRST = (0,)
IDLE = Switching()


def switch(
    layout: Layout,
    views: tuple[View, ...],
    wants: Wants,
    room: Room,
    house: Estimate | None,
    *,
    elapsed_s: float,
    now_s: float,
) -> list[Switching]:
    """Return the switching of every charger after this cycle; ``house`` is None while unknown."""
    voltage_v = layout.spec.voltage_v
    switchings = []
    for view in views:
        if not view.seat.spec.switches_lines:
            switchings.append(IDLE)
            continue
        past = _recent(view.memory.switching, now_s)
        if view.mode is SiteMode.DISABLED or not can_switch(view.seat, view.sample):
            switchings.append(replace(IDLE, switches_s=past.switches_s))
        elif past.aim is not None:
            switchings.append(_proceed(past, view, now_s, blind=house is None))
        elif house is None or view.silent:
            switchings.append(past)
        else:
            others_w = sum([_drawn_w(it, voltage_v) for it in views if it is not view])
            wanted = wants.ceilings_a[view.seat.index] > 0
            spare_w = house.surplus_w - others_w
            case = _case(layout, view, room, spare_w=spare_w, wanted=wanted)
            switchings.append(_weigh(past, case, elapsed_s, now_s))
    return switchings


def paused(wants: Wants, switchings: list[Switching]) -> Wants:
    """Return the wants without those of the chargers that are switching."""
    if all(it.aim is None for it in switchings):
        return wants
    ceilings_a = [
        ceiling_a if it.aim is None else 0
        for ceiling_a, it in zip(wants.ceilings_a, switchings, strict=True)
    ]
    return replace(wants, ceilings_a=ceilings_a)


def _recent(past: Switching, now_s: float) -> Switching:
    """Forget the switches and the refusal that are long ago."""
    if past.switches_s and now_s - past.switches_s[0] >= HOUR_S:
        past = replace(past, switches_s=past.switches_s[1:])
    if past.refused_s is not None and now_s - past.refused_s >= HOUR_S:
        past = replace(past, refused_s=None)
    return past


def _proceed(past: Switching, view: View, now_s: float, *, blind: bool) -> Switching:
    """Take the next step of a switch that was decided: tell the charger, or see it through."""
    sample = view.sample
    if sample is None or view.silent:
        return past
    stopped = replace(IDLE, switches_s=past.switches_s)
    if past.told_s == inf:
        rests = not view.offered_a and not view.flying and view.drawn_a < NO_CURRENT_A
        if rests and sample.time_s > view.offer.changed_s:
            return _told(past, now_s)
        return stopped if blind or now_s - past.since_s > PAUSED_AFTER_S else past
    waited_s = now_s - past.told_s
    follows = switched_on(view.seat, sample) == past.aim
    if sample.time_s <= past.told_s or waited_s < (SETTLE_S if follows else FOLLOWED_AFTER_S):
        return past
    if not follows and past.attempts < ATTEMPTS:
        return _told(past, now_s)
    return stopped if follows else replace(stopped, refused_s=now_s)


def _told(past: Switching, now_s: float) -> Switching:
    """Note that the charger is told; its contactor may move even if it never says so."""
    switches_s = past.switches_s if past.attempts else (*past.switches_s, now_s)
    return replace(past, told_s=now_s, attempts=past.attempts + 1, switches_s=switches_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A charger that could switch now, and what either number of lines would give it."""

    view: View
    every: int
    """Lines that its car uses when all are on, as far as it is known."""
    single: bool
    """Only the first line is on."""
    every_w: float
    """Power that the caps certainly leave on all of them, 0 if that is not their minimum."""
    one_w: float
    """The same on the first line alone."""
    spare_w: float
    """Surplus that the other chargers leave."""
    drawn_w: float
    wanted: bool

    minimum_w: float
    """The least power of a charge on one line."""

    @property
    def by_surplus(self) -> bool:
        """Whether the charger follows the surplus."""
        return self.view.mode in SURPLUS_MODES


def _case(layout: Layout, view: View, room: Room, *, spare_w: float, wanted: bool) -> _Case:
    """Look at both numbers of lines for one charger."""
    seat = layout.seats[view.seat.index]
    every = car_lines(seat, view.without_s)
    voltage_v = layout.spec.voltage_v
    return _Case(
        view=view,
        every=every,
        single=switched_on(seat, view.sample) == 1,
        every_w=voltage_v * every * _fits_a(view, room, car_seat(seat, view.without_s)),
        one_w=voltage_v * _fits_a(view, room, seat.parts[FIRST]),
        spare_w=spare_w,
        drawn_w=_drawn_w(view, voltage_v),
        wanted=wanted,
        minimum_w=voltage_v * seat.spec.minimum_a,
    )


def _fits_a(view: View, room: Room, seat: Seat) -> int:
    """Return the current that certainly fits on the lines of a seat, 0 if not the minimum."""
    own = dict(view.seat.rows)
    most_a = float(view.ceiling_a)
    for row, lines in seat.rows:
        mine_a = own.get(row, 0) * view.held_a
        most_a = min(most_a, (room.share_a[row] - room.held_a[row] + mine_a) / lines)
    return floor(most_a) if most_a >= seat.spec.minimum_a else 0


def _drawn_w(view: View, voltage_v: float) -> float:
    """Return the active power that a charger draws, about."""
    return sum(view.draws[-1].drawn_a) * voltage_v if view.draws else 0.0


def _weigh(past: Switching, case: _Case, elapsed_s: float, now_s: float) -> Switching:
    """Add what the other number of lines would have gained, and decide where that is enough."""
    view = case.view
    gain_w = 0.0 if case.every == 1 else _gain_w(case)
    hours = min(elapsed_s, LONGEST_STEP_S) / 3600
    goal_wh = (UP_WH if case.single else DOWN_WH) * (1 + len(past.switches_s))
    missed_wh = min(goal_wh, max(0.0, past.missed_wh + gain_w * hours))
    # Where nothing flows a switch costs nothing.
    free = not view.held_a and view.drawn_a < NO_CURRENT_A and (case.by_surplus or not case.wanted)
    capped = not case.single and case.every_w == 0
    enough = gain_w > 0 and (missed_wh >= goal_wh or free)
    if enough and may_switch(past, now_s, protects=capped):
        aim = len(view.seat.lines) if case.single else 1
        return replace(past, aim=aim, since_s=now_s, missed_wh=0.0)
    return past if missed_wh == past.missed_wh else replace(past, missed_wh=missed_wh)


def _gain_w(case: _Case) -> float:
    """Return the power that the other number of lines would add now; negative if it is no case."""
    if not case.wanted:
        # The next car finds all lines, where it is not the sun that decides.
        gone = case.view.sample and case.view.sample.activity is ChargerActivity.DISCONNECTED
        return inf if gone and case.single and not case.by_surplus else 0.0
    if not case.single and case.every_w == 0:
        return case.one_w
    if case.by_surplus:
        return _sun_gain_w(case)
    if not case.single:
        return -inf
    return case.every_w - case.one_w if case.every_w >= UP_PART * case.one_w else -inf


def _sun_gain_w(case: _Case) -> float:
    """Return the same for a charger that follows the surplus."""
    minimum_w = case.every * case.minimum_w
    if not case.single:
        if case.spare_w < case.minimum_w and case.view.mode is SiteMode.GREEN:
            # One line would stop as well.
            return 0.0
        return minimum_w - max(case.spare_w, case.minimum_w)
    up_w = UP_PART * minimum_w
    if case.spare_w < up_w or case.every_w < max(minimum_w, case.one_w):
        return min(0.0, case.spare_w - up_w)
    unused_w = case.spare_w - case.drawn_w
    return unused_w if unused_w >= UNUSED_W else 0.0
