"""What a charger was told and what it does: two values, kept apart until they meet (promise 3).

A change of the offer is in flight from the command until a later charger sample shows that the
draw has arrived, or until the settle time is over. Meanwhile the draw lies anywhere between the
two. A charger that does not follow is told again, then paused, then reported.
"""

from dataclasses import replace
from math import inf

from .learnt import LATEST_S
from .memory import Offer
from .model import ChargerActivity, ChargerSample, ChargerSpec

TOLERANCE_A = 1.0
TOLERANCE_PART = 0.1
ARRIVED_PART = 0.6
"""A draw has arrived when at most this part of the step is left, and it is within the tolerance."""
REPEATS = 2
"""How often a command is repeated before a charger that does not follow is paused."""
REFRESH_S = 300.0
"""Limits are volatile in most chargers: they are sent again after this time."""
REFRESH_TOLD_S = 3600.0
"""A device that tells its limit shows by itself when it has forgotten it."""
RETRY_S = 2.0
RETRY_LATER_S = 5.0
REMIND_S = 15.0
"""A charger held at zero that still draws is told so again after this time."""
RETRIES_AT_ONCE = 5
REFUSED_FOR_S = 300.0
"""A charger that did not follow is held at zero at least for this time."""
WITHDRAWN_S = 15.0
"""A raise that is taken back within this time did not fit."""
GONE_AFTER_S = 300.0
"""A charger that has been silent for so long is not restarting any more."""
OVERRULED_FOR_S = 600.0
OVERRULED_TIMES = 2
"""Somebody who changes the current so often in this time is a second master."""
OWED = 8
"""So many lower and lower currents are remembered until each is seen."""
OVERRULED_KEPT = 4
"""Each change by somebody else within that time doubles the wait for the answer, up to here."""
SET_BACK_S = 4.0
"""The wait between two answers while the other one's current is too much: a cap waits for nobody's
dispute."""
CONNECTED = frozenset({ChargerActivity.READY, ChargerActivity.CHARGING})


def tolerance_a(current_a: float) -> float:
    """Return by how much a draw may exceed the offer before it counts as not followed."""
    return max(TOLERANCE_A, TOLERANCE_PART * current_a)


def observe(
    offer: Offer, sample: ChargerSample | None, spec: ChargerSpec, now_s: float, *, failed: bool
) -> Offer:
    """Take over a charger found in any state, notice restarts and end flights that arrived."""
    if sample is None:
        return offer
    if offer.current_a is None:
        return _take_over(sample, spec, now_s)
    if offer.restarts != sample.restarts:
        return _restarted(offer, sample, spec, now_s)
    if sample.offered_a != offer.told_a:
        offer = _retold(offer, sample, now_s)
    if failed:
        # Nobody knows which of the two it follows now; both count until a command gets through.
        until_s = max(offer.until_s, now_s + spec.settle_s)
        return replace(offer, until_s=until_s, owed=((now_s, offer.current_a or 0),))
    if sample.time_s > offer.changed_s and offer.until_s > -inf and _arrived(offer, sample):
        return replace(offer, until_s=-inf)
    return offer


def _take_over(sample: ChargerSample, spec: ChargerSpec, now_s: float) -> Offer:
    """Start from what the device says it offers, else from what flows: never from a wish."""
    told = sample.offered_a
    current_a = told if told is not None else int(max(sample.drawn_a, default=0.0))
    usable = current_a if current_a >= spec.minimum_a else 0
    unknown = told is None or told != usable
    return Offer(
        current_a=usable,
        changed_s=now_s,
        sent_s=-inf if unknown else now_s,
        low_a=0.0,
        high_a=float(spec.maximum_a if told is None else told),
        until_s=now_s + spec.settle_s if unknown else -inf,
        restarts=sample.restarts,
        unsent=unknown,
        told_a=told,
    )


