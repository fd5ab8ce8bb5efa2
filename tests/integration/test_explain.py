"""Every decision can be asked for its arithmetic, now and for the last hour (promise 7)."""

from datetime import datetime
import json
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.evse_suite.const import DOMAIN
from custom_components.evse_suite.control.answer import Reason
from custom_components.evse_suite.control.model import CapKind, Phase
from custom_components.evse_suite.history import History
from custom_components.evse_suite.report import past, report
from custom_components.evse_suite.views import cap_kind
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.json import json_bytes
from homeassistant.util import dt as dt_util
from tests.integration.house import THREE_PHASE, House, until

OVEN_W = 6000.0


async def ask(home: House, **data: Any) -> dict[str, Any]:
    """Ask for the decision; whatever is returned has to pass through the websocket."""
    told = await home.hass.services.async_call(
        DOMAIN, "get_decision", data, blocking=True, return_response=True
    )
    assert isinstance(told, dict)
    assert json.loads(json_bytes(told)) == json.loads(json.dumps(told, allow_nan=False))
    return dict(told)


async def charging(home: House, current_a: float = 20.0) -> None:
    """Wait until the car charges and it is known what the house draws without it."""

    def known() -> bool:
        decision = home.site.decision
        return decision is not None and all(it.house_a is not None for it in decision.phases)

    await until(lambda: home.car.current_a > current_a and known(), "charging")


def calm(home: House) -> bool:
    """Tell whether the charger is limited by the fuse and the car has followed."""
    decision = home.site.decision
    assert decision is not None
    (charger,) = decision.chargers
    followed = abs(charger.drawn_a[Phase.L1] - (charger.target_a or 0)) < 0.6
    limited = charger.reason in (Reason.FUSE_LIMIT, Reason.WAITING_TO_RAISE)
    return followed and limited and decision.phases[0].house_a is not None


async def test_the_arithmetic_adds_up(home: House) -> None:
    """SITE-1, LEK-8: mains, house and charger fit together, and the limit is the fuse."""
    await charging(home)
    home.use_oven(OVEN_W)
    await until(lambda: home.charger.point.dynamic_current_a < 16, "the fuse limits")
    await until(lambda: calm(home), "the car follows")
    told = await ask(home)

    assert told["title"] == "Home"
    assert told["mode"] == "power"
    assert told["meter_health"] == "ok"
    assert told["overload"] == (told["phases"]["l1"]["headroom_a"] < 0)
    age = dt_util.now() - datetime.fromisoformat(told["time"])
    assert abs(age.total_seconds()) < 3
    (phase,) = told["phases"].values()
    assert told["phases"].keys() == {"l1"}
    assert phase["limit_a"] == 40
    assert phase["binding_cap"] == "fuse"
    assert phase["binding_cap_kind"] == "fuse"
    assert phase["headroom_a"] == pytest.approx(40 - phase["mains_a"], abs=0.02)
    (charger,) = told["chargers"]
    assert charger["name"] == "garage"
    assert charger["available"] is True
    assert charger["binding_cap_kind"] == "fuse"
    house_a = phase["mains_a"] - charger["drawn_a"]["l1"]
    assert phase["house_low_a"] - 1 <= house_a <= phase["house_high_a"] + 1
    assert phase["house_low_a"] <= phase["house_high_a"]
    assert charger["target_a"] == home.charger.point.dynamic_current_a
    assert "of 40 A on L1" in charger["sentence"]
    assert "history" not in told


@pytest.mark.parametrize("layout", [THREE_PHASE], ids=["three_phases"])
async def test_one_charger_or_the_site(home: House) -> None:
    """SITE-2: by its device, by the device of the site, by the site, and without a name."""
    await charging(home, 10)
    by_charger = await ask(home, device_id=home.device_id("garage"))
    by_site = await ask(home, device_id=home.device_id(None), history=True)
    by_entry = await ask(home, config_entry_id=home.entry.entry_id)
    by_nothing = await ask(home)

    for told in (by_charger, by_site, by_entry, by_nothing):
        assert [it["name"] for it in told["chargers"]] == ["garage"]
        assert told["phases"].keys() == {"l1", "l2", "l3"}
        assert told["chargers"][0]["drawn_a"].keys() == {"l1", "l2", "l3"}
    assert by_site["history"][-1]["chargers"][0]["drawn_a"].keys() == {"l1", "l2", "l3"}
    of_another = report(home.site, "another")
    assert of_another is not None
    assert of_another["chargers"] == []
    assert of_another["phases"].keys() == by_site["phases"].keys()
    assert not [it for it in past(home.site, "another") if it["chargers"] or it["commands"]]


