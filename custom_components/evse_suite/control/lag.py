"""How late a charger shows what it was told, learnt from the suite's own changes (promise 3).

Devices poll clouds, cars think, and some readings are older than their time stamp. Whoever takes
such a reading for the present sees the house do what the car did, cuts, raises again, and so on for
ever. So every change of an offer is pursued until the charger's readings show it. The newest
reading that does not show it yet proves that the charger is at least that late; how rare its
readings are does not matter. The settle times of its specification grow to what was proven and
never shrink below what was specified.
"""

from dataclasses import replace
from itertools import pairwise
from math import inf

from .follow import disobeys
from .learnt import LATEST_S, LearntCharger
from .memory import ChargerMemory, Draw, Offer, Pursuit
from .model import ChargerSample, ChargerSpec

SPARE, SPARE_S = 1.25, 2.0
"""A flight lasts so much longer than a charger was late before."""
FADE = 0.125
"""This part of what it was later than it is now is forgotten with every change."""
TELLING_A = 2.0
"""A smaller change may be lost in what the car does by itself."""
MOVED_PART = 0.3
"""A draw has moved when so much of the way to the new current is behind it."""
HEARD_S = 4.0
"""Who was deaf and follows so soon after a repetition has heard that, and not the first one."""
RHYTHM = 4
"""So many gaps in a row between the readings make a rhythm."""
RHYTHM_S = 60.0
"""A slower one is none."""
MISSED = 1.5
"""A charger is silent when its next reading is overdue by half of its rhythm."""


def tuned(spec: ChargerSpec, learnt: LearntCharger) -> ChargerSpec:
    """Return the specification with the settle times that the charger turned out to need."""
    shown_s = SPARE * learnt.shown_late_s
    settle_s = max(shown_s, SPARE * learnt.drawn_late_s) + SPARE_S
    # Whose readings are old has his car's own time on top of that.
    settle_s = max(settle_s, spec.settle_s - SPARE_S + shown_s)
    start_settle_s = SPARE * learnt.start_late_s + SPARE_S
    if settle_s <= spec.settle_s and start_settle_s <= spec.start_settle_s:
        return spec
    settle_s = max(settle_s, spec.settle_s)
    # What is late when it charges is as late when it starts.
    usual_s = spec.start_settle_s + settle_s - spec.settle_s
    return replace(spec, settle_s=settle_s, start_settle_s=max(start_settle_s, usual_s))


def falls_silent_s(spec: ChargerSpec, draws: tuple[Draw, ...]) -> float:
    """Return the age at which its newest reading counts for nothing (promise 2).

    A charger that is known to answer every minute is not silent after a quarter of one.
    """
    times_s = [draw.time_s for draw in draws[-RHYTHM - 1 :]]
    if len(times_s) <= RHYTHM:
        return spec.silent_after_s
    gap_s = min([late_s - early_s for early_s, late_s in pairwise(times_s)])
    return max(spec.silent_after_s, MISSED * min(gap_s, RHYTHM_S))


def pursue(
    memory: ChargerMemory, sample: ChargerSample | None, *, failed: bool
) -> tuple[Pursuit, LearntCharger]:
    """Look for the newest change in a new reading, and learn how late it shows there."""
    past, offer, learnt = memory.pursuit, memory.offer, memory.learnt
    if past.shown_s is None and past.drawn_s is None:
        if offer.changed_s == past.changed_s:
            return past, learnt
        past = _opened(offer)
    if failed or sample is None:
        return Pursuit(changed_s=offer.changed_s), learnt
    late_s = sample.time_s - past.changed_s
    if late_s <= 0:
        return past, learnt
    if late_s > LATEST_S:
        return Pursuit(changed_s=past.changed_s), learnt
    if disobeys(offer) and 0 < sample.time_s - offer.sent_s < HEARD_S:
        # Whatever it shows now says nothing about how late it is.
        shows = sample.offered_a == offer.current_a
        return (Pursuit(changed_s=offer.changed_s) if shows else past), learnt
    return _followed(past, learnt, offer, sample, late_s)


def _opened(offer: Offer) -> Pursuit:
    """Begin to look for a change, as far as it has to show in what is read."""
    current_a = offer.current_a or 0
    flies = offer.until_s > -inf and not offer.unsent
    return Pursuit(
        changed_s=offer.changed_s,
        current_a=current_a,
        from_a=offer.from_a,
        shown_s=0.0 if flies and offer.told_a not in (None, current_a) else None,
        drawn_s=0.0 if flies and _moves(offer, current_a) else None,
    )


def _moves(offer: Offer, current_a: int) -> bool:
    """Whether the draw has to change: a car may refuse more, and takes its time to start."""
    if current_a < offer.from_a:
        return offer.from_a - current_a >= TELLING_A
    took_all = (offer.told_a or 0) <= offer.from_a + TELLING_A
    return took_all and current_a - offer.from_a >= TELLING_A


def _followed(
    past: Pursuit, learnt: LearntCharger, offer: Offer, sample: ChargerSample, late_s: float
) -> tuple[Pursuit, LearntCharger]:
    """Compare one reading with what it should show."""
    shown_s, drawn_s = past.shown_s, past.drawn_s
    if shown_s is not None:
        if sample.offered_a == past.current_a:
            faded_s = _faded(learnt.shown_late_s, shown_s)
            learnt = replace(learnt, shown_late_s=faded_s)
            shown_s = None
        elif sample.offered_a == offer.current_a:
            # It was told again before it could show this change, or nobody looked: what it draws
            # is no answer to this change either. One that ignored it is not late but disobedient.
            shown_s = drawn_s = None
        else:
            shown_s = late_s
    if drawn_s is not None:
        drawn_a = max(sample.drawn_a, default=0.0)
        way_a = past.current_a - past.from_a
        if (offer.current_a or 0) < past.current_a > drawn_a + TELLING_A and way_a < 0:
            # That is a later reduction's doing, e.g. the pause of a car that did not follow.
            drawn_s = None
        elif way_a > 0 and drawn_a > past.current_a + TELLING_A:
            # That was before the reduction that this raise followed.
            drawn_s = late_s
        elif (drawn_a - past.from_a) / way_a >= MOVED_PART:
            learnt = _drew(learnt, drawn_s, starts=way_a > 0 and past.from_a < TELLING_A)
            drawn_s = None
        else:
            drawn_s = late_s
    return replace(past, shown_s=shown_s, drawn_s=drawn_s), learnt


def _drew(learnt: LearntCharger, late_s: float, *, starts: bool) -> LearntCharger:
    """Note when the draw followed; a start is another matter, for a car may have to wake up."""
    if starts:
        return replace(learnt, start_late_s=_faded(learnt.start_late_s, late_s))
    return replace(learnt, drawn_late_s=_faded(learnt.drawn_late_s, late_s))


def _faded(before_s: float, now_s: float) -> float:
    """Return how late it is by all that was seen: longer at once, shorter by and by."""
    return max(now_s, round(before_s + FADE * (now_s - before_s), 1))
