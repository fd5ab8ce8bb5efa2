"""The pure parts of the Shelly drivers: the login, restarts, and any status at all."""

from hashlib import sha256
import json

from hypothesis import given, strategies as st
import pytest

from custom_components.evse_suite.devices.model import DeviceProtocolError
from custom_components.evse_suite.devices.parse import Fields
from custom_components.evse_suite.devices.shelly.channels import gen1_channel
from custom_components.evse_suite.devices.shelly.digest import Challenge
from custom_components.evse_suite.devices.shelly.rpc_meter import rpc_channels
from custom_components.evse_suite.devices.shelly.uptime import UptimeWatch
from tests.devices.test_device_parse import ANY_JSON

CHALLENGE = {
    "auth_type": "digest",
    "nonce": 1625038762,
    "nc": 1,
    "realm": "shellyemg3-aabbccddeeff",
    "algorithm": "SHA-256",
}


def test_the_frames_login_step_by_step() -> None:
    # Protocol B.4, each hash written out.
    secret = sha256(b"admin:shellyemg3-aabbccddeeff:secret").hexdigest()
    frame = sha256(b"dummy_method:dummy_uri").hexdigest()
    text = f"{secret}:1625038762:1:0a4f113b:auth:{frame}"
    assert Challenge.parse(json.dumps(CHALLENGE)).answer("secret", "0a4f113b") == {
        "realm": "shellyemg3-aabbccddeeff",
        "username": "admin",
        "nonce": 1625038762,
        "nc": 1,
        "cnonce": "0a4f113b",
        "response": sha256(text.encode()).hexdigest(),
        "algorithm": "SHA-256",
    }


def test_the_constant_of_the_frames_login() -> None:
    # Published with the protocol; a wrong one would make every login wrong in the same way.
    digest = "6370ec69915103833b5222b368555393393f098bfbfbb59f47e0590af135f062"
    assert sha256(b"dummy_method:dummy_uri").hexdigest() == digest


def test_every_answer_has_its_own_client_nonce() -> None:
    challenge = Challenge.parse(json.dumps(CHALLENGE))
    assert challenge.answer("secret")["cnonce"] != challenge.answer("secret")["cnonce"]


@pytest.mark.parametrize(
    ("changes", "nonce", "count", "stale"),
    [
        ({}, 1625038762, 1, False),
        ({"nonce": "abc", "nc": "7"}, "abc", 7, False),
        ({"nc": None, "stale": True}, 1625038762, 1, True),
        ({"nc": "00x"}, 1625038762, 1, False),
    ],
)
def test_challenges_as_different_firmware_writes_them(
    changes: dict[str, object], nonce: int | str, count: int, stale: bool
) -> None:
    challenge = Challenge.parse(json.dumps({**CHALLENGE, **changes}))
    assert (challenge.nonce, challenge.count, challenge.stale) == (nonce, count, stale)


@pytest.mark.parametrize("changes", [{"algorithm": "MD5"}, {"nonce": None}, {"realm": 1}])
def test_challenges_that_cannot_be_met(changes: dict[str, object]) -> None:
    with pytest.raises(DeviceProtocolError):
        Challenge.parse(json.dumps({**CHALLENGE, **changes}))


def test_restarts_by_uptime() -> None:
    watch = UptimeWatch()
    for time_s, uptime_s, count in [
        (100, 50, 0),
        (110, 60, 0),
        # It is a little late or early: no restart.
        (121, 69, 0),
        (130, 80, 0),
        # It does not tell.
        (140, None, 0),
        # It starts anew.
        (150, 2, 1),
        # Away for long: back with more than it had, but with less than it should have.
        (400, 40, 2),
        (410, 50, 2),
        # Two readings in the wrong order.
        (412, 51, 2),
    ]:
        watch.observe(time_s, uptime_s)
        assert watch.count == count


EMETER_KEYS = ["power", "reactive", "pf", "voltage", "current", "is_valid", "total"]
EM_KEYS = ["act_power", "current", "voltage", "pf", "freq", "aprt_power", "errors", "flags"]
LIKELY = (
    ANY_JSON
    | st.floats(-400, 400)
    | st.lists(st.sampled_from(["power_meter_failure", "out_of_range:current", "?"]))
)


@given(st.dictionaries(st.sampled_from(EMETER_KEYS), LIKELY) | ANY_JSON)
def test_any_emeter(value: object) -> None:
    try:
        channel = gen1_channel(Fields(value, "emeter"))
    except DeviceProtocolError:
        return
    if channel.current_a and channel.power_w:
        assert channel.current_a * channel.power_w > 0


@given(
    st.dictionaries(
        st.sampled_from(["em:0", "em1:0", "em1:1", "em1data:0", "emdata:0"]),
        st.dictionaries(st.sampled_from([*EM_KEYS, *(f"a_{key}" for key in EM_KEYS)]), LIKELY)
        | ANY_JSON,
    )
    | ANY_JSON
)
def test_any_status(value: object) -> None:
    try:
        channels = rpc_channels(Fields(value, "status"))
    except DeviceProtocolError:
        return
    for channel in channels:
        if channel.current_a and channel.power_w:
            assert channel.current_a * channel.power_w > 0
