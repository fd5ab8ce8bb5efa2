"""What counts as not followed, and when a charger is told again (promise 3)."""

from dataclasses import replace
from math import inf

import pytest

from custom_components.evse_suite.control.follow import observe, strays, supervise
from custom_components.evse_suite.control.memory import Offer
from custom_components.evse_suite.control.model import ChargerActivity, ChargerSample, ChargerSpec
from tests.control.plant import L1

SPEC = ChargerSpec(key="a", name="A", phases=(L1,), settle_s=8.0)
OFFER = Offer(current_a=10, changed_s=100.0, sent_s=100.0, restarts=0, told_a=10)


def sample(time_s: float, drawn_a: float, offered_a: int | None = 10) -> ChargerSample:
    return ChargerSample(
        time_s=time_s,
        activity=ChargerActivity.CHARGING,
        drawn_a=(drawn_a,),
        offered_a=offered_a,
    )


@pytest.mark.parametrize(
    ("told", "astray"),
    [
        (sample(107.9, 16.0), False),
        (sample(108.0, 16.0), True),
        (sample(108.0, 11.0), False),
        (sample(108.0, 11.1), True),
        (sample(108.0, 0.0), False),
        (sample(108.0, 10.0, 11), True),
        (sample(108.0, 6.0, 6), True),
        (sample(108.0, 11.1, None), True),
        (sample(108.0, 6.0, None), False),
    ],
)
def test_who_had_time_and_does_something_else_strays(told: ChargerSample, *, astray: bool) -> None:
    assert strays(OFFER, told, SPEC) is astray
    assert not strays(replace(OFFER, until_s=told.time_s + 0.1), told, SPEC)


def test_it_is_told_again_twice_and_then_held_at_zero() -> None:
    offer, told = OFFER, []
    for second in range(108, 125):
        offer = supervise(offer, sample(second, 16.0), SPEC, second, silent=False)
        if offer.unsent:
            told.append(second)
            offer = replace(offer, unsent=False, sent_s=float(second))
    assert told == [108, 112]
    assert offer.refused_s == 116.0


def test_who_draws_too_little_is_told_again_but_not_held() -> None:
    offer = replace(OFFER, attempts=2, overruled_s=(1.0,))
    offer = supervise(offer, sample(120.0, 6.0, 6), SPEC, 120.0, silent=False)
    assert (offer.attempts, offer.refused_s) == (3, None)


@pytest.mark.parametrize(("disputes", "waits_s"), [(1, 8.0), (2, 16.0), (3, 32.0)])
def test_each_change_by_a_second_master_doubles_the_wait(disputes: int, waits_s: float) -> None:
    offer = replace(OFFER, overruled_s=(90.0,) * disputes)
    early, late = 100.0 + waits_s - 0.1, 100.0 + waits_s
    assert not supervise(offer, sample(early, 16.0, 16), SPEC, early, silent=False).unsent
    assert supervise(offer, sample(late, 16.0, 16), SPEC, late, silent=False).unsent


def test_a_dispute_is_forgotten_after_ten_minutes() -> None:
    offer = replace(OFFER, overruled_s=(90.0,) * 4, attempts=1, sent_s=684.0)
    assert not supervise(offer, sample(689.9, 16.0, 16), SPEC, 689.9, silent=False).unsent
    assert supervise(offer, sample(690.0, 16.0, 16), SPEC, 690.0, silent=False).unsent


def test_who_was_held_gets_another_chance_after_five_minutes_of_obedience() -> None:
    offer = replace(OFFER, current_a=0, refused_s=200.0, attempts=2)
    calm, wild = 0.5, 2.0
    assert supervise(offer, sample(500.0, calm, 0), SPEC, 500.0, silent=False) is offer
    assert supervise(offer, sample(501.0, wild, 0), SPEC, 501.0, silent=False) is offer
    free = supervise(offer, sample(501.0, calm, 0), SPEC, 501.0, silent=False)
    assert (free.refused_s, free.attempts) == (None, 0)


def test_silence_is_counted_from_its_first_moment_and_proves_nothing() -> None:
    offer = supervise(OFFER, sample(90.0, 32.0), SPEC, 110.0, silent=True)
    assert offer == replace(OFFER, unheard_s=110.0)
    assert supervise(offer, None, SPEC, 120.0, silent=True) is offer
    assert supervise(offer, sample(121.0, 10.0), SPEC, 121.0, silent=False).unheard_s == inf


def test_a_device_that_restarted_may_do_all_it_can_until_it_settles() -> None:
    # It forgot its limit, so it is told again at once.
    offer = replace(OFFER, rising=True, from_a=3.0, low_a=2.0, high_a=10.0)
    seen = replace(sample(150.0, 10.0, 32), restarts=1)
    after = observe(offer, seen, SPEC, 150.0, failed=False)
    assert (after.changed_s, after.until_s, after.restarts) == (150.0, 158.0, 1)
    assert (after.from_a, after.low_a, after.high_a) == (0.0, 0.0, 32.0)
    assert (after.rising, after.unsent, after.told_a) == (False, True, 32)
    assert after.current_a == 10


def test_a_charger_is_taken_over_as_it_says_or_as_it_draws() -> None:
    told = observe(Offer(), sample(100.0, 3.0, 16), SPEC, 100.0, failed=False)
    assert (told.current_a, told.sent_s, told.until_s, told.unsent) == (16, 100.0, -inf, False)
    assert (told.low_a, told.high_a) == (0.0, 16.0)
    mute = observe(Offer(), sample(100.0, 9.7, None), SPEC, 100.0, failed=False)
    assert (mute.current_a, mute.sent_s, mute.until_s, mute.unsent) == (9, -inf, 108.0, True)
    assert mute.high_a == 32.0
    below = observe(Offer(), sample(100.0, 3.0, 5), SPEC, 100.0, failed=False)
    assert (below.current_a, below.high_a, below.unsent) == (0, 5.0, True)
