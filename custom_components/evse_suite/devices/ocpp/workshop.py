"""What an owner asks of a charge point beyond charging: its keys, locks, files and tags."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Final

from ..model import DeviceCommandError, DeviceConnectionError
from .bring_up import SAMPLED, WRITTEN, get_configuration, set_key
from .configuration import KEYS, Entry, find, read_configuration
from .station import Station
from .texts import text_of

OCPP_MESSAGES: Final = (
    "BootNotification",
    "DiagnosticsStatusNotification",
    "FirmwareStatusNotification",
    "Heartbeat",
    "MeterValues",
    "StatusNotification",
)
"""What may be asked for."""
UNLOCKED: Final = frozenset({"Unlocked"})
LONGEST_NAME: Final = 255


class Workshop:
    """Service to one charge point.

    Every method raises DeviceConnectionError while it is not connected, DeviceCommandError when it
    refuses, ValueError for what the protocol does not allow.
    """

    def __init__(self, station: Station) -> None:
        """Serve ``station``."""
        self._station = station

    async def configuration(self, keys: Collection[str] = ()) -> Mapping[str, Entry]:
        """Read all keys, or these: a key that the charge point does not know is left out."""
        station = self._station
        if not keys:
            station.configuration = await get_configuration(station)
            return station.configuration
        answer = await station.line().call("GetConfiguration", {"key": list(keys)})
        found = read_configuration(answer)
        chosen = {key: entry for key in keys if (entry := find(found, key)) is not None}
        for key, entry in chosen.items():
            station.keep(key, entry)
        return chosen

    async def configure(self, key: str, value: str) -> bool:
        """Write a key and tell whether it needs a restart to take effect."""
        entry = find(self._station.configuration, key)
        if entry is not None and entry.read_only:
            raise ValueError(f"{key} can only be read")
        status = await set_key(self._station, key, value)
        if status not in WRITTEN:
            raise DeviceCommandError(f"ChangeConfiguration {key}: {status or 'no status'}")
        if key.lower() == SAMPLED.lower():
            # Its owner's choice stays: some makes restart when it is changed (protocol D.6).
            self._station.measurands = value
            self._station.remember()
        return status == "RebootRequired"

    async def reset(self, *, hard: bool) -> None:
        """Restart it, at once or when the session is over."""
        line = self._station.line()
        try:
            await self._station.command("Reset", {"type": "Hard" if hard else "Soft"})
        except DeviceConnectionError:
            if self._station.connection is line:
                raise
            # It was quicker to restart than to answer.

    async def unlock(self) -> None:
        """Open the lock of the plug; this ends the session."""
        await self._station.command("UnlockConnector", {"connectorId": 1}, accepted=UNLOCKED)

    async def trigger(self, message: str) -> None:
        """Ask for a message."""
        await self._station.command("TriggerMessage", {"requestedMessage": message})

    async def upload_diagnostics(self, location: str) -> str:
        """Have it upload its diagnostics and return the file's name, empty where there is none."""
        answer = await self._station.line().call("GetDiagnostics", {"location": location})
        return text_of(answer, "fileName", LONGEST_NAME)

    def allow(self, tag: str | None, name: str) -> None:
        """Allow a tag, the one that was tapped last without a ``tag``."""
        tapped = self._station.tags.last_unknown
        if tag is None and tapped is None:
            raise ValueError("no unknown tag was tapped")
        self._station.tags.allow(tag or (tapped.tag if tapped else ""), name)
        self._station.remember()

    def forget(self, tag: str) -> None:
        """Allow a tag no more."""
        self._station.tags.forget(tag)
        self._station.remember()

    def report(self) -> dict[str, object]:
        """Return what is known of the line and the charge point, without tags and serials."""
        station = self._station
        transaction = station.ledger.current
        # Others may hold addresses, names and passwords.
        found = [(key, find(station.configuration, key)) for key in KEYS]
        return {
            "connected": station.connection is not None,
            "ready": station.ready,
            "accepted": station.place is not None,
            "vendor": station.about.vendor,
            "model": station.about.model,
            "firmware": station.about.firmware,
            "boots": station.boots,
            "connectors": {str(key): asdict(said) for key, said in station.said.items()},
            "firmware_status": station.firmware_status,
            "diagnostics_status": station.diagnostics_status,
            "transaction": None if transaction is None else transaction.transaction_id,
            "garbage_values": station.flow.garbage,
            "counters": asdict(station.counters),
            "quirks": asdict(station.quirks),
            "configuration": {key: it.value for key, it in found if it is not None},
        }
