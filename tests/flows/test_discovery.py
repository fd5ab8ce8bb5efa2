"""Devices that announce themselves on the network (LEK-1)."""

from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest

from custom_components.evse_suite.const import DOMAIN
from custom_components.evse_suite.flows.device import announced_host, find_announced
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from simulator.devices.base import SimulatedDevice

from .conftest import (
    Result,
    Setup,
    Start,
    add_site,
    announcement,
    charger,
    charger_data,
    discover,
    lektrico_em,
    meter_data,
    shelly_em,
    shelly_pro,
    submit,
    suggestions,
)


async def fill(hass: HomeAssistant, result: Result, **values: Any) -> Result:
    return await submit(hass.config_entries.flow, result, **values)


def card(hass: HomeAssistant) -> dict[str, str]:
    """Return the placeholders of the only discovered card."""
    (flow,) = hass.config_entries.flow.async_progress()
    return dict(flow["context"]["title_placeholders"])


async def test_one_confirmation_adds_a_charger_to_the_site(
    hass: HomeAssistant, start: Start, setup: Setup
) -> None:
    """LEK-1: a card with model and serial number, and one confirmation."""
    entry = await add_site(hass)
    device = charger()
    host = await start(device)
    form = await discover(hass, device)
    assert form["step_id"] == "charger"
    assert card(hass) == {
        "name": "1P7K 500006",
        "model": "1P7K",
        "serial": "500006",
        "host": host,
    }
    result = await fill(hass, form)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "device_added"
    (subentry,) = entry.subentries.values()
    assert subentry.subentry_type == "charger"
    assert subentry.title == "Lektrico 1P7K 500006"
    assert subentry.unique_id == "lektrico_500006"
    assert subentry.data == charger_data(host)["data"]
    await hass.async_block_till_done()
    assert setup.updated == [entry.entry_id]


@pytest.mark.parametrize(
    "device", [lektrico_em(), lektrico_em(clamps=3), shelly_em(), shelly_pro()]
)
async def test_one_confirmation_adds_a_meter_to_the_site(
    hass: HomeAssistant, start: Start, device: SimulatedDevice
) -> None:
    """LEK-1: the EM is found as the charger is, and Shelly meters too."""
    entry = await add_site(hass)
    await start(device)
    for service in range(len(device.announcement.service_types)):
        form = await discover(hass, device, service)
        if service:
            # The later generations announce themselves twice.
            assert form["reason"] == "already_in_progress"
        else:
            first = form
    assert first["step_id"] == "meter"
    result = await fill(hass, first)
    assert result["reason"] == "device_added"
    (subentry,) = entry.subentries.values()
    assert subentry.data["role"] == "mains"
    assert subentry.data["phases"][0] == "l1"


async def test_errors_of_the_device_form_are_mended(hass: HomeAssistant, start: Start) -> None:
    entry = await add_site(hass)
    device = charger()
    await start(device)
    form = await fill(hass, await discover(hass, device), name="Drive", safe_a=2)
    assert form["errors"] == {"safe_a": "safe_below_minimum"}
    assert suggestions(form)["name"] == "Drive"
    result = await fill(hass, form, safe_a=0)
    assert result["reason"] == "device_added"
    (subentry,) = entry.subentries.values()
    assert subentry.title == "Drive"


async def test_site_is_set_up_with_its_first_device(hass: HomeAssistant, start: Start) -> None:
    hass.config.country = "GB"
    device = charger()
    host = await start(device)
    form = await discover(hass, device)
    assert form["step_id"] == "site"
    assert suggestions(form)["fuse_a"] == "60"
    form = await fill(hass, form, fuse_a="none")
    assert form["errors"] == {"fuse_a": "invalid_fuse"}
    form = await fill(hass, form, name="Home", fuse_a="100")
    assert form["step_id"] == "charger"
    result = await fill(hass, form, name="Garage")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert (entry.title, entry.unique_id) == ("Home", None)
    assert entry.data == {"supply": "single", "fuse_a": 100, "voltage_v": 230.0}
    assert entry.options == {"mode": "power"}
    (subentry,) = entry.subentries.values()
    assert (subentry.title, subentry.unique_id) == ("Garage", "lektrico_500006")
    assert subentry.data == charger_data(host)["data"]


