"""The plans of a site: who keeps what people want, has it planned, and tells the balancer.

Planning is asked for when something that matters changes and runs beside the balancer; a cycle of
the balancer only looks up what is wanted at its time.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import CoreState, Event, HomeAssistant, callback
from homeassistant.helpers.start import async_at_started
from homeassistant.util import dt as dt_util

from ..const import LOGGER
from ..control.model import SiteMode, SiteSpec, Wish
from ..devices.model import ChargerReading
from ..links import DeviceLink
from ..planning.model import ChargeMode, Job, Plan, Vehicle
from ..planning.plan import plan
from ..planning.vehicles import Delivery
from . import boosts
from .inputs import PlanInputs, Tariff
from .jobs import Charger, ask, has_enough
from .settings import Boost, ChargerSettings
from .store import Kept, PlanStore
from .told import ChargerPlan, PlanStatus, with_credit, with_plan
from .visits import Visit, charged_wh, counter_wh, seen
from .wishes import Wished, edges, wish
from .words import sentence

SETTLE_S: Final = 1.0
"""Changes that come together are planned together."""
REPLAN_EVERY: Final = timedelta(minutes=15)
"""A car that charges otherwise than planned is noticed so late at most."""
SET_BACK: Final = timedelta(minutes=1)
"""A wall clock that goes back by more than this makes the plans anew."""
MISTAKES: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What a fault in the planner raises: the balancer goes on without it, and people are told."""

LONG_AGO: Final = datetime.fromtimestamp(0, UTC)
UNTOLD: Final = ChargerSettings()

type Chargers = Mapping[str, DeviceLink[ChargerReading]]


