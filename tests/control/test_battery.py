"""The home battery: what it delivers is nobody's, what it takes goes by a choice (SITE-7)."""

from dataclasses import replace

import pytest

from custom_components.evse_suite.control.answer import Reason
from custom_components.evse_suite.control.battery import shared
from custom_components.evse_suite.control.estimate import Estimate
from custom_components.evse_suite.control.memory import House
from custom_components.evse_suite.control.model import ChargerSpec, SiteMode, SiteState
from tests.control.plant import FAST, L1, VOLTAGE_V, Charger, Plant, constant, one_charger


def home(
    *, sun_a: float, battery_a: float, car_first: bool, told: bool = True, mode: SiteMode
) -> Plant:
    """Return a home whose battery takes ``battery_a``, as one more load of the house."""
    plant = one_charger(
        60,
        constant(l1=battery_a - sun_a),
        charger=Charger(spec=ChargerSpec(key="a", name="A", phases=(L1,)), car=FAST),
        mode=mode,
        noise_a=0.02,
        dt_s=0.25,
    )
    plant.spec = replace(plant.spec, car_before_battery=car_first)
    power_w = battery_a * VOLTAGE_V if told else None
    plant.outside = lambda _, state: replace(state, battery_w=power_w)
    return plant


@pytest.mark.parametrize("mode", [SiteMode.GREEN, SiteMode.HYBRID])
@pytest.mark.parametrize(("car_first", "offered_a"), [(True, 20), (False, 8)])
def test_the_one_who_is_first_gets_the_surplus(
    mode: SiteMode, car_first: bool, offered_a: int
) -> None:
    # SITE-7: 20 A of sun, of which the battery takes 12.
    plant = home(sun_a=20.3, battery_a=12.0, car_first=car_first, mode=mode)
    plant.run(90)
    assert plant.chargers[0].device_a == offered_a
    assert plant.decision is not None
    surplus_w = plant.decision.surplus_w
    assert surplus_w == pytest.approx(230 * (20.3 if car_first else 8.3), abs=40)


@pytest.mark.parametrize("car_first", [True, False])
def test_a_car_does_not_empty_the_battery(car_first: bool) -> None:
    # SITE-7: the meter shows export, but it comes out of the battery.
    plant = home(sun_a=0.0, battery_a=-10.0, car_first=car_first, mode=SiteMode.GREEN)
    plant.run(120)
    assert plant.chargers[0].device_a == 0
    assert plant.decision is not None
    assert plant.decision.chargers[0].reason is Reason.WAITING_FOR_SURPLUS


def test_who_is_first_may_change_and_the_owner_may_have_it_emptied() -> None:
    # SITE-7: by its charge the battery yields what it takes, or gives what it delivers.
    plant = home(sun_a=20.3, battery_a=12.0, car_first=False, mode=SiteMode.HYBRID)
    plant.outside = lambda _, state: replace(state, battery_w=12.0 * VOLTAGE_V, battery_yields=True)
    plant.run(90)
    assert plant.chargers[0].device_a == 20

    plant = home(sun_a=0.0, battery_a=-10.0, car_first=False, mode=SiteMode.GREEN)
    plant.outside = lambda _, state: replace(state, battery_w=-10.0 * VOLTAGE_V, battery_gives=True)
    plant.run(120)
    assert plant.chargers[0].device_a == 10


def test_a_battery_that_is_not_heard_gives_nothing_away() -> None:
    # Promise 2: what it takes counts as the house's.
    plant = home(sun_a=20.3, battery_a=12.0, car_first=True, told=False, mode=SiteMode.HYBRID)
    plant.run(90)
    assert plant.chargers[0].device_a == 8


def test_the_battery_s_part_is_no_room_under_the_fuse() -> None:
    # SITE-4: what the battery takes flows through the fuse, whoever is first.
    plant = home(sun_a=0.0, battery_a=40.0, car_first=True, mode=SiteMode.POWER)
    plant.run(60)
    assert plant.chargers[0].device_a == 19


HOUSE = Estimate(
    low_a=(1.0,),
    high_a=(2.0,),
    window=(
        House(
            time_s=1.0,
            grid_a=(0.0,),
            grid_w=0.0,
            low_a=(1.0,),
            high_a=(2.0,),
            surplus_w=1000.0,
            surplus_low_w=900.0,
            surplus_high_w=1100.0,
        ),
    ),
    newest_w=1010.0,
    newest_low_w=910.0,
    newest_high_w=1110.0,
    voltage_v=VOLTAGE_V,
)


@pytest.mark.parametrize("battery_w", [0.5, 700.0, -0.5, -700.0])
def test_all_that_is_known_of_the_surplus_moves_by_the_battery_s_part(battery_w: float) -> None:
    # SITE-7: with what it takes, and without what it delivers, where the owner does not lend that.
    spec = home(sun_a=0, battery_a=0, car_first=True, mode=SiteMode.GREEN).spec
    state = SiteState(mode=SiteMode.GREEN, mains=None, chargers=(), battery_w=battery_w)
    moved = shared(HOUSE, spec, state)
    assert moved is not None
    for name in ("surplus", "surplus_low", "surplus_high", "newest", "newest_low", "newest_high"):
        assert getattr(moved, f"{name}_w") == getattr(HOUSE, f"{name}_w") + battery_w, name
    assert (moved.low_a, moved.high_a) == (HOUSE.low_a, HOUSE.high_a)
    given = shared(HOUSE, spec, replace(state, battery_gives=True))
    assert (given is HOUSE) is (battery_w < 0)
    second = shared(HOUSE, replace(spec, car_before_battery=False), state)
    assert (second is HOUSE) is (battery_w > 0)
    assert shared(None, spec, state) is None
    assert shared(HOUSE, spec, replace(state, battery_w=None)) is HOUSE
    assert shared(HOUSE, spec, replace(state, battery_w=0.0)) is HOUSE
