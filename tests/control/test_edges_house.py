"""What is known of the house and of the limits on power, to the ampere and the watt.

Meter and charger answer at different times; what follows from their readings is worked out by hand.
"""

from dataclasses import replace
from math import inf

import pytest

from custom_components.evse_suite.control.estimate import Estimate, bracket, estimate, update
from custom_components.evse_suite.control.layout import Layout, compile_layout
from custom_components.evse_suite.control.learnt import LearntCharger
from custom_components.evse_suite.control.memory import (
    Budget,
    ChargerMemory,
    Draw,
    HouseMemory,
    Offer,
    Pursuit,
    Reading,
)
from custom_components.evse_suite.control.model import (
    Cap,
    CapKind,
    ChargerSpec,
    GeneratorSide,
    MainsMeterSpec,
    SiteMode,
    SiteSpec,
)
from custom_components.evse_suite.control.points import Span, spans
from custom_components.evse_suite.control.view import View
from tests.control.plant import L1, L2, fuse

V = 230.0
LAG_S = 1.2
NOW_S = 1000.0


def site(
    *caps: Cap, unbalance_a: float | None = None, generator: GeneratorSide | None = None
) -> Layout:
    """Return two phases, a charger on both of them crosswise and one on the second alone."""
    return compile_layout(
        SiteSpec(
            phases=(L1, L2),
            voltage_v=V,
            meter=MainsMeterSpec(key="m", lag_s=LAG_S),
            caps=(fuse(40, L1, L2), *caps),
            chargers=(
                ChargerSpec(key="a", name="A", phases=(L2, L1)),
                ChargerSpec(key="b", name="B", phases=(L2,)),
            ),
            unbalance_a=unbalance_a,
            generator=generator,
        )
    )


def view(
    layout: Layout,
    *draws: tuple[float, tuple[float, ...]],
    index: int = 0,
    offer: Offer | None = None,
    flying: bool = False,
    silent: bool = False,
    held_a: int = 10,
    counted_a: float = 10.0,
) -> View:
    seat = layout.seats[index]
    return View(
        seat=seat,
        spec=seat.spec,
        sample=None,
        memory=ChargerMemory(),
        pursuit=Pursuit(),
        learnt=LearntCharger(),
        draws=tuple(Draw(time_s=time_s, drawn_a=drawn_a) for time_s, drawn_a in draws),
        offer=offer or Offer(current_a=10, changed_s=0.0, rising=True),
        offered_a=10,
        held_a=held_a,
        mode=SiteMode.POWER,
        wish=None,
        failed=False,
        silent=silent,
        connected=True,
        flying=flying,
        ignores=False,
        drawn_a=10.0,
        counted_a=counted_a,
        feared_a=counted_a,
        excess_a=0.0,
        ceiling_a=32,
        without_s=(),
        fewest=2,
    )


def reading(
    time_s: float,
    *current_a: float,
    voltage_v: tuple[float, float] = (V, V),
    delivered_a: tuple[float, ...] = (),
) -> Reading:
    return Reading(
        time_s=time_s,
        current_a=current_a,
        power_w=sum(a * v for a, v in zip(current_a, voltage_v, strict=True)),
        active_a=current_a,
        voltage_v=voltage_v,
        delivered_a=delivered_a,
    )


def test_samples_around_a_time_are_found() -> None:
    draws = tuple(Draw(time_s=float(n), drawn_a=(n,)) for n in range(1, 7))

    def around(before_s: float, after_s: float) -> list[float] | None:
        found = bracket(draws, before_s, after_s)
        return None if found is None else [draw.time_s for draw in found]

    assert around(3.0, 5.0) == [5.0, 4.0, 3.0]
    assert around(2.5, 4.5) == [5.0, 4.0, 3.0, 2.0]
    assert around(5.0, inf) == [6.0, 5.0]
    assert around(1.0, 2.0) == [2.0, 1.0]
    assert around(0.9, 2.0) is None
    assert around(-inf, inf) == [6.0, 5.0, 4.0, 3.0, 2.0, 1.0]
    assert bracket((), -inf, inf) is None


