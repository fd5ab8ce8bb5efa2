"""Runs the house for hours, in the time that computing them takes, and reports."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
import gc
import logging
import os
from pathlib import Path
import random
import time
from typing import Final, override
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.helpers import event
from homeassistant.util import dt as dt_util
from simulator.lapse import time_leaps
from tests.endurance.house import CHARGERS, HardHouse, hard_house
from tests.endurance.judge import STEP_S, Judge
from tests.endurance.trouble import Life, Troubles

CHECK_EVERY_S: Final = 3600.0
WARM_UP_H: Final = 4
"""What is kept of the past is full by then."""
GROWTH: Final = 0.05
"""So much more may be in memory at the end than after the warm-up."""


@dataclass(slots=True)
class Report:
    """What was measured."""

    judge: Judge
    hours: float
    errors: list[str]
    took_s: float = 0.0
    objects: list[int] = field(default_factory=list)
    """In the whole process, hour by hour."""
    resident_mb: list[float] = field(default_factory=list)
    energy_kwh: dict[str, float] = field(default_factory=dict)

    @property
    def broken(self) -> list[str]:
        """Every promise that was broken, in words."""
        found = [*self.judge.broken, *(f"in the log: {it}" for it in self.errors)]
        if len(self.objects) > WARM_UP_H + 1:
            before, after = self.objects[WARM_UP_H], self.objects[-1]
            if after > before * (1 + GROWTH):
                found.append(f"memory grows: {before} objects, then {after}")
        found += [
            f"{it} has hardly charged" for it, kwh in self.energy_kwh.items() if kwh < self.hours
        ]
        return found


class Errors(logging.Handler):
    """Collects every error in the log, whoever wrote it."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name}: {record.getMessage()}")


@contextmanager
def wall_follows(loop: asyncio.AbstractEventLoop) -> Generator[None]:
    """Have the clock on the wall go as the loop's does."""
    ahead_s = time.time() - loop.time()

    def now_s() -> float:
        return ahead_s + loop.time()

    def utcnow() -> datetime:
        return datetime.fromtimestamp(now_s(), UTC)

    with (
        patch.object(time, "time", now_s),
        patch.object(dt_util, "utcnow", utcnow),
        patch.object(event, "time_tracker_utcnow", utcnow),
        patch.object(event, "time_tracker_timestamp", now_s),
    ):
        yield


async def endure(hass: HomeAssistant, hours: float, seed: int) -> Report:
    """Let the house live for ``hours`` with troubles that follow from ``seed``."""
    loop = asyncio.get_running_loop()
    errors = Errors()
    logging.getLogger().addHandler(errors)
    begun_s = time.perf_counter()
    try:
        with time_leaps(loop), wall_follows(loop):
            async with hard_house(hass, STEP_S) as house:
                report = await _live(house, hours, seed)
    finally:
        logging.getLogger().removeHandler(errors)
    report.errors += errors.lines
    report.took_s = time.perf_counter() - begun_s
    return report


async def _live(house: HardHouse, hours: float, seed: int) -> Report:
    chance = random.Random(seed)
    troubles, life = Troubles(house, chance), Life(house, chance)
    report = Report(judge=Judge(house, troubles), hours=hours, errors=[])
    loop = asyncio.get_running_loop()
    begun_s = loop.time()
    for number in range(1, int(hours * 3600 / STEP_S) + 1):
        now_s = number * STEP_S
        await asyncio.sleep(begun_s + now_s - loop.time())
        troubles.step(now_s)
        life.step(now_s)
        house.step(STEP_S)
        report.judge.step(now_s)
        if number % int(CHECK_EVERY_S / STEP_S) == 0:
            gc.collect()
            report.objects.append(len(gc.get_objects()))
            report.resident_mb.append(resident_mb())
    report.energy_kwh = {it: house.car_at(it).charged_wh / 1000 for it in CHARGERS}
    return report


def resident_mb() -> float:
    """Return how much memory this process holds."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
