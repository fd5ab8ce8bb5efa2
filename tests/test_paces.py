"""How fast devices are, in the balancer's words (SITE-8)."""

from typing import Any

import pytest

from custom_components.evse_suite.control.model import ChargerSpec, MainsMeterSpec, Phase
from custom_components.evse_suite.devices import known_identity
from custom_components.evse_suite.devices.model import DeviceIdentity, DeviceKind
from custom_components.evse_suite.paces import guards_fuse, paced_charger, paced_meter

USUAL = ChargerSpec(key="a", name="a", phases=(Phase.L1,), maximum_a=16)
MAINS = MainsMeterSpec(key="m", period_s=1.0, silent_after_s=8.0)


def identity(driver: str = "entities", kind: str = "charger") -> DeviceIdentity:
    return known_identity(
        driver, kind=DeviceKind(kind), serial="1", model="x", model_id="1p7k", lines=1
    )


def made_of(profile: str | None, *roles: str, **more: Any) -> dict[str, Any]:
    entities = {role: f"sensor.{role}" for role in roles}
    return (
        {"entities": entities, "maximum_a": 16} | ({"profile": profile} if profile else {}) | more
    )


def test_a_device_of_its_own_protocol_is_like_any_other() -> None:
    assert paced_charger(USUAL, identity("lektrico"), {}) == USUAL
    assert paced_meter(MAINS, identity("shelly", "meter"), {}) == MAINS
    assert guards_fuse(identity("shelly", "meter"), {})


def test_a_charger_behind_a_cloud_gets_time() -> None:
    """SITE-8: neither silent nor disobedient after ten seconds, and not written to all the time."""
    data = made_of("wallbox", "status", "power", "current_limit", "enable")
    spec = paced_charger(USUAL, identity(), data)
    assert (spec.settle_s, spec.start_settle_s) == (120, 152)
    assert spec.silent_after_s == pytest.approx(198)
    assert spec.raise_spacing_s == 60
    assert (spec.minimum_a, spec.minimum_off_s) == (6, 0)


def test_the_least_current_of_a_charger() -> None:
    """SITE-8, IND-21: what its entity takes, or all where it is only switched."""
    data = made_of("technove", "status", "current", "current_limit", "enable", minimum_a=8)
    assert paced_charger(USUAL, identity(), data).minimum_a == 8
    data = made_of("indra", "status", "power", "enable")
    spec = paced_charger(USUAL, identity(), data)
    assert (spec.minimum_a, spec.maximum_a) == (16, 16)
    assert (spec.minimum_on_s, spec.minimum_off_s) == (300, 300)


@pytest.mark.parametrize(
    ("profile", "period_s", "silent_s", "fit"),
    [(None, 5, 12.5, True), ("dsmr", 10, 25, True), ("enphase", 60, 150, False)],
)
def test_a_meter_of_entities(
    profile: str | None, period_s: float, silent_s: float, *, fit: bool
) -> None:
    """SITE-8: its rhythm is expected of it, and a slow one does not guard a fuse."""
    data = made_of(profile, "power")
    spec = paced_meter(MAINS, identity(kind="meter"), data)
    assert (spec.period_s, spec.silent_after_s) == (period_s, silent_s)
    assert spec.lag_s == pytest.approx(MAINS.lag_s + 0.2 * period_s)
    assert guards_fuse(identity(kind="meter"), data) is fit
