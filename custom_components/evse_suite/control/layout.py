"""A site's specification compiled once into indices that a cycle can use without searching.

Every limit becomes rows: one row per cap and phase. The first rows are the grid connection, one
per phase of the site in its order, each with the tightest of all grid caps (SITE-1); circuit rows
follow. A charger knows the rows that it draws on, with the number of its lines on each (SITE-2).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from math import inf

from .model import Cap, CapKind, ChargerSpec, Phase, SiteSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One cap on one phase: what its members draw must stay within ``limit_a``."""

    cap: str
    kind: CapKind
    phase: Phase
    limit_a: float


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
    parts: Mapping[tuple[int, ...], Seat] = field(default_factory=dict)
    """The same charger with fewer lines in use, by these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The compiled site; ``rows[p]`` is the grid connection on phase ``spec.phases[p]``."""

    spec: SiteSpec
    rows: tuple[Row, ...]
    seats: tuple[Seat, ...]
    plausible_a: float
    """A current beyond this cannot be real."""

    @property
    def grid_rows(self) -> range:
        """Indices of the rows of the grid connection, which are those of the phases as well."""
        return range(len(self.spec.phases))


ABSURD_FACTOR = 20
"""A fuse would be gone in milliseconds at this multiple of its rating."""


def compile_layout(spec: SiteSpec) -> Layout:
    """Compile ``spec``; raises ValueError if a charger is on a phase that the site lacks."""
    circuits = [
        (cap, Row(cap=cap.key, kind=cap.kind, phase=phase, limit_a=limit_a))
        for cap in spec.caps
        if cap.chargers is not None
        for phase, limit_a in cap.limit_a.items()
    ]
    grid = tuple(_grid_row(spec, phase) for phase in spec.phases)
    seats = tuple(
        _seat(spec, index, charger, circuits) for index, charger in enumerate(spec.chargers)
    )
    finite = [row.limit_a for row in grid if row.limit_a < inf]
    return Layout(
        spec=spec,
        rows=(*grid, *(row for _, row in circuits)),
        seats=seats,
        plausible_a=ABSURD_FACTOR * max(finite, default=inf),
    )


def _grid_row(spec: SiteSpec, phase: Phase) -> Row:
    """Return the tightest cap on the grid connection's ``phase``; unlimited if there is none."""
    caps = [cap for cap in spec.caps if cap.chargers is None and phase in cap.limit_a]
    if not caps:
        return Row(cap="", kind=CapKind.FUSE, phase=phase, limit_a=inf)
    tightest = min(caps, key=lambda cap: cap.limit_a[phase])
    return Row(cap=tightest.key, kind=tightest.kind, phase=phase, limit_a=tightest.limit_a[phase])


def _seat(
    spec: SiteSpec, index: int, charger: ChargerSpec, circuits: list[tuple[Cap, Row]]
) -> Seat:
    """Find the rows of one charger, with all of its lines and with every part of them."""
    lines = tuple(spec.phases.index(phase) for phase in charger.phases)

    def using(used: tuple[int, ...]) -> Seat:
        phases = [charger.phases[line] for line in used]
        return Seat(
            index=index,
            spec=charger,
            lines=lines,
            used=used,
            rows=_rows(spec, charger.key, phases, circuits),
        )

    every = tuple(range(len(lines)))
    fewer = [used for count in every[1:] for used in combinations(every, count)]
    return replace(using(every), parts={used: using(used) for used in fewer})


def _rows(
    spec: SiteSpec, key: str, phases: list[Phase], circuits: list[tuple[Cap, Row]]
) -> tuple[tuple[int, int], ...]:
    """Return the rows that a charger loads with lines on these phases."""
    grid = [
        (index, phases.count(phase)) for index, phase in enumerate(spec.phases) if phase in phases
    ]
    behind = [
        (len(spec.phases) + number, phases.count(row.phase))
        for number, (cap, row) in enumerate(circuits)
        if key in (cap.chargers or ()) and row.phase in phases
    ]
    return (*grid, *behind)
