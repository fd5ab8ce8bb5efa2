"""A charger as the book sees it, second by second, without a Home Assistant."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from custom_components.evse_suite.sessions.book import Look, Owner, Page, write
from custom_components.evse_suite.sessions.codec import page_from_json, page_to_json
from custom_components.evse_suite.sessions.record import Session, Tariff

BRUSSELS = ZoneInfo("Europe/Brussels")
EVENING = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
OWNER = Owner(charger="lektrico_500006", name="Garage", currency="EUR", zone=BRUSSELS)
FULL_W = 7200.0
STEP_S = 10.0


class Scene:
    """A charger with a session counter, whose car draws what the test says."""

    def __init__(self, at: datetime = EVENING, price_per_kwh: float | None = 0.30) -> None:
        self.now = at
        self.counter_wh = 0.0
        self.page = Page()
        self.ended: list[Session] = []
        self.price_per_kwh = price_per_kwh

    def prices(self, _at: datetime) -> Tariff:
        return Tariff(price_per_kwh=self.price_per_kwh, feed_in_per_kwh=0.05)

    @property
    def session(self) -> Session:
        assert self.page.session is not None
        return self.page.session

    def run(
        self, seconds: float, power_w: float = 0.0, *, step_s: float = STEP_S, **more: Any
    ) -> None:
        """Let time go by with a car that draws steadily, looked at every ten seconds."""
        for _ in range(round(seconds / STEP_S)):
            self.now += timedelta(seconds=STEP_S)
            self.counter_wh += power_w * STEP_S / 3600
            self.look(power_w=power_w, elapsed_s=STEP_S, **more)

    def look(self, *, power_w: float = 0.0, plugged: bool = True, **more: Any) -> None:
        look = Look(
            at=self.now,
            plugged=plugged,
            power_w=power_w,
            most_w=8320.0,
            lines=1 if power_w else 0,
            counter_wh=self.counter_wh,
        )
        self.page, ended = write(self.page, replace(look, **more), OWNER, self.prices)
        self.ended += ended

    def leave(self) -> None:
        """Drive away, which the charger tells soon after."""
        self.run(STEP_S, plugged=False)

    def restart(
        self, seconds: float, *, power_w: float = 0.0, store: bool = True, **more: Any
    ) -> None:
        """Let Home Assistant be down for a while, and look again."""
        self.page = page_from_json(page_to_json(self.page))
        self.now += timedelta(seconds=seconds)
        self.counter_wh += power_w * seconds / 3600
        self.look(power_w=power_w, elapsed_s=None, gap=True, **more)
