"""The site and its devices in the device registry."""

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .account.setup import account_identifier
from .const import CONF_MAKE, CONF_MODEL, DOMAIN, DRIVER_ENTITIES
from .devices.model import Reading
from .limits import limit_subentries
from .links import DeviceLink
from .plans.cars import vehicle_subentries
from .site import SiteConfigEntry
from .views import device_identifier


@callback
def async_register_devices(hass: HomeAssistant, entry: SiteConfigEntry) -> None:
    """Register the site and, reached through it, each charger, meter, limit, account and vehicle.

    Runs before the platforms, whose entities name their device by its identifier only.
    """
    site_device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(DOMAIN, entry.entry_id)},
        entry_type=dr.DeviceEntryType.SERVICE,
        name=entry.title,
    )
    site = entry.runtime_data
    for charger in site.chargers.values():
        _register(hass, entry, charger, site_device.id)
    for meter in site.meters.values():
        _register(hass, entry, meter, site_device.id)
    for limit in limit_subentries(entry):
        dr.async_get(hass).async_get_or_create(
            config_entry_id=entry.entry_id,
            config_subentry_id=limit.subentry_id,
            identifiers={(DOMAIN, device_identifier(limit))},
            entry_type=dr.DeviceEntryType.SERVICE,
            name=limit.title,
            via_device_id=site_device.id,
        )
    for supply in site.accounts.all:
        setup = supply.ledger.setup
        dr.async_get(hass).async_get_or_create(
            config_entry_id=entry.entry_id,
            config_subentry_id=setup.key,
            identifiers={(DOMAIN, account_identifier(setup.key))},
            entry_type=dr.DeviceEntryType.SERVICE,
            name=setup.name,
            serial_number=setup.settings.serial or None,
            via_device_id=site_device.id,
        )
    for vehicle in vehicle_subentries(entry).values():
        dr.async_get(hass).async_get_or_create(
            config_entry_id=entry.entry_id,
            config_subentry_id=vehicle.subentry_id,
            identifiers={(DOMAIN, device_identifier(vehicle))},
            name=vehicle.title,
            manufacturer=vehicle.data.get(CONF_MAKE),
            model=vehicle.data.get(CONF_MODEL),
            via_device_id=site_device.id,
        )


def _register[R: Reading](
    hass: HomeAssistant, entry: SiteConfigEntry, link: DeviceLink[R], via_device_id: str
) -> None:
    registry = dr.async_get(hass)
    identity = link.device.identity
    subentry = entry.subentries[link.key]
    mac = identity.mac
    device = registry.async_get_or_create(
        config_entry_id=entry.entry_id,
        config_subentry_id=subentry.subentry_id,
        identifiers={(DOMAIN, device_identifier(subentry))},
        connections=set() if mac is None else {(dr.CONNECTION_NETWORK_MAC, dr.format_mac(mac))},
        configuration_url=_web_page(subentry),
        name=subentry.title,
        manufacturer=identity.manufacturer or None,
        model=identity.model,
        model_id=identity.model_id,
        serial_number=None if identity.driver == DRIVER_ENTITIES else identity.serial,
        via_device_id=via_device_id,
    )
    known = (device.sw_version, device.hw_version)

    @callback
    def note_versions() -> None:
        """Keep up with an update that the device installs by itself (LEK-13)."""
        nonlocal known
        versions = (link.device.identity.firmware, link.device.identity.hardware)
        if versions != known:
            known = versions
            registry.async_update_device(device.id, sw_version=versions[0], hw_version=versions[1])

    note_versions()
    entry.async_on_unload(link.add_listener(note_versions))


def _web_page(subentry: ConfigSubentry) -> str | None:
    """Return where the device's own page is, None for one that is not reached over HTTP."""
    host: str = subentry.data.get(CONF_HOST, "")
    if not host or "/" in host:
        # A serial port, a gateway, a topic of a broker.
        return None
    is_bare_ipv6 = host.count(":") > 1 and not host.startswith("[")
    return f"http://[{host}]/" if is_bare_ipv6 else f"http://{host}/"
