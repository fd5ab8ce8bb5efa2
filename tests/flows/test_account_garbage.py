"""Whatever is pasted as a tariff or settings is taken, or refused with its line (MTR-3, MTR-7)."""

from copy import deepcopy
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.evse_suite.billing.codec import BadData
from custom_components.evse_suite.billing.model import Config, Tariff
from custom_components.evse_suite.billing.validate import Impossible, check_config, check_tariff
from custom_components.evse_suite.flows.account_plain import (
    plain_settings,
    plain_tariff,
    read_settings,
    read_special_days,
    read_tariff,
    wrong_line,
)

TARIFF = plain_tariff(
    read_tariff(
        {
            "kind": "combination",
            "prices": [["0.30"], ["0.12"]],
            "thresholds_wh": [1000, 2000, None],
            "switches": [{"start": "07:30", "rate": 1}, {"start": "00:30", "rate": 2}],
        }
    )
)
SETTINGS = plain_settings(
    read_settings(
        {
            "mpan": "12",
            "special_days": [{"day": "2026-12-25", "rate": 2}],
            "friendly": [{"start": "20:00", "end": "09:00"}, *[None] * 6],
        }
    )
)
WORDS = [
    "1e999999",
    "-1e-999999",
    "NaN",
    "Infinity",
    "24:00",
    "07:00:00+01:00",
    "9999-12-31",
    "mon",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def spoilt(draw: st.DrawFn, data: Any) -> Any:
    """Return data in which one value, somewhere, is another."""
    whole = {"": deepcopy(data)}
    place: Any = whole
    key: Any = ""
    while isinstance(place[key], dict | list) and place[key] and draw(st.booleans()):
        place = place[key]
        key = draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
    place[key] = draw(JSON)
    return whole[""]


@st.composite
def tariffs(draw: st.DrawFn) -> Any:
    return spoilt(draw, TARIFF)


@st.composite
def configs(draw: st.DrawFn) -> Any:
    return spoilt(draw, SETTINGS)


def sentence(error: BadData | Impossible) -> None:
    """Fail unless a person is told which line is wrong."""
    key, texts = wrong_line(error, "tariff")
    assert key.startswith("line_")
    assert texts["line"]


@settings(max_examples=300, deadline=None)
@given(data=tariffs())
def test_a_tariff_with_one_wrong_value(data: Any) -> None:
    """MTR-7."""
    try:
        tariff = read_tariff(data)
    except (BadData, Impossible) as err:
        sentence(err)
    else:
        assert isinstance(tariff, Tariff)
        check_tariff(tariff)
        assert read_tariff(plain_tariff(tariff)) == tariff


@settings(max_examples=300, deadline=None)
@given(data=configs())
def test_settings_with_one_wrong_value(data: Any) -> None:
    """MTR-30."""
    try:
        config = read_settings(data)
    except (BadData, Impossible) as err:
        sentence(err)
    else:
        assert isinstance(config, Config)
        check_config(config)
        assert read_settings(plain_settings(config)) == config


@pytest.mark.parametrize("data", [None, "", 5, {"day": "2026-12-25"}, [None], [["day"]], [{}]])
def test_what_is_no_list_of_days(data: Any) -> None:
    """MTR-4."""
    with pytest.raises(BadData):
        read_special_days(data)
