"""The OCPP server of all sites, as Home Assistant runs it (LEK-14).

It is started when the first site asks for one, and stays open while sites are reloaded: a charge
point that is hung up on may take minutes to dial in again.
"""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import asdict
import ssl
import time
from typing import Any, Final

from homeassistant.config_entries import (
    SOURCE_INTEGRATION_DISCOVERY,
    ConfigEntry,
    ConfigFlowContext,
    ConfigSubentry,
)
from homeassistant.const import CONF_PASSWORD, CONF_PORT, EVENT_HOMEASSISTANT_CLOSE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import discovery_flow
from homeassistant.helpers.storage import Store
from homeassistant.util.hass_dict import HassKey

from .const import (
    CONF_CERTIFICATE,
    CONF_DRIVER,
    CONF_LINES,
    CONF_MAXIMUM_A,
    CONF_PRIVATE_KEY,
    CONF_SAFE_A,
    CONF_SECURITY,
    CONF_SERIAL,
    DOMAIN,
    LOGGER,
    OCPP_DRIVER,
    SECURITY_NONE,
    SECURITY_TLS,
    SUBENTRY_CHARGER,
    SUBENTRY_SERVER,
)
from .devices import CentralSystem, Door, Place, Station, Stations, charge_point_identity
from .store import async_read_or_none
from .translate import line_voltage_v

STORE_VERSION: Final = 1
SAVE_DELAY_S: Final = 1.0
"""Transaction ids are unique even if the last ones are lost; tags and sessions are not urgent."""

MOST_STRANGERS: Final = 20
"""So many are offered at once: without a password anybody can make names up."""
LISTEN_ON: Final[str | None] = None
"""Every address of this machine: chargers are somewhere else in the network."""

type Settings = Mapping[str, Any]


class Central:
    """The one server, what it knows of charge points, and who of them was accepted."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Open nothing yet."""
        self._hass = hass
        self._store: Store[dict[str, object]] = Store(
            hass, STORE_VERSION, f"{DOMAIN}.ocpp", atomic_writes=True, private=True
        )
        self.stations = Stations(clock=hass.loop.time, wall=wall_s, on_remember=self._remember)
        self.system = CentralSystem(self.stations, hass.loop.time, self._on_stranger)
        self.error: str | None = None
        """Why the server does not listen although a site asks for it."""
        self._settings: Settings | None = None
        self._loaded = False
        self._busy = asyncio.Lock()
        hass.bus.async_listen_once(EVENT_HOMEASSISTANT_CLOSE, self._async_close)

    async def async_load(self) -> None:
        """Recall once what was known when Home Assistant stopped."""
        if self._loaded:
            return
        self._loaded = True
        self.stations.recall(
            await async_read_or_none(self._store, "What was known of charge points")
        )

    async def async_update(self) -> None:
        """Accept the charge points of the sites as they are now, and listen as they ask."""
        async with self._busy:
            await self.async_load()
            entries = [
                it
                for it in self._hass.config_entries.async_entries(DOMAIN, include_ignore=False)
                if it.disabled_by is None
            ]
            self.stations.place(dict(_places(entries)))
            server = next(_servers(entries), None)
            wanted = None if server is None else server.data
            if wanted != self._settings:
                await self._async_reopen(wanted)

    async def _async_reopen(self, wanted: Settings | None) -> None:
        await self.system.close()
        self._settings = None
        self.error = None
        if wanted is None:
            return
        try:
            await self.system.open(await self._async_door(wanted))
        except OSError as err:
            # Settings are tried again with the next update: a port may be free by then.
            self.error = err.strerror or str(err)
            LOGGER.error("The OCPP server cannot listen on port %s: %s", wanted[CONF_PORT], err)
        else:
            self._settings = wanted
            LOGGER.info("The OCPP server listens on port %s", self.system.port)

    async def _async_door(self, wanted: Settings) -> Door:
        """Return where and how to listen; raises OSError for a certificate that cannot be used."""
        tls: ssl.SSLContext | None = None
        if wanted[CONF_SECURITY] == SECURITY_TLS:
            certificate, key = certificate_paths(self._hass, wanted)
            tls = await self._hass.async_add_executor_job(tls_context, certificate, key)
        secret = None if wanted[CONF_SECURITY] == SECURITY_NONE else wanted[CONF_PASSWORD]
        return Door(host=LISTEN_ON, port=wanted[CONF_PORT], password=secret, tls=tls)

    async def _async_close(self, _event: Event) -> None:
        await self.system.close()
        if known := self.stations.to_json():
            await self._store.async_save(known)

    def report(self) -> dict[str, object]:
        """Return how the server is doing, without names."""
        return {
            "port": self.system.port,
            "error": self.error,
            "refused": asdict(self.system.counters),
            "charge_points": len(tuple(self.stations)),
        }

    @callback
    def _remember(self) -> None:
        self._store.async_delay_save(self.stations.to_json, SAVE_DELAY_S)

    @callback
    def _on_stranger(self, station: Station) -> None:
        """Offer a charge point that nobody has accepted yet, unless too many are offered."""
        offered = self._hass.config_entries.flow.async_progress_by_handler(
            DOMAIN, match_context={"source": SOURCE_INTEGRATION_DISCOVERY}
        )
        if len(offered) >= MOST_STRANGERS:
            return
        discovery_flow.async_create_flow(
            self._hass,
            DOMAIN,
            context=ConfigFlowContext(source=SOURCE_INTEGRATION_DISCOVERY),
            data={"identity": charge_point_identity(station)},
        )


