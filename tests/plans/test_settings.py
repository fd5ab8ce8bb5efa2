"""What is told, kept and counted, without a Home Assistant (PLAN-1 to PLAN-4, IND-5)."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
import json
from typing import Any

from hypothesis import given, settings as how, strategies as st
import pytest

from custom_components.evse_suite.control.model import Intent, SiteMode, Wish
from custom_components.evse_suite.devices.model import ChargerReading, ChargerStatus
from custom_components.evse_suite.planning.model import (
    ChargeMode,
    Plan,
    PlannedSlot,
    PlanVerdict,
    Span,
    TargetKind,
    WeekWindow,
)
from custom_components.evse_suite.plans import boosts, carbon, records, visits
from custom_components.evse_suite.plans.departures import said_goal
from custom_components.evse_suite.plans.settings import Boost, ChargerSettings, Departure, Goal
from custom_components.evse_suite.plans.told import ChargerPlan, PlanStatus, overlaps, with_plan
from custom_components.evse_suite.plans.visits import Visit
from custom_components.evse_suite.plans.wishes import STALE_AFTER, edges, wish

NOW = datetime(2026, 1, 14, 18, tzinfo=UTC)
HOUR = timedelta(hours=1)
FULL = ChargerSettings(
    mode=ChargeMode.SOLAR,
    boost=Boost(until=NOW + HOUR, left_wh=5000.0, counter_wh=12.5),
    boost_minutes=90,
    plan_on=False,
    goal_kind=TargetKind.RANGE,
    goals={TargetKind.PERCENT: 80.0, TargetKind.RANGE: 250.0},
    minimum_percent=20.0,
    maximum_price_per_kwh=0.25,
    weekly={0: time(7), 5: time(9, 30)},
    departures=(
        Departure(uid="departure_1", at=NOW + HOUR),
        Departure(
            uid="departure_2",
            at=NOW + 2 * HOUR,
            summary="Airport",
            goal=Goal(kind=TargetKind.ENERGY, value=9000.0),
        ),
    ),
    windows=(WeekWindow(weekdays=frozenset({0, 6}), start=time(22), end=time(6)),),
    vehicle="car",
)


def slot(start: datetime, end: datetime, current_a: int = 16, **more: Any) -> PlannedSlot:
    return PlannedSlot(
        start=start,
        end=end,
        current_a=current_a,
        energy_wh=3000.0,
        green_wh=300.0,
        cost=0.3,
        price_per_kwh=0.1,
        **more,
    )


def plan_of(*slots: PlannedSlot, verdict: PlanVerdict = PlanVerdict.ON_TIME) -> Plan:
    return Plan(
        key="garage", made_at=NOW, slots=slots, verdict=verdict, needed_wh=6000.0, planned_wh=6000.0
    )


PLAN = plan_of(slot(NOW + HOUR, NOW + 2 * HOUR), slot(NOW + 2 * HOUR, NOW + 3 * HOUR, 32))
TOLD = ChargerPlan(made_at=NOW, status=PlanStatus.ON_TIME, plan=PLAN)


def test_what_is_told_is_read_back_from_what_is_stored() -> None:
    assert records.from_json(json.loads(json.dumps(records.to_json(FULL)))) == (FULL, ())
    assert records.from_json(records.to_json(ChargerSettings())) == (ChargerSettings(), ())


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("mode", "boost"),
        ("boost", {"until": "yesterday"}),
        ("boost", {"until": "2026-01-14T18:00:00"}),
        ("boost_minutes", 0),
        ("goals", {"percent": 120}),
        ("minimum_percent", float("nan")),
        ("maximum_price_per_kwh", "cheap"),
        ("weekly", {"7": "07:00"}),
        ("departures", [{"uid": 1, "at": "2026-01-14T18:00:00+00:00"}]),
        ("windows", [{"weekdays": [], "start": "22:00", "end": "06:00"}]),
        ("windows", "always"),
    ],
)
def test_a_bad_part_costs_no_other(name: str, bad: object) -> None:
    """Nothing is lost but what cannot be read, and that is named."""
    read, refused = records.from_json({**records.to_json(FULL), name: bad})
    assert refused == (name,)
    assert read == replace(FULL, **{name: getattr(ChargerSettings(), name)})


def test_a_bad_departure_costs_no_other_departure() -> None:
    stored = records.to_json(FULL)
    stored["departures"].append({"uid": "departure_3", "at": None})
    read, refused = records.from_json(stored)
    assert (read, refused) == (FULL, ("departures",))


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@how(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from([*records.to_json(FULL)]), JSON) | JSON)
def test_nothing_that_is_stored_breaks_the_start(document: object) -> None:
    read, _ = records.from_json(document)
    assert records.from_json(json.loads(json.dumps(records.to_json(read))))[1] == ()
    carbon.from_json(document)
    visits.from_json(document)


def test_plans_and_visits_are_read_back() -> None:
    assert carbon.from_json(json.loads(json.dumps(carbon.to_json(PLAN)))) == PLAN
    assert carbon.from_json({**carbon.to_json(PLAN), "slots": [{}]}) is None
    bad = carbon.to_json(PLAN)
    bad["slots"][0]["current_a"] = "16"
    assert carbon.from_json(bad) is None
    visit = Visit(connected=True, since=NOW, counter_wh=7.0)
    assert visits.from_json(visits.to_json(visit)) == visit


def test_a_boost_for_an_amount_counts_over_a_counter_that_begins_anew() -> None:
    """PLAN-4: 5 kWh, of which 2 are counted before and 1 after the counter's reset."""
    boost = boosts.begin(NOW, energy_wh=5000.0, counter_wh=10_000.0)
    boost = boosts.count(boost, 12_000.0)
    boost = boosts.count(boost, None)
    boost = boosts.count(boost, 1000.0)
    assert boost.left_wh == 2000.0
    assert not boosts.is_over(boost, NOW)
    assert boosts.is_over(boosts.count(boost, 3000.0), NOW)
    assert boosts.is_over(boost, NOW + timedelta(hours=24))


