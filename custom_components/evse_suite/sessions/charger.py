"""What is known of the sessions of one charger: its page, its last session, its month."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from ..devices.model import ChargerReading
from .book import Page
from .observe import Since
from .record import Session, SessionState
from .totals import Days, Total

GAP_S: Final = 60.0
"""A charger that was not heard for so long may have seen another car meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What entities show of a charger's sessions."""

    state: SessionState = SessionState.IDLE
    session: Session | None = None
    """The running session, or the last one while there is none."""
    last: Session | None = None
    """The last one that has ended."""
    month: date
    """First day of the present month."""
    month_energy_wh: float = 0.0
    month_cost: Decimal | None = None


@dataclass(slots=True, kw_only=True)
class Charger:
    """One charger's book, and when it was looked at last."""

    page: Page
    looked_s: float | None = None
    restarts: int = 0
    last: Session | None = None
    month: Total
    """Of the sessions that have ended."""
    summary: Summary
    reading: ChargerReading | None = None
    """The last one, whether it was looked at or not."""

    def has_turned(self, reading: ChargerReading) -> bool:
        """Return whether the status is another one than before."""
        return self.reading is not None and self.reading.status is not reading.status

    def was_lost(self, now_s: float) -> bool:
        """Return whether nobody looked for so long that another car may have come."""
        return self.looked_s is None or now_s - self.looked_s > GAP_S

    def since(self, reading: ChargerReading, now_s: float) -> Since:
        """Return the time since the last look."""
        return Since(
            elapsed_s=None if self.looked_s is None else now_s - self.looked_s,
            gap=self.was_lost(now_s),
            restarted=self.looked_s is not None and reading.restarts != self.restarts,
        )

    def count(self, session: Session, month: Days) -> None:
        """Take a session that has ended into account."""
        if self.last is None or session.start >= self.last.start:
            self.last = session
        for part in session.parts:
            if part.day in month:
                self.month.add(part)
        self.sum_up(month)

    def sum_up(self, month: Days) -> None:
        """Make the summary anew."""
        running = self.page.session
        total = replace(self.month)
        for part in () if running is None else running.parts:
            if part.day in month:
                total.add(part)
        self.summary = Summary(
            state=self.page.state,
            session=running or self.last,
            last=self.last,
            month=month.first,
            month_energy_wh=total.energy_wh,
            month_cost=total.cost,
        )
