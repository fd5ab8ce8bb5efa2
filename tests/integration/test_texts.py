"""Every text that is used exists, and none is there for nothing."""

from itertools import chain
import json
from pathlib import Path
import re
import string
from typing import Any

import pytest
import voluptuous as vol
import yaml

from custom_components.evse_suite import (
    account_actions,
    account_entities,
    alone_sensors,
    binary_sensor,
    button,
    calendar,
    event,
    helpers,
    limit_sensors,
    meter_sensors,
    number,
    ocpp_actions,
    ocpp_entities,
    plan_actions,
    plan_entities,
    repairs,
    select,
    sensor,
    services,
    session_actions,
    session_entities,
    switch,
    time,
    update,
)
from custom_components.evse_suite.billing.events import Reason
from custom_components.evse_suite.devices.lektrico.charger import Charger
from custom_components.evse_suite.devices.model import MeterRegister
from custom_components.evse_suite.devices.ocpp.charger import OcppCharger
from custom_components.evse_suite.register_sensors import KNOWN, row_of

ROOT = Path(repairs.__file__).parent
TEXTS = json.loads((ROOT / "translations/en.json").read_text())
ICONS = json.loads((ROOT / "icons.json").read_text())
ERRORS = {f"error_{name}" for name in (*Charger.error_names, *OcppCharger.error_names)}

WHOLE: dict[str, Any] = {
    "binary_sensor": (
        *binary_sensor.SITE_BINARY,
        *binary_sensor.CHARGER_BINARY,
        *binary_sensor.LIMIT_BINARY,
        *binary_sensor.ACCOUNT_BINARY,
    ),
    "button": (
        *button.CHARGER_BUTTONS,
        *button.OCPP_BUTTONS,
        *button.METER_BUTTONS,
        *button.ACCOUNT_BUTTONS,
    ),
    "calendar": calendar.CHARGER_CALENDARS,
    "event": (*event.SITE_EVENTS, *event.ACCOUNT_EVENTS),
    "number": (*number.CHARGER_NUMBERS, *number.PLAN_NUMBERS, *number.METER_NUMBERS),
    "select": (
        *select.SITE_SELECTS,
        *select.CHARGER_SELECTS,
        *select.OCPP_SELECTS,
        *select.METER_SELECTS,
        *select.ACCOUNT_SELECTS,
    ),
    "sensor": (
        *sensor.SITE_SENSORS,
        *sensor.CHARGER_SENSORS,
        *alone_sensors.ALONE_SENSORS,
        *ocpp_entities.OCPP_SENSORS,
        *plan_entities.PLAN_SENSORS,
        *session_entities.SESSION_SENSORS,
        *meter_sensors.METER_SENSORS,
        *limit_sensors.EXPORT_SENSORS,
        *limit_sensors.LIMIT_SENSORS,
        *account_entities.ACCOUNT_SENSORS,
    ),
    "switch": (*switch.SITE_SWITCHES, *switch.CHARGER_SWITCHES, *switch.METER_SWITCHES),
    "time": time.CHARGER_TIMES,
    "update": (*update.CHARGER_UPDATES, *update.METER_UPDATES),
}
"""Rows of which a device has one."""
DIVIDED: dict[str, Any] = {
    "binary_sensor": binary_sensor.CHANNEL_BINARY,
    "sensor": (*sensor.PHASE_SENSORS, *sensor.LINE_SENSORS, *meter_sensors.CHANNEL_SENSORS),
}
"""Rows of which a device has one for each phase, line or channel."""

REGISTERS = {
    str(row_of(MeterRegister(code=code, text="")).translation_key) for code in (*KNOWN, "96.1.0")
}
"""Sensors of what a meter's read-out turns out to hold."""

RULES = 54


def used_keys(platform: str) -> set[str]:
    whole = {row.key for row in WHOLE[platform]}
    divided = {row.key for row in DIVIDED.get(platform, ())}
    errors = ERRORS if platform == "binary_sensor" else set()
    registers = REGISTERS if platform == "sensor" else set()
    return whole | divided | errors | registers | {f"{key}_phase" for key in divided}


def sources() -> str:
    """Return the modules that raise errors; the flows' texts are tested with the flows."""
    paths = (*ROOT.glob("*.py"), *ROOT.glob("account/*.py"), *ROOT.glob("plans/*.py"))
    return "".join(path.read_text() for path in paths)


@pytest.mark.parametrize("platform", WHOLE)
def test_every_entity_has_a_name_and_none_is_left_over(platform: str) -> None:
    assert TEXTS["entity"][platform].keys() == used_keys(platform)


def test_there_are_names_for_no_other_platform() -> None:
    assert TEXTS["entity"].keys() == WHOLE.keys()