def test_a_boost_that_began_without_a_counter_counts_from_the_first_reading() -> None:
    """PLAN-4."""
    boost = boosts.count(boosts.begin(NOW, energy_wh=5000.0), 700.0)
    assert (boost.left_wh, boost.counter_wh) == (5000.0, 700.0)


@pytest.mark.parametrize(
    ("settings", "told", "mode", "wanted"),
    [
        (ChargerSettings(), None, SiteMode.POWER, None),
        (
            ChargerSettings(mode=ChargeMode.OFF),
            TOLD,
            SiteMode.HYBRID,
            Wish(mode=SiteMode.HYBRID, ceiling_a=0, why=Intent.OFF),
        ),
        (ChargerSettings(mode=ChargeMode.SOLAR), TOLD, SiteMode.POWER, Wish(mode=SiteMode.GREEN)),
        (
            ChargerSettings(mode=ChargeMode.OFF, boost=Boost(until=NOW + HOUR)),
            None,
            SiteMode.GREEN,
            Wish(mode=SiteMode.POWER, why=Intent.BOOST, until="19:00"),
        ),
        (
            ChargerSettings(),
            TOLD,
            SiteMode.POWER,
            Wish(mode=SiteMode.POWER, ceiling_a=0, why=Intent.PLAN, until="19:00"),
        ),
        (ChargerSettings(), TOLD, SiteMode.HYBRID, Wish(mode=SiteMode.GREEN)),
        (
            ChargerSettings(),
            with_plan(TOLD, replace(PLAN, takes_surplus=False), None),
            SiteMode.HYBRID,
            Wish(mode=SiteMode.HYBRID, ceiling_a=0, why=Intent.FEED_IN, until="19:00"),
        ),
        (
            ChargerSettings(),
            with_plan(TOLD, replace(PLAN, takes_surplus=False), None),
            SiteMode.GREEN,
            Wish(mode=SiteMode.GREEN),
        ),
        (
            ChargerSettings(),
            replace(TOLD, urgent=True),
            SiteMode.GREEN,
            Wish(mode=SiteMode.POWER, why=Intent.PLAN),
        ),
        (
            ChargerSettings(),
            with_plan(TOLD, plan_of(verdict=PlanVerdict.NOTHING_TO_DO), None),
            SiteMode.POWER,
            Wish(mode=SiteMode.POWER, ceiling_a=0, why=Intent.TARGET),
        ),
        (
            ChargerSettings(),
            ChargerPlan(
                made_at=NOW, status=PlanStatus.NO_CAR, goal=Goal(kind=TargetKind.PERCENT, value=80)
            ),
            SiteMode.POWER,
            Wish(mode=SiteMode.POWER, ceiling_a=0, why=Intent.PLAN),
        ),
        (
            ChargerSettings(),
            ChargerPlan(made_at=NOW, status=PlanStatus.UNKNOWN_NEED),
            SiteMode.POWER,
            None,
        ),
        (ChargerSettings(), replace(TOLD, made_at=NOW - 2 * STALE_AFTER), SiteMode.POWER, None),
    ],
)
def test_what_is_wanted(
    settings: ChargerSettings, told: ChargerPlan | None, mode: SiteMode, wanted: Wish | None
) -> None:
    """IND-5, PLAN-4: a boost is above every mode, a plan within the site's.

    One that nobody renews, or that cannot be made, leaves the site's mode.
    """
    assert wish(settings, told, mode, NOW, UTC) == wanted


