"""Pictures of three controllers in the same hour; they need matplotlib, the tables do not.

Each picture shows for one controller above the other what there is (room below the fuse, or sun),
the limit that is set in the charger, and what the car draws.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
import numpy as np

from . import engine
from .cases import EVCC, OPENWB, OURS, RIVALS, SMARTEVSE, through
from .contract import NOMINAL_V, Maker, Mode
from .days import Currents, Series
from .ideal import HOUR_S, surplus
from .run import part_of
from .steps import SETTLED_S
from .trial import Scenario
from .world import Record

WARM_UP_S: Final = HOUR_S
"""Every controller has been at it for so long when a picture begins."""
SEARCH_S: Final = 300
TIGHT_A: Final = 32.0
TOP_A: Final = 40.0
SIZE_IN: Final = (9.0, 6.5)
DPI: Final = 90
THERE, LIMIT, DRAWN = "#009e73", "#0072b2", "#d55e00"
"""Colours that differ for everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture: a part of the first run of a scenario."""

    file: str
    scenario: str
    rival: str
    """Who is shown beside ours and evcc."""
    begin_s: int | None = None
    """Where the part begins; the busiest hour unless given."""
    seconds: int = HOUR_S


PICTURES: Final = (
    Picture(
        file="step.png",
        scenario="S typical 1 s",
        rival=SMARTEVSE,
        begin_s=SETTLED_S - 20,
        seconds=150,
    ),
    Picture(file="power.png", scenario="P2", rival=SMARTEVSE),
    Picture(file="green.png", scenario="G1", rival=OPENWB),
    Picture(file="hybrid.png", scenario="H1", rival=OPENWB),
)


def draw(scenarios: Sequence[Scenario], folder: Path) -> list[Path]:
    """Draw every picture whose scenario is there, and return the files."""
    by_key = {scenario.key: scenario for scenario in scenarios}
    folder.mkdir(parents=True, exist_ok=True)
    return [
        _draw(picture, by_key[picture.scenario], folder / picture.file)
        for picture in PICTURES
        if picture.scenario in by_key
    ]


def _draw(picture: Picture, scenario: Scenario, file: Path) -> Path:
    case, begin_s = _part(scenario, picture)
    house_a = case.runs[0].make()
    makers: dict[str, Maker] = {
        OURS: engine.make,
        EVCC: RIVALS[EVCC],
        picture.rival: RIVALS[picture.rival],
    }
    with mpl.rc_context({"font.size": 9, "axes.grid": True, "grid.alpha": 0.3}):
        figure = Figure(figsize=SIZE_IN, layout="constrained")
        rows = figure.subplots(len(makers), 1, sharex=True, sharey=True)
        for axes, (name, maker) in zip(rows, makers.items(), strict=True):
            _row(axes, through(case, house_a, maker), begin_s)
            axes.set_title(name, loc="left")
        figure.legend(*rows[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
        rows[-1].set_xlabel("minutes")
        figure.suptitle(f"{scenario.title}: {case.runs[0].name}")
        figure.savefig(file, dpi=DPI, metadata={"Software": None})
    return file


def _row(axes: Axes, record: Record, begin_s: int) -> None:
    """Draw one controller from ``begin_s`` on."""
    there_a = _there_a(record.home.mode, record.home.fuse_a, tuple(record.house_a))
    label = "what the fuse leaves" if record.home.mode is Mode.POWER else "sun that is left"
    minutes = np.arange(record.seconds - begin_s) / 60
    axes.fill_between(minutes, there_a[begin_s:], color=THERE, alpha=0.25)
    axes.plot(minutes, there_a[begin_s:], color=THERE, lw=0.8, label=label)
    axes.step(
        minutes, record.offered_a[0][begin_s:], color=LIMIT, lw=1, where="post", label="limit"
    )
    axes.plot(minutes, record.drawn_a[0][begin_s:], color=DRAWN, lw=1, label="car")
    axes.set_ylim(0, TOP_A)
    axes.set_xlim(0, minutes[-1])
    axes.set_ylabel("A")


def _there_a(mode: Mode, fuse_a: float, house_a: Currents) -> Series:
    """Return the amperes that there are for the only car, on the fullest line."""
    if mode is Mode.POWER:
        return np.asarray(fuse_a - np.stack(house_a).max(axis=0))
    return surplus(house_a) / NOMINAL_V


def _part(scenario: Scenario, picture: Picture) -> tuple[Scenario, int]:
    """Return the part to be shown with what leads to it, and how long that is."""
    one = scenario.runs[0]
    begin_s = _busiest_s(scenario, one.make()) if picture.begin_s is None else picture.begin_s
    before_s = min(WARM_UP_S, begin_s)
    cut = part_of(one, begin_s - before_s, before_s + picture.seconds)
    return replace(scenario, runs=(cut,)), before_s


def _busiest_s(scenario: Scenario, house_a: Currents) -> int:
    """Return the beginning of the hour in which what there is varies most."""
    there_a = np.clip(_there_a(scenario.home.mode, scenario.home.fuse_a, house_a), 0, TIGHT_A)
    begins = range(0, len(there_a) - HOUR_S, SEARCH_S)
    return max(begins, key=lambda begin_s: float(there_a[begin_s : begin_s + HOUR_S].std()))
