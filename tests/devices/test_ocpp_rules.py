"""The pure rules of a charge point: transactions, tags, profiles, verdicts (LEK-12, LEK-14)."""

from typing import Any

import aiohttp
import pytest

from custom_components.evse_suite.devices import known_identity, open_device
from custom_components.evse_suite.devices.model import (
    DeviceConnectionError,
    DeviceIdentity,
    DeviceKind,
    DeviceMismatchError,
    DeviceProtocolError,
)
from custom_components.evse_suite.devices.ocpp.configuration import (
    Entry,
    features_of,
    find,
    read_configuration,
)
from custom_components.evse_suite.devices.ocpp.profiles import (
    Purpose,
    Terms,
    Wanted,
    set_profile,
)
from custom_components.evse_suite.devices.ocpp.schema import call_violation
from custom_components.evse_suite.devices.ocpp.steps import WRITES_AT_ONCE, WriteBudget
from custom_components.evse_suite.devices.ocpp.tags import MOST_TAGS, TagList
from custom_components.evse_suite.devices.ocpp.transactions import EPOCH_S, Ledger
from custom_components.evse_suite.devices.ocpp.verdict import Evidence, judge
from custom_components.evse_suite.devices.parse import Fields
from tests.devices.servers import ManualClock

WALL_S = 1_792_000_000.0


def begun(ledger: Ledger, started: str = "t1", wall_s: float = WALL_S) -> int:
    found = ledger.start(tag="A", meter_start_wh=5, started=started, wall_s=wall_s)
    return found.transaction_id


def test_ids_are_never_given_twice_even_if_everything_was_forgotten() -> None:
    ledger = Ledger()
    first = begun(ledger)
    assert begun(ledger, "t2") == first + 1
    assert begun(Ledger(), "t3", WALL_S + 60) > first + 1
    assert first == int(WALL_S) - EPOCH_S
    assert begun(Ledger(), wall_s=0) == 1, "a clock that was never set"


def test_a_repeated_start_is_the_same_session() -> None:
    ledger = Ledger()
    first = begun(ledger)
    assert begun(ledger) == first
    ledger.stop(first, meter_stop_wh=9, reason="Local")
    assert begun(ledger) == first
    assert ledger.current is None


def test_a_start_without_a_time_is_a_new_session() -> None:
    """LEK-14: it is not taken for one that is over, however much they look alike."""
    ledger = Ledger()
    first = begun(ledger, started="")
    ledger.stop(first, meter_stop_wh=5, reason="Local")
    second = begun(ledger, started="")
    assert second > first
    assert ledger.current is not None
    assert ledger.current.transaction_id == second


def test_a_late_or_repeated_stop_leaves_the_running_session_alone() -> None:
    ledger = Ledger()
    first = begun(ledger)
    second = begun(ledger, "t2")
    assert not ledger.stop(first, meter_stop_wh=9, reason="Reboot")
    assert ledger.finished[0].meter_stop_wh == 9
    assert not ledger.stop(first, meter_stop_wh=99, reason="Local")
    assert ledger.finished[0].meter_stop_wh == 9
    assert not ledger.stop(123456, meter_stop_wh=1, reason="Local")
    assert ledger.current is not None
    assert ledger.current.transaction_id == second
    assert ledger.stop(0, meter_stop_wh=20, reason="Local"), "it lost the id"


def test_values_adopt_what_is_unknown_and_bring_nothing_back() -> None:
    ledger = Ledger()
    assert ledger.mentioned(77)
    assert ledger.current is not None
    assert ledger.current.transaction_id == 77
    assert not ledger.mentioned(78)
    assert ledger.vacant()
    assert not ledger.vacant()
    assert not ledger.mentioned(77)
    assert ledger.mentioned(0)


def test_a_ledger_survives() -> None:
    ledger = Ledger()
    begun(ledger)
    last = begun(ledger, "t2")
    again = Ledger.from_json(ledger.to_json())
    assert again.current == ledger.current
    assert again.finished == ledger.finished
    assert begun(again, "t3", 0.0) == last + 1
    documents: list[dict[str, object]] = [{"finished": 5}, {"current": {}}, {"last_id": "x"}]
    for nonsense in documents:
        with pytest.raises(DeviceProtocolError):
            Ledger.from_json(nonsense)


def test_the_list_of_tags_has_its_limits() -> None:
    tags = TagList()
    for tag in ("", " ", "x" * 21, "a\x00"):
        with pytest.raises(ValueError, match="1 to 20"):
            tags.allow(tag)
    for number in range(MOST_TAGS):
        tags.allow(f"{number}")
    with pytest.raises(ValueError, match="full"):
        tags.allow("one more")
    tags.allow("7", "renamed")
    assert tags.knows("EVSEsuite")
    tags.tapped("7", WALL_S)
    assert tags.last_unknown is None
    assert dict(TagList.from_json(tags.to_json()).names) == dict(tags.names)
    with pytest.raises(DeviceProtocolError):
        TagList.from_json({"x" * 30: "too long"})


AMPERES = Terms(in_watts=False, relative=False, stack=3, lines=3, line_voltage_v=230)


