"""Limits from Home Assistant: they hold, are shown, and their sources' faults are told."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
import math
from typing import Any

import pytest

from custom_components.evse_suite.const import DOMAIN
from custom_components.evse_suite.control.alarms import AFTER_S
from custom_components.evse_suite.control.answer import AlarmKind
from homeassistant.config_entries import ConfigSubentryDataWithId
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er, issue_registry as ir
from simulator.build import Simulation
from tests.integration.house import FAST, SINGLE_PHASE, House, site_entry, stored, until

RELAY = "binary_sensor.relay"
KILOWATTS = {"unit_of_measurement": "kW"}
DIMMING = {"kind": "external", "unit": "W", "scope": "chargers", "dimmed": 4200.0}

pytestmark = pytest.mark.usefixtures("prompt")


@pytest.fixture(autouse=True)
def short_clocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a minute last six seconds; the real ones are tested with the balancer."""
    control = "custom_components.evse_suite.control"
    monkeypatch.setattr(f"{control}.limits.RECOVER_S", 6.0)
    monkeypatch.setattr(f"{control}.alarms.OVER_AFTER_S", 3.0)
    monkeypatch.setitem(AFTER_S, AlarmKind.LIMIT_SILENT, 6.0)


def limit(key: str, **data: Any) -> ConfigSubentryDataWithId:
    """Return a limit as it is stored; it is called as its key."""
    return ConfigSubentryDataWithId(
        subentry_id=key, subentry_type="limit", title=key, unique_id=None, data=data
    )


@asynccontextmanager
async def limited(
    hass: HomeAssistant,
    simulation: Simulation,
    *limits: ConfigSubentryDataWithId,
    roles: dict[str, str] | None = None,
    **data: Any,
) -> AsyncGenerator[House]:
    """Set up a site with limits; ``roles`` of its meters by name, ``data`` of the site."""
    devices = await stored(hass, simulation)
    for device in devices:
        if role := (roles or {}).get(device["title"]):
            device["data"] = {**device["data"], "role": role, "phases": ["l1"]}
    entry = site_entry(simulation, [*devices, *limits])
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, data={**entry.data, **data})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    yield House(hass, simulation, entry)
    await hass.config_entries.async_unload(entry.entry_id)


def issues(hass: HomeAssistant) -> list[ir.IssueEntry]:
    return [it for it in ir.async_get(hass).issues.values() if it.translation_key == "limit_silent"]


async def test_dimming_by_a_contact_and_its_silence(
    hass: HomeAssistant, simulation: Simulation
) -> None:
    """SITE-1, SITE-5: dimmed at once and named; silence dims as well, and is told until it ends."""
    hass.states.async_set(RELAY, "off")
    async with limited(
        hass, simulation, limit("operator", **DIMMING, source=RELAY), limit("board", kind="collar")
    ) as home:
        await until(lambda: home.car.current_a > 30, "full power")
        assert home.shows("sensor", "power_limit", "unknown", "operator")
        assert home.shows("binary_sensor", "dimmed", "off", "operator")

        hass.states.async_set(RELAY, "on")
        await until(lambda: 17 < home.car.current_a < 18.5, "4.2 kW", 8)
        assert home.value("power_limit", "operator") == 4200
        assert home.shows("binary_sensor", "dimmed", "on", "operator")
        assert home.shows("binary_sensor", "source_problem", "off", "operator")
        await home.becomes("sensor", "reason", "external_limit", "garage")
        assert home.shows("sensor", "binding_cap", "external", "garage")
        sentence = home.state("sensor", "explanation", "garage").state
        assert sentence.startswith("18 A of 32 A, dimmed from outside: operator allows 4.2 kW")

        hass.states.async_set(RELAY, "unavailable")
        await home.becomes("binary_sensor", "source_problem", "on", "operator")
        assert home.shows("binary_sensor", "dimmed", "on", "operator")
        assert not issues(hass)
        await until(lambda: issues(hass), "told", 15)
        (issue,) = issues(hass)
        assert issue.translation_placeholders == {"name": "operator", "source": RELAY}
        alarm = home.state("event", "alarm").attributes
        assert (alarm["event_type"], alarm["subject"]) == ("limit_silent", "operator")

        hass.states.async_set(RELAY, "off")
        await until(lambda: not issues(hass), "mended", 20)
        await until(lambda: home.car.current_a > 30, "full power again", 60)
        alarm = home.state("event", "alarm").attributes
        assert (alarm["event_type"], alarm["subject"]) == ("limit_restored", "operator")


