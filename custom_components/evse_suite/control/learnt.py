"""What the balancer has learnt of a home, in a form that outlives a restart.

Learnt values are durations, currents, shares and counts, never instants: the monotonic axis of
``control`` starts anew with every life of the process. A group is a frozen dataclass whose fields
say in their annotation what can be true of them::

    delay_s: Annotated[float | None, Within(least=0, most=60)] = None
    usual_w: Annotated[tuple[float, ...], Within(least=0, most=50_000, longest=24)] = ()

A field may also be a plain ``bool`` or another group. What is read from a file is believed only as
far as it is within these bounds; a field that is missing or absurd starts anew, alone.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

LATEST_S: Final = 130.0
"""A charger that has not followed for so long is not just late."""
VERSION: Final = 1
"""Of the stored form: raised when a field changes its meaning; a new field needs no new version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """What can be true of a learnt number, or of each number of a series."""

    least: float
    most: float
    longest: int = 0
    """Most numbers that a series may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LearntCharger:
    """What was learnt of one charger and the cars at it."""

    shown_late_s: Annotated[float, Within(least=0, most=LATEST_S)] = 0.0
    """So long after a change it still says that it offers the old current."""
    drawn_late_s: Annotated[float, Within(least=0, most=LATEST_S)] = 0.0
    """So long after a change its readings still show the old draw."""
    start_late_s: Annotated[float, Within(least=0, most=LATEST_S)] = 0.0
    """So long after it was told to start they show no draw."""
    shortfall_a: Annotated[float, Within(least=0, most=1.5)] = 0.0
    """By this much its cars draw less than they are offered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LearntSite:
    """What was learnt of the house, its sun and its mains meter."""

    grid_wh: Annotated[float, Within(least=0, most=900)] = 450.0
    """Used of the day's allowance of grid energy in Green; half of it while nothing is known."""
    clamp_faults: Annotated[tuple[int, ...], Within(least=0, most=4, longest=3)] = ()
    """Per phase what is wrong with the mains meter's clamp, in the numbers of ``evidence``."""
    clamp_shares: Annotated[tuple[float, ...], Within(least=-10, most=10, longest=3)] = ()
    """Per phase what it shows of what the chargers draw."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """All that was learnt; chargers by their keys."""

    site: LearntSite = field(default_factory=LearntSite)
    chargers: Mapping[str, LearntCharger] = field(default_factory=dict)


def to_json(learnt: Learnt) -> dict[str, Any]:
    """Return the stored form of what was learnt."""
    return {
        "site": asdict(learnt.site),
        "chargers": {key: asdict(charger) for key, charger in learnt.chargers.items()},
    }


def from_json(document: object) -> tuple[Learnt, tuple[str, ...]]:
    """Return what was learnt, and the names of the fields that cannot be true and start anew."""
    refused: list[str] = []
    parts = _parts(document, "all", refused)
    learnt = Learnt(
        site=_group(LearntSite, parts.get("site"), "site", refused),
        chargers={
            key: _group(LearntCharger, part, key, refused)
            for key, part in _parts(parts.get("chargers"), "chargers", refused).items()
        },
    )
    return learnt, tuple(refused)


def _parts(document: object, name: str, refused: list[str]) -> Mapping[str, object]:
    if isinstance(document, Mapping):
        return document
    if document is not None:
        refused.append(name)
    return {}


def _group[T](kind: type[T], document: object, name: str, refused: list[str]) -> T:
    """Read one group; fields that this version does not know are dropped without a word."""
    stored = _parts(document, name, refused)
    known: dict[str, object] = {}
    for key, hint in get_type_hints(kind, include_extras=True).items():
        raw = stored.get(key)
        path = f"{name}.{key}"
        if raw is None:
            continue
        if is_dataclass(hint) and isinstance(hint, type):
            known[key] = _group(hint, raw, path, refused)
        elif (value := _value(hint, raw)) is not None:
            known[key] = value
        else:
            refused.append(path)
    return kind(**known)


def _value(hint: Any, raw: object) -> object:
    """Return a stored value in the type of its field, None if it cannot be true."""
    if hint is bool:
        return raw if isinstance(raw, bool) else None
    kind, within = get_args(hint)
    if get_origin(kind) is not tuple:
        return _number(kind, within, raw)
    if not isinstance(raw, list | tuple) or len(raw) > within.longest:
        return None
    numbers = tuple(_number(get_args(kind)[0], within, item) for item in raw)
    return None if None in numbers else numbers


def _number(kind: Any, within: Within, raw: object) -> float | None:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return None
    if not within.least <= raw <= within.most:
        # That is no number (NaN) as well.
        return None
    whole = float not in (kind, *get_args(kind))
    if whole:
        return raw if isinstance(raw, int) else None
    return float(raw)
