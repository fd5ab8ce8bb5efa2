"""A charger of entities: what it says, and who said what (SITE-8)."""

import asyncio
from typing import Any

import pytest

from custom_components.evse_suite.devices.model import (
    ChargerStatus,
    CurrentControl,
    DeviceConnectionError,
    LimitReason,
    PhaseSwitch,
    StartStop,
)
from homeassistant.core import Context, HomeAssistant
from tests.devices.entity_box import Box


@pytest.fixture
async def box(hass: HomeAssistant) -> Box:
    return Box(hass)


@pytest.mark.parametrize(
    ("power", "unit", "watts"),
    [("2.3", "kW", 2300), ("2300", "W", 2300), ("0.0023", "MW", 2300), ("2300000", "mW", 2300)],
)
async def test_units_are_read_and_never_assumed(
    box: Box, power: str, unit: str, watts: float
) -> None:
    """SITE-8: a value in kW that is taken for W leaves a fuse without protection."""
    box.show(power=power, unit=unit)
    reading = await box.open().read()
    assert reading.power_w == pytest.approx(watts)
    assert reading.current_a == pytest.approx((10,))


@pytest.mark.parametrize(
    ("power", "unit"), [("unknown", "kW"), ("unavailable", "kW"), ("lots", "kW"), ("2300", None)]
)
async def test_what_cannot_be_believed_is_no_zero(box: Box, power: str, unit: str | None) -> None:
    """SITE-8: unknown is unknown; without a car an unknown power is none."""
    box.show(power=power, unit=unit)
    device = box.open()
    with pytest.raises(DeviceConnectionError):
        await device.read()
    box.show(power=power, unit=unit, status="Disconnected")
    if power == "unavailable":
        with pytest.raises(DeviceConnectionError):
            await device.read()
    else:
        assert (await device.read()).current_a == (0.0,)


async def test_words_of_the_state(box: Box) -> None:
    """IND-6, IND-7: in any case and spelling; what nobody knows is not guessed."""
    device = box.open()
    for word, status in (
        ("CHARGING", ChargerStatus.CHARGING),
        ("SuspendedEV", ChargerStatus.PAUSED),
        ("not connected", ChargerStatus.AVAILABLE),
        ("delay", ChargerStatus.CONNECTED),
        ("Faulted", ChargerStatus.ERROR),
        ("dancing", None),
    ):
        box.show(status=word)
        reading = await device.read()
        assert reading.status is status
        assert reading.raw_status == word


async def test_an_old_value_is_refused(box: Box) -> None:
    """SITE-8: against the source's own rhythm, which is learnt."""
    device = box.open()
    await device.read()
    box.clock.ahead_s = 89
    assert (await device.read()).time_s < box.clock() - 80
    box.clock.ahead_s = 95
    with pytest.raises(DeviceConnectionError, match="has said nothing for 95 s"):
        await device.read()


async def test_own_echoes_are_no_wish_of_a_person(box: Box) -> None:
    """SITE-8: through a cloud a value that was sent comes back a minute later."""
    device = box.open()
    control = device.capability(CurrentControl)
    for sent in (16, 11):
        await control.set_current(sent)
    for ahead_s in (1, 30, 60, 85):
        box.clock.ahead_s = ahead_s
        box.show(16)
        reading = await device.read()
        assert reading.user_current_a is None
        assert reading.offered_current_a is None, "not refused, not wished: not told yet"
    box.show(11)
    assert (await device.read()).offered_current_a == 11


async def test_one_that_comes_back_with_another_limit_has_restarted(box: Box) -> None:
    """SITE-5: what it shows then is no echo, though it was sent not long ago."""
    device = box.open()
    control = device.capability(CurrentControl)
    for sent in (32, 11):
        await control.set_current(sent)
    box.show(11)
    assert (await device.read()).restarts == 0
    for limit in (11, 32, 6):
        box.show("unavailable", status="unavailable", power="unavailable")
        with pytest.raises(DeviceConnectionError):
            await device.read()
        box.show(limit)
        reading = await device.read()
        assert reading.offered_current_a == limit
        assert reading.restarts == {11: 0, 32: 1, 6: 2}[limit]
        assert reading.user_current_a is None, "nobody has wished that"
    box.calls.clear()
    await control.set_current(11, urgent=True)
    assert box.calls == [("limit", 11.0)]


async def test_the_safe_current_does_not_start_what_a_person_stopped(box: Box) -> None:
    """SITE-8, promise 6: what is recalled after a restart binds as what was done before it."""
    device = box.open()
    device.recall_persons_limit(0)
    box.show(16, allow="off", power=0)
    await device.capability(CurrentControl).set_current(6)
    assert box.calls == []
    device.recall_persons_limit(9)
    await device.capability(CurrentControl).set_current(16)
    assert box.calls == [("limit", 9.0), ("allow", True)]


