"""What a person is told to mend; clocks are shortened, plugs are really pulled."""

import asyncio
from datetime import timedelta
import json
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.evse_suite import repairs
from custom_components.evse_suite.const import DOMAIN
from homeassistant.components.repairs import DOMAIN as REPAIRS
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from tests.integration.house import House, until

TEXTS = json.loads(
    (Path(repairs.__file__).parent / "translations/en.json").read_text(encoding="utf-8")
)["issues"]

pytestmark = pytest.mark.usefixtures("prompt")


@pytest.fixture(autouse=True)
def short_clocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repairs, "CHECK_EVERY_S", 0.1)
    monkeypatch.setattr(repairs, "CLOSE_AFTER_DEFAULT_S", 0.3)
    for key in repairs.OPEN_AFTER_S:
        monkeypatch.setitem(repairs.OPEN_AFTER_S, key, 0.3)
    for key in repairs.CLOSE_AFTER_S:
        monkeypatch.setitem(repairs.CLOSE_AFTER_S, key, 0.5)


def issue(hass: HomeAssistant, key: str) -> ir.IssueEntry | None:
    found = [
        entry
        for (domain, _), entry in ir.async_get(hass).issues.items()
        if domain == DOMAIN and entry.translation_key == key
    ]
    assert len(found) <= 1
    return found[0] if found else None


async def comes(hass: HomeAssistant, key: str, timeout_s: float = 90) -> ir.IssueEntry:
    await until(lambda: issue(hass, key), f"{key} is told", timeout_s)
    found = issue(hass, key)
    assert found is not None
    for text in every_text(TEXTS[key]):
        assert text.format_map(found.translation_placeholders or {})
    return found


def every_text(node: Any) -> list[str]:
    if isinstance(node, str):
        return [node]
    return [text for value in node.values() for text in every_text(value)]


async def goes(hass: HomeAssistant, key: str, timeout_s: float = 90) -> None:
    await until(lambda: not issue(hass, key), f"{key} is over", timeout_s)


async def test_nothing_is_wrong(hass: HomeAssistant, home: House) -> None:
    await asyncio.sleep(1)
    assert not [key for key in ir.async_get(hass).issues if key[0] == DOMAIN]


async def test_a_charger_is_unplugged_from_the_network(hass: HomeAssistant, home: House) -> None:
    """SITE-5: told after a minute (here at once), over when it is back."""
    home.charger.inject({"silent": True})
    found = await comes(hass, "device_unreachable")
    assert found.translation_placeholders == {"name": "garage"}

    home.charger.inject({"silent": False})
    await goes(hass, "device_unreachable")


