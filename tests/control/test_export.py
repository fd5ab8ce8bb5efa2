"""Above the export limit chargers take what they can, the rest is to be curtailed (IND-10)."""

from dataclasses import replace
from itertools import pairwise
import random

import pytest

from custom_components.evse_suite.control.answer import Reason
from custom_components.evse_suite.control.model import ChargerSpec, Phase, SiteMode, Wish
from tests.control.plant import (
    FAST,
    L1,
    L2,
    L3,
    VOLTAGE_V,
    Charger,
    HouseLoad,
    Plant,
    constant,
    one_charger,
    stepped,
)


def sunny(
    house: HouseLoad,
    *,
    limit_w: float | None,
    mode: SiteMode = SiteMode.GREEN,
    maximum_a: int = 32,
    noise_a: float = 0.02,
) -> Plant:
    plant = one_charger(
        60,
        house,
        charger=Charger(
            spec=ChargerSpec(key="a", name="A", phases=(L1,), maximum_a=maximum_a),
            car=replace(FAST, most_a=maximum_a),
            poll_s=1.0,
        ),
        mode=mode,
        noise_a=noise_a,
        dt_s=0.25,
        keep_decisions=True,
    )
    plant.spec = replace(plant.spec, export_limit_w=limit_w)
    return plant


def offered(plant: Plant) -> int | None:
    assert plant.decision is not None
    return plant.decision.chargers[0].target_a


def curtailed_w(plant: Plant) -> float | None:
    assert plant.decision is not None
    return plant.decision.curtail_w


def start_s(plant: Plant) -> float:
    return next(at_s for at_s, a in plant.changes() if a >= 6)


def test_green_starts_without_waiting_above_the_limit() -> None:
    # IND-10: 1.5 kW of surplus, 1.2 kW may flow out.
    plant = sunny(constant(l1=-6.5), limit_w=1200.0)
    plant.run(60)
    limited_s = start_s(plant)
    patient = sunny(constant(l1=-6.5), limit_w=None)
    patient.run(60)
    assert start_s(patient) - limited_s >= 15
    assert curtailed_w(patient) is None


@pytest.mark.parametrize("mode", [SiteMode.GREEN, SiteMode.HYBRID])
def test_whole_amperes_are_rounded_up_above_the_limit(mode: SiteMode) -> None:
    # IND-10: nothing may flow out; 12.4 A of sun take 13 A, and 12 A where it may.
    plant = sunny(constant(l1=-12.35), limit_w=0.0, mode=mode)
    plant.run(90)
    assert offered(plant) == 13
    assert curtailed_w(plant) == 0
    assert plant.decision is not None
    assert plant.decision.chargers[0].reason is Reason.EXPORT_LIMIT
    assert plant.decision.chargers[0].sentence == "13 A of 32 A, so that less flows to the grid."
    free = sunny(constant(l1=-12.35), limit_w=None, mode=mode)
    free.run(90)
    assert offered(free) == 12


def test_below_the_limit_nothing_is_different() -> None:
    plant = sunny(constant(l1=-12.4), limit_w=3600.0)
    plant.run(90)
    assert offered(plant) == 12
    assert curtailed_w(plant) == 0
    assert plant.decision is not None
    assert plant.decision.chargers[0].reason is Reason.SURPLUS


def test_what_the_chargers_cannot_take_is_to_be_curtailed() -> None:
    # IND-10: 30 A of sun, a car of 16 A, 2 kW may flow out.
    plant = sunny(constant(l1=-30.0), limit_w=2000.0, maximum_a=16)
    plant.run(90)
    assert offered(plant) == 16
    assert curtailed_w(plant) == pytest.approx(14 * VOLTAGE_V - 2000, abs=50)


def test_surplus_below_the_minimum_is_curtailed_and_not_imported_for() -> None:
    # LEK-10: Green is surplus only, limit or not.
    plant = sunny(constant(l1=-5.0), limit_w=0.0)
    plant.run(90)
    assert offered(plant) == 0
    assert curtailed_w(plant) == pytest.approx(5 * VOLTAGE_V, abs=20)


def test_power_takes_all_already() -> None:
    plant = sunny(constant(l1=-12.4), limit_w=0.0, mode=SiteMode.POWER)
    plant.run(60)
    assert offered(plant) == 32


def test_a_silent_meter_tells_nothing_to_curtail() -> None:
    # Promise 2: unknown is not zero.
    plant = sunny(constant(l1=-12.4), limit_w=0.0)
    plant.run(60)
    plant.fault = lambda _, __: None
    plant.run(15)
    assert curtailed_w(plant) is None


def test_only_as_many_are_started_as_are_needed() -> None:
    # 14 A of sun, 1 kW may flow out: one of two can take it all, the other waits as ever.
    plant = sunny(constant(l1=-14.0), limit_w=1000.0)
    second = Charger(spec=ChargerSpec(key="b", name="B", phases=(L1,)), car=FAST)
    plant.chargers.append(second)
    plant.spec = replace(plant.spec, chargers=(plant.spec.chargers[0], second.spec))
    plant.run(60)
    started_s = {
        key: next(at_s for at_s, it in plant.commands if it.key == key and it.current_a)
        for key in ("a", "b")
    }
    assert started_s["b"] - started_s["a"] >= 1


