"""What automations, the logbook and voice can do with the suite (PLAN-2, PLAN-4 to PLAN-6)."""

from datetime import timedelta
import json
from pathlib import Path
import re
from typing import Any

import pytest
import yaml

from custom_components.evse_suite import condition, intent as suite_intent, trigger
from custom_components.evse_suite.const import DOMAIN, EVENT_SUITE
from custom_components.evse_suite.llm import TOOLS
from custom_components.evse_suite.logbook import async_describe_events
from custom_components.evse_suite.sessions import book, keeper
from homeassistant.components import llm as llm_component
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.core import Context, Event, HomeAssistant
from homeassistant.helpers import intent, llm
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from tests.integration.automations import automate, from_blueprint, halt, install
from tests.integration.house import House, until

ROOT = Path(trigger.__file__).parent
FIRED = "test_fired"
ASSIST = "conversation"

pytestmark = pytest.mark.usefixtures("prompt", "short_clocks")


@pytest.fixture
def short_clocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look every second, and have three minutes last six seconds."""
    monkeypatch.setattr(keeper, "LOOK_EVERY_S", 1.0)
    monkeypatch.setattr(book, "FINISHED_AFTER_S", 6.0)


class Witness:
    """Hears what automations do."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.events: list[Event[Any]] = []
        hass.bus.async_listen(FIRED, self.events.append)

    @property
    def seen(self) -> list[str]:
        return [event.data["what"] for event in self.events]

    async def sees(self, what: str) -> None:
        await until(lambda: what in self.seen, what)


def telling(what: str) -> dict[str, Any]:
    """Return an action that the witness hears."""
    return {"event": FIRED, "event_data": {"what": what, "message": "{{ message | default }}"}}


async def ready_in(home: House, minutes: int) -> None:
    """Want more in a few minutes than any charger can give."""
    at = dt_util.now() + timedelta(minutes=minutes)
    await home.call(
        DOMAIN,
        "set_ready_by",
        device_id=home.device_id("garage"),
        time=f"{at:%H:%M}",
        target_value=190,
        target_kind="energy",
    )


async def test_every_trigger_fires_when_it_happens(hass: HomeAssistant, home: House) -> None:
    """PLAN-2, PLAN-4, PLAN-5: by the device of the charger, once for each."""
    charger = home.device_id("garage")
    await home.becomes("sensor", "session_state", "charging", "garage")
    witness = Witness(hass)
    await automate(
        hass,
        (
            {
                "alias": name,
                "triggers": [{"trigger": f"{DOMAIN}.{name}", "target": {"device_id": charger}}],
                "actions": [telling(name)],
            }
            for name in trigger.TRIGGERS
        ),
    )

    home.use_oven(12_000)
    await witness.sees("paused_by_limit")
    home.use_oven(0)
    await home.becomes("sensor", "session_state", "charging", "garage")
    # Going on after a pause is no beginning.
    assert witness.seen == ["paused_by_limit"]

    await home.call(DOMAIN, "boost", device_id=charger, duration={"minutes": 30})
    await home.becomes("select", "charge_mode", "boost", "garage")
    await home.call(DOMAIN, "cancel_boost", device_id=charger)
    await witness.sees("boost_ended")

    await ready_in(home, minutes=60)
    await witness.sees("plan_cannot_be_met")

    home.car.unplug()
    await witness.sees("charging_finished")
    home.car.plug()
    await witness.sees("charging_started")
    # That a plan cannot be met is told of every car that comes.
    once = [name for name in witness.seen if name != "plan_cannot_be_met"]
    assert once == ["paused_by_limit", "boost_ended", "charging_finished", "charging_started"]


