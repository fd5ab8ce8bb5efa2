"""What Lektrico devices answer, turned into readings (protocol A.4 to A.6).

The functions are pure; they raise only DeviceProtocolError.
"""

from collections.abc import Mapping
from typing import Final

from ..base import signed_current
from ..model import (
    ChargerReading,
    ChargerStatus,
    DeviceProtocolError,
    LimitReason,
    LoadBalancingMode,
    MeterChannel,
    MeterFlaw,
    MeterReading,
)
from ..parse import Fields

_GREATEST_CURRENT_A: Final = 1000
_GREATEST_VOLTAGE_V: Final = 1000
_GREATEST_POWER_W: Final = 1_000_000
_GREATEST_ENERGY: Final = 1e12
_GREATEST_TIME_S: Final = 10**9
_GREATEST_CODE: Final = 10**6

STATUSES: Final[Mapping[str, ChargerStatus]] = {
    "A": ChargerStatus.AVAILABLE,
    "B": ChargerStatus.CONNECTED,
    "B_AUTH": ChargerStatus.NEED_AUTH,
    "B_PAUSE": ChargerStatus.PAUSED,
    "B_SCHEDULER": ChargerStatus.PAUSED_BY_SCHEDULER,
    "C": ChargerStatus.CHARGING,
    "D": ChargerStatus.CHARGING,
    "E": ChargerStatus.ERROR,
    "F": ChargerStatus.ERROR,
    "OTA": ChargerStatus.UPDATING_FIRMWARE,
    "LOCKED": ChargerStatus.LOCKED,
}

_LIMIT_REASONS: Final = (
    LimitReason.NO_LIMIT,
    LimitReason.INSTALLATION_CURRENT,
    LimitReason.USER_LIMIT,
    LimitReason.DYNAMIC_LIMIT,
    LimitReason.SCHEDULE,
    LimitReason.EM_OFFLINE,
    LimitReason.EM,
    LimitReason.OCPP,
    LimitReason.OVERTEMPERATURE,
    LimitReason.SWITCHING_PHASES,
    LimitReason.USER_LIMIT,
    LimitReason.ONE_PHASE_DISABLED,
)

_METER_REASONS: Final = frozenset({LimitReason.EM, LimitReason.EM_OFFLINE})

ERROR_NAMES: Final = (
    "state_e_activated",
    "overtemp",
    "critical_temp",
    "overcurrent",
    "meter_fault",
    "undervoltage_error",
    "overvoltage_error",
    "rcd_error",
    "cp_diode_failure",
    "contactor_failure",
)
_OLD_ERROR_NAMES: Final = {"state_machine_e_activated": "state_e_activated"}

MODES: Final = (
    LoadBalancingMode.DISABLED,
    LoadBalancingMode.POWER,
    LoadBalancingMode.HYBRID,
    LoadBalancingMode.GREEN,
    LoadBalancingMode.POWER_SHARE,
)

SINGLE_PHASE: Final = 1
THREE_PHASE: Final = 3


def charger_reading(time_s: float, lines: int, reply: Fields) -> ChargerReading:
    """Read a charger's merged replies; ``errors`` and ``restarts`` are left to the caller.

    Firmware without arrays tells one current and one voltage; on a three-phase charger these are
    taken for every line, which never makes the load look smaller than it is.
    """
    raw_status = reply.maybe_str("extended_charger_state") or reply.need_str("charger_state")
    reason = reply.maybe_int("current_limit_reason", -_GREATEST_CODE, _GREATEST_CODE)
    offered_a = reply.maybe_int("dynamic_current", 0, _GREATEST_CURRENT_A)
    status = _status(raw_status, offered_a, _pick(_LIMIT_REASONS, reason))
    lifetime_kwh = reply.maybe_float("total_charged_energy", 0, _GREATEST_ENERGY)
    charging_time_s = reply.maybe_float("charging_time", 0, _GREATEST_TIME_S)
    return ChargerReading(
        time_s=time_s,
        status=status,
        raw_status=raw_status,
        current_a=_per_line(reply, "current", lines, _GREATEST_CURRENT_A),
        voltage_v=_per_line(reply, "voltage", lines, _GREATEST_VOLTAGE_V),
        power_w=reply.need_float("instant_power", -_GREATEST_POWER_W, _GREATEST_POWER_W),
        session_energy_wh=reply.maybe_float("session_energy", 0, _GREATEST_ENERGY),
        lifetime_energy_wh=None if lifetime_kwh is None else lifetime_kwh * 1000,
        charging_time_s=None if charging_time_s is None else int(charging_time_s),
        temperature_c=reply.maybe_float("temperature", -100, 300),
        limit_reason=_pick(_LIMIT_REASONS, reason),
        raw_limit_reason=reason,
        offered_current_a=offered_a,
        user_current_a=reply.maybe_int("user_current", 0, _GREATEST_CURRENT_A),
        install_current_a=reply.maybe_int("install_current", 0, _GREATEST_CURRENT_A),
        has_errors=reply.maybe_bool("has_active_errors") or status is ChargerStatus.ERROR,
        locked=reply.maybe_bool("charger_locked"),
        plug_and_charge=reply.maybe_bool("headless"),
        led_brightness_percent=reply.maybe_int("led_max_brightness", 0, 100),
        force_single_phase=_forced(reply) if lines > 1 else None,
        auto_update=reply.maybe_bool("auto_update"),
        firmware=reply.maybe_str("fw_version"),
    )


