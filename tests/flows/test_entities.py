"""Adding chargers and meters that already have entities (SITE-8)."""

from datetime import timedelta
from itertools import accumulate
from typing import Any, cast

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.evse_suite.devices.entities import Role, profiles
from custom_components.evse_suite.flows.energy import async_prove_sign
from custom_components.evse_suite.flows.signs import sign_by_energy, sign_now
from homeassistant.components.energy.data import async_get_manager
from homeassistant.components.recorder.db_schema import StatisticsShortTerm
from homeassistant.components.recorder.models import (
    StatisticData,
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.recorder import get_instance
from homeassistant.setup import async_setup_component
import homeassistant.util.dt as dt_util
from tests.profiles.fakes import Physics, set_up

from .conftest import Result, add, add_site, charger_data, only, suggestions

KW = {"unit_of_measurement": "kW"}
A = {"unit_of_measurement": "A"}
OTHER_LABEL = "Another: choose its entities"
OWN: dict[str, Any] = {"device": "other"}


async def begin(hass: HomeAssistant, entry: MockConfigEntry, kind: str) -> Result:
    """Open the list of what is recognised."""
    menu = await hass.config_entries.subentries.async_init(
        (entry.entry_id, kind), context={"source": "user"}
    )
    form = await hass.config_entries.subentries.async_configure(
        menu["flow_id"], {"next_step_id": "entities"}
    )
    return cast("Result", form)


def options(form: Result) -> list[str]:
    """Return what can be chosen."""
    field: Any = form["data_schema"].schema["device"]
    return [option["label"] for option in field.config["options"]]


async def fake(hass: HomeAssistant, key: str, **more: Any) -> Physics:
    """Set a device of a profile up."""
    physics = Physics(profiles()[key], **more)
    await set_up(hass, physics)
    return physics


async def agree(hass: HomeAssistant, form: Result, **values: Any) -> Result:
    """Send the form of entities as it is proposed."""
    return await add(hass, form, **{"more": suggestions(form)["more"]} | values)


async def test_a_recognised_charger(hass: HomeAssistant) -> None:
    """SITE-8, IND-8: proposed with all its entities, and what it does alone is told."""
    await fake(hass, "peblar", lines=3)
    entry = await add_site(hass, supply="three")
    form = await begin(hass, entry, "charger")
    assert options(form) == ["Thing", OTHER_LABEL]
    form = await add(hass, form)
    assert form["step_id"] == "mapping"
    shown = suggestions(form)
    assert shown["status"] == "sensor.thing_status"
    assert shown["current_limit"] == "number.thing_current_limit"
    assert shown["more"]["current_l2"] == "sensor.thing_current_l2"
    form = await agree(hass, form)
    assert form["step_id"] == "place"
    assert form["description_placeholders"]["alone"].startswith("It keeps the limit")
    assert "switches_lines" in form["data_schema"].schema
    result = await add(hass, form, maximum_a=16, line_2="l3", line_3="l2")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    stored = dict(only(entry).data)
    registry = er.async_get(hass)
    limit = registry.async_get("number.thing_current_limit")
    assert limit is not None
    assert stored["entities"]["current_limit"] == limit.id
    assert stored["profile"] == stored["model_id"] == "peblar"
    assert (stored["driver"], stored["lines"]) == ("entities", 3)
    assert stored["phases"] == ["l1", "l3", "l2"]
    again = await begin(hass, entry, "charger")
    assert options(again) == [OTHER_LABEL]


async def test_a_charger_that_is_known_by_its_address(hass: HomeAssistant) -> None:
    """SITE-8: not proposed once more, or two lines would steer it."""
    await fake(hass, "lektrico", serial="500006")
    entry = await add_site(hass, charger_data("127.0.0.1"))
    assert options(await begin(hass, entry, "charger")) == [OTHER_LABEL]


async def test_a_charger_that_is_only_switched(hass: HomeAssistant) -> None:
    """SITE-8, IND-21: no amperes; its safe current is none or the whole."""
    await fake(hass, "indra", rated_a=30)
    entry = await add_site(hass)
    form = await agree(hass, await add(hass, await begin(hass, entry, "charger")))
    assert "10 minutes" in form["description_placeholders"]["alone"]
    form = await add(hass, form, maximum_a=30, safe_a=6)
    assert form["errors"] == {"safe_a": "safe_below_least"}
    result = await add(hass, form, maximum_a=30, safe_a=0)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert only(entry).data["minimum_a"] == 30


async def test_entities_chosen_one_by_one(hass: HomeAssistant) -> None:
    """SITE-8: every mistake is told, and nothing that was chosen is lost."""
    hass.states.async_set("sensor.p", "1.4", KW)
    hass.states.async_set("sensor.bare", "1400")
    hass.states.async_set("sensor.i", "6", A)
    hass.states.async_set("input_number.limit", "16", {"min": 8, "max": 16, "step": 1})
    hass.states.async_set("switch.on", "on")
    hass.states.async_set("select.mode", "a", {"options": ["a", "b"]})
    entry = await add_site(hass)
    form = await add(hass, await begin(hass, entry, "charger"), **OWN)
    assert suggestions(form) == {"inverted": False, "more": {}}
    more: dict[str, Any] = {"more": {}}
    for typed, errors in (
        ({}, {"base": "draw_missing"}),
        ({"power": "sensor.bare"}, {"power": "not_power"}),
        ({"power": "sensor.gone"}, {"power": "entity_missing"}),
        ({"power": "sensor.p"}, {"base": "pause_missing"}),
        ({"more": {"current": "sensor.p"}}, {"base": "not_current"}),
        ({"enable": "select.mode"}, {"enable": "unknown_options"}),
        (
            {"enable": "switch.on", "more": {"start": "button.x"}},
            {"base": "entity_missing"},
        ),
    ):
        form = await add(hass, form, **more | typed)
        assert form["errors"] == errors
    form = await add(
        hass,
        form,
        power="sensor.p",
        enable="switch.on",
        current_limit="input_number.limit",
        more={"current": "sensor.i"},
    )
    assert form["step_id"] == "place"
    form = await add(hass, form, name="Barn", maximum_a=16, safe_a=6)
    assert form["errors"] == {"safe_a": "safe_below_least"}
    result = await add(hass, form, safe_a=8)
    assert result["title"] == "Barn"
    stored = only(entry)
    assert stored.unique_id == "entities_input_number.limit"
    assert stored.data["minimum_a"] == 8
    assert stored.data["entities"]["current"] == "sensor.i"
    assert "profile" not in stored.data


async def test_changing_the_entities_of_a_device(hass: HomeAssistant) -> None:
    """SITE-8: reconfigure shows what is stored, and keeps what is not asked."""
    hass.states.async_set("sensor.p", "1.4", KW)
    hass.states.async_set("sensor.q", "1.5", KW)
    hass.states.async_set("switch.on", "on")
    entry = await add_site(hass)
    form = await add(hass, await begin(hass, entry, "charger"), **OWN)
    form = await add(hass, form, power="sensor.p", enable="switch.on", more={})
    await add(hass, form, name="Barn", maximum_a=16, safe_a=0, priority=3)
    subentry = only(entry)
    form = cast("Result", await entry.start_subentry_reconfigure_flow(hass, subentry.subentry_id))
    assert suggestions(form)["power"] == "sensor.p"
    form = await add(hass, form, power="sensor.q", inverted=True, more={})
    assert suggestions(form)["priority"] == 3
    result = await add(hass, form)
    assert result["reason"] == "reconfigure_successful"
    assert only(entry).data["entities"] == {"power": "sensor.q", "enable": "switch.on"}
    assert only(entry).data["inverted"] is True
    assert only(entry).data["serial"] == "switch.on"


async def test_a_slow_meter_does_not_guard_the_fuse(hass: HomeAssistant) -> None:
    """SITE-8: refused with the reason, accepted as a meter that is only shown."""
    physics = await fake(hass, "discovergy", lines=3)
    physics.grid_w = 690
    physics.update()
    entry = await add_site(hass, supply="three")
    form = await agree(hass, await add(hass, await begin(hass, entry, "meter")))
    assert form["description_placeholders"]["live"] == "L1: 230 W, L2: 230 W, L3: 230 W"
    form = await add(hass, form)
    assert form["errors"] == {"role": "meter_too_slow"}
    result = await add(hass, form, role="other")
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def dashboard(hass: HomeAssistant, *sources: dict[str, Any]) -> None:
    """Set the Energy dashboard up."""
    assert await async_setup_component(hass, "energy", {})
    manager = await async_get_manager(hass)
    await manager.async_update({"energy_sources": list(sources)})  # type: ignore[typeddict-item] # as its web page sends them


def source(kind: str, **more: Any) -> dict[str, Any]:
    """Return a source of the Energy dashboard."""
    return {
        "type": kind,
        "stat_energy_from": f"sensor.{kind}_energy",
        "stat_energy_to": None,
        "cost_adjustment_day": 0.0,
        **more,
    }


@pytest.mark.usefixtures("recorder_mock")
@pytest.mark.parametrize(
    ("grid_kw", "sun_kw", "inverted"),
    [(-2.0, 0.1, True), (2.0, 0.1, False), (-2.0, 3.0, False)],
    ids=["more_export_than_sun", "import", "may_be_export"],
)
async def test_meters_of_the_energy_dashboard(
    hass: HomeAssistant, grid_kw: float, sun_kw: float, *, inverted: bool
) -> None:
    """SITE-8: grid and sun are proposed; nobody exports more than is produced."""
    hass.states.async_set("sensor.grid", str(grid_kw), KW)
    hass.states.async_set("sensor.sun", str(sun_kw), KW)
    await dashboard(
        hass,
        source("grid", power_config={"stat_rate": "sensor.grid"}),
        source("solar", stat_rate="sensor.sun"),
    )
    entry = await add_site(hass)
    form = await begin(hass, entry, "meter")
    assert options(form) == ["Grid (Energy dashboard)", "Solar (Energy dashboard)", OTHER_LABEL]
    form = await add(hass, form)
    assert suggestions(form)["power"] == "sensor.grid"
    assert suggestions(form)["inverted"] is inverted
    if inverted:
        form = await add(hass, form, inverted=False, more={})
        assert form["errors"] == {"inverted": "sign_contradicted"}
        form = await add(hass, form, inverted=False, more={})
        assert form["step_id"] == "place", "who insists has the last word"
    else:
        form = await add(hass, form, more={})
    assert form["description_placeholders"]["live"] == f"{1000 * grid_kw:.0f} W"


@pytest.mark.usefixtures("recorder_mock")
@pytest.mark.parametrize(
    ("config", "sign"), [("stat_rate", "discharging"), ("stat_rate_inverted", "charging")]
)
async def test_the_battery_of_the_energy_dashboard(
    hass: HomeAssistant, config: str, sign: str
) -> None:
    """SITE-7, SITE-8: proposed when a site is changed, stored only when it is sent."""
    battery = source("battery", power_config={config: "sensor.battery"})
    await dashboard(hass, battery | {"stat_energy_to": "sensor.battery_in"})
    entry = await add_site(hass)
    form = cast("Result", await entry.start_reconfigure_flow(hass))
    assert suggestions(form)["battery"] == "sensor.battery"
    assert suggestions(form)["battery_sign"] == sign
    assert "battery" not in entry.data


@pytest.mark.usefixtures("recorder_mock")
async def test_the_sign_is_proven_by_the_counters(hass: HomeAssistant) -> None:
    """SITE-8: while the sun shines nothing of the moment proves it, but the last day does."""
    hass.states.async_set("sensor.grid", "500", {"unit_of_measurement": "W"})
    hass.states.async_set("sensor.in", "40", {"unit_of_measurement": "kWh"})
    hass.states.async_set("sensor.out", "90", {"unit_of_measurement": "kWh"})
    start = dt_util.utcnow().replace(minute=0, second=0, microsecond=0) - timedelta(hours=3)
    times = [start + timedelta(minutes=5 * number) for number in range(24)]
    exports = [number % 3 > 0 for number in range(24)]
    means = [
        {"start": at, "mean": 2000.0 if out else -900.0}
        for at, out in zip(times, exports, strict=True)
    ]
    remember(hass, "sensor.grid", "power", "W", means)
    for entity_id, counts, step_kwh in (("sensor.in", False, 0.075), ("sensor.out", True, 0.167)):
        steps = accumulate(step_kwh * (out is counts) for out in exports)
        sums = [
            {"start": at, "sum": kwh, "state": kwh} for at, kwh in zip(times, steps, strict=True)
        ]
        remember(hass, entity_id, "energy", "kWh", sums)
    await async_wait_recording_done(hass)
    entities = {
        Role.POWER: "sensor.grid",
        Role.ENERGY: "sensor.in",
        Role.EXPORT_ENERGY: "sensor.out",
    }
    assert await async_prove_sign(hass, entities) is False
    assert await async_prove_sign(hass, {Role.POWER: "sensor.grid"}) is None


def remember(
    hass: HomeAssistant, entity_id: str, unit_class: str, unit: str, rows: list[dict[str, Any]]
) -> None:
    """Write statistics of five minutes."""
    has_mean = unit_class == "power"
    meta = StatisticMetaData(
        mean_type=StatisticMeanType.ARITHMETIC if has_mean else StatisticMeanType.NONE,
        has_sum=not has_mean,
        name=None,
        source="recorder",
        statistic_id=entity_id,
        unit_class=unit_class,
        unit_of_measurement=unit,
    )
    get_instance(hass).async_import_statistics(
        meta, [cast("StatisticData", row) for row in rows], StatisticsShortTerm
    )


def test_what_proves_a_sign() -> None:
    assert sign_now(500, 0) is True
    assert sign_now(-500, 0) is False
    assert sign_now(-500, 600) is None
    assert sign_now(50, 0) is None
    assert sign_by_energy([(500.0, 300.0), (-500.0, -20.0)]) is True
    assert sign_by_energy([(500.0, 100.0), (-500.0, 90.0)]) is None
    assert sign_by_energy([]) is None
    assert Role.POWER.line(1) is Role.POWER_L2
