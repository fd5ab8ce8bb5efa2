"""What the house will draw is learnt from the recorder's statistics (PLAN-3)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.evse_suite.const import DOMAIN
from homeassistant.components.recorder.models import StatisticMeanType
from homeassistant.components.recorder.statistics import async_import_statistics
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from tests.flows.conftest import charger_data
from tests.plan_inputs.gathering import HOUR, NOON, ZONE, Calls, dashboard, site, started

DAYS = 14
"""With statistics."""


def sun_w(local: datetime) -> float:
    return 4000.0 if 10 <= local.hour < 15 else 0.0


def charger_w(local: datetime) -> float:
    return 7000.0 if local.hour < 4 else 0.0


def house_w(local: datetime) -> float:
    return 2000.0 if local.hour == 18 else 300.0


def battery_w(local: datetime) -> float:
    """Charged at noon, discharged in the evening."""
    return {12: 1000.0, 18: -800.0}.get(local.hour, 0.0)


def grid_w(local: datetime) -> float:
    return house_w(local) + charger_w(local) + battery_w(local) - sun_w(local)


async def record(
    hass: HomeAssistant, entity_id: str, power_w: Callable[[datetime], float], *, energy: bool
) -> None:
    """Have the recorder know the mean power, or the energy, of two weeks up to now."""
    metadata: dict[str, Any] = {
        "statistic_id": entity_id,
        "source": "recorder",
        "name": None,
        "has_sum": energy,
        "mean_type": StatisticMeanType.NONE if energy else StatisticMeanType.ARITHMETIC,
        "unit_of_measurement": "kWh" if energy else "W",
        "unit_class": "energy" if energy else "power",
    }
    rows: list[dict[str, Any]] = []
    sum_kwh = 0.0
    for hour in range(DAYS * 24):
        start = NOON.astimezone(ZoneInfo("UTC")) - HOUR * (DAYS * 24 - hour)
        power = power_w(start.astimezone(ZoneInfo(ZONE)))
        sum_kwh += power / 1000
        rows.append({"start": start} | ({"sum": sum_kwh} if energy else {"mean": power}))
    async_import_statistics(hass, cast("Any", metadata), cast("Any", rows))
    await async_wait_recording_done(hass)


async def test_the_house_alone(
    recorder_mock: None, hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """PLAN-3: mains and sun and battery, less the chargers; today's morning was unusual."""
    entry = site(hass, charger_data("127.0.0.1"))
    (charger,) = entry.subentries
    registry = er.async_get(hass)
    mains = registry.async_get_or_create(
        "sensor", DOMAIN, f"{entry.entry_id}_mains_power", config_entry=entry
    )
    for key in ("power", "maximum_power"):
        registry.async_get_or_create(
            "sensor",
            DOMAIN,
            f"garage_{key}",
            config_entry=entry,
            config_subentry_id=charger,
            translation_key=key,
            suggested_object_id=f"garage_{key}",
        )
    await dashboard(
        hass,
        {"type": "solar", "stat_energy_from": "sensor.sun"},
        {
            "type": "battery",
            "stat_energy_from": "sensor.discharged",
            "stat_energy_to": "sensor.charged",
        },
    )
    await record(hass, mains.entity_id, grid_w, energy=False)
    await record(hass, "sensor.garage_power", charger_w, energy=False)
    await record(hass, "sensor.garage_maximum_power", lambda _: 11_000.0, energy=False)
    await record(hass, "sensor.sun", sun_w, energy=True)
    await record(hass, "sensor.charged", lambda it: max(0.0, battery_w(it)), energy=True)
    await record(hass, "sensor.discharged", lambda it: max(0.0, -battery_w(it)), energy=True)
    changes = Calls()
    inputs = await started(hass, changes, entry)
    assert changes.taken() == 1
    house = inputs.outlook(NOON).house
    assert house[0].start == NOON
    assert house[-1].end >= NOON + timedelta(days=3)
    for slot in house:
        local = slot.start.astimezone(ZoneInfo(ZONE))
        assert slot.power_w == pytest.approx(house_w(local), abs=40), local


async def test_without_own_meter_the_energy_dashboard_tells_the_grid(
    recorder_mock: None, hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    grid = {"type": "grid", "stat_energy_from": "sensor.import", "stat_energy_to": "sensor.export"}
    await dashboard(hass, grid)
    await record(hass, "sensor.import", lambda _: 900.0, energy=True)
    await record(hass, "sensor.export", lambda _: 200.0, energy=True)
    inputs = await started(hass, Calls(), site(hass))
    powers_w = {round(slot.power_w) for slot in inputs.outlook(NOON).house}
    assert powers_w == {700}


async def test_a_meter_of_the_whole_home_says_it_all(
    recorder_mock: None, hass: HomeAssistant
) -> None:
    """It is believed rather than what would have to be added up."""
    await dashboard(
        hass,
        {"type": "grid", "stat_energy_from": "sensor.import"},
        {"type": "home", "stat_energy_to": "sensor.home"},
    )
    await record(hass, "sensor.import", lambda _: 100.0, energy=True)
    await record(hass, "sensor.home", lambda _: 450.0, energy=True)
    inputs = await started(hass, Calls(), site(hass))
    assert {round(slot.power_w) for slot in inputs.outlook(NOON).house} == {450}
