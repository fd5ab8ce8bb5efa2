"""A charger behind states of Home Assistant, and a clock to move."""

import asyncio
from typing import Any

from custom_components.evse_suite.devices import known_identity, open_device
from custom_components.evse_suite.devices.entities import HomeEntities
from custom_components.evse_suite.devices.model import DeviceIdentity, DeviceKind
from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.helpers.aiohttp_client import async_get_clientsession

ENTITIES = {
    "status": "sensor.status",
    "power": "sensor.power",
    "current_limit": "number.limit",
    "enable": "switch.allow",
}
A = {"unit_of_measurement": "A", "min": 6, "max": 32, "step": 1}


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.ahead_s = 0.0
        self._hass = hass

    def __call__(self) -> float:
        return self._hass.loop.time() + self.ahead_s


class Box:
    """A charger behind states: takes actions, and shows them when it is asked to."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.hass = hass
        self.clock = Clock(hass)
        self.calls: list[tuple[str, Any]] = []
        self.refuses: Exception | None = None
        self.hangs: asyncio.Event | None = None
        for name, handler in (
            ("number.set_value", self._limited),
            ("switch.turn_on", self._switched),
            ("switch.turn_off", self._switched),
        ):
            domain, _, service = name.partition(".")
            hass.services.async_register(domain, service, handler)
        self.show()

    async def _limited(self, call: ServiceCall) -> None:
        await self._refuse()
        self.calls.append(("limit", call.data["value"]))

    async def _switched(self, call: ServiceCall) -> None:
        await self._refuse()
        self.calls.append(("allow", call.service == "turn_on"))

    async def _refuse(self) -> None:
        if self.hangs is not None:
            await self.hangs.wait()
        if self.refuses is not None:
            raise self.refuses

    def show(
        self,
        limit: object = 16,
        *,
        allow: str = "on",
        status: str = "Charging",
        power: object = "2.3",
        unit: str | None = "kW",
        context: Context | None = None,
    ) -> None:
        """Write all states; what does not change is only reported again."""
        states = self.hass.states
        states.async_set("number.limit", str(limit), A, context=context)
        states.async_set("switch.allow", allow, context=context)
        states.async_set("sensor.status", status)
        states.async_set("sensor.power", str(power), {"unit_of_measurement": unit})

    def open(self, lines: int = 1, **settings: Any) -> Any:
        """Return the device's object."""
        stored = {"entities": ENTITIES, "maximum_a": 32} | settings
        return open_device(
            identity(lines),
            async_get_clientsession(self.hass),
            "",
            clock=self.clock,
            entities=HomeEntities(self.hass),
            settings=stored,
        )


def identity(lines: int = 1) -> DeviceIdentity:
    return known_identity(
        "entities",
        kind=DeviceKind.CHARGER,
        serial="x",
        model="Thing",
        model_id="",
        lines=lines,
    )
