"""What every device driver has in common: identity, samples, capabilities and errors.

A driver is small: it knows one protocol, turns replies into the frozen samples below and does what
its capabilities say. Import from the grid (or consumption of the measured circuit) is positive,
export negative; currents carry the sign of the active power. Times are seconds on the event
loop's monotonic clock.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from .errors import (
    DeviceAuthError,
    DeviceCommandError,
    DeviceConnectionError,
    DeviceError,
    DeviceMismatchError,
    DeviceNotHeardError,
    DeviceProtocolError,
)
from .nature import Alone, Traits
from .persons import PersonsLimit

__all__ = [
    "Alone",
    "DeviceAuthError",
    "DeviceCommandError",
    "DeviceConnectionError",
    "DeviceError",
    "DeviceMismatchError",
    "DeviceNotHeardError",
    "DeviceProtocolError",
    "PersonsLimit",
    "Traits",
]


class DeviceKind(StrEnum):
    """What a device is to the site."""

    CHARGER = "charger"
    METER = "meter"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceIdentity:
    """Who a device says it is; ``serial`` is stable for ever and unique within its ``driver``."""

    kind: DeviceKind
    driver: str
    """Name of the driver in ``devices.DRIVERS``, e.g. ``lektrico`` or ``shelly``."""
    serial: str
    manufacturer: str
    model: str
    """What a person would call it, e.g. ``1P7K`` or ``Pro 3EM``."""
    model_id: str
    lines: int
    """Lines of a charger, or measuring channels of a meter."""
    default_name: str
    firmware: str | None = None
    hardware: str | None = None
    mac: str | None = None


class ChargerStatus(StrEnum):
    """State of a charger in the terms of the Lektrico manual, section 3.6 (LEK-2)."""

    AVAILABLE = "available"
    CONNECTED = "connected"
    NEED_AUTH = "need_auth"
    PAUSED = "paused"
    """Stopped by a person or by the car."""
    PAUSED_BY_LOAD_BALANCING = "paused_by_load_balancing"
    PAUSED_BY_SCHEDULER = "paused_by_scheduler"
    CHARGING = "charging"
    ERROR = "error"
    LOCKED = "locked"
    UPDATING_FIRMWARE = "updating_firmware"


class LimitReason(StrEnum):
    """What limits the current, as the charger tells it (LEK-18, protocol A.4)."""

    NO_LIMIT = "no_limit"
    INSTALLATION_CURRENT = "installation_current"
    USER_LIMIT = "user_limit"
    DYNAMIC_LIMIT = "dynamic_limit"
    SCHEDULE = "schedule"
    EM_OFFLINE = "em_offline"
    EM = "em"
    OCPP = "ocpp"
    OVERTEMPERATURE = "overtemperature"
    SWITCHING_PHASES = "switching_phases"
    ONE_PHASE_DISABLED = "one_phase_disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargerReading:
    """One reading of a charger; per-line tuples have ``DeviceIdentity.lines`` elements.

    ``None`` means that this firmware does not tell. ``time_s`` is the middle of the request that
    brought the live data.
    """

    time_s: float
    status: ChargerStatus | None
    """None for a state that the driver does not know; ``raw_status`` has it."""
    raw_status: str
    current_a: tuple[float, ...]
    voltage_v: tuple[float, ...]
    power_w: float
    session_energy_wh: float | None = None
    lifetime_energy_wh: float | None = None
    charging_time_s: int | None = None
    temperature_c: float | None = None
    limit_reason: LimitReason | None = None
    raw_limit_reason: int | None = None
    offered_current_a: int | None = None
    """The dynamic limit that is in force, as the device reports it back."""
    user_current_a: int | None = None
    install_current_a: int | None = None
    errors: frozenset[str] = frozenset()
    """Names of the active errors (LEK-3), a subset of ``Device.error_names``."""
    has_errors: bool = False
    locked: bool | None = None
    plug_and_charge: bool | None = None
    led_brightness_percent: int | None = None
    force_single_phase: bool | None = None
    auto_update: bool | None = None
    firmware: str | None = None
    restarts: int = 0
    """Restarts of the device that the driver noticed since it was created."""
    tag: str | None = None
    """The card or name that the running session was authorised with, where the device tells."""


class MeterFlaw(StrEnum):
    """Why a channel's value cannot be used, or should be doubted."""

    INVALID = "invalid"
    NULL = "null"
    OUT_OF_RANGE = "out_of_range"
    METER_FAILURE = "meter_failure"
    CT_NOT_SET = "ct_not_set"
    PHASE_SEQUENCE = "phase_sequence"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterChannel:
    """One clamp of a meter; a value is None where the device does not tell or the value is bad.

    ``current_a`` is signed like ``power_w``. Energies are the device's own counters.
    """

    current_a: float | None
    voltage_v: float | None
    power_w: float | None
    power_factor: float | None = None
    reactive_power_var: float | None = None
    apparent_power_va: float | None = None
    frequency_hz: float | None = None
    energy_import_wh: float | None = None
    energy_export_wh: float | None = None
    flaws: frozenset[MeterFlaw] = frozenset()

    @property
    def usable(self) -> bool:
        """Whether control may rely on current and power."""
        return self.current_a is not None and self.power_w is not None


