"""The blueprints as they are imported; those that need a home run in the tests of one (PLAN-5)."""

from datetime import datetime

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from homeassistant.components.automation.config import AUTOMATION_BLUEPRINT_SCHEMA
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.util import dt as dt_util, yaml as yaml_util
from tests.integration.automations import BLUEPRINTS, NAMES, automate, from_blueprint, halt, install


@pytest.mark.parametrize("name", NAMES)
def test_every_blueprint_is_one(name: str) -> None:
    """PLAN-5, PLAN-6: as Home Assistant reads it when it is imported."""
    data = yaml_util.load_yaml_dict(BLUEPRINTS / f"{name}.yaml")
    blueprint = Blueprint(
        data, path=f"{name}.yaml", expected_domain="automation", schema=AUTOMATION_BLUEPRINT_SCHEMA
    )
    assert blueprint.validate() is None
    assert all(one["name"] for one in blueprint.inputs.values())


async def test_the_hours_without_charging(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """IND-20: off at its time, on again at the other; a boost and a weekend are left alone."""
    install(hass)
    mode = "select.mode"
    friday = datetime(2026, 11, 20, 16, 0, tzinfo=dt_util.get_default_time_zone())
    freezer.move_to(friday)
    chosen: list[str] = []

    async def choose(call: ServiceCall) -> None:
        chosen.append(call.data["option"])
        hass.states.async_set(mode, call.data["option"])

    hass.services.async_register("select", "select_option", choose)
    hass.states.async_set(mode, "smart")
    await automate(
        hass, [from_blueprint("keep_out", charge_mode=mode, begin="17:00:00", end="21:00:00")]
    )

    async def comes(at: datetime) -> None:
        freezer.move_to(at)
        async_fire_time_changed(hass, at)
        await hass.async_block_till_done()

    await comes(friday.replace(hour=17))
    assert chosen == ["off"]
    await comes(friday.replace(hour=21))
    assert chosen == ["off", "smart"]
    await comes(friday.replace(day=21, hour=17))
    hass.states.async_set(mode, "boost")
    await comes(friday.replace(day=23, hour=17))
    await comes(friday.replace(day=23, hour=21))
    assert chosen == ["off", "smart"]
    await halt(hass)
