"""The chargers 1P7K and 3P22K."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, override

from ..http import Access
from ..model import (
    ChargerReading,
    DeviceCommandError,
    DeviceError,
    DeviceIdentity,
    DeviceProtocolError,
)
from ..parse import Fields
from .device import LektricoDevice
from .payloads import ERROR_NAMES, SINGLE_PHASE, THREE_PHASE, active_errors, charger_reading
from .restarts import Trace

CONFIG_METHOD: Final = "charger_config.get"
MINIMUM_A: Final = 6
MAXIMUM_A: Final = 32
BRIGHTNESS_PERCENT: Final = range(10, 101)
TAG: Final = "EVSE-Suite"
"""What the charger shows as the tag of a session that was started remotely."""

type Offer = tuple[int, bool | None]
"""Amperes, and whether one phase is forced; None where nobody has said."""


class Charger(LektricoDevice):
    """A single-phase charger, and what a three-phase one has in common with it."""

    error_names = ERROR_NAMES

    def __init__(self, identity: DeviceIdentity, access: Access) -> None:
        """Make the object; the device is first talked to when it is first asked."""
        super().__init__(identity, access, CONFIG_METHOD)
        self._settings = Fields({}, "app_config.get")
        self._installed_a: int | None = None
        self._asks_system_currents = True
        self._wish_a = 0
        self._wishes = 0
        self._single_phase: bool | None = None

    async def read(self) -> ChargerReading:
        """Read the live data every time, the settings every 30 s and after a write."""
        answer = await self._rpc.get("charger_info.get")
        live = Fields(answer.value, "charger_info.get")
        with self._rhythm.due() as due:
            if due:
                await self._read_settings()
        if not self._tells_offer(live):
            live = (await self._rpc.fields("dynamic_current.get")).completed_by(live)
        # A setting may be in both replies; then the one that was read just now counts.
        lines = self.identity.lines
        reading = charger_reading(answer.time_s, lines, live.completed_by(self._settings))
        errors = frozenset[str]()
        if reading.has_errors:
            errors = active_errors(await self._fields_if_known("active_errors.get"))
        self._observe(reading)
        return replace(reading, errors=errors, restarts=self._watch.count)

    async def set_current(self, current_a: int, *, urgent: bool = False) -> None:
        """Set the volatile dynamic limit; never the persistent user limit (protocol A.7)."""
        if current_a != 0 and not MINIMUM_A <= current_a <= MAXIMUM_A:
            raise ValueError(f"a charger is offered 0 or {MINIMUM_A} to {MAXIMUM_A} A")
        self._wish_a = current_a
        self._wishes += 1
        await self._send_current(lambda: (self._wish_a, self._single_phase), urgent=urgent)

    async def start(self) -> None:
        """Authorise and start charging."""
        await self._rpc.command("charge.start", lambda: {"tag": TAG})

    async def stop(self) -> None:
        """Stop charging; goes before waiting reads."""
        await self._rpc.command("charge.stop", urgent=True)

    async def override_schedule(self) -> None:
        """Charge now although the charger's own schedule says wait."""
        await self._rpc.command("Charging_schedule.Override")

    async def set_plug_and_charge(self, *, enabled: bool) -> None:
        """Charge without authorisation when enabled (LEK-12)."""
        await self._set("headless", enabled)

    async def set_locked(self, *, locked: bool) -> None:
        """Forbid new sessions while locked."""
        await self._set("charger_locked", locked)

    async def set_led_brightness(self, percent: int) -> None:
        """Set the brightness; raises ValueError outside 10 to 100 %."""
        if percent not in BRIGHTNESS_PERCENT:
            raise ValueError("the brightness is 10 to 100 %")
        await self._set("led_max_brightness", percent)

    async def set_user_current(self, current_a: int) -> None:
        """Set the persistent user limit; raises ValueError outside 6 A to the installer's limit."""
        if self._installed_a is None:
            await self.read()
        installed_a = self._installed_a or MAXIMUM_A
        if not MINIMUM_A <= current_a <= installed_a:
            raise ValueError(f"the user limit is {MINIMUM_A} to {installed_a} A")
        await self._set("user_current", current_a)

    async def set_auto_update(self, *, enabled: bool) -> None:
        """Switch the charger's own search for new firmware."""
        await self._set("auto_update", enabled)

    def _tells_offer(self, live: Fields) -> bool:
        """Tell whether the live data make a separate ``dynamic_current.get`` needless."""
        return "dynamic_current" in live

    async def _read_settings(self) -> None:
        settings = await self._rpc.fields("app_config.get")
        if "user_current" not in settings and self._asks_system_currents:
            # Firmware of which app_config does not tell the user's limit.
            currents = await self._fields_if_known("System_currents.Get")
            self._asks_system_currents = "user_current" in currents
            settings = settings.completed_by(currents)
        self._settings = settings

    async def _fields_if_known(self, method: str) -> Fields:
        """Read what older firmware may not have: without it the live data are still worth a lot."""
        try:
            return await self._rpc.fields(method)
        except DeviceProtocolError, DeviceCommandError:
            return Fields({}, method)

    def _observe(self, reading: ChargerReading) -> None:
        counters = (reading.session_energy_wh, reading.charging_time_s)
        self._watch.observe(
            Trace(
                firmware=reading.firmware,
                volatile=(reading.offered_current_a, reading.force_single_phase),
                session=tuple(counter or 0 for counter in counters),
            ),
            self._rpc.outages,
        )
        self._learn_firmware(reading.firmware)
        self._installed_a = reading.install_current_a

    async def _send_current(self, wish: Callable[[], Offer], *, urgent: bool) -> None:
        """Send the newest wish; the relay mode goes with it, as the charger may have forgotten."""
        sent: Offer = (0, None)

        def params() -> Mapping[str, object]:
            nonlocal sent
            sent = wish()
            return _params(sent)

        self._watch.expect(None)
        try:
            await self._rpc.command("dynamic_current.set", params, urgent=urgent)
        except DeviceError as error:
            self._watch.expect(None)
            if isinstance(error, DeviceCommandError):
                # Should it be the relay mode that is refused, the next cut must not fail with it.
                self._single_phase = None
            raise
        self._watch.expect(sent)


class ThreePhaseCharger(Charger):
    """A charger that can be forced to use one phase only."""

    @override
    def _tells_offer(self, live: Fields) -> bool:
        return super()._tells_offer(live) and "relay_mode" in live

    async def set_force_single_phase(self, *, forced: bool) -> None:
        """Switch the phases, at the current that is offered now (protocol A.7).

        The charger forgets this when it restarts, so it is sent again with every current.
        """
        wishes = self._wishes
        present = await self._rpc.fields("dynamic_current.get")
        offered_a = present.need_int("dynamic_current", 0, MAXIMUM_A)
        if 0 < offered_a < MINIMUM_A:
            raise DeviceProtocolError(f"the charger says that it offers {offered_a} A")

        def wish() -> Offer:
            # A current that was wished meanwhile is newer than the one that was read.
            return (offered_a if self._wishes == wishes else self._wish_a), forced

        await self._send_current(wish, urgent=False)
        self._single_phase = forced


def _params(offer: Offer) -> Mapping[str, object]:
    current_a, single_phase = offer
    if single_phase is None:
        return {"dynamic_current": current_a}
    mode = SINGLE_PHASE if single_phase else THREE_PHASE
    return {"dynamic_current": current_a, "relay_mode": mode}
