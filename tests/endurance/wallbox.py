"""A charger that is only known by its entities, as some integration would write them."""

from typing import Final

from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from simulator.plant.plug import Plug

STATUS: Final = "sensor.wallbox_status"
POWER: Final = "sensor.wallbox_power"
LIMIT: Final = "input_number.wallbox_limit"
SWITCH: Final = "input_boolean.wallbox_charging"
ENTITIES: Final = {"status": STATUS, "power": POWER, "current_limit": LIMIT, "enable": SWITCH}
RANGE: Final = {"unit_of_measurement": "A", "min": 6, "max": 32, "step": 1}
REPORTS_EVERY_S: Final = 2.0
BOOT_S: Final = 8.0
FULL_A: Final = 32


class Wallbox:
    """Hangs on a plug of the house; keeps its limit in flash, but a restart switches it on."""

    def __init__(self, hass: HomeAssistant, plug: Plug) -> None:
        """Register its actions."""
        self.limit_a = float(FULL_A)
        self.allowed = True
        self.gone = False
        """Its integration has lost it."""
        self.mute = False
        """Its entities stand still and look healthy."""
        self.refuses = False
        self.heard_a: list[float] = []
        """Every limit that it was told."""
        self._hass = hass
        self._plug = plug
        self._boot_left_s = 0.0
        self._report_in_s = 0.0
        hass.services.async_register("input_number", "set_value", self._set)
        hass.services.async_register("input_boolean", "turn_on", self._switch)
        hass.services.async_register("input_boolean", "turn_off", self._switch)
        self._report()

    @property
    def booting(self) -> bool:
        """Whether it is restarting."""
        return self._boot_left_s > 0

    def reboot(self) -> None:
        """Restart: no current for a while, then all that it may."""
        self._boot_left_s = BOOT_S
        self.allowed, self.limit_a = True, float(FULL_A)

    def step(self, dt_s: float) -> None:
        """Offer current, and report now and then."""
        self._boot_left_s -= dt_s
        on = self.allowed and not self.booting
        self._plug.offer(self.limit_a if on else 0.0, 1)
        self._report_in_s -= dt_s
        if self._report_in_s <= 0 and not self.mute:
            self._report_in_s = REPORTS_EVERY_S
            self._report()

    async def _set(self, call: ServiceCall) -> None:
        self._hear()
        self.heard_a.append(call.data["value"])
        self.limit_a = call.data["value"]
        self._report_soon()

    async def _switch(self, call: ServiceCall) -> None:
        self._hear()
        self.allowed = call.service == "turn_on"
        self._report_soon()

    def _hear(self) -> None:
        if self.refuses or self.gone or self.booting or self.mute:
            raise HomeAssistantError("the wallbox does not answer")

    def _report_soon(self) -> None:
        self._report_in_s = min(self._report_in_s, 0.5)

    def _report(self) -> None:
        states = self._hass.states
        if self.gone or self.booting:
            for entity_id in ENTITIES.values():
                states.async_set(entity_id, "unavailable")
            return
        power_kw = sum(self._plug.drawn_a()) * self._plug.voltage_v()[0] / 1000
        states.async_set(LIMIT, f"{self.limit_a:.0f}", RANGE)
        states.async_set(SWITCH, "on" if self.allowed else "off")
        states.async_set(STATUS, self._status())
        states.async_set(POWER, f"{power_kw:.3f}", {"unit_of_measurement": "kW"})

    def _status(self) -> str:
        if not self._plug.plugged:
            return "disconnected"
        return "charging" if sum(self._plug.drawn_a()) > 1 else "connected"
