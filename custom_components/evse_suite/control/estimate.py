"""What the house draws without the cars, from two kinds of meters that answer at different times.

A mains reading is kept until every charger has answered after it; then the cars' draw at that time
lies between the samples before and after, and the house is known as an interval. A change of an
offer that is in flight widens the interval. Rivals that subtract an old charger reading from a
fresh mains reading oscillate; this waits instead, and the newest readings only shift the interval
by what the mains current itself has changed since.
"""

from dataclasses import dataclass
from math import inf
from operator import sub

from .layout import Layout
from .memory import Draw, House, HouseMemory, Reading
from .view import View

WINDOW_S = 10.0
"""A raise has to fit under the highest value over this time."""
PENDING = 120
THIN_S = 0.25
"""Faster readings are thinned out for the estimate; overloads are looked for in every one."""
CHARGER_LAG_S = 1.0
"""A charger's own value may be this much older than its time stamp."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """The house per phase as it is known now; import is positive."""

    low_a: tuple[float, ...]
    """It draws at least this much: what a reduction may rely on."""
    high_a: tuple[float, ...]
    """It draws at most this much, and did so over the window: what a raise may rely on."""
    window: tuple[House, ...]
    """The bracketed values, oldest first; the surplus is theirs."""
    newest_w: float
    """As of the newest reading, with the chargers at what they drew when they were last read."""
    newest_low_w: float
    """The same with those on their way at the least that they may draw."""
    newest_high_w: float
    """And at the most."""
    voltage_v: float
    """Mean of the phases as measured."""
    lent_w: float = 0.0
    """What the home battery adds to every figure of the surplus (``battery``)."""

    @property
    def middle_a(self) -> list[float]:
        """The middle of the newest interval, to be shown."""
        newest = self.window[-1]
        return [(a + b) / 2 for a, b in zip(newest.low_a, newest.high_a, strict=True)]

    @property
    def wait_s(self) -> float:
        """Seconds until the window can be filled, 0 once it is."""
        return max(0.0, WINDOW_S - (self.window[-1].time_s - self.window[0].time_s))

    @property
    def surplus_w(self) -> float:
        """Newest surplus: what would be exported if no charger drew anything."""
        return self.window[-1].surplus_w + self.lent_w

    @property
    def surplus_low_w(self) -> float:
        """The least that it certainly was over the window."""
        return min([house.surplus_low_w for house in self.window]) + self.lent_w

    @property
    def surplus_high_w(self) -> float:
        """It is certainly not more than this now."""
        return self.window[-1].surplus_high_w + self.lent_w


def update(
    past: HouseMemory, reading: Reading | None, views: tuple[View, ...], lag_s: float
) -> HouseMemory:
    """Queue a new mains reading and settle every queued one that is bracketed by now."""
    pending = past.pending
    if reading is not None and _is_new(past, reading):
        pending = (*pending[1 - PENDING :], reading)
    if not pending:
        return past
    answered_s = [view.draws[-1].time_s for view in views if not view.silent]
    horizon_s = min(answered_s, default=inf) - CHARGER_LAG_S
    houses = past.houses
    ready = 0
    for queued in pending:
        if queued.time_s > horizon_s:
            break
        ready += 1
        house = _bracketed(queued, views, lag_s)
        if house is not None:
            houses = _push(houses, house)
    return HouseMemory(pending=pending[ready:], houses=houses)


def _is_new(past: HouseMemory, reading: Reading) -> bool:
    """Whether a reading is not queued or settled yet, nor too close to the one before it."""
    if past.pending:
        return reading.time_s - past.pending[-1].time_s >= THIN_S
    return not past.houses or reading.time_s - past.houses[-1].time_s >= THIN_S


def _push(houses: tuple[House, ...], house: House) -> tuple[House, ...]:
    """Append to the window; the oldest element is the last one that is older than the window."""
    start_s = house.time_s - WINDOW_S
    first = 0
    while first + 1 < len(houses) and houses[first + 1].time_s <= start_s:
        first += 1
    return (*houses[first:], house)


def _bracketed(reading: Reading, views: tuple[View, ...], lag_s: float) -> House | None:
    """Return the house at the time of one reading, None if a charger was not known yet then."""
    low_a = list(reading.current_a)
    high_a = list(reading.current_a)
    surplus_w = surplus_low_w = surplus_high_w = -reading.power_w
    for view in views:
        spans = _drawn(view, reading.time_s - lag_s, reading.time_s + CHARGER_LAG_S)
        if spans is None:
            return None
        for phase, (least_a, likely_a, most_a) in zip(view.seat.lines, spans, strict=True):
            low_a[phase] -= most_a
            high_a[phase] -= least_a
            voltage_v = reading.voltage_v[phase]
            surplus_w += likely_a * voltage_v
            surplus_low_w += least_a * voltage_v
            surplus_high_w += most_a * voltage_v
    return House(
        time_s=reading.time_s,
        grid_a=reading.current_a,
        grid_w=reading.power_w,
        low_a=tuple(low_a),
        high_a=tuple(high_a),
        surplus_w=surplus_w,
        surplus_low_w=surplus_low_w,
        surplus_high_w=surplus_high_w,
    )


def _drawn(view: View, before_s: float, after_s: float) -> list[tuple[float, float, float]] | None:
    """Return least, likely and most current of each line between two times, None if unknown."""
    if view.silent:
        last = view.draws[-1].drawn_a if view.draws else (0.0,) * len(view.seat.lines)
        return [(0.0, drawn_a, view.counted_a) for drawn_a in last]
    span = bracket(view.draws, before_s, after_s)
    if span is None:
        return None
    offer = view.offer
    flying = view.flying and offer.changed_s < span[0].time_s
    settles = not offer.rising and span[0].time_s < offer.changed_s + view.spec.settle_s
    drawn = []
    used = view.seat.used
    for line, line_a in enumerate(zip(*[draw.drawn_a for draw in span], strict=True)):
        if line not in used:
            # What little is measured there counts as the house's.
            drawn.append((0.0, 0.0, 0.0))
            continue
        least_a = min(line_a)
        most_a = max(line_a)
        likely_a = (least_a + most_a) / 2
        if flying:
            least_a = min(least_a, offer.low_a)
            most_a = max(most_a, offer.high_a)
        elif settles:
            # It has arrived within the tolerance and may still be on the last part of its way.
            least_a = min(least_a, float(view.offered_a))
        drawn.append((least_a, likely_a, most_a))
    return drawn


def bracket(draws: tuple[Draw, ...], before_s: float, after_s: float) -> list[Draw] | None:
    """Return the samples from the last one up to ``before_s`` to the first from ``after_s`` on.

    Newest first; without a sample as late as ``after_s`` it ends with the newest one there is.
    None if there is no sample as old as ``before_s``.
    """
    span: list[Draw] = []
    for draw in reversed(draws):
        if draw.time_s >= after_s:
            span = [draw]
            continue
        span.append(draw)
        if draw.time_s <= before_s:
            return span
    return span if before_s == -inf and span else None


def estimate(
    layout: Layout, memory: HouseMemory, newest: Reading | None, views: tuple[View, ...]
) -> Estimate | None:
    """Return the house as of now, None while no reading has been bracketed.

    What the mains current has done since the last bracketed reading is a car's or the house's. A
    fall is not trusted for a raise and a rise is not trusted for a reduction; a car that is known
    to have changed meanwhile does not hide what the house did.
    """
    if not memory.houses or newest is None:
        return None
    last = memory.houses[-1]
    later = [reading.current_a for reading in memory.pending]
    low_a = []
    high_a = []
    for least_a, most_a, last_low_a, last_high_a, grid_a, since_a, window_a in zip(
        *unbracketed(newest, views, layout.spec.meter.lag_s),
        last.low_a,
        last.high_a,
        last.grid_a,
        zip(last.grid_a, *later, newest.current_a, strict=True),
        zip(*[house.high_a for house in memory.houses], strict=True),
        strict=True,
    ):
        low_a.append(min(least_a, last_low_a + min(since_a) - grid_a))
        high_a.append(max(most_a, *window_a, last_high_a + max(since_a) - grid_a))
    least_w, likely_w, most_w = _newest_w(newest, views)
    return Estimate(
        low_a=tuple(low_a),
        high_a=tuple(high_a),
        window=memory.houses,
        newest_w=likely_w,
        newest_low_w=least_w,
        newest_high_w=most_w,
        voltage_v=sum(newest.voltage_v) / len(newest.voltage_v),
    )


def _newest_w(newest: Reading, views: tuple[View, ...]) -> tuple[float, float, float]:
    """Return the surplus of the newest reading: at least, likely and at most.

    A car draws what is known of the moment in which the mains was measured, for what it did later
    is not in that reading: with a rare meter it would be taken for the sun's doing, and undone, and
    so on. One on its way draws anything in between.
    """
    likely_w = least_w = most_w = -newest.power_w
    for view in views:
        if not view.draws:
            continue
        draw = _about(view.draws, newest.time_s + view.learnt.shown_late_s)
        for phase, drawn_a in zip(view.seat.lines, draw.drawn_a, strict=True):
            voltage_v = newest.voltage_v[phase]
            likely_w += drawn_a * voltage_v
            if view.flying:
                least_w += min(drawn_a, view.offer.low_a) * voltage_v
                most_w += max(drawn_a, view.offer.high_a) * voltage_v
            else:
                least_w += drawn_a * voltage_v
                most_w += drawn_a * voltage_v
    return least_w, likely_w, most_w


def _about(draws: tuple[Draw, ...], time_s: float) -> Draw:
    """Return the sample nearest to a time."""
    after = draws[-1]
    for draw in reversed(draws):
        if draw.time_s <= time_s:
            return draw if time_s - draw.time_s < after.time_s - time_s else after
        after = draw
    return after


def unbracketed(
    reading: Reading, views: tuple[View, ...], lag_s: float
) -> tuple[list[float], list[float]]:
    """Return the house per phase, at least and at most, if every car still draws what it did."""
    least_a = [0.0] * len(reading.current_a)
    most_a = least_a.copy()
    for view in views:
        spans = _drawn(view, reading.time_s - lag_s, inf) or _drawn(view, -inf, inf)
        for phase, (low_a, _, high_a) in zip(view.seat.lines, spans or (), strict=False):
            least_a[phase] += low_a
            most_a[phase] += high_a
    grid_a = reading.current_a
    return list(map(sub, grid_a, most_a, strict=True)), list(map(sub, grid_a, least_a, strict=True))
