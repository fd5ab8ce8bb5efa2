"""The tables of the benchmark, in Markdown; text that does not depend on when it was made."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from .cases import BOUNDS, OURS
from .goals import goals
from .outcome import START_COSTS_WH, Outcome
from .run import Result
from .summary import MIDDLE, Summary, summaries
from .trial import Depth, Scenario

type Table = Callable[[list[Summary], dict[str, str]], str]
"""Makes a table of summaries and the titles of their scenarios."""
NOTHING: Final = "-"
LITTLE_ENERGY: Final = 0.5


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table of summaries."""

    head: str
    cell: Callable[[Summary], str]


def report(scenarios: Sequence[Scenario], result: Result, *, title: str, depth: Depth) -> str:
    """Return all tables of a run of the benchmark; families without a scenario are left out."""
    titles = {scenario.key: scenario.title for scenario in scenarios}
    found = summaries(result.outcomes)
    parts = [f"### {title.capitalize()}, {depth.name.lower()} depth", _sizes(scenarios)]
    for family in _FAMILIES:
        chosen = [each for each in found if each.scenario.split()[0] in family.prefixes]
        if chosen:
            parts += [f"#### {family.head}", family.note, family.table(chosen, titles)]
    if reached := goals(found):
        rows = [[g.text, g.measured, g.worst, g.verdict] for g in reached]
        parts += ["#### Goals", GOALS_NOTE, _markdown(["goal", "measured", "worst", ""], rows)]
    return "\n\n".join(parts) + "\n"


def _sizes(scenarios: Sequence[Scenario]) -> str:
    runs = sum(len(scenario.runs) for scenario in scenarios)
    days = sum(scenario.charger_days for scenario in scenarios)
    return f"{len(scenarios)} scenarios, {runs} runs, {days:.1f} charger-days for each controller."


