"""A site's specification compiled once into indices that a cycle can use without searching.

Every limit becomes rows: one per cap and phase, one per cap on power, one per pair of phases that
must stay balanced. The first rows are the grid connection, one per phase of the site in its order,
each with the tightest of all grid caps (SITE-1). Circuits may lie in circuits to any depth: a
charger knows all rows that it draws on, with the number of its lines on each (SITE-2).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import combinations, permutations
from math import inf

from .model import Cap, CapKind, ChargerSpec, Phase, SiteSpec


class Gauge(StrEnum):
    """What flows through a row's point beside the chargers."""

    PHASE = "phase"
    """The house, on one phase of the grid connection."""
    NOTHING = "nothing"
    """A circuit: what else is behind its breaker is not measured."""
    BRANCH = "branch"
    """The same with a limit on power, whose amperes follow from the voltage."""
    POWER = "power"
    """The house's net power, generators included."""
    BUDGET = "budget"
    """The same, as the mean of a window."""
    COLLAR = "collar"
    """The house on one phase without what the generator delivers (DER-14)."""
    BALANCE = "balance"
    """Nothing; what other chargers certainly draw on another phase adds to the limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One cap on one phase, or on the power of all: its members must stay within ``limit_a``.

    A row of power counts amperes times lines; ``limit_a`` is then at the nominal voltage, and what
    is measured decides (``points``).
    """

    cap: str
    kind: CapKind
    phase: Phase | None
    """None for power."""
    limit_a: float
    limit_w: float | None = None
    gauge: Gauge = Gauge.NOTHING
    chargers: frozenset[str] | None = None
    """Who draws through it, None is everybody."""
    against: Phase | None = None
    """The other phase of a balance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A charger's place in the site."""

    index: int
    spec: ChargerSpec
    lines: tuple[int, ...]
    """Index of the mains phase of each line of the charger."""
    used: tuple[int, ...]
    """The lines that count, by their place in ``lines``: those that its car may draw on."""
    rows: tuple[tuple[int, int], ...]
    """(index of a row, number of the charger's used lines on it), grid rows first."""
    sun_rows: tuple[tuple[int, int], ...]
    """The same with the surplus as one more row, after the last of the layout."""
    width: int
    """Number of mains phases that the used lines are on."""
    parts: Mapping[tuple[int, ...], Seat] = field(default_factory=dict)
    """The same charger with fewer lines in use, by these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The compiled site; ``rows[p]`` is the grid connection on phase ``spec.phases[p]``."""

    spec: SiteSpec
    rows: tuple[Row, ...]
    seats: tuple[Seat, ...]
    plausible_a: float
    """A current beyond this cannot be real: a multiple of the loosest cap of the connection."""
    measured: tuple[int, ...] = ()
    """The rows, beside those of the grid connection, whose room depends on what is measured."""
    sources: tuple[Cap, ...] = ()
    """The caps whose limits somebody else may lower."""
    told: tuple[Cap, ...] = ()
    """These and the caps on power: what a phase's arithmetic does not tell."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What people call the caps that they gave names to, by key."""

    @property
    def grid_rows(self) -> range:
        """Indices of the rows of the grid connection, which are those of the phases as well."""
        return range(len(self.spec.phases))


ABSURD_FACTOR = 20
"""A fuse would be gone in milliseconds at this multiple of its rating."""


def compile_layout(spec: SiteSpec) -> Layout:
    """Compile ``spec``; raises ValueError if a charger is on a phase that the site lacks."""
    grid = [_grid_row(spec, phase) for phase in spec.phases]
    rows = (*grid, *_cap_rows(spec), *_balance_rows(spec))
    ratings_a = [a for cap in spec.caps if cap.chargers is None for a in cap.limit_a.values()]
    return Layout(
        spec=spec,
        rows=rows,
        seats=tuple(
            _seat(spec, index, charger, rows) for index, charger in enumerate(spec.chargers)
        ),
        plausible_a=ABSURD_FACTOR * max([a for a in ratings_a if a < inf], default=inf),
        measured=tuple(
            index for index, row in enumerate(rows) if row.gauge not in (Gauge.PHASE, Gauge.NOTHING)
        ),
        sources=tuple(cap for cap in spec.caps if cap.source is not None),
        told=tuple(cap for cap in spec.caps if cap.source is not None or cap.limit_w is not None),
        names={cap.key: cap.name for cap in spec.caps if cap.name},
    )


