"""Profiles of integrations that come with Home Assistant, checked against them (SITE-8)."""

from collections.abc import Iterator
import json
from pathlib import Path
from typing import Any

import pytest

from custom_components.evse_suite.devices.entities import Profile, Role, profiles
from homeassistant import components

CORE = {key: it for key, it in profiles().items() if it.core}
ROOT = Path(components.__path__[0])


def read_json(integration: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / integration / name).read_text(encoding="utf-8"))
    return found


def source(integration: str) -> str:
    """Return all code of an integration."""
    files = sorted((ROOT / integration).glob("*.py"))
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def keys(profile: Profile) -> Iterator[tuple[Role, str, str]]:
    for role, marks in profile.entities.items():
        for mark in marks:
            if mark.key not in (None, "-"):
                yield role, mark.domain, mark.key or ""


@pytest.mark.parametrize("key", CORE)
def test_translation_keys_exist(key: str) -> None:
    profile = CORE[key]
    texts = read_json(profile.integration, "strings.json").get("entity", {})
    for role, domain, translation_key in keys(profile):
        assert translation_key in texts.get(domain, {}), role


@pytest.mark.parametrize("key", CORE)
def test_ends_of_unique_ids_exist(key: str) -> None:
    """What is recognised by the end of its unique id is a key in the integration's code."""
    profile = CORE[key]
    code = source(profile.integration)
    for role, marks in profile.entities.items():
        for mark in marks:
            if mark.suffix is None:
                continue
            end = mark.suffix.rpartition(":0-")[2].lstrip("_-").removeprefix("emeter_0-")
            base = end.rpartition("_l")[0] if end[-3:-1] == "_l" and end[-1].isdigit() else end
            known = f'"{end}"' in code or f'"{base}"' in code or end in ("l1", "l2", "l3")
            assert known, (role, mark)


@pytest.mark.parametrize("key", [key for key, it in CORE.items() if it.status])
def test_every_state_has_a_word_and_every_word_is_a_state(key: str) -> None:
    """IND-6, IND-7: no state of the charger is without a meaning."""
    profile = CORE[key]
    texts = read_json(profile.integration, "strings.json").get("entity", {})
    (mark,) = profile.entities[Role.STATUS]
    states = texts["sensor"][mark.key].get("state")
    code = source(profile.integration)
    if states is None:
        assert all(f'"{word}"' in code.lower() for word in profile.status)
    else:
        assert profile.status.keys() == states.keys()


@pytest.mark.parametrize("key", [key for key, it in CORE.items() if it.options])
def test_options_exist(key: str) -> None:
    profile = CORE[key]
    texts = read_json(profile.integration, "strings.json")["entity"]["select"]
    for role, options in profile.options.items():
        (mark,) = profile.entities[role]
        assert set(options) <= texts[mark.key]["state"].keys()


@pytest.mark.parametrize("key", [key for key, it in CORE.items() if it.actions])
def test_actions_exist(key: str) -> None:
    profile = CORE[key]
    actions = read_json(profile.integration, "strings.json")["services"]
    for action in profile.actions.values():
        domain, _, name = action.action.partition(".")
        assert domain == profile.integration
        assert name in actions
        if action.field is not None:
            assert action.field in actions[name]["fields"]


def test_each_says_what_it_does_alone() -> None:
    """IND-8."""
    for profile in profiles().values():
        assert profile.alone_note.endswith("."), profile.key
        assert all(caveat.endswith(".") for caveat in profile.caveats), profile.key
