"""Circuits in circuits, and a contact that dims, at full charge (SITE-1, SITE-5)."""

import pytest

from homeassistant.core import HomeAssistant
from tests.balancing.homes import JudgedHouse, inhabited, settles, single_phase, stays
from tests.integration.house import until

RELAY = "binary_sensor.relay"
OBEYED_WITHIN_S = 8.0
"""The charger takes about a second, the car three."""
DIMMED_A = 4200 / 230
LIMITS = {
    "board": {"kind": "circuit", "limit_a": 40.0, "chargers": ["garage", "barn"]},
    "branch": {"kind": "circuit", "limit_a": 16.0, "chargers": ["barn"]},
    "operator": {
        "kind": "external",
        "unit": "W",
        "scope": "chargers",
        "source": RELAY,
        "dimmed": 4200.0,
    },
}

VOLTAGE_V = 230.0
UNBALANCE_A = 10.0

pytestmark = pytest.mark.parametrize("speed", [7.0], ids=[""])


def cars_a(home: JudgedHouse) -> float:
    """Return what really flows through the sub-board."""
    return sum(home.car_of(name).current_a for name in ("garage", "barn"))


async def test_a_branch_in_a_board_and_a_contact_that_dims(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SITE-1, SITE-5: the tightest holds; silence is danger; what is over heals by itself."""
    hass.states.async_set(RELAY, "off")
    layout = single_phase(fuse_a=100, chargers=("garage", "barn"))
    async with inhabited(hass, monkeypatch, layout, limits=LIMITS) as home:

        def is_full() -> bool:
            return cars_a(home) > 37 and home.car_of("barn").current_a > 14

        await settles(is_full, "as much as the board carries")
        assert cars_a(home) <= 40
        assert home.car_of("barn").current_a <= 16
        await home.becomes("sensor", "binding_cap", "circuit", "garage")

        hass.states.async_set(RELAY, "on")
        await until(lambda: cars_a(home) <= DIMMED_A, "dimmed", OBEYED_WITHIN_S)
        await stays(lambda: cars_a(home) <= DIMMED_A, "dimmed", 10)
        hass.states.async_set(RELAY, "unavailable")
        await stays(lambda: 12 <= cars_a(home) <= DIMMED_A, "dimmed in silence", 20)

        hass.states.async_set(RELAY, "off")
        await until(is_full, "full power again", 150)
        hass.states.async_remove(RELAY)
        await until(lambda: cars_a(home) <= DIMMED_A, "dimmed by silence", OBEYED_WITHIN_S)
        home.judge.fuse_held()
        assert all(car.starts <= 2 for car in home.simulation.home.cars.values())


async def test_a_contract_in_watts_and_sun_that_must_not_flow_out(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SITE-1, IND-10: the whole home stays within 5 kW; the car takes what nobody may export."""
    layout = single_phase(1, fuse_a=63)
    limits = {"contract": {"kind": "contract", "limit_w": 5000.0}}
    site = {"export_limit_w": 0.0}
    async with inhabited(hass, monkeypatch, layout, limits=limits, site=site) as home:

        def power_w() -> float:
            conductors = home.simulation.home.wires.conductors
            return sum(wire.mains_va.real for wire in conductors.values())

        await settles(lambda: 4500 < power_w() <= 5000, "5 kW")
        assert home.shows("sensor", "reason", "power_limit", "garage")
        assert home.shows("sensor", "binding_cap", "contract", "garage")
        home.switch("load", power_w=2000)
        await until(lambda: power_w() <= 5000, "the car yields", OBEYED_WITHIN_S)
        await settles(lambda: 4500 < power_w() <= 5000, "5 kW again")
        home.switch("load", on=False)

        await home.choose("green")
        home.shine(5000)
        await settles(lambda: 0 <= power_w() <= VOLTAGE_V, "the car takes all that the sun gives")
        assert home.shows("sensor", "reason", "export_limit", "garage")
        home.shine(9500)
        await until(lambda: home.value("curtail") > 1000, "more than the car takes")
        home.judge.fuse_held()


async def test_phases_that_must_not_differ(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SITE-1, SITE-2, promise 2: two phases exceed the third by 10 A at most, and each other."""
    layout = single_phase(2, chargers=("garage", "barn"))
    layout["supply"] = {"kind": "three", "fuse_a": 40}
    layout["chargers"]["barn"]["phases"] = ["L2"]
    layout["meters"]["mains"] |= {
        "device": "lektrico_3em",
        "channels": [{"phase": phase} for phase in ("L1", "L2", "L3")],
    }
    site = {"unbalance_a": UNBALANCE_A}
    async with inhabited(hass, monkeypatch, layout, site=site) as home:

        def drawn_a() -> list[float]:
            return [home.car_of(name).current_a for name in ("garage", "barn")]

        await settles(lambda: all(8 < a <= UNBALANCE_A for a in drawn_a()), "10 A each")
        assert home.shows("sensor", "reason", "unbalance_limit", "garage")
        assert home.shows("sensor", "binding_cap", "unbalance", "garage")
        home.judge.fuse_held()
