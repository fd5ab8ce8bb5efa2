"""Limits that somebody else sets: in force at once, lifted with patience, dimmed in silence."""

from collections.abc import Callable
from dataclasses import replace
import math

import pytest

from custom_components.evse_suite.control.answer import AlarmKind, ChargerDecision, Reason
from custom_components.evse_suite.control.model import (
    Cap,
    CapKind,
    ChargerSpec,
    LimitSample,
    LimitSource,
    Phase,
)
from tests.control.plant import FAST, L1, L2, Charger, Plant, constant, fuse, one_charger, stepped

START_S = 1000.0


def dimmed_home(
    said: Callable[[float], LimitSample | float | None],
    *,
    cap: Cap | None = None,
    house_a: float = 4.6,
) -> Plant:
    """Return a home on a 40 A fuse with a limit that ``said`` tells, as of now if a number."""
    source = LimitSource(dimmed=16.0, silent_after_s=30.0)
    outer = cap or Cap(key="operator", kind=CapKind.EXTERNAL, limit_a={L1: math.inf}, source=source)
    plant = one_charger(
        40,
        constant(l1=house_a),
        charger=Charger(spec=ChargerSpec(key="a", name="A", phases=(L1,)), car=FAST),
        noise_a=0.03,
        dt_s=0.25,
        keep_decisions=True,
    )
    plant.spec = replace(plant.spec, caps=(*plant.spec.caps, outer))

    def sample(now_s: float) -> dict[str, LimitSample]:
        told = said(now_s)
        if isinstance(told, LimitSample):
            return {outer.key: told}
        return {} if told is None else {outer.key: LimitSample(time_s=now_s, limit=told)}

    plant.outside = lambda now_s, state: replace(state, limits=sample(now_s))
    return plant


def offered(plant: Plant) -> int | None:
    assert plant.decision is not None
    return plant.decision.chargers[0].target_a


def test_no_limit_is_said_with_infinity() -> None:
    # SITE-1
    plant = dimmed_home(lambda _: math.inf)
    plant.run(60)
    assert offered(plant) == 32
    assert plant.decision is not None
    assert not plant.decision.caps[0].dimmed


def test_the_tightest_of_what_is_configured_and_said_wins_and_is_named() -> None:
    # SITE-1
    plant = dimmed_home(lambda _: 25.0)
    plant.run(60)
    assert plant.decision is not None
    own = plant.decision.chargers[0]
    assert (own.target_a, own.reason, own.binding_cap) == (20, Reason.EXTERNAL_LIMIT, "operator")
    assert own.sentence == "20 A of 32 A, dimmed from outside: the house uses 5 of 25 A on L1."
    assert plant.decision.phases[0].binding_cap == "operator"
    assert plant.decision.phases[0].limit_a == 25
    # What is said never lifts what is configured.
    plant = dimmed_home(lambda _: 60.0)
    plant.run(60)
    assert offered(plant) == 32
    assert plant.decision is not None
    assert plant.decision.phases[0].binding_cap == "fuse"


def test_whose_limit_binds_is_said_and_whether_it_can_be_believed() -> None:
    # SITE-1, promise 7: the owner of a limit of the grid connection; of two equal ones the fuse.
    source = LimitSource(dimmed=15.0)
    cap = Cap(
        key="01J",
        kind=CapKind.EXTERNAL,
        limit_a={L1: math.inf},
        source=source,
        name="Grid operator",
    )

    def said(limit_a: float | None) -> ChargerDecision:
        plant = dimmed_home(lambda _: limit_a, cap=cap)
        plant.run(60)
        assert plant.decision is not None
        return plant.decision.chargers[0]

    owned = ", dimmed from outside: the house uses 5 of {} A on L1, the limit of Grid operator"
    assert said(25.0).sentence == "20 A of 32 A" + owned.format(25) + "."
    silent = said(None)
    assert silent.sentence == (
        "10 A of 32 A" + owned.format(15) + ", as its source cannot be believed."
    )
    assert silent.binding_cap == "01J"
    plant = dimmed_home(lambda _: 30.0, cap=cap)
    plant.spec = replace(plant.spec, caps=(fuse(30.0, L1), *plant.spec.caps[1:]))
    plant.run(60)
    assert plant.decision is not None
    equal = plant.decision.chargers[0]
    assert (equal.reason, equal.binding_cap) == (Reason.FUSE_LIMIT, "fuse")
    assert "limit of" not in equal.sentence