@pytest.mark.parametrize(
    ("terms", "limit"),
    [
        (AMPERES, 10.0),
        (Terms(in_watts=True, relative=False, stack=3, lines=3, line_voltage_v=230), 6900.0),
        (Terms(in_watts=True, relative=True, stack=0, lines=1, line_voltage_v=230.4), 2304.0),
    ],
)
@pytest.mark.parametrize("purpose", Purpose)
async def test_profiles_keep_to_the_schema(terms: Terms, limit: float, purpose: Purpose) -> None:
    wanted = Wanted(
        purpose=purpose,
        current_a=10,
        duration_s=180,
        then_a=6,
        transaction_id=5 if purpose is Purpose.TX else None,
    )
    payload: dict[str, Any] = dict(set_profile(wanted, terms, WALL_S))
    assert await call_violation("SetChargingProfile", payload) is None
    profile = payload["csChargingProfiles"]
    assert payload["connectorId"] == (0 if purpose is Purpose.CHARGE_POINT_MAX else 1)
    assert ("transactionId" in profile) == (purpose is Purpose.TX)
    assert profile["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"] == limit
    assert profile["stackLevel"] == terms.stack


def test_a_profile_ends_by_itself() -> None:
    def schedule(**more: Any) -> dict[str, Any]:
        wanted = Wanted(purpose=Purpose.TX_DEFAULT, current_a=16, **more)
        payload: dict[str, Any] = dict(set_profile(wanted, AMPERES, WALL_S))
        found: dict[str, Any] = payload["csChargingProfiles"]["chargingSchedule"]
        return found

    assert schedule(duration_s=180)["duration"] == 240, "it began a minute ago"
    periods = schedule(duration_s=180, then_a=6)["chargingSchedulePeriod"]
    assert [(it["startPeriod"], it["limit"]) for it in periods] == [(0, 16.0), (240, 6.0)]
    assert "duration" not in schedule()
    assert schedule(base=True)["startSchedule"] < "2021"


def seen(**more: Any) -> Evidence:
    usual: dict[str, Any] = {
        "sent_a": 16,
        "base_a": 6,
        "measured_a": None,
        "offered_a": None,
        "charging": True,
        "held_by_charger": False,
    }
    return Evidence(**usual | more)


@pytest.mark.parametrize(
    ("evidence", "follows"),
    [
        (seen(measured_a=16.0), True),
        (seen(measured_a=18.0), False),
        (seen(measured_a=17.5), True),
        (seen(measured_a=12.1), True),
        (seen(measured_a=9.0), None),
        (seen(measured_a=6.4), False),
        (seen(sent_a=9, measured_a=6.0), None),
        (seen(sent_a=6, measured_a=6.0), None),
        (seen(sent_a=6, measured_a=8.0), False),
        (seen(sent_a=0, base_a=0, charging=False), None),
        (seen(measured_a=9.0, offered_a=16.0), True),
        (seen(measured_a=9.0, offered_a=13.0), None),
        (seen(measured_a=9.0, offered_a=32.0), False),
        (seen(offered_a=6.0), False),
        (seen(measured_a=15.0, offered_a=32.0), True),
        (seen(charging=False, held_by_charger=True), False),
        (seen(sent_a=0, charging=False, held_by_charger=True), None),
        (seen(), None),
    ],
)
def test_verdicts(evidence: Evidence, follows: bool | None) -> None:
    assert judge(evidence).follows is follows


def test_the_budget_of_writes() -> None:
    clock = ManualClock()
    budget = WriteBudget(clock)
    for _ in range(WRITES_AT_ONCE):
        assert budget.allows()
        budget.spend()
    assert not budget.allows()
    budget.spend()
    clock.advance(300)
    assert not budget.allows(), "a reduction took one on credit"
    clock.advance(300)
    assert budget.allows()


def configuration(**values: str | None) -> dict[str, Entry]:
    return {key: Entry(value=value, read_only=True) for key, value in values.items()}


def test_features() -> None:
    nothing = features_of({})
    assert (nothing.in_watts, nothing.highest_stack, nothing.triggers) == (False, 1, True)
    said = features_of(
        configuration(
            supportedfeatureprofiles="Core, SmartCharging",
            ChargingScheduleAllowedChargingRateUnit="Power",
            ChargeProfileMaxStackLevel="0",
            ChargingScheduleMaxPeriods="many",
            ConnectorSwitch3to1PhaseSupported="True",
        )
    )
    assert (said.in_watts, said.highest_stack, said.periods) == (True, 0, 1)
    assert said.switches_phases
    assert not said.triggers
    both = features_of(configuration(ChargingScheduleAllowedChargingRateUnit="Current,Power"))
    assert not both.in_watts


def test_keys_are_looked_up_by_their_name() -> None:
    answer = Fields(
        {
            "configurationKey": [
                {"key": "A", "readonly": True, "value": "1"},
                {"key": "secret", "readonly": False},
                {"value": "no key"},
            ]
        },
        "GetConfiguration",
    )
    found = read_configuration(answer)
    assert found == {
        "A": Entry(value="1", read_only=True),
        "secret": Entry(value=None, read_only=False),
    }
    assert find(found, "a") == found["A"]
    assert find(found, "B") is None
    with pytest.raises(DeviceProtocolError):
        read_configuration(Fields({"configurationKey": 5}, "x"))


@pytest.mark.parametrize(
    "action", ["../../../../etc/passwd", "Heartbeat\x00", "heartbeat", "\ud800"]
)
async def test_a_schema_is_never_looked_for_under_a_strange_name(action: str) -> None:
    assert await call_violation(action, {}) == "an action that OCPP 1.6 does not know"


def identity(model_id: str = "1.6J") -> DeviceIdentity:
    return known_identity(
        "ocpp", kind=DeviceKind.CHARGER, serial="CP-1", model="x", model_id=model_id, lines=1
    )


async def test_without_a_server_there_is_no_device(session: aiohttp.ClientSession) -> None:
    with pytest.raises(DeviceConnectionError, match="no server"):
        open_device(identity(), session, "CP-1")
    with pytest.raises(DeviceMismatchError):
        open_device(identity("2.0.1"), session, "CP-1")
