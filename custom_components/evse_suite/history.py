"""The decisions of the last hour, in memory: every change, and how things went between them."""

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from heapq import merge
from typing import Final, cast

from .control.answer import Decision

KEPT_S: Final = 3600.0
SAMPLE_EVERY_S: Final = 10.0
MOST_CHANGES: Final = 240
"""Kept beside the samples: where everything flutters the oldest changes go before their hour."""
MOST_SAMPLES: Final = int(KEPT_S / SAMPLE_EVERY_S)


class History:
    """Bounded in time and in number: about 2 MB for four chargers on three phases."""

    def __init__(self) -> None:
        """Start without a past."""
        self._samples: deque[Decision[None]] = deque(maxlen=MOST_SAMPLES)
        self._changes: deque[Decision[None]] = deque(maxlen=MOST_CHANGES)
        self._essence: object = None

    def add[Memory](self, decision: Decision[Memory]) -> None:
        """Keep a decision if it changes something, or if nothing was kept for a while."""
        essence = _essence(decision)
        changed = essence != self._essence or bool(decision.commands)
        self._essence = essence
        due = not self._samples or self._samples[-1].time_s + SAMPLE_EVERY_S <= decision.time_s
        if changed or due:
            # Without its memory, which would keep the readings of the hour alive as well.
            kept = replace(cast("Decision[None]", decision), memory=None)
            (self._samples if due else self._changes).append(kept)
        for line in (self._samples, self._changes):
            while line and line[0].time_s < decision.time_s - KEPT_S:
                line.popleft()

    def __iter__(self) -> Iterator[Decision[None]]:
        """Yield what is kept, the oldest first."""
        return merge(self._samples, self._changes, key=lambda it: it.time_s)

    def __len__(self) -> int:
        """Return how many decisions are kept."""
        return len(self._samples) + len(self._changes)


def _essence[Memory](decision: Decision[Memory]) -> object:
    """Return what makes a decision another one: figures move all the time."""
    return (
        decision.meter_health,
        decision.overload,
        [(it.target_a, it.reason, it.binding_cap) for it in decision.chargers],
        [(it.kind, it.subject) for it in decision.alarms],
        [(it.phase, it.limit_a, it.binding_cap) for it in decision.phases],
    )
