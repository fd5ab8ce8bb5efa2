"""The benchmark of plans: the replay is fair, the optimum is one, the tables say what happened."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from benchmarks.planning.__main__ import write
from benchmarks.planning.generator import Generator
from benchmarks.planning.home import Car, Charger, Home, Session
from benchmarks.planning.optimum import optimum
from benchmarks.planning.replay import Order, Result, clusters, replay
from benchmarks.planning.report import OPTIMUM, report, row
from benchmarks.planning.rules import CheapestQuarters, Evcc, PlugIn
from benchmarks.planning.suite import RESTART_COST, Suite

DAYS = 5


@pytest.fixture(scope="module")
def home() -> Home:
    """Return the first made home."""
    return next(Generator().homes(DAYS))


@pytest.fixture(scope="module")
def best(home: Home) -> Result:
    return optimum(home)


def full_cost(result: Result) -> float:
    return result.cost + RESTART_COST * result.starts


def test_nobody_beats_the_optimum_and_the_suite_is_close(home: Home, best: Result) -> None:
    # PLAN-3, IND-20
    with_foresight = replay(home, Suite(foresight=True))
    assert with_foresight.missed == 0
    assert full_cost(best) * 0.998 <= full_cost(with_foresight) <= full_cost(best) * 1.03
    known = replay(home, Suite())
    assert known.missed == 0
    assert full_cost(best) * 0.998 <= full_cost(known) <= full_cost(best) * 1.1
    for other in (PlugIn(), Evcc(), CheapestQuarters(continuous=True)):
        result = replay(home, other)
        assert full_cost(result) >= full_cost(best) * 0.998
        assert result.energy_wh == pytest.approx(best.energy_wh, rel=0.001)


def small(**changes: Any) -> Home:
    """Return three hours of a home with one car and prices of its own."""
    made = next(islice(Generator().homes(1), 1))
    return replace(
        made,
        price_per_kwh=[0.3] * 4 + [0.1] * 4 + [0.2] * 8,
        sun_w=[0.0] * 16,
        sun_expected_w=[0.0] * 16,
        house_w=[0.0] * 16,
        house_expected_w=[0.0] * 16,
        chargers=(Charger(lines=1, maximum_a=16), Charger(lines=1, maximum_a=16)),
        sessions=(Session(charger=0, first=0, stop=12, needed_wh=3680.0),),
        **changes,
    )


def test_a_car_pays_what_flowed_when_it_flowed() -> None:
    assert replay(small(), PlugIn()).cost == pytest.approx(3.68 * 0.3)
    assert replay(small(), CheapestQuarters(continuous=False)).cost == pytest.approx(3.68 * 0.1)
    assert optimum(small()).cost == pytest.approx(3.68 * 0.1, rel=0.001)
    sunny = replace(small(feed_in_per_kwh=0.05), sun_w=[1840.0] * 16)
    assert replay(sunny, PlugIn()).cost == pytest.approx(1.84 * (0.3 + 0.05))


def test_prices_of_tomorrow_are_not_known_before_they_are_published() -> None:
    home = replace(small(), price_per_kwh=[0.1] * 400, published_quarter=48)
    assert home.known_until(47) == 92
    assert home.known_until(48) == 188
    assert home.known_until(95) == 188


def test_the_cap_is_shared_minimum_first() -> None:
    both = tuple(Session(charger=each, first=0, stop=4, needed_wh=9000.0) for each in (0, 1))
    result = replay(replace(small(cap_w=20 * 230.0), sessions=both), PlugIn())
    assert result.energy_wh == pytest.approx(20 * 230)
    alone = replay(replace(small(cap_w=10 * 230.0), sessions=both), PlugIn())
    assert alone.energy_wh == pytest.approx(10 * 230)


class Nothing:
    def orders(self, home: Home, quarter: int, cars: Sequence[Car]) -> list[list[Order]]:
        return [[] for _ in cars]


def test_what_nobody_could_charge_is_not_counted_as_missed() -> None:
    late = (Session(charger=0, first=0, stop=4, needed_wh=5000.0),)
    assert replay(replace(small(), sessions=late), Nothing()).missed == 0
    idle = replay(small(), Nothing())
    assert idle.missed == 1
    assert idle.missing_wh == pytest.approx(3680)


def test_below_the_minimum_nothing_is_possible() -> None:
    assert replay(small(cap_w=5 * 230.0), Nothing()).missed == 0
    assert replay(small(cap_w=6 * 230.0), Nothing()).missed == 1


def test_a_target_beside_one_that_was_met_is_missed_only_if_both_were_possible() -> None:
    both = tuple(Session(charger=each, first=0, stop=4, needed_wh=3680.0) for each in (0, 1))
    for cap_a, missed in ((16, 0), (32, 1)):

        class First:
            def orders(self, home: Home, quarter: int, cars: Sequence[Car]) -> list[list[Order]]:
                full = PlugIn().orders(home, quarter, cars)
                return [full[0], *([] for _ in full[1:])]

        assert replay(replace(small(cap_w=cap_a * 230.0), sessions=both), First()).missed == missed


def test_sessions_that_overlap_are_one_group() -> None:
    times = ((0, 10), (5, 20), (20, 30), (40, 50), (45, 47))
    sessions = [Session(charger=0, first=a, stop=b, needed_wh=1.0) for a, b in times]
    assert [len(group) for group in clusters(sessions)] == [2, 1, 2]


def test_the_table_has_a_line_for_everyone(home: Home, best: Result, tmp_path: Path) -> None:
    plug = replay(home, PlugIn())
    text = report([row(home, OPTIMUM, best), row(home, "on plug-in", plug)], "### Time\n")
    assert f"| on plug-in | {plug.cost:.2f} |" in text
    document = tmp_path / "page.md"
    document.write_text("a\n<!-- begin: made -->\nold\n<!-- end: made -->\nz\n")
    write(document, "made", text)
    assert document.read_text().startswith("a\n<!-- begin: made -->\n\n### hours")
    assert document.read_text().endswith("<!-- end: made -->\nz\n")
    with pytest.raises(ValueError, match="no place for measured"):
        write(document, "measured", text)