def test_three_lines_are_rounded_up_together() -> None:
    plant = sunny(constant(l1=-25.0, l2=0.0, l3=0.0), limit_w=0.0, mode=SiteMode.HYBRID)
    own = replace(plant.chargers[0].spec, phases=(L1, L2, L3))
    plant.chargers[0].spec = own
    plant.spec = replace(
        plant.spec,
        phases=(L1, L2, L3),
        chargers=(own,),
        caps=(replace(plant.spec.caps[0], limit_a=dict.fromkeys((L1, L2, L3), 60.0)),),
    )
    plant.run(60)
    assert offered(plant) == 9


@pytest.mark.parametrize("mean_a", [12.0, 12.5])
def test_a_sun_that_trembles_about_a_whole_ampere_does_not_make_the_charger_tremble(
    mean_a: float,
) -> None:
    # SITE-6
    noise = random.Random(1)
    plant = sunny(lambda _: {L1: -mean_a + noise.gauss(0, 0.15)}, limit_w=0.0)
    plant.run(600)
    assert len([a for at_s, a in plant.changes() if at_s > 1060]) <= 20
    assert all(11 <= a <= 14 for at_s, a in plant.changes() if at_s > 1060)


def test_a_limit_hit_again_and_again_starts_no_more_often_than_the_sun_would() -> None:
    # SITE-6: clouds every two minutes.
    plant = sunny(lambda now_s: {L1: -13.0 if now_s % 120 < 60 else 0.0}, limit_w=1000.0)
    plant.run(3600)
    starts = [
        a for (_, a), (_, b) in zip(plant.changes()[1:], plant.changes(), strict=False) if not b
    ]
    assert len(starts) <= 12


class Inverter:
    """A roof behind an automation that takes back what is to be curtailed, and lets go slowly."""

    def __init__(self, sun_w: float, *, back_w: float = 300.0) -> None:
        """Begin with everything held back."""
        self.sun_w = self.held_w = sun_w
        self.back_w = back_w

    def house(self, _now_s: float) -> dict[Phase, float]:
        """Return what the house draws less what the roof delivers."""
        return {L1: 1.5 - (self.sun_w - self.held_w) / VOLTAGE_V}

    def follow(self, plant: Plant, seconds: float) -> float:
        """Run with a look at the suite every 10 s; return the energy of the cars in Wh."""
        car_wh = 0.0
        plant.dt_s = 0.5
        plant.keep_decisions = False
        end_s = plant.now_s + seconds
        while plant.now_s < end_s:
            plant.run(10)
            car_wh += plant.chargers[0].drawn_a * VOLTAGE_V * 10 / 3600
            curtail = curtailed_w(plant)
            self.held_w += curtail or -self.back_w
            self.held_w = min(max(self.held_w, 0.0), self.sun_w)
        return car_wh


def test_sun_that_an_inverter_holds_back_is_found_and_used() -> None:
    # IND-10: nothing may flow out, so nothing shows; 4.6 kW are there.
    roof = Inverter(5000.0)
    plant = sunny(roof.house, limit_w=0.0)
    assert roof.follow(plant, 3600) >= 0.8 * 4655
    assert roof.held_w <= 400
    imported_wh = sum(max(0.0, mains_a[L1]) for _, mains_a, _ in plant.log) * VOLTAGE_V / 7200
    assert imported_wh <= 30
    assert len(starts_of(plant)) <= 1


def test_sun_that_is_not_there_is_looked_for_seldom() -> None:
    # SITE-6, LEK-10: 300 W held back carry no car.
    roof = Inverter(645.0)
    plant = sunny(roof.house, limit_w=0.0)
    roof.follow(plant, 3 * 3600)
    told = starts_of(plant)
    assert 1 <= len(told) <= 4
    assert all(b - a >= 900 for a, b in pairwise(told))
    imported_wh = sum(max(0.0, mains_a[L1]) for _, mains_a, _ in plant.log) * VOLTAGE_V / 7200
    assert imported_wh <= 160


@pytest.mark.parametrize("house_a", [1.5, 0.0, -1.5], ids=["night", "balance", "left alone"])
def test_where_nobody_holds_anything_back_nothing_is_looked_for(house_a: float) -> None:
    # LEK-10: no export, none beyond the limit, or one that nobody takes back: nothing is hidden.
    plant = sunny(constant(l1=house_a), limit_w=0.0)
    plant.dt_s = 1.0
    plant.run(1800)
    assert starts_of(plant) == []


def starts_of(plant: Plant) -> list[float]:
    """Return when the charger was told to start."""
    told = [(0.0, 0), *plant.changes()]
    return [at_s for (_, before_a), (at_s, a) in pairwise(told) if a and not before_a]


def test_others_that_follow_no_sun_take_their_part_first() -> None:
    # A car in Power takes 32 A of 40 A of sun: 8 A are left, half a kilowatt may flow out.
    plant = sunny(stepped((0, -40.0)), limit_w=500.0)
    plant.mode = SiteMode.GREEN
    second = Charger(
        spec=ChargerSpec(key="b", name="B", phases=(L1,)), car=FAST, device_a=32, drawn_a=32.0
    )
    plant.chargers.append(second)
    plant.spec = replace(plant.spec, chargers=(plant.spec.chargers[0], second.spec))
    plant.wishes = {"b": Wish(mode=SiteMode.POWER)}
    plant.run(60)
    assert offered(plant) in {7, 8}
