"""The last hour of decisions is kept in memory that is bounded whatever happens."""

from collections.abc import Iterator
import dataclasses
from itertools import pairwise
import math
import sys
from typing import Any

import pytest

from custom_components.evse_suite.control.answer import (
    Alarm,
    AlarmKind,
    ChargerDecision,
    Command,
    Decision,
    MeterHealth,
    PhaseDecision,
    Reason,
    Timer,
    TimerKind,
)
from custom_components.evse_suite.control.model import Phase
from custom_components.evse_suite.history import (
    KEPT_S,
    MOST_CHANGES,
    MOST_SAMPLES,
    SAMPLE_EVERY_S,
    History,
)

MEGABYTE = 1_000_000


def decision(
    time_s: float, *, target_a: int = 16, mains_a: float = 20.0, chargers: int = 1, phases: int = 1
) -> Decision[object]:
    """Return a decision with no part that is shared with another one."""
    lines = tuple(Phase)[:phases]
    return Decision(
        time_s=time_s,
        commands=(),
        chargers=tuple(
            ChargerDecision(
                key=f"charger {index}",
                target_a=target_a,
                reason=Reason.FUSE_LIMIT,
                binding_cap="fuse",
                drawn_a=dict.fromkeys(lines, mains_a + index),
                timers=(Timer(kind=TimerKind.RAISE, remaining_s=time_s % 14),),
                sentence=f"{target_a} A of 32 A: the house uses {time_s} of 40 A on L1.",
            )
            for index in range(chargers)
        ),
        phases=tuple(
            PhaseDecision(
                phase=phase,
                mains_a=mains_a + 0.5,
                house_a=mains_a - target_a,
                house_low_a=mains_a - target_a - 1,
                house_high_a=mains_a - target_a + 1,
                headroom_a=40 - mains_a,
                limit_a=40.0,
                binding_cap="fuse",
            )
            for phase in lines
        ),
        meter_health=MeterHealth.OK,
        surplus_w=-mains_a * 230,
        overload=False,
        alarms=(Alarm(kind=AlarmKind.OVERLOAD, subject="l1", since_s=1.0),),
        memory=bytearray(10_000),
    )


def parts(value: object) -> Iterator[object]:
    """Yield a value and what it consists of."""
    yield value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from parts(getattr(value, field.name))
    elif isinstance(value, dict):
        for item in value.values():
            yield from parts(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from parts(item)


def test_quiet_hours_are_sampled() -> None:
    """Promise 7: how it went between the changes, for one hour and not for longer."""
    history = History()
    for second in range(3 * 3600):
        history.add(decision(second, mains_a=20 + math.sin(second)))

    times_s = [kept.time_s for kept in history]
    assert len(times_s) == len(history) == MOST_SAMPLES
    assert times_s[-1] - times_s[0] == KEPT_S - SAMPLE_EVERY_S
    assert {b - a for a, b in pairwise(times_s)} == {SAMPLE_EVERY_S}


@pytest.mark.parametrize(
    "change",
    [
        {"meter_health": MeterHealth.LATE},
        {"overload": True},
        {"alarms": ()},
        {"chargers": decision(0, target_a=10).chargers},
        {"commands": (Command(key="charger 0", current_a=16, reason=Reason.SHARED, urgent=False),)},
        {"phases": ()},
    ],
)
def test_every_change_is_kept_with_its_time(change: dict[str, Any]) -> None:
    """Promise 7: also that between two samples."""
    history = History()
    for second in (0, 1, 2):
        history.add(decision(second))
    history.add(dataclasses.replace(decision(3), **change))
    assert [kept.time_s for kept in history] == [0, 3]
    assert next(iter(reversed(list(history)))).memory is None


def test_a_site_where_everything_flutters() -> None:
    """A change with every decision: bounded in number, and the hour is still covered."""
    history = History()
    for second in range(2 * 3600):
        history.add(decision(second, target_a=6 + second % 2, chargers=4, phases=3))

    kept = list(history)
    assert len(kept) == MOST_SAMPLES + MOST_CHANGES
    assert [it.time_s for it in kept] == sorted(it.time_s for it in kept)
    assert kept[-1].time_s - kept[0].time_s >= KEPT_S - SAMPLE_EVERY_S
    found = {id(part): part for it in kept for part in parts(it)}
    size = sum(sys.getsizeof(part) for part in found.values())
    assert MEGABYTE < size < 3 * MEGABYTE


def test_the_past_of_before_a_pause_is_forgotten() -> None:
    history = History()
    history.add(decision(0))
    history.add(decision(10_000))
    assert [kept.time_s for kept in history] == [10_000]
