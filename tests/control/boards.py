"""Homes with circuits, limits on power and a generator, as the tests of caps need them."""

from dataclasses import replace

from custom_components.evse_suite.control.answer import Reason
from custom_components.evse_suite.control.model import (
    Cap,
    CapKind,
    ChargerSpec,
    GeneratorSide,
    MainsMeterSpec,
    Phase,
    SiteSpec,
)
from tests.control.plant import (
    L1,
    L2,
    L3,
    TYPICAL,
    VOLTAGE_V,
    Car,
    Charger,
    HouseLoad,
    Plant,
    constant,
    fuse,
)


def charger(
    key: str,
    *phases: Phase,
    maximum_a: int = 32,
    priority: int = 0,
    car: Car = TYPICAL,
    drawn_a: float = 0.0,
) -> Charger:
    spec = ChargerSpec(
        key=key, name=key, phases=phases, maximum_a=maximum_a, priority=priority, settle_s=8
    )
    return Charger(spec=spec, car=car, device_a=int(drawn_a), drawn_a=drawn_a)


def home(
    *chargers: Charger,
    caps: tuple[Cap, ...] = (),
    fuse_a: float = 63.0,
    house: HouseLoad | None = None,
    phases: tuple[Phase, ...] = (L1, L2, L3),
    **changes: float | GeneratorSide,
) -> Plant:
    """Return a home whose meter is a little noisy."""
    spec = SiteSpec(
        phases=phases,
        voltage_v=VOLTAGE_V,
        meter=MainsMeterSpec(key="m"),
        caps=(fuse(fuse_a, *phases), *caps),
        chargers=tuple(one.spec for one in chargers),
    )
    return Plant(
        spec=replace(spec, **changes),  # type: ignore[arg-type]  # each change has its own type
        house=house or constant(**dict.fromkeys(phases, 0.4)),
        chargers=list(chargers),
        noise_a=0.03,
        dt_s=0.2,
        keep_decisions=True,
    )


def told(plant: Plant) -> dict[str, tuple[int | None, Reason, str | None]]:
    """Return target, reason and binding cap of every charger."""
    assert plant.decision is not None
    return {one.key: (one.target_a, one.reason, one.binding_cap) for one in plant.decision.chargers}


def circuit(key: str, limit_a: float, *chargers: str, phases: tuple[Phase, ...] = (L1,)) -> Cap:
    return Cap(
        key=key,
        kind=CapKind.CIRCUIT,
        limit_a=dict.fromkeys(phases, limit_a),
        chargers=frozenset(chargers),
    )


def power(kind: CapKind, limit_w: float, *chargers: str) -> Cap:
    return Cap(
        key=kind.value,
        kind=kind,
        limit_w=limit_w,
        chargers=frozenset(chargers) if chargers else None,
    )