class Plans:
    """What each charger of a site is to do and when; ``wishes`` is cheap, the rest is not."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        spec: SiteSpec,
        chargers: Chargers,
        *,
        mode: Callable[[], SiteMode],
        on_change: Callable[[], None],
        tariff: Tariff,
        credit: Callable[[datetime], float | None],
        load_limit_w: Callable[[], float | None],
    ) -> None:
        """Take the chargers of a site, whose mode is ``mode``; ``async_start`` does the rest.

        ``on_change`` is called when other wishes hold, so that the balancer acts at once.
        ``tariff`` tells the prices of the site's supply account, ``credit`` what it has left for
        the cars until an instant, ``load_limit_w`` its load limit.
        """
        self._hass = hass
        self._entry = entry
        self._spec = spec
        self._specs = {it.key: it for it in spec.chargers}
        self._chargers = chargers
        self._mode = mode
        self._on_change = on_change
        self._credit = credit
        self._store = PlanStore(hass, entry.entry_id)
        self.inputs = PlanInputs(
            hass, entry, self.replan_soon, self.delivered, tariff, load_limit_w=load_limit_w
        )
        self._settings: dict[str, ChargerSettings] = {}
        self._visits: dict[str, Visit] = {}
        self._plans: Mapping[str, Plan] = {}
        self._told: dict[str, ChargerPlan] = {}
        self._wished: Wished | None = None
        self._planned_at = self._due = LONG_AGO
        self._begun = False
        """Whether the chargers have been asked; until then what was planned before holds."""
        self.failing = False
        """Whether the last plans could not be made."""
        self._planning = asyncio.Lock()
        self._pending: asyncio.TimerHandle | None = None
        self._listeners: list[Callable[[], None]] = []
        self._closed = False

    # Life ------------------------------------------------------------------------------------

    async def async_start(self) -> None:
        """Recall what was told and planned before, and listen to what changes plans."""
        kept = await self._store.async_read(self._entry.title)
        self._settings = {key: it for key, it in kept.settings.items() if key in self._chargers}
        self._visits = {key: it for key, it in kept.visits.items() if key in self._chargers}
        self._plans = {key: it for key, it in kept.plans.items() if key in self._chargers}
        unload = self._entry.async_on_unload
        for key, link in self._chargers.items():
            unload(link.add_listener(partial(self._look_at, key)))
        unload(self._hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, self._on_event))
        await self.inputs.async_start()
        await self.async_replan()

    async def async_plan_first(self) -> None:
        """Make the first plans, after the chargers have been asked whether a car is there.

        What tells prices and states of charge may start later than this site: until all have
        started, the plans of the last run are carried on.
        """
        self._begun = True
        for key in self._chargers:
            self._look_at(key)
        await self.async_replan()
        self._entry.async_on_unload(async_at_started(self._hass, self._on_started))

    async def _on_started(self, _hass: HomeAssistant) -> None:
        self.replan_soon()

    @callback
    def _on_event(self, _event: Event[Any]) -> None:
        self.replan_soon()

    async def async_close(self) -> None:
        """Plan no more, and keep where cars, boosts and plans are."""
        self._closed = True
        if self._pending is not None:
            self._pending.cancel()
        await self._store.async_save(self._kept())

    async def async_forget(self) -> None:
        """Delete what is kept of a site that is removed."""
        self._closed = True
        await self._store.async_remove()
        await self.inputs.async_forget()

    def _kept(self) -> Kept:
        return Kept(
            settings=dict(self._settings), visits=dict(self._visits), plans=dict(self._plans)
        )

    # What the balancer asks ------------------------------------------------------------------

    def wishes(self) -> Mapping[str, Wish]:
        """Return what is wanted now for each charger that does not follow the site's mode.

        The same object comes back until a slot, a window or a boost begins or ends.
        """
        now = dt_util.utcnow()
        if self._wished is None or not self._wished.holds(self._mode(), now):
            self._wished = self._wish(now)
            # Entities are told beside the cycle.
            self._hass.loop.call_soon(self._notify)
        return self._wished.wishes

    def _wish(self, now: datetime) -> Wished:
        """Look up what is wanted for all chargers, and until when that holds."""
        mode, zone = self._mode(), dt_util.get_default_time_zone()
        for key, settings in tuple(self._settings.items()):
            if settings.boost is not None and boosts.is_over(settings.boost, now):
                self._end_boost(key)
        if now >= self._due or now < self._planned_at - SET_BACK:
            self._due = now + REPLAN_EVERY
            self.replan_soon()
        found: dict[str, Wish] = {}
        until = self._due
        for key in self._chargers:
            settings, told = self.settings(key), self._told.get(key)
            wanted = wish(settings, told, mode, now, zone)
            if wanted is not None:
                found[key] = wanted
            until = min([until, *(it for it in edges(settings, told) if it > now)])
        return Wished(mode=mode, since=now, until=until, wishes=found)

    # What changes plans ----------------------------------------------------------------------

    @callback
    def _look_at(self, key: str) -> None:
        """Notice a car that comes or goes, and count what a boost still has to charge."""
        reading = self._chargers[key].reading
        before = self._visits.get(key)
        visit = seen(before, reading, dt_util.utcnow())
        boost = self.settings(key).boost
        if visit is not None and visit is not before:
            self._visits[key] = visit
            if boost is not None and before is not None and not visit.connected:
                self._end_boost(key)
            self.replan_soon()
        elif boost is not None and boost.left_wh is not None:
            counted = boosts.count(boost, counter_wh(reading))
            self._settings[key] = replace(self._settings[key], boost=counted)
            if counted.left_wh == 0:
                self._refresh()
        told = self._told.get(key)
        if told is not None and not self.failing and has_enough(self._charger(key), told):
            self.replan_soon()

    def _end_boost(self, key: str) -> None:
        """Go back to the mode before; the file follows in a moment."""
        self._settings[key] = replace(self._settings[key], boost=None)
        self._store.save_soon(self._kept)
        self.replan_soon()

    @callback
    def replan_soon(self) -> None:
        """Plan anew in a moment; what changes until then is planned with it."""
        if self._pending is None and not self._closed:
            self._pending = self._hass.loop.call_later(SETTLE_S, self._start_planning)

    def _start_planning(self) -> None:
        self._pending = None
        self._entry.async_create_background_task(
            self._hass, self.async_replan(), name=f"evse_suite plans {self._entry.title}"
        )

    async def async_replan(self) -> None:
        """Plan all chargers anew; a plan that needs no change stays as it is."""
        async with self._planning:
            now = dt_util.utcnow().replace(microsecond=0)
            try:
                told, planned = await self._plan(now)
            except MISTAKES:
                if not self.failing:
                    LOGGER.exception("%s: the plans cannot be made", self._entry.title)
                self._fail(now)
            else:
                self.failing = False
                self._take(now, told, planned)

    async def _plan(self, now: datetime) -> tuple[dict[str, ChargerPlan], dict[str, Plan]]:
        """Return what is known of each charger, and the plans of those that have work."""
        zone = dt_util.get_default_time_zone()
        outlook = self.inputs.outlook(now)
        told: dict[str, ChargerPlan] = {}
        jobs: list[Job] = []
        for key in self._chargers:
            told[key], job = ask(self._charger(key), outlook.prices, now, zone)
            jobs += [] if job is None else [job]
        planned: dict[str, Plan] = {}
        if jobs:
            planned = await self._hass.async_add_executor_job(plan, jobs, outlook, self._plans)
        if not self._begun or self._hass.state is not CoreState.running:
            done = {key for key, it in planned.items() if it.is_done}
            kept = {key: it for key, it in self._plans.items() if key not in done}
            planned |= {key: it for key, it in kept.items() if told[key].has_work}
        return told, planned

    def _fail(self, now: datetime) -> None:
        """Carry on what was planned last, and say that nothing better is known."""
        self.failing = True
        for key in self._chargers:
            settings = self.settings(key)
            told = ChargerPlan(made_at=now, status=PlanStatus.OFF)
            if settings.charge_mode is ChargeMode.SMART and settings.plan_on:
                before = self._told.get(key) or with_plan(told, self._plans.get(key), None)
                told = replace(before, status=PlanStatus.ERROR)
            self._told[key] = told
        self._planned_at, self._due = now, now + REPLAN_EVERY
        self._refresh()

    def _charger(self, key: str) -> Charger:
        settings = self.settings(key)
        visit = self._visits.get(key)
        return Charger(
            spec=self._specs[key],
            voltage_v=self._spec.voltage_v,
            settings=settings,
            vehicle=self.inputs.vehicle(key, settings.vehicle),
            reading=self._chargers[key].reading,
            connected=visit is None or visit.connected,
            charged_wh=self.charged_wh(key) or 0.0,
            before=self._plans.get(key),
        )

    def _take(
        self, now: datetime, told: Mapping[str, ChargerPlan], planned: dict[str, Plan]
    ) -> None:
        """Carry out new plans from now on."""
        if self._closed:
            return
        slots = {key: it.slots for key, it in self._plans.items()}
        before = self._told
        plans = {key: with_plan(it, planned.get(key), before.get(key)) for key, it in told.items()}
        ends = [slot.end for it in planned.values() for slot in it.slots]
        self._told = with_credit(plans, self._credit(max(ends)) if ends else None)
        self._plans = planned
        leaving = (it.ready_by for it in told.values())
        ahead = [at for at in leaving if at is not None and at > now]
        self._planned_at, self._due = now, min([now + REPLAN_EVERY, *ahead])
        if slots != {key: it.slots for key, it in planned.items()}:
            self._store.save_soon(self._kept)
        self._refresh()

    def _refresh(self) -> None:
        """Show what is new, and have the balancer act at once where other wishes hold."""
        before = None if self._wished is None else self._wished.wishes
        self._wished = self._wish(dt_util.utcnow())
        self._notify()
        if self._begun and self._wished.wishes != before:
            self._on_change()

    # What people see and say -----------------------------------------------------------------

    def settings(self, key: str) -> ChargerSettings:
        """Return what a charger was told."""
        return self._settings.get(key, UNTOLD)

    def told(self, key: str) -> ChargerPlan | None:
        """Return the plan of a charger, None before the first."""
        return self._told.get(key)

    def sentence(self, key: str) -> str | None:
        """Return the plan of a charger in one English sentence, None before the first."""
        return sentence(
            self.settings(key),
            self.told(key),
            dt_util.utcnow(),
            zone=dt_util.get_default_time_zone(),
            currency=self.inputs.currency,
        )

    def vehicle(self, key: str) -> Vehicle:
        """Return the car at a charger."""
        return self.inputs.vehicle(key, self.settings(key).vehicle)

    def charged_wh(self, key: str) -> float | None:
        """Return what a charger has delivered since its car was plugged in, None if unknown."""
        return charged_wh(self._visits.get(key), self._chargers[key].reading)

    def delivered(self, key: str) -> Delivery | None:
        """Return what a charger does for the car that is there, None if there is none."""
        if key not in self._chargers:
            # A car may still name a charger that was taken out of the site.
            return None
        charged, reading = self.charged_wh(key), self._chargers[key].reading
        visit = self._visits.get(key)
        if charged is None or reading is None or visit is None:
            return None
        offered_a = reading.offered_current_a
        line_w = self._spec.voltage_v * len(self._specs[key].phases)
        return Delivery(
            energy_wh=charged,
            since=visit.since,
            power_w=reading.power_w,
            offered_w=None if offered_a is None else offered_a * line_w,
        )

    async def async_tell(self, key: str, **changes: Any) -> None:
        """Change fields of a charger's settings; kept on disk and planned when this returns."""
        self._settings[key] = replace(self.settings(key), **changes)
        self._refresh()
        await self._store.async_save(self._kept())
        await self.async_replan()

    def new_boost(
        self, key: str, *, duration: timedelta | None = None, energy_wh: float | None = None
    ) -> Boost:
        """Return a boost for a time or an amount; without either, for the usual time."""
        if duration is None and energy_wh is None:
            duration = timedelta(minutes=self.settings(key).boost_minutes)
        return boosts.begin(
            dt_util.utcnow(),
            duration=duration,
            energy_wh=energy_wh,
            counter_wh=counter_wh(self._chargers[key].reading),
        )

    @callback
    def add_listener(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` after every change of settings, plans or wishes."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @callback
    def _notify(self) -> None:
        for listener in tuple(self._listeners):
            listener()
