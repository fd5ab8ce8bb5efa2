"""A charger that tells a power and not on how many lines it flows (SITE-2).

Its currents are then the most that each line may carry, and together too much to be true.
"""

from dataclasses import replace
from typing import override

import pytest

from custom_components.evse_suite.control.model import ChargerSpec
from tests.control.boards import home
from tests.control.plant import FAST, L1, L2, L3, Charger, Plant, constant


class Untold(Charger):
    """A charger whose driver knows the power alone."""

    @override
    def poll(self, now_s: float) -> bool:
        """Take a sample as the drivers make it of a power."""
        polled = super().poll(now_s)
        if polled and self.sample is not None:
            sum_a = sum(self.sample.drawn_a)
            lines = len(self.sample.drawn_a)
            each_a = min(sum_a, max(float(self.device_a), sum_a / lines))
            self.sample = replace(
                self.sample,
                drawn_a=(each_a,) * lines,
                guessed=lines * each_a > 1.3 * sum_a + 1.3,
            )
        return polled


def charging(lines: int, house_a: float) -> Plant:
    """Return a home on 25 A with a car of 16 A that uses so many lines."""
    spec = ChargerSpec(key="a", name="a", phases=(L1, L2, L3))
    car = replace(FAST, lines=lines, most_a=16)
    house = constant(l1=house_a, l2=1.0, l3=1.0)
    return home(Untold(spec=spec, car=car), fuse_a=25, house=house)


@pytest.mark.parametrize("lines", [1, 2, 3])
@pytest.mark.parametrize(("house_a", "gets_a"), [(4.0, 16), (14.0, 10)])
def test_any_car_gets_what_its_lines_have_and_the_mains_is_not_accused(
    lines: int, house_a: float, gets_a: int
) -> None:
    plant = charging(lines, house_a)
    plant.run(600)
    assert plant.chargers[0].drawn_a == pytest.approx(gets_a)
    assert plant.decision is not None
    assert not plant.decision.alarms
    assert len(plant.changes()) <= 6
    assert plant.over_s() == 0.0
