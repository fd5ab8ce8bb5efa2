"""The site: samples in, control asked, commands out.

This is the only place where devices and control meet. A cycle runs whenever the mains meter brings
a new sample and, so that silence is noticed, at the latest every second.
"""

import asyncio
from collections.abc import Callable, Iterable
import time
from typing import Final, cast

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_USERNAME
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .account.keeper import Accounts
from .battery import BatteryState, HomeBattery
from .central import exchange
from .const import (
    CONF_LAST_MODE,
    CONF_MODE,
    CONF_ROLE,
    CONF_VOLTAGE_V,
    LOGGER,
    ROLE_GENERATOR,
    ROLE_MAINS,
    SUBENTRY_CHARGER,
    SUBENTRY_METER,
)
from .control.answer import Decision, MeterHealth
from .control.decide import decide
from .control.memory import Memory
from .control.model import CapKind, ChargerSpec, MainsSample, SiteMode, SiteState
from .devices import open_device, traits
from .devices.entities import HomeEntities, profiles
from .devices.model import (
    ChargerReading,
    CurrentControl,
    Device,
    DeviceError,
    MeterReading,
    Reading,
    Traits,
)
from .history import History
from .informant import PlanInformant
from .links import DeviceLink, charger_rhythm, meter_rhythm
from .mqtt_line import HomeBroker
from .plans.director import Plans
from .recall import Recall
from .sessions.keeper import Sessions
from .sources import LimitSources
from .translate import (
    charger_state,
    generator_sample,
    identity_from,
    line_voltage_v,
    mains_sample,
    site_spec,
)

type SiteConfigEntry = ConfigEntry[Site]

MAXIMUM_CYCLE_S: Final = 1.0
"""Silence of the meter is judged at least this often."""
FIRST_READING_TIMEOUT_S: Final = 5.0
SAFE_AT_STOP_TIMEOUT_S: Final = 3.0
WINDOW_S: Final = 900.0
"""The network tariff's quarter of an hour; it begins with the clock's in every time zone."""


async def async_read_profiles(hass: HomeAssistant) -> None:
    """Read the device profiles: they are files, and asked for in the event loop from now on."""
    await hass.async_add_executor_job(profiles)


