"""Adding limits to a site, and changing them (SITE-1, MTR-20, DER-14)."""

from typing import Any, cast

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.config_entries import ConfigSubentry, ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from .conftest import (
    Result,
    Setup,
    add,
    add_site,
    charger,
    charger_data,
    discover,
    meter_data,
    submit,
    suggestions,
)

RIGHT: dict[str, dict[str, Any]] = {
    "contract": {"limit_w": 9200, "source": "sensor.kw", "dimmed": 4200, "silent_after_s": 60},
    "collar": {"limit_a": 100},
    "external": {"source": "sensor.a", "dimmed": 16},
}


async def begin(hass: HomeAssistant, entry: MockConfigEntry, kind: str) -> Result:
    """Open the form of a kind of limit."""
    menu = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "limit"), context={"source": "user"}
    )
    assert menu["type"] is FlowResultType.MENU
    form = await hass.config_entries.subentries.async_configure(
        menu["flow_id"], {"next_step_id": kind}
    )
    return cast("Result", form)


async def change(hass: HomeAssistant, entry: MockConfigEntry, limit: ConfigSubentry) -> Result:
    """Open the form of a limit that exists."""
    return cast("Result", await entry.start_subentry_reconfigure_flow(hass, limit.subentry_id))


def limit_data(title: str = "Contract 9.2 kW", **data: Any) -> ConfigSubentryData:
    """Return a limit as it is stored."""
    return ConfigSubentryData(
        data={"kind": "contract", "limit_w": 9200.0} | data,
        subentry_type="limit",
        title=title,
        unique_id=None,
    )


def limits(entry: MockConfigEntry) -> list[ConfigSubentry]:
    """Return the limits of a site."""
    return [it for it in entry.subentries.values() if it.subentry_type == "limit"]


async def test_nested_circuits(hass: HomeAssistant, setup: Setup) -> None:
    """SITE-1: a circuit in a circuit is two limits, each with the chargers behind it."""
    entry = await add_site(hass, charger_data("h", 1), charger_data("i", 2))
    first, second = entry.subentries
    form = await begin(hass, entry, "circuit")
    assert suggestions(form) == {}
    form = await add(hass, form, limit_a=32, chargers=[])
    assert form["errors"] == {"chargers": "chargers_missing"}
    result = await add(hass, form, chargers=[first, second], limit_a=40)
    assert result["title"] == "Circuit 40 A"
    result = await add(
        hass, await begin(hass, entry, "circuit"), chargers=[second], limit_a=20, name=" Barn "
    )
    assert result["title"] == "Barn"
    outer, inner = limits(entry)
    assert outer.data == {"kind": "circuit", "chargers": [first, second], "limit_a": 40}
    assert inner.data == {"kind": "circuit", "chargers": [second], "limit_a": 20}
    await hass.async_block_till_done()
    # The listener is asked whether that needs a reload.
    assert setup.updated == [entry.entry_id] * 2


async def test_a_circuit_needs_a_charger(hass: HomeAssistant) -> None:
    entry = await add_site(hass, meter_data("h"))
    result = await begin(hass, entry, "circuit")
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "no_chargers"


@pytest.mark.parametrize(
    ("kind", "typed", "title"),
    [
        ("contract", {"limit_w": 9200}, "Contract 9.2 kW"),
        ("load_limit", {"limit_w": 24000}, "Load limit 24 kW"),
        ("capacity", {"limit_w": 2500}, "Quarter of an hour 2.5 kW"),
        ("collar", {}, "Meter collar 160 A"),
    ],
)
async def test_limits_of_the_whole_home(
    hass: HomeAssistant, kind: str, typed: dict[str, Any], title: str
) -> None:
    """SITE-1, MTR-20, DER-14."""
    entry = await add_site(hass)
    result = await add(hass, await begin(hass, entry, kind), **typed)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == title
    (limit,) = limits(entry)
    assert limit.data == {"kind": kind} | (typed or {"limit_a": 160})


async def test_dimming_by_a_contact(hass: HomeAssistant) -> None:
    """SITE-1: 4.2 kW for all chargers together is what is suggested to count."""
    hass.states.async_set("binary_sensor.relay", "unavailable")
    entry = await add_site(hass)
    form = await begin(hass, entry, "external")
    assert suggestions(form) == {"unit": "W", "scope": "chargers"}
    result = await add(hass, form, source="binary_sensor.relay", dimmed=4200)
    assert result["title"] == "Dimming 4.2 kW"
    assert result["data"] == {
        "kind": "external",
        "source": "binary_sensor.relay",
        "dimmed": 4200,
        "unit": "W",
        "scope": "chargers",
    }


