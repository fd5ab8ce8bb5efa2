"""Corners of the parts that no closed loop reaches."""

from dataclasses import replace
import math

import pytest

from custom_components.evse_suite.control.answer import Reason
from custom_components.evse_suite.control.decide import decide
from custom_components.evse_suite.control.layout import compile_layout
from custom_components.evse_suite.control.memory import Memory
from custom_components.evse_suite.control.model import (
    Cap,
    CapKind,
    ChargerActivity,
    ChargerSample,
    ChargerSpec,
    ChargerState,
    MainsMeterSpec,
    MainsSample,
    Phase,
    SiteMode,
    SiteSpec,
    SiteState,
)
from custom_components.evse_suite.control.view import DRAWS
from tests.control.plant import L1, L2, L3, Charger, constant, one_charger


def spec_of(*caps: Cap, charger: ChargerSpec | None = None) -> SiteSpec:
    return SiteSpec(
        phases=(L1, L2),
        voltage_v=230,
        meter=MainsMeterSpec(key="m"),
        caps=caps,
        chargers=(charger or ChargerSpec(key="a", name="A", phases=(L1, L2)),),
    )


def cap(key: str, limit_a: float, *phases: Phase, kind: CapKind = CapKind.FUSE) -> Cap:
    return Cap(key=key, kind=kind, limit_a=dict.fromkeys(phases, limit_a))


def test_the_tightest_grid_cap_of_each_phase_is_the_row() -> None:
    # SITE-1
    layout = compile_layout(
        spec_of(cap("fuse", 60, L1, L2), cap("clamp", 50, L2, kind=CapKind.METER_RANGE))
    )
    assert [(row.cap, row.kind, row.limit_a) for row in layout.rows] == [
        ("fuse", CapKind.FUSE, 60),
        ("clamp", CapKind.METER_RANGE, 50),
    ]
    assert layout.plausible_a == 1200


def test_without_any_cap_a_phase_is_unlimited_and_a_charger_gets_its_maximum() -> None:
    plant = one_charger(25, constant(l1=5.0), charger=Charger(spec=CHARGER), dt_s=0.5)
    plant.spec = replace(plant.spec, caps=())
    plant.run(40)
    assert plant.chargers[0].device_a == 32


CHARGER = ChargerSpec(key="a", name="A", phases=(L1,))


def test_a_charger_on_a_phase_that_the_site_lacks_is_an_error() -> None:
    spec = spec_of(cap("fuse", 60, L1), charger=ChargerSpec(key="a", name="A", phases=(L3,)))
    state = SiteState(mode=SiteMode.POWER, mains=None, chargers=())
    with pytest.raises(ValueError, match=r"tuple\.index"):
        decide(spec, state, Memory.initial(), 0.0)


def test_the_user_limit_read_from_the_device_is_a_ceiling() -> None:
    # LEK-4, LEK-5
    plant = one_charger(60, constant(l1=5.0), charger=Charger(spec=CHARGER))
    for limit_a, offered_a in ((13, 13), (5, 0)):
        for _ in range(300):
            plant.step()
            own = plant.chargers[0]
            if own.sample is not None:
                own.sample = replace(own.sample, limit_a=limit_a)
        assert plant.chargers[0].device_a == offered_a
    assert plant.decision is not None
    assert plant.decision.chargers[0].reason is Reason.NOT_WANTED


def test_power_and_voltage_that_cannot_be_true_are_derived() -> None:
    plant = one_charger(60, constant(l1=-10.0), charger=Charger(spec=CHARGER, plugged=False))
    plant.mode = SiteMode.GREEN
    plant.fault = lambda _, sample: replace(
        sample, power_w={L1: math.nan}, voltage_v={L1: math.nan}
    )
    plant.run(20)
    assert plant.decision is not None
    assert plant.decision.surplus_w == pytest.approx(2300)


def test_fast_samples_do_not_push_the_slow_mains_out_of_the_ring() -> None:
    plant = one_charger(
        25, constant(l1=15.4), charger=Charger(spec=CHARGER, poll_s=0.1), period_s=5.0
    )
    plant.run(80)
    assert plant.chargers[0].device_a == 9
    assert plant.decision is not None
    assert plant.decision.phases[0].house_a == pytest.approx(15.4, abs=0.1)
    assert len(plant.memory.chargers[0].draws) <= DRAWS
    assert len(plant.memory.house.pending) <= 120


def test_a_changed_specification_keeps_what_is_known_of_the_chargers() -> None:
    plant = one_charger(25, constant(l1=15.4), charger=Charger(spec=CHARGER))
    plant.run(60)
    assert [a for _, a in plant.changes()] == [9]
    plant.spec = replace(plant.spec, caps=(cap("fuse", 23, L1),))
    plant.run(20)
    assert [a for _, a in plant.changes()] == [9, 7]
    # A charger that is new has no past.
    plant.chargers[0].spec = replace(CHARGER, key="b")
    plant.spec = replace(plant.spec, chargers=(plant.chargers[0].spec,))
    plant.run(20)
    assert [a for _, a in plant.changes(key="b")] == []
    assert plant.chargers[0].device_a == 7


@pytest.mark.parametrize(
    ("activity", "reason"),
    [
        (ChargerActivity.BLOCKED, Reason.BLOCKED),
        (ChargerActivity.FAULT, Reason.FAULT),
        (ChargerActivity.DISCONNECTED, Reason.NO_CAR),
    ],
)
def test_a_charger_that_cannot_charge_says_why(activity: ChargerActivity, reason: Reason) -> None:
    spec = spec_of(cap("fuse", 25, L1, L2))
    state = SiteState(
        mode=SiteMode.POWER,
        mains=MainsSample(time_s=5, current_a={L1: 1, L2: 1}, power_w={}, voltage_v={}),
        chargers=(
            ChargerState(
                key="a",
                sample=ChargerSample(time_s=5, activity=activity, drawn_a=(0.0, 0.0), offered_a=6),
            ),
        ),
    )
    decision = decide(spec, state, Memory.initial(), 5.0)
    assert decision.chargers[0].reason is reason
    assert decision.chargers[0].target_a == 6


def test_leaving_green_forgets_that_it_ran() -> None:
    plant = one_charger(60, constant(l1=-12.4), charger=Charger(spec=CHARGER), mode=SiteMode.GREEN)
    plant.run(80)
    assert plant.memory.chargers[0].green.running
    plant.mode = SiteMode.HYBRID
    plant.run(3)
    assert not plant.memory.chargers[0].green.running


def test_the_same_arguments_give_the_same_answer() -> None:
    plant = one_charger(25, constant(l1=15.4), charger=Charger(spec=CHARGER))
    plant.run(30)
    once = decide(plant.spec, plant.state(), plant.memory, plant.now_s + 1)
    assert once == decide(plant.spec, plant.state(), plant.memory, plant.now_s + 1)
