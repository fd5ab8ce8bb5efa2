"""Adding chargers and meters by their address, and changing them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, cast

from aiohttp import web
from aiohttp.test_utils import TestServer
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from simulator.devices.base import SimulatedDevice

from .conftest import (
    Result,
    Setup,
    Start,
    add,
    add_site,
    charger,
    charger_data,
    discover,
    lektrico_em,
    meter_data,
    only,
    shelly_em,
    shelly_pro,
    suggestions,
)


async def begin(hass: HomeAssistant, entry: MockConfigEntry, kind: str) -> Result:
    menu = await hass.config_entries.subentries.async_init(
        (entry.entry_id, kind), context={"source": "user"}
    )
    assert menu["menu_options"] == ["address", "entities"]
    result = await hass.config_entries.subentries.async_configure(
        menu["flow_id"], {"next_step_id": "address"}
    )
    return cast("Result", result)


@asynccontextmanager
async def page(replies: dict[str, Any]) -> AsyncGenerator[str]:
    """Serve these JSON replies by path, and 404 otherwise; yields the address."""

    async def answer(request: web.Request) -> web.Response:
        if request.path in replies:
            return web.json_response(replies[request.path])
        return web.Response(status=404)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app, host="127.0.0.1") as server:
        yield f"127.0.0.1:{server.port}"


async def test_charger_is_added_by_its_address(
    hass: HomeAssistant, start: Start, setup: Setup
) -> None:
    entry = await add_site(hass)
    host = await start(charger())
    form = await add(hass, await begin(hass, entry, "charger"), host=f" http://{host}/ ")
    assert form["step_id"] == "settings"
    assert form["description_placeholders"] == {
        "model": "1P7K",
        "serial": "500006",
        "host": host,
    }
    assert suggestions(form) == {
        "name": "Lektrico 1P7K 500006",
        "maximum_a": 32,
        "safe_a": 6,
        "priority": 0,
    }
    result = await add(hass, form, name=" Garage ", maximum_a=20, priority=3)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    subentry = only(entry)
    assert (subentry.title, subentry.unique_id) == ("Garage", "lektrico_500006")
    assert subentry.data == charger_data(host, maximum_a=20, priority=3)["data"]
    await hass.async_block_till_done()
    assert setup.updated == [entry.entry_id]


async def test_charger_keeps_its_own_name_when_none_is_typed(
    hass: HomeAssistant, start: Start
) -> None:
    entry = await add_site(hass)
    host = await start(charger())
    form = await add(hass, await begin(hass, entry, "charger"), host=host)
    await add(hass, form, name=" ")
    assert only(entry).title == "Lektrico 1P7K 500006"


@pytest.mark.parametrize(("fuse_a", "maximum_a", "safe_a"), [(31, 31, 0), (32, 32, 6), (20, 20, 0)])
async def test_limits_fit_the_fuse(
    hass: HomeAssistant, start: Start, fuse_a: int, maximum_a: int, safe_a: int
) -> None:
    entry = await add_site(hass, fuse_a=fuse_a)
    form = await add(hass, await begin(hass, entry, "charger"), host=await start(charger()))
    shown = suggestions(form)
    assert (shown["maximum_a"], shown["safe_a"]) == (maximum_a, safe_a)


# SITE-2, DER-16
@pytest.mark.parametrize(
    ("model", "supply", "suggested", "phases"),
    [
        ("1p7k", "single", {}, ["l1"]),
        ("3p22k", "single", {}, ["l1"]),
        ("1p7k", "split", {"line_1": "both"}, ["l1", "l2"]),
        ("3p22k", "split", {"line_1": "l1", "line_2": "l2"}, ["l1", "l2"]),
        ("1p7k", "three", {"line_1": "l1"}, ["l1"]),
        ("3p22k", "three", {"line_1": "l1", "line_2": "l2", "line_3": "l3"}, ["l1", "l2", "l3"]),
    ],
)
async def test_only_lines_with_a_choice_are_asked_for(
    hass: HomeAssistant,
    start: Start,
    *,
    model: str,
    supply: str,
    suggested: dict[str, str],
    phases: list[str],
) -> None:
    entry = await add_site(hass, supply=supply)
    host = await start(charger(model=model))
    form = await add(hass, await begin(hass, entry, "charger"), host=host)
    shown = suggestions(form)
    assert {key: value for key, value in shown.items() if key.startswith("line")} == suggested
    await add(hass, form)
    assert only(entry).data["phases"] == phases


# LEK-4, SITE-2
@pytest.mark.parametrize(
    ("model", "supply", "asked"),
    [("3p22k", "three", True), ("3p22k", "split", True), ("3p22k", "single", False),
     ("1p7k", "three", False)],
)  # fmt: skip
async def test_automatic_switching_is_offered_where_there_is_something_to_switch(
    hass: HomeAssistant, start: Start, *, model: str, supply: str, asked: bool
) -> None:
    entry = await add_site(hass, supply=supply)
    host = await start(charger(model=model))
    form = await add(hass, await begin(hass, entry, "charger"), host=host)
    assert ("switches_lines" in form["data_schema"].schema) is asked
    await add(hass, form)
    assert only(entry).data.get("switches_lines") is (False if asked else None)


async def test_charger_errors_are_mended_one_by_one(hass: HomeAssistant, start: Start) -> None:
    entry = await add_site(hass, supply="three")
    host = await start(charger(model="3p22k"))
    form = await add(hass, await begin(hass, entry, "charger"), host=host)
    form = await add(hass, form, name="Drive", line_2="l1", line_3="none", safe_a=3, maximum_a=40)
    assert form["errors"] == {
        "line_2": "duplicate_phases",
        "safe_a": "safe_below_minimum",
        "maximum_a": "invalid_maximum",
    }
    assert suggestions(form)["name"] == "Drive"
    form = await add(hass, form, line_2="none", line_3="l2", safe_a=32, maximum_a=16)
    assert form["errors"] == {"line_3": "line_gap", "safe_a": "safe_too_high"}
    result = await add(hass, form, line_1="l2", line_2="l3", line_3="l1", safe_a=0)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert only(entry).data["phases"] == ["l2", "l3", "l1"]
    assert only(entry).title == "Drive"


@pytest.mark.parametrize(
    ("device", "supply", "role", "phases"),
    [
        (shelly_em(), "single", "mains", ["l1", "none"]),
        (shelly_em(), "split", "mains", ["l1", "l2"]),
        (shelly_em(), "three", "other", ["none", "none"]),
        (shelly_pro(), "three", "mains", ["l1", "l2", "l3"]),
        (shelly_pro(), "single", "mains", ["l1", "none", "none"]),
        (lektrico_em(), "single", "mains", ["l1"]),
        (lektrico_em(clamps=3), "three", "mains", ["l1", "l2", "l3"]),
    ],
)
async def test_meter_is_added_by_its_address(
    hass: HomeAssistant,
    start: Start,
    *,
    device: SimulatedDevice,
    supply: str,
    role: str,
    phases: list[str],
) -> None:
    entry = await add_site(hass, supply=supply)
    form = await add(hass, await begin(hass, entry, "meter"), host=await start(device))
    result = await add(hass, form)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    data = only(entry).data
    assert (data["role"], data["phases"]) == (role, phases)
    assert "clamp_a" not in data


async def test_meter_errors_are_mended_one_by_one(hass: HomeAssistant, start: Start) -> None:
    entry = await add_site(hass, supply="three")
    form = await add(hass, await begin(hass, entry, "meter"), host=await start(shelly_pro()))
    form = await add(hass, form, channel_3="l1", clamp_a="big")
    assert form["errors"] == {
        "channel_3": "duplicate_phases",
        "base": "missing_phases",
        "clamp_a": "invalid_clamp",
    }
    # LEK-15
    result = await add(hass, form, channel_3="l3", clamp_a="120")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert only(entry).data["clamp_a"] == 120


async def test_second_mains_meter_is_refused(hass: HomeAssistant, start: Start) -> None:
    entry = await add_site(hass, meter_data("127.0.0.1:1"))
    form = await add(hass, await begin(hass, entry, "meter"), host=await start(lektrico_em()))
    assert suggestions(form)["role"] == "other"
    form = await add(hass, form, role="mains", channel_1="l1")
    assert form["errors"] == {"role": "mains_taken"}
    result = await add(hass, form, role="other")
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("fault", "error"),
    [("silent", "cannot_connect"), ("drop", "cannot_connect"), ("garbage", "not_supported")],
)
async def test_device_that_does_not_answer_can_be_tried_again(
    hass: HomeAssistant, start: Start, fault: str, error: str
) -> None:
    entry = await add_site(hass)
    device = charger()
    host = await start(device)
    device.inject({fault: True})
    form = await add(hass, await begin(hass, entry, "charger"), host=host)
    assert form["step_id"] == "address"
    assert form["errors"] == {"host": error}
    assert suggestions(form) == {"host": host}
    device.inject({"clear": True})
    await hass.async_block_till_done()
    result = await add(hass, await add(hass, form))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_wrong_address_is_named(hass: HomeAssistant, start: Start) -> None:
    entry = await add_site(hass)
    form = await add(hass, await begin(hass, entry, "charger"), host="my charger")
    assert form["errors"] == {"host": "invalid_host"}
    assert suggestions(form) == {"host": "my charger"}
    form = await add(hass, form, host=await start(charger()))
    assert form["step_id"] == "settings"


async def test_something_else_is_not_supported(hass: HomeAssistant, start: Start) -> None:
    """A charger is no meter, a web page is neither."""
    entry = await add_site(hass)
    host = await start(charger())
    form = await add(hass, await begin(hass, entry, "meter"), host=host)
    assert form["errors"] == {"host": "not_a_meter"}
    form = await add(hass, await begin(hass, entry, "charger"), host=await start(shelly_em()))
    assert form["errors"] == {"host": "not_a_charger"}
    async with page({}) as elsewhere:
        form = await add(hass, form, host=elsewhere)
    assert form["errors"] == {"host": "not_supported"}
    form = await add(hass, form, host=host)
    assert form["step_id"] == "settings"


async def test_nonsense_has_its_own_sentence(hass: HomeAssistant, start: Start) -> None:
    entry = await add_site(hass)
    nonsense = {"/rpc/Device_id.Get": {"device_id": "1p7k_1"}, "/rpc/charger_config.get": [1]}
    async with page(nonsense) as host:
        form = await add(hass, await begin(hass, entry, "charger"), host=host)
    assert form["errors"] == {"host": "protocol_error"}
    form = await add(hass, form, host=await start(charger()))
    assert form["step_id"] == "settings"


async def test_device_of_another_site_is_refused(hass: HomeAssistant, start: Start) -> None:
    host = await start(charger())
    await add_site(hass, charger_data("192.0.2.1"), title="Barn")
    entry = await add_site(hass)
    form = await add(hass, await begin(hass, entry, "charger"), host=host)
    assert form["errors"] == {"host": "already_configured"}
    form = await add(hass, form, host=await start(charger(500007)))
    assert form["step_id"] == "settings"


async def test_device_added_in_two_dialogs_is_added_once(hass: HomeAssistant, start: Start) -> None:
    entry = await add_site(hass)
    host = await start(charger())
    first = await add(hass, await begin(hass, entry, "charger"), host=host)
    second = await add(hass, await begin(hass, entry, "charger"), host=host)
    await add(hass, first)
    result = await add(hass, second)
    assert result["reason"] == "already_configured"
    assert len(entry.subentries) == 1


async def test_discovered_card_goes_when_the_device_is_added_by_hand(
    hass: HomeAssistant, start: Start
) -> None:
    entry = await add_site(hass)
    device = charger()
    host = await start(device)
    await discover(hass, device)
    assert len(hass.config_entries.flow.async_progress()) == 1
    await add(hass, await add(hass, await begin(hass, entry, "charger"), host=host))
    assert hass.config_entries.flow.async_progress() == []


@pytest.mark.parametrize(
    ("kind", "device", "login", "stored"),
    [
        (
            "charger",
            charger(credentials=("owner", "secret")),
            {"username": "owner", "password": "secret"},
            {"username": "owner", "password": "secret"},
        ),
        (
            "meter",
            shelly_em(password="secret"),
            {"username": "admin", "password": "secret"},
            {"username": "admin", "password": "secret"},
        ),
        ("meter", shelly_em(password="secret"), {"password": "secret"}, {"password": "secret"}),
        ("meter", shelly_pro(password="secret"), {"password": "secret"}, {"password": "secret"}),
    ],
)
async def test_login_is_asked_for_when_it_is_needed(
    hass: HomeAssistant,
    start: Start,
    *,
    kind: str,
    device: SimulatedDevice,
    login: dict[str, str],
    stored: dict[str, str],
) -> None:
    entry = await add_site(hass)
    host = await start(device)
    form = await add(hass, await begin(hass, entry, kind), host=host)
    assert form["step_id"] == "auth"
    assert not form["errors"]
    # Shelly's later generations have one user only.
    asked = {"password"} if device.announcement.properties.get("gen") else {"username", "password"}
    assert {key.schema for key in form["data_schema"].schema} == asked
    form = await add(hass, form, **(login | {"password": "wrong"}))
    assert form["errors"] == {"base": "invalid_auth"}
    assert suggestions(form) == login | {"password": "wrong"}
    device.inject({"silent": True})
    form = await add(hass, form, password="secret")
    assert form["errors"] == {"base": "cannot_connect"}
    device.inject({"clear": True})
    await hass.async_block_till_done()
    form = await add(hass, form)
    assert form["step_id"] == "settings"
    await add(hass, form)
    data = only(entry).data
    assert {key: data[key] for key in ("username", "password") if key in data} == stored
