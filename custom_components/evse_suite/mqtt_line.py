"""The broker of Home Assistant, for devices that publish there."""

from collections.abc import Callable
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from .devices.model import DeviceConnectionError

MQTT: Final = "mqtt"


class HomeBroker:
    """Subscriptions through Home Assistant's own MQTT integration."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Need nothing until somebody subscribes."""
        self._hass = hass

    async def subscribe(
        self, topic: str, on_message: Callable[[str | bytes], None]
    ) -> Callable[[], None]:
        """Call ``on_message`` with every payload; return what ends it.

        Raises DeviceConnectionError without MQTT.
        """
        if MQTT not in self._hass.config.components:
            raise DeviceConnectionError("MQTT is not set up in Home Assistant")
        # It is loaded already; whoever has no broker is spared it.
        from homeassistant.components import mqtt  # noqa: PLC0415

        @callback
        def received(message: mqtt.ReceiveMessage) -> None:
            payload = message.payload
            on_message(payload if isinstance(payload, str) else bytes(payload))

        if not await mqtt.async_wait_for_mqtt_client(self._hass):
            raise DeviceConnectionError("MQTT has no connection to its broker")
        try:
            return await mqtt.async_subscribe(self._hass, topic, received)
        except HomeAssistantError as error:
            raise DeviceConnectionError("MQTT is not ready") from error
