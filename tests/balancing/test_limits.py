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