def house_of(*views: View, mains: Reading, later: tuple[Reading, ...] = ()) -> HouseMemory:
    memory = HouseMemory()
    for one in (mains, *later):
        memory = update(memory, one, views, LAG_S)
    return memory


def test_the_house_is_what_the_mains_shows_without_what_the_cars_may_have_drawn_then() -> None:
    layout = site()
    car = view(layout, (998.0, (8.0, 7.0)), (999.5, (9.0, 7.0)), (1001.0, (10.0, 6.0)))
    (house,) = house_of(car, mains=reading(NOW_S, 20.0, 30.0)).houses
    # The charger's first line is on the second phase.
    assert house.low_a == (13.0, 20.0)
    assert house.high_a == (14.0, 22.0)
    assert (house.grid_a, house.grid_w, house.time_s) == ((20.0, 30.0), 50 * V, NOW_S)
    assert house.surplus_w == pytest.approx((-50 + 9.0 + 6.5) * V)
    assert house.surplus_low_w == pytest.approx((-50 + 8.0 + 6.0) * V)
    assert house.surplus_high_w == pytest.approx((-50 + 10.0 + 7.0) * V)


def test_a_change_on_its_way_widens_what_is_known() -> None:
    layout = site()
    draws = ((998.0, (8.0, 8.0)), (1001.0, (8.0, 8.0)))
    up = Offer(current_a=16, changed_s=1000.5, rising=True, low_a=7.0, high_a=16.0, until_s=inf)
    (house,) = house_of(
        view(layout, *draws, offer=up, flying=True), mains=reading(NOW_S, 20.0, 20.0)
    ).houses
    assert (house.low_a, house.high_a) == ((4.0, 4.0), (13.0, 13.0))
    # One that was sent after all these samples cannot have moved them.
    late = replace(up, changed_s=1001.0)
    (house,) = house_of(
        view(layout, *draws, offer=late, flying=True), mains=reading(NOW_S, 20.0, 20.0)
    ).houses
    assert (house.low_a, house.high_a) == ((12.0, 12.0), (12.0, 12.0))


@pytest.mark.parametrize(("changed_s", "settles"), [(993.5, True), (993.0, False)])
def test_a_reduction_that_arrived_may_not_be_at_its_end(changed_s: float, *, settles: bool) -> None:
    layout = site()
    draws = ((998.0, (11.0, 11.0)), (1001.0, (11.0, 11.0)))
    down = Offer(current_a=10, changed_s=changed_s, rising=False)
    (house,) = house_of(view(layout, *draws, offer=down), mains=reading(NOW_S, 20.0, 20.0)).houses
    assert house.low_a == (9.0, 9.0)
    assert house.high_a == ((10.0, 10.0) if settles else (9.0, 9.0))


def test_a_silent_charger_may_draw_all_that_it_counts_at() -> None:
    layout = site()
    (house,) = house_of(
        view(layout, (900.0, (8.0, 8.0)), silent=True, counted_a=16.0),
        mains=reading(NOW_S, 20.0, 20.0),
    ).houses
    assert (house.low_a, house.high_a) == ((4.0, 4.0), (20.0, 20.0))
    assert house.surplus_w == (-40 + 16) * V


def test_a_reading_waits_until_every_charger_has_answered_after_it() -> None:
    layout = site()
    early = (998.0, (8.0, 8.0))
    waits = view(layout, early, (1000.9, (8.0, 8.0)))
    assert house_of(waits, mains=reading(NOW_S, 20.0, 20.0)).houses == ()
    answered = view(layout, early, (1001.0, (8.0, 8.0)))
    assert len(house_of(answered, mains=reading(NOW_S, 20.0, 20.0)).houses) == 1
    # A charger that was not known yet when the mains was read says nothing of that time.
    unknown = view(layout, (998.9, (8.0, 8.0)), (1001.0, (8.0, 8.0)))
    memory = house_of(unknown, mains=reading(NOW_S, 20.0, 20.0))
    assert (memory.houses, memory.pending) == ((), ())


