"""Actions on chargers (LEK-6)."""

import pytest

from custom_components.evse_suite.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import area_registry as ar, device_registry as dr, label_registry as lr
from tests.integration.house import House

pytestmark = pytest.mark.usefixtures("prompt")


async def stopped(home: House) -> None:
    await home.becomes("sensor", "status", "paused", "garage")


async def test_stop_and_start_by_device(home: House) -> None:
    """LEK-6."""
    await home.becomes("sensor", "status", "charging", "garage")
    target = home.device_id("garage")

    await home.call(DOMAIN, "stop_charging", device_id=target)
    assert home.charger.point.session.stopped
    await stopped(home)

    await home.call(DOMAIN, "start_charging", device_id=[target])
    await home.becomes("sensor", "status", "charging", "garage")


async def test_authorise_any_charger(home: House) -> None:
    """LEK-12: by action; in the name of a tag only where the charger takes tags."""
    await home.becomes("sensor", "status", "charging", "garage")
    home.charger.settings.set("headless", value=False)
    home.charger.point.session.authorised = False
    await home.becomes("sensor", "status", "need_auth", "garage")
    target = home.device_id("garage")

    with pytest.raises(ServiceValidationError, match="cannot do this"):
        await home.call(DOMAIN, "authorise", device_id=target, tag="04A1B2")
    with pytest.raises(ServiceValidationError, match="cannot do this"):
        await home.call(DOMAIN, "ocpp_unlock", device_id=target)
    await home.call(DOMAIN, "authorise", device_id=target)

    await home.becomes("sensor", "status", "charging", "garage")


async def test_override_of_the_schedule_by_area(hass: HomeAssistant, home: House) -> None:
    """LEK-6."""
    home.charger.inject({"schedule_waits": True})
    await home.becomes("sensor", "status", "paused_by_scheduler", "garage")
    area = ar.async_get(hass).async_create("Drive")
    dr.async_get(hass).async_update_device(home.device_id("garage"), area_id=area.id)

    await home.call(DOMAIN, "override_schedule", area_id=area.id)

    await home.becomes("sensor", "status", "charging", "garage")


async def test_stop_by_label(hass: HomeAssistant, home: House) -> None:
    """LEK-6."""
    label = lr.async_get(hass).async_create("Cars")
    dr.async_get(hass).async_update_device(home.device_id("garage"), labels={label.label_id})

    await home.call(DOMAIN, "stop_charging", label_id=label.label_id)

    await stopped(home)


async def test_stop_by_an_entity_of_the_charger(home: House) -> None:
    """LEK-6."""
    await home.call(DOMAIN, "stop_charging", home.entity("sensor", "status", "garage"))
    await stopped(home)


async def test_a_meter_is_no_charger(home: House) -> None:
    with pytest.raises(ServiceValidationError) as error:
        await home.call(DOMAIN, "stop_charging", device_id=home.device_id("mains"))

    assert error.value.translation_key == "not_a_charger"
    assert error.value.translation_placeholders == {"name": "mains"}


async def test_an_area_without_chargers(hass: HomeAssistant, home: House) -> None:
    area = ar.async_get(hass).async_create("Attic")
    with pytest.raises(ServiceValidationError) as error:
        await home.call(DOMAIN, "start_charging", area_id=area.id)
    assert error.value.translation_key == "no_charger_in_target"


async def test_a_charger_that_cannot(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A charger of another make may lack a schedule: it is named, and nothing is sent."""
    device = home.site.chargers[home.site.spec.chargers[0].key].device
    monkeypatch.setattr(device, "capability", lambda _wanted: None)
    with pytest.raises(ServiceValidationError) as error:
        await home.call(DOMAIN, "override_schedule", device_id=home.device_id("garage"))
    assert error.value.translation_key == "not_supported"
    assert not home.charger.point.session.schedule_overridden


async def test_the_site_is_not_running(hass: HomeAssistant, home: House) -> None:
    target = home.device_id("garage")
    await hass.config_entries.async_unload(home.entry.entry_id)
    with pytest.raises(ServiceValidationError):
        await home.call(DOMAIN, "stop_charging", device_id=target)
