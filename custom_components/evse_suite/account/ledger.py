"""One running account: what happens to it is carried out in order, and kept before it is told.

Commands are on the disk before they count. Readings are written a little later: what a crash takes
of them the registers tell again.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_call_later, async_track_point_in_utc_time
from homeassistant.util import dt as dt_util

from ..billing.book import Pending
from ..billing.buttons import DISPLAY_REVERTS
from ..billing.codec import BadData
from ..billing.effects import Effect, ReadingIgnored
from ..billing.events import (
    Command,
    Configure,
    Reading,
    Readings,
    ReplaceSource,
    SetTariff,
    Tick,
)
from ..billing.keeping import dump, restore
from ..billing.model import Mode
from ..billing.opening import open_account
from ..billing.step import Account, step
from ..billing.validate import Impossible
from ..billing.views import net, next_due
from ..const import DOMAIN, LOGGER
from .kept import Kept, lines, snapshot
from .refusals import readable_refusals, refusal
from .setup import Setup, Sources
from .store import Journal

WRITE_AFTER_S: Final = 300.0
"""Readings wait so long for the disk."""
MOST_UNWRITTEN: Final = 2000
"""Of a disk that takes nothing; the newest reading has the energy of those before."""

type Tell = Callable[[Ledger, Sequence[Effect]], None]


class Ledger:
    """A supply account that goes on with its meter and the clock."""

    def __init__(self, hass: HomeAssistant, setup: Setup, journal: Journal, tell: Tell) -> None:
        """Take what is configured; nothing is read before ``async_start``.

        ``tell`` is called with the effects of everything that happens.
        """
        self._hass = hass
        self.setup = setup
        self._journal = journal
        self._tell = tell
        self.account: Account | None = None
        """None until the registers were read for the first time."""
        self.fault: ReadingIgnored | None = None
        """Why the newest reading was not believed."""
        self.unreadable = False
        """What is on the disk is no account: nothing is done before that is mended."""
        self._sources = setup.sources
        """Where the registers were read that the account goes by."""
        self._writing = asyncio.Lock()
        self._unwritten: list[Reading] = []
        self._waiting: list[Reading] = []
        self._due: tuple[datetime, CALLBACK_TYPE] | None = None
        self._write_timer: CALLBACK_TYPE | None = None
        self._rewrite = False
        """The disk failed: what it took is not relied on, everything is written anew."""
        self._closed = False
        self._listeners: list[Callable[[], None]] = []

    @property
    def key(self) -> str:
        """The id of its subentry."""
        return self.setup.key

    # Life ------------------------------------------------------------------------------------

    async def async_start(self) -> None:
        """Go on from what is on the disk, and take over what the forms changed."""
        try:
            found = await self._hass.async_add_executor_job(self._journal.read)
            if found.damaged:
                LOGGER.warning("%s: %d lines cannot be read", self.setup.name, found.damaged)
            if found.snapshot is None and not found.damaged:
                return
            kept = await self._hass.async_add_executor_job(Kept.found, found, self.setup.name)
        except (OSError, BadData) as err:
            LOGGER.error("%s: the account cannot be read: %s", self.setup.name, err)
            self.unreadable = True
            return
        self.account = kept.account
        self._sources = kept.sources
        if kept.edited != self.setup.edited:
            self._take_forms(kept.account)
        await self._async_write()
        self.tick()

    def _take_forms(self, account: Account) -> None:
        """Let hold from now on what was changed in the forms."""
        now = max(dt_util.utcnow(), account.book.at)
        commands: list[Command] = []
        if self.setup.settings != account.book.config:
            commands.append(Configure(config=self.setup.settings))
        if self.setup.tariff != account.book.tariff:
            commands.append(SetTariff(tariff=self.setup.tariff))
        for command in commands:
            try:
                account, effects = step(account, command, now)
            except Impossible as err:
                LOGGER.error("%s: what the form says cannot be: %s", self.setup.name, err)
                continue
            self._hass.loop.call_soon(self._tell, self, effects)
        self.account = account

    async def async_close(self) -> None:
        """Write what is not written yet; nothing is taken from now on."""
        self._closed = True
        for stop in (self._write_timer, self._due and self._due[1]):
            if stop is not None:
                stop()
        # An account that is being opened is waited for, or two would write its journal.
        await self._async_write()

    # What happens ----------------------------------------------------------------------------

    @callback
    def take(self, reading: Reading) -> None:
        """Take a reading of the registers."""
        if self._closed or self.unreadable:
            return
        reading = self._timely(reading)
        if self.account is None or self._source_is_new:
            self._hass.async_create_task(self._async_begin(reading), "evse_suite account")
        elif self._writing.locked():
            self._waiting.append(reading)
        else:
            self._read(self.account, (reading,))

    @property
    def _source_is_new(self) -> bool:
        return self._sources != self.setup.sources

    def _timely(self, reading: Reading) -> Reading:
        """Return a reading that is not before the one before: a clock was set back."""
        if self.account is None or reading.at >= self.account.book.source.at:
            return reading
        return replace(reading, at=self.account.book.source.at)

    def _read(self, account: Account, readings: tuple[Reading, ...]) -> None:
        self.fault = None
        self.account, effects = step(account, Readings(readings=readings), dt_util.utcnow())
        self._unwritten = [*self._unwritten, *readings][-MOST_UNWRITTEN:]
        self._write_later()
        self._after(self.account, effects)

    def _write_later(self) -> None:
        if self._write_timer is None and self._unwritten:
            self._write_timer = async_call_later(
                self._hass, WRITE_AFTER_S, HassJob(self._async_on_write_time)
            )

    @callback
    def tick(self, _now: datetime | None = None) -> None:
        """Carry out what has fallen due."""
        if self.account is not None and not self._closed and not self._writing.locked():
            self.account, effects = step(self.account, Tick(), dt_util.utcnow())
            self._after(self.account, effects)

    def _after(self, account: Account, effects: Sequence[Effect]) -> None:
        """Wait for what falls due next, and tell what followed."""
        if self._closed:
            return
        due = _next_due(account)
        if self._due is None or self._due[0] != due:
            if self._due is not None:
                self._due[1]()
            self._due = due, async_track_point_in_utc_time(self._hass, self._on_due, due)
        for effect in effects:
            if isinstance(effect, ReadingIgnored):
                self.fault = effect
        if effects:
            self._tell(self, effects)
        self.notify()

    @callback
    def _on_due(self, now: datetime) -> None:
        self._due = None
        self.tick(now)

    async def _async_begin(self, reading: Reading) -> None:
        """Open the account with its first reading, or go on with another meter."""
        effects: Sequence[Effect] = ()
        async with self._writing:
            if self._closed:
                return
            if self.account is not None and not self._source_is_new:
                # Somebody was faster.
                self._waiting.append(reading)
            else:
                account, begun = self._begun(reading)
                sources = self.setup.sources
                if account is not None and await self._async_begin_journal(account, sources):
                    self.account, self._sources, effects = account, sources, begun
        self._go_on(effects)

    def _begun(self, reading: Reading) -> tuple[Account | None, Sequence[Effect]]:
        now = dt_util.utcnow()
        if self.account is not None:
            at = max(now, self.account.book.at)
            return step(self.account, ReplaceSource(reading=reading), at)
        opening = self.setup.start.opening(reading, now)
        try:
            return open_account(self.setup.settings, self.setup.tariff, opening), ()
        except Impossible as err:
            LOGGER.error("%s: the account cannot be opened: %s", self.setup.name, err)
            self.unreadable = True
            return None, ()

    async def async_do(self, command: Command) -> Sequence[Effect]:
        """Carry out a command and return what followed; it is on the disk when this returns.

        Raises ServiceValidationError for what is refused, HomeAssistantError if it cannot be kept;
        then nothing has changed. A caller that gives up while it is written takes nothing back.
        """
        return await self._async_whole(self._async_do(command))

    async def _async_do(self, command: Command) -> Sequence[Effect]:
        effects: Sequence[Effect] = ()
        try:
            async with self._writing:
                account = self.opened
                at = max(dt_util.utcnow(), account.book.at)
                with readable_refusals(self.setup.name):
                    after, followed = step(account, command, at)
                if self._rewrite or self._journal.is_long:
                    await self._async_keep(self._journal.write, self._snapshot(after))
                    self._rewrite = False
                else:
                    written = lines(self._unwritten, Pending(at=at, command=command))
                    await self._async_keep(self._journal.add, written, durable=True)
                self._unwritten = []
                self.account, effects = after, followed
        finally:
            self._go_on(effects)
        return effects

    async def async_set_mode(self, mode: Mode) -> None:
        """Run the account in another mode (MTR-11)."""
        await self.async_do(Configure(config=replace(self.opened.book.config, mode=mode)))

    async def async_restore(self, data: Any, reading: Reading) -> None:
        """Go on with an account that was exported, with a meter that shows ``reading``.

        Raises ServiceValidationError for data that are no account.
        """
        await self._async_whole(self._async_restore(data, reading))

    async def _async_restore(self, data: Any, reading: Reading) -> None:
        sources = self.setup.sources
        try:
            async with self._writing:
                now = dt_util.utcnow()
                with readable_refusals(self.setup.name):
                    account = await self._hass.async_add_executor_job(restore, data, reading, now)
                fresh = snapshot(account, sources, self.setup.edited)
                await self._async_keep(self._journal.write, fresh)
                self.account, self.unreadable, self._sources = account, False, sources
                self._unwritten, self._waiting = [], []
        finally:
            self._go_on(())

    async def _async_whole[T](self, doing: Coroutine[Any, Any, T]) -> T:
        """Do something to its end: half-way, disk and account would tell different things."""
        task = self._hass.async_create_task(doing, "evse_suite account")
        return await asyncio.shield(task)

    def _go_on(self, effects: Sequence[Effect]) -> None:
        """Take in what came while something was written."""
        if self.account is None or self._closed:
            return
        self._after(self.account, effects)
        waiting, self._waiting = self._waiting, []
        if waiting:
            self._read(self.account, tuple(waiting))
        elif next_due(self.account) <= dt_util.utcnow():
            self.tick()

    @property
    def opened(self) -> Account:
        """The account; raises ServiceValidationError before its registers were read."""
        if self.account is None or self._closed:
            raise refusal("account_not_open", self.setup.name)
        return self.account

    def export(self) -> dict[str, Any]:
        """Return the account as plain data, for another meter (MTR-30)."""
        return dump(self.opened)

    @property
    def is_low(self) -> bool:
        """Whether the customer's own credit is below what charging may use."""
        level = self.setup.pause_below
        if level is None or self.account is None:
            return False
        return self.account.book.config.mode is not Mode.CREDIT and net(self.account) < level

    @callback
    def notify(self) -> None:
        """Tell all listeners to look again."""
        for listener in tuple(self._listeners):
            listener()

    @callback
    def add_listener(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` after everything that happens to the account."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    # The disk --------------------------------------------------------------------------------

    async def _async_on_write_time(self, _now: datetime) -> None:
        self._write_timer = None
        if self._closed:
            return
        if self._journal.is_long or self._rewrite:
            await self._async_write()
            self._write_later()
            return
        async with self._writing:
            written = lines(self._unwritten)
            try:
                await self._hass.async_add_executor_job(self._add_loosely, written)
            except OSError as err:
                self._complain(err)
            else:
                self._unwritten = []
        self._go_on(())

    def _add_loosely(self, written: list[dict[str, Any]]) -> None:
        self._journal.add(written, durable=False)

    async def _async_write(self) -> None:
        """Write everything anew."""
        async with self._writing:
            account, sources = self.account, self._sources
            if account is not None and await self._async_begin_journal(account, sources):
                self._unwritten = []
        self._go_on(())

    def _snapshot(self, account: Account) -> dict[str, Any]:
        return snapshot(account, self._sources, self.setup.edited)

    async def _async_begin_journal(self, account: Account, sources: Sources) -> bool:
        """Begin the journal anew, and return whether the disk took it."""
        try:
            await self._hass.async_add_executor_job(
                self._journal.write, snapshot(account, sources, self.setup.edited)
            )
        except OSError as err:
            self._complain(err)
            return False
        self._rewrite = False
        return True

    async def _async_keep(self, write: Callable[..., None], *data: Any, **how: Any) -> None:
        """Write what must not be lost; raises HomeAssistantError if the disk does not take it."""
        try:
            await self._hass.async_add_executor_job(lambda: write(*data, **how))
        except OSError as err:
            self._rewrite = True
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="account_not_kept",
                translation_placeholders={"name": self.setup.name, "detail": str(err)},
            ) from err

    def _complain(self, err: OSError) -> None:
        if not self._rewrite:
            LOGGER.error("%s: the account cannot be written yet: %s", self.setup.name, err)
        self._rewrite = True


def _next_due(account: Account) -> datetime:
    """Return when passing time next changes something, be it the display alone."""
    book, due = account.book, next_due(account)
    if book.page_at is None or book.page_at + DISPLAY_REVERTS <= book.at:
        return due
    return min(due, book.page_at + DISPLAY_REVERTS)