def test_readings_are_thinned_out() -> None:
    layout = site()
    waits = view(layout, (990.0, (0.0, 0.0)))
    memory = house_of(
        waits,
        mains=reading(NOW_S, 1.0, 1.0),
        later=(reading(NOW_S + 0.2, 2.0, 2.0), reading(NOW_S + 0.25, 3.0, 3.0)),
    )
    assert [one.time_s for one in memory.pending] == [NOW_S, NOW_S + 0.25]


def steady(layout: Layout, *grid_a: float) -> tuple[View, HouseMemory, Reading]:
    """Return a car with 8 A on each of its lines and the mains as it is read, bracketed."""
    draws = [(NOW_S + n / 2, (8.0, 8.0)) for n in range(-40, 40)]
    car = view(layout, *draws)
    newest = reading(NOW_S, *grid_a)
    return car, house_of(car, mains=newest), newest


def known(layout: Layout, memory: HouseMemory, newest: Reading, *views: View) -> Estimate:
    house = estimate(layout, memory, newest, views)
    assert house is not None
    return house


def test_since_the_last_bracketed_reading_only_the_worse_is_believed() -> None:
    layout = site()
    car, memory, first = steady(layout, 20.0, 20.0)
    house = known(layout, memory, first, car)
    assert (house.low_a, house.high_a) == ((12.0, 12.0), (12.0, 12.0))
    # A rise may be the car's: a raise counts it as the house's, a reduction does not.
    rising = replace(memory, pending=(reading(NOW_S + 1, 25.0, 18.0),))
    house = known(layout, rising, reading(NOW_S + 2, 23.0, 19.0), car)
    assert (house.low_a, house.high_a) == ((12.0, 10.0), (17.0, 12.0))


def test_a_raise_fits_under_the_highest_of_the_window() -> None:
    layout = site()
    draws = [(NOW_S + n / 2, (8.0, 8.0)) for n in range(-40, 60)]
    car = view(layout, *draws)
    mains = [(20.0, 20.0), (24.0, 20.0), *[(20.0, 20.0)] * 9]
    readings = [reading(NOW_S + n, *current_a) for n, current_a in enumerate(mains)]
    memory = house_of(car, mains=readings[0], later=tuple(readings[1:]))
    house = known(layout, memory, readings[-1], car)
    assert (house.low_a, house.high_a) == ((12.0, 12.0), (16.0, 12.0))
    # Ten seconds after the peak it counts no more.
    for n in range(11, 13):
        memory = update(memory, reading(NOW_S + n, 20.0, 20.0), (car,), LAG_S)
    assert known(layout, memory, readings[-1], car).high_a == (12.0, 12.0)
    assert known(layout, memory, readings[-1], car).wait_s == 0.0


def test_the_newest_surplus_counts_cars_at_what_they_were_read_to_draw() -> None:
    layout = site()
    car, memory, newest = steady(layout, 5.0, 7.0)
    house = known(layout, memory, newest, car)
    assert (house.newest_w, house.newest_low_w, house.newest_high_w) == (4 * V, 4 * V, 4 * V)
    up = Offer(current_a=16, changed_s=NOW_S, rising=True, low_a=6.0, high_a=16.0, until_s=inf)
    flies = replace(car, offer=up, flying=True)
    house = known(layout, memory, newest, flies)
    assert (house.newest_w, house.newest_low_w, house.newest_high_w) == (4 * V, 0.0, 20 * V)