async def test_a_sensor_that_changes_its_unit(hass: HomeAssistant, simulation: Simulation) -> None:
    """SITE-1, MTR-20: kilowatts are understood, and what is no power counts as dimmed."""
    hass.states.async_set("sensor.limit", "6.9", KILOWATTS)
    source = {"source": "sensor.limit", "dimmed": 3000.0}
    async with limited(
        hass, simulation, limit("meter", kind="load_limit", limit_w=9000.0, **source)
    ) as home:
        await until(lambda: home.value("power_limit", "meter") == 6900, "6.9 kW")
        assert home.shows("binary_sensor", "dimmed", "on", "meter")
        await until(lambda: 26 < home.car.current_a < 29, "6.9 kW less the house")
        await home.becomes("sensor", "reason", "power_limit", "garage")
        nonsense = [(shown, KILOWATTS) for shown in ("6900", "nan", "inf", "-6.9", "much")]
        for shown, unit in (("6.9", {}), *nonsense):
            hass.states.async_set("sensor.limit", shown, unit)
            await home.becomes("binary_sensor", "source_problem", "on", "meter")
            assert home.value("power_limit", "meter") == 3000
            hass.states.async_set("sensor.limit", "20", KILOWATTS)
            await home.becomes("binary_sensor", "source_problem", "off", "meter")
        # What is said never lifts what is fixed.
        await until(lambda: home.value("power_limit", "meter") == 9000, "the meter's own", 20)
        assert home.shows("binary_sensor", "dimmed", "off", "meter")


async def test_what_was_said_too_long_ago(hass: HomeAssistant, simulation: Simulation) -> None:
    """SITE-5: the same word heard again is young, a word that is never heard again is none."""
    hass.states.async_set("number.limit", "20", {"unit_of_measurement": "A"})
    data = {"unit": "A", "scope": "site", "dimmed": 10.0, "silent_after_s": 10}
    async with limited(
        hass, simulation, limit("operator", kind="external", source="number.limit", **data)
    ) as home:
        await until(lambda: home.value("current_limit", "operator") == 20, "20 A")
        assert home.shows("sensor", "binding_cap_l1", "external")
        assert home.value("current_limit_l1") == 20
        loop = home.hass.loop
        end_s = loop.time() + 15
        while loop.time() < end_s:
            hass.states.async_set("number.limit", "20", {"unit_of_measurement": "A"})
            assert home.value("current_limit", "operator") == 20
            await until_later(home, 1)
        await until(lambda: home.value("current_limit", "operator") == 10, "too old", 14)
        assert home.shows("binary_sensor", "source_problem", "on", "operator")


async def until_later(home: House, seconds: float) -> None:
    end_s = home.hass.loop.time() + seconds
    await until(lambda: home.hass.loop.time() >= end_s, "some time")


