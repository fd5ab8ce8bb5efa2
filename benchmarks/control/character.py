"""What kind of days a source has, by figures that no controller has a part in.

``python -m benchmarks.control.character --traces DIR`` prints those of the seeded days beside those
of measured ones: so one can tell whether made days are harder or easier than real ones without
asking the balancer that is judged on them.
"""

import argparse
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.plant.car import CAR_TYPES
from simulator.plant.sun import YIELD

from . import ideal
from .contract import NOMINAL_V
from .days import Series, Source
from .generator import Generator
from .ideal import HOUR_S, Flags
from .measured import Traces
from .scenarios import scenarios
from .trial import Depth

type Figures = Mapping[str, float]

CAR: Final = CAR_TYPES["typical"]
RAMP_SHARES: Final = (90.0, 99.0, 99.9)
HOUSE_W: Final = 300.0
MINIMUM_W: Final = 1380.0
"""6 A on one phase."""
ROOFS_KWP: Final = {"G1": 6, "G2": 4}
SHORT_S: Final = 30
LONG_S: Final = 180
STEPS_W: Final = (200, 500, 1000, 2000, 20_000)
SAMPLE_S: Final = 4
"""The rarest of the measured houses' samples; the others are thinned out to it."""
STEP_W: Final = 500.0
TAKEN_BACK: Final = 0.7
"""A step is taken back when so much of it is gone again."""


@dataclass(frozen=True, slots=True)
class Spread:
    """One figure of many days."""

    mean: float
    middle: float


def of_suns(source: Source) -> dict[str, Spread]:
    """Return the figures of a source's sun days."""
    return spread(sun_figures(source.sun(name).power_w) for name in source.suns())


def of_houses(source: Source) -> dict[str, Spread]:
    """Return the figures of its single-phase houses; a few of them have most of all steps."""
    houses = (source.house(name).currents[0] for name in source.houses())
    return spread(house_figures(NOMINAL_V * current_a) for current_a in houses)


def of_foresight(source: Source) -> dict[str, Spread]:
    """Return what perfect information makes of days of Green: how hard they are by themselves."""
    figures: dict[str, Spread] = {}
    for scenario in scenarios(source, Depth.FULL):
        if scenario.key in ROOFS_KWP:
            roof = f"{ROOFS_KWP[scenario.key]} kWp, perfect information:"
            bests = (ideal.green(scenario.home, run.make(), CAR) for run in scenario.runs)
            figures |= spread(
                {
                    f"{roof} starts a day": float(best.starts),
                    f"{roof} import, kWh a day": best.imported_wh / 1000,
                    f"{roof} sun in the car, kWh a day": best.from_sun_wh / 1000,
                }
                for best in bests
            )
    return figures


def spread(days: Iterable[Figures]) -> dict[str, Spread]:
    """Return mean and middle of each figure."""
    all_days = list(days)
    return {
        name: Spread(mean(values), median(values))
        for name in all_days[0]
        if (values := [day[name] for day in all_days])
    }


def sun_figures(power_w: Series) -> Figures:
    """Return the energy of 1 kWp, how fast the light changes and how often it is too little."""
    figures = {"energy, kWh a day per kWp": float(power_w.sum()) / HOUR_S / 1000}
    for lag_s in (10, 60):
        for share, change in zip(RAMP_SHARES, _ramps(power_w / YIELD, lag_s), strict=True):
            figures[f"change within {lag_s} s, {share:g} %, W/m²"] = change
    for kwp in ROOFS_KWP.values():
        enough = kwp * power_w - HOUSE_W > MINIMUM_W
        figures[f"{kwp} kWp: hours a day with 6 A or more"] = float(enough.sum()) / HOUR_S
        figures[f"{kwp} kWp: crossings of 6 A a day"] = float(len(_crossings(enough)))
        lulls_s = _lulls_s(enough)
        figures[f"{kwp} kWp: lulls under {SHORT_S} s a day"] = float((lulls_s < SHORT_S).sum())
        middling = (lulls_s >= SHORT_S) & (lulls_s < LONG_S)
        figures[f"{kwp} kWp: lulls of {SHORT_S} to {LONG_S} s a day"] = float(middling.sum())
        figures[f"{kwp} kWp: longer lulls a day"] = float((lulls_s >= LONG_S).sum())
    return figures


def house_figures(power_w: Series) -> Figures:
    """Return what a house takes, and its steps: how many of each size, how many taken back."""
    figures = {
        "energy, kWh a day": float(power_w.mean()) * 24 / 1000,
        "always on, W": float(np.percentile(power_w, 10)),
        "highest current, A": float(power_w.max()) / NOMINAL_V,
    }
    samples_w = power_w[::SAMPLE_S]
    changes_w = np.diff(samples_w)
    sizes_w = np.abs(changes_w)
    counts, _ = np.histogram(sizes_w, bins=STEPS_W)
    for least_w, count in zip(STEPS_W, counts, strict=False):
        figures[f"steps an hour from {least_w} W on"] = float(count) / 24
    steps = np.flatnonzero(sizes_w >= STEP_W)
    for within_s in (12, 32, 60):
        back = sum(_taken_back(changes_w, step, within_s // SAMPLE_S) for step in steps.tolist())
        share = 100 * back / max(1, len(steps))
        figures[f"steps of {STEP_W:g} W taken back within {within_s} s, %"] = share
    return figures


def _taken_back(changes_w: Series, step: int, samples: int) -> bool:
    """Whether the opposite of a step follows in one go."""
    change_w = float(changes_w[step])
    after_w = -np.sign(change_w) * changes_w[step + 1 : step + 1 + samples]
    return bool((after_w >= TAKEN_BACK * abs(change_w)).any())


def _ramps(light: Series, lag_s: int) -> list[float]:
    """Return percentiles of the change within ``lag_s`` while there is light."""
    change = np.abs(light[lag_s:] - light[:-lag_s])
    day = (light[lag_s:] > 0) | (light[:-lag_s] > 0)
    return [float(value) for value in np.percentile(change[day], RAMP_SHARES)]


def _crossings(enough: Flags) -> NDArray[np.intp]:
    """Return the seconds after which there is enough, or not any more."""
    return np.flatnonzero(enough[1:] != enough[:-1])


def _lulls_s(enough: Flags) -> NDArray[np.intp]:
    """Return how long it was too little each time between two times of enough."""
    return np.diff(_crossings(enough))[int(not enough[0]) :: 2]


def main() -> None:
    """Print the figures of the seeded days and, if there are any, of measured ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--traces", type=Path, help="folder of measured days, to compare with")
    options = parser.parse_args()
    sources: list[Source] = [Generator()]
    if options.traces:
        sources.insert(0, Traces(options.traces))
    print("| a day of | " + " | ".join(f"{s.title}: mean | middle" for s in sources) + " |")
    print("| --- |" + " --- | --- |" * len(sources))
    for figures in (of_suns, of_foresight, of_houses):
        columns = [figures(source) for source in sources]
        for name in columns[0]:
            cells = [f"{value:.4g}" for c in columns for value in (c[name].mean, c[name].middle)]
            print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