def test_in_its_slots_a_charger_takes_what_was_planned() -> None:
    """PLAN-3: the current of each slot, until the run ends; from surplus where that was planned."""
    first = wish(ChargerSettings(), TOLD, SiteMode.GREEN, NOW + HOUR, UTC)
    second = wish(ChargerSettings(), TOLD, SiteMode.GREEN, NOW + 2 * HOUR, UTC)
    assert first == Wish(mode=SiteMode.POWER, ceiling_a=16, why=Intent.PLAN, until="21:00")
    assert second == Wish(mode=SiteMode.POWER, ceiling_a=32, why=Intent.PLAN, until="21:00")
    sunny = with_plan(TOLD, plan_of(slot(NOW, NOW + HOUR, follows_sun=True)), None)
    assert wish(ChargerSettings(), sunny, SiteMode.POWER, NOW, UTC) == Wish(mode=SiteMode.GREEN)
    assert {NOW + HOUR, NOW + 2 * HOUR, NOW + 3 * HOUR} <= set(edges(ChargerSettings(), TOLD))


def test_outside_its_windows_nothing_charges_not_even_the_sun() -> None:
    """PLAN-1, LEK-17."""
    windows = (Span(start=NOW + HOUR, end=NOW + 2 * HOUR),)
    told = ChargerPlan(made_at=NOW, status=PlanStatus.WINDOWS, windows=windows)
    waits = Wish(mode=SiteMode.GREEN, ceiling_a=0, why=Intent.PLAN, until="19:00")
    assert wish(ChargerSettings(), told, SiteMode.GREEN, NOW, UTC) == waits
    assert wish(ChargerSettings(), told, SiteMode.GREEN, NOW + HOUR, UTC) is None
    dear = replace(told, windows=None, cheap=windows)
    assert wish(ChargerSettings(), dear, SiteMode.GREEN, NOW, UTC) == Wish(mode=SiteMode.GREEN)
    assert overlaps(windows, (Span(start=NOW, end=NOW + 1.5 * HOUR),)) == (
        Span(start=NOW + HOUR, end=NOW + 1.5 * HOUR),
    )


def test_a_plan_that_is_made_anew_while_it_runs_began_when_it_began() -> None:
    """PLAN-5: the calendar's event keeps its start."""
    later = NOW + timedelta(minutes=80)
    asked = replace(TOLD, made_at=later, plan=None)
    anew = with_plan(asked, plan_of(slot(later, NOW + 3 * HOUR)), TOLD)
    assert anew.times == (Span(start=NOW + HOUR, end=NOW + 3 * HOUR),)


def reading(status: ChargerStatus | None, **more: Any) -> ChargerReading:
    return ChargerReading(
        time_s=0.0,
        status=status,
        raw_status="",
        current_a=(0.0,),
        voltage_v=(230.0,),
        power_w=0.0,
        **more,
    )


def test_what_was_charged_since_the_car_came_by_whatever_counter_there_is() -> None:
    """PLAN-2: a charger that does not say whether a car is there is believed to be as it was."""
    came = visits.seen(None, reading(None, lifetime_energy_wh=7000.0), NOW)
    assert came == Visit(connected=True, since=NOW, counter_wh=7000.0)
    later = reading(ChargerStatus.ERROR, lifetime_energy_wh=9000.0)
    assert visits.seen(came, later, NOW + HOUR) is came
    assert visits.charged_wh(came, later) == 2000.0
    # Less than before: the counter began anew.
    assert visits.charged_wh(came, reading(None, lifetime_energy_wh=500.0)) == 500.0
    assert visits.charged_wh(came, reading(None)) is None
    assert visits.charged_wh(came, reading(None, session_energy_wh=300.0)) == 300.0
    left = visits.seen(came, reading(ChargerStatus.AVAILABLE), NOW + HOUR)
    assert left == Visit(connected=False, since=NOW + HOUR)
    assert visits.charged_wh(left, later) is None
    assert visits.seen(left, None, NOW) is left


@pytest.mark.parametrize(
    ("text", "goal"),
    [
        ("Airport, 100 %", Goal(kind=TargetKind.PERCENT, value=100.0)),
        ("12,5 kWh please", Goal(kind=TargetKind.ENERGY, value=12_500.0)),
        ("Lake 220km", Goal(kind=TargetKind.RANGE, value=220.0)),
        ("Meeting at 10", None),
        ("999 %", Goal(kind=TargetKind.PERCENT, value=100.0)),
    ],
)
def test_a_target_in_the_words_of_an_event(text: str, goal: Goal | None) -> None:
    """PLAN-2."""
    assert said_goal(text) == goal
