"""Every promise put to the test through Home Assistant, and measured on the simulator's truth.

The car does every change within 3 s; promises are stated for such a car.
"""

from collections.abc import Callable, Sequence

from .check_neighbours import check_cottage, check_workshop
from .check_plans import check_boost, check_plan, check_session
from .homes import CAR, CHARGER, KETTLE, MAINS, OVEN, SHOWER
from .measure import CAR_A, MAINS_W, Bench, Row, Truth
from .server import own_log_records
from .stage import Stage
from .waiting import wait_until

SAFE_A = 6
MINIMUM_A = 6
FULL_A = 31
NOTHING_A = 0.1
TOLERANCE_A = 0.3
SLIGHT_W = 50
"""What a meter and a whole number of amperes may be wrong by."""
SUN_W = 4600
SUN_A = 17
"""What the sun gives the car at least, the house taken off and whole amperes counted."""
KETTLE_A = 10
SAFE_WITHIN_S = 15
CAR_OVER_S = 5.5
"""Up to 1 s in the meter, 1 s until it is asked, 3 s in the car, and the network between them."""


async def check(stage: Stage, say: Callable[[str], None]) -> bool:
    """Put every promise to the test, print the table, and return whether all are kept."""
    bench = Bench(stage, say)
    for part in PARTS:
        await part(bench)
    print(_table(bench.rows))
    return all(row.ok for row in bench.rows)


async def _green(bench: Bench) -> None:
    """Try Green: the sun only (LEK-10)."""
    await bench.sun(0)
    await bench.plug(CAR, on=False)
    await bench.shows("Car unplugged", CHARGER, "status", "available", within_s=15)
    await bench.set_mode("green")
    await bench.plug(CAR, on=True)
    await bench.shows("Car plugged in", CHARGER, "binary_sensor.connected", "on", within_s=15)
    await bench.stays("Green without sun", CAR_A, NOTHING_A, for_s=8)
    await bench.sun(SUN_W)
    await bench.flows("Green in the sun", f"car above {SUN_A} A", _follows_sun, within_s=60)
    await bench.stays("… imports nothing", MAINS_W, SLIGHT_W, for_s=4)


async def _hybrid(bench: Bench) -> None:
    """Try Hybrid, the sun and the minimum without it (LEK-9), and then Green without sun."""
    await bench.set_mode("hybrid")
    await bench.stays("Hybrid in the sun", MAINS_W, SLIGHT_W, for_s=4)
    await bench.sun(0)
    await bench.flows("Hybrid without sun", "car at the minimum", _is_minimum, within_s=15)
    await bench.stays("… stays there", CAR_A, MINIMUM_A + TOLERANCE_A, for_s=4)
    await bench.set_mode("green")
    await bench.turn(KETTLE, on=True)
    await bench.flows("Green when the sun has gone", "car stops", _is_off, within_s=60)
    await bench.turn(KETTLE, on=False)


async def _power(bench: Bench) -> None:
    """Try Power: all that charger, car and fuse allow (LEK-8)."""
    await bench.set_mode("power")
    await bench.flows("Power", "car at full power", _is_full, within_s=60)


async def _meter(bench: Bench) -> None:
    """Let the mains meter fall silent and come back (SITE-5)."""
    fault = f"/device/{MAINS.key}/fault"
    await bench.stage.simulation.tell(fault, silent=True)
    await bench.flows("Meter silent", f"car at its safe {SAFE_A} A", _is_safe, SAFE_WITHIN_S)
    await bench.shows("… said by an entity", None, "meter_health", "silent", within_s=5)
    await bench.shows("… said by the reason", CHARGER, "reason", "meter_silent", within_s=5)
    await bench.repair("… said by a repair", "meter_silent", within_s=40, there=True)
    await bench.stage.simulation.tell(fault, silent=False)
    await bench.flows("Meter back", "car at full power", _is_full, within_s=60)
    await bench.repair("… and no repair", "meter_silent", within_s=30, there=False)


async def _charger(bench: Bench) -> None:
    """Let the charger hang and come back (SITE-5)."""
    fault = f"/device/{CHARGER.key}/fault"
    await bench.stage.simulation.tell(fault, hang=True)
    await bench.shows("Charger hangs", CHARGER, "status", "unavailable", within_s=30)
    await bench.shows("… said by the reason", CHARGER, "reason", "charger_silent", within_s=15)
    await bench.set_mode("hybrid")
    await bench.stage.simulation.tell(fault, hang=False)
    await bench.flows("Charger back", "Hybrid, set meanwhile, is done", _is_minimum, within_s=30)


