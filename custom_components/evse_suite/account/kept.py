"""What of an account is on disk: made and read back, without a disk."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from ..billing.book import Pending
from ..billing.codec import BadData, decode, encode
from ..billing.events import Reading, Readings, Refused
from ..billing.keeping import dump, load
from ..billing.step import Account, step
from ..billing.validate import Impossible
from ..const import LOGGER
from .setup import Sources
from .store import Found

READINGS = "readings"
COMMAND = "command"
ACCOUNT = "account"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An account as it was kept, and for which set-up."""

    account: Account
    sources: Sources
    edited: str

    @classmethod
    def found(cls, found: Found, name: str) -> Self:
        """Return the account that a journal tells; raises `BadData` for what is none."""
        snapshot = found.snapshot
        if not isinstance(snapshot, dict):
            raise BadData("snapshot", "mapping")
        account = load(snapshot.get(ACCOUNT))
        for line in found.lines:
            account = _after(account, line, name)
        return cls(
            account=account,
            sources=decode(Sources, snapshot.get("sources"), "sources"),
            edited=decode(str, snapshot.get("edited"), "edited"),
        )


def snapshot(account: Account, sources: Sources, edited: str) -> dict[str, Any]:
    """Return what is to be kept of an account whose registers were read from ``sources``."""
    return {ACCOUNT: dump(account), "sources": encode(sources), "edited": edited}


def lines(readings: Sequence[Reading], command: Pending | None = None) -> list[dict[str, Any]]:
    """Return the lines of what happened."""
    written: list[dict[str, Any]] = []
    if readings:
        written.append({READINGS: [encode(each) for each in readings]})
    if command is not None:
        written.append({COMMAND: encode(command)})
    return written


def _after(account: Account, line: dict[str, Any], name: str) -> Account:
    """Return the account after what a line tells happened once more."""
    for data in line.get(READINGS, ()):
        reading = decode(Reading, data, READINGS)
        account, _ = step(account, Readings(readings=(reading,)), reading.at)
    if COMMAND in line:
        pending = decode(Pending, line[COMMAND], COMMAND)
        try:
            account, _ = step(account, pending.command, pending.at)
        except (Refused, Impossible) as err:
            LOGGER.error("%s: %r cannot be carried out again: %s", name, pending.command, err)
    return account