def _status(raw: str, offered_a: int | None, reason: LimitReason | None) -> ChargerStatus | None:
    """Tell a pause for want of current from one that a person or the car wants (LEK-2, LEK-11)."""
    status = STATUSES.get(raw)
    if status is ChargerStatus.PAUSED and (offered_a == 0 or reason in _METER_REASONS):
        return ChargerStatus.PAUSED_BY_LOAD_BALANCING
    return status


def active_errors(reply: Fields) -> frozenset[str]:
    """Return the names of the flags that are set, under their present names (LEK-3)."""
    names = [*ERROR_NAMES, *_OLD_ERROR_NAMES]
    active = {name for name in names if reply.maybe_bool(name)}
    return frozenset(_OLD_ERROR_NAMES.get(name, name) for name in active)


def meter_reading(time_s: float, lines: int, live: Fields, settings: Fields) -> MeterReading:
    """Read a meter's measurement and settings (protocol A.5)."""
    current_a = live.floats("current", lines, -_GREATEST_CURRENT_A, _GREATEST_CURRENT_A)
    voltage_v = live.floats("voltage", lines, 0, _GREATEST_VOLTAGE_V)
    power_w = live.floats("active_p", lines, -_GREATEST_POWER_W, _GREATEST_POWER_W)
    power_factor: tuple[float | None, ...] = (None,) * lines
    if "power_factor" in live:
        power_factor = live.floats("power_factor", lines, -1.1, 1.1)
    mode = settings.maybe_int("load_balancing_mode", -_GREATEST_CODE, _GREATEST_CODE)
    return MeterReading(
        time_s=time_s,
        channels=tuple(map(_channel, current_a, voltage_v, power_w, power_factor, strict=True)),
        breaker_rating_a=settings.maybe_int("breaker_rating", 0, _GREATEST_CODE),
        load_balancing_mode=_pick(MODES, mode),
    )


def _channel(
    current_a: float | None,
    voltage_v: float | None,
    power_w: float | None,
    power_factor: float | None,
) -> MeterChannel:
    missing = None in (current_a, voltage_v, power_w)
    signed = None
    if current_a is not None and power_w is not None:
        signed = signed_current(current_a, power_w)
    return MeterChannel(
        current_a=signed,
        voltage_v=voltage_v,
        power_w=power_w,
        power_factor=power_factor,
        flaws=frozenset({MeterFlaw.NULL}) if missing else frozenset(),
    )


def _per_line(reply: Fields, name: str, lines: int, greatest: float) -> tuple[float, ...]:
    """Read ``names`` (an array) or, on older firmware, ``name`` (one number)."""
    if f"{name}s" not in reply:
        return (reply.need_float(name, 0, greatest),) * lines
    values = reply.floats(f"{name}s", lines, 0, greatest)
    numbers = tuple(value for value in values if value is not None)
    if len(numbers) < lines:
        raise DeviceProtocolError(f"the charger does not tell its {name} on every line")
    return numbers


def _forced(reply: Fields) -> bool | None:
    mode = reply.maybe_int("relay_mode", -1, _GREATEST_CODE)
    return None if mode is None else mode == SINGLE_PHASE


def _pick[T](choices: tuple[T, ...], index: int | None) -> T | None:
    """Look up a number that newer firmware may have extended."""
    return choices[index] if index is not None and 0 <= index < len(choices) else None