def _retold(offer: Offer, sample: ChargerSample, now_s: float) -> Offer:
    """Note what the device says that it offers, and who changed it if it was not us."""
    told = sample.offered_a
    offer = replace(offer, told_a=told)
    if told is None or told == offer.current_a or in_flight(offer, sample.time_s):
        return offer
    recent = [at_s for at_s in offer.overruled_s if now_s - at_s < OVERRULED_FOR_S]
    return replace(offer, overruled_s=(*recent[1 - OVERRULED_KEPT :], now_s))


def _restarted(offer: Offer, sample: ChargerSample, spec: ChargerSpec, now_s: float) -> Offer:
    """Expect of a device that restarted that it forgot its limit and offers what it can."""
    return replace(
        offer,
        changed_s=now_s,
        rising=False,
        from_a=0.0,
        low_a=0.0,
        high_a=float(spec.maximum_a),
        until_s=now_s + spec.settle_s,
        restarts=sample.restarts,
        unsent=True,
        told_a=sample.offered_a,
        owed=((now_s, offer.current_a or 0),),
    )


def _arrived(offer: Offer, sample: ChargerSample) -> bool:
    """Whether the sample shows limit and draw where the newest command wants them."""
    current_a = offer.current_a or 0
    told = sample.offered_a
    if told is not None and told != current_a:
        return False
    drawn_a = max(sample.drawn_a, default=0.0)
    if sample.activity not in CONNECTED:
        return drawn_a <= tolerance_a(0)
    # An old value must not pass for the new one because the step was small. A device that does
    # not tell its limit shows by its draw alone whether it heard, if the draw had to change.
    far_a = current_a - offer.low_a
    if not offer.rising:
        far_a = (offer.from_a if told is None else offer.high_a) - current_a
        if told is None and far_a <= 0:
            return False
    near_a = min(tolerance_a(current_a), ARRIVED_PART * far_a)
    return abs(drawn_a - current_a) <= near_a or (drawn_a > current_a) is offer.rising


def in_flight(offer: Offer, seen_s: float) -> bool:
    """Whether a change is on its way and was not seen to arrive up to ``seen_s``.

    That is the time of the charger's newest sample, or now while it is silent.
    """
    return seen_s < offer.until_s


def unshown(offer: Offer, sample: ChargerSample | None) -> bool:
    """Whether the charger still tells the lower current from before a raise.

    It may draw the new one all the same: then the mains shows that before its own readings do.
    """
    if sample is None or sample.offered_a is None or not offer.rising or offer.until_s == -inf:
        return False
    late_s = sample.time_s - offer.changed_s
    return sample.offered_a < (offer.current_a or 0) and late_s < LATEST_S


def given_time(offer: Offer, spec: ChargerSpec) -> Offer:
    """Return the offer of a charger that is slow, as it turned out, and not disobedient."""
    until_s = offer.until_s
    if until_s > -inf:
        until_s = max(until_s, offer.changed_s + spec.settle_s)
    return replace(offer, until_s=until_s, refused_s=None, attempts=0)


def change(
    offer: Offer, current_a: int, spec: ChargerSpec, now_s: float, *, drawn_a: float, flying: bool
) -> Offer:
    """Return the offer after telling the charger ``current_a``."""
    old_a = offer.current_a or 0
    starting = old_a == 0 and current_a > 0
    return Offer(
        current_a=current_a,
        changed_s=now_s,
        sent_s=now_s,
        attempts=offer.attempts if offer.owed else 0,
        reminded_s=offer.reminded_s if offer.owed else -inf,
        owed=_owing(offer, current_a, now_s),
        rising=current_a > old_a,
        # More than it was offered is what it drew before its reduction: the reading is old.
        from_a=min(drawn_a, old_a) if current_a > old_a else drawn_a,
        low_a=min(drawn_a, current_a, offer.low_a if flying else inf),
        high_a=max(drawn_a, old_a, current_a, offer.high_a if flying else 0.0),
        until_s=now_s + (spec.start_settle_s if starting else spec.settle_s),
        restarts=offer.restarts,
        refused_s=offer.refused_s,
        withdrawn=_withdrawn(offer, now_s, rises=current_a > old_a),
        told_a=offer.told_a,
        overruled_s=offer.overruled_s,
        unheard_s=offer.unheard_s,
    )


