"""Changing chargers and meters that are part of a site."""

from typing import Any, cast

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from .conftest import (
    Result,
    Setup,
    Start,
    add,
    add_site,
    charger,
    charger_data,
    meter_data,
    only,
    suggestions,
)


async def menu(hass: HomeAssistant, entry: MockConfigEntry, choice: str) -> Result:
    """Open the menu of the only device and choose."""
    result = await entry.start_subentry_reconfigure_flow(hass, only(entry).subentry_id)
    assert result["type"] is FlowResultType.MENU
    assert result["menu_options"] == ["settings", "connection"]
    step = await hass.config_entries.subentries.async_configure(
        result["flow_id"], {"next_step_id": choice}
    )
    return cast("Result", step)


async def test_settings_change_without_the_device(hass: HomeAssistant, setup: Setup) -> None:
    stored = charger_data("192.0.2.1", username="owner", password="secret", priority=4)
    entry = await add_site(hass, stored)
    form = await menu(hass, entry, "settings")
    assert suggestions(form) == {"name": "Garage", "maximum_a": 32, "safe_a": 6, "priority": 4}
    form = await add(hass, form, safe_a=4)
    assert form["errors"] == {"safe_a": "safe_below_minimum"}
    result = await add(hass, form, name="Drive", safe_a=0, maximum_a=16)
    assert result["reason"] == "reconfigure_successful"
    assert only(entry).title == "Drive"
    assert only(entry).data == {**stored["data"], "safe_a": 0, "maximum_a": 16}
    await hass.async_block_till_done()
    assert setup.updated == [entry.entry_id]
    assert setup.started == [entry.entry_id]


@pytest.mark.parametrize("wanted", [None, True, False])
async def test_automatic_switching_is_kept_until_it_is_taken_back(
    hass: HomeAssistant, setup: Setup, wanted: bool | None
) -> None:
    """LEK-4: a form that is only passed through changes nothing."""
    three: dict[str, Any] = {"model_id": "3p22k", "lines": 3, "phases": ["l1", "l2", "l3"]}
    entry = await add_site(
        hass, charger_data("192.0.2.1", switches_lines=True, **three), supply="three"
    )
    form = await menu(hass, entry, "settings")
    assert suggestions(form)["switches_lines"] is True
    await add(hass, form, **({} if wanted is None else {"switches_lines": wanted}))
    await hass.async_block_till_done()
    assert only(entry).data["switches_lines"] is (wanted is not False)


@pytest.mark.parametrize(
    ("supply", "stored", "shown"),
    [
        ("three", {"lines": 1, "phases": ["l2"]}, {"line_1": "l2"}),
        ("split", {"lines": 1, "phases": ["l1", "l2"]}, {"line_1": "both"}),
        (
            "three",
            {"lines": 3, "phases": ["l3", "l1"]},
            {"line_1": "l3", "line_2": "l1", "line_3": "none"},
        ),
    ],
)
async def test_stored_phases_of_a_charger_are_shown(
    hass: HomeAssistant, supply: str, stored: dict[str, Any], shown: dict[str, str]
) -> None:
    entry = await add_site(hass, charger_data("192.0.2.1", **stored), supply=supply)
    form = await menu(hass, entry, "settings")
    values = suggestions(form)
    assert {key: value for key, value in values.items() if key.startswith("line")} == shown
    await add(hass, form)
    assert only(entry).data["phases"] == stored["phases"]


async def test_mains_meter_is_changed_and_stays_the_mains_meter(hass: HomeAssistant) -> None:
    entry = await add_site(hass, meter_data("192.0.2.1", clamp_a=50, phases=["none", "l1"]))
    form = await menu(hass, entry, "settings")
    assert suggestions(form) == {
        "name": "Mains",
        "role": "mains",
        "channel_1": "none",
        "channel_2": "l1",
        "clamp_a": "50",
    }
    form = await add(hass, form, channel_2="none")
    assert form["errors"] == {"base": "missing_phases"}
    values = suggestions(form) | {"channel_1": "l1"}
    del values["clamp_a"]
    result = await hass.config_entries.subentries.async_configure(form["flow_id"], values)
    assert result["reason"] == "reconfigure_successful"
    assert only(entry).data == meter_data("192.0.2.1")["data"]


async def test_address_changes_only_to_the_same_device(hass: HomeAssistant, start: Start) -> None:
    entry = await add_site(hass, charger_data("192.0.2.1"))
    other = await start(charger(500007))
    device = charger()
    host = await start(device)
    form = await menu(hass, entry, "connection")
    assert suggestions(form) == {"host": "192.0.2.1", "login": {}}
    form = await add(hass, form, host="a b", login={})
    assert form["errors"] == {"host": "invalid_host"}
    form = await add(hass, form, host=other, login={})
    assert form["errors"] == {"host": "different_device"}
    assert only(entry).data["host"] == "192.0.2.1"
    device.inject({"silent": True})
    form = await add(hass, form, host=host, login={})
    assert form["errors"] == {"host": "cannot_connect"}
    device.inject({"clear": True})
    await hass.async_block_till_done()
    result = await add(hass, form, host=host, login={})
    assert result["reason"] == "reconfigure_successful"
    assert only(entry).data == charger_data(host)["data"]


async def test_login_is_changed(hass: HomeAssistant, start: Start) -> None:
    device = charger(credentials=("owner", "new"))
    host = await start(device)
    entry = await add_site(hass, charger_data(host, username="owner", password="old"))
    form = await menu(hass, entry, "connection")
    # The stored password is nobody's to read.
    assert suggestions(form) == {"host": host, "login": {"username": "owner"}}
    form = await add(hass, form, login={"username": "owner"})
    assert form["errors"] == {"base": "invalid_auth"}
    result = await add(hass, form, login={"password": "new"})
    assert result["reason"] == "reconfigure_successful"
    assert only(entry).data == charger_data(host, username="owner", password="new")["data"]
