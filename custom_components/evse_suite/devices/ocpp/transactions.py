"""Transactions: ids that no restart repeats, and what arrives late, twice or unannounced.

Pure: wall-clock seconds are a parameter. A charge point repeats what was not answered and keeps
what it could not send, so every message may come again, or long after its time (protocol D.6).
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from ..model import DeviceProtocolError
from ..parse import Fields

EPOCH_S: Final = 1_750_000_000
"""Ids count the seconds since June 2025: an id is unique even if what was stored is lost."""
GREATEST_ID: Final = 2**31 - 1
KEPT: Final = 20
"""Finished transactions that are remembered."""
_GREATEST_WH: Final = 1e12


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """One charging session as the charge point counts it; ``meter_stop_wh`` is None while it runs.

    ``meter_start_wh`` is None for one that was adopted in the middle.
    """

    transaction_id: int
    tag: str = ""
    meter_start_wh: float | None = None
    started: str = ""
    """The charge point's own time stamp, which tells a repetition from a new one."""
    meter_stop_wh: float | None = None
    reason: str | None = None


class Ledger:
    """The transactions of one charge point."""

    def __init__(self) -> None:
        """Know none."""
        self.current: Transaction | None = None
        self.finished: deque[Transaction] = deque(maxlen=KEPT)
        self._last_id = 0

    def start(self, *, tag: str, meter_start_wh: float, started: str, wall_s: float) -> Transaction:
        """Begin a transaction, or return the one that this is a repetition of.

        Without a time stamp nobody can tell: a session that is taken for one that is over would
        never be told a current.
        """
        for known in (self.current, *self.finished):
            if (
                known is not None
                and started
                and known.started == started
                and (known.tag, known.meter_start_wh) == (tag, meter_start_wh)
            ):
                return known
        self._close(reason="lost")
        self._last_id = min(max(self._last_id + 1, int(wall_s) - EPOCH_S, 1), GREATEST_ID)
        self.current = Transaction(
            transaction_id=self._last_id, tag=tag, meter_start_wh=meter_start_wh, started=started
        )
        return self.current

    def stop(self, transaction_id: int, *, meter_stop_wh: float, reason: str) -> bool:
        """End a transaction and tell whether it was the running one.

        One that ended before, or that is not known, leaves the running one alone. An id that no
        transaction can have comes from a charge point that lost it: then it is the running one.
        """
        current = self.current
        if current is not None and (
            transaction_id == current.transaction_id or transaction_id <= 0
        ):
            self.current = replace(current, meter_stop_wh=meter_stop_wh, reason=reason)
            self._close()
            return True
        for index, known in enumerate(self.finished):
            if known.transaction_id == transaction_id and known.meter_stop_wh is None:
                self.finished[index] = replace(known, meter_stop_wh=meter_stop_wh, reason=reason)
        return False

    def mentioned(self, transaction_id: int) -> bool:
        """Adopt the transaction that meter values speak of; tell whether they are of the present.

        After a restart that lost our memory the running transaction is unknown. Values of one that
        has ended come late and do not bring it back.
        """
        if transaction_id <= 0:
            return True
        if any(known.transaction_id == transaction_id for known in self.finished):
            return False
        if self.current is None:
            self.current = Transaction(transaction_id=transaction_id)
        return self.current.transaction_id == transaction_id

    def vacant(self) -> bool:
        """End a transaction whose connector has become free; tell whether there was one."""
        return self._close(reason="lost")

    def _close(self, *, reason: str | None = None) -> bool:
        if self.current is None:
            return False
        self.finished.append(replace(self.current, reason=self.current.reason or reason))
        self.current = None
        return True

    def to_json(self) -> dict[str, object]:
        """Return what survives a restart."""
        return {
            "last_id": self._last_id,
            "current": None if self.current is None else _to_json(self.current),
            "finished": [_to_json(it) for it in self.finished],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> Ledger:
        """Rebuild a ledger; raises DeviceProtocolError for what cannot be one."""
        ledger = cls()
        fields = Fields(stored, "ledger")
        ledger._last_id = fields.maybe_int("last_id", 0, GREATEST_ID) or 0
        if "current" in fields:
            ledger.current = _from_json(fields.part("current"))
        finished = stored.get("finished", [])
        if not isinstance(finished, list):
            raise DeviceProtocolError("ledger.finished: an array was expected")
        ledger.finished.extend(_from_json(Fields(it, "ledger.finished")) for it in finished)
        return ledger


def _to_json(transaction: Transaction) -> dict[str, object]:
    return {
        "transaction_id": transaction.transaction_id,
        "tag": transaction.tag,
        "meter_start_wh": transaction.meter_start_wh,
        "started": transaction.started,
        "meter_stop_wh": transaction.meter_stop_wh,
        "reason": transaction.reason,
    }


def _from_json(fields: Fields) -> Transaction:
    return Transaction(
        transaction_id=fields.need_int("transaction_id", 1, GREATEST_ID),
        tag=fields.maybe_str("tag") or "",
        meter_start_wh=fields.maybe_float("meter_start_wh", -_GREATEST_WH, _GREATEST_WH),
        started=fields.maybe_str("started") or "",
        meter_stop_wh=fields.maybe_float("meter_stop_wh", -_GREATEST_WH, _GREATEST_WH),
        reason=fields.maybe_str("reason"),
    )
