"""The pure parts of the Lektrico drivers: when a restart is counted, and any reply at all."""

from hypothesis import given, strategies as st
import pytest

from custom_components.evse_suite.devices.lektrico.payloads import (
    ERROR_NAMES,
    STATUSES,
    active_errors,
    charger_reading,
    meter_reading,
)
from custom_components.evse_suite.devices.lektrico.restarts import RestartWatch, Trace
from custom_components.evse_suite.devices.model import (
    ChargerReading,
    ChargerStatus,
    DeviceProtocolError,
    LimitReason,
    MeterReading,
)
from custom_components.evse_suite.devices.parse import Fields
from tests.devices.test_device_parse import ANY_JSON


def trace(
    current_a: int | None, *, firmware: str = "1.51", session: tuple[float, ...] = (0, 0)
) -> Trace:
    return Trace(firmware=firmware, volatile=(current_a, None), session=session)


def watch_of(first: Trace, expected: tuple[int, None] | None = (10, None)) -> RestartWatch:
    watch = RestartWatch()
    watch.observe(first, 0)
    watch.expect(expected)
    return watch


def test_forgotten_after_an_outage() -> None:
    watch = watch_of(trace(10))
    watch.observe(trace(32), 1)
    watch.observe(trace(32), 1)
    assert watch.count == 1


def test_forgotten_while_the_counters_went_back() -> None:
    watch = watch_of(trace(10, session=(500, 60)))
    watch.observe(trace(32, session=(3, 1)), 0)
    assert watch.count == 1


def test_changed_by_somebody_else() -> None:
    watch = watch_of(trace(10, session=(500, 60)))
    watch.observe(trace(32, session=(510, 61)), 0)
    assert watch.count == 0


def test_a_new_session_is_no_restart() -> None:
    watch = watch_of(trace(10, session=(500, 60)))
    watch.observe(trace(10, session=(0, 0)), 0)
    assert watch.count == 0


def test_an_outage_that_forgot_nothing() -> None:
    watch = watch_of(trace(10))
    watch.observe(trace(10), 1)
    watch.observe(trace(32), 1)
    assert watch.count == 0


def test_a_command_without_an_answer_proves_nothing() -> None:
    watch = watch_of(trace(10), None)
    watch.observe(trace(32), 1)
    assert watch.count == 0


def test_a_value_that_is_not_told_proves_nothing() -> None:
    watch = watch_of(trace(10))
    watch.observe(trace(None), 1)
    assert watch.count == 0


def test_another_firmware() -> None:
    watch = watch_of(trace(10))
    watch.observe(trace(10, firmware="1.52"), 0)
    assert watch.count == 1


def test_an_order_is_counted_once_and_only_when_it_was_away() -> None:
    watch = watch_of(trace(10))
    watch.order()
    watch.observe(trace(10), 0)
    assert watch.count == 0
    watch.observe(trace(10), 1)
    watch.observe(trace(10), 2)
    assert watch.count == 1


CHARGER_KEYS = [
    "charger_state",
    "extended_charger_state",
    "instant_power",
    "currents",
    "voltages",
    "current",
    "voltage",
    "session_energy",
    "charging_time",
    "total_charged_energy",
    "temperature",
    "dynamic_current",
    "relay_mode",
    "current_limit_reason",
    "has_active_errors",
    "fw_version",
    "led_max_brightness",
]
METER_KEYS = ["voltage", "current", "active_p", "power_factor", "load_balancing_mode"]
LIKELY = (
    ANY_JSON
    | st.floats(0, 400)
    | st.lists(st.floats(-400, 400) | st.none(), min_size=3, max_size=3)
    | st.sampled_from([*STATUSES, "Z"])
)


@given(st.dictionaries(st.sampled_from(CHARGER_KEYS), LIKELY) | ANY_JSON, st.sampled_from([1, 3]))
def test_any_reply_of_a_charger(value: object, lines: int) -> None:
    try:
        reading = charger_reading(0, lines, Fields(value, "reply"))
    except DeviceProtocolError:
        return
    assert isinstance(reading, ChargerReading)
    assert len(reading.current_a) == len(reading.voltage_v) == lines


@given(st.dictionaries(st.sampled_from(METER_KEYS), LIKELY) | ANY_JSON, st.sampled_from([1, 3]))
def test_any_reply_of_a_meter(value: object, lines: int) -> None:
    try:
        reading = meter_reading(0, lines, Fields(value, "live"), Fields(value, "settings"))
    except DeviceProtocolError:
        return
    assert isinstance(reading, MeterReading)
    assert len(reading.channels) == lines


@given(st.dictionaries(st.sampled_from([*ERROR_NAMES, "state_machine_e_activated"]), ANY_JSON))
def test_any_error_flags(value: dict[str, object]) -> None:
    try:
        assert active_errors(Fields(value, "errors")) <= set(ERROR_NAMES)
    except DeviceProtocolError:
        return


BASE = {"charger_state": "C", "instant_power": 0, "currents": [0] * 3, "voltages": [230] * 3}


def test_every_state_has_its_name() -> None:
    # LEK-2, protocol A.4
    names = {
        "A": ChargerStatus.AVAILABLE,
        "B": ChargerStatus.CONNECTED,
        "B_AUTH": ChargerStatus.NEED_AUTH,
        "B_PAUSE": ChargerStatus.PAUSED,
        "B_SCHEDULER": ChargerStatus.PAUSED_BY_SCHEDULER,
        "C": ChargerStatus.CHARGING,
        "D": ChargerStatus.CHARGING,
        "E": ChargerStatus.ERROR,
        "F": ChargerStatus.ERROR,
        "OTA": ChargerStatus.UPDATING_FIRMWARE,
        "LOCKED": ChargerStatus.LOCKED,
    }
    for raw, status in names.items():
        reply = Fields({**BASE, "extended_charger_state": raw}, "reply")
        reading = charger_reading(0, 1, reply)
        assert (reading.status, reading.raw_status) == (status, raw)
        assert reading.has_errors == (raw in "EF")
    # Without the longer word the letter of IEC 61851 is all there is.
    assert charger_reading(0, 1, Fields(BASE, "reply")).status is ChargerStatus.CHARGING


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (0, LimitReason.NO_LIMIT),
        (1, LimitReason.INSTALLATION_CURRENT),
        (5, LimitReason.EM_OFFLINE),
        (6, LimitReason.EM),
        (8, LimitReason.OVERTEMPERATURE),
        (9, LimitReason.SWITCHING_PHASES),
        (10, LimitReason.USER_LIMIT),
        (11, LimitReason.ONE_PHASE_DISABLED),
        (12, None),
        (-1, None),
    ],
)
def test_limit_reasons(number: int, reason: LimitReason | None) -> None:
    # LEK-18
    reply = Fields({**BASE, "current_limit_reason": number}, "reply")
    reading = charger_reading(0, 1, reply)
    assert (reading.limit_reason, reading.raw_limit_reason) == (reason, number)


@pytest.mark.parametrize(
    "changes",
    [
        {"voltages": [1e9, 0, 0]},
        {"currents": [1]},
        {"currents": [1, None, 1]},
        {"instant_power": True},
        {"charger_state": None},
        {"dynamic_current": 10.5},
        {"session_energy": -1},
    ],
)
def test_absurd_values(changes: dict[str, object]) -> None:
    with pytest.raises(DeviceProtocolError):
        charger_reading(0, 3, Fields({**BASE, **changes}, "reply"))