async def test_second_card_joins_the_site_that_the_first_one_founded(
    hass: HomeAssistant, start: Start
) -> None:
    one, other = charger(), shelly_em()
    await start(one)
    await start(other)
    first = await discover(hass, one)
    second = await discover(hass, other)
    assert second["step_id"] == "site"
    await fill(hass, await fill(hass, first))
    # The user interface asks for the step again when the card is opened.
    opened = await hass.config_entries.flow.async_configure(second["flow_id"])
    assert opened["step_id"] == "meter"
    result = await fill(hass, dict(opened))
    assert result["reason"] == "device_added"
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert {sub.subentry_type for sub in entry.subentries.values()} == {"charger", "meter"}


async def test_one_of_several_sites_is_chosen(hass: HomeAssistant, start: Start) -> None:
    home = await add_site(hass)
    barn = await add_site(hass, title="Barn", supply="three")
    device = charger()
    await start(device)
    form = await discover(hass, device)
    assert form["step_id"] == "pick_site"
    options = form["data_schema"].schema["site"].config["options"]
    assert {option["label"] for option in options} == {"Home", "Barn"}
    form = await fill(hass, form, site=barn.entry_id)
    assert form["step_id"] == "charger"
    result = await fill(hass, form, line_1="l3")
    assert result["reason"] == "device_added"
    assert not home.subentries
    assert [sub.data["phases"] for sub in barn.subentries.values()] == [["l3"]]


async def test_site_that_is_removed_meanwhile(hass: HomeAssistant, start: Start) -> None:
    entry = await add_site(hass)
    device = charger()
    await start(device)
    form = await discover(hass, device)
    await hass.config_entries.async_remove(entry.entry_id)
    result = await fill(hass, form)
    assert result["reason"] == "site_removed"


@pytest.mark.parametrize(
    ("device", "old"),
    [
        (charger(), charger_data("127.0.0.1:1")),
        (
            charger(credentials=("owner", "secret")),
            charger_data("127.0.0.1:1", username="owner", password="secret"),
        ),
        (shelly_em(password="secret"), meter_data("127.0.0.1:1", password="secret")),
    ],
)
async def test_changed_address_heals_itself(
    hass: HomeAssistant, start: Start, setup: Setup, device: SimulatedDevice, old: Any
) -> None:
    entry = await add_site(hass, old)
    host = await start(device)
    result = await discover(hass, device)
    assert result["reason"] == "already_configured"
    (subentry,) = entry.subentries.values()
    assert subentry.data == old["data"] | {"host": host}
    await hass.async_block_till_done()
    assert setup.updated == [entry.entry_id]


async def test_same_address_touches_nothing(
    hass: HomeAssistant, start: Start, setup: Setup
) -> None:
    device = charger()
    host = await start(device)
    entry = await add_site(hass, charger_data(host))
    # Not even asked: a device that is busy or broken is left alone.
    device.inject({"hang": True})
    result = await discover(hass, device)
    assert result["reason"] == "already_configured"
    await hass.async_block_till_done()
    assert setup.updated == []
    assert setup.started == [entry.entry_id]


async def test_another_device_with_a_known_serial_number_is_offered(
    hass: HomeAssistant, start: Start
) -> None:
    """Serial numbers are unique within a driver only."""
    entry = await add_site(hass, meter_data("192.0.2.1", serial="500006"))
    device = charger()
    await start(device)
    form = await discover(hass, device)
    assert form["step_id"] == "charger"
    (subentry,) = entry.subentries.values()
    assert subentry.data["host"] == "192.0.2.1"


