"""Meter values as chargers send them, and what flows by them (LEK-14, protocol D.6)."""

from typing import Any

import pytest

from custom_components.evse_suite.devices.model import DeviceProtocolError
from custom_components.evse_suite.devices.ocpp.flow import Flow, Lateness
from custom_components.evse_suite.devices.ocpp.meter_values import (
    Quantity,
    Sample,
    number_of,
    read_time,
    read_values,
)
from custom_components.evse_suite.devices.parse import Fields

NOW_S, WALL_S = 1000.0, 1_792_000_000.0
V230 = 230.0


def message(*sampled: dict[str, Any], timestamp: str = "2026-11-20T09:42:55Z") -> Fields:
    values = {"timestamp": timestamp, "sampledValue": list(sampled)}
    return Fields({"connectorId": 1, "meterValue": [values]}, "MeterValues")


def samples(*sampled: dict[str, Any]) -> tuple[Sample, ...]:
    (values,) = read_values(message(*sampled))
    return values.samples


def flow(*sampled: dict[str, Any], now_s: float = NOW_S) -> Flow:
    (values,) = read_values(message(*sampled))
    found = Flow()
    found.take(values, now_s, live=True)
    return found


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("9.52", 9.52),
        (" 7,4 A ", 7.4),
        ("12.3A", 12.3),
        ("-3", -3.0),
        ("1.5e3", 1500.0),
        (16, 16.0),
        ("", None),
        ("n/a", None),
        ("NaN", None),
        ("1.2.3", None),
        ("--", None),
        (True, None),
        (None, None),
        ([1], None),
        (float("inf"), None),
        (10**400, None),
        ("1" * 400, None),
    ],
)
def test_numbers(text: object, number: float | None) -> None:
    assert number_of(text) == number


@pytest.mark.parametrize(
    ("sampled", "sample"),
    [
        ({"value": "5"}, Sample(Quantity.ENERGY_WH, None, 5)),
        ({"value": "5", "unit": "kWh"}, Sample(Quantity.ENERGY_WH, None, 5000)),
        (
            {"value": "2.3", "measurand": "Power.Active.Import", "unit": "kW"},
            Sample(Quantity.POWER_W, None, 2300),
        ),
        (
            {"value": "9", "measurand": "Current.Import", "phase": "L2-N", "unit": "A"},
            Sample(Quantity.CURRENT_A, 1, 9),
        ),
        (
            {"value": "9", "measurand": "Current.Import", "phase": "L3"},
            Sample(Quantity.CURRENT_A, 2, 9),
        ),
        (
            {"value": "86", "measurand": "Temperature", "unit": "Fahrenheit"},
            Sample(Quantity.TEMPERATURE_C, None, 30),
        ),
        (
            {"value": "55", "measurand": "SoC", "unit": "Percent", "location": "EV"},
            Sample(Quantity.SOC_PERCENT, None, 55),
        ),
    ],
)
def test_units_phases_and_defaults(sampled: dict[str, Any], sample: Sample) -> None:
    (found,) = samples(sampled)
    assert (found.quantity, found.line) == (sample.quantity, sample.line)
    assert found.value == pytest.approx(sample.value)


def test_between_lines_is_told_to_neutral() -> None:
    (sample,) = samples({"value": "398.37", "measurand": "Voltage", "phase": "L1-L2"})
    assert sample.line == 0
    assert sample.value == pytest.approx(230, abs=0.01)


def test_what_is_not_made_use_of_or_makes_no_sense_is_left_out() -> None:
    (values,) = read_values(
        message(
            {"value": "50", "measurand": "Frequency"},
            {"value": "1", "measurand": "Current.Import", "phase": "N"},
            {"value": "n/a", "measurand": "Voltage"},
            {"value": "99999", "measurand": "Voltage"},
            {"value": "9", "measurand": "Current.Import", "location": "Outlet"},
            {"value": "8", "measurand": "Current.Import", "location": "Inlet"},
        )
    )
    assert values.samples == (Sample(Quantity.CURRENT_A, None, 9),)
    assert values.garbage == 2


@pytest.mark.parametrize("payload", [{}, {"meterValue": [5]}, {"meterValue": [{}]}])
def test_what_is_no_message_is_an_error(payload: dict[str, Any]) -> None:
    with pytest.raises(DeviceProtocolError):
        list(read_values(Fields(payload, "MeterValues")))