class LoadBalancingMode(StrEnum):
    """Modes of a Lektrico EM of its own (LEK-19)."""

    DISABLED = "disabled"
    POWER = "power"
    HYBRID = "hybrid"
    GREEN = "green"
    POWER_SHARE = "power_share"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterRegister:
    """One register of a meter's own list, by its OBIS code without medium and channel."""

    code: str
    text: str
    """As it was sent, without the unit."""
    value: float | None = None
    """In ``unit``; None for what is no number."""
    unit: str | None = None
    """Wh, W, varh, var, VA, V, A, Hz or m³; another one as it was sent; None without."""
    digits: int = 0
    """Places before the decimal point: where the register rolls over."""
    decimals: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterReading:
    """One reading of a meter; ``channels`` has ``DeviceIdentity.lines`` elements."""

    time_s: float
    channels: tuple[MeterChannel, ...]
    clamp_range_a: float | None = None
    """What the clamp can measure (LEK-15), if the device or the model tells."""
    breaker_rating_a: int | None = None
    load_balancing_mode: LoadBalancingMode | None = None
    relay_on: bool | None = None
    firmware: str | None = None
    latest_firmware: str | None = None
    restarts: int = 0
    registers: tuple[MeterRegister, ...] = ()
    """What a meter that is read out sends beside its channels (MTR-1, MTR-2)."""


type Reading = ChargerReading | MeterReading


class Device[R: Reading](Protocol):
    """A driver's object for one device at one address.

    At most one request is under way per device. Every method raises only ``DeviceError``s. A
    driver never retries and never sleeps: rhythm and back-off belong to the caller.
    """

    @property
    def identity(self) -> DeviceIdentity:
        """Who the device is; known since it was probed."""
        ...

    @property
    def error_names(self) -> tuple[str, ...]:
        """Every error that a reading can name (LEK-3); empty for a meter."""
        ...

    async def read(self) -> R:
        """Read everything that changes, slow settings at a slower rhythm of the driver's own."""
        ...

    async def close(self) -> None:
        """Let go of connections; the device object is not used afterwards."""
        ...

    def capability[C](self, wanted: type[C]) -> C | None:
        """Return what the device can do beyond reading, or None (``capability(StartStop)``)."""
        ...


@runtime_checkable
class CurrentControl(Protocol):
    """A charger that can be told a current."""

    async def set_current(self, current_a: int, *, urgent: bool = False) -> None:
        """Offer 0 A or 6 A and more; ``urgent`` goes before waiting reads.

        Raises ValueError for 1 to 5 A, so that such a value can never reach a device.
        """
        ...


@runtime_checkable
class StartStop(Protocol):
    """A charger whose session can be started (authorised) and stopped remotely (LEK-6)."""

    async def start(self) -> None:
        """Authorise and start charging."""
        ...

    async def stop(self) -> None:
        """Stop charging."""
        ...


@runtime_checkable
class ScheduleOverride(Protocol):
    """A charger with a schedule of its own that can be overridden."""

    async def override_schedule(self) -> None:
        """Charge now although the charger's own schedule says wait."""
        ...


@runtime_checkable
class Restart(Protocol):
    """A device that can be restarted."""

    async def restart(self) -> None:
        """Restart the device; a charger waits for the end of a running session."""
        ...


@runtime_checkable
class PlugAndCharge(Protocol):
    """A charger whose authorisation can be switched off (LEK-12 in part)."""

    async def set_plug_and_charge(self, *, enabled: bool) -> None:
        """Charge without authorisation when enabled."""
        ...


@runtime_checkable
class Lock(Protocol):
    """A charger that can be locked."""

    async def set_locked(self, *, locked: bool) -> None:
        """Forbid new sessions while locked."""
        ...


@runtime_checkable
class LedBrightness(Protocol):
    """A charger whose light can be dimmed."""

    async def set_led_brightness(self, percent: int) -> None:
        """Set the brightness, 10 to 100 %."""
        ...


@runtime_checkable
class UserCurrent(Protocol):
    """A charger with a persistent user limit; written by people, never by control (LEK-4)."""

    async def set_user_current(self, current_a: int) -> None:
        """Set the user limit, 6 A up to the installer's limit."""
        ...


@runtime_checkable
class AutoUpdate(Protocol):
    """A device that looks for firmware by itself (LEK-13)."""

    async def set_auto_update(self, *, enabled: bool) -> None:
        """Switch the device's own update check."""
        ...


@runtime_checkable
class PhaseSwitch(Protocol):
    """A three-phase charger that can be forced to one phase."""

    async def set_force_single_phase(self, *, forced: bool) -> None:
        """Use one phase only while forced; the device forgets it when it restarts."""
        ...


@runtime_checkable
class LoadBalancing(Protocol):
    """A meter that balances by itself (LEK-19)."""

    async def set_load_balancing_mode(self, mode: LoadBalancingMode) -> None:
        """Choose the meter's own mode."""
        ...


@runtime_checkable
class BreakerRating(Protocol):
    """A meter that knows the rating of the main breaker (LEK-15)."""

    async def set_breaker_rating(self, rating_a: int) -> None:
        """Set the rating, 10 to 1000 A."""
        ...


@runtime_checkable
class Relay(Protocol):
    """A device with a contactor relay."""

    async def set_relay(self, *, on: bool) -> None:
        """Switch the relay."""
        ...


@runtime_checkable
class FirmwareUpdate(Protocol):
    """A device that can be told to install its newest firmware."""

    async def install_firmware(self) -> None:
        """Start the update."""
        ...


@runtime_checkable
class OwnPace(Protocol):
    """A device that must not be read as often as others."""

    def pace_s(self) -> float:
        """Return the least time from one reading to the next."""
        ...


@runtime_checkable
class Push[R](Protocol):
    """A device that sends its values by itself."""

    async def listen(self, on_reading: Callable[[R], None]) -> None:
        """Hand every reading over until the connection ends, then raise DeviceConnectionError."""
        ...
