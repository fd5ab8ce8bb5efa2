"""Typed fields out of any JSON."""

import json

from hypothesis import given, strategies as st
import pytest

from custom_components.evse_suite.devices.model import DeviceProtocolError
from custom_components.evse_suite.devices.parse import Fields, parse_json

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, -(10**400)])
    | st.floats()
    | st.text()
)
ANY_JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


def fields(**values: object) -> Fields:
    return Fields(values, "reply")


@given(ANY_JSON)
def test_readers_give_their_type_or_the_error(value: object) -> None:
    reply = fields(x=value)
    for read, kind in (
        (lambda: reply.maybe_float("x", -5, 500), float),
        (lambda: reply.maybe_int("x", -5, 500), int),
        (lambda: reply.maybe_bool("x"), bool),
        (lambda: reply.maybe_str("x"), str),
        (lambda: reply.maybe_text_or_int("x", 500), int | str),
        (lambda: reply.floats("x", 2, -5, 500), tuple),
        (lambda: reply.names("x"), frozenset),
        (lambda: reply.part("x"), Fields),
        (lambda: reply.parts("x", 1), tuple),
    ):
        try:
            found = read()
        except DeviceProtocolError:
            continue
        assert found is None or isinstance(found, kind)
        if isinstance(found, int | float) and not isinstance(found, bool):
            assert -5 <= found <= 500


@given(st.text() | st.binary())
def test_any_text_is_json_or_the_error(text: str | bytes) -> None:
    try:
        value = parse_json(text)
    except DeviceProtocolError:
        return
    assert json.loads(json.dumps(value)) == value


@pytest.mark.parametrize("value", [True, "5", [5], 1e9, -1, float("nan"), float("inf"), 10**400])
def test_what_is_no_number_in_range(value: object) -> None:
    with pytest.raises(DeviceProtocolError):
        fields(x=value).need_float("x", 0, 1000)


def test_whole_numbers() -> None:
    assert fields(x=32).need_int("x", 0, 80) == 32
    assert fields(x=32.0).need_int("x", 0, 80) == 32
    with pytest.raises(DeviceProtocolError, match="whole"):
        fields(x=32.5).need_int("x", 0, 80)


@pytest.mark.parametrize("value", [0, 1, "true", [], {}])
def test_numbers_and_texts_are_no_truth_values(value: object) -> None:
    with pytest.raises(DeviceProtocolError):
        fields(x=value).maybe_bool("x")


@pytest.mark.parametrize("value", [1, True, "a\nb", "\ud800", "x" * 256, []])
def test_what_is_no_short_text(value: object) -> None:
    with pytest.raises(DeviceProtocolError):
        fields(x=value).maybe_str("x")


def test_absent_and_null_are_the_same() -> None:
    for reply in (fields(), fields(x=None)):
        assert "x" not in reply
        assert reply.maybe_float("x", 0, 1) is None
        assert reply.maybe_int("x", 0, 1) is None
        assert reply.maybe_bool("x") is None
        assert reply.maybe_str("x") is None
        assert reply.names("x") == frozenset()
        assert "y" not in reply.maybe_part("x")
        with pytest.raises(DeviceProtocolError, match="missing"):
            reply.need_float("x", 0, 1)
        with pytest.raises(DeviceProtocolError, match="missing"):
            reply.need_str("x")
        with pytest.raises(DeviceProtocolError):
            reply.part("x")


def test_arrays() -> None:
    assert fields(x=[1, None, 3, 4]).floats("x", 3, 0, 9) == (1, None, 3)
    for short in ([1, 2], None, 7):
        with pytest.raises(DeviceProtocolError, match="array of 3"):
            fields(x=short).floats("x", 3, 0, 9)
    with pytest.raises(DeviceProtocolError):
        fields(x=[1, 2, "3"]).floats("x", 3, 0, 9)
    with pytest.raises(DeviceProtocolError, match="array of 2 objects"):
        fields(x=[{}]).parts("x", 2)
    assert fields(x=["a", 1, "b"]).names("x") == {"a", "b"}


def test_instances_are_sorted_by_number() -> None:
    reply = Fields({"em1:10": {}, "em1:2": {}, "em1:x": {}, "em1data:0": {}, "em1": {}}, "status")
    assert reply.instances("em1") == (2, 10)


def test_merging() -> None:
    old = fields(a={"x": 1, "y": 2}, b=1, c=None)
    new = old.updated_by(fields(a={"y": 3}, b={"z": 4}))
    assert new.part("a").need_int("x", 0, 9) == 1
    assert new.part("a").need_int("y", 0, 9) == 3
    assert new.part("b").need_int("z", 0, 9) == 4
    assert old.part("a").need_int("y", 0, 9) == 2
    completed = fields(b=7, d=None).completed_by(fields(b=8, c=5, d=6))
    assert [completed.need_int(key, 0, 9) for key in "bcd"] == [7, 5, 6]
    assert "b" not in completed.without(["b"])
