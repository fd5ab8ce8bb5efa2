"""Setting up a site and changing it."""

from typing import Any, cast

import pytest

from custom_components.evse_suite.const import DOMAIN
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData

from .conftest import (
    Result,
    Setup,
    add_site,
    charger_data,
    meter_data,
    submit,
    suggestions,
)


async def begin(hass: HomeAssistant) -> Result:
    result: ConfigFlowResult = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": "user"}
    )
    return cast("Result", result)


async def test_site_is_set_up_with_what_is_suggested(hass: HomeAssistant) -> None:
    """IND-2: 60 A is selected before anybody has chosen."""
    hass.config.country = "GB"
    hass.config.location_name = "Rose Cottage"
    form = await begin(hass)
    assert form["step_id"] == "user"
    assert suggestions(form) == {
        "name": "Rose Cottage",
        "supply": "single",
        "fuse_a": "60",
        "voltage_v": 230,
        "mode": "power",
    }
    result = await submit(hass.config_entries.flow, form)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Rose Cottage"
    assert result["data"] == {"supply": "single", "fuse_a": 60, "voltage_v": 230.0}
    assert result["options"] == {"mode": "power"}
    assert result["result"].unique_id is None


async def test_fuse_choices_are_offered(hass: HomeAssistant) -> None:
    """IND-2: 60, 80 and 100 A are to choose from, and any other may be typed."""
    form = await begin(hass)
    fuse = form["data_schema"].schema["fuse_a"].config
    assert [option["value"] for option in fuse["options"]] == ["60", "80", "100"]
    result = await submit(hass.config_entries.flow, form, fuse_a="63 A")
    assert result["data"]["fuse_a"] == 63


@pytest.mark.parametrize(
    ("country", "supply", "voltage_v"),
    [
        ("GB", "single", 230),
        ("FR", "single", 230),
        ("DE", "three", 230),
        ("SE", "three", 230),
        ("US", "split", 120),
        ("CA", "split", 120),
        ("MX", "split", 120),
        ("JP", "split", 100),
        (None, "single", 230),
    ],
)
async def test_supply_of_the_country_is_suggested(
    hass: HomeAssistant, country: str | None, supply: str, voltage_v: int
) -> None:
    hass.config.country = country
    shown = suggestions(await begin(hass))
    assert (shown["supply"], shown["voltage_v"]) == (supply, voltage_v)


@pytest.mark.parametrize(
    ("wrong", "errors"),
    [
        ({"fuse_a": "5"}, {"fuse_a": "invalid_fuse"}),
        ({"fuse_a": "sixty"}, {"fuse_a": "invalid_fuse"}),
        ({"fuse_a": "1001"}, {"fuse_a": "invalid_fuse"}),
        ({"voltage_v": 400.0}, {"voltage_v": "invalid_voltage"}),
        ({"name": "  "}, {"name": "name_missing"}),
        ({"name": "Home"}, {"name": "name_taken"}),
        (
            {"name": "", "fuse_a": "x", "voltage_v": 1.0},
            {"name": "name_missing", "fuse_a": "invalid_fuse", "voltage_v": "invalid_voltage"},
        ),
    ],
)
async def test_nothing_typed_is_lost_after_an_error(
    hass: HomeAssistant, wrong: dict[str, Any], errors: dict[str, str]
) -> None:
    await add_site(hass)
    typed = {"name": "Barn", "supply": "three", "fuse_a": "35", "voltage_v": 240.0, "mode": "green"}
    form = await submit(hass.config_entries.flow, await begin(hass), **(typed | wrong))
    assert form["errors"] == errors
    assert suggestions(form) == typed | wrong
    result = await submit(hass.config_entries.flow, form, **typed)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"] == {"supply": "three", "fuse_a": 35, "voltage_v": 240.0}
    assert result["options"] == {"mode": "green"}


async def test_fuse_carries_the_safe_current(hass: HomeAssistant) -> None:
    entry = await add_site(hass, charger_data("h", safe_a=16), charger_data("i", 7, safe_a=6))
    form = await entry.start_reconfigure_flow(hass)
    form = await submit(hass.config_entries.flow, form, fuse_a="15")
    assert form["errors"] == {"fuse_a": "fuse_below_safe"}
    result = await submit(hass.config_entries.flow, form, fuse_a="16")
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["fuse_a"] == 16


async def test_unknown_choice_is_refused(hass: HomeAssistant) -> None:
    form = await begin(hass)
    with pytest.raises(InvalidData):
        await submit(hass.config_entries.flow, form, supply="four")


async def test_site_is_changed(hass: HomeAssistant, setup: Setup) -> None:
    entry = await add_site(hass, charger_data("127.0.0.1:1"), meter_data("127.0.0.1:2"))
    form = await entry.start_reconfigure_flow(hass)
    assert suggestions(form) == {
        "name": "Home",
        "supply": "single",
        "fuse_a": "60",
        "voltage_v": 230.0,
        "mode": "power",
        "generator": "none",
    }
    form = await submit(hass.config_entries.flow, form, fuse_a="0")
    assert form["errors"] == {"fuse_a": "invalid_fuse"}
    result = await submit(
        hass.config_entries.flow, form, name="Cottage", fuse_a="80", mode="hybrid"
    )
    assert result["reason"] == "reconfigure_successful"
    assert entry.title == "Cottage"
    assert entry.data == {"supply": "single", "fuse_a": 80, "voltage_v": 230.0}
    assert entry.options == {"mode": "hybrid"}
    assert len(entry.subentries) == 2
    await hass.async_block_till_done()
    # The listener decides about a reload, the flow does not.
    assert setup.updated == [entry.entry_id]
    assert setup.started == [entry.entry_id]


@pytest.mark.parametrize(
    ("devices", "now", "wanted", "refused"),
    [
        ([charger_data("h", phases=["l3"])], "three", "single", True),
        ([charger_data("h", phases=["l1"])], "three", "single", False),
        ([meter_data("h", phases=["l1", "none"])], "single", "three", True),
        ([meter_data("h", phases=["l1", "l2"])], "split", "single", True),
        ([meter_data("h", phases=["l1", "l2"], role="other")], "split", "single", False),
        ([], "three", "single", False),
    ],
)
async def test_supply_stays_while_devices_need_it(
    hass: HomeAssistant, devices: list[Any], now: str, wanted: str, refused: bool
) -> None:
    entry = await add_site(hass, *devices, supply=now)
    form = await entry.start_reconfigure_flow(hass)
    result = await submit(hass.config_entries.flow, form, supply=wanted)
    if refused:
        assert result["errors"] == {"supply": "supply_in_use"}
        result = await submit(hass.config_entries.flow, result, supply=now)
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["supply"] == (now if refused else wanted)
