"""A generator with a meter of its own, and the collar that carries it (DER-14, DER-15)."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from custom_components.evse_suite.control.answer import Reason
from custom_components.evse_suite.control.model import (
    Cap,
    CapKind,
    GeneratorSide,
    MainsSample,
    Phase,
    SiteMode,
    SiteState,
)
from tests.control.boards import charger, home, told
from tests.control.plant import (
    FAST,
    L1,
    L2,
    TYPICAL,
    VOLTAGE_V,
    Plant,
    constant,
)


def delivering(
    plant: Plant, taken_a: Callable[[float], dict[Phase, float] | None]
) -> Callable[[float, SiteState], SiteState]:
    """Return an outside in which a generator's meter tells once a second what it takes."""
    kept: list[MainsSample] = []

    def outside(now_s: float, state: SiteState) -> SiteState:
        current_a = taken_a(now_s)
        if current_a is not None and (not kept or now_s - kept[-1].time_s >= 1.0):
            sample = MainsSample(time_s=now_s, current_a=current_a, power_w={}, voltage_v={})
            kept[:] = [sample]
        return replace(state, generator=kept[-1] if kept else None)

    return outside


BIG = replace(TYPICAL, most_a=80)
SPLIT = (L1, L2)
COLLAR = Cap(key="collar", kind=CapKind.COLLAR, limit_a={L1: 100.0, L2: 100.0})


def test_on_the_line_side_the_grid_carries_what_the_clamps_show_less_the_generator() -> None:
    # DER-15, DER-16: a 240 V charger on both legs; 50 A house + 48 A car - 30 A sun on a 70 A fuse.
    plant = home(
        charger("a", L1, L2, maximum_a=48, car=BIG),
        phases=SPLIT,
        fuse_a=70,
        house=constant(l1=50.0, l2=45.0),
        generator=GeneratorSide.LINE,
    )
    plant.outside = delivering(plant, lambda _: {L1: -30.0, L2: -30.0})
    plant.run(120)
    assert told(plant)["a"][0] in {48, 49}
    assert plant.decision is not None
    assert plant.decision.phases[0].mains_a == pytest.approx(68, abs=0.5)


def test_a_collar_counts_what_the_clamps_show() -> None:
    # DER-14: the collar carries grid and sun together, 100 A in this house.
    plant = home(
        charger("a", L1, L2, maximum_a=80, car=BIG),
        phases=SPLIT,
        fuse_a=90,
        caps=(COLLAR,),
        house=constant(l1=50.0, l2=45.0),
        generator=GeneratorSide.LINE,
    )
    plant.outside = delivering(plant, lambda _: {L1: -60.0, L2: -60.0})
    plant.run(150)
    assert told(plant)["a"] == (49, Reason.CIRCUIT_LIMIT, "collar")
    # On the load side the clamps show the balance, and the collar carries what was delivered too.
    plant = home(
        charger("a", L1, L2, maximum_a=80, car=BIG),
        phases=SPLIT,
        fuse_a=90,
        caps=(COLLAR,),
        house=constant(l1=-10.0, l2=-15.0),
        generator=GeneratorSide.LOAD,
    )
    plant.outside = delivering(plant, lambda _: {L1: -60.0, L2: -60.0})
    plant.run(150)
    assert told(plant)["a"] == (49, Reason.CIRCUIT_LIMIT, "collar")


def test_surplus_on_the_line_side_is_what_the_generator_delivers_beyond_the_house() -> None:
    # DER-15: the clamps show 10 A of import, the generator delivers 30 A.
    plant = home(
        charger("a", L1, L2),
        phases=SPLIT,
        house=constant(l1=10.0, l2=10.0),
        generator=GeneratorSide.LINE,
    )
    plant.mode = SiteMode.GREEN
    plant.outside = delivering(plant, lambda _: {L1: -30.0, L2: -30.0})
    plant.run(150)
    assert told(plant)["a"][0] in {19, 20}
    assert plant.decision is not None
    assert plant.decision.surplus_w == pytest.approx(40 * VOLTAGE_V, abs=200)


@pytest.mark.parametrize("broken", ["silent", "nan", "absurd"])
def test_a_generator_that_cannot_be_believed_delivers_nothing(broken: str) -> None:
    # DER-15, promise 2: no surplus, and the grid carries all that the clamps show.
    plant = home(
        charger("a", L1, L2, maximum_a=48, car=replace(FAST, most_a=80)),
        phases=SPLIT,
        fuse_a=70,
        house=constant(l1=50.0, l2=45.0),
        generator=GeneratorSide.LINE,
    )
    wrong: dict[str, dict[Phase, float] | None] = {
        "silent": None,
        "nan": {L1: float("nan"), L2: -30.0},
        "absurd": {L1: -900.0, L2: -30.0},
    }

    plant.outside = delivering(
        plant, lambda now_s: {L1: -30.0, L2: -30.0} if now_s < 1100 else wrong[broken]
    )
    plant.run(99)
    assert plant.chargers[0].device_a == 48
    plant.run(20)
    assert plant.chargers[0].device_a == 19
    assert plant.decision is not None
    assert plant.decision.surplus_w == pytest.approx(-95 * VOLTAGE_V, abs=400)


def test_a_silent_generator_on_the_load_side_fills_the_collar_with_its_rating() -> None:
    # DER-14, promise 2
    plant = home(
        charger("a", L1, L2, maximum_a=80, car=BIG),
        phases=SPLIT,
        fuse_a=90,
        caps=(COLLAR,),
        house=constant(l1=20.0, l2=20.0),
        generator=GeneratorSide.LOAD,
        generator_rating_a=64.0,
    )
    plant.run(90)
    assert told(plant)["a"] == (15, Reason.CIRCUIT_LIMIT, "collar")
