"""Every decision explains itself with figures that hold at that moment (promise 7)."""

from custom_components.evse_suite.control.decide import decide
from custom_components.evse_suite.control.memory import Memory
from custom_components.evse_suite.control.model import (
    Cap,
    CapKind,
    ChargerActivity,
    ChargerSample,
    ChargerSpec,
    ChargerState,
    MainsMeterSpec,
    MainsSample,
    Phase,
    SiteMode,
    SiteSpec,
    SiteState,
)

SPEC = SiteSpec(
    phases=(Phase.L1,),
    voltage_v=230.0,
    meter=MainsMeterSpec(key="mains"),
    caps=(Cap(key="fuse", kind=CapKind.FUSE, limit_a={Phase.L1: 60.0}),),
    chargers=(ChargerSpec(key="garage", name="Garage", phases=(Phase.L1,)),),
)


def state(time_s: float, mains_a: float, drawn_a: float, offered_a: int) -> SiteState:
    """Return what a meter and a charger tell at the same time."""
    return SiteState(
        mode=SiteMode.POWER,
        mains=MainsSample(
            time_s=time_s,
            current_a={Phase.L1: mains_a},
            power_w={Phase.L1: mains_a * 230},
            voltage_v={Phase.L1: 230.0},
        ),
        chargers=(
            ChargerState(
                key="garage",
                sample=ChargerSample(
                    time_s=time_s,
                    activity=ChargerActivity.CHARGING,
                    drawn_a=(drawn_a,),
                    offered_a=offered_a,
                ),
            ),
        ),
    )


def test_a_cut_names_what_the_fuse_carries_and_then_what_the_house_uses() -> None:
    """SITE-1: at the cut only the mains is sure; once the car has followed, the house is."""
    memory = Memory.initial()
    for second in range(20):
        memory = decide(SPEC, state(second, 30.0, 32.0, 32), memory, float(second)).memory
    cut = decide(SPEC, state(20, 76.0, 32.0, 32), memory, 20.0)
    target_a = cut.chargers[0].target_a
    assert target_a == 16
    assert cut.chargers[0].sentence == "16 A of 32 A: L1 carries 76 of 60 A."
    memory = cut.memory
    for second in range(21, 40):
        told = decide(SPEC, state(second, 60.0, 16.0, target_a), memory, float(second))
        memory = told.memory
    assert told.chargers[0].sentence == "16 A of 32 A: the house uses 44 of 60 A on L1."