async def test_entities_of_limits(hass: HomeAssistant, simulation: Simulation) -> None:
    """SITE-1, IND-10: each limit is a device under the site's, with what its kind has."""
    hass.states.async_set(RELAY, "off")
    async with limited(
        hass,
        simulation,
        limit("board", kind="circuit", limit_a=20.0, chargers=[]),
        limit("window", kind="capacity", limit_w=5000.0),
        limit("contract", kind="contract", limit_w=9200.0, source=RELAY, dimmed=2000.0),
        export_limit_w=0.0,
    ) as home:
        registry = er.async_get(hass)
        keys = {
            name: {
                entity.unique_id.removeprefix(f"{home.owner(name)}_")
                for entity in er.async_entries_for_device(registry, home.device_id(name))
            }
            for name in ("board", "window", "contract")
        }
        assert keys == {
            "board": {"current_limit"},
            "window": {"power_limit", "window_energy", "window_power"},
            "contract": {"power_limit", "dimmed", "source_problem"},
        }
        device = home.registered("board")
        assert device.config_subentry_id == "board"
        assert device.via_device_id == home.device_id(None)
        assert home.value("current_limit", "board") == 20
        await until(lambda: home.value("curtail") == 0, "nothing is exported")
        await until(lambda: home.value("window_power", "window") > 0, "counted")
        assert home.value("window_energy", "window") > 0
        assert 0 <= home.value("power_limit", "window") <= 5000
        (plain,) = [it for it in told(home, await decision(home)) if it["name"] == "window"]
        assert plain["kind"] == "capacity"
        identifier = (DOMAIN, home.owner("board"))
        hass.config_entries.async_remove_subentry(home.entry, "board")
        await hass.async_block_till_done()
        gone = dr.async_get(hass).async_get_device_by_identifier(identifier, home.entry.entry_id)
        assert gone is None


async def decision(home: House) -> dict[str, Any]:
    answer = await home.hass.services.async_call(
        DOMAIN, "get_decision", {}, blocking=True, return_response=True
    )
    assert answer is not None
    return dict(answer)


def told(home: House, answer: dict[str, Any]) -> list[dict[str, Any]]:
    assert answer["title"] == home.entry.title
    caps: list[dict[str, Any]] = answer["caps"]
    return caps


async def test_a_quarter_of_an_hour_ends_with_the_clocks(
    hass: HomeAssistant, simulation: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SITE-1: windows begin at :00, :15, :30 and :45, whenever the site was started."""
    monkeypatch.setattr("custom_components.evse_suite.site.time.time", lambda: 900.0 * 7 + 600)
    async with limited(hass, simulation, limit("window", kind="capacity", limit_w=5e3)) as home:
        now_s = hass.loop.time()
        assert home.site.window_ends_s(now_s) == pytest.approx(now_s + 300, abs=20)
        end_s = home.site.window_ends_s(now_s)
        assert home.site.window_ends_s(end_s - 1) == end_s
        assert home.site.window_ends_s(end_s) == end_s + 300
        assert home.site.window_age_s is not None


LINE_SIDE = SINGLE_PHASE | {
    "sun": {"kwp": 10},
    "cars": {"car": {"type": "reacts_in_3_s", "plugged": False}},
    "meters": {
        "mains": {
            "device": "lektrico_em",
            "serial": 810042,
            "channels": [{"place": "house", "phase": "L1"}],
            "options": FAST,
        },
        "roof": {
            "device": "lektrico_em",
            "serial": 810043,
            "channels": [{"place": "sun", "phase": "L1"}],
            "options": FAST,
        },
    },
}


@pytest.mark.parametrize("layout", [LINE_SIDE])
async def test_a_generator_before_the_clamps(hass: HomeAssistant, simulation: Simulation) -> None:
    """DER-15, DER-14: surplus is what it delivers less the house; the collar carries both."""
    assert simulation.home.sun is not None
    simulation.home.sun.fixed_w = 5000.0
    roles = {"mains": "mains", "roof": "generator"}
    async with limited(
        hass,
        simulation,
        limit("collar", kind="collar", limit_a=160.0),
        roles=roles,
        generator="line",
        export_limit_w=3000.0,
    ) as home:
        await until(lambda: home.value("surplus") == pytest.approx(4600, abs=150), "the surplus")
        await until(lambda: home.value("curtail") == pytest.approx(1600, abs=150), "beyond 3 kW")
        assert home.value("current_limit", "collar") == 160
        await simulation.devices["roof"].stop()
        # Silent, it delivers nothing: promise 2.
        await until(lambda: not math.isnan(home.value("surplus")), "still told")
        await until(lambda: home.value("surplus") < 0, "no surplus", 60)