def room(
    layout: Layout,
    *grid_a: float,
    index: int = 2,
    budget: Budget | None = None,
    lowered: frozenset[int] = frozenset(),
    ring: tuple[Reading, ...] = (),
    cars: tuple[View, ...] | None = None,
) -> Span:
    car, memory, newest = steady(layout, *grid_a)
    views = (car,) if cars is None else cars
    house = known(layout, memory, newest, car)
    told = spans(layout, views, house, memory, (*ring, newest), budget=budget, lowered=lowered)
    return told[index]


def test_a_limit_on_power_counts_what_all_phases_take_together() -> None:
    # SITE-1: the house takes 12 A and exports 3 A beside the car's 8 A on each phase.
    layout = site(Cap(key="contract", kind=CapKind.CONTRACT, limit_w=5000.0))
    least_a, most_a, over_a = room(layout, 20.0, 5.0)
    assert least_a == pytest.approx((5000 - 9 * V - 50) / V)
    assert most_a == pytest.approx((5000 - 9 * V) / V)
    assert over_a == pytest.approx((25 * V - 5000) / V)


def test_while_nothing_is_known_a_limit_on_power_leaves_no_raise() -> None:
    # Promise 2
    layout = site(Cap(key="contract", kind=CapKind.CONTRACT, limit_w=5000.0))
    assert spans(layout, (), None, HouseMemory(), ()) == {2: (-inf, inf, 0.0)}


def test_behind_a_breaker_a_limit_on_power_follows_the_voltage() -> None:
    cap = Cap(key="branch", kind=CapKind.CIRCUIT, limit_w=6000.0, chargers=frozenset({"a", "b"}))
    layout = site(cap)
    high = reading(NOW_S - 2, 1.0, 1.0, voltage_v=(240.0, 225.0))
    assert room(layout, 20.0, 20.0, ring=(high,)) == pytest.approx(
        ((6000 - 50) / 240, 6000 / V, 0.0)
    )
    old = reading(NOW_S - 10.1, 1.0, 1.0, voltage_v=(250.0, 225.0))
    assert room(layout, 20.0, 20.0, ring=(old,))[0] == pytest.approx((6000 - 50) / V)
    # The minimum of one charge is not broken by some volts.
    small = site(replace(cap, limit_w=12 * V))
    assert room(small, 20.0, 20.0, ring=(high,)) == (12.0, 12.0, 0.0)
    tiny = site(replace(cap, limit_w=11 * V))
    assert room(tiny, 20.0, 20.0, ring=(high,)) == (11.0, 11.0, 0.0)


def test_a_budget_that_bears_cuts_nobody_and_lets_raise_up_to_its_limit() -> None:
    layout = site(Cap(key="tariff", kind=CapKind.CAPACITY, limit_w=9000.0))
    fresh = Budget(since_s=NOW_S, end_s=NOW_S + 900, counted_s=NOW_S, power_w=0.0, used_ws=0.0)
    # 24 A of the house and 16 A of the car are 9.2 kW, of which the car could spare 4 A.
    least_a, most_a, over_a = room(layout, 20.0, 20.0, budget=fresh)
    assert (most_a, over_a) == (inf, 0.0)
    assert least_a == pytest.approx((9000 - 24 * V - 50) / V)
    late = replace(fresh, since_s=NOW_S - 600, end_s=NOW_S + 300, used_ws=7 * 900_000.0)
    bearable_w = (9000 * 900 - 7 * 900_000.0) / 300
    least_a, most_a, _ = room(layout, 20.0, 20.0, budget=late)
    assert least_a == pytest.approx((bearable_w - 24 * V - 50) / V)
    assert most_a == pytest.approx((bearable_w - 24 * V) / V)
    # A burst that was not there all the time does not cut.
    calm = reading(NOW_S - 15, 1.0, 1.0)
    assert room(layout, 20.0, 20.0, budget=late, ring=(calm,))[1] == inf
    assert room(layout, 20.0, 20.0, budget=late, ring=(replace(calm, time_s=NOW_S - 15.1),))[
        1
    ] == pytest.approx(most_a)
    assert room(layout, 20.0, 20.0, budget=None) == (-inf, inf, 0.0)