def _owing(offer: Offer, current_a: int, now_s: float) -> tuple[tuple[float, int], ...]:
    """Return what it was told and did not show yet, with a new current (promise 3).

    A further cut gives no more time for those before it, and a raise asks less of them.
    """
    owed = [order for order in offer.owed if order[1] > current_a]
    superseded_s = [told_s for told_s, told_a in offer.owed if told_a <= current_a]
    newest = (min(superseded_s, default=now_s), current_a)
    return (*owed[: OWED - 1], newest)


def _heeded(offer: Offer, sample: ChargerSample) -> Offer:
    """Return the offer without what the sample shows to be followed."""
    if not offer.owed:
        return offer
    owed = tuple(
        [
            (told_s, told_a)
            for told_s, told_a in offer.owed
            if sample.time_s <= told_s or _beyond(sample, told_a)
        ]
    )
    return offer if owed == offer.owed else replace(offer, owed=owed)


def overdue(offer: Offer, sample: ChargerSample | None, spec: ChargerSpec) -> bool:
    """Whether it had time to follow some lower current, whatever it was told since."""
    if sample is None or not offer.owed:
        return False
    told_s, told_a = offer.owed[0]
    return sample.time_s >= told_s + spec.settle_s and _beyond(sample, told_a)


def _withdrawn(offer: Offer, now_s: float, *, rises: bool) -> bool:
    """Whether the newest raise had to be taken back at once, until another one stays."""
    stayed = now_s - offer.changed_s >= WITHDRAWN_S
    if rises:
        return offer.withdrawn and not (offer.rising and stayed)
    return offer.withdrawn or (offer.rising and not stayed)


def strays(offer: Offer, sample: ChargerSample, spec: ChargerSpec) -> bool:
    """Whether the charger had time to follow the newest command and does not.

    Its draw or the limit that it reports is more than it was told, or it reports a lower limit.
    A sample that is not newer than the settle time after the command proves nothing.
    """
    if in_flight(offer, sample.time_s):
        return False
    current_a = offer.current_a or 0
    told = sample.offered_a
    if sample.time_s < offer.changed_s + spec.settle_s:
        return _relapsed(offer, sample)
    return exceeds(offer, sample) or (told is not None and told != current_a)


def _relapsed(offer: Offer, sample: ChargerSample) -> bool:
    """Whether a charger that had arrived says that it allows more now: it forgot, or was told."""
    told = sample.offered_a
    return offer.until_s == -inf and told is not None and told > (offer.current_a or 0)


def exceeds(offer: Offer, sample: ChargerSample) -> bool:
    """Whether the charger draws, or says that it would allow, more than it was told."""
    return _beyond(sample, offer.current_a or 0)


def _beyond(sample: ChargerSample, current_a: int) -> bool:
    """Whether a charger draws, or says that it would allow, more than a current."""
    if sample.offered_a is not None and sample.offered_a > current_a:
        return True
    return max(sample.drawn_a, default=0.0) > current_a + tolerance_a(current_a)


