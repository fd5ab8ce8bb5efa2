"""A plan as it is stored, so that a restart in the night leaves it as it was."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, Final

from ..planning.model import Plan, PlannedSlot, PlanVerdict

INSTANTS: Final = frozenset({"start", "end", "made_at", "ready_by", "ready_at"})


def to_json(plan: Plan) -> dict[str, Any]:
    """Return the stored form; the reasons are left out, the next plan has its own."""
    stored = {key: value for key, value in asdict(plan).items() if key != "reasons"}
    return {
        **{key: _plain(value) for key, value in stored.items()},
        "slots": [
            {key: _plain(value) for key, value in asdict(slot).items()} for slot in plan.slots
        ],
    }


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def from_json(document: object) -> Plan | None:
    """Return a stored plan, None for what is none: it is only a bridge to the next one."""
    try:
        return _plan(document)
    except AttributeError, KeyError, TypeError, ValueError:
        return None


def _plan(document: Any) -> Plan:
    known = _known(Plan, document)
    slots = tuple(_slot(raw) for raw in document["slots"])
    return Plan(**{**known, "verdict": PlanVerdict(document["verdict"]), "slots": slots})


def _slot(document: Any) -> PlannedSlot:
    """Return a slot that can be carried out."""
    slot = PlannedSlot(**_known(PlannedSlot, document))
    if not isinstance(slot.current_a, int) or slot.start.tzinfo is None or slot.end.tzinfo is None:
        raise TypeError(document)
    return slot


def _known(kind: type[Plan | PlannedSlot], document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a kind that are stored, instants as such."""
    names = {it.name for it in fields(kind)}
    return {
        name: datetime.fromisoformat(value) if name in INSTANTS and value is not None else value
        for name, value in document.items()
        if name in names
    }
