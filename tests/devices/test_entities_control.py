"""A charger of entities: how it is told what is wanted (SITE-8)."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from custom_components.evse_suite.devices import open_device, traits
from custom_components.evse_suite.devices.entities import (
    HomeEntities,
    ProfileKind,
    profiles,
    recognise,
)
from custom_components.evse_suite.devices.entities.setpoint import Setpoint, Told
from custom_components.evse_suite.devices.model import (
    CurrentControl,
    DeviceCommandError,
    DeviceConnectionError,
)
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from tests.devices.entity_box import ENTITIES, A, Box, identity
from tests.profiles.fakes import Physics, set_up


@pytest.fixture
async def box(hass: HomeAssistant) -> Box:
    return Box(hass)


async def test_limit_and_switch_in_the_right_order(box: Box) -> None:
    """SITE-8: never started at an old higher limit; a value that stands is not written again."""
    box.show(32, allow="off")
    device = box.open()
    control = device.capability(CurrentControl)
    await control.set_current(10)
    assert box.calls == [("limit", 10.0), ("allow", True)]
    box.show(10)
    box.calls.clear()
    await control.set_current(10)
    assert box.calls == []
    await control.set_current(0, urgent=True)
    assert box.calls == [("allow", False)]
    for wrong in (1, 5):
        with pytest.raises(ValueError, match="0 or at least 6"):
            await control.set_current(wrong)


async def test_failures_are_told(box: Box) -> None:
    """SITE-8: actions are waited for; an entity that takes nothing is not asked."""
    device = box.open()
    control = device.capability(CurrentControl)
    await control.set_current(8)
    box.show(8)
    for error in (HomeAssistantError("offline"), KeyError("surprise")):
        box.refuses = error
        with pytest.raises(DeviceCommandError):
            await control.set_current(10)
    box.refuses = None
    box.hass.states.async_set("number.limit", "unavailable", A)
    with pytest.raises(DeviceConnectionError):
        await control.set_current(9)


async def test_reductions_never_wait_for_the_write_budget(box: Box) -> None:
    """SITE-8: flash and clouds are spared by raises alone."""
    device = box.open(profile="ocpp", entities={**ENTITIES})
    control = device.capability(CurrentControl)
    for _ in range(20):
        with suppress(DeviceCommandError):
            await control.set_current(16)
        await control.set_current(6, urgent=True)
    assert box.calls.count(("limit", 6.0)) == 20
    assert 2 <= box.calls.count(("limit", 16.0)) <= 5
    with pytest.raises(DeviceCommandError, match="a raise waits"):
        await control.set_current(7)
    with pytest.raises(DeviceCommandError, match="no less than 6 A"):
        await control.set_current(0, urgent=True)
    box.clock.ahead_s = 3600 * 2
    await control.set_current(16)
    assert box.calls[-1] == ("limit", 16.0)


async def test_a_cut_after_a_raise_that_may_have_got_through(box: Box) -> None:
    """Promise 3: the charger still shows the old value, and a raise may be on its way to it."""
    control = box.open().capability(CurrentControl)
    for _ in range(2):
        box.show(6)
        box.refuses = HomeAssistantError("timed out")
        with pytest.raises(DeviceCommandError):
            await control.set_current(16)
        box.refuses = None
        box.calls.clear()
        await control.set_current(6, urgent=True)
        assert box.calls == [("limit", 6.0)]
        await control.set_current(6, urgent=True)
        assert box.calls == [("limit", 6.0)], "now it stands"


async def test_a_cut_goes_before_an_action_that_hangs(box: Box) -> None:
    """Promise 5: what a cloud has not done after a moment is given up."""
    device = box.open()
    control = device.capability(CurrentControl)
    box.show(6)
    box.hangs = asyncio.Event()
    raised = asyncio.create_task(control.set_current(16))
    await asyncio.sleep(0.05)
    box.hangs = None
    async with asyncio.timeout(3):
        await control.set_current(8, urgent=True)
    assert box.calls == [("limit", 8.0)]
    with pytest.raises(DeviceConnectionError, match="gave way"):
        await raised


async def test_a_charger_without_a_set_point(box: Box) -> None:
    """SITE-8: all or nothing, and at most so often."""
    entities = {key: it for key, it in ENTITIES.items() if key != "current_limit"}
    settings: dict[str, Any] = {"entities": entities, "maximum_a": 16}
    device = box.open(**settings)
    known = traits(identity(), settings)
    assert known.switched_only
    assert known.minimum_on_s == known.minimum_off_s == 300
    assert (await device.read()).offered_current_a == 16
    control = device.capability(CurrentControl)
    await control.set_current(10)
    assert box.calls == [("allow", False)], "less than all of it is none of it"
    box.show(allow="off", power=0)
    assert (await device.read()).offered_current_a == 0
    await control.set_current(16)
    assert box.calls[-1] == ("allow", True)


async def test_a_select_of_amperes(hass: HomeAssistant, box: Box) -> None:
    """SITE-8: the highest option that is not more, in whatever words."""
    options = ["Off", "8 A", "10 A", "16.0"]
    hass.states.async_set("select.limit", "10 A", {"options": options})

    async def chosen(call: ServiceCall) -> None:
        box.calls.append(("option", call.data["option"]))
        hass.states.async_set("select.limit", call.data["option"], {"options": options})

    hass.services.async_register("select", "select_option", chosen)
    device = box.open(entities={**ENTITIES, "current_limit": "select.limit"})
    reading = await device.read()
    assert (reading.offered_current_a, reading.install_current_a) == (10, 16)
    control = device.capability(CurrentControl)
    for current_a, option in ((32, "16.0"), (15, "10 A"), (9, "8 A")):
        await control.set_current(current_a)
        assert box.calls[-1] == ("option", option)
    await control.set_current(7)
    assert box.calls[-1] == ("allow", False), "less than its least is a pause"


async def test_a_number_in_other_units_and_steps(hass: HomeAssistant, box: Box) -> None:
    """SITE-8: rounded down, never up, and never beyond its bounds."""
    bounds = {"unit_of_measurement": "mA", "min": 6000, "max": 16000, "step": 2000}
    hass.states.async_set("number.limit", "6000", bounds)
    device = box.open()
    assert (await device.read()).install_current_a == 16
    control = device.capability(CurrentControl)
    for current_a, value in ((11, 10_000), (32, 16_000)):
        await control.set_current(current_a)
        assert box.calls[-1] == ("limit", value)


async def test_renamed_entities_are_followed(hass: HomeAssistant) -> None:
    """SITE-8: what is stored is the entity and not its name."""
    physics = Physics(profiles()["v2c"], plugged=True, allowed=True)
    await set_up(hass, physics)
    (found,) = recognise(hass, ProfileKind.CHARGER)
    settings = {"entities": found.entities, "profile": "v2c", "maximum_a": 32}
    session = async_get_clientsession(hass)
    door = HomeEntities(hass)
    device: Any = open_device(identity(), session, "", entities=door, settings=settings)
    readings: list[Any] = []
    listening = asyncio.create_task(device.listen(readings.append))
    await asyncio.sleep(0)
    registry = er.async_get(hass)
    registry.async_update_entity("number.thing_current_limit", new_entity_id="number.renamed")
    registry.async_update_entity("sensor.thing_power", new_entity_id="sensor.renamed")
    await hass.async_block_till_done()
    await device.set_current(11)
    assert physics.current_a == 11
    await asyncio.sleep(0.15)
    assert readings[-1].current_a == pytest.approx((11,))
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


async def test_a_lock_forbids(hass: HomeAssistant, box: Box) -> None:
    """SITE-8: locked is forbidden, the other way round where the user says so."""
    calls: list[str] = []

    async def turned(call: ServiceCall) -> None:
        calls.append(call.service)
        state = "locked" if call.service == "lock" else "unlocked"
        hass.states.async_set("lock.box", state)

    for service in ("lock", "unlock"):
        hass.services.async_register("lock", service, turned)
    for inverted, words in ((False, ["lock", "unlock"]), (True, ["unlock", "lock"])):
        hass.states.async_set("lock.box", "locked" if inverted else "unlocked")
        entities = {"power": "sensor.power", "enable": "lock.box"}
        device = box.open(entities=entities, maximum_a=16, inverted=inverted)
        assert (await device.read()).offered_current_a == 16
        control = device.capability(CurrentControl)
        await control.set_current(0)
        assert (await device.read()).offered_current_a == 0
        await control.set_current(16)
        assert calls == words
        calls.clear()


def test_what_failed_is_not_a_persons_doing() -> None:
    """SITE-8: a raise that did not get through leaves a lower value, which nobody has set."""
    setpoint = Setpoint(32, 30.0)
    setpoint.sent(8, 0.0)
    setpoint.sent(10, 1.0)
    setpoint.failed(2.0)
    for now_s in (400.0, 440.0):
        assert setpoint.observe(Told(8, limit_a=8), now_s) == 8
    assert setpoint.person_a is None
    first = Setpoint(32, 30.0)
    first.sent(10, 0.0)
    first.failed(1.0)
    assert first.newest_a is None