async def _disabled(bench: Bench) -> None:
    """Try Disabled: nothing is sent, everything is shown (LEK-7)."""
    mains = bench.stage.entities.find(None, "mains_current_l1")
    await bench.set_mode("disabled")
    await wait_until(
        lambda: bench.stage.ha.state(mains),
        lambda state: float(state) < KETTLE_A,
        within_s=15,
    )
    await bench.turn(KETTLE, on=True)
    await bench.expect(
        "Disabled shows the kettle",
        f"mains above {MINIMUM_A + KETTLE_A} A",
        lambda: bench.stage.ha.state(mains),
        lambda state: float(state) > MINIMUM_A + KETTLE_A,
        within_s=15,
        tell=lambda state: f"{state} A",
    )
    await bench.sun(SUN_W)
    await bench.stays("… and sends nothing", CAR_A, MINIMUM_A + TOLERANCE_A, for_s=8)
    await bench.sun(0)
    await bench.turn(KETTLE, on=False)
    await bench.set_mode("power")
    await bench.flows("Power again", "car at full power", _is_full, within_s=60)


async def _household(bench: Bench) -> None:
    """Turn on more than the fuse bears while the car charges (SITE-4)."""
    await bench.stage.simulation.tell("/reset")
    await bench.turn(KETTLE, SHOWER, OVEN, on=True)
    await bench.flows("Kettle, shower and oven at once", "car pauses", _is_off, within_s=15)
    await _judge(bench, "… the car's part above the fuse")
    await bench.turn(KETTLE, SHOWER, OVEN, on=False)
    await bench.flows("All off again", "car at full power", _is_full, within_s=120)
    await _judge(bench, "… the same until then")


async def _judge(bench: Bench, what: str) -> None:
    truth = await bench.truth()
    bench.note(
        what,
        f"{CAR_OVER_S} s at most, breaker holds",
        f"{truth.cars_over_s:.1f} s, {truth.cars_over_a_s:.0f} A·s, "
        f"{truth.stress:.1%} of what it bears",
        ok=truth.cars_over_s <= CAR_OVER_S and truth.stress < 1,
    )


async def _log(bench: Bench) -> None:
    """Look for what should not be in the log; each silence above is said there once."""
    records = own_log_records(bench.stage.server)
    expected = [f"] {device.name} does not answer as it should" for device in (MAINS, CHARGER)]
    strange = [record for record in records if not any(text in record for text in expected)]
    said = [sum(text in record for record in records) for text in expected]
    bench.note(
        "Log of Home Assistant",
        "the two silences, once each",
        f"{len(records)} records, {len(strange)} others",
        ok=not strange and said == [1, 1],
    )
    for record in strange:
        print(record)


async def _stop(bench: Bench) -> None:
    """End Home Assistant while the car charges (SITE-5)."""
    bench.stage.server.child.process.terminate()
    await bench.flows("Home Assistant ends", f"car at its safe {SAFE_A} A", _is_safe, within_s=15)


def _follows_sun(truth: Truth) -> bool:
    return truth.car_a > SUN_A


def _is_full(truth: Truth) -> bool:
    return truth.car_a > FULL_A


def _is_minimum(truth: Truth) -> bool:
    return abs(truth.car_a - MINIMUM_A) < TOLERANCE_A


def _is_safe(truth: Truth) -> bool:
    return abs(truth.car_a - SAFE_A) < TOLERANCE_A


def _is_off(truth: Truth) -> bool:
    return truth.car_a < NOTHING_A


PARTS = (
    *(_green, _hybrid, _power, _meter, _charger, _disabled, _household),
    *(check_plan, check_boost, check_session, check_workshop, check_cottage),
    *(_log, _stop),
)


def _table(rows: Sequence[Row]) -> str:
    cells = [("", "promised", "measured", "")]
    cells += [(row.what, row.promised, row.measured, "ok" if row.ok else "MISS") for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(4)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]
    return "\n".join(["", lines[0], "-" * max(map(len, lines)), *lines[1:], ""])