class Site:
    """One home: its devices, its balancer and the newest decision."""

    def __init__(self, hass: HomeAssistant, entry: SiteConfigEntry) -> None:
        """Build links and the balancer's description from the entry and its subentries."""
        self.hass = hass
        self.entry = entry
        self.spec = site_spec(entry)
        self.mode = SiteMode(entry.options.get(CONF_MODE, SiteMode.POWER))
        self.last_active_mode = SiteMode(entry.options.get(CONF_LAST_MODE, SiteMode.POWER))
        if self.mode is not SiteMode.DISABLED:
            self.last_active_mode = self.mode
        self.chargers: dict[str, DeviceLink[ChargerReading]] = {}
        self.meters: dict[str, DeviceLink[MeterReading]] = {}
        self.traits: dict[str, Traits] = {}
        """By the subentry of a device."""
        self.decision: Decision[Memory] | None = None
        self.history = History()
        self._memory = Memory.initial()
        self._recall = Recall(hass, entry, self.chargers)
        self.sources = LimitSources(hass, entry, self._run_cycle)
        self._battery = HomeBattery(hass, entry)
        self.battery = BatteryState(power_w=None)
        self.sessions = Sessions(hass, entry)
        self._mains: DeviceLink[MeterReading] | None = None
        self._generator: DeviceLink[MeterReading] | None = None
        self._has_window = any(cap.kind is CapKind.CAPACITY for cap in self.spec.caps)
        self._window_ends_s: float | None = None
        self._cycle_s = float("-inf")
        self._stopped = False
        self._listeners: list[Callable[[], None]] = []
        self._structure = _structure(entry)
        for subentry in entry.subentries.values():
            self._add_link(subentry)
        self.accounts = Accounts(hass, entry, self._run_cycle)
        self.plans = Plans(
            hass,
            entry,
            self.spec,
            self.chargers,
            mode=lambda: self.mode,
            on_change=self._run_cycle,
            tariff=self.accounts.prices,
            credit=self.accounts.credit,
            load_limit_w=lambda: self.accounts.load_limit_w,
        )
        self.sessions.informant = PlanInformant(self.plans)
        self.accounts.on_terms = self.plans.replan_soon

    def _add_link(self, subentry: ConfigSubentry) -> None:
        if subentry.subentry_type == SUBENTRY_CHARGER:
            charger: DeviceLink[ChargerReading] = self._link(subentry, charger_rhythm)
            self.chargers[charger.key] = charger
        elif subentry.subentry_type == SUBENTRY_METER:
            role = subentry.data[CONF_ROLE]
            steers = role in (ROLE_MAINS, ROLE_GENERATOR)
            meter: DeviceLink[MeterReading] = self._link(subentry, meter_rhythm(mains=steers))
            self.meters[meter.key] = meter
            if role == ROLE_MAINS:
                self._mains = meter
                meter.add_listener(self._run_cycle_on_mains)
            elif role == ROLE_GENERATOR:
                self._generator = meter

    def _link[R: Reading](
        self,
        subentry: ConfigSubentry,
        rhythm: Callable[[R | None], float],
    ) -> DeviceLink[R]:
        identity = identity_from(subentry)
        self.traits[subentry.subentry_id] = traits(identity, subentry.data)
        device = open_device(
            identity,
            async_get_clientsession(self.hass),
            subentry.data.get(CONF_HOST, ""),
            username=subentry.data.get(CONF_USERNAME),
            password=subentry.data.get(CONF_PASSWORD),
            clock=self.hass.loop.time,
            broker=HomeBroker(self.hass),
            exchange=exchange(self.hass),
            entities=HomeEntities(self.hass),
            settings={**subentry.data, CONF_VOLTAGE_V: line_voltage_v(self.entry, subentry)},
        )
        return DeviceLink(
            # The subentry's type, which the driver's probe decided, says which reading it brings.
            device=cast("Device[R]", device),
            key=subentry.subentry_id,
            name=subentry.title,
            rhythm=rhythm,
            clock=self.hass.loop.time,
            on_auth_failed=lambda: self.entry.async_start_reauth(
                self.hass, data={"subentry_id": subentry.subentry_id}
            ),
        )

    # Life ------------------------------------------------------------------------------------

    async def async_start(self) -> None:
        """Recall what was learnt, start all lines and wait a moment for the first readings."""
        self._memory = await self._recall.async_memory(self.spec)
        await self.sessions.async_start()
        self.sources.start()
        await self.accounts.async_start()
        await self.plans.async_start()
        for link in self.links:
            self.entry.async_create_background_task(
                self.hass, link.run(), name=f"evse_suite line {link.name}"
            )
        await asyncio.gather(*(link.first_try(FIRST_READING_TIMEOUT_S) for link in self.links))
        await self.plans.async_plan_first()
        self._run_cycle()
        self.entry.async_create_background_task(
            self.hass, self._watch_silence(), name=f"evse_suite cycle {self.entry.title}"
        )

    async def async_close(self) -> None:
        """Save what was learnt; nothing that this site still learns is kept."""
        await self._recall.async_close()
        await self.plans.async_close()
        await self.sessions.async_close()
        await self.accounts.async_close()

    async def async_forget(self) -> None:
        """Delete what was learnt of a site that is removed."""
        await self._recall.async_remove()
        await self.plans.async_forget()
        await self.sessions.async_forget()
        await self.accounts.async_forget()

    async def async_leave_safe(self, _event: Event | None = None) -> None:
        """Bring every charger to its safe current, because nobody will watch the fuse now."""
        await self._bring_to_safe(self.spec.chargers)

    async def async_release_removed(self) -> None:
        """Bring the chargers that were taken out of the site to their safe current."""
        known = self.entry.subentries
        await self._bring_to_safe([it for it in self.spec.chargers if it.key not in known])

    async def _bring_to_safe(self, chargers: Iterable[ChargerSpec]) -> None:
        self._stopped = True
        if self.mode is SiteMode.DISABLED:
            return
        async with asyncio.TaskGroup() as tasks:
            for charger in chargers:
                link = self.chargers[charger.key]
                tasks.create_task(self._leave_safe(link, charger.safe_a))

    async def _leave_safe(self, link: DeviceLink[ChargerReading], safe_a: int) -> None:
        control = link.device.capability(CurrentControl)
        if control is None:
            return
        try:
            async with asyncio.timeout(SAFE_AT_STOP_TIMEOUT_S):
                await control.set_current(safe_a, urgent=True)
        except (DeviceError, TimeoutError) as err:
            LOGGER.warning("%s was not brought to its safe current: %s", link.name, err)

    # The cycle -------------------------------------------------------------------------------

    async def _watch_silence(self) -> None:
        while True:
            await asyncio.sleep(MAXIMUM_CYCLE_S / 2)
            if self.hass.loop.time() - self._cycle_s >= MAXIMUM_CYCLE_S:
                # Beside the watch: a fault in a cycle, or in who looks at it, must not end it.
                self.hass.loop.call_soon(self._run_cycle)

    @callback
    def _run_cycle_on_mains(self) -> None:
        if self._mains is not None and self._mains.health.error is None:
            self._run_cycle()

    @callback
    def _run_cycle(self) -> None:
        if self._stopped:
            # The safe currents are the last word.
            return
        now_s = self.hass.loop.time()
        self._cycle_s = now_s
        battery = self.battery = self._battery.look()
        state = SiteState(
            mode=self.mode,
            mains=mains_sample(self.entry, self.spec, self._mains),
            chargers=tuple(
                charger_state(self.chargers[charger.key], len(charger.phases))
                for charger in self.spec.chargers
            ),
            wishes=self.accounts.wishes(self.plans.wishes(), self.mode, self.chargers),
            limits={**self.sources.samples, **self.accounts.limits},
            generator=generator_sample(self.entry, self.spec, self._generator),
            battery_w=battery.power_w,
            battery_yields=battery.yields,
            battery_gives=battery.gives,
            window_ends_s=self.window_ends_s(now_s) if self._has_window else None,
        )
        self._tell_accounts(state.mains, now_s)
        decision = decide(self.spec, state, self._memory, now_s)
        self._recall.note(decision.memory)
        self._memory = decision.memory
        self.decision = decision
        self.history.add(decision)
        for command in decision.commands:
            self.chargers[command.key].offer(
                command.current_a, urgent=command.urgent, lines=command.lines
            )
        # Beside the cycle: trouble with a record must not keep the balancer from its work.
        look = self.sessions.look
        self.hass.loop.call_soon(look, self.chargers, self.spec.chargers, decision)
        for listener in tuple(self._listeners):
            listener()

    def _tell_accounts(self, mains: MainsSample | None, now_s: float) -> None:
        if mains is None:
            self.accounts.note_power(None, now_s)
        else:
            measured_s = mains.time_s - self.spec.meter.lag_s
            self.accounts.note_power(sum(mains.power_w.values()), measured_s)

    def window_ends_s(self, now_s: float) -> float:
        """Return when the present quarter of an hour of the wall clock ends.

        Looked up once for each, so that a correction of the wall clock moves no end before it.
        """
        if self._window_ends_s is None or now_s >= self._window_ends_s:
            self._window_ends_s = now_s + WINDOW_S - time.time() % WINDOW_S
        return self._window_ends_s

    # What entities see and do ----------------------------------------------------------------

    @callback
    def add_listener(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` after every cycle; entities decide themselves what is worth a write."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @property
    def links(self) -> list[DeviceLink[ChargerReading] | DeviceLink[MeterReading]]:
        """The lines to all devices."""
        return [*self.chargers.values(), *self.meters.values()]

    @property
    def mains(self) -> DeviceLink[MeterReading] | None:
        """The meter at the grid connection, None while the site has none."""
        return self._mains

    def dimmed_to(self, key: str) -> float | None:
        """Return what the source of a cap leaves now in the cap's unit, None for one without."""
        said = self._memory.limits.said.get(key) if self._memory.limits else None
        return None if said is None else said.limit

    @property
    def window_age_s(self) -> float | None:
        """How long the present quarter of an hour has lasted; None if nothing is counted in it."""
        if self._window_ends_s is None:
            return None
        return WINDOW_S - (self._window_ends_s - self.hass.loop.time())

    @property
    def meter_health(self) -> MeterHealth | None:
        """Whether the mains can be believed; None before the first cycle or without a meter."""
        if self.decision is None or self._mains is None:
            return None
        return self.decision.meter_health

    def is_outdated(self) -> bool:
        """Whether the entry has changed in more than its mode since this site was built."""
        return self._structure != _structure(self.entry)

    @callback
    def set_mode(self, mode: SiteMode) -> None:
        """Change the mode, keep it over a restart, and decide at once."""
        if mode is not SiteMode.DISABLED:
            self.last_active_mode = mode
        self.mode = mode
        self.hass.config_entries.async_update_entry(
            self.entry,
            options={
                **self.entry.options,
                CONF_MODE: mode,
                CONF_LAST_MODE: self.last_active_mode,
            },
        )
        self._run_cycle()

    @callback
    def follow_options(self) -> None:
        """Take over a mode that was chosen in the form of the site."""
        mode = SiteMode(self.entry.options.get(CONF_MODE, self.mode))
        if mode is not self.mode:
            self.set_mode(mode)


def _structure(entry: ConfigEntry) -> object:
    return (
        entry.title,
        dict(entry.data),
        {key: (sub.title, dict(sub.data)) for key, sub in entry.subentries.items()},
    )
