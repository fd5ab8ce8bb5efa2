"""Three cars and room for one, or for two that keep the third out: everybody charges (SITE-3)."""

import pytest

from homeassistant.core import HomeAssistant
from tests.balancing.homes import JudgedHouse, inhabited
from tests.integration.house import CAR, FAST, until

TURN_S, REST_S = 20.0, 6.0
"""A quarter of an hour and half a minute, shortened; the real ones are tested with the balancer."""
BETWEEN_S = 60.0
"""The pause, the rest for each start of late, and the start of the next car."""
CHARGERS = {"garage": ["L1"], "drive": ["L2"], "barn": ["L1", "L2", "L3"]}
LAYOUT = {
    "supply": {"kind": "three", "fuse_a": 11},
    "house": {"base_w": 100, "habits": False},
    "cars": {f"car_{name}": CAR | {"lines": len(on)} for name, on in CHARGERS.items()},
    "chargers": {
        name: {
            "device": "lektrico_1p7k" if len(on) == 1 else "lektrico_3p22k",
            "serial": 500300 + number,
            "phases": on,
            "car": f"car_{name}",
            "options": FAST,
        }
        for number, (name, on) in enumerate(CHARGERS.items())
    },
    "meters": {
        "mains": {
            "device": "lektrico_3em",
            "serial": 810300,
            "channels": [{"phase": phase} for phase in ("L1", "L2", "L3")],
            "options": FAST,
        }
    },
}


@pytest.fixture(autouse=True)
def short_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    control = "custom_components.evse_suite.control"
    monkeypatch.setattr(f"{control}.turns.TURN_S", TURN_S)
    monkeypatch.setattr(f"{control}.timers.TURN_S", TURN_S)
    monkeypatch.setattr(f"{control}.turns.RESUME_S", REST_S)


def charging(home: JudgedHouse) -> set[str]:
    return {name for name in CHARGERS if home.car_of(name).current_a >= 5}


async def has_its_turn(home: JudgedHouse, name: str) -> None:
    within_s = (len(CHARGERS) - 1) * (TURN_S + BETWEEN_S)
    await until(lambda: name in charging(home), f"{name}'s turn", within_s)


@pytest.mark.parametrize("speed", [7.0], ids=[""])
async def test_everybody_has_a_turn(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    """SITE-2, SITE-3: the car on three phases waits for those on one, and they for it."""
    async with inhabited(hass, monkeypatch, LAYOUT) as home:
        await until(lambda: len(charging(home)) in (1, 2), "somebody charges", 90)
        home.judge.restart()
        for _ in range(2):
            for name in CHARGERS:
                await has_its_turn(home, name)
                alone = name == "barn"
                assert ("barn" in charging(home)) is alone, "there is room for it alone"
                if alone:
                    await home.becomes("sensor", "reason", "waiting_for_room", "garage")
        home.judge.fuse_held()
        home.judge.orders_are_lawful()