async def test_a_load_limit_that_only_a_contact_sets(hass: HomeAssistant) -> None:
    """MTR-20: the meter's limit is active only below a zero balance."""
    hass.states.async_set("binary_sensor.debt", "off")
    entry = await add_site(hass)
    form = await begin(hass, entry, "load_limit")
    result = await add(hass, form, source="binary_sensor.debt", dimmed=3000)
    assert result["title"] == "Load limit 3 kW"
    assert "limit_w" not in result["data"]


@pytest.mark.parametrize(
    ("kind", "typed", "errors"),
    [
        ("contract", {}, {"limit_w": "limit_missing"}),
        ("contract", {"limit_w": 9.2}, {"limit_w": "invalid_watts"}),
        ("contract", {"limit_w": -1}, {"limit_w": "invalid_watts"}),
        ("contract", {"limit_w": 2e6}, {"limit_w": "invalid_watts"}),
        ("contract", {"limit_w": 9200, "dimmed": 4200}, {"source": "source_missing"}),
        ("contract", {"limit_w": 9200, "silent_after_s": 60}, {"source": "source_missing"}),
        ("contract", {"source": "sensor.kw"}, {"dimmed": "dimmed_missing"}),
        (
            "contract",
            {"limit_w": 9200, "source": "sensor.kw", "dimmed": 4.2},
            {"dimmed": "invalid_dimmed_watts"},
        ),
        (
            "contract",
            {"limit_w": 4000, "source": "sensor.kw", "dimmed": 4200},
            {"dimmed": "dimmed_above_limit"},
        ),
        (
            "contract",
            {"source": "sensor.kw", "dimmed": 0, "silent_after_s": 5},
            {"silent_after_s": "invalid_silent_after"},
        ),
        ("contract", {"source": "sensor.a", "dimmed": 0}, {"source": "source_not_watts"}),
        ("contract", {"source": "sensor.bare", "dimmed": 0}, {"source": "source_not_watts"}),
        ("contract", {"source": "sensor.none", "dimmed": 0}, {"source": "source_unknown"}),
        ("collar", {"limit_a": 3}, {"limit_a": "invalid_amperes"}),
        (
            "external",
            {"source": "sensor.kw", "dimmed": 16, "unit": "A"},
            {"source": "source_not_amperes"},
        ),
        (
            "external",
            {"source": "sensor.a", "dimmed": 4200, "unit": "A"},
            {"dimmed": "invalid_dimmed_amperes"},
        ),
    ],
)
async def test_mistakes_are_told_and_nothing_typed_is_lost(
    hass: HomeAssistant, kind: str, typed: dict[str, Any], errors: dict[str, str]
) -> None:
    hass.states.async_set("sensor.kw", "4.2", {"unit_of_measurement": "kW"})
    hass.states.async_set("sensor.a", "16", {"unit_of_measurement": "A"})
    hass.states.async_set("sensor.bare", "16")
    entry = await add_site(hass)
    form = await begin(hass, entry, kind)
    before = suggestions(form)
    form = await add(hass, form, **typed)
    assert form["errors"] == errors
    assert suggestions(form) == before | typed
    result = await add(hass, form, **RIGHT[kind])
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_breaker_carries_the_safe_currents_behind_it(hass: HomeAssistant) -> None:
    """SITE-5: while nobody watches, the safe currents flow through it."""
    entry = await add_site(
        hass,
        charger_data("h", 1, safe_a=8, phases=["l1", "l2"]),
        charger_data("i", 2, safe_a=8, phases=["l2"]),
        charger_data("j", 3, safe_a=8, phases=["l3"]),
        supply="three",
    )
    form = await begin(hass, entry, "circuit")
    form = await add(hass, form, limit_a=15, chargers=list(entry.subentries))
    assert form["errors"] == {"limit_a": "limit_below_safe"}
    result = await add(hass, form, limit_a=16)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_names_are_made_again_with_the_figures_unless_typed(hass: HomeAssistant) -> None:
    entry = await add_site(hass, limit_data(), limit_data("Cooperative"))
    made, typed = limits(entry)
    form = await change(hass, entry, made)
    assert suggestions(form) == {"limit_w": 9200.0}
    result = await add(hass, form, limit_w=6900)
    assert result["reason"] == "reconfigure_successful"
    form = await change(hass, entry, typed)
    assert suggestions(form)["name"] == "Cooperative"
    form = await add(hass, form, name="Contract 6.9 kW")
    assert form["errors"] == {"name": "name_taken"}
    await add(hass, form, name="", limit_w=6900)
    assert [it.title for it in limits(entry)] == ["Contract 6.9 kW", "Contract 6.9 kW (2)"]
    assert [it.data["limit_w"] for it in limits(entry)] == [6900, 6900]


async def test_a_charger_that_has_gone_is_left_out(hass: HomeAssistant) -> None:
    entry = await add_site(hass, charger_data("h"))
    (key,) = entry.subentries
    await add(hass, await begin(hass, entry, "circuit"), limit_a=20, chargers=[key])
    (limit,) = limits(entry)
    hass.config_entries.async_remove_subentry(entry, key)
    form = await change(hass, entry, limit)
    assert suggestions(form)["chargers"] == []


