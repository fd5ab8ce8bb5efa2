"""A meter of entities: every way in which Home Assistant tells the grid (SITE-8)."""

from collections.abc import Mapping
from typing import Any

import pytest

from custom_components.evse_suite.devices import known_identity, open_device
from custom_components.evse_suite.devices.entities import HomeEntities
from custom_components.evse_suite.devices.entities.budget import WriteBudget
from custom_components.evse_suite.devices.entities.freshness import Rhythm
from custom_components.evse_suite.devices.entities.profile import Budget, Mark, Profile
from custom_components.evse_suite.devices.model import DeviceConnectionError, DeviceKind
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

UNITS = {"power": "W", "current": "A", "voltage": "V", "energy": "kWh"}


def opened(hass: HomeAssistant, values: Mapping[str, object], **settings: Any) -> Any:
    """Return a meter whose entities show these values in the units of their roles."""
    entities = {}
    for role, value in values.items():
        unit = next(unit for word, unit in UNITS.items() if word in role)
        hass.states.async_set(f"sensor.{role}", str(value), {"unit_of_measurement": unit})
        entities[role] = f"sensor.{role}"
    lines = 3 if any(role.endswith("_l3") for role in entities) else 1
    identity = known_identity(
        "entities", kind=DeviceKind.METER, serial="m", model="M", model_id="", lines=lines
    )
    return open_device(
        identity,
        async_get_clientsession(hass),
        "",
        clock=hass.loop.time,
        entities=HomeEntities(hass),
        settings={"entities": entities, **settings},
    )


async def channels(hass: HomeAssistant, values: Mapping[str, object], **settings: Any) -> Any:
    reading = await opened(hass, values, **settings).read()
    return reading.channels


async def test_one_signed_power(hass: HomeAssistant) -> None:
    """SITE-8, IND-4."""
    (one,) = await channels(hass, {"power": -1150})
    assert (one.power_w, one.current_a) == (-1150, pytest.approx(-5))
    (one,) = await channels(hass, {"power": -1150, "voltage": 250}, inverted=True)
    assert (one.power_w, one.current_a, one.voltage_v) == (1150, pytest.approx(4.6), 250)
    (one,) = await channels(hass, {"power": -1000, "current": 6, "energy": 12, "export_energy": 3})
    assert (one.power_w, one.current_a) == (-1000, -6)
    assert (one.energy_import_wh, one.energy_export_wh) == (12_000, 3_000)


async def test_amperes_follow_from_the_voltage_of_the_home(hass: HomeAssistant) -> None:
    """SITE-8, SITE-1: at 100 V a kilowatt is ten amperes and not four."""
    (one,) = await channels(hass, {"power": 1000}, voltage_v=100.0)
    assert (one.current_a, one.voltage_v) == (pytest.approx(10), None)
    (one,) = await channels(hass, {"current": 10}, voltage_v=100.0)
    assert one.power_w == pytest.approx(1000)


async def test_a_pair_for_the_directions(hass: HomeAssistant) -> None:
    """SITE-8."""
    (one,) = await channels(hass, {"import_power": 0, "export_power": 2300})
    assert (one.power_w, one.current_a) == (-2300, pytest.approx(-10))
    (one,) = await channels(hass, {"import_power": 690})
    assert one.power_w == 690


async def test_currents_alone(hass: HomeAssistant) -> None:
    """SITE-8: amperes without watts."""
    found = await channels(hass, {"current_l1": 10, "current_l2": 0, "current_l3": 2.5})
    assert [it.power_w for it in found] == pytest.approx([2300, 0, 575])
    (one,) = await channels(hass, {"current_l1": 10})
    assert one.current_a == 10


async def test_currents_without_sign_and_one_power(hass: HomeAssistant) -> None:
    """SITE-8: the directions are those that add up; in doubt it is import."""
    amps = {"current_l1": 10, "current_l2": 4, "current_l3": 2}
    found = await channels(hass, amps | {"power": 2300 - 920 - 460})
    assert [it.current_a for it in found] == [10, -4, -2]
    found = await channels(hass, amps | {"power": 3680})
    assert [it.current_a for it in found] == [10, 4, 2]
    same = {"current_l1": 5, "current_l2": 5, "current_l3": 0}
    found = await channels(hass, same | {"power": 0})
    assert sum(it.power_w for it in found) == 0


async def test_powers_per_line(hass: HomeAssistant) -> None:
    """SITE-8."""
    pairs: dict[str, object] = {}
    for line, (bought, sold) in enumerate(((460, 0), (0, 1150), (0, 0)), 1):
        pairs |= {f"import_power_l{line}": bought, f"export_power_l{line}": sold}
    found = await channels(hass, pairs | {"voltage_l2": 250})
    assert [it.power_w for it in found] == [460, -1150, 0]
    assert found[1].current_a == pytest.approx(-4.6)


async def test_nothing_is_passed_over(hass: HomeAssistant) -> None:
    """SITE-8: a value that cannot be used is not the same as one that is not there."""
    device = opened(hass, {"power": 500, "current": 2})
    await device.read()
    for text, unit in (("unknown", "W"), ("unavailable", "W"), ("500", None), ("many", "W")):
        hass.states.async_set("sensor.power", text, {"unit_of_measurement": unit})
        with pytest.raises(DeviceConnectionError):
            await device.read()
    hass.states.async_remove("sensor.power")
    with pytest.raises(DeviceConnectionError, match="does not exist"):
        await device.read()


def test_a_rhythm_is_observed() -> None:
    """SITE-8: a source that speaks every second is silent sooner than one that takes a minute."""
    quick, slow = Rhythm(10), Rhythm(10)
    for number in range(12):
        quick.note(number * 1.0)
        quick.note(number * 1.0 + 0.1)
        slow.note(number * 60.0)
    assert (quick.interval_s, quick.silent_after_s) == (1, 15)
    assert (slow.interval_s, slow.silent_after_s) == (60, 180)
    assert Rhythm(10).silent_after_s == 30


def test_a_write_budget_lasts() -> None:
    """SITE-8: many at once are borne now and then, and few for ever."""
    budget = WriteBudget(Budget.FLASH, 0.0)
    writes = 0
    for second in range(24 * 3600):
        if budget.wait_s(second) == 0:
            budget.spend(second)
            writes += 1
    assert writes == pytest.approx(24 * 20 + 8, abs=1)


def test_what_is_wrong_with_a_profile_is_told() -> None:
    """SITE-8."""
    good: dict[str, Any] = {
        "name": "X",
        "kind": "meter",
        "integration": "x",
        "interval_s": 1,
        "needs": ["power"],
        "entities": {"power": "sensor.power"},
        "alone": {"does": "keeps", "note": "It keeps."},
    }
    assert Profile.parse("x", good).settle_s == 7
    for wrong, message in (
        ({"colour": "red"}, "unknown fields"),
        ({"entities": {"power": "sensor"}}, "how an entity is recognised"),
        ({"entities": {"sound": "sensor.x"}}, "sound"),
        ({"budget": "free"}, "free"),
        ({"alone": {"does": "keeps"}}, "note"),
        ({"options": {"enable": ["a"]}}, "not enough values"),
    ):
        with pytest.raises(ValueError, match=message):
            Profile.parse("x", {**good, **wrong})
    with pytest.raises(ValueError, match="missing fields"):
        Profile.parse("x", {"name": "X"})
    mark = Mark.parse("sensor.-*_power")
    assert mark.fits("sensor", None, "500_POWER")
    assert not mark.fits("sensor", "max", "500_max_power")