def test_a_collar_carries_grid_and_generator_together() -> None:
    # DER-14
    collar = Cap(key="collar", kind=CapKind.COLLAR, limit_a={L2: 50.0})
    layout = site(collar, generator=GeneratorSide.LOAD)
    car, memory, newest = steady(layout, 5.0, 20.0)
    house = known(layout, memory, newest, car)
    ring = (
        reading(NOW_S - 10.1, 5.0, 20.0, delivered_a=(0.0, 30.0)),
        reading(NOW_S - 10, 5.0, 20.0, delivered_a=(0.0, 14.0)),
        reading(NOW_S - 1, 5.0, 20.0, delivered_a=(0.0, 9.0)),
        reading(NOW_S, 5.0, 20.0, delivered_a=(0.0, 10.0)),
    )
    told = spans(layout, (car,), house, memory, ring)[2]
    assert told == pytest.approx((50 - 12 - 14 - 0.2, 50 - 12 - 9, 20 + 10 - 50))


def test_the_balance_counts_what_others_draw_on_the_other_phase() -> None:
    # SITE-1: rows are the ordered pairs (L1, L2) and (L2, L1).
    layout = site(unbalance_a=10.0)
    both = view(layout, (NOW_S - 3, (8.0, 8.0)), (NOW_S, (8.0, 8.0)))
    one = view(
        layout,
        (NOW_S - 10.1, (1.0,)),
        (NOW_S - 10, (6.0,)),
        (NOW_S - 5, (12.0,)),
        (NOW_S, (9.0,)),
        index=1,
    )
    assert room(layout, 20.0, 20.0, index=2, cars=(both, one)) == pytest.approx((15.8, 19.0, 0.0))
    assert room(layout, 20.0, 20.0, index=3, cars=(both, one)) == pytest.approx((9.8, 10.0, 0.0))
    flies = replace(one, flying=True, offer=Offer(current_a=16, low_a=3.0, high_a=16.0))
    assert room(layout, 20.0, 20.0, index=2, cars=(both, flies))[0] == pytest.approx(12.8)
    silent = replace(one, silent=True)
    assert room(layout, 20.0, 20.0, index=2, cars=(both, silent)) == pytest.approx((9.8, 10.0, 0.0))


def test_a_limit_that_was_lowered_now_is_held_against_what_probably_flows() -> None:
    layout = site(Cap(key="contract", kind=CapKind.CONTRACT, limit_w=6000.0))
    up = Offer(current_a=32, changed_s=NOW_S - 1, rising=True, low_a=8.0, high_a=32.0, until_s=inf)
    car = replace(
        view(layout, (NOW_S - 2, (8.0, 8.0)), (NOW_S - 0.5, (8.0, 8.0))), offer=up, flying=True
    )
    lowered = frozenset({0, 2})
    least_a, most_a, over_a = room(layout, 20.0, 20.0, index=0, cars=(car,), lowered=lowered)
    assert most_a == pytest.approx(40 - 20 + 8)
    assert over_a == -20.0
    assert least_a == pytest.approx(40 - 12 - 0.2)
    told = room(layout, 20.0, 20.0, cars=(car,), lowered=lowered)
    assert told[1] == pytest.approx((6000 - 24 * V) / V)
    # A reading that the chargers' samples do not reach yet says nothing of the house.
    early = replace(car, draws=(Draw(time_s=NOW_S - 3, drawn_a=(8.0, 8.0)),))
    before = reading(NOW_S - 2, 24.0, 15.0)
    told = room(layout, 20.0, 20.0, index=0, cars=(early,), lowered=lowered, ring=(before,))
    assert told[1] == pytest.approx(40 - 24 + 8)
