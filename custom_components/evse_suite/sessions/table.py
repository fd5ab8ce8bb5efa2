"""Sessions as a table that a spreadsheet opens."""

from collections.abc import Iterable
import csv
from datetime import datetime, tzinfo
import io
from typing import Final

from .record import Session

COLUMNS: Final = (
    "session",
    "charger",
    "start",
    "end",
    "reason",
    "energy_kwh",
    "green_share_percent",
    "cost",
    "currency",
    "unpriced_kwh",
    "charging_minutes",
    "maximum_kw",
    "phases",
    "vehicle",
    "tag",
)
FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")


def to_csv(sessions: Iterable[Session], zone: tzinfo) -> str:
    """Return the sessions as comma-separated values with a header, times in the home's zone."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(_row(session, zone) for session in sessions)
    return text.getvalue()


def _row(session: Session, zone: tzinfo) -> tuple[object, ...]:
    share = session.green_share
    return (
        session.key,
        _harmless(session.charger_name),
        _local(session.start, zone),
        "" if session.end is None else _local(session.end, zone),
        session.reason or "",
        f"{session.energy_wh / 1000:.3f}",
        "" if share is None else f"{share * 100:.1f}",
        "" if session.cost is None else f"{session.cost:.4f}",
        session.currency,
        f"{session.unpriced_wh / 1000:.3f}",
        round(session.charged_s / 60),
        f"{session.most_w / 1000:.2f}",
        session.lines,
        _harmless(session.vehicle or ""),
        _harmless(session.tag or ""),
    )


def _local(instant: datetime, zone: tzinfo) -> str:
    return instant.astimezone(zone).isoformat(timespec="seconds")


def _harmless(text: str) -> str:
    """Keep a spreadsheet from taking a name for a formula."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text
