"""Every device profile, rendered as real entities and driven (SITE-8)."""

from typing import Any

import pytest

from custom_components.evse_suite.devices import known_identity, open_device
from custom_components.evse_suite.devices.entities import (
    Found,
    HomeEntities,
    Profile,
    ProfileKind,
    Role,
    Setup,
    missing,
    profiles,
    recognise,
    wrong_entities,
)
from custom_components.evse_suite.devices.model import (
    ChargerReading,
    ChargerStatus,
    CurrentControl,
    DeviceConnectionError,
    DeviceKind,
    MeterReading,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .fakes import VOLTAGE_V, Physics, set_up

PROFILES = profiles()
CHARGERS = [key for key, it in PROFILES.items() if it.kind is ProfileKind.CHARGER]
METERS = [key for key, it in PROFILES.items() if it.kind is ProfileKind.METER]
READ_ONLY = {"tesla_wall_connector"}


def lines_of(profile: Profile) -> int:
    per_line = {Role.CURRENT_L3, Role.POWER_L3, Role.IMPORT_POWER_L3}
    return 3 if profile.entities.keys() & per_line else 1


async def render(hass: HomeAssistant, key: str) -> tuple[Physics, Found]:
    """Set a profile's device up, and recognise it."""
    profile = PROFILES[key]
    physics = Physics(profile, lines=lines_of(profile))
    await set_up(hass, physics)
    (found,) = recognise(hass, profile.kind)
    assert found.profile is profile
    return physics, found


def stored(found: Found) -> dict[str, Any]:
    return {"entities": dict(found.entities), "profile": found.profile.key, "maximum_a": 32}


def opened(hass: HomeAssistant, found: Found) -> Any:
    """Return the device's object, as the site opens it."""
    setup = Setup.stored(stored(found))
    kind = DeviceKind(found.profile.kind)
    identity = known_identity(
        "entities",
        kind=kind,
        serial=found.serial,
        model=found.name,
        model_id=found.profile.key,
        lines=setup.lines,
    )
    session = async_get_clientsession(hass)
    settings = stored(found)
    return open_device(
        identity,
        session,
        "",
        clock=hass.loop.time,
        entities=HomeEntities(hass),
        settings=settings,
    )


def test_there_are_enough() -> None:
    assert len(PROFILES) >= 25


@pytest.mark.parametrize("key", sorted(set(CHARGERS) - READ_ONLY))
async def test_a_charger_is_read_and_controlled(hass: HomeAssistant, key: str) -> None:
    """SITE-8, IND-4, IND-6: cable, state, current, power; offered, lowered, paused, resumed."""
    physics, found = await render(hass, key)
    door = HomeEntities(hass)
    setup = Setup.stored(stored(found))
    assert missing(setup, DeviceKind.CHARGER) is None
    assert wrong_entities(setup, door) == {}
    device = opened(hass, found)
    reading: ChargerReading = await device.read()
    assert reading.status is ChargerStatus.AVAILABLE
    assert max(reading.current_a) == 0
    control = device.capability(CurrentControl)
    assert control is not None

    physics.plugged = True
    physics.update()
    first_a = 10 if setup.sets_current else 32
    await control.set_current(first_a)
    reading = await device.read()
    assert physics.current_a == first_a
    assert reading.status is ChargerStatus.CHARGING
    assert reading.current_a == pytest.approx((first_a,) * setup.lines, abs=1.5)
    assert reading.power_w == pytest.approx(first_a * VOLTAGE_V * setup.lines)
    assert reading.offered_current_a == first_a
    assert reading.user_current_a is None

    if setup.sets_current:
        await control.set_current(7, urgent=True)
        assert physics.current_a == 7
        before = list(physics.calls)
        await control.set_current(7)
        assert physics.calls == before, "what stands already is not written again"
    await control.set_current(0, urgent=True)
    assert physics.current_a == 0
    reading = await device.read()
    assert reading.offered_current_a in (0, None)
    assert reading.status is not ChargerStatus.CHARGING
    await control.set_current(first_a)
    assert physics.current_a == first_a

    physics.available = False
    physics.update()
    with pytest.raises(DeviceConnectionError):
        await device.read()


@pytest.mark.parametrize("key", sorted(READ_ONLY))
async def test_what_cannot_be_controlled_is_told_at_set_up(hass: HomeAssistant, key: str) -> None:
    """SITE-8."""
    physics, found = await render(hass, key)
    assert missing(Setup.stored(stored(found)), DeviceKind.CHARGER) == "pause_missing"
    device = opened(hass, found)
    assert device.capability(CurrentControl) is None
    physics.plugged = True
    physics.update()
    reading: ChargerReading = await device.read()
    assert reading.current_a == pytest.approx((32, 32, 32))
    assert reading.power_w == pytest.approx(3 * 32 * VOLTAGE_V)


@pytest.mark.parametrize("key", METERS)
async def test_a_meter_is_read_with_its_sign(hass: HomeAssistant, key: str) -> None:
    """SITE-8: kW and W, import positive and export negative, per phase where it is told."""
    physics, found = await render(hass, key)
    setup = Setup.stored(stored(found))
    assert missing(setup, DeviceKind.METER) is None
    assert wrong_entities(setup, HomeEntities(hass)) == {}
    device = opened(hass, found)
    for grid_w in (6_900.0, -3_450.0):
        physics.grid_w = grid_w
        physics.update()
        reading: MeterReading = await device.read()
        powers_w = [channel.power_w or 0.0 for channel in reading.channels]
        assert len(powers_w) == lines_of(found.profile)
        assert sum(powers_w) == pytest.approx(grid_w)
        for channel in reading.channels:
            assert channel.current_a == pytest.approx(
                grid_w / len(powers_w) / (channel.voltage_v or 230), rel=0.01
            ) or channel.current_a == pytest.approx(grid_w / VOLTAGE_V / len(powers_w), rel=0.05)
    physics.available = False
    physics.update()
    with pytest.raises(DeviceConnectionError):
        await device.read()


async def test_a_signal_is_heard(hass: HomeAssistant) -> None:
    """SITE-8: the supplier's dispatches."""
    physics, found = await render(hass, "octopus_intelligent")
    door = HomeEntities(hass)
    for dispatches in (True, False):
        physics.allowed = dispatches
        physics.update()
        seen = door.look(found.entities[Role.DISPATCHING])
        assert seen is not None
        assert (seen.text == "on") is dispatches