CENTRAL: HassKey[Central] = HassKey(f"{DOMAIN}_central")


@callback
def central_of(hass: HomeAssistant) -> Central:
    """Return the one server of this Home Assistant."""
    if (central := hass.data.get(CENTRAL)) is None:
        central = hass.data[CENTRAL] = Central(hass)
    return central


async def async_prepare_central(hass: HomeAssistant) -> None:
    """Have the server as the sites want it now; called before a site starts and after it ends."""
    await central_of(hass).async_update()


@callback
def exchange(hass: HomeAssistant) -> Stations:
    """Return where charge points dial in."""
    return central_of(hass).stations


def wall_s() -> float:
    """Return UNIX time, which the charge points' clocks are set by."""
    return time.time()


def certificate_paths(hass: HomeAssistant, settings: Settings) -> tuple[str, str]:
    """Return the files of certificate and key, Home Assistant's own where none are named.

    Raises OSError where there are none.
    """
    certificate = settings.get(CONF_CERTIFICATE) or hass.http.ssl_certificate
    key = settings.get(CONF_PRIVATE_KEY) or hass.http.ssl_key
    if not certificate or not key:
        raise FileNotFoundError("there is no certificate")
    return certificate, key


def tls_context(certificate: str, key: str) -> ssl.SSLContext:
    """Return a context with these files; raises OSError for files that cannot be used."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context


def _servers(entries: list[ConfigEntry]) -> Iterator[ConfigSubentry]:
    for entry in entries:
        for subentry in entry.subentries.values():
            if subentry.subentry_type == SUBENTRY_SERVER:
                yield subentry


def _places(entries: list[ConfigEntry]) -> Iterator[tuple[str, Place]]:
    """Yield what the sites want of each charge point that belongs to them."""
    for entry in entries:
        for subentry in entry.subentries.values():
            data = subentry.data
            if subentry.subentry_type == SUBENTRY_CHARGER and data[CONF_DRIVER] == OCPP_DRIVER:
                yield (
                    data[CONF_SERIAL],
                    Place(
                        lines=data[CONF_LINES],
                        safe_a=data[CONF_SAFE_A],
                        maximum_a=data[CONF_MAXIMUM_A],
                        line_voltage_v=line_voltage_v(entry, subentry),
                    ),
                )
