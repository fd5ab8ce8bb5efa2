"""A device that refuses its stored login."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from simulator.devices.base import SimulatedDevice

from .conftest import (
    Result,
    Setup,
    Start,
    add_site,
    charger,
    charger_data,
    meter_data,
    shelly_em,
    shelly_pro,
    submit,
    suggestions,
)


async def begin(hass: HomeAssistant, entry: MockConfigEntry, number: int = 0) -> Result:
    """Ask for a login as the site does, and return the form."""
    subentry_id = list(entry.subentries)[number]
    entry.async_start_reauth(hass, data={"subentry_id": subentry_id})
    await hass.async_block_till_done()
    (flow,) = hass.config_entries.flow.async_progress()
    return dict(await hass.config_entries.flow.async_configure(flow["flow_id"]))


@pytest.mark.parametrize(
    ("device", "stored", "login"),
    [
        (
            charger(credentials=("owner", "new")),
            charger_data("", username="owner", password="old"),
            {"username": "owner", "password": "new"},
        ),
        (
            shelly_em(password="new"),
            meter_data("", username="admin", password="old"),
            {"username": "admin", "password": "new"},
        ),
        (shelly_pro(password="new"), meter_data("", "AABBCCDDEEFF"), {"password": "new"}),
    ],
)
async def test_new_login_is_tried_and_stored(
    hass: HomeAssistant,
    start: Start,
    setup: Setup,
    *,
    device: SimulatedDevice,
    stored: Any,
    login: dict[str, str],
) -> None:
    host = await start(device)
    data = stored["data"] | {"host": host}
    stored["data"] = data
    entry = await add_site(hass, charger_data("192.0.2.1", 1), stored)
    form = await begin(hass, entry, 1)
    assert form["step_id"] == "reauth_confirm"
    assert form["description_placeholders"] == {"name": stored["title"], "host": host}
    assert {key.schema for key in form["data_schema"].schema} == login.keys()
    assert "password" not in suggestions(form)
    form = await submit(hass.config_entries.flow, form, **(login | {"password": "wrong"}))
    assert form["errors"] == {"base": "invalid_auth"}
    assert suggestions(form) == login | {"password": "wrong"}
    result = await submit(hass.config_entries.flow, form, **login)
    assert result["reason"] == "reauth_successful"
    subentry = list(entry.subentries.values())[1]
    assert subentry.data == data | login
    await hass.async_block_till_done()
    assert setup.updated == [entry.entry_id]
    assert setup.started == [entry.entry_id]


async def test_login_that_works_again_is_tried_at_once(
    hass: HomeAssistant, start: Start, setup: Setup
) -> None:
    device = charger(credentials=("owner", "secret"))
    host = await start(device)
    entry = await add_site(hass, charger_data(host, username="owner", password="secret"))
    result = await submit(hass.config_entries.flow, await begin(hass, entry), password="secret")
    assert result["reason"] == "reauth_successful"
    await hass.async_block_till_done()
    assert setup.started == [entry.entry_id, entry.entry_id]


async def test_other_device_at_the_address_gets_no_login_stored(
    hass: HomeAssistant, start: Start
) -> None:
    other = charger(500007)
    host = await start(other)
    entry = await add_site(hass, charger_data(host, username="owner", password="old"))
    form = await submit(hass.config_entries.flow, await begin(hass, entry), password="new")
    assert form["errors"] == {"base": "different_device"}
    (subentry,) = entry.subentries.values()
    assert subentry.data["password"] == "old"
    await other.stop()
    form = await submit(hass.config_entries.flow, form)
    assert form["errors"] == {"base": "cannot_connect"}


async def test_device_that_was_removed_needs_no_login(hass: HomeAssistant, start: Start) -> None:
    device = charger(credentials=("owner", "new"))
    entry = await add_site(hass, charger_data(await start(device)))
    form = await begin(hass, entry)
    hass.config_entries.async_remove_subentry(entry, next(iter(entry.subentries)))
    result = await submit(hass.config_entries.flow, form, password="new")
    assert result["reason"] == "device_removed"
