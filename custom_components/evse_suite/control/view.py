"""A charger as this cycle sees it: what it draws, what it may draw, and what may be asked of it."""

from dataclasses import dataclass
from math import inf, isfinite

from .follow import (
    CONNECTED,
    given_time,
    gone,
    in_flight,
    observe,
    overdue,
    supervise,
    unshown,
)
from .lag import falls_silent_s, pursue, tuned
from .layout import Layout, Seat
from .learnt import LearntCharger
from .lines import now
from .memory import ChargerMemory, Draw, Offer, Pursuit
from .model import ChargerSample, ChargerSpec, ChargerState, SiteMode, SiteState, Wish

LEFT_ALONE = Offer()
"""Nothing is told to a charger of a disabled site."""
DRAWS = 32
"""Charger samples that are kept: even the fastest for longer than the house is looked at.

Else what a quick charger drew would be forgotten when a slow one answers, and the house not known.
"""
FUTURE_S = 1.0
"""A time stamp this far ahead is another clock's."""
THIN_S = 0.4
"""Samples that come faster replace each other, so that the ring always covers some seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One charger in one cycle."""

    seat: Seat
    """Its place in the site, with the lines that count now."""
    spec: ChargerSpec
    """Its specification with the times that it turned out to need."""
    sample: ChargerSample | None
    memory: ChargerMemory
    pursuit: Pursuit
    learnt: LearntCharger
    draws: tuple[Draw, ...]
    offer: Offer
    offered_a: int
    """What it was told last, 0 if nothing is known."""
    held_a: int
    """The part of the caps that its offer holds: nothing while no car is connected."""
    mode: SiteMode
    wish: Wish | None
    failed: bool
    silent: bool
    connected: bool
    """A car is connected that charges, or would if it were offered current."""
    flying: bool
    ignores: bool
    """It had time to follow some cut and does not, although it is told less and less."""
    drawn_a: float
    """The largest of its lines' currents in the newest sample."""
    counted_a: float
    """The most that it may draw on a line, every command in flight at its full value."""
    feared_a: float
    """The most that it may draw before anybody sees it: who is silent may be restarting."""
    excess_a: float
    """What it draws, or says that it would, beyond its offer although it had time to follow."""
    ceiling_a: int
    """The most that it may be offered for reasons of its own, 0 if nothing."""
    without_s: tuple[float, ...]
    """Per line: seconds that its car has charged without it, empty if nothing is known."""
    fewest: int
    """The lines that it could charge on at least; less than those that count if it may switch."""

    @property
    def tells(self) -> bool:
        """Whether the device tells that its limit is the one that it was told."""
        return self.sample is not None and self.sample.offered_a == self.offer.current_a

    def minimum_w(self, spare_w: float, voltage_v: float) -> float:
        """Return the least power that it can charge with.

        That is one line's where it could go to one and such a surplus would carry that.
        """
        line_w = self.seat.spec.minimum_a * voltage_v
        fewest_w = self.fewest * line_w
        return fewest_w if spare_w >= fewest_w else len(self.seat.used) * line_w

    @property
    def stuck(self) -> bool:
        """Whether it may draw more than it was told, and to tell it so again does not help.

        The others have to yield in its place, and it keeps what it was told (promise 3).
        """
        if not (self.silent or self.failed or self.ignores) or self.mode is SiteMode.DISABLED:
            return False
        return self.counted_a > self.held_a


def look(
    layout: Layout, memories: tuple[ChargerMemory, ...], state: SiteState, now_s: float
) -> tuple[View, ...]:
    """Take the newest charger samples in."""
    told = {charger.key: charger for charger in state.chargers}
    since_s = state.mains.time_s - layout.spec.meter.lag_s if state.mains else inf
    return tuple(
        [
            _view(seat, memory, told.get(seat.spec.key), state, since_s=since_s, now_s=now_s)
            for seat, memory in zip(layout.seats, memories, strict=True)
        ]
    )


def _view(
    seat: Seat,
    memory: ChargerMemory,
    told: ChargerState | None,
    state: SiteState,
    *,
    since_s: float,
    now_s: float,
) -> View:
    """Put together what is known of one charger."""
    wish = state.wishes.get(seat.spec.key)
    # A disabled site overrides every wish (LEK-7).
    mode = state.mode if wish is None or state.mode is SiteMode.DISABLED else wish.mode
    failed = told is not None and told.last_command_failed
    sample = told.sample if told is not None and _usable(told.sample, now_s) else None
    silent = sample is None or _overdue(now_s - sample.time_s, seat.spec, memory)
    pursuit, learnt = pursue(memory, sample, failed=failed)
    spec = tuned(seat.spec, learnt)
    offer = LEFT_ALONE
    if mode is not SiteMode.DISABLED:
        slower = learnt is not memory.learnt and spec.settle_s > _settled_s(seat, memory)
        offer = observe(memory.offer, sample, spec, now_s, failed=failed)
        offer = given_time(offer, spec) if slower else offer
        offer = supervise(offer, sample, spec, now_s, silent=silent)
    offered_a = offer.current_a or 0
    connected = sample is not None and sample.activity in CONNECTED
    flying = in_flight(offer, now_s if silent or sample is None else sample.time_s)
    flying = flying or unshown(offer, sample)
    drawn_a = _drawn_a(sample, memory)
    restarts = silent and not gone(offer, now_s)
    could_a = _could_a(offer, sample, spec, flying=flying, restarts=restarts)
    may_a = could_a if connected or silent or _told_a(sample) > offered_a else 0.0
    settled = sample is not None and sample.time_s >= offer.changed_s + spec.settle_s
    excess_a = 0.0
    if settled and not (silent or flying):
        excess_a = _excess_a(offer, drawn_a, could_a, connected=connected)
    places, without_s, lines = now(memory, sample, seat, now_s, connected=connected, silent=silent)
    return View(
        seat=places,
        spec=spec,
        sample=sample,
        memory=memory,
        pursuit=pursuit,
        learnt=learnt,
        draws=_keep(memory.draws, sample, len(seat.lines), since_s),
        offer=offer,
        offered_a=offered_a,
        held_a=offered_a if connected else 0,
        mode=mode,
        wish=wish,
        failed=failed,
        silent=silent,
        connected=connected,
        flying=flying,
        ignores=flying and overdue(offer, sample, spec),
        drawn_a=drawn_a,
        counted_a=max(drawn_a, may_a),
        feared_a=max(drawn_a, float(spec.maximum_a) if restarts else may_a),
        excess_a=excess_a,
        ceiling_a=_ceiling_a(offer, sample, spec, wish, silent=silent),
        without_s=without_s,
        fewest=lines,
    )


