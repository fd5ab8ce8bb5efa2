"""The supply accounts of a site: fed with registers and time, asked by entities and balancer."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from math import inf, isfinite
from pathlib import Path
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.helpers.storage import STORAGE_DIR

from ..billing.codec import BadData
from ..billing.events import Command, GasCost, Load
from ..billing.model import Mode
from ..billing.views import credit_at, lowest_credit, power_limit_w, price_spans
from ..const import DOMAIN, LOGGER
from ..control.model import Intent, LimitSample, SiteMode, Wish
from ..limits import account_subentries
from ..planning.model import PriceSlot
from .feed import RegisterFeed
from .history import History
from .ledger import Ledger
from .setup import Setup
from .store import Journal, tidy
from .world import World

TRIPS_AFTER_S: Final = 10.0
"""A load limit that the suite itself enforces leaves the chargers this time to yield."""


def _nobody_asks() -> None:
    """Have nobody to tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyAccount:
    """One account with all that belongs to it."""

    ledger: Ledger
    feed: RegisterFeed
    world: World
    history: History


class Accounts:
    """All accounts of a site; what the balancer asks in each cycle is looked up, not worked out."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, on_change: Callable[[], None]
    ) -> None:
        """Take the accounts of ``entry``; nothing is read before ``async_start``.

        ``on_change`` is called when other limits or wishes hold.
        """
        self._hass = hass
        self._entry = entry
        self._on_change = on_change
        self._folder = Path(hass.config.path(STORAGE_DIR, f"{DOMAIN}.{entry.entry_id}.accounts.d"))
        self.on_terms: Callable[[], None] = _nobody_asks
        """Called when other prices or load limits hold: plans are made with them."""
        self._known: dict[str, SupplyAccount] = {}
        self._started = False
        """Before, nobody is ready to be told."""
        self._over_since: dict[str, float] = {}
        self._tariffs: Mapping[str, object] = {}
        self.power_w: float | None = None
        """What flows from the grid now; None while nobody measures it."""
        self.limits: Mapping[str, LimitSample] = {}
        """The load limits that hold now, in watts, by the key of their cap (MTR-20)."""
        self.is_low = False
        """Whether charging pauses because some balance is low."""
        for subentry in account_subentries(entry):
            try:
                setup = Setup.of(subentry)
            except (BadData, KeyError) as err:
                LOGGER.error("%s: what is stored is no supply account: %s", subentry.title, err)
            else:
                self._known[setup.key] = self._build(setup)

    def _build(self, setup: Setup) -> SupplyAccount:
        world = World(self._hass, self._entry, setup)
        journal = Journal(self._folder / f"{setup.key}.journal")
        ledger = Ledger(self._hass, setup, journal, world.tell)
        feed = RegisterFeed(self._hass, setup.sources, ledger.take, ledger.notify)
        return SupplyAccount(
            ledger=ledger, feed=feed, world=world, history=History(self._hass, ledger)
        )

    # Life ------------------------------------------------------------------------------------

    async def async_start(self) -> None:
        """Go on from what is on the disk, and listen until the entry is unloaded."""
        keys = frozenset(it.subentry_id for it in account_subentries(self._entry))
        await self._hass.async_add_executor_job(tidy, self._folder, keys)
        unload = self._entry.async_on_unload
        stop = EVENT_HOMEASSISTANT_FINAL_WRITE
        unload(self._hass.bus.async_listen_once(stop, self._on_final_write))
        for each in self.all:
            await each.ledger.async_start()
            unload(each.ledger.add_listener(self._look))
            unload(each.ledger.add_listener(each.history.look))
            unload(each.world.follow(each.ledger))
            unload(each.feed.start())
            each.world.switch(each.ledger)
            each.history.look()
            if each.ledger.setup.gas_cost is not None:
                listen = partial(self._on_gas_cost, each.ledger)
                source = each.ledger.setup.gas_cost
                unload(async_track_state_change_event(self._hass, source, listen))
        self._look()
        self._started = True

    async def _on_final_write(self, _event: Event) -> None:
        await self.async_close()

    async def async_close(self) -> None:
        """Write what is not written yet."""
        for each in self.all:
            await each.ledger.async_close()

    async def async_forget(self) -> None:
        """Delete what is kept of a site that is removed."""
        await self._hass.async_add_executor_job(tidy, self._folder, ())

    # What others ask -------------------------------------------------------------------------

    @property
    def all(self) -> Iterable[SupplyAccount]:
        """All accounts."""
        return self._known.values()

    def of(self, key: str) -> SupplyAccount | None:
        """Return the account of a subentry, None where there is none that can be read."""
        return self._known.get(key)

    @property
    def load_limit_w(self) -> float | None:
        """The lowest load limit that is in force."""
        lowest = min((it.limit for it in self.limits.values()), default=inf)
        return lowest if isfinite(lowest) else None

    def prices(self, now: datetime, until: datetime) -> tuple[PriceSlot, ...]:
        """Return what a kWh costs from now on, levy and VAT included (PLAN-3).

        Nothing before an account has begun, or where it runs in another currency than the home.
        """
        for each in self.all:
            account = each.ledger.account
            if account is not None and account.book.currency == self._hass.config.currency:
                return tuple(
                    PriceSlot(
                        # The account may have been read a moment after the instant asked for.
                        start=min(span.start, now) if span.start == account.book.at else span.start,
                        end=span.end,
                        price_per_kwh=float(span.price_per_kwh),
                    )
                    for span in price_spans(account, until)
                    if span.end > now
                )
        return ()

    def credit(self, until: datetime) -> float | None:
        """Return what the cars may cost until then before a low balance would stop them (PLAN-3).

        The home's own use is that of the last week. None where nothing runs out.
        """
        left: list[Decimal] = []
        for each in self.all:
            account = each.ledger.account
            expected = None if account is None else credit_at(account, until)
            if account is None or expected is None:
                continue
            levels = (lowest_credit(account), each.ledger.setup.pause_below)
            left.append(expected - max(it for it in levels if it is not None))
        return float(min(left)) if left else None

    def wishes(
        self, wished: Mapping[str, Wish], mode: SiteMode, chargers: Iterable[str]
    ) -> Mapping[str, Wish]:
        """Return what is wanted of the chargers: nothing while a balance is low."""
        if not self.is_low:
            return wished
        return dict.fromkeys(chargers, Wish(mode=mode, ceiling_a=0, why=Intent.BALANCE))

    # What happens ----------------------------------------------------------------------------

    @callback
    def note_power(self, power_w: float | None, measured_s: float) -> None:
        """Take what flows from the grid; a load limit that the suite enforces may trip.

        ``measured_s`` is when it flowed, by the clock of the event loop.
        """
        self.power_w = power_w
        if self.limits:
            self._watch_load(power_w, measured_s)

    def _watch_load(self, power_w: float | None, measured_s: float) -> None:
        """Trip for what still flows some time after it was noticed, never for an old figure."""
        now_s = self._hass.loop.time()
        for key, sample in self.limits.items():
            ledger = self._known[key].ledger
            over = power_w is not None and power_w > sample.limit
            if power_w is None or not over or ledger.setup.supply_switch is None:
                self._over_since.pop(key, None)
            elif measured_s - self._over_since.setdefault(key, now_s) >= TRIPS_AFTER_S:
                del self._over_since[key]
                self._carry_out(ledger, Load(power_w=round(power_w)))

    @callback
    def _on_gas_cost(self, ledger: Ledger, event: Event[EventStateChangedData]) -> None:
        """Take the gas meter's half-hour message (MTR-11)."""
        state, before, account = event.data["new_state"], event.data["old_state"], ledger.account
        if state is None or account is None or account.book.config.mode is not Mode.SINGLE_WALLET:
            return
        if before is not None and before.state == state.state:
            # Only what is said about it has changed; each message goes to the disk.
            return
        try:
            cost = Decimal(state.state)
        except InvalidOperation:
            return
        if cost.is_finite() and cost >= 0:
            self._carry_out(ledger, GasCost(since_midnight=cost))

    def _carry_out(self, ledger: Ledger, command: Command) -> None:
        self._entry.async_create_task(
            self._hass, self._async_carry_out(ledger, command), "evse_suite account"
        )

    async def _async_carry_out(self, ledger: Ledger, command: Command) -> None:
        try:
            await ledger.async_do(command)
        except HomeAssistantError as err:
            LOGGER.error("%s: %s", ledger.setup.name, err)

    @callback
    def _look(self) -> None:
        """Notice other limits, prices and balances."""
        now_s = self._hass.loop.time()
        limits = {}
        tariffs: dict[str, object] = {}
        for each in self.all:
            if (account := each.ledger.account) is None:
                continue
            key, book, limit_w = each.ledger.key, account.book, power_limit_w(account)
            limits[key] = LimitSample(time_s=now_s, limit=inf if limit_w is None else limit_w)
            tariffs[key] = (book.tariff, book.future, book.config.special_days, book.credits)
        before, lowest_w = (self._limits_w, self.is_low), self.load_limit_w
        self.limits = limits
        self.is_low = any(each.ledger.is_low for each in self.all)
        after = self._limits_w, self.is_low
        has_other_terms = tariffs != self._tariffs or lowest_w != self.load_limit_w
        self._tariffs = tariffs
        if self._started and before != after:
            self._on_change()
        if self._started and has_other_terms:
            self.on_terms()

    @property
    def _limits_w(self) -> Mapping[str, float]:
        return {key: it.limit for key, it in self.limits.items()}