def through_grid(spec: SiteSpec, cap: Cap) -> bool:
    """Whether a cap's currents are those of the grid connection as the balancer sees it."""
    collared = cap.kind is CapKind.COLLAR and spec.generator is not None
    return cap.chargers is None and not collared


def _grid_row(spec: SiteSpec, phase: Phase) -> Row:
    """Return the tightest cap on the grid connection's ``phase``; unlimited if there is none."""
    caps = [cap for cap in spec.caps if through_grid(spec, cap) and phase in cap.limit_a]
    tightest = min(caps, key=lambda cap: cap.limit_a[phase], default=None)
    return Row(
        cap=tightest.key if tightest else "",
        kind=tightest.kind if tightest else CapKind.FUSE,
        phase=phase,
        limit_a=tightest.limit_a[phase] if tightest else inf,
        gauge=Gauge.PHASE,
    )


def _cap_rows(spec: SiteSpec) -> list[Row]:
    """Return the rows of circuits, of a collar and of every cap on power."""
    rows = []
    for cap in spec.caps:
        if not through_grid(spec, cap):
            gauge = Gauge.COLLAR if cap.chargers is None else Gauge.NOTHING
            rows += [
                Row(
                    cap=cap.key,
                    kind=cap.kind,
                    phase=phase,
                    limit_a=limit_a,
                    gauge=gauge,
                    chargers=cap.chargers,
                )
                for phase, limit_a in cap.limit_a.items()
            ]
        if cap.limit_w is not None:
            rows.append(_power_row(spec, cap, cap.limit_w))
    return rows


def _power_row(spec: SiteSpec, cap: Cap, limit_w: float) -> Row:
    """Return the row of a cap on power; behind a breaker only the chargers count."""
    gauge = Gauge.BUDGET if cap.kind is CapKind.CAPACITY else Gauge.POWER
    return Row(
        cap=cap.key,
        kind=cap.kind,
        phase=None,
        limit_a=limit_w / spec.voltage_v,
        limit_w=limit_w,
        gauge=gauge if cap.chargers is None else Gauge.BRANCH,
        chargers=cap.chargers,
    )


def _balance_rows(spec: SiteSpec) -> list[Row]:
    """Return a row for every ordered pair of phases: the first may exceed the second by so much."""
    if spec.unbalance_a is None:
        return []
    return [
        Row(
            cap="unbalance",
            kind=CapKind.UNBALANCE,
            phase=phase,
            limit_a=spec.unbalance_a,
            gauge=Gauge.BALANCE,
            against=other,
        )
        for phase, other in permutations(spec.phases, 2)
    ]


def _seat(spec: SiteSpec, index: int, charger: ChargerSpec, rows: tuple[Row, ...]) -> Seat:
    """Find the rows of one charger, with all of its lines and with every part of them."""
    lines = tuple(spec.phases.index(phase) for phase in charger.phases)

    def using(used: tuple[int, ...]) -> Seat:
        phases = [charger.phases[line] for line in used]
        own = _rows(charger.key, phases, rows)
        return Seat(
            index=index,
            spec=charger,
            lines=lines,
            used=used,
            rows=own,
            sun_rows=(*own, (len(rows), len(used))),
            width=len(set(phases)),
        )

    every = tuple(range(len(lines)))
    fewer = [used for count in every[1:] for used in combinations(every, count)]
    return replace(using(every), parts={used: using(used) for used in fewer})


def _rows(key: str, phases: list[Phase], rows: tuple[Row, ...]) -> tuple[tuple[int, int], ...]:
    """Return the rows that a charger loads with lines on these phases."""
    loads = [(index, _load(row, key, phases)) for index, row in enumerate(rows)]
    return tuple([(index, lines) for index, lines in loads if lines > 0])


def _load(row: Row, key: str, phases: list[Phase]) -> int:
    """Return how many of the lines that a charger has on these phases count on a row."""
    if row.chargers is not None and key not in row.chargers:
        return 0
    if row.phase is None:
        return len(phases)
    return phases.count(row.phase) - (phases.count(row.against) if row.against else 0)
