"""What holds for any plan: targets, caps, minimum current, windows, stability."""

from datetime import timedelta

from hypothesis import given, settings, strategies as st

from custom_components.evse_suite.planning.model import Job, Outlook, PlanVerdict
from custom_components.evse_suite.planning.plan import plan

from .board import CLOSE_WH, HOUR, NOW, check, job, power, prices, span, value_at

price = st.floats(-0.1, 0.6).map(lambda value: round(value, 3))
watts = st.sampled_from((0.0, 300.0, 1500.0, 2600.0, 4000.0, 7000.0))


@st.composite
def outlooks(draw: st.DrawFn) -> Outlook:
    length = draw(st.sampled_from((0.25, 0.5, 1.0)))
    count = draw(st.integers(1, 12))
    return Outlook(
        now=NOW + timedelta(minutes=draw(st.sampled_from((0, 7, 33)))),
        prices=prices(*draw(st.lists(price, min_size=count, max_size=count)), hours=length),
        feed_in_per_kwh=0.06,
        sun=power(*draw(st.lists(watts, max_size=8))),
        house=power(*draw(st.lists(watts, max_size=8))),
        cap_w=draw(st.sampled_from((None, 3000.0, 5750.0, 9200.0))),
        peak_w=draw(st.sampled_from((None, None, 2500.0))),
    )


@st.composite
def cars(draw: st.DrawFn, key: str = "garage") -> Job:
    return job(
        draw(st.floats(200, 25000)),
        key=key,
        ready_by=draw(st.sampled_from((0.5, 2, 5, 9.75))),
        lines=draw(st.sampled_from((1, 3))),
        allowed=draw(st.sampled_from((None, (span(1, 3), span(4, 20))))),
        charging=draw(st.booleans()),
        maximum_price=draw(st.sampled_from((None, 0.2))),
        priority=draw(st.integers(0, 1)),
    )


def possible_wh(own: Job, outlook: Outlook) -> float:
    """Return what fits in time, minute by minute, at whole amperes."""
    total_wh, now = 0.0, outlook.now
    assert own.ready_by is not None
    while now < own.ready_by:
        allowed = own.allowed is None or any(it.start <= now < it.end for it in own.allowed)
        room_w = own.maximum_a * own.lines * own.voltage_v
        house_w, sun_w = value_at(outlook.house, now), value_at(outlook.sun, now)
        if outlook.cap_w is not None:
            room_w = min(room_w, outlook.cap_w - house_w)
        if outlook.peak_w is not None:
            room_w = min(room_w, outlook.peak_w - house_w + sun_w)
        current_a = int(room_w / own.lines / own.voltage_v + 1e-9)
        if allowed and current_a >= own.minimum_a:
            total_wh += current_a * own.lines * own.voltage_v / 60
        now += timedelta(minutes=1)
    return total_wh


def later_house(outlook: Outlook) -> Outlook:
    """Return the outlook with a house that is known up to the end of any plan."""
    return Outlook(
        now=outlook.now,
        prices=outlook.prices,
        feed_in_per_kwh=outlook.feed_in_per_kwh,
        sun=outlook.sun,
        house=power(*([slot.power_w for slot in outlook.house] + [400.0] * 48)[:48]),
        cap_w=outlook.cap_w,
        peak_w=outlook.peak_w,
    )


@settings(max_examples=120, deadline=None)
@given(cars(), outlooks())
def test_a_target_is_met_if_and_only_if_that_is_possible(own: Job, outlook: Outlook) -> None:
    # PLAN-2, IND-20
    outlook = later_house(outlook)
    found = plan([own], outlook, {})
    check([own], outlook, found)
    most_wh = possible_wh(own, outlook)
    mine = found[own.key]
    reached_wh = mine.reached_wh_at_ready_by
    assert reached_wh is not None
    assert reached_wh >= min(most_wh, own.needed_wh) - CLOSE_WH
    if most_wh < own.needed_wh - CLOSE_WH:
        assert mine.verdict is PlanVerdict.TOO_LATE
    if most_wh >= own.needed_wh:
        assert mine.verdict is PlanVerdict.ON_TIME


@settings(max_examples=60, deadline=None)
@given(cars("garage"), cars("drive"), cars("guest"), outlooks())
def test_several_chargers_stay_under_the_cap(
    first: Job, second: Job, third: Job, outlook: Outlook
) -> None:
    # PLAN-3
    outlook = later_house(outlook)
    check([first, second, third], outlook, plan([first, second, third], outlook, {}))


@settings(max_examples=60, deadline=None)
@given(cars("garage"), cars("drive"), outlooks())
def test_nothing_changes_nothing(first: Job, second: Job, outlook: Outlook) -> None:
    # PLAN-3: the same question has the same answer, and a plan outlives being looked at again.
    outlook = later_house(outlook)
    found = plan([first, second], outlook, {})
    assert plan([second, first], outlook, {}) == found
    again = plan([first, second], outlook, found)
    assert {key: own.slots for key, own in again.items()} == {
        key: own.slots for key, own in found.items()
    }


@settings(max_examples=40, deadline=None)
@given(cars(), outlooks(), st.integers(5, 55))
def test_a_plan_that_is_carried_out_is_kept(own: Job, outlook: Outlook, minutes: int) -> None:
    # PLAN-3: some minutes later, with what the plan said charged meanwhile.
    outlook = later_house(outlook)
    before = plan([own], outlook, {})[own.key]
    now = outlook.now + timedelta(minutes=minutes)
    charged_wh = sum(
        slot.energy_wh * max(0.0, min(1.0, (now - slot.start) / (slot.end - slot.start)))
        for slot in before.slots
    )
    is_on = before.slot_at(now - timedelta(seconds=1)) is not None
    later = Job(
        **{name: getattr(own, name) for name in own.__slots__}
        | {
            "needed_wh": max(0.0, own.needed_wh - charged_wh),
            "charging": is_on,
            "allowed": own.allowed,
        }
    )
    world = Outlook(**{name: getattr(outlook, name) for name in outlook.__slots__} | {"now": now})
    after = plan([later], world, {own.key: before})[own.key]
    if own.ready_by is None or before.verdict is PlanVerdict.TOO_LATE or later.needed_wh < CLOSE_WH:
        return
    assert after.verdict is before.verdict
    left = [slot for slot in before.slots if slot.end > now]
    moved = sum(
        abs((a.start - b.start) / HOUR) + abs((a.end - b.end) / HOUR)
        for a, b in zip(after.slots[1:-1], left[1:-1], strict=False)
    )
    assert len(after.slots) == len(left)
    assert moved == 0
