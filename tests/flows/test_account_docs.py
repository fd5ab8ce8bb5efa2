"""What is written in the documents for the person who pays the bill is what the suite takes."""

from pathlib import Path
import re
from typing import Any

import pytest
import voluptuous as vol
import yaml

from custom_components.evse_suite.account_actions import ANSWERS, DEEDS, WHICH
from custom_components.evse_suite.flows.account_plain import (
    plain_tariff,
    read_special_days,
    read_tariff,
)

DOCUMENT = (Path(__file__).parents[2] / "docs/supply-account.md").read_text(encoding="utf-8")
EXAMPLES: list[dict[str, Any]] = [
    yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)
]
TARIFFS = [it for it in EXAMPLES if "kind" in it]
CALLS = [it for it in EXAMPLES if "action" in it]


@pytest.mark.parametrize("example", TARIFFS, ids=lambda it: it["kind"])
def test_every_tariff_can_be_set(example: dict[str, Any]) -> None:
    """MTR-3, MTR-6, MTR-7, MTR-10: and comes back as the same tariff."""
    tariff = read_tariff(example)
    assert read_tariff(plain_tariff(tariff)) == tariff
    assert all(price > 0 for row in tariff.prices for price in row)


@pytest.mark.parametrize("example", CALLS, ids=lambda it: it["action"])
def test_every_action_takes_its_example(example: dict[str, Any]) -> None:
    """MTR-4, MTR-8, MTR-12."""
    domain, _, name = example["action"].partition(".")
    assert domain == "evse_suite"
    fields, _ = (ANSWERS | DEEDS)[name]
    said = vol.Schema({**WHICH, **fields})(example["data"])
    if "tariff" in said:
        read_tariff(said["tariff"])
    if "days" in said:
        assert read_special_days(said["days"])


def test_every_action_and_reading_is_in_its_table() -> None:
    """MTR-12 to MTR-30: each action, and each open place of the manual."""
    table = "".join(line for line in DOCUMENT.splitlines() if line.startswith("| `"))
    named = set(re.findall(r"`(\w+)`", table))
    assert named == ANSWERS.keys() | DEEDS.keys()
    rows = "".join(re.findall(r"^\| (A\d.*?) \|", DOCUMENT, re.MULTILINE))
    assert {int(number) for number in re.findall(r"A(\d+)", rows)} == set(range(1, 48))