def _markdown(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _listed(columns: Sequence[Column]) -> Table:
    """Return a table with one line for each scenario and controller."""

    def table(chosen: list[Summary], titles: dict[str, str]) -> str:
        parts = []
        for key in dict.fromkeys(each.scenario for each in chosen):
            rows = [
                [_name(each), *(column.cell(each) for column in columns)]
                for each in chosen
                if each.scenario == key
            ]
            heads = ["controller", *(column.head for column in columns)]
            parts += [f"**{key}**: {titles[key]}", _markdown(heads, rows)]
        return "\n\n".join(parts)

    return table


def _crossed(columns: Sequence[Column], other: Column) -> Table:
    """Return a table with one line for each scenario: ours in ``columns``, all others in one."""

    def table(chosen: list[Summary], titles: dict[str, str]) -> str:
        others = {s.controller: _name(s) for s in chosen if s.controller != OURS}
        cells = {(s.scenario, s.controller): other.cell(s) for s in chosen}
        rows = [
            [
                titles[own.scenario].removeprefix("+40 A, then +9 A; "),
                *(column.cell(own) for column in columns),
                *(cells.get((own.scenario, name), NOTHING) for name in others),
            ]
            for own in chosen
            if own.controller == OURS
        ]
        ours = [f"{OURS}: {column.head}" for column in columns]
        return _markdown(["", *ours, *others.values()], rows)

    return table


def _name(summary: Summary) -> str:
    if summary.controller == OURS:
        return f"**{OURS}**"
    return f"*{summary.controller}*" if summary.controller in BOUNDS else summary.controller


def _number(value: float | None, digits: int = 0) -> str:
    return NOTHING if value is None else f"{value:,.{digits}f}"


def _percent(share: float | None) -> str:
    return NOTHING if share is None else f"{100 * share:.1f}"


def _optional(summary: Summary, value: Callable[[Outcome], float | None]) -> str:
    """Return the longest of the runs, or in how many it never came."""
    times_s = [value(each) for each in summary.outcomes]
    known_s = [time_s for time_s in times_s if time_s is not None]
    missing = len(times_s) - len(known_s)
    if not known_s:
        return NOTHING
    return f"{max(known_s):.0f}" + (f" (never in {missing} of {len(times_s)})" if missing else "")


def _longest_s(summary: Summary) -> str:
    """Return the longest run over the fuse; who hardly charges has the energy beside it."""
    text = f"{summary.worst(lambda o: o.protection.longest_s):.0f}"
    if summary.energy_share < LITTLE_ENERGY:
        text += f" ({100 * summary.energy_share:.0f} %)"
    return text


def _score(cost: int, head: str) -> Column:
    """Return the column of J at one of the start costs."""
    return Column(head, lambda s: _percent(s.score_share(cost)))


def _commands_a_day(summary: Summary) -> str:
    return NOTHING if summary.commands is None else f"{summary.commands / summary.days:,.0f}"


def _starts(summary: Summary) -> str:
    mean = summary.starts / max(summary.days, len(summary.outcomes))
    return f"{mean:.1f} ({summary.worst(lambda o: o.most_starts):.0f})"


_LONGEST = Column(
    "s over 1 x / 1.25 x",
    lambda s: (
        f"{s.worst(lambda o: o.protection.longest_s):.0f}"
        f" / {s.worst(lambda o: o.protection.longest_far_s):.0f}"
    ),
)
_OVER_DAY = Column("A·s a day", lambda s: _number(s.over_as / s.days))
_OVER_RUN = Column("A·s a run", lambda s: _number(s.over_as / len(s.outcomes)))
_RATIO = Column("x bound", lambda s: _number(s.over_ratio, 2))
_STRESS = Column(
    "MCB / gG",
    lambda s: (
        f"{s.worst(lambda o: o.protection.mcb):.3f} / {s.worst(lambda o: o.protection.fuse):.3f}"
    ),
)
_OWN = Column("own raise, s", lambda s: f"{sum(o.protection.own_raise_s for o in s.outcomes)}")
_ENERGY = Column("kWh a day", lambda s: _number(s.energy_wh / s.days / 1000, 1))
_SHARE = Column("% of best", lambda s: _percent(s.energy_share))
_STARTS = Column("starts (worst)", _starts)
_COMMANDS = Column("commands a day", _commands_a_day)
_POWER = (
    *(_OVER_DAY, _RATIO, _LONGEST, _STRESS, _OWN),
    *(_ENERGY, _SHARE, _STARTS, _COMMANDS),
)
_SHARING = (
    *_POWER,
    Column("Jain", lambda s: f"{s.lowest(lambda o: o.jain):.3f}"),
    Column("starved, min", lambda s: f"{s.worst(lambda o: o.starved_min):.0f}"),
)
_STEP_ROWS = (
    *(_OVER_RUN, _RATIO, _LONGEST, _STRESS, _OWN),
    *(Column("kWh a run", lambda s: _number(s.energy_wh / len(s.outcomes) / 1000, 2)), _SHARE),
    _STARTS,
)
_OTHER_COSTS_WH: Final = [(i, cost) for i, cost in enumerate(START_COSTS_WH) if i != MIDDLE]
_SUN = (
    Column("sun in car, %", lambda s: _percent(s.sun_share)),
    Column("import, kWh a day", lambda s: _number(s.imported_wh / s.days / 1000, 2)),
    _score(MIDDLE, "J, % of best"),
    *(_score(index, f"J at {cost:.0f} Wh") for index, cost in _OTHER_COSTS_WH),
    *(_ENERGY, _STARTS, _COMMANDS, _LONGEST),
)
_SPREAD = (_LONGEST, _RATIO, _OWN)
_FAULT = (
    *(_LONGEST, _STRESS, _OWN),
    Column("at 6 A or less after, s", lambda s: _optional(s, lambda o: o.safe_after_s)),
    Column("alarm after, s", lambda s: _optional(s, lambda o: o.alarm_after_s)),
)
_WORST_S = Column("s", _longest_s)

GOALS_NOTE: Final = """\
Goals for a worst case are held against the worst run of all; goals for a share or a mean against
all days together, with the worst day beside it. Commands a day are those of whole days, not of
recordings of a few hours."""
POWER_NOTE: Final = """\
Seconds and wear are those of the worst run, the rest is of all runs together; starts are those of
a mean day and, in brackets, of the worst one."""
SHARING_NOTE: Final = """\
The best energy is an upper bound here: it knows no minimum and no pause. Jain's index of the energy
is the lowest of all days; starved is the longest time in which one car got nothing while another
did."""
STEPS_NOTE: Final = """\
+40 A, then +9 A under 60 A beside a car at 31.5 A, at random seconds. The others by the seconds of
their longest run over the fuse, in the worst of all runs; in brackets their part of the best energy
where it is below a half."""
TABLE_NOTE: Final = "A car of 16 A that follows every change within 3 s."
FAULTS_NOTE: Final = """\
The same two steps with something broken. Seconds to 6 A and to an alarm count from the first moment
at which the fault can show; the others as above."""
GREEN_NOTE: Final = "J is sun in the car less import less 20 Wh for each start."
HYBRID_NOTE: Final = "J is as in Green, without the import that 6 A force."


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Scenarios that share a table."""

    head: str
    note: str
    prefixes: tuple[str, ...]
    table: Table


_FAMILIES: Final = (
    Family(
        head="Power, one charger",
        note=POWER_NOTE,
        prefixes=("P1", "P2", "P3", "P4", "P6"),
        table=_listed(_POWER),
    ),
    Family(
        head="Power, chargers that share",
        note=SHARING_NOTE,
        prefixes=("P5",),
        table=_listed(_SHARING),
    ),
    Family(
        head="Two steps for every meter and car",
        note=STEPS_NOTE,
        prefixes=("S",),
        table=_crossed(_SPREAD, _WORST_S),
    ),
    Family(
        head="One step under 25 A, and an afternoon of them",
        note=TABLE_NOTE,
        prefixes=("T",),
        table=_listed(_STEP_ROWS),
    ),
    Family(head="Faults", note=FAULTS_NOTE, prefixes=("F",), table=_crossed(_FAULT, _WORST_S)),
    Family(
        head="Green",
        note=GREEN_NOTE,
        prefixes=("G1", "G2", "G3", "G", "LONG"),
        table=_listed(_SUN),
    ),
    Family(head="Hybrid", note=HYBRID_NOTE, prefixes=("H1",), table=_listed(_SUN)),
)
