"""IND-1: a device by the MAC address on its label or in its QR code."""

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.evse_suite.const import DOMAIN
from custom_components.evse_suite.flows.mac import host_of
from custom_components.evse_suite.flows.validate import WrongEntryError
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
from simulator.devices.bench import BenchClamp
from simulator.devices.shelly import ShellyGen1

MAC = "A4:CF:12:B9:F3:55"
BARE = "A4CF12B9F355"


@pytest.fixture
def site(hass: HomeAssistant) -> MockConfigEntry:
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Home",
        data={"supply": "single", "fuse_a": 60, "voltage_v": 230.0},
        options={"mode": "power"},
    )
    entry.add_to_hass(hass)
    return entry


def seen_elsewhere(hass: HomeAssistant, url: str) -> None:
    """Have another integration know the device."""
    other = MockConfigEntry(domain="shelly")
    other.add_to_hass(hass)
    dr.async_get(hass).async_get_or_create(
        config_entry_id=other.entry_id,
        connections={(dr.CONNECTION_NETWORK_MAC, dr.format_mac(MAC))},
        configuration_url=url,
    )


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("A4:CF:12:B9:F3", "invalid_mac"),
        ("A4:CF:12:B9:F3:5G", "invalid_mac"),
        ("A4-CF-12-B9-F3-55-66", "invalid_mac"),
        ("MAC: A4CF12B9F3", "invalid_mac"),
        ("00:00:00:00:00:00", "invalid_mac"),
        ("FF:FF:FF:FF:FF:FF", "invalid_mac"),
        (MAC, "mac_unknown"),
        ("SN:500006;MAC:A4CF12B9F355", "mac_unknown"),
        ("not an address!", "invalid_host"),
    ],
)
def test_what_is_wrong_is_told(hass: HomeAssistant, text: str, error: str) -> None:
    """IND-1: one clear error for each."""
    with pytest.raises(WrongEntryError) as wrong:
        host_of(hass, text)
    assert wrong.value.key == error


@pytest.mark.parametrize("text", ["192.168.1.50", "charger.local", "fe80::1", "[::1]:81", "aa-bb"])
def test_addresses_stay_addresses(hass: HomeAssistant, text: str) -> None:
    assert host_of(hass, text)


@pytest.mark.parametrize("text", [MAC, BARE, MAC.lower().replace(":", "-"), f"X;MAC={MAC};PIN=1"])
def test_a_device_that_home_assistant_knows(hass: HomeAssistant, text: str) -> None:
    seen_elsewhere(hass, "http://192.168.1.77:8080/")
    assert host_of(hass, text) == "192.168.1.77:8080"


async def test_the_form_takes_the_label(
    hass: HomeAssistant, site: MockConfigEntry, socket_enabled: None
) -> None:
    """IND-1: typed from the label, found, added; the second time it is taken."""
    meter = ShellyGen1(model="SHEM", mac=BARE, clamps=[BenchClamp(), BenchClamp()])
    await meter.start()
    try:
        assert await hass.config_entries.async_setup(site.entry_id)
        subentries = hass.config_entries.subentries

        async def typed(text: str) -> dict[str, object]:
            flow = await subentries.async_init((site.entry_id, "meter"), context={"source": "user"})
            if flow["type"] is FlowResultType.MENU:
                flow = await subentries.async_configure(
                    flow["flow_id"], {"next_step_id": "address"}
                )
            return dict(await subentries.async_configure(flow["flow_id"], {"host": text}))

        assert (await typed(MAC))["errors"] == {"host": "mac_unknown"}
        seen_elsewhere(hass, meter.url)
        found = await typed(f"Model EM MAC {MAC}")
        assert found["step_id"] == "settings"
        place = {"name": "Roof", "role": "other", "channel_1": "none", "channel_2": "none"}
        done = await subentries.async_configure(str(found["flow_id"]), place)
        assert done["type"] is FlowResultType.CREATE_ENTRY
        await hass.async_block_till_done()
        assert (await typed(MAC))["errors"] == {"host": "mac_taken"}
        await hass.config_entries.async_unload(site.entry_id)
    finally:
        await meter.stop()
