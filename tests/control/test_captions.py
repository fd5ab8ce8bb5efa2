"""What limits say of themselves, in figures and words (promise 7, SITE-1)."""

from math import inf

import pytest

from custom_components.evse_suite.control.answer import CapDecision
from custom_components.evse_suite.control.captions import limit_text, owner_text
from custom_components.evse_suite.control.estimate import Estimate
from custom_components.evse_suite.control.layout import Layout, compile_layout
from custom_components.evse_suite.control.memory import House
from custom_components.evse_suite.control.model import (
    Cap,
    CapKind,
    ChargerSpec,
    GeneratorSide,
    LimitSource,
    MainsMeterSpec,
    SiteSpec,
)
from tests.control.plant import L1, L2, fuse


def house(surplus_w: float) -> Estimate:
    seen = House(
        time_s=0.0,
        grid_a=(0.0, 0.0),
        grid_w=0.0,
        low_a=(0.0, 0.0),
        high_a=(0.0, 0.0),
        surplus_w=surplus_w,
        surplus_low_w=surplus_w,
        surplus_high_w=surplus_w,
    )
    return Estimate(
        low_a=(0.0, 0.0),
        high_a=(0.0, 0.0),
        window=(seen,),
        newest_w=0.0,
        newest_low_w=0.0,
        newest_high_w=0.0,
        voltage_v=230.0,
    )


def site(*caps: Cap, unbalance_a: float | None = None) -> Layout:
    return compile_layout(
        SiteSpec(
            phases=(L1, L2),
            voltage_v=230.0,
            meter=MainsMeterSpec(key="m"),
            caps=caps,
            chargers=(ChargerSpec(key="a", name="A", phases=(L1, L2)),),
            unbalance_a=unbalance_a,
            generator=GeneratorSide.LOAD,
        )
    )


def in_force(
    key: str, kind: CapKind, *, limit_w: float | None = None, dimmed: bool = False
) -> CapDecision:
    return CapDecision(
        key=key, kind=kind, limit_a=None, limit_w=limit_w, power_w=None, dimmed=dimmed
    )


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (CapKind.FUSE, "the fuse allows 25.5 A on L2"),
        (CapKind.METER_RANGE, "the range of the mains meter allows 25.5 A on L2"),
        (CapKind.LOAD_LIMIT, "the load limit of the meter allows 25.5 A on L2"),
        (CapKind.CONTRACT, "the contract allows 25.5 A on L2"),
        (CapKind.EXTERNAL, "the limit from outside allows 25.5 A on L2"),
        (CapKind.CIRCUIT, "key allows 25.5 A on L2"),
    ],
)
def test_a_limit_without_a_name_is_called_by_its_kind(kind: CapKind, said: str) -> None:
    layout = site(Cap(key="key", kind=kind, limit_a={L1: 30.0, L2: 25.5}))
    assert limit_text(layout, layout.rows[1], house(-500.0), ()) == said


def test_what_people_call_it_goes_before_its_kind() -> None:
    named = Cap(
        key="sub", kind=CapKind.CIRCUIT, limit_a={L1: 16.0}, chargers=frozenset("a"), name="Barn"
    )
    layout = site(fuse(40, L1, L2), named)
    assert limit_text(layout, layout.rows[2], None, ()) == "Barn allows 16 A on L1"


@pytest.mark.parametrize(
    ("surplus_w", "said"),
    [
        (-1260.0, ", the house uses 1.3 kW"),
        (0.0, ", the house uses 0.0 kW"),
        (49.0, ", the house uses 0.0 kW"),
        (50.0, ", the house gives 0.1 kW"),
        (2340.0, ", the house gives 2.3 kW"),
    ],
)
def test_a_limit_on_power_says_what_the_house_leaves_of_it(surplus_w: float, said: str) -> None:
    layout = site(Cap(key="contract", kind=CapKind.CONTRACT, limit_w=4600.0))
    row = layout.rows[2]
    text = limit_text(layout, row, house(surplus_w), ())
    assert text == "the contract allows 4.6 kW" + said
    assert limit_text(layout, row, None, ()) == "the contract allows 4.6 kW"


def test_behind_a_breaker_the_house_is_not_told_of() -> None:
    cap = Cap(key="sub", kind=CapKind.CIRCUIT, limit_w=4600.0, chargers=frozenset("a"), name="Barn")
    layout = site(cap)
    assert limit_text(layout, layout.rows[2], house(-900.0), ()) == "Barn allows 4.6 kW"


def test_a_window_says_what_the_rest_of_it_bears() -> None:
    layout = site(Cap(key="tariff", kind=CapKind.CAPACITY, limit_w=5000.0))
    told = (
        in_force("other", CapKind.CONTRACT, limit_w=9000.0),
        in_force("tariff", CapKind.CAPACITY, limit_w=3200.0),
    )
    assert limit_text(layout, layout.rows[2], house(-700.0), told) == (
        "the capacity tariff bears 3.2 kW in the rest of the quarter of an hour, "
        "the house uses 0.7 kW"
    )


@pytest.mark.parametrize(("limit_w", "said"), [(4200.0, "4.2"), (inf, "6.0"), (None, "6.0")])
def test_a_limit_from_outside_says_what_is_in_force_and_whether_it_is_believed(
    limit_w: float | None, said: str
) -> None:
    source = LimitSource(dimmed=4200.0)
    layout = site(Cap(key="grid", kind=CapKind.EXTERNAL, limit_w=6000.0, source=source))
    for dimmed, doubt in ((False, ""), (True, ", as its source cannot be believed")):
        told = (in_force("grid", CapKind.EXTERNAL, limit_w=limit_w, dimmed=dimmed),)
        text = limit_text(layout, layout.rows[2], None, told)
        assert text == f"the limit from outside allows {said} kW{doubt}"


def test_the_balance_says_which_phase_may_carry_more() -> None:
    layout = site(fuse(40, L1, L2), unbalance_a=20.0)
    texts = [limit_text(layout, row, None, ()) for row in layout.rows[2:]]
    assert texts == ["L1 may carry 20 A more than L2", "L2 may carry 20 A more than L1"]


def test_the_owner_of_a_limit_of_the_connection_is_named_where_it_is_not_the_fuse() -> None:
    layout = site(fuse(40, L1, L2), Cap(key="c", kind=CapKind.METER_RANGE, limit_a={L2: 30.0}))
    assert owner_text(layout, layout.rows[0], ()) == ""
    assert owner_text(layout, layout.rows[1], ()) == ", as far as the clamps can measure"
    source = LimitSource(dimmed=10.0)
    named = Cap(key="o", kind=CapKind.EXTERNAL, limit_a={L1: 20.0}, source=source, name="the grid")
    layout = site(named)
    assert owner_text(layout, layout.rows[0], ()) == ", the limit of the grid"
    told = (in_force("o", CapKind.EXTERNAL, dimmed=True),)
    assert owner_text(layout, layout.rows[0], told) == (
        ", the limit of the grid, as its source cannot be believed"
    )