@pytest.mark.parametrize(
    ("fault", "reason"), [("silent", "cannot_connect"), ("garbage", "not_supported")]
)
async def test_what_cannot_be_used_ends_quietly(
    hass: HomeAssistant, start: Start, fault: str, reason: str
) -> None:
    device = charger()
    await start(device)
    device.inject({fault: True})
    result = await discover(hass, device)
    assert result["reason"] == reason
    assert hass.config_entries.flow.async_progress() == []


async def test_ignored_device_stays_ignored(hass: HomeAssistant, start: Start) -> None:
    device = charger()
    await start(device)
    await discover(hass, device)
    await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": "ignore"},
        data={"unique_id": "lektrico_500006", "title": "1P7K 500006"},
    )
    result = await discover(hass, device)
    assert result["reason"] == "already_configured"
    # An ignored device is no site.
    other = shelly_em()
    await start(other)
    assert (await discover(hass, other))["step_id"] == "site"


@pytest.mark.parametrize(
    ("device", "login"),
    [
        (charger(credentials=("owner", "secret")), {"username": "owner", "password": "secret"}),
        (shelly_pro(password="secret"), {"password": "secret"}),
    ],
)
async def test_login_of_a_discovered_device(
    hass: HomeAssistant, start: Start, device: SimulatedDevice, login: dict[str, str]
) -> None:
    entry = await add_site(hass)
    host = await start(device)
    form = await discover(hass, device)
    assert form["step_id"] == "auth"
    assert card(hass) == {"name": device.announcement.instance}
    assert {key.schema for key in form["data_schema"].schema} == login.keys()
    again = await discover(hass, device)
    assert again["reason"] == "already_in_progress"
    form = await fill(hass, form, **(login | {"password": "wrong"}))
    assert form["errors"] == {"base": "invalid_auth"}
    form = await fill(hass, form, **login)
    assert card(hass)["serial"]
    result = await fill(hass, form)
    assert result["reason"] == "device_added"
    (subentry,) = entry.subentries.values()
    assert subentry.data.items() >= ({"host": host} | login).items()


async def test_known_device_with_a_new_address_and_a_new_login(
    hass: HomeAssistant, start: Start
) -> None:
    entry = await add_site(hass, charger_data("127.0.0.1:1", username="owner", password="old"))
    device = charger(credentials=("owner", "new"))
    host = await start(device)
    form = await discover(hass, device)
    assert form["step_id"] == "auth"
    result = await fill(hass, form, password="new")
    assert result["reason"] == "already_configured"
    (subentry,) = entry.subentries.values()
    stored = charger_data(host, username="owner", password="new")
    assert subentry.data == stored["data"]


@pytest.mark.parametrize(
    ("address", "port", "host"),
    [
        ("192.0.2.7", 80, "192.0.2.7"),
        ("192.0.2.7", None, "192.0.2.7"),
        ("192.0.2.7", 8080, "192.0.2.7:8080"),
        ("fd00::7", 80, "[fd00::7]"),
        ("fd00::7", 8080, "[fd00::7]:8080"),
    ],
)
async def test_port_is_kept_unless_it_is_the_usual_one(
    start: Start, address: str, port: int | None, host: str
) -> None:
    device = charger()
    await start(device)
    info = replace(announcement(device), ip_address=ip_address(address), port=port)
    assert announced_host(info) == host


async def test_announced_name_hints_at_a_known_device(hass: HomeAssistant) -> None:
    await add_site(hass, charger_data("192.0.2.1"), meter_data("192.0.2.2"))

    def hint(name: str) -> str | None:
        known = find_announced(hass, name)
        return known and known.subentry.title

    assert hint("Lektrico-1p7k-500006") == "Garage"
    assert hint("Lektrico-1p7k-500006 (2)") == "Garage"
    assert hint("shellyem-A4CF12B9F355") == "Mains"
    # The first generation announces the last six digits only.
    assert hint("shellyem-B9F355") == "Mains"
    assert hint("shellyem-F355") is None
    assert hint("Lektrico-1p7k-6") is None
    assert hint("Lektrico-1p7k-") is None
    assert hint("") is None
