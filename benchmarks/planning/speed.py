"""How long a plan takes: 48 hours of quarters of an hour, four chargers, sun and a shared cap."""

from datetime import UTC, datetime, timedelta
from math import pi, sin
from random import Random
from statistics import median
from time import process_time
from typing import Final

from custom_components.evse_suite.planning.model import Job, Outlook, PowerSlot, PriceSlot
from custom_components.evse_suite.planning.plan import plan

QUARTERS: Final = 192
QUARTER: Final = timedelta(minutes=15)
ROUNDS: Final = 20
NOW: Final = datetime(2026, 6, 20, 15, 7, tzinfo=UTC)


def outlook(random: Random, cap_w: float | None) -> Outlook:
    """Return two days of summer."""
    times = [NOW.replace(minute=0) + index * QUARTER for index in range(QUARTERS + 1)]
    hours = [at.hour + at.minute / 60 for at in times]
    return Outlook(
        now=NOW,
        prices=tuple(
            PriceSlot(
                start=at,
                end=at + QUARTER,
                price_per_kwh=0.2 + 0.08 * sin(pi * (hour - 2) / 6) + random.gauss(0, 0.015),
            )
            for at, hour in zip(times, hours, strict=True)
        ),
        feed_in_per_kwh=0.08,
        sun=tuple(
            PowerSlot(
                start=at,
                end=at + QUARTER,
                power_w=max(0.0, 7000 * sin(pi * (hour - 6) / 14) * random.uniform(0.6, 1)),
            )
            for at, hour in zip(times, hours, strict=True)
        ),
        house=tuple(
            PowerSlot(start=at, end=at + QUARTER, power_w=random.uniform(400, 800)) for at in times
        ),
        cap_w=cap_w,
    )


def jobs(random: Random) -> list[Job]:
    """Return four chargers, two of them with three phases."""
    return [
        Job(
            key=str(number),
            name=str(number),
            minimum_a=6,
            maximum_a=16,
            lines=3 if number % 2 else 1,
            voltage_v=230.0,
            needed_wh=random.uniform(5000, 40000),
            ready_by=NOW + timedelta(hours=random.choice((16, 40, 47))),
        )
        for number in range(4)
    ]


def timing() -> str:
    """Return the times of a plan, in processor time on this machine."""
    lines = []
    for name, count, cap_w in (
        ("one charger", 1, None),
        ("four chargers, room for all", 4, None),
        ("four chargers, a shared cap of 17 kW", 4, 17_000.0),
    ):
        times_ms = []
        for seed in range(ROUNDS):
            random = Random(seed)
            world, cars = outlook(random, cap_w), jobs(random)[:count]
            begin = process_time()
            plan(cars, world, {})
            times_ms.append(1000 * (process_time() - begin))
        lines.append(f"| {name} | {median(times_ms):.0f} ms | {max(times_ms):.0f} ms |")
    head = "| a plan for 48 h of 15 minutes, with sun | median | longest |\n| --- | ---: | ---: |"
    return "\n".join(["### Time\n", head, *lines, ""])