def test_what_the_clamps_cannot_measure_is_named_as_such() -> None:
    # SITE-1, LEK-15
    cap = Cap(key="meter_range", kind=CapKind.METER_RANGE, limit_a={L1: 20.0})
    plant = dimmed_home(lambda _: math.inf, cap=cap)
    plant.run(60)
    assert plant.decision is not None
    one = plant.decision.chargers[0]
    assert (one.target_a, one.reason, one.binding_cap) == (15, Reason.FUSE_LIMIT, "meter_range")
    assert one.sentence.endswith(
        "the house uses 5 of 20 A on L1, as far as the clamps can measure."
    )


def test_a_dimming_takes_effect_with_the_next_cycle() -> None:
    # A reduction, so urgent (promise 5).
    plant = dimmed_home(lambda now_s: math.inf if now_s < 1060.1 else 15.0)
    plant.run(100)
    (at_s, command) = next((at_s, one) for at_s, one in plant.commands if at_s > 1060)
    assert at_s <= 1061.1
    assert command.current_a == 10
    assert command.urgent
    assert command.reason is Reason.EXTERNAL_LIMIT


@pytest.mark.parametrize(
    "lost", ["silent", "never", "nan", "negative", "absurd", "from the future"]
)
def test_a_source_that_cannot_be_believed_dims(lost: str) -> None:
    # Promise 2: 16 A are left, as if the operator had dimmed the site.
    def said(now_s: float) -> LimitSample | float | None:
        if now_s < 1060 and lost != "never":
            return math.inf
        if lost == "silent":
            return LimitSample(time_s=1060.0, limit=math.inf)
        wrong = {"never": None, "nan": math.nan, "negative": -1.0, "absurd": 65535.0}
        return wrong[lost] if lost in wrong else LimitSample(time_s=now_s + 99, limit=math.inf)

    plant = dimmed_home(said)
    plant.run(85)
    assert offered(plant) == {"silent": 32}.get(lost, 11)
    plant.run(10)
    assert offered(plant) in {10, 11}
    assert plant.decision is not None
    assert plant.decision.caps[0].dimmed
    if lost == "never":
        assert plant.over_s(1020) == 0


def test_what_is_lifted_counts_after_it_was_said_for_a_while() -> None:
    # A raise with patience; 20 A in between is what was certain.
    plant = dimmed_home(stepped_limit((0, 15.0), (1060, math.inf), (1090, 20.0), (1095, math.inf)))
    plant.run(115)
    assert offered(plant) == 10
    plant.run(20)
    assert offered(plant) == 15
    plant.run(60)
    assert offered(plant) == 32


def stepped_limit(*steps: tuple[float, float]) -> Callable[[float], float]:
    load = stepped(*steps)
    return lambda now_s: load(now_s)[L1]


@pytest.mark.parametrize("period_s", [4.0, 20.0, 50.0])
def test_a_source_that_flaps_does_not_make_the_charger_flap(period_s: float) -> None:
    # SITE-6
    plant = dimmed_home(lambda now_s: math.inf if now_s % period_s < period_s / 2 else 14.0)
    plant.run(600)
    assert {a for at_s, a in plant.changes() if at_s > 1200} <= {9}
    assert plant.chargers[0].device_a == 9


def test_a_source_that_comes_and_goes_does_not_make_the_charger_flap() -> None:
    # SITE-5, SITE-6: heard for 20 s of every 60 s, believed for 30 s.
    def said(now_s: float) -> LimitSample:
        heard_s = now_s if now_s % 60 < 20 else now_s // 60 * 60 + 20
        return LimitSample(time_s=heard_s, limit=math.inf)

    plant = dimmed_home(said)
    plant.run(600)
    assert len([a for at_s, a in plant.changes() if at_s > 1100]) <= 1


