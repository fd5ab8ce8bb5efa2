"""A charger or a meter that exists only as entities of a made-up integration.

The entities are real ones of Home Assistant: they are registered, written and acted on as those of
any integration. Behind them is a little physics: a car draws what it is offered.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, override

from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    MockPlatform,
    mock_config_flow,
    mock_integration,
    mock_platform,
)

from custom_components.evse_suite.devices.entities import Profile, Role
from custom_components.evse_suite.devices.model import ChargerStatus
from homeassistant.components.binary_sensor import BinarySensorEntity
from homeassistant.components.button import ButtonEntity
from homeassistant.components.lock import LockEntity
from homeassistant.components.number import NumberEntity
from homeassistant.components.select import SelectEntity
from homeassistant.components.sensor import SensorEntity
from homeassistant.components.switch import SwitchEntity
from homeassistant.config_entries import ConfigEntry, ConfigFlow
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

VOLTAGE_V = 240.0
UNITS = {"power": "kW", "current": "mA", "voltage": "V", "energy": "kWh"}
SCALES = {"power": 1e-3, "current": 1e3, "voltage": 1.0, "energy": 1.0}
PLUGGED = ("connected", "paused")


@dataclass
class Physics:
    """What is behind the entities: a charger with a car, or a grid connection."""

    profile: Profile
    lines: int = 1
    serial: str = "X1"
    plugged: bool = False
    allowed: bool = False
    limit_a: float = 16
    rated_a: float = 32
    """What one without a set-point draws."""
    grid_w: float = 0.0
    single_phase: bool = False
    available: bool = True
    entities: list[Any] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    @property
    def sets_current(self) -> bool:
        """Whether there is a set-point."""
        return Role.CURRENT_LIMIT in self.profile.entities.keys() | self.profile.actions.keys()

    @property
    def switches(self) -> bool:
        """Whether there is something that forbids charging."""
        return Role.ENABLE in self.profile.entities or Role.START in self.profile.actions

    @property
    def current_a(self) -> float:
        """What the car draws on each line."""
        if not self.plugged or (self.switches and not self.allowed):
            return 0.0
        drawn_a = self.limit_a if self.sets_current else self.rated_a
        return drawn_a if drawn_a >= 6 else 0.0

    def update(self) -> None:
        """Write all states, as an integration does after it has asked its device."""
        for entity in self.entities:
            entity.async_write_ha_state()

    def status(self) -> ChargerStatus:
        """Return the state that the profile's words are about."""
        if not self.plugged:
            return ChargerStatus.AVAILABLE
        return ChargerStatus.CHARGING if self.current_a else ChargerStatus.CONNECTED

    def value(self, role: Role) -> float:
        """Return what a measuring entity shows, in its unit."""
        name = role.value
        base = name.rpartition("_l")[0] if name[-3:-1] == "_l" else name
        per_line = base != name
        watts = self.grid_w if self.profile.kind == "meter" else self.current_a * VOLTAGE_V
        if self.profile.kind == "charger" and not per_line:
            watts *= self.lines
        if self.profile.kind == "meter" and per_line:
            watts /= 3
        shown = -watts if role is Role.POWER and Role.POWER in self.profile.inverted else watts
        if base == "power" and per_line and Role.POWER in self.profile.inverted:
            shown = -watts
        amperes = watts / VOLTAGE_V if self.profile.kind == "meter" else self.current_a
        values = {
            "power": shown,
            "import_power": max(0.0, watts),
            "export_power": max(0.0, -watts),
            "current": abs(amperes),
            "voltage": VOLTAGE_V,
            "shown_limit": self.limit_a,
            "installed_limit": 32.0,
        }
        return values.get(base, 1234.0)


def word_of(name: str) -> str:
    """Return which quantity a role is in."""
    if "limit" in name:
        return "current"
    return next((it for it in ("power", "current", "voltage", "energy") if it in name), "")


class Fake(Entity):
    """What all entities of the made-up device have in common."""

    _attr_should_poll = False
    _attr_has_entity_name = True

    def __init__(self, physics: Physics, role: Role) -> None:
        """Register as the profile says that the integration does."""
        mark = physics.profile.entities[role][0]
        self.physics = physics
        self.role = role
        self._attr_unique_id = f"{physics.serial}_{mark.key or ''}{mark.suffix or ''}"
        self._attr_translation_key = None if mark.key == "-" else mark.key
        self._attr_name = role.value
        self._attr_device_info = DeviceInfo(
            identifiers={(physics.profile.integration, physics.serial)}, name="Thing"
        )
        physics.entities.append(self)

    @property
    @override
    def available(self) -> bool:
        return self.physics.available

    @property
    def inverted(self) -> bool:
        """Whether on means no."""
        return self.role in self.physics.profile.inverted

    def yes(self) -> bool:
        """Return what the entity stands for."""
        if self.role is Role.CONNECTED:
            return self.physics.plugged
        if self.role is Role.CHARGING:
            return self.physics.current_a > 0
        if self.role is Role.PHASES:
            return self.physics.single_phase
        if self.role is Role.ENABLE and self.physics.profile.enable == "session":
            return self.physics.current_a > 0
        return self.physics.allowed

    def choose(self, *, yes: bool) -> None:
        """Carry out what was told."""
        self.physics.calls.append(f"{self.role}={yes}")
        if self.role is Role.PHASES:
            self.physics.single_phase = yes
        else:
            self.physics.allowed = yes
        self.physics.update()