async def test_limits_are_no_devices(hass: HomeAssistant) -> None:
    """LEK-1: a charger that announces itself is compared with devices only."""
    await add_site(hass, limit_data())
    device = charger()
    await device.start()
    try:
        form = await discover(hass, device)
    finally:
        await device.stop()
    assert form["step_id"] == "charger"


async def test_home_battery_of_a_site(hass: HomeAssistant) -> None:
    """SITE-7: asked when a site is changed; without more the battery is first."""
    entry = await add_site(hass)
    flow = hass.config_entries.flow
    form = await entry.start_reconfigure_flow(hass)
    await submit(flow, form, battery="sensor.battery")
    stored = {"battery": "sensor.battery", "battery_sign": "charging"}
    assert entry.data.items() >= (stored | {"battery_order": "battery_first"}).items()
    form = await entry.start_reconfigure_flow(hass)
    await submit(flow, form, battery_sign="discharging", battery_order="car_first")
    assert entry.data["battery_sign"] == "discharging"
    assert entry.data["battery_order"] == "car_first"


async def test_order_by_the_charge_of_the_battery(hass: HomeAssistant) -> None:
    """SITE-7: it needs the charge and a limit; nothing that was typed is lost."""
    entry = await add_site(hass)
    flow = hass.config_entries.flow
    form = await entry.start_reconfigure_flow(hass)
    form = await submit(flow, form, battery="sensor.battery", battery_order="by_charge")
    assert form["errors"] == {
        "battery_charge": "battery_charge_missing",
        "battery_first_below": "battery_band_missing",
    }
    bands = {"battery_charge": "sensor.charge", "battery_first_below": 50}
    form = await submit(flow, form, **bands, battery_gives_above=40)
    assert form["errors"] == {"battery_gives_above": "battery_bands_crossed"}
    await submit(flow, form, battery_gives_above=90)
    assert entry.data.items() >= (bands | {"battery_gives_above": 90}).items()


async def test_export_balance_and_generator_of_a_site(hass: HomeAssistant) -> None:
    """IND-10, DER-15: asked when a site is changed, and stored only where there is one."""
    entry = await add_site(hass, supply="three")
    flow = hass.config_entries.flow
    form = await entry.start_reconfigure_flow(hass)
    form = await submit(flow, form, export_limit_w=2e6, unbalance_a=1001, generator="line")
    assert form["errors"] == {
        "export_limit_w": "invalid_export_limit",
        "unbalance_a": "invalid_unbalance",
    }
    await submit(flow, form, export_limit_w=0, unbalance_a=20)
    more = {"export_limit_w": 0, "unbalance_a": 20, "generator": "line"}
    assert entry.data == {"supply": "three", "fuse_a": 60, "voltage_v": 230.0} | more
    form = await entry.start_reconfigure_flow(hass)
    assert suggestions(form).items() >= more.items()
    await submit(flow, form, generator="none", supply="single")
    assert "generator" not in entry.data
    assert "unbalance_a" not in entry.data
    assert entry.data["export_limit_w"] == 0
    form = await entry.start_reconfigure_flow(hass)
    assert "unbalance_a" not in form["data_schema"].schema


async def test_a_generators_meter(hass: HomeAssistant) -> None:
    """DER-15: one for a site that has a generator, on the phases that it feeds."""
    roof = meter_data("i", mac="A4CF12B9F356", role="other", phases=["none", "none"])
    entry = await add_site(hass, meter_data("h"), roof, generator="line")
    mains, other = list(entry.subentries)
    form = await open_settings(hass, entry, other)
    form = await add(hass, form, role="generator")
    assert form["errors"] == {"base": "no_generator_phase"}
    form = await add(hass, form, channel_1="l1", channel_2="l1")
    assert form["errors"] == {"channel_2": "duplicate_phases"}
    result = await add(hass, form, channel_1="none")
    assert result["reason"] == "reconfigure_successful"
    assert entry.subentries[other].data["role"] == "generator"

    form = await open_settings(hass, entry, mains)
    form = await add(hass, form, role="generator")
    assert form["errors"] == {"role": "generator_taken"}

    form = await entry.start_reconfigure_flow(hass)
    form = await submit(hass.config_entries.flow, form, generator="none")
    assert form["errors"] == {"generator": "generator_in_use"}


async def open_settings(hass: HomeAssistant, entry: MockConfigEntry, key: str) -> Result:
    menu = await entry.start_subentry_reconfigure_flow(hass, key)
    form = await hass.config_entries.subentries.async_configure(
        menu["flow_id"], {"next_step_id": "settings"}
    )
    return cast("Result", form)