async def test_a_minute_of_silence_is_needed(
    hass: HomeAssistant, home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SITE-5: a restart of the charger is nobody's trouble."""
    monkeypatch.setitem(repairs.OPEN_AFTER_S, "device_unreachable", 6.0)
    link = next(iter(home.site.chargers.values()))
    for _ in range(2):
        home.charger.inject({"silent": True})
        await until(lambda: link.health.error is not None, "its silence is noticed")
        await asyncio.sleep(1.0)
        home.charger.inject({"silent": False})
        await until(lambda: link.health.error is None, "it is heard again")
    assert issue(hass, "device_unreachable") is None


async def test_the_mains_meter_is_silent(hass: HomeAssistant, home: House) -> None:
    """SITE-5, promise 2: one issue, that of the meter, not a second one of its address."""
    await until(lambda: home.value("mains_current_l1") > 0, "the meter is heard")
    home.em.inject({"silent": True})
    await comes(hass, "meter_silent")
    assert issue(hass, "device_unreachable") is None

    home.em.inject({"silent": False})
    await goes(hass, "meter_silent")


async def test_the_house_alone_is_too_much(hass: HomeAssistant, home: House) -> None:
    """SITE-4: nothing is left to yield."""
    home.car.unplug()
    home.use_oven(12_000)
    found = await comes(hass, "house_overload")
    assert found.translation_placeholders == {"phase": "L1", "limit": "40"}

    home.use_oven(500)
    await goes(hass, "house_overload")


async def test_a_charger_does_not_follow(hass: HomeAssistant, home: House) -> None:
    """Promise 3."""
    await until(lambda: home.car.current_a > 12, "charging")
    home.charger.faults.ignore_commands = True
    home.charger.point.dynamic_current_a = 32
    home.use_oven(7_500)
    await comes(hass, "charger_not_following")


async def test_a_frozen_meter_is_not_believed(hass: HomeAssistant, home: House) -> None:
    """Promise 2: a value that stands still while the car does not."""
    await until(lambda: home.car.current_a > 15, "charging")
    home.em.faults.frozen = True
    await asyncio.sleep(6)
    home.car.unplug()
    await comes(hass, "meter_implausible")

    home.em.faults.clear()
    await goes(hass, "meter_implausible")


async def test_a_clamp_beyond_its_range(hass: HomeAssistant, home: House) -> None:
    """LEK-15, SITE-1: a clamp of 30 A is a limit, and it is told when it has to show more."""
    subentry = next(it for it in home.entry.subentries.values() if it.title == "mains")
    hass.config_entries.async_update_subentry(
        home.entry, subentry, data={**subentry.data, "clamp_a": 30}
    )
    await hass.async_block_till_done()
    await home.becomes("sensor", "binding_cap_l1", "meter_range")
    assert home.value("current_limit_l1") == 30
    home.car.unplug()
    home.use_oven(12_000)
    found = await comes(hass, "clamp_range")
    assert found.translation_placeholders == {"name": "mains", "range": "30"}

    home.use_oven(1_000)
    await goes(hass, "clamp_range")


async def test_two_controllers(
    hass: HomeAssistant, home: House, hass_client: ClientSessionGenerator
) -> None:
    """LEK-19: the meter's own Green mode fights the site; the flow sets it to Power."""
    assert await async_setup_component(hass, REPAIRS, {})
    client = await hass_client()
    own = home.entity("select", "load_balancing_mode", "mains")
    await home.call("select", "select_option", own, option="green")
    found = await comes(hass, "two_controllers")
    assert found.is_fixable

    await home.call("select", "select_option", home.entity("select", "mode"), option="disabled")
    await goes(hass, "two_controllers")
    await home.call("select", "select_option", home.entity("select", "mode"), option="power")
    found = await comes(hass, "two_controllers")

    async def post(path: str, data: dict[str, Any]) -> dict[str, Any]:
        response = await client.post(f"/api/repairs/issues/fix{path}", json=data)
        assert response.status == 200
        result: dict[str, Any] = await response.json()
        return result

    form = await post("", {"handler": DOMAIN, "issue_id": found.issue_id})
    assert form["step_id"] == "confirm"
    assert form["description_placeholders"] == {"name": "mains"}

    home.em.faults.refuse_commands = True
    form = await post(f"/{form['flow_id']}", {})
    assert form["errors"] == {"base": "cannot_set"}
    assert home.em.settings.amps("load_balancing_mode") == 3

    home.em.faults.clear()
    done = await post(f"/{form['flow_id']}", {})
    assert done["type"] == "create_entry"
    assert home.em.settings.amps("load_balancing_mode") == 1
    await goes(hass, "two_controllers")


async def test_without_a_mains_meter(hass: HomeAssistant, home: House) -> None:
    """IND-9, SITE-5: nothing is protected, so the charger stays at its safe current."""
    subentry = next(it for it in home.entry.subentries.values() if it.title == "mains")
    hass.config_entries.async_remove_subentry(home.entry, subentry.subentry_id)
    await hass.async_block_till_done()

    await comes(hass, "no_mains_meter")
    await until(lambda: home.charger.point.dynamic_current_a == 6, "safe current")


async def test_another_device_at_the_address(hass: HomeAssistant, home: House) -> None:
    subentry = next(it for it in home.entry.subentries.values() if it.title == "garage")
    hass.config_entries.async_update_subentry(
        home.entry, subentry, data={**subentry.data, "serial": "500007"}
    )
    await hass.async_block_till_done()

    found = await comes(hass, "wrong_device")
    assert found.translation_placeholders == {"name": "garage"}


async def test_unload_takes_issues_back(hass: HomeAssistant, home: House) -> None:
    home.charger.inject({"silent": True})
    await comes(hass, "device_unreachable")

    await hass.config_entries.async_unload(home.entry.entry_id)

    assert issue(hass, "device_unreachable") is None


async def test_prices_that_nobody_tells(hass: HomeAssistant, home: House) -> None:
    """PLAN-3: plans go on without prices, and a person hears of it."""
    prices = ConfigSubentry(
        data=MappingProxyType({"price": ["sensor.price"]}),
        subentry_type="prices",
        title="Prices and sun",
        unique_id=None,
    )
    hass.config_entries.async_add_subentry(home.entry, prices)
    await hass.async_block_till_done()
    found = await comes(hass, "prices_silent")
    assert found.translation_placeholders == {"source": "sensor.price"}

    now = dt_util.utcnow().replace(minute=0, second=0, microsecond=0)
    told = [{"start": now, "end": now + timedelta(hours=2), "price": 0.3}]
    hass.states.async_set("sensor.price", "0.3", {"prices": told})
    await goes(hass, "prices_silent")
