"""The pure checks behind the forms."""

import itertools

from hypothesis import given, strategies as st
import pytest

from custom_components.evse_suite.devices.http import base_url
from custom_components.evse_suite.flows.validate import (
    SiteFacts,
    Supply,
    WrongEntryError,
    check_charger,
    check_meter,
    parse_host,
    parse_rating,
)

THREE = SiteFacts(supply=Supply.THREE, fuse_a=63)
SPLIT = SiteFacts(supply=Supply.SPLIT, fuse_a=100)
SINGLE = SiteFacts(supply=Supply.SINGLE, fuse_a=60)
LIMITS = {"maximum_a": 32.0, "safe_a": 6.0, "priority": 2.0}
CHOICES = st.sampled_from(["l1", "l2", "l3", "none"])


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("192.168.1.50", "192.168.1.50"),
        ("  charger.local ", "charger.local"),
        ("charger.local.", "charger.local."),
        ("192.168.1.50:80", "192.168.1.50"),
        ("192.168.1.50:8080", "192.168.1.50:8080"),
        ("http://192.168.1.50/", "192.168.1.50"),
        ("::1", "[::1]"),
        ("[fd00::7]", "[fd00::7]"),
        ("[fd00::7]:8080", "[fd00::7]:8080"),
    ],
)
def test_host_is_stored_in_one_form(typed: str, stored: str) -> None:
    assert parse_host(typed) == stored
    assert base_url(stored).host


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "my charger",
        "https://192.168.1.50",
        "192.168.1.50/rpc",
        "192.168.1.50:0",
        "192.168.1.50:65536",
        "192.168.1.50:99999999999999999999",
        "192.168.1.50:port",
        "192.168.1.50:²",
        "192.168.1.50:",
        "user@192.168.1.50",
        ":8080",
        "[::1",
        "1:2:3:4:5:6:7:8:9",
        "[:::]",
    ],
)
def test_host_that_is_none_is_refused(typed: str) -> None:
    with pytest.raises(WrongEntryError) as refused:
        parse_host(typed)
    assert refused.value.key == "invalid_host"


@given(st.text(max_size=30) | st.from_regex(r"[\w.:\[\]-]{1,25}", fullmatch=True))
def test_any_text_is_a_usable_host_or_refused(text: str) -> None:
    try:
        stored = parse_host(text)
    except WrongEntryError:
        return
    assert parse_host(stored) == stored
    assert base_url(stored).port is not None


@pytest.mark.parametrize(
    ("typed", "rating_a"), [("63", 63), (" 63 A ", 63), ("6a", 6), ("1000", 1000)]
)
def test_rating_is_typed_with_or_without_its_unit(typed: str, rating_a: int) -> None:
    assert parse_rating(typed, (6, 1000), "wrong") == rating_a


@pytest.mark.parametrize("typed", ["", "5", "1001", "6.5", "-60", "sixty", "99999999"])
def test_rating_out_of_range_is_refused(typed: str) -> None:
    with pytest.raises(WrongEntryError, match="wrong"):
        parse_rating(typed, (6, 1000), "wrong")


# SITE-2
@pytest.mark.parametrize("order", list(itertools.permutations(["l1", "l2", "l3"])))
def test_three_lines_in_any_rotation(order: tuple[str, ...]) -> None:
    lines = {f"line_{index + 1}": phase for index, phase in enumerate(order)}
    data, errors = check_charger({**LIMITS, **lines}, THREE, 3)
    assert errors == {}
    assert data == {"phases": list(order), "maximum_a": 32, "safe_a": 6, "priority": 2}


# SITE-2
@given(st.sampled_from(["l1", "l2", "l3"]), CHOICES, CHOICES)
def test_lines_are_connected_in_order_and_once_or_refused(
    first: str, second: str, third: str
) -> None:
    lines = {"line_1": first, "line_2": second, "line_3": third}
    data, errors = check_charger({**LIMITS, **lines}, THREE, 3)
    used = [phase for phase in lines.values() if phase != "none"]
    gap = second == "none" != third
    assert (errors == {}) is (len(set(used)) == len(used) and not gap)
    if not errors:
        assert data["phases"] == used


def test_gap_between_lines_is_named() -> None:
    lines = {"line_1": "l1", "line_2": "none", "line_3": "l3"}
    assert check_charger({**LIMITS, **lines}, THREE, 3)[1] == {"line_3": "line_gap"}


def test_three_phase_charger_on_one_phase_uses_its_first_line() -> None:
    assert check_charger(LIMITS, SINGLE, 3)[0]["phases"] == ["l1"]


# DER-16
def test_single_line_between_two_legs_loads_both() -> None:
    assert check_charger({**LIMITS, "line_1": "both"}, SPLIT, 1)[0]["phases"] == ["l1", "l2"]


def test_two_lines_on_two_legs() -> None:
    lines = {"line_1": "l2", "line_2": "l1"}
    assert check_charger({**LIMITS, **lines}, SPLIT, 3)[0]["phases"] == ["l2", "l1"]


@pytest.mark.parametrize(
    ("maximum_a", "safe_a", "errors"),
    [
        (32.0, 0.0, {}),
        (6.0, 6.0, {}),
        (5.0, 0.0, {"maximum_a": "invalid_maximum"}),
        (33.0, 0.0, {"maximum_a": "invalid_maximum"}),
        (16.5, 0.0, {"maximum_a": "invalid_maximum"}),
        (16.0, 17.0, {"safe_a": "safe_too_high"}),
        (16.0, 6.5, {"safe_a": "invalid_safe"}),
        (16.0, -1.0, {"safe_a": "invalid_safe"}),
        (16.0, 0.5, {"safe_a": "invalid_safe"}),
        *((16.0, float(safe_a), {"safe_a": "safe_below_minimum"}) for safe_a in range(1, 6)),
    ],
)
def test_limits_of_a_charger(maximum_a: float, safe_a: float, errors: dict[str, str]) -> None:
    limits = {"maximum_a": maximum_a, "safe_a": safe_a, "priority": 0.0}
    assert check_charger(limits, SINGLE, 1)[1] == errors


def test_safe_current_is_not_above_the_fuse() -> None:
    small = SiteFacts(supply=Supply.SINGLE, fuse_a=10)
    errors = check_charger({**LIMITS, "safe_a": 12.0}, small, 1)[1]
    assert errors == {"safe_a": "safe_too_high"}


@given(st.lists(CHOICES, min_size=3, max_size=3))
def test_mains_meter_covers_every_phase_once_or_is_refused(phases: list[str]) -> None:
    channels = {f"channel_{index + 1}": phase for index, phase in enumerate(phases)}
    data, errors = check_meter({"role": "mains", **channels}, THREE, 3)
    assert (errors == {}) is (sorted(phases) == ["l1", "l2", "l3"])
    assert data["phases"] == phases


@given(st.lists(CHOICES, min_size=1, max_size=3))
def test_meter_that_is_only_shown_may_sit_anywhere(phases: list[str]) -> None:
    channels = {f"channel_{index + 1}": phase for index, phase in enumerate(phases)}
    taken = SiteFacts(supply=Supply.THREE, fuse_a=63, has_mains_meter=True)
    data, errors = check_meter({"role": "other", **channels}, taken, len(phases))
    assert errors == {}
    assert data == {"role": "other", "phases": phases}
