"""The sessions of a site: chargers looked at every few seconds, records kept for ever (PLAN-6)."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import STORAGE_DIR
from homeassistant.util import dt as dt_util, slugify

from ..const import DOMAIN, LOGGER
from ..control.answer import Decision
from ..control.model import ChargerSpec
from ..devices.model import ChargerReading
from ..links import DeviceLink
from .archive import Archive, Found
from .book import Owner, Page, write
from .charger import Charger, Summary
from .checkpoint import Checkpoint
from .codec import page_to_json, session_to_json
from .export import export_folder, save
from .happenings import Happening, tell
from .observe import Informant, NobodyKnows, Sight, look_at
from .recall import pages, unwritten
from .record import Session
from .table import to_csv
from .totals import Days, Total

LOOK_EVERY_S: Final = 10.0
RETRY_S: Final = 60.0
"""A disk that took no record is tried again after this time."""


class Sessions:
    """Looks, remembers and answers; everything on disk is done in an executor."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Take the site's entry; nothing is read before ``async_start``."""
        self._hass = hass
        self._entry = entry
        self._archive = Archive(
            Path(hass.config.path(STORAGE_DIR, f"{DOMAIN}.{entry.entry_id}.sessions.d"))
        )
        self._checkpoint = Checkpoint(hass, entry.entry_id, self._document)
        self._chargers: dict[str, Charger] = {}
        self._month = _month(dt_util.now().date())
        self._unwritten: list[Session] = []
        self._writing = asyncio.Lock()
        self._due_s = float("-inf")
        self._retry_s = float("-inf")
        self._started = False
        self._complained = False
        self.informant: Informant = NobodyKnows()

    # Life ------------------------------------------------------------------------------------

    async def async_start(self) -> None:
        """Recall what was running, and what this month and the last sessions were."""
        stored = await self._checkpoint.async_read()
        found = await self._async_recent()
        written = {session.key for session in found.sessions}
        self._unwritten = [it for it in unwritten(stored) if it.key not in written]
        for key, page in pages(stored).items():
            ended = page.session is not None and page.session.key in written
            self._charger(key).page = Page() if ended else page
        for session in (*found.sessions, *self._unwritten):
            self._charger(session.charger).count(session, self._month)
        for charger in self._chargers.values():
            charger.sum_up(self._month)
        self._started = True

    async def _async_recent(self) -> Found:
        """Read this year and the last; a site without its records balances all the same."""
        year = self._month.first.year
        try:
            found = await self._hass.async_add_executor_job(self._archive.read, year - 1, year)
        except OSError as err:
            LOGGER.warning("%s cannot read its records of sessions: %s", self._entry.title, err)
            return Found(sessions=())
        if found.skipped:
            LOGGER.warning(
                "%s: %d lines of the records of sessions cannot be read and are left as they are",
                self._entry.title,
                found.skipped,
            )
        return found

    async def async_close(self) -> None:
        """Write what is not written yet; nobody looks from now on."""
        self._started = False
        await self._async_write()

    async def async_forget(self) -> None:
        """Delete the records of a site that is removed; a table of them is left to its owner."""
        found = await self._hass.async_add_executor_job(self._archive.read)
        if found.sessions:
            table = to_csv(found.sessions, dt_util.get_default_time_zone())
            name = f"sessions_{slugify(self._entry.title)}_{dt_util.now():%Y-%m-%d_%H%M%S}.csv"
            await self._hass.async_add_executor_job(save, export_folder(self._hass), name, table)
        await self._hass.async_add_executor_job(self._archive.remove)
        await self._checkpoint.async_remove()

    # Looking ---------------------------------------------------------------------------------

    @callback
    def look(
        self,
        chargers: Mapping[str, DeviceLink[ChargerReading]],
        specs: tuple[ChargerSpec, ...],
        decision: Decision[Any] | None,
    ) -> None:
        """Look at all chargers if it is time to; called after every cycle of the site.

        A charger whose status has changed is looked at at once, as it was before and as it is:
        its session counter begins anew when the car leaves.
        """
        if decision is None or not self._started:
            return
        now_s = self._hass.loop.time()
        is_due = now_s >= self._due_s
        if is_due:
            self._due_s = now_s + LOOK_EVERY_S
            self._turn_month(dt_util.now().date())
        ended: list[Session] = []
        for spec in specs:
            link = chargers[spec.key]
            reading = link.reading
            if reading is None or not link.available:
                continue
            charger = self._charger(charger_id(link))
            if is_due or charger.has_turned(reading):
                sight = Sight(link=link, spec=spec, decision=decision, chargers=chargers)
                ended += self._look_at(charger, sight, reading, now_s)
            charger.reading = reading
        if is_due or ended:
            self._file(ended, now_s)

    def _look_at(
        self, charger: Charger, sight: Sight, reading: ChargerReading, now_s: float
    ) -> list[Session]:
        ended: list[Session] = []
        before = charger.reading
        if before is not None and charger.has_turned(reading) and not charger.was_lost(now_s):
            ended += self._take(charger, sight, before, now_s)
        ended += self._take(charger, sight, reading, now_s)
        return ended

    def _take(
        self, charger: Charger, sight: Sight, reading: ChargerReading, now_s: float
    ) -> tuple[Session, ...]:
        """Write a look into the book, and tell what has happened."""
        seen = look_at(
            sight,
            reading,
            at=dt_util.utcnow().replace(microsecond=0),
            since=charger.since(reading, now_s),
            was_plugged=charger.page.session is not None,
            vehicle=self.informant.vehicle_name(sight.spec.key),
        )
        charger.looked_s, charger.restarts = now_s, reading.restarts
        running = charger.page.session
        owner = self._owner(sight.link)
        charger.page, ended = write(charger.page, seen, owner, self.informant.tariff)
        session = charger.page.session
        if session is not None and (running is None or running.key != session.key):
            tell(self._hass, self._entry, Happening.PLUGGED_IN, session)
        for finished in ended:
            charger.count(finished, self._month)
            tell(self._hass, self._entry, Happening.SESSION_ENDED, finished)
        charger.sum_up(self._month)
        return ended

    def _owner(self, link: DeviceLink[ChargerReading]) -> Owner:
        return Owner(
            charger=charger_id(link),
            name=link.name,
            currency=self._hass.config.currency,
            zone=dt_util.get_default_time_zone(),
        )

    def _charger(self, charger: str) -> Charger:
        found = self._chargers.get(charger)
        if found is None:
            found = Charger(page=Page(), month=Total(), summary=Summary(month=self._month.first))
            self._chargers[charger] = found
        return found

    def _turn_month(self, today: date) -> None:
        if today in self._month:
            return
        self._month = _month(today)
        for charger in self._chargers.values():
            # What has ended belongs to the month before; what runs is counted by its days.
            charger.month = Total()

    # Writing ---------------------------------------------------------------------------------

    @callback
    def _file(self, ended: list[Session], now_s: float) -> None:
        """Have written what has ended, at once, and what is running, later."""
        self._unwritten += ended
        if ended or (self._unwritten and now_s >= self._retry_s):
            self._retry_s = now_s + RETRY_S
            self._entry.async_create_task(self._hass, self._async_write(), "evse_suite sessions")
        elif any(charger.page.session is not None for charger in self._chargers.values()):
            self._checkpoint.keep()

    async def _async_write(self) -> None:
        """Write the records first: the checkpoint has them as long as they are not written."""
        async with self._writing:
            try:
                for session in tuple(self._unwritten):
                    await self._hass.async_add_executor_job(self._archive.add, session)
                    self._unwritten.remove(session)
            except OSError as err:
                self._complain(err)
            else:
                self._complained = False
            await self._checkpoint.async_write()

    def _complain(self, err: OSError) -> None:
        if not self._complained:
            LOGGER.error(
                "%s: the record of a session cannot be written yet: %s", self._entry.title, err
            )
        self._complained = True

    def _document(self) -> dict[str, Any]:
        return {
            "chargers": {key: page_to_json(it.page) for key, it in self._chargers.items()},
            "unwritten": [session_to_json(session) for session in self._unwritten],
        }

    # Answering -------------------------------------------------------------------------------

    def of(self, link: DeviceLink[ChargerReading]) -> Summary:
        """Return what is known of the sessions of a charger."""
        return self._charger(charger_id(link)).summary

    def charged_wh(self, link: DeviceLink[ChargerReading]) -> float | None:
        """Return what a charger has given since its car was plugged in; None without a car."""
        session = self._charger(charger_id(link)).page.session
        return None if session is None else session.energy_wh

    async def async_between(self, first: datetime, last: datetime) -> list[Session]:
        """Return the sessions that touch a period, those that are running too, by their begin.

        Raises OSError if the records cannot be read.
        """
        found = await self._hass.async_add_executor_job(
            # A session may have begun in the year before.
            self._archive.read,
            first.year - 1,
            last.year + 1,
        )
        known = {it.key: it for it in (*found.sessions, *self._unwritten)}
        running = (it.page.session for it in self._chargers.values())
        known |= {it.key: it for it in running if it is not None}
        return sorted(
            (
                it
                for it in known.values()
                if it.start <= last and (it.end is None or it.end >= first)
            ),
            key=lambda it: (it.start, it.key),
        )

    async def async_label(
        self, key: str, *, tag: str | None, vehicle: str | None
    ) -> Session | None:
        """Say whose session it was; an empty word takes one away. None if there is no such session.

        Raises OSError if the record cannot be written.
        """
        for charger in self._chargers.values():
            running = charger.page.session
            if running is not None and running.key == key:
                labelled = _labelled(running, tag, vehicle)
                charger.page = replace(charger.page, session=labelled)
                charger.sum_up(self._month)
                await self._checkpoint.async_write()
                return labelled
        if self._unwritten:
            await self._async_write()
        async with self._writing:
            known = await self._hass.async_add_executor_job(self._archive.find, key)
            if known is None:
                return None
            labelled = _labelled(known, tag, vehicle)
            await self._hass.async_add_executor_job(self._archive.add, labelled)
        charger = self._charger(labelled.charger)
        if charger.last is not None and charger.last.key == key:
            charger.last = labelled
            charger.sum_up(self._month)
        return labelled


def charger_id(link: DeviceLink[ChargerReading]) -> str:
    """Return the identifier of a charger's device."""
    identity = link.device.identity
    return f"{identity.driver}_{identity.serial}"


def _labelled(session: Session, tag: str | None, vehicle: str | None) -> Session:
    return replace(
        session,
        tag=session.tag if tag is None else tag or None,
        vehicle=session.vehicle if vehicle is None else vehicle or None,
    )


def _month(day: date) -> Days:
    first = day.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    return Days(first=first, last=following - timedelta(days=1))
