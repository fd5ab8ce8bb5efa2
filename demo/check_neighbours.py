"""Two more sites beside the home: a charger that dials in, and devices made of entities."""

from .configuration import Lever
from .homes import COTTAGE, HEATING, SAW, WORKSHOP
from .measure import Bench, Truth

WORKSHOP_FULL_A = 15
COTTAGE_FULL_A = 30


async def check_workshop(bench: Bench) -> None:
    """Balance a charger that dials in over OCPP (LEK-14, SITE-4)."""
    bench = bench.at(WORKSHOP)
    await _balance(bench, "OCPP", full_a=WORKSHOP_FULL_A, lever=SAW, at_most_a=10)


async def check_cottage(bench: Bench) -> None:
    """Balance a charger and a meter that are entities of Home Assistant (SITE-8, SITE-4)."""
    await _balance(
        bench.at(COTTAGE), "Entities", full_a=COTTAGE_FULL_A, lever=HEATING, at_most_a=21
    )


async def _balance(
    bench: Bench, what: str, *, full_a: float, lever: Lever, at_most_a: float
) -> None:
    """Switch on what leaves the car less room, and off again."""

    def is_full(truth: Truth) -> bool:
        return truth.car_a > full_a

    def yields(truth: Truth) -> bool:
        return truth.car_a < at_most_a

    await bench.flows(f"{what}: Power", f"car above {full_a} A", is_full, within_s=180)
    await bench.scene.simulation.tell("/reset")
    await bench.turn(lever, on=True)
    await bench.flows(
        f"{what}: {lever.name.lower()} on", f"car below {at_most_a} A", yields, within_s=30
    )
    await bench.turn(lever, on=False)
    await bench.flows(f"{what}: off again", f"car above {full_a} A", is_full, within_s=240)
    truth = await bench.truth()
    bench.note(
        "… the car's part above the fuse",
        "breaker holds",
        f"{truth.cars_over_s:.1f} s, {truth.stress:.1%} of what it bears",
        ok=truth.stress < 1,
    )
