"""A reading of a charger from what its charge point said last."""

from collections.abc import Mapping
import re
from typing import Final

from ..model import ChargerReading, ChargerStatus, DeviceNotHeardError, LimitReason
from .meter_values import Quantity
from .station import Place, Station
from .tags import OWN_TAG

ERROR_CODES: Final = (
    "ConnectorLockFailure",
    "EVCommunicationError",
    "GroundFailure",
    "HighTemperature",
    "InternalError",
    "LocalListConflict",
    "OtherError",
    "OverCurrentFailure",
    "OverVoltage",
    "PowerMeterFailure",
    "PowerSwitchFailure",
    "ReaderFailure",
    "ResetFailure",
    "UnderVoltage",
    "WeakSignal",
)
NO_ERROR: Final = "NoError"


def _snake(code: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", code).lower()


ERROR_NAMES: Final[Mapping[str, str]] = {code: f"ocpp_{_snake(code)}" for code in ERROR_CODES}

STATUSES: Final[Mapping[str, ChargerStatus]] = {
    "Available": ChargerStatus.AVAILABLE,
    "Preparing": ChargerStatus.CONNECTED,
    "Charging": ChargerStatus.CHARGING,
    "SuspendedEVSE": ChargerStatus.PAUSED_BY_LOAD_BALANCING,
    "SuspendedEV": ChargerStatus.PAUSED,
    "Finishing": ChargerStatus.PAUSED,
    "Reserved": ChargerStatus.LOCKED,
    "Unavailable": ChargerStatus.LOCKED,
    "Faulted": ChargerStatus.ERROR,
}
INSTALLING: Final = "Installing"


def charger_reading(station: Station, told_a: int | None, *, forced: bool | None) -> ChargerReading:
    """Return a reading; ``told_a`` is what the charger accepted last, None if nobody knows.

    Raises DeviceNotHeardError as long as the charge point has not said in what state it is.
    """
    status = station.status
    if status is None or station.connection is None:
        raise DeviceNotHeardError(f"{station.identity} has not told its state yet")
    now_s, place = station.clock(), station.place or Place()
    flow, heard_s = station.flow, station.connection.heard_s
    worst_a = float(place.maximum_a if told_a is None else told_a)
    currents_a = flow.currents_a(place.lines, worst_a, place.line_voltage_v, now_s)
    time_s = heard_s
    if station.charging:
        # Measured values grow old even on a line that is alive.
        time_s = max(flow.time_s or station.said_s, station.said_s)
    if currents_a is None:
        # Before the first measurement it draws what it may.
        currents_a = (worst_a if station.charging else 0.0,) * place.lines
    volts = flow.voltages_v(place.lines, place.line_voltage_v, now_s)
    power_w = flow.total(Quantity.POWER_W, now_s)
    if power_w is None:
        power_w = sum(amps * volt for amps, volt in zip(currents_a, volts, strict=True))
    errors = _errors(station)
    return ChargerReading(
        time_s=time_s,
        status=_status(station, status),
        raw_status=status,
        current_a=currents_a,
        voltage_v=volts,
        power_w=power_w,
        session_energy_wh=_session_energy_wh(station),
        lifetime_energy_wh=flow.energy_wh(),
        temperature_c=flow.most(Quantity.TEMPERATURE_C, now_s),
        limit_reason=LimitReason.OCPP if status == "SuspendedEVSE" else None,
        errors=errors,
        has_errors=bool(errors) or status == "Faulted",
        locked=status == "Unavailable",
        plug_and_charge=station.plug_and_charge,
        force_single_phase=forced,
        firmware=station.about.firmware,
        restarts=station.boots,
        tag=_tag(station),
    )


def _status(station: Station, status: str) -> ChargerStatus | None:
    if station.firmware_status == INSTALLING:
        return ChargerStatus.UPDATING_FIRMWARE
    waits = station.ledger.current is None and not station.plug_and_charge
    if status == "Preparing" and waits:
        return ChargerStatus.NEED_AUTH
    return STATUSES.get(status)


def _tag(station: Station) -> str | None:
    """Return whose session is running, by name where the tag has one; None for the suite's own."""
    transaction = station.ledger.current
    if transaction is None or transaction.tag in ("", OWN_TAG):
        return None
    return station.tags.names.get(transaction.tag.upper()) or transaction.tag


def _errors(station: Station) -> frozenset[str]:
    codes = {said.error_code for connector, said in station.said.items() if connector <= 1}
    return frozenset(ERROR_NAMES[code] for code in codes if code in ERROR_NAMES)


def _session_energy_wh(station: Station) -> float | None:
    """Return what the running session has taken, or the last one while there is none."""
    ledger, energy_wh = station.ledger, station.flow.energy_wh()
    transaction = ledger.current or (ledger.finished[-1] if ledger.finished else None)
    if transaction is None or transaction.meter_start_wh is None:
        return None
    if transaction.meter_stop_wh is not None:
        energy_wh = transaction.meter_stop_wh
    if energy_wh is None:
        return None
    return max(energy_wh - transaction.meter_start_wh, 0.0)