class FakeSensor(Fake, SensorEntity):
    """A word or a number."""

    def __init__(self, physics: Physics, role: Role) -> None:
        super().__init__(physics, role)
        if word := word_of(role.value):
            self._attr_native_unit_of_measurement = UNITS[word]

    @property
    @override
    def native_value(self) -> Any:
        if self.role is Role.STATUS:
            wanted = self.physics.status()
            return next(
                it for it, status in self.physics.profile.status.items() if status is wanted
            )
        return self.physics.value(self.role) * SCALES[word_of(self.role.value)]


class FakeBinarySensor(Fake, BinarySensorEntity):
    """A contact."""

    @property
    @override
    def is_on(self) -> bool:
        return self.yes()


class FakeNumber(Fake, NumberEntity):
    """A set-point."""

    def __init__(self, physics: Physics, role: Role) -> None:
        super().__init__(physics, role)
        self._attr_native_unit_of_measurement = "A"
        self._attr_native_min_value = 0 if physics.profile.pauses_at_zero else 6
        self._attr_native_max_value = 32
        self._attr_native_step = 1

    @property
    @override
    def native_value(self) -> float:
        return 32.0 if self.role is Role.INSTALLED_LIMIT else self.physics.limit_a

    @override
    async def async_set_native_value(self, value: float) -> None:
        self.physics.calls.append(f"{self.role}={value:g}")
        self.physics.limit_a = value
        self.physics.update()


class FakeSwitch(Fake, SwitchEntity):
    """A switch, on while charging is allowed, or the other way round."""

    @property
    @override
    def is_on(self) -> bool:
        return self.yes() is not self.inverted

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        self.choose(yes=not self.inverted)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        self.choose(yes=self.inverted)


class FakeSelect(Fake, SelectEntity):
    """A choice of two that matter, and one that the profile does not know."""

    def __init__(self, physics: Physics, role: Role) -> None:
        super().__init__(physics, role)
        self._attr_options = [*physics.profile.options[role], "something else"]

    @property
    @override
    def current_option(self) -> str:
        return self._attr_options[not self.yes()]

    @override
    async def async_select_option(self, option: str) -> None:
        self.choose(yes=option == self._attr_options[0])


class FakeButton(Fake, ButtonEntity):
    """Start or stop."""

    @override
    async def async_press(self) -> None:
        self.choose(yes=self.role is Role.START)


class FakeLock(Fake, LockEntity):
    """A lock that forbids charging."""


KINDS: dict[str, type[Fake]] = {
    "binary_sensor": FakeBinarySensor,
    "button": FakeButton,
    "number": FakeNumber,
    "select": FakeSelect,
    "sensor": FakeSensor,
    "switch": FakeSwitch,
}


async def set_up(hass: HomeAssistant, physics: Physics) -> MockConfigEntry:
    """Set the made-up integration up with all entities that its profile knows."""
    profile = physics.profile
    domain = profile.integration
    platforms = sorted({marks[0].domain for marks in profile.entities.values()})

    async def setup_entry(hass: HomeAssistant, entry: ConfigEntry) -> bool:
        await hass.config_entries.async_forward_entry_setups(entry, platforms)
        return True

    mock_integration(hass, MockModule(domain, async_setup_entry=setup_entry))
    mock_platform(hass, f"{domain}.config_flow")
    for platform in platforms:
        mock_platform(
            hass, f"{domain}.{platform}", MockPlatform(async_setup_entry=_adder(physics, platform))
        )
    _serve_actions(hass, physics)
    entry = MockConfigEntry(domain=domain)
    entry.add_to_hass(hass)
    with mock_config_flow(domain, ConfigFlow):
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
    return entry


def _adder(physics: Physics, platform: str) -> Callable[..., Coroutine[Any, Any, None]]:
    async def add(
        _hass: HomeAssistant, _entry: ConfigEntry, add_entities: AddConfigEntryEntitiesCallback
    ) -> None:
        add_entities(
            [
                KINDS[platform](physics, role)
                for role, marks in physics.profile.entities.items()
                if marks[0].domain == platform
                and (physics.lines == 3 or not role.value.endswith(("_l1", "_l2", "_l3")))
            ]
        )

    return add


def _serve_actions(hass: HomeAssistant, physics: Physics) -> None:
    for role, action in physics.profile.actions.items():

        async def carry_out(call: ServiceCall, role: Role = role) -> None:
            field_name = physics.profile.actions[role].field or ""
            physics.calls.append(f"{role}={call.data.get(field_name)}")
            if role is Role.CURRENT_LIMIT:
                physics.limit_a = call.data[field_name]
            else:
                physics.allowed = role is Role.START
            physics.update()

        domain, _, name = action.action.partition(".")
        hass.services.async_register(domain, name, carry_out)
