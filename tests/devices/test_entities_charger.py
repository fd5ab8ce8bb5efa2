"""A charger of entities: what it says, what it is told, and who said what (SITE-8)."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from custom_components.evse_suite.devices import known_identity, open_device, traits
from custom_components.evse_suite.devices.entities import (
    HomeEntities,
    ProfileKind,
    profiles,
    recognise,
)
from custom_components.evse_suite.devices.model import (
    ChargerStatus,
    CurrentControl,
    DeviceCommandError,
    DeviceConnectionError,
    DeviceIdentity,
    DeviceKind,
    LimitReason,
    PhaseSwitch,
    StartStop,
)
from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from tests.profiles.fakes import Physics, set_up

ENTITIES = {
    "status": "sensor.status",
    "power": "sensor.power",
    "current_limit": "number.limit",
    "enable": "switch.allow",
}
A = {"unit_of_measurement": "A", "min": 6, "max": 32, "step": 1}


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.ahead_s = 0.0
        self._hass = hass

    def __call__(self) -> float:
        return self._hass.loop.time() + self.ahead_s


class Box:
    """A charger behind states: takes actions, and shows them when it is asked to."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.hass = hass
        self.clock = Clock(hass)
        self.calls: list[tuple[str, Any]] = []
        self.refuses: Exception | None = None
        for name, handler in (
            ("number.set_value", self._limited),
            ("switch.turn_on", self._switched),
            ("switch.turn_off", self._switched),
        ):
            domain, _, service = name.partition(".")
            hass.services.async_register(domain, service, handler)
        self.show()

    async def _limited(self, call: ServiceCall) -> None:
        self._refuse()
        self.calls.append(("limit", call.data["value"]))

    async def _switched(self, call: ServiceCall) -> None:
        self._refuse()
        self.calls.append(("allow", call.service == "turn_on"))

    def _refuse(self) -> None:
        if self.refuses is not None:
            raise self.refuses

    def show(
        self,
        limit: object = 16,
        *,
        allow: str = "on",
        status: str = "Charging",
        power: object = "2.3",
        unit: str | None = "kW",
        context: Context | None = None,
    ) -> None:
        """Write all states; what does not change is only reported again."""
        states = self.hass.states
        states.async_set("number.limit", str(limit), A, context=context)
        states.async_set("switch.allow", allow, context=context)
        states.async_set("sensor.status", status)
        states.async_set("sensor.power", str(power), {"unit_of_measurement": unit})

    def open(self, lines: int = 1, **settings: Any) -> Any:
        """Return the device's object."""
        stored = {"entities": ENTITIES, "maximum_a": 32, **settings}
        return open_device(
            identity(lines),
            async_get_clientsession(self.hass),
            "",
            clock=self.clock,
            entities=HomeEntities(self.hass),
            settings=stored,
        )


def identity(lines: int = 1) -> DeviceIdentity:
    return known_identity(
        "entities",
        kind=DeviceKind.CHARGER,
        serial="x",
        model="Thing",
        model_id="",
        lines=lines,
    )


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
    control = box.open().capability(CurrentControl)
    for error in (HomeAssistantError("offline"), KeyError("surprise")):
        box.refuses = error
        with pytest.raises(DeviceCommandError):
            await control.set_current(10)
    box.refuses = None
    box.hass.states.async_set("number.limit", "unavailable", A)
    with pytest.raises(DeviceConnectionError):
        await control.set_current(8)


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
    assert (reading.user_current_a, reading.offered_current_a) == (0, 0)
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


async def test_what_the_entities_do_not_allow(box: Box) -> None:
    """SITE-8."""
    device = box.open(entities={"power": "sensor.power", "status": "sensor.status"})
    assert device.capability(CurrentControl) is None
    assert device.capability(StartStop) is None
    assert device.capability(PhaseSwitch) is None
    reading = await device.read()
    assert reading.offered_current_a is None
    assert reading.current_a == pytest.approx((10,))


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