def _settled_s(seat: Seat, memory: ChargerMemory) -> float:
    """Return the time that a charger was known to need up to now."""
    return tuned(seat.spec, memory.learnt).settle_s


def _told_a(sample: ChargerSample | None) -> int:
    """Return what a charger says that it offers, 0 if it does not say."""
    return sample.offered_a if sample and sample.offered_a is not None else 0


def _overdue(age_s: float, spec: ChargerSpec, memory: ChargerMemory) -> bool:
    """Whether a reading of this age is too old, by the rhythm of those before."""
    return age_s > spec.silent_after_s and age_s > falls_silent_s(spec, memory.draws)


def _excess_a(offer: Offer, drawn_a: float, could_a: float, *, connected: bool) -> float:
    """Return what a charger takes beyond its offer after it had time to follow (promise 3).

    One that is left alone, or has no car, counts with all that it draws.
    """
    if not connected or offer.current_a is None:
        return drawn_a
    return max(0.0, max(drawn_a, could_a) - offer.current_a)


def _drawn_a(sample: ChargerSample | None, memory: ChargerMemory) -> float:
    """Return the largest line current, the last known one of a charger that does not answer."""
    if sample is not None:
        return max(sample.drawn_a, default=0.0)
    return max(memory.draws[-1].drawn_a) if memory.draws else 0.0


def _usable(sample: ChargerSample | None, now_s: float) -> bool:
    """Whether a sample's figures can be true: no NaN, not infinite, not from another clock."""
    if sample is None or sample.time_s > now_s + FUTURE_S:
        return False
    return isfinite(sum(sample.drawn_a))


def _could_a(
    offer: Offer, sample: ChargerSample | None, spec: ChargerSpec, *, flying: bool, restarts: bool
) -> float:
    """Return the most that the charger may allow its car; unknown is all it can (promise 2).

    One that has not answered for minutes since the start is a part of the house: the mains shows
    what it does, as with any appliance.
    """
    told = sample.offered_a if sample else None
    if offer.current_a is None or offer.restarts is None:
        # Never answered: that it was told something proves nothing.
        unknown_a = spec.maximum_a if restarts or sample else 0
        return float(unknown_a if told is None else told)
    return max(float(offer.current_a), offer.high_a if flying else 0.0, float(told or 0))


def _ceiling_a(
    offer: Offer,
    sample: ChargerSample | None,
    spec: ChargerSpec,
    wish: Wish | None,
    *,
    silent: bool,
) -> int:
    """Return the tightest limit of installer, user, planning and of what is known."""
    if sample is None or offer.refused_s is not None:
        return 0
    ceiling_a = spec.maximum_a
    if wish is not None and wish.ceiling_a is not None:
        ceiling_a = min(ceiling_a, wish.ceiling_a)
    if sample.limit_a is not None:
        ceiling_a = min(ceiling_a, sample.limit_a)
    if silent:
        ceiling_a = min(ceiling_a, offer.current_a or 0)
    return ceiling_a if ceiling_a >= spec.minimum_a else 0


def _keep(
    draws: tuple[Draw, ...], sample: ChargerSample | None, lines: int, since_s: float
) -> tuple[Draw, ...]:
    """Append a new sample to the ring, every line finite and not negative.

    The ring always tells what was drawn at ``since_s``, when the mains was measured.
    """
    if sample is None or (draws and sample.time_s <= draws[-1].time_s):
        return draws
    drawn_a = tuple([max(0.0, a) for a in sample.drawn_a[:lines]])
    if len(drawn_a) < lines:
        drawn_a += (0.0,) * (lines - len(drawn_a))
    new = Draw(time_s=sample.time_s, drawn_a=drawn_a)
    if len(draws) > 1 and new.time_s - draws[-2].time_s < THIN_S:
        return (*draws[:-1], new)
    if len(draws) == DRAWS and draws[1].time_s > since_s:
        return (draws[0], *draws[2:], new)
    return (*draws[1 - DRAWS :], new)
