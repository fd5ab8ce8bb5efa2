"""A plan in a sentence and in codes (PLAN-5)."""

from dataclasses import replace
from datetime import UTC, timedelta, timezone

from custom_components.evse_suite.planning.explain import DASH, sentence, spans_of
from custom_components.evse_suite.planning.model import Outlook, Vehicle

from .board import NOW, at, job, only, power, prices

WORLD = Outlook(
    now=NOW,
    prices=prices(0.3, 0.3, 0.25, 0.2, 0.1, 0.1, 0.12, 0.2, 0.3, 0.35, 0.4, 0.4),
    feed_in_per_kwh=0.08,
)
PLUS_ONE = timezone(timedelta(hours=1))


def test_what_when_and_for_how_much() -> None:
    # PLAN-5
    found = only(job(7360, ready_by=11), WORLD)
    assert sentence(found, PLUS_ONE, "€") == f"Charges 23:00{DASH}01:00 for 0.74 €; ready by 06:00"
    assert found.reasons["reason"] == "cheapest"
    assert found.reasons["starts"] == 1
    assert found.reasons["spans"] == [(at(4), at(6))] == spans_of(found.slots)
    assert found.reasons["cheapest_per_kwh"] == 0.1


def test_sun_is_named() -> None:
    # PLAN-5
    sunny = replace(WORLD, prices=prices(*[0.3] * 12), sun=power(0, 3680, 1840))
    part = only(job(7360, ready_by=11), sunny)
    assert sentence(part, UTC, "€").endswith("% sun; ready by 05:00")
    every = only(job(3680, ready_by=11), sunny)
    assert "all of it sun" in sentence(every, UTC, "€")
    assert every.reasons["reason"] == "sun"


def test_too_late_says_how_far_it_gets() -> None:
    # PLAN-5, PLAN-2
    found = only(job(5 * 3680, ready_by=2), WORLD)
    text = "Cannot be ready: 7.4 of 18.4 kWh at 20:00; ready at 23:00"
    assert sentence(found, UTC, "€") == text
    car = Vehicle(capacity_wh=36_800, soc_percent=45, efficiency=0.9)
    known = sentence(found, UTC, "€", vehicle=car)
    assert known == "Cannot be ready: 63 % at 20:00; ready at 23:00"
    never = only(job(7360, ready_by=2, allowed=()), WORLD)
    assert sentence(never, UTC, "€") == "Cannot be ready: 0.0 of 7.4 kWh at 20:00"


def test_other_ends() -> None:
    # PLAN-5
    assert sentence(only(job(0), WORLD), UTC, "€") == "Nothing to charge"
    blind = only(job(3680, ready_by=3), replace(WORLD, prices=()))
    assert sentence(blind, UTC, "€") == (
        f"Charges 19:50{DASH}20:50, prices are not known; ready by 21:00"
    )
    waits = only(job(3680, maximum_price=0.01), WORLD)
    assert sentence(waits, UTC, "€") == "Waits for a lower price"
    some = only(job(36800, maximum_price=0.1), WORLD)
    assert sentence(some, UTC, "€").endswith("then waits for a lower price")


def test_many_times_are_counted_and_far_ones_have_their_day() -> None:
    # PLAN-5
    values = [0.1, 0.5] * 15
    found = only(job(5 * 3680, ready_by=30), replace(WORLD, prices=prices(*values)))
    text = sentence(found, UTC, "€")
    assert "2 more times" in text
    assert text.endswith("ready by Sun 00:00")