def test_a_dimming_to_nothing_pauses_and_comes_back_by_itself() -> None:
    plant = dimmed_home(stepped_limit((0, math.inf), (1060, 0.0), (1100, math.inf)))
    plant.run(90)
    assert offered(plant) == 0
    plant.run(150)
    assert offered(plant) == 32


def test_watts_are_limited_from_outside_as_well() -> None:
    # MTR-20: the meter's load limit is active only while the balance is below zero.
    cap = Cap(
        key="meter",
        kind=CapKind.LOAD_LIMIT,
        limit_w=math.inf,
        source=LimitSource(dimmed=math.inf),
    )
    plant = dimmed_home(stepped_limit((0, math.inf), (1060, 5000.0)), cap=cap)
    plant.run(59)
    assert offered(plant) == 32
    plant.run(10)
    # 5 kW less 1.06 kW of the house.
    assert offered(plant) in {16, 17}
    assert plant.decision is not None
    assert plant.decision.chargers[0].reason is Reason.POWER_LIMIT
    assert plant.decision.caps[0].limit_w == 5000


@pytest.mark.parametrize("chargers", [None, frozenset({"a"})])
def test_a_breaker_and_a_collar_can_be_dimmed_too(chargers: frozenset[str] | None) -> None:
    kind = CapKind.COLLAR if chargers is None else CapKind.CIRCUIT
    cap = Cap(
        key="outer",
        kind=kind,
        limit_a={L1: 30.0},
        chargers=chargers,
        source=LimitSource(dimmed=13.0),
    )
    plant = dimmed_home(lambda _: None, cap=cap, house_a=5.2)
    plant.run(60)
    assert offered(plant) == (7 if chargers is None else 13)
    assert plant.decision is not None
    assert plant.decision.chargers[0].reason is Reason.CIRCUIT_LIMIT


def test_a_new_specification_keeps_what_the_source_said() -> None:
    # SITE-5: the patience is not cut short by a change of the set-up.
    plant = dimmed_home(stepped_limit((0, 15.0), (1060, math.inf)))
    plant.run(70)
    other = Cap(key="other", kind=CapKind.FUSE, limit_a={Phase.L1: 39.0})
    plant.spec = replace(plant.spec, caps=(*plant.spec.caps, other))
    plant.run(30)
    assert offered(plant) == 10
    plant.run(60)
    assert offered(plant) == 32


def test_phases_without_the_limit_are_not_dimmed() -> None:
    source = LimitSource(dimmed=10.0)
    cap = Cap(key="one", kind=CapKind.EXTERNAL, limit_a={L2: 32.0}, source=source)
    plant = dimmed_home(lambda _: None, cap=cap)
    plant.spec = replace(plant.spec, phases=(L1, L2))
    plant.house = constant(l1=5.0, l2=5.0)
    plant.run(60)
    assert offered(plant) == 32


def test_a_limit_is_called_by_its_name_and_its_silence_is_told_after_a_minute() -> None:
    # SITE-1, SITE-5: two blinks of a minute less a second tell nothing; then it is told, once.
    source = LimitSource(dimmed=4200.0)
    cap = Cap(
        key="01J", kind=CapKind.EXTERNAL, limit_w=math.inf, source=source, name="Grid operator"
    )
    plant = dimmed_home(lambda now_s: math.inf if now_s % 120 < 62 else None, cap=cap)
    plant.run(200)
    assert plant.decision is not None
    assert not plant.decision.alarms
    plant.outside = lambda _now_s, state: state
    plant.run(70)
    decision = plant.decision
    assert [(it.kind, it.subject) for it in decision.alarms] == [(AlarmKind.LIMIT_SILENT, "01J")]
    assert "Grid operator allows 4.2 kW, as its source cannot be believed" in (
        decision.chargers[0].sentence
    )
