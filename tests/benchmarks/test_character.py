"""Seeded days are like measured ones, and the figures that say so count rightly.

The measured figures are those of seven cloudy June days at Payerne, of 36 days in nine houses (REDD
at 4 s, tracebase at 1 s) and of their pairs; ``benchmarks.control.character`` found both. They came
before the model, which was brought to them, and no controller had a part in it.
"""

import numpy as np
import pytest

from benchmarks.control import character
from benchmarks.control.character import house_figures, of_houses, of_suns, spread, sun_figures
from benchmarks.control.days import DAY_S
from benchmarks.control.generator import Generator

SUN = {
    "energy, kWh a day per kWp": (4.81, 0.15),
    "change within 10 s, 90 %, W/m²": (26.7, 0.3),
    "change within 10 s, 99 %, W/m²": (263, 0.15),
    "change within 10 s, 99.9 %, W/m²": (532, 0.15),
    "change within 60 s, 90 %, W/m²": (78, 0.15),
    "change within 60 s, 99 %, W/m²": (543, 0.15),
    "change within 60 s, 99.9 %, W/m²": (750, 0.2),
    "6 kWp: hours a day with 6 A or more": (6.75, 0.15),
    "6 kWp: crossings of 6 A a day": (113, 0.3),
    "6 kWp: lulls under 30 s a day": (34.6, 0.3),
    "6 kWp: lulls of 30 to 180 s a day": (13.3, 0.3),
    "6 kWp: longer lulls a day": (7.57, 0.6),
    "4 kWp: hours a day with 6 A or more": (4.19, 0.15),
    "4 kWp: crossings of 6 A a day": (193, 0.3),
    "4 kWp: lulls under 30 s a day": (62.3, 0.4),
    "4 kWp: lulls of 30 to 180 s a day": (20.7, 0.3),
    "4 kWp: longer lulls a day": (12.7, 0.4),
}
"""Mean of the measured days, and by how much of it that of the seeded days may differ."""
HOUSES_MEAN = {
    "energy, kWh a day": (9.94, 0.15),
    "always on, W": (107, 0.15),
    "highest current, A": (20.2, 0.15),
    "steps an hour from 200 W on": (5.83, 0.4),
    "steps an hour from 500 W on": (4.76, 0.3),
    "steps an hour from 1000 W on": (10.1, 0.3),
    "steps an hour from 2000 W on": (0.744, 0.4),
    "steps of 500 W taken back within 12 s, %": (28.2, 0.3),
    "steps of 500 W taken back within 32 s, %": (38.9, 0.3),
    "steps of 500 W taken back within 60 s, %": (45.8, 0.3),
}
HOUSES_MIDDLE = {
    "energy, kWh a day": (8.7, 0.15),
    "highest current, A": (16.7, 0.15),
    "steps an hour from 500 W on": (1.44, 0.3),
    "steps an hour from 1000 W on": (2.25, 0.3),
    "steps of 500 W taken back within 12 s, %": (22.5, 0.3),
    "steps of 500 W taken back within 60 s, %": (44.5, 0.3),
}
"""A few houses with fast thermostats have most of all steps, so the usual house counts, too."""


def test_seeded_skies_are_as_restless_as_measured_ones() -> None:
    found = of_suns(Generator())
    assert found.keys() == SUN.keys()
    for name, (measured, tolerance) in SUN.items():
        assert found[name].mean == pytest.approx(measured, rel=tolerance), name


def test_seeded_houses_are_as_restless_as_measured_ones() -> None:
    found = of_houses(Generator())
    assert found.keys() == HOUSES_MEAN.keys()
    for name, (measured, tolerance) in HOUSES_MEAN.items():
        assert found[name].mean == pytest.approx(measured, rel=tolerance), name
    for name, (measured, tolerance) in HOUSES_MIDDLE.items():
        assert found[name].middle == pytest.approx(measured, rel=tolerance), name


def test_changes_and_lulls_of_a_day_are_counted() -> None:
    """6 kWp beside 300 W need 280 W per kWp for 6 A, 4 kWp need 420 W."""
    power_w = np.zeros(DAY_S)
    power_w[10_000:11_000] = 300.0
    power_w[10_100:10_120] = power_w[10_200:10_300] = power_w[10_400:10_800] = 120.0
    found = sun_figures(power_w)
    assert found["energy, kWh a day per kWp"] == pytest.approx(power_w.sum() / 3.6e6)
    assert found["6 kWp: hours a day with 6 A or more"] == pytest.approx(480 / 3600)
    assert found["6 kWp: crossings of 6 A a day"] == 8
    assert found["6 kWp: lulls under 30 s a day"] == 1
    assert found["6 kWp: lulls of 30 to 180 s a day"] == 1
    assert found["6 kWp: longer lulls a day"] == 1
    assert found["4 kWp: crossings of 6 A a day"] == 0
    assert found["change within 10 s, 99.9 %, W/m²"] == pytest.approx(300 / 0.9)


def test_a_lull_needs_sun_before_and_after_it() -> None:
    power_w = np.zeros(DAY_S)
    power_w[:100] = power_w[200:300] = power_w[-50:] = 300.0
    found = sun_figures(power_w)
    assert found["6 kWp: lulls of 30 to 180 s a day"] == found["6 kWp: longer lulls a day"] == 1


def test_steps_are_counted_by_size_and_by_what_takes_them_back() -> None:
    power_w = np.full(DAY_S, 100.0)
    power_w[4000:4008] += 700
    power_w[8000:8040] += 1500
    power_w[9000:20_000] += 2500
    power_w[30_000:40_000] += 300
    found = house_figures(power_w)
    assert found["always on, W"] == 100
    assert found["highest current, A"] == pytest.approx(2600 / 230)
    counts = [found[f"steps an hour from {size} W on"] * 24 for size in (200, 500, 1000, 2000)]
    assert counts == pytest.approx([2, 2, 2, 2])
    shares = [found[f"steps of 500 W taken back within {s} s, %"] for s in (12, 32, 60)]
    assert shares == pytest.approx([100 / 6, 100 / 6, 100 / 3])


def test_mean_and_middle_of_days() -> None:
    (figure,) = spread({"starts": float(count)} for count in (1, 2, 9)).values()
    assert (figure.mean, figure.middle) == (4, 2)


def test_the_command_compares(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("of_suns", "of_houses", "of_foresight"):
        monkeypatch.setattr(character, name, lambda _: {"figure": character.Spread(1.25, 2.0)})
    monkeypatch.setattr("sys.argv", ["character"])
    character.main()
    lines = capsys.readouterr().out.splitlines()
    assert (
        lines
        == ["| a day of | seeded days: mean | middle |", "| --- | --- | --- |"]
        + ["| figure | 1.25 | 2 |"] * 3
    )