def test_times() -> None:
    assert read_time("2026-11-20T09:42:55Z") == read_time("2026-11-20T10:42:55+01:00")
    assert read_time("2026-11-20T09:42:55") == read_time("2026-11-20T09:42:55Z")
    for nonsense in ("yesterday", 5, None, "0001-01-01T00:00:00+23:59"):
        assert read_time(nonsense) is None or isinstance(read_time(nonsense), float)


CURRENT = {"value": "10", "measurand": "Current.Import"}
POWER = {"value": "2300", "measurand": "Power.Active.Import"}


@pytest.mark.parametrize(
    ("sampled", "lines", "told_a", "currents_a"),
    [
        ([CURRENT], 1, 16, (10,)),
        # Without a phase it may flow on every line: never counted too small.
        ([CURRENT], 3, 16, (10, 10, 10)),
        ([CURRENT | {"phase": "L1"}, {**CURRENT, "value": "4", "phase": "L3"}], 3, 16, (10, 0, 4)),
        # A charger on one line may name it after the phase of the mains.
        ([CURRENT | {"phase": "L3"}], 1, 16, (10,)),
        ([POWER], 1, 16, (10,)),
        # One phase at 10 A, or three at 3.3 A?
        ([POWER], 3, 16, (10, 10, 10)),
        ([POWER | {"value": "6900"}], 3, 10, (10, 10, 10)),
        # More than it was told, on three phases at least.
        ([POWER | {"value": "20700"}], 3, 10, (30, 30, 30)),
        ([POWER | {"phase": "L2"}], 3, 16, (0, 10, 0)),
    ],
)
def test_currents_are_never_too_small(
    sampled: list[dict[str, Any]], lines: int, told_a: float, currents_a: tuple[float, ...]
) -> None:
    found = flow(*sampled).currents_a(lines, told_a, V230, NOW_S)
    assert found == pytest.approx(currents_a)


def test_old_values_say_nothing_about_the_present() -> None:
    found = flow(CURRENT, POWER)
    assert found.currents_a(1, 16, V230, NOW_S + 119) is not None
    assert found.currents_a(1, 16, V230, NOW_S + 121) is None
    assert found.total(Quantity.POWER_W, NOW_S + 121) is None


def test_a_stop_clears_what_flows_and_keeps_the_register() -> None:
    found = flow(CURRENT, POWER, {"value": "500"})
    found.stop()
    assert found.currents_a(1, 16, V230, NOW_S) is None
    assert found.time_s is None
    assert found.energy_wh() == 500


def test_power_follows_from_a_register_where_nothing_else_is_told() -> None:
    found = flow({"value": "1000"})
    for seconds, energy_wh in ((10, "1020"), (20, "1020")):
        (values,) = read_values(message({"value": energy_wh}))
        found.take(values, NOW_S + seconds, live=True)
        power_w = found.total(Quantity.POWER_W, NOW_S + seconds)
        assert power_w == pytest.approx((float(energy_wh) - 1000) * 360 if seconds == 10 else 0)


def test_values_that_were_kept_while_offline_count_energy_only() -> None:
    found = flow(CURRENT)
    (values,) = read_values(message(CURRENT | {"value": "32"}, {"value": "700"}))
    found.take(values, NOW_S + 1, live=False)
    assert found.currents_a(1, 16, V230, NOW_S + 1) == (10,)
    assert found.energy_wh() == 700


def test_kept_values_are_told_from_a_clock_that_is_wrong() -> None:
    lateness = Lateness()
    assert lateness.is_live(WALL_S, WALL_S, NOW_S)
    assert lateness.is_live(None, WALL_S, NOW_S)
    # Ten minutes of kept values, all at once.
    for step in range(0, 600, 10):
        assert not lateness.is_live(WALL_S - 700 + step, WALL_S, NOW_S + step / 1000)
    assert lateness.clock_error_s == 0

    slow = Lateness()
    verdicts = [
        slow.is_live(WALL_S - 7200 + it, WALL_S + it, NOW_S + it) for it in range(0, 60, 10)
    ]
    assert verdicts == [False, True, True, True, True, True]
    assert slow.clock_error_s == 7200

    fast = Lateness()
    assert fast.is_live(WALL_S + 7200, WALL_S, NOW_S)
    assert fast.clock_error_s == -7200