@pytest.mark.parametrize("platform", ["select", "sensor"])
def test_every_option_has_a_label(platform: str) -> None:
    """LEK-2, LEK-18: no state is shown raw."""
    names = TEXTS["entity"][platform]
    for row in chain(WHOLE[platform], DIVIDED.get(platform, ())):
        for key in {row.key, f"{row.key}_phase"} & names.keys():
            assert names[key].get("state", {}).keys() == set(row.options or ()), key


def test_names_are_in_sentence_case() -> None:
    for platform, names in TEXTS["entity"].items():
        for key, text in names.items():
            first, *rest = re.sub(r"\{(phase|code)\}", "", text["name"]).split()
            assert first[0].isupper(), (platform, key)
            assert all(word.islower() or word.isdigit() for word in rest), (platform, key)
            divided = key.endswith("_phase") and key.removesuffix("_phase") in names
            assert ("{phase}" in text["name"]) == divided, (platform, key)


def test_icons_belong_to_entities() -> None:
    for platform, icons in ICONS["entity"].items():
        assert icons.keys() <= TEXTS["entity"][platform].keys()
        for key, icon in icons.items():
            assert icon["default"].startswith("mdi:")
            states = icon.get("state", {})
            assert icon["default"] not in states.values(), key
            if platform in ("select", "sensor"):
                assert states.keys() <= TEXTS["entity"][platform][key].get("state", {}).keys(), key


def test_whatever_has_no_icon_of_its_class_has_one() -> None:
    for platform, rows in WHOLE.items():
        for row in (*rows, *DIVIDED.get(platform, ())):
            classless = row.device_class is None or row.device_class == "enum"
            if classless:
                assert row.key in ICONS["entity"][platform], row.key


def test_exceptions() -> None:
    raised = set(re.findall(r'(?:translation_key=|refusal\()"(\w+)"', sources()))
    refused = {f"account_{reason}" for reason in Reason}
    assert TEXTS["exceptions"].keys() == raised | refused | set(helpers.ERROR_KEYS.values())
    for key, text in TEXTS["exceptions"].items():
        known = {"name", "detail", "until"} if key.startswith("account_") else {"name", "detail"}
        assert placeholders(text["message"]) <= known


def test_issues() -> None:
    assert TEXTS["issues"].keys() == repairs.OPEN_AFTER_S.keys()
    assert repairs.CLOSE_AFTER_S.keys() <= repairs.OPEN_AFTER_S.keys()
    for text in TEXTS["issues"].values():
        assert ("description" in text) != ("fix_flow" in text)


def test_actions() -> None:
    described = yaml.safe_load((ROOT / "services.yaml").read_text())
    assert described.keys() == {
        *services.ACTIONS,
        services.GET_DECISION,
        *plan_actions.ACTIONS,
        plan_actions.GET_PLAN,
        *session_actions.SCHEMAS,
        ocpp_actions.AUTHORISE,
        *ocpp_actions.ACTIONS,
        *account_actions.ANSWERS,
        *account_actions.DEEDS,
    }
    assert TEXTS["services"].keys() == described.keys()
    assert ICONS["services"].keys() == described.keys()
    for name, text in TEXTS["services"].items():
        fields = text.get("fields", {})
        assert fields.keys() == described[name].get("fields", {}).keys()
        for told in (text, *fields.values()):
            assert told["name"]
            assert told["description"].endswith(".")


def test_actions_on_accounts_have_the_fields_that_are_described() -> None:
    described = yaml.safe_load((ROOT / "services.yaml").read_text())
    for name, (fields, _) in (account_actions.ANSWERS | account_actions.DEEDS).items():
        known: dict[str, Any] = {str(key): key for key in {**account_actions.WHICH, **fields}}
        assert described[name]["fields"].keys() == known.keys(), name
        for key, field in described[name]["fields"].items():
            assert field.get("required", False) == isinstance(known[key], vol.Required), (name, key)
            if "default" in field:
                assert field["default"] == known[key].default(), (name, key)


def test_the_question_has_the_fields_that_are_described() -> None:
    described = yaml.safe_load((ROOT / "services.yaml").read_text())
    keys = {str(key) for key in services.QUESTION.schema}
    assert described[services.GET_DECISION]["fields"].keys() == keys


def test_no_text_does_what_the_frontend_cannot_show() -> None:
    for text in every_text(TEXTS):
        assert "http" not in text
        assert "[%key" not in text
        assert not re.search(r"'\{\w+\}'|<\w+>", text), text


def test_all_rules_of_the_quality_scale_are_answered() -> None:
    rules = yaml.safe_load((ROOT / "quality_scale.yaml").read_text())["rules"]
    assert len(rules) == RULES
    for name, answer in rules.items():
        status = answer if isinstance(answer, str) else answer["status"]
        assert status in ("done", "exempt"), name
        assert status == "done" or answer["comment"], name


def every_text(node: Any) -> list[str]:
    if isinstance(node, str):
        return [node]
    return [text for value in node.values() for text in every_text(value)]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