async def test_a_car_that_waits_for_room_begins_and_finishes_but_once(
    hass: HomeAssistant, home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PLAN-6: who leaves before anything flowed has not charged; who then charges begins."""
    monkeypatch.setattr(book, "LIMITED_AFTER_S", 3.0)
    charger = home.device_id("garage")
    home.car.unplug()
    await home.becomes("sensor", "session_state", "idle", "garage")
    witness = Witness(hass)
    names = ("charging_started", "charging_finished", "paused_by_limit")
    await automate(
        hass,
        (
            {
                "alias": name,
                "triggers": [{"trigger": f"{DOMAIN}.{name}", "target": {"device_id": charger}}],
                "actions": [telling(name)],
            }
            for name in names
        ),
    )
    home.use_oven(12_000)
    await until(lambda: home.value("mains_current_l1") > 45, "a house that takes all")
    home.car.plug()
    await home.becomes("sensor", "session_state", "no_room", "garage")
    home.car.unplug()
    await home.becomes("sensor", "session_state", "idle", "garage")
    home.car.plug()
    await home.becomes("sensor", "session_state", "no_room", "garage")
    home.use_oven(0)
    await witness.sees("charging_started")
    assert witness.seen == ["paused_by_limit", "paused_by_limit", "charging_started"]


async def test_a_target_that_is_reached(hass: HomeAssistant, home: House) -> None:
    """PLAN-2: told once, by the entity; and the conditions tell the same."""
    session = home.entity("sensor", "session_state", "garage")
    await home.becomes("sensor", "session_state", "charging", "garage")
    witness = Witness(hass)
    conditions = [
        {"condition": f"{DOMAIN}.{name}", "target": {"device_id": home.device_id("garage")}}
        for name in condition.CONDITIONS
    ]
    await automate(
        hass,
        (
            {
                "triggers": [
                    {"trigger": f"{DOMAIN}.target_reached", "target": {"entity_id": session}}
                ],
                "actions": [telling("target_reached")],
            },
            *(
                {
                    "triggers": [{"trigger": "event", "event_type": "ask"}],
                    "conditions": [asked],
                    "actions": [telling(str(asked["condition"]))],
                }
                for asked in conditions
            ),
        ),
    )
    hass.bus.async_fire("ask")
    await hass.async_block_till_done()
    assert witness.seen == [f"{DOMAIN}.is_charging"]

    charger = home.device_id("garage")
    await until(lambda: home.charger.point.session.energy_wh > 30, "energy")
    await home.call(
        DOMAIN,
        "set_ready_by",
        device_id=charger,
        time="23:59",
        target_value=0.02,
        target_kind="energy",
    )
    await witness.sees("target_reached")
    assert home.shows("sensor", "session_state", "target_reached", "garage")

    witness.events.clear()
    await home.call(DOMAIN, "boost", device_id=charger)
    await home.becomes("sensor", "session_state", "charging", "garage")
    hass.bus.async_fire("ask")
    await hass.async_block_till_done()
    assert {f"{DOMAIN}.is_charging", f"{DOMAIN}.is_boosted"} <= set(witness.seen)


async def test_the_blueprints_do_what_they_say(hass: HomeAssistant, home: House) -> None:
    """PLAN-3 to PLAN-6: six automations of one home, each from its blueprint."""
    install(hass)
    await home.becomes("sensor", "session_state", "charging", "garage")
    charger = home.device_id("garage")
    mode = home.entity("select", "charge_mode", "garage")
    plan = home.entity("sensor", "plan", "garage")
    ready_by = home.entity("sensor", "ready_by", "garage")
    hass.states.async_set("sensor.price", "0.3")
    witness = Witness(hass)
    told = [telling("told")]
    await automate(
        hass,
        (
            from_blueprint("session_report", charger=charger, least_kwh=0, notification=told),
            from_blueprint(
                "not_ready",
                charger=charger,
                plan=plan,
                settle={"seconds": 2},
                notification=[telling("not_ready")],
            ),
            from_blueprint(
                "cheapest_hours",
                next_start=home.entity("sensor", "next_charge_start", "garage"),
                cost=home.entity("sensor", "plan_cost", "garage"),
                settle={"seconds": 2},
                notification=[telling("cheapest_hours")],
            ),
            from_blueprint("low_price", charge_mode=mode, price="sensor.price", limit=0.1),
            from_blueprint(
                "preheat",
                ready_by=ready_by,
                session=home.entity("sensor", "session_state", "garage"),
                charge_mode=mode,
                minutes=30,
                climate=[telling("warm")],
            ),
        ),
    )

    hass.states.async_set("sensor.price", "0.05")
    await home.becomes("select", "charge_mode", "boost", "garage")
    # The boost goes with its car, and the next car gets one of its own.
    home.car.unplug()
    await home.becomes("select", "charge_mode", "smart", "garage")
    home.car.plug()
    await home.becomes("select", "charge_mode", "boost", "garage")
    hass.states.async_set("sensor.price", "0.2")
    await home.becomes("select", "charge_mode", "solar", "garage")

    await ready_in(home, minutes=60)
    await witness.sees("not_ready")
    await witness.sees("cheapest_hours")
    messages = {event.data["what"]: event.data["message"] for event in witness.events}
    assert messages["not_ready"] == home.state("sensor", "plan", "garage").state
    assert messages["cheapest_hours"].startswith("The car will charge from ")
    await ready_in(home, minutes=10)
    await witness.sees("warm")
    assert home.shows("select", "charge_mode", "boost", "garage")

    await until(lambda: home.charger.point.session.energy_wh > 20, "energy")
    home.car.unplug()
    await witness.sees("told")
    (event,) = [event for event in witness.events if event.data["what"] == "told"]
    assert "kWh charged" in event.data["message"]
    await halt(hass)


async def test_the_logbook_has_words_for_sessions(hass: HomeAssistant, home: House) -> None:
    """PLAN-6."""
    described: dict[str, Any] = {}
    async_describe_events(hass, lambda *what: described.update({what[1]: what[2]}))
    heard: list[str] = []
    hass.bus.async_listen(
        EVENT_SUITE, lambda event: heard.append(described[EVENT_SUITE](event)["message"])
    )
    await home.becomes("sensor", "session_state", "charging", "garage")
    await until(lambda: home.charger.point.session.energy_wh > 15, "energy")
    home.car.unplug()
    await until(lambda: len(heard) == 1, "the end")
    home.car.plug()
    await until(lambda: len(heard) == 2, "the plug")
    assert heard[0].startswith("charged 0.0 kWh (unplugged")
    assert heard[1] == "has a car plugged in"


async def test_voice(hass: HomeAssistant, home: House) -> None:
    """PLAN-4: 'boost the car for an hour', as far as the charger may be seen by the assistant."""
    for component in ("homeassistant", "intent", "llm"):
        assert await async_setup_component(hass, component, {})
    await suite_intent.async_setup_intents(hass)
    context = llm.LLMContext(
        platform="test", context=Context(), language="en", assistant=ASSIST, device_id=None
    )

    async def say(kind: str, assistant: str | None = None, **slots: Any) -> str:
        response = await intent.async_handle(
            hass,
            "test",
            kind,
            {name: {"value": value} for name, value in slots.items()},
            assistant=assistant,
        )
        speech: str = response.speech["plain"]["speech"]
        return speech

    await home.becomes("sensor", "session_state", "charging", "garage")
    assert (await say(suite_intent.INTENT_STATUS)).startswith("garage: the car is charging")
    assert (await say(suite_intent.INTENT_BOOST, hours=1)).startswith("garage is boosted until ")
    boost = home.site.plans.settings(home.site.spec.chargers[0].key).boost
    assert boost is not None
    assert timedelta(minutes=59) < boost.until - dt_util.utcnow() <= timedelta(hours=1)
    assert home.shows("select", "charge_mode", "boost", "garage")
    await say(suite_intent.INTENT_END_BOOST, name="Garage")
    assert home.shows("select", "charge_mode", "smart", "garage")
    spoken = await say(suite_intent.INTENT_BOOST, energy_kwh=5)
    assert spoken == "garage is boosted until it has given 5 kilowatt-hours"
    await say(suite_intent.INTENT_READY_BY, hour=7, percent=80)
    assert "that is called Batman" in await say(suite_intent.INTENT_BOOST, name="Batman")
    with pytest.raises(intent.InvalidSlotInfo):
        await say(suite_intent.INTENT_BOOST, hours=99)

    # Hidden from the assistant until its owner shows the charge mode.
    mode = home.entity("select", "charge_mode", "garage")
    async_expose_entity(hass, ASSIST, mode, should_expose=False)
    assert "No charger is exposed" in await say(suite_intent.INTENT_STATUS, assistant=ASSIST)
    tools = (await llm_component.async_get_tools(hass, context, llm.LLM_API_ASSIST)).tools
    assert not [tool for tool in tools if tool.integration == DOMAIN]
    async_expose_entity(hass, ASSIST, mode, should_expose=True)
    tools = (await llm_component.async_get_tools(hass, context, llm.LLM_API_ASSIST)).tools
    names = {tool.name: tool for tool in tools if tool.integration == DOMAIN}
    assert names.keys() == {f"{DOMAIN}__{name}" for name, _, _ in TOOLS.values()}
    result = await names[f"{DOMAIN}__status"].async_call(
        hass, llm.ToolInput(tool_name=f"{DOMAIN}__status", tool_args={}), context
    )
    assert isinstance(result, llm.ToolResult)
    assert "garage" in str(result.data)


@pytest.mark.parametrize(
    ("kind", "known"),
    [("triggers", trigger.TRIGGERS), ("conditions", condition.CONDITIONS)],
)
def test_triggers_and_conditions_are_described(kind: str, known: dict[str, type]) -> None:
    described = yaml.safe_load((ROOT / f"{kind}.yaml").read_text())
    described = {key: it for key, it in described.items() if not key.startswith(".")}
    texts = json.loads((ROOT / "translations/en.json").read_text())[kind]
    icons = json.loads((ROOT / "icons.json").read_text())[kind]
    assert described.keys() == texts.keys() == icons.keys() == known.keys()
    for key, text in texts.items():
        assert text["description"].endswith("."), key
        assert text["fields"].keys() == described[key]["fields"].keys(), key


def test_the_sentences_to_copy_fit_the_intents() -> None:
    """PLAN-4: every intent has sentences, and what is said in them is what its handler takes."""
    guide = (ROOT.parents[1] / "docs" / "automations.md").read_text()
    blocks = [yaml.safe_load(it) for it in re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)]
    (known,) = [it for it in blocks if "intents" in it]
    handlers = {it.intent_type: it for it in suite_intent.HANDLERS}
    assert known["intents"].keys() == handlers.keys()
    for name, told in known["intents"].items():
        slots = {str(slot) for slot in handlers[name].slots}
        for block in told["data"]:
            said = {slot for it in block["sentences"] for slot in re.findall(r"\{(\w+)\}", it)}
            assert said | block.get("slots", {}).keys() <= slots
            assert said <= known["lists"].keys()