async def test_what_was_shown_for_long_has_no_echo(box: Box) -> None:
    """SITE-5: a charger that loses its limit without being away is believed at once."""
    device = box.open()
    control = device.capability(CurrentControl)
    for sent in (32, 11):
        await control.set_current(sent)
    for limit, told in ((11, 11), (11, 11), (32, None), (11, 11), (32, 32)):
        # What the integration shows first may be its own guess.
        box.show(limit)
        assert (await device.read()).offered_current_a == told


async def test_a_person_in_home_assistant_is_respected(box: Box) -> None:
    """SITE-8: lower is a limit from then on, the maximum lifts it, and it is shown."""
    device = box.open()
    control = device.capability(CurrentControl)
    await control.set_current(16)
    box.show(16)
    await device.read()
    box.show(9, context=Context(user_id="somebody"))
    reading = await device.read()
    assert (reading.user_current_a, reading.offered_current_a) == (9, 9)
    assert reading.limit_reason is LimitReason.USER_LIMIT
    await control.set_current(8)
    box.show(8)
    assert (await device.read()).user_current_a == 9
    box.show(32, context=Context(user_id="somebody"))
    reading = await device.read()
    assert (reading.user_current_a, reading.offered_current_a) == (None, 32)


async def test_a_person_who_switches_off(box: Box) -> None:
    """SITE-8: it stays off until a person switches it on, or the car goes."""
    device = box.open()
    await device.capability(CurrentControl).set_current(16)
    box.show(16)
    await device.read()
    person = Context(user_id="somebody")
    box.show(16, allow="off", power=0, context=person)
    reading = await device.read()
    assert reading.user_current_a == 0
    box.show(16, allow="on", context=person)
    assert (await device.read()).user_current_a is None
    await device.capability(StartStop).stop()
    assert (await device.read()).user_current_a == 0
    box.show(16, status="available", power=0)
    await device.read()
    box.show(16)
    assert (await device.read()).user_current_a is None


async def test_a_lower_value_from_the_maker_s_app(box: Box) -> None:
    """SITE-8: nobody here has sent it and it stays: then it is a person's. A higher one is not."""
    device = box.open()
    await device.capability(CurrentControl).set_current(16)
    box.show(16)
    await device.read()
    box.show(7)
    assert (await device.read()).offered_current_a is None
    box.clock.ahead_s = 31
    box.show(7)
    reading = await device.read()
    assert (reading.user_current_a, reading.offered_current_a) == (7, 7)
    box.show(20)
    reading = await device.read()
    assert (reading.user_current_a, reading.offered_current_a) == (7, 20)


async def test_what_the_entities_do_not_allow(box: Box) -> None:
    """SITE-8."""
    device = box.open(entities={"power": "sensor.power", "status": "sensor.status"})
    assert device.capability(CurrentControl) is None
    assert device.capability(StartStop) is None
    assert device.capability(PhaseSwitch) is None
    reading = await device.read()
    assert reading.offered_current_a is None
    assert reading.current_a == pytest.approx((10,))


async def test_a_power_alone_may_flow_on_one_line(hass: HomeAssistant, box: Box) -> None:
    """SITE-2: up to what the charger was told; more than that flows on several lines."""
    device = box.open(lines=3)
    await device.capability(CurrentControl).set_current(16)
    for power_w, each_a in ((2300, 10), (3680, 16), (11040, 16), (13800, 20)):
        hass.states.async_set("sensor.power", str(power_w), {"unit_of_measurement": "W"})
        reading = await device.read()
        assert reading.current_a == pytest.approx((each_a,) * 3)
        assert reading.power_w == power_w


async def test_readings_come_with_reports(hass: HomeAssistant, box: Box) -> None:
    """SITE-8: one reading for all entities of a report; renamed entities are followed."""
    device = box.open()
    readings: list[Any] = []
    listening = asyncio.create_task(device.listen(readings.append))
    await asyncio.sleep(0)
    box.show(15)
    await asyncio.sleep(0.1)
    assert [it.raw_status for it in readings] == ["Charging"]
    box.show(15)
    await asyncio.sleep(0.1)
    assert len(readings) == 2, "the same again is a sign of life"
    hass.states.async_remove("sensor.power")
    with pytest.raises(DeviceConnectionError):
        await listening


async def test_who_comes_back_is_heard_at_once(hass: HomeAssistant, box: Box) -> None:
    """SITE-8, SITE-5: however long the entities were unavailable."""
    device = box.open()
    box.show(power="unavailable")
    readings: list[Any] = []
    listening = asyncio.create_task(device.listen(readings.append))
    await asyncio.sleep(0.1)
    box.show(16, power="unavailable")
    await asyncio.sleep(0.1)
    assert not listening.done()
    assert not readings
    box.show(15)
    await asyncio.sleep(0.1)
    assert len(readings) == 1
    box.show(15, power="unavailable")
    with pytest.raises(DeviceConnectionError):
        await listening