def supervise(
    offer: Offer, sample: ChargerSample | None, spec: ChargerSpec, now_s: float, *, silent: bool
) -> Offer:
    """Count a charger's disobedience and decide whether it is held at zero, or let go again.

    The offer's ``unsent`` tells that the present command has to be sent once more.
    """
    if silent:
        return offer if offer.unheard_s < inf else replace(offer, unheard_s=now_s)
    if offer.unheard_s < inf:
        offer = replace(offer, unheard_s=inf)
    if sample is None or offer.current_a is None:
        return offer
    offer = _heeded(offer, sample)
    if offer.refused_s is not None:
        obeys = not exceeds(offer, sample) and now_s - offer.refused_s > REFUSED_FOR_S
        return replace(offer, refused_s=None, attempts=0) if obeys else offer
    if _unheeded(offer, sample, spec):
        return replace(offer, attempts=1, unsent=True, reminded_s=now_s)
    late = overdue(offer, sample, spec)
    if not late and not strays(offer, sample, spec):
        still = offer.attempts == 0 or bool(offer.owed) or in_flight(offer, sample.time_s)
        return offer if still else replace(offer, attempts=0)
    disputes = len([at_s for at_s in offer.overruled_s if now_s - at_s < OVERRULED_FOR_S])
    # One that is late with a current of before does not get time for every further one.
    told_s = offer.reminded_s if late else offer.sent_s
    waits = now_s - told_s < spec.settle_s / 2 * 2.0**disputes
    if disputes == 1 and offer.overruled_s[-1] > told_s:
        # It may have restarted.
        waits = False
    return offer if waits else _escalated(offer, sample, now_s)


def _unheeded(offer: Offer, sample: ChargerSample, spec: ChargerSpec) -> bool:
    """Whether the device still says something else a moment after the command: it was lost."""
    shown_a = sample.offered_a
    if shown_a is None or offer.attempts or offer.overruled_s:
        return False
    told_s, lost = offer.sent_s, shown_a != offer.current_a
    if offer.owed and shown_a > offer.owed[0][1]:
        told_s = min(told_s, offer.owed[0][0])
    return lost and sample.time_s - told_s >= spec.settle_s / 3


def _escalated(offer: Offer, sample: ChargerSample, now_s: float) -> Offer:
    """Say it again; when that has not helped, hold a charger that takes too much at zero."""
    if offer.attempts < REPEATS:
        return replace(offer, attempts=offer.attempts + 1, unsent=True, reminded_s=now_s)
    if exceeds(offer, sample):
        return replace(offer, refused_s=now_s)
    return replace(offer, attempts=REPEATS + 1)


def disobeys(offer: Offer) -> bool:
    """Whether telling the charger again has not helped, so that a person has to hear of it."""
    return offer.refused_s is not None or offer.attempts > REPEATS


def gone(offer: Offer, now_s: float) -> bool:
    """Whether a charger has been silent for so long that nobody waits for it."""
    return now_s - offer.unheard_s > GONE_AFTER_S


def overruled(offer: Offer, now_s: float) -> bool:
    """Whether somebody else keeps changing what the charger was told."""
    times_s = offer.overruled_s[-OVERRULED_TIMES:]
    return len(times_s) == OVERRULED_TIMES and now_s - times_s[0] < OVERRULED_FOR_S


def unheard(offer: Offer, *, failed: bool) -> bool:
    """Whether no command has got through for long."""
    return failed and offer.failures >= RETRIES_AT_ONCE


def held(offer: Offer, now_s: float) -> Offer:
    """Return the offer of a charger that had to be paused because it took more than it was told."""
    return replace(offer, refused_s=now_s)


def repeat_due(
    offer: Offer, now_s: float, *, failed: bool, told: bool, urgent: bool = False
) -> bool:
    """Whether an unchanged offer has to be sent again now; ``told``: the device tells its limit.

    ``urgent``: what somebody else made of it breaks a cap.
    """
    if offer.current_a is None:
        return False
    waited_s = now_s - offer.sent_s
    if failed and not offer.unsent:
        return waited_s >= (RETRY_S if offer.failures < RETRIES_AT_ONCE else RETRY_LATER_S)
    if urgent and offer.overruled_s and waited_s >= SET_BACK_S:
        return True
    if offer.refused_s is not None:
        return waited_s >= REMIND_S
    return offer.unsent or waited_s >= (REFRESH_TOLD_S if told else REFRESH_S)


def repeated(offer: Offer, now_s: float, *, failed: bool) -> Offer:
    """Return the offer after it was sent again unchanged."""
    failures = offer.failures + 1 if failed else 0
    return replace(offer, sent_s=now_s, unsent=False, failures=failures)
