"""Green under skies that never rest: a day's starts, commands and grid energy (LEK-10)."""

from dataclasses import replace
import itertools
import math

import pytest

from custom_components.evse_suite.control.memory import Memory, SunMemory
from custom_components.evse_suite.control.model import ChargerSpec, SiteMode
from tests.control.plant import (
    L1,
    VOLTAGE_V,
    Charger,
    HouseLoad,
    Plant,
    constant,
    one_charger,
    stepped,
)

HOUR_S = 3600


def green(house: HouseLoad, memory: Memory | None = None, *, dt_s: float = 1.0) -> Plant:
    spec = ChargerSpec(key="a", name="a", phases=(L1,), maximum_a=32)
    plant = one_charger(60, house, charger=Charger(spec=spec), mode=SiteMode.GREEN, dt_s=dt_s)
    if memory is not None:
        plant.memory = memory
    return plant


def starts_s(plant: Plant) -> list[float]:
    changes = [(0.0, 0), *plant.changes()]
    return [now_s for (_, a), (now_s, b) in itertools.pairwise(changes) if not a and b]


def test_a_sky_that_comes_and_goes_all_day_starts_no_more_often_than_a_day_may() -> None:
    # LEK-10: sun for two minutes, none for two, for four hours: 60 gaps.
    plant = green(lambda now_s: {L1: -10.4 if now_s % 240 < 120 else 0.0})
    plant.run(4 * HOUR_S)

    assert 5 <= len(starts_s(plant)) <= 10
    # The first ones come as the sun does, the last ones hours apart.
    gaps_s = [late_s - early_s for early_s, late_s in itertools.pairwise(starts_s(plant))]
    assert gaps_s[0] == pytest.approx(240, abs=10)
    assert gaps_s[-1] > 480


def test_a_sun_that_never_rests_is_followed_with_ever_fewer_commands() -> None:
    # Swings of a minute for three hours: at the pace of the first a day would have thousands.
    plant = green(lambda now_s: {L1: -16 - 4 * math.sin(2 * math.pi * now_s / 60)})
    counts = []
    for _ in range(3):
        before = len(plant.commands)
        plant.run(HOUR_S)
        counts.append(len(plant.commands) - before)
    assert counts[0] > 150
    assert counts[2] < 0.6 * counts[0]
    raises_s = [
        late_s - early_s
        for (early_s, a), (late_s, b) in itertools.pairwise(plant.changes())
        if b > a
    ]
    assert min(raises_s) >= 5


@pytest.mark.parametrize(("used_wh", "offered_a"), [(0.0, 11), (900.0, 10)])
def test_more_is_left_to_the_grid_when_the_allowance_is_used_up(
    used_wh: float, offered_a: int
) -> None:
    # LEK-10: 10.75 A of sun are rounded to the nearer ampere less what is left.
    memory = replace(Memory.initial(), sun=SunMemory(grid_wh=used_wh))
    plant = green(constant(l1=-10.7), memory, dt_s=0.2)
    plant.run(300)
    assert plant.chargers[0].device_a == offered_a


def test_no_charge_imports_more_below_the_minimum_than_half_an_allowance() -> None:
    # LEK-10: 0.55 of the minimum is worth staying for, 621 W of import, and not for ever.
    plant = green(stepped((0, -10.4), (1300, -3.3)))
    plant.run(300 + 2 * HOUR_S)
    stopped_s = plant.changes()[-1][0]
    assert plant.changes()[-1][1] == 0
    assert stopped_s - 1300 == pytest.approx(450 / 621 * HOUR_S, abs=30)
    imported_wh = sum(
        max(0.0, mains_a[L1]) * VOLTAGE_V * plant.dt_s / HOUR_S for _, mains_a, _ in plant.log
    )
    assert imported_wh == pytest.approx(450, abs=15)