async def test_history_tells_what_changed_and_when(home: House) -> None:
    await charging(home)
    home.use_oven(OVEN_W)
    await until(lambda: home.charger.point.dynamic_current_a < 16, "the cut")
    told = (await ask(home, device_id=home.device_id("garage"), history=True))["history"]

    times = [datetime.fromisoformat(it["time"]) for it in told]
    assert times == sorted(times)
    assert len(times) == len(home.site.history)
    cuts = [command for it in told for command in it["commands"] if command["current_a"] < 16]
    assert cuts[-1]["current_a"] == home.charger.point.dynamic_current_a
    assert cuts[-1]["urgent"] is True
    sentences = {it["chargers"][0]["sentence"] for it in told}
    assert any("carries" in sentence for sentence in sentences)


async def test_the_sentence_of_an_overload_does_not_outlast_it(home: House) -> None:
    """Promise 7: that L1 carries more than it may is said while it does."""
    await charging(home)
    loop = home.hass.loop
    home.use_oven(OVEN_W)
    await until(lambda: "carries" in home.state("sensor", "explanation", "garage").state, "told")
    await until(lambda: home.site.decision and not home.site.decision.overload, "over")
    ended_s = loop.time()
    await until(
        lambda: "carries" not in home.state("sensor", "explanation", "garage").state, "over"
    )
    assert loop.time() - ended_s <= 3
    assert "the house uses" in home.state("sensor", "explanation", "garage").state


async def test_alarms_are_told_with_their_time(home: House) -> None:
    """Promise 2."""
    await charging(home)
    home.em.inject({"silent": True})
    await until(lambda: home.site.decision and home.site.decision.alarms, "an alarm")
    told = await ask(home)

    assert told["meter_health"] == "silent"
    (alarm,) = [it for it in told["alarms"] if it["kind"] == "meter_silent"]
    assert alarm.keys() == {"kind", "subject", "since", "share"}
    since = datetime.fromisoformat(alarm["since"])
    assert 0 <= (dt_util.now() - since).total_seconds() < 60
    assert told["phases"]["l1"]["mains_a"] is None


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"device_id": "mains"}, "no_site_or_charger"),
        ({"device_id": "unheard of"}, "no_site_or_charger"),
        ({"config_entry_id": "unheard of"}, "service_config_entry_not_found"),
        ({"config_entry_id": "other"}, "service_config_entry_wrong_domain"),
        ({"config_entry_id": "asleep"}, "service_config_entry_not_loaded"),
    ],
)
async def test_what_cannot_be_asked(home: House, data: dict[str, str], key: str) -> None:
    MockConfigEntry(domain="sun", entry_id="other", title="Sun").add_to_hass(home.hass)
    MockConfigEntry(domain=DOMAIN, entry_id="asleep", title="Asleep").add_to_hass(home.hass)
    if data.get("device_id") == "mains":
        data = {"device_id": home.device_id("mains")}

    with pytest.raises(ServiceValidationError) as error:
        await ask(home, **data)

    assert error.value.translation_key == key


async def test_a_site_that_has_not_decided_yet(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home.site, "_stopped", True)
    home.site.decision = None
    with pytest.raises(ServiceValidationError) as error:
        await ask(home)
    assert error.value.translation_key == "no_decision_yet"
    assert error.value.translation_placeholders == {"name": "Home"}


@pytest.mark.usefixtures("entity_registry_enabled_by_default", "prompt")
async def test_the_next_change_is_shown_and_comes(home: House, hass: HomeAssistant) -> None:
    """LEK-8: after the oven there is room again, and the sensor says when it is used."""
    await charging(home)
    home.use_oven(OVEN_W)
    await until(lambda: home.charger.point.dynamic_current_a < 16, "the cut")
    await until(lambda: calm(home), "the car follows")
    low_a = home.charger.point.dynamic_current_a
    home.use_oven(0)
    await home.becomes("sensor", "next_change_kind", "raise", "garage")
    loop = hass.loop
    shown = home.state("sensor", "next_change", "garage").state
    left_s = (datetime.fromisoformat(shown) - dt_util.utcnow()).total_seconds()
    due_s = loop.time() + left_s

    await until(lambda: home.charger.point.dynamic_current_a > low_a, "the raise")

    assert loop.time() == pytest.approx(due_s, abs=4)


async def test_forecasts_are_no_entities_by_default(home: House) -> None:
    """They move with every cloud: only who looks for them writes them to the database."""
    for key in ("next_change", "next_change_kind"):
        assert home.hass.states.get(home.entity("sensor", key, "garage")) is None


async def test_the_binding_limit_is_named(home: House) -> None:
    """SITE-1."""
    assert cap_kind(home.site, "fuse") is CapKind.FUSE
    assert cap_kind(home.site, "unbalance") is CapKind.UNBALANCE
    assert cap_kind(home.site, None) is None
    assert isinstance(home.site.history, History)
