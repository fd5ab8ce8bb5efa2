"""How long the supply account takes: a year of readings in one go, and one reading.

Absolute times differ between machines; the ratio to a plain reference (a loop that adds up the same
readings' differences, in the same run) can be compared. It is processor time that counts, so that
other work on the machine does not. Run it with ``python -m benchmarks.account``.
"""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
import random
from statistics import median
from time import thread_time

from custom_components.evse_suite.billing.events import Reading, Readings
from custom_components.evse_suite.billing.model import (
    Config,
    Mode,
    Opening,
    Switch,
    Tariff,
    TariffKind,
)
from custom_components.evse_suite.billing.opening import open_account
from custom_components.evse_suite.billing.step import Account, step

MINUTE = timedelta(minutes=1)
YEAR_MINUTES = 365 * 24 * 60
SINGLE = 20_000
"""Readings that are taken one by one: two weeks."""
GOAL_YEAR_S = 3.0
GOAL_READING_US = 50.0
START = datetime(2026, 1, 1, tzinfo=UTC)


def account() -> Account:
    """Return an account with day and night rates, blocks, standing charge and debt."""
    row = tuple(Decimal(price) for price in ("0.30", "0.28", "0.26", "0.24"))
    tariff = Tariff(
        kind=TariffKind.COMBINATION,
        prices=(row,) * 4,
        standing_per_week=Decimal("3.50"),
        switches=(Switch(start=time(0), rate=1), Switch(start=time(7), rate=2)),
        thresholds_wh=(300_000, 600_000, 900_000),
    )
    opening = Opening(at=START, debt=Decimal("200.00"), debt_per_week=Decimal("5.00"))
    return open_account(Config(mode=Mode.CREDIT), tariff, opening)


def readings() -> tuple[Reading, ...]:
    """Return a year of one-minute readings of a home that uses some 4000 kWh."""
    chance = random.Random(1)
    wh, found = 0, []
    for minute in range(1, YEAR_MINUTES + 1):
        wh += chance.randrange(16)
        found.append(Reading(at=START + minute * MINUTE, total_wh=wh))
    return tuple(found)


def reference_s(year: tuple[Reading, ...]) -> float:
    """Return the time of a loop that adds up what each reading added."""
    start = thread_time()
    before = total = 0
    for reading in year:
        total += reading.total_wh - before
        before = reading.total_wh
    return thread_time() - start


def year_s(year: tuple[Reading, ...]) -> float:
    """Return the time of a year in one batch."""
    before = account()
    start = thread_time()
    step(before, Readings(readings=year), year[-1].at)
    return thread_time() - start


def reading_us(year: tuple[Reading, ...]) -> tuple[float, float]:
    """Return the typical time of one reading and that of the slowest in a thousand."""
    now = account()
    times = []
    for reading in year[:SINGLE]:
        start = thread_time()
        now, _ = step(now, Readings(readings=(reading,)), reading.at)
        times.append((thread_time() - start) * 1e6)
    return median(times), sorted(times)[-SINGLE // 1000]


def main() -> None:
    """Print the table."""
    year = readings()
    reference = min(reference_s(year) for _ in range(3))
    batch = min(year_s(year) for _ in range(3))
    typical, slow = reading_us(year)
    print(f"a year of one-minute readings: {batch:.2f} s (goal {GOAL_YEAR_S:.0f} s), ", end="")
    print(f"{batch / reference:.1f} times the plain loop ({reference:.3f} s)")
    print(f"one reading: {typical:.1f} us typical (goal {GOAL_READING_US:.0f} us), ", end="")
    print(f"{slow:.0f} us for the slowest in a thousand, ", end="")
    print(f"{typical / (reference / YEAR_MINUTES * 1e6):.0f} times one turn of the plain loop")


if __name__ == "__main__":
    main()
