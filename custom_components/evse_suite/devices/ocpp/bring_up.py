"""What is asked and set when a charge point has dialled in (protocol D.5).

Nothing is written that is so already: settings live in flash. A charger that refuses a step is
used without it; only a line that ends ends the bring-up.
"""

import asyncio
import contextlib
from typing import Final

from ..model import DeviceCommandError, DeviceProtocolError
from .configuration import KEYS, Configuration, Entry, find, read_configuration
from .station import Station

BOOT_WAIT_S: Final = 10.0
MEASURANDS: Final = (
    "Power.Active.Import",
    "Energy.Active.Import.Register",
    "Current.Import",
    "Voltage",
    "Current.Offered",
    "Power.Offered",
    "SoC",
)
SAMPLED: Final = "MeterValuesSampledData"
INTERVALS_S: Final = (5, 10)
"""How often values are to come, the wanted first."""
PING_S: Final = 30
WRITTEN: Final = frozenset({"Accepted", "RebootRequired"})
REFUSALS: Final = (DeviceCommandError, DeviceProtocolError)


async def bring_up(station: Station) -> None:
    """Get to know a charge point and have it report; raises DeviceConnectionError.

    It may be steered as soon as it is ``ready``, before it was asked for its present state.
    """
    if station.told_to_wait:
        await trigger(station, "BootNotification")
    if not station.about.vendor:
        # Its make decides how it wants to be treated.
        await _wait_for_boot(station)
    station.configuration = await get_configuration(station)
    await _measure(station)
    for interval_s in INTERVALS_S:
        if await _have(station, "MeterValueSampleInterval", str(interval_s)):
            break
    await _have(station, "WebSocketPingInterval", str(PING_S))
    station.ready = True
    station.changed()
    await trigger(station, "StatusNotification")
    await trigger(station, "MeterValues")
    if not await _wait_for_boot(station):
        await trigger(station, "BootNotification")


async def get_configuration(station: Station) -> Configuration:
    """Return all keys, or those that matter where the charger cannot list all."""
    with contextlib.suppress(*REFUSALS):
        found = read_configuration(await station.line().call("GetConfiguration", {}))
        if found:
            return found
    configuration: dict[str, Entry] = {}
    for key in KEYS:
        with contextlib.suppress(*REFUSALS):
            answer = await station.line().call("GetConfiguration", {"key": [key]})
            configuration.update(read_configuration(answer))
    return configuration


async def set_key(station: Station, key: str, value: str) -> str:
    """Write a key and return what the charger said; raises as ``Station.call``."""
    status = await station.call("ChangeConfiguration", {"key": key, "value": value})
    if status in WRITTEN:
        station.keep(key, Entry(value=value, read_only=False))
    return status


async def trigger(station: Station, message: str) -> bool:
    """Ask for a message and tell whether it will come."""
    if not station.features.triggers:
        return False
    asked: dict[str, object] = {"requestedMessage": message}
    if message in ("MeterValues", "StatusNotification"):
        asked["connectorId"] = 1
    with contextlib.suppress(*REFUSALS):
        return await station.call("TriggerMessage", asked) == "Accepted"
    return False


async def _wait_for_boot(station: Station) -> bool:
    try:
        async with asyncio.timeout(BOOT_WAIT_S):
            await station.booted.wait()
    except TimeoutError:
        return False
    return True


async def _have(station: Station, key: str, value: str) -> bool:
    """See to it that a key has a value, and tell whether it has."""
    entry = find(station.configuration, key)
    if entry is not None and (entry.value == value or entry.read_only):
        return entry.value == value
    with contextlib.suppress(*REFUSALS):
        return await set_key(station, key, value) in WRITTEN
    return False


async def _measure(station: Station) -> None:
    """Have everything measured that the charger can measure and that is of use."""
    if station.measurands is not None:
        await _have(station, SAMPLED, station.measurands)
        return
    if not station.quirks.chooses_measurands:
        return
    entry = find(station.configuration, SAMPLED)
    present = None if entry is None else entry.value
    if entry is not None and (entry.read_only or (present and present == station.measured)):
        return
    most = find(station.configuration, "MeterValuesSampledDataMaxLength")
    limit = ((most and most.value) or "").strip()
    count = int(limit) if limit.isdecimal() else len(MEASURANDS)
    wanted = MEASURANDS[: max(count, 1)]
    if await _have(station, SAMPLED, ",".join(wanted)):
        station.measured = ",".join(wanted)
    else:
        station.measured = await _probe(station, wanted)


async def _probe(station: Station, wanted: tuple[str, ...]) -> str | None:
    """Try one measurand after the other and return those that were accepted."""
    kept: list[str] = []
    for measurand in wanted:
        if await _have(station, SAMPLED, ",".join([*kept, measurand])):
            kept.append(measurand)
    return ",".join(kept) or None
