"""What plans of a site are made of: prices, sun, the house, and the cars (PLAN-2, PLAN-3)."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from math import isfinite
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.start import async_at_started
from homeassistant.util import dt as dt_util

from ..const import (
    CONF_FEED_IN,
    CONF_FEED_IN_ENTITY,
    CONF_FIXED_PRICE,
    CONF_FORECAST,
    CONF_PRICE,
    CONF_SURCHARGE,
    CONF_TAX_PERCENT,
    SUBENTRY_PRICES,
)
from ..control.model import Cap, CapKind
from ..planning import habits
from ..planning.horizon import restart_cost
from ..planning.model import Outlook, PowerSlot, PriceSlot, Vehicle
from ..planning.sun import added_up
from ..planning.vehicles import Delivery
from ..translate import site_spec
from .cars import Cars
from .dashboard import Dashboard, async_dashboard
from .house import async_measured, meters
from .price_feed import Markup, PriceFeed, price_now
from .sun_forecast import async_roofs

REFRESH_EVERY: Final = timedelta(minutes=15)
"""How often anything is asked for at most."""
HOURLY: Final = 4
"""Everything else is looked at in every fourth of these rounds."""
DAILY: Final = 24 * HOURLY
SHOWN_FOR: Final = timedelta(hours=1)
"""A price without any of later is taken to hold so long: until well after it is looked at again."""
SOON: Final = timedelta(hours=10)
"""With less than this known ahead, prices are asked for more often than hourly."""
LEARNT_FROM: Final = timedelta(weeks=8)
RECENT: Final = timedelta(hours=4)
AHEAD: Final = timedelta(days=3)
"""So far the house is told ahead; a fixed price holds longer than any plan."""
FOREVER: Final = timedelta(days=10)
type Tariff = Callable[[datetime, datetime], tuple[PriceSlot, ...]]

HOUSE_LIMITS: Final = frozenset({CapKind.FUSE, CapKind.CONTRACT, CapKind.LOAD_LIMIT})
"""What house and chargers may draw together at any time."""


def _nobody_counts(_charger_key: str) -> None:
    """Say of no charger what it does."""


def _no_account(_since: datetime, _until: datetime) -> tuple[PriceSlot, ...]:
    """Know no prices of a supply account."""
    return ()


def _no_limit() -> float | None:
    """Know no load limit of a supply account."""
    return None


class PlanInputs:
    """Listens to what tells prices, sun and cars; a feed that is late or missing leaves a hole.

    ``outlook`` and ``vehicle`` are cheap and never fail. Listening ends when the entry is unloaded.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        on_change: Callable[[], None],
        delivered: Callable[[str], Delivery | None] = _nobody_counts,
        tariff: Tariff = _no_account,
        *,
        load_limit_w: Callable[[], float | None] = _no_limit,
    ) -> None:
        """Take what is configured in ``entry``; nobody is asked before ``async_start``.

        ``on_change`` is called in the event loop when something has changed that makes another plan
        (not for every tick of a sensor). ``delivered`` returns what a charger does for the car
        that is plugged in, by the key of the charger's subentry, None without a car or a reading.
        ``tariff`` returns the prices of the supply account between two instants, ``load_limit_w``
        its load limit while that is in force.
        """
        self._hass = hass
        self._entry = entry
        self._on_change = on_change
        self._tariff = tariff
        self._load_limit_w = load_limit_w
        self._data = _prices_data(entry)
        self.cars = Cars(hass, entry, on_change, delivered)
        self._prices = PriceFeed(hass, (), on_change)
        self._feed_in = PriceFeed(hass, (), on_change)
        self._followed: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        self._stops: list[Callable[[], None]] = []
        self._dashboard = Dashboard()
        self._roofs: dict[str, tuple[PowerSlot, ...]] = {}
        self._sun: tuple[PowerSlot, ...] = ()
        self._habits = habits.Habits(zone=dt_util.get_default_time_zone(), usual_w=())
        self._factor = 1.0
        self._round = 0
        caps = site_spec(entry)
        self._cap_w = _cap_w(caps.caps, caps.voltage_v)
        self._peak_w = _least(it.limit_w for it in caps.caps if it.kind is CapKind.CAPACITY)

    # Life ------------------------------------------------------------------------------------

    async def async_start(self) -> None:
        """Take what is known now, and listen until the entry is unloaded.

        What takes time, as forecasts and statistics do, comes later and is told by ``on_change``.
        """
        unload = self._entry.async_on_unload
        self._dashboard = await async_dashboard(self._hass)
        self._follow()
        unload(self._stop_following)
        await self.cars.async_start()
        unload(self.cars.async_close)
        unload(async_track_time_interval(self._hass, self._refresh_later, REFRESH_EVERY))
        # Who is asked has to be there first.
        unload(async_at_started(self._hass, self._on_started))

    async def _on_started(self, _hass: HomeAssistant) -> None:
        self._refresh_later(dt_util.utcnow())

    @callback
    def _follow(self) -> None:
        """Listen to who tells prices now, which the Energy dashboard may have changed."""
        entities = (self._price_entities(), self._feed_in_entities())
        if entities == self._followed:
            return
        self._stop_following()
        self._followed = entities
        markup = Markup(
            tax_percent=self._data.get(CONF_TAX_PERCENT, 0.0),
            surcharge=self._data.get(CONF_SURCHARGE, 0.0),
        )
        self._prices = PriceFeed(self._hass, entities[0], self._on_change, markup)
        self._feed_in = PriceFeed(self._hass, entities[1], self._on_change)
        self._stops = [self._prices.start(), self._feed_in.start()]

    @callback
    def _stop_following(self) -> None:
        while self._stops:
            self._stops.pop()()

    async def async_forget(self) -> None:
        """Delete what was learnt for a site that is removed."""
        await self.cars.async_forget()

    @callback
    def _refresh_later(self, now: datetime) -> None:
        self._entry.async_create_background_task(
            self._hass, self.async_refresh(now), name=f"evse_suite forecasts {self._entry.title}"
        )

    async def async_refresh(self, now: datetime) -> None:
        """Ask for what does not tell itself: prices in actions, the sun, the house's statistics."""
        hourly, daily = self._round % HOURLY == 0, self._round % DAILY == 0
        self._round += 1
        if hourly:
            self._dashboard = await async_dashboard(self._hass)
            self._follow()
        if hourly or not self._prices.reaches(now + SOON):
            await self._prices.async_refresh()
            await self._feed_in.async_refresh()
        if not hourly:
            return
        before = (self._sun, self._habits, self._factor)
        # Who does not answer now is believed as before.
        known = self._roofs | await async_roofs(self._hass, self._forecasts())
        self._roofs = {key: known[key] for key in self._forecasts() if key in known}
        self._sun = added_up(self._roofs.values())
        sources = meters(self._hass, self._entry, self._dashboard)
        if daily or not self._habits.usual_w:
            zone = dt_util.get_default_time_zone()
            rows = await async_measured(self._hass, sources, now - LEARNT_FROM)
            self._habits = habits.learn(rows, zone)
        if self._habits.usual_w:
            recent = await async_measured(self._hass, sources, now - RECENT)
            self._factor = round(habits.correction(self._habits, recent, now), 1)
        if before != (self._sun, self._habits, self._factor):
            self._on_change()

    # What is configured, or known to the Energy dashboard ------------------------------------

    def _price_entities(self) -> tuple[str, ...]:
        if CONF_PRICE in self._data:
            return tuple(self._data[CONF_PRICE])
        if CONF_FIXED_PRICE in self._data or self._dashboard.price_entity is None:
            return ()
        return (self._dashboard.price_entity,)

    def _feed_in_entities(self) -> tuple[str, ...]:
        known = self._dashboard.feed_in_entity
        if CONF_FEED_IN_ENTITY in self._data or CONF_FEED_IN in self._data:
            known = self._data.get(CONF_FEED_IN_ENTITY)
        return () if known is None else (known,)

    def _forecasts(self) -> tuple[str, ...]:
        return tuple(self._data.get(CONF_FORECAST, self._dashboard.forecasts))

    # What the planner asks -------------------------------------------------------------------

    @property
    def currency(self) -> str:
        """The currency of all prices and costs (ISO 4217)."""
        return self._hass.config.currency

    def silent_prices(self, now: datetime) -> tuple[str, ...]:
        """Return the entities that were chosen to tell prices, if nothing is known of now."""
        return () if self._prices.reaches(now) else tuple(self._data.get(CONF_PRICE, ()))

    def outlook(self, now: datetime) -> Outlook:
        """Return what is known at ``now`` of the hours to come, and of prices before."""
        prices = self._known_prices(now)
        return Outlook(
            now=now,
            prices=prices,
            feed_in_per_kwh=self._feed_in_per_kwh(),
            feed_in=self._feed_in.slots,
            sun=tuple(slot for slot in self._sun if slot.end > now),
            house=habits.expected(self._habits, now, now + AHEAD, self._factor),
            cap_w=_least((self._cap_w, self._load_limit_w())),
            peak_w=self._peak_w,
            restart_cost=restart_cost(prices),
        )

    def shown_price_per_kwh(self, now: datetime) -> float | None:
        """Return the price of now where only that is told, and nothing of the hours to come."""
        return self._prices.shown_per_kwh(now)

    def _known_prices(self, now: datetime) -> tuple[PriceSlot, ...]:
        known: tuple[PriceSlot, ...] = ()
        if CONF_PRICE not in self._data and CONF_FIXED_PRICE not in self._data:
            # The account's tariff is what will be paid, whatever the dashboard counts with.
            known = self._tariff(now, now + FOREVER)
        if known:
            return known
        if self._prices.slots:
            return self._prices.slots
        fixed: float | None = self._data.get(CONF_FIXED_PRICE)
        if fixed is None and CONF_PRICE not in self._data:
            fixed = self._dashboard.fixed_price
        if fixed is not None:
            return (PriceSlot(start=now - REFRESH_EVERY, end=now + FOREVER, price_per_kwh=fixed),)
        return self._shown_price()

    def _shown_price(self) -> tuple[PriceSlot, ...]:
        """Return the price of this moment where nothing is told of later: a maximum needs it."""
        minute = dt_util.utcnow().replace(second=0, microsecond=0)
        price = self._prices.shown_per_kwh(minute)
        if price is None:
            return ()
        return (PriceSlot(start=minute, end=minute + SHOWN_FOR, price_per_kwh=price),)

    def _feed_in_per_kwh(self) -> float:
        """Return what a kWh to the grid earns now, nothing where nobody says."""
        for entity_id in self._followed[1]:
            if (told := price_now(self._hass, entity_id)) is not None:
                return told
        fixed = self._data.get(CONF_FEED_IN, self._dashboard.feed_in)
        return 0.0 if fixed is None else float(fixed)

    def vehicles(self, charger_key: str) -> Mapping[str, str]:
        """Return the names of the cars that come to a charger, by their subentries' ids."""
        return self.cars.names(charger_key)

    def vehicle(self, charger_key: str, chosen: str | None = None) -> Vehicle:
        """Return the car at a charger: the chosen one, or the first that comes to this charger.

        ``chosen`` is the id of a vehicle's subentry. A nameless vehicle without a capacity is
        returned where none is configured.
        """
        return self.cars.vehicle(charger_key, chosen)


def _prices_data(entry: ConfigEntry) -> Mapping[str, Any]:
    """Return what is stored of prices and forecasts."""
    subentries = entry.subentries.values()
    return next((it.data for it in subentries if it.subentry_type == SUBENTRY_PRICES), {})


def _cap_w(caps: tuple[Cap, ...], voltage_v: float) -> float | None:
    """Return what house and chargers may draw by fuse and contract, all phases together."""
    limits = [it for it in caps if it.kind in HOUSE_LIMITS]
    amperes = _least(sum(it.limit_a.values()) * voltage_v for it in limits if it.limit_a)
    watts = _least(it.limit_w for it in limits)
    return _least((amperes, watts))


def _least(values: Iterable[float | None]) -> float | None:
    return min((it for it in values if it is not None and isfinite(it)), default=None)
