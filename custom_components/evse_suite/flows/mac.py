"""A device by the MAC address on its label or in its QR code (IND-1).

The label tells who a device is and not where. Where it is Home Assistant may know already: from a
discovery of the suite, or from another integration's device with this address.
"""

from collections.abc import Iterator
import re
from typing import Final

from yarl import URL

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr

from ..const import CONF_SERIAL, DOMAIN
from .site import known_devices
from .validate import WrongEntryError, join_host, parse_host

DIGITS: Final = 12
_IN_TEXT: Final = re.compile(
    r"(?<![0-9A-Za-z])(?<![^0-9A-Za-z][0-9A-Fa-f]{2}[:-])"
    r"([0-9A-Fa-f]{2}([:-]?)[0-9A-Fa-f]{2}(?:\2[0-9A-Fa-f]{2}){4})"
    r"(?![0-9A-Za-z]|[:-][0-9A-Fa-f]{2})"
)
_MEANT: Final = re.compile(
    r"[0-9A-Z]{1,2}(?:[:-][0-9A-Z]{1,2}){2,6}|.*\bMAC\b.*", re.IGNORECASE | re.DOTALL
)
"""What somebody types who means a MAC address: pairs of characters, or a label with the word."""


def host_of(hass: HomeAssistant, text: str) -> str:
    """Return the address that a text means, which may be a MAC address or hold one.

    Raises WrongEntryError: ``invalid_mac`` for one that is none, ``mac_taken`` for a device of a
    site, ``mac_unknown`` for one that Home Assistant has not seen, and as ``parse_host``.
    """
    # The space is what stands before a pair at the beginning.
    found = _IN_TEXT.search(f" {text}")
    if found is None:
        if _MEANT.fullmatch(text.strip()):
            raise WrongEntryError("invalid_mac")
        return parse_host(text)
    mac = _bare(found[1])
    if mac == "0" * DIGITS or int(mac[:2], 16) & 1:
        # Nobody's, or one for many.
        raise WrongEntryError("invalid_mac")
    if any(_bare(it.subentry.data.get(CONF_SERIAL, "")) == mac for it in known_devices(hass)):
        raise WrongEntryError("mac_taken")
    host = next(_places(hass, mac), None)
    if host is None:
        raise WrongEntryError("mac_unknown")
    return parse_host(host)


def _places(hass: HomeAssistant, mac: str) -> Iterator[str]:
    """Yield where a device with this address is; raises WrongEntryError for one of a site."""
    connection = (dr.CONNECTION_NETWORK_MAC, dr.format_mac(mac))
    for device in dr.async_get(hass).async_get_devices(connections={connection}):
        if any(domain == DOMAIN for domain, *_ in device.identifiers):
            raise WrongEntryError("mac_taken")
        page = URL(device.configuration_url or "")
        if page.host:
            yield join_host(f"[{page.host}]" if ":" in page.host else page.host, page.explicit_port)
    for flow in hass.config_entries.flow.async_progress_by_handler(DOMAIN):
        told = flow["context"].get("title_placeholders", {})
        if _bare(told.get("serial", "")) == mac and "host" in told:
            yield told["host"]


def _bare(text: str) -> str:
    return re.sub(r"[^0-9a-f]", "", text.lower())
