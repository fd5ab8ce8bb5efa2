"""What one charger may draw and may be offered, by what it says and by what is known of it.

Promises 2 and 3: a reading counts while it can be true and is not too old; what was told and what
flows are two values.
"""

from dataclasses import replace
from math import inf, nan

import pytest

from custom_components.evse_suite.control.layout import compile_layout
from custom_components.evse_suite.control.memory import ChargerMemory, Draw, Offer
from custom_components.evse_suite.control.model import (
    ChargerActivity,
    ChargerSample,
    ChargerSpec,
    ChargerState,
    Intent,
    MainsMeterSpec,
    MainsSample,
    SiteMode,
    SiteSpec,
    SiteState,
    Wish,
)
from custom_components.evse_suite.control.view import DRAWS, View, look
from tests.control.plant import L1, L2, L3, fuse

NOW_S = 1000.0
SPEC = ChargerSpec(
    key="a", name="A", phases=(L1, L2, L3), maximum_a=32, settle_s=8.0, silent_after_s=15.0
)
OFFER = Offer(current_a=10, changed_s=900.0, sent_s=990.0, restarts=0, told_a=10)
SAMPLE = ChargerSample(
    time_s=NOW_S,
    activity=ChargerActivity.CHARGING,
    drawn_a=(9.0, 9.5, 9.0),
    offered_a=10,
)


def seen(
    sample: ChargerSample | None = SAMPLE,
    *,
    offer: Offer = OFFER,
    draws: tuple[Draw, ...] = (),
    mode: SiteMode = SiteMode.POWER,
    wish: Wish | None = None,
    failed: bool = False,
    told: bool = True,
    mains_s: float | None = None,
    spec: ChargerSpec = SPEC,
) -> View:
    layout = compile_layout(
        SiteSpec(
            phases=(L1, L2, L3),
            voltage_v=230.0,
            meter=MainsMeterSpec(key="m"),
            caps=(fuse(40, L1, L2, L3),),
            chargers=(spec,),
        )
    )
    one = ChargerState(key="a", sample=sample, last_command_failed=failed)
    none = dict.fromkeys((L1, L2, L3), 0.0)
    mains = None
    if mains_s is not None:
        mains = MainsSample(time_s=mains_s, current_a=none, power_w=none, voltage_v=none)
    state = SiteState(
        mode=mode,
        mains=mains,
        chargers=(one,) if told else (),
        wishes={} if wish is None else {"a": wish},
    )
    return look(layout, (ChargerMemory(offer=offer, draws=draws),), state, NOW_S)[0]


def test_a_charger_that_does_as_it_is_told() -> None:
    view = seen()
    assert (view.offered_a, view.held_a, view.drawn_a) == (10, 10, 9.5)
    assert (view.counted_a, view.feared_a, view.excess_a) == (10.0, 10.0, 0.0)
    assert view.connected
    assert not any([view.silent, view.flying, view.failed, view.ignores, view.stuck])
    assert view.ceiling_a == 32
    assert view.draws == (Draw(time_s=NOW_S, drawn_a=(9.0, 9.5, 9.0)),)


@pytest.mark.parametrize(
    ("sample", "usable"),
    [
        (replace(SAMPLE, time_s=NOW_S + 1.0), True),
        (replace(SAMPLE, time_s=NOW_S + 1.1), False),
        (replace(SAMPLE, drawn_a=(1.0, nan, 1.0)), False),
        (replace(SAMPLE, drawn_a=(1.0, inf, 1.0)), False),
        (replace(SAMPLE, drawn_a=(1.0, -inf, 1.0)), False),
        (None, False),
    ],
)
def test_a_sample_that_cannot_be_true_is_none(
    sample: ChargerSample | None, *, usable: bool
) -> None:
    view = seen(sample, draws=(Draw(time_s=990.0, drawn_a=(4.0, 7.0, 5.0)),))
    assert (view.sample is sample) is (usable or sample is None)
    assert view.silent is not usable
    assert view.connected is usable
    if not usable:
        # The last that is known of it, and the most that it may do meanwhile.
        assert view.drawn_a == 7.0
        assert (view.held_a, view.counted_a, view.feared_a) == (0, 10.0, 32.0)
        assert view.ceiling_a == 0
        assert len(view.draws) == 1


@pytest.mark.parametrize(("age_s", "silent"), [(15.0, False), (15.1, True)])
def test_a_sample_is_too_old_after_its_time(age_s: float, *, silent: bool) -> None:
    view = seen(replace(SAMPLE, time_s=NOW_S - age_s))
    assert view.silent is silent
    # It still counts as connected; it may be offered no more than it was.
    assert view.connected
    assert view.ceiling_a == (10 if silent else 32)


def test_who_answers_in_a_slow_rhythm_is_silent_later() -> None:
    draws = tuple(Draw(time_s=NOW_S - 40 * n, drawn_a=(0.0,) * 3) for n in range(6, 0, -1))
    for age_s, silent in ((59.9, False), (60.1, True)):
        old = replace(SAMPLE, time_s=NOW_S - age_s)
        known = tuple(replace(it, time_s=it.time_s - age_s) for it in draws)
        assert seen(old, draws=known).silent is silent


@pytest.mark.parametrize(
    ("offer", "sample", "counted_a"),
    [
        # Never heard of before: what it says, or else all that it can.
        (Offer(), SAMPLE, 10.0),
        (Offer(), replace(SAMPLE, offered_a=None), 32.0),
        # It says more than it was told.
        (OFFER, replace(SAMPLE, offered_a=16), 16.0),
        (replace(OFFER, told_a=None), replace(SAMPLE, offered_a=None), 10.0),
        # It draws more than it was told.
        (OFFER, replace(SAMPLE, drawn_a=(20.0, 0.0, 0.0)), 20.0),
        # A command is on its way: the higher of both.
        (
            replace(OFFER, changed_s=998.0, until_s=1010.0, low_a=9.0, high_a=25.0),
            replace(SAMPLE, time_s=999.0, drawn_a=(25.0, 25.0, 25.0), offered_a=25),
            25.0,
        ),
    ],
)
def test_a_charger_counts_at_the_most_that_it_may_draw(
    offer: Offer, sample: ChargerSample, counted_a: float
) -> None:
    assert seen(sample, offer=offer).counted_a == counted_a


def test_a_charger_never_heard_is_feared_for_a_while_and_then_part_of_the_house() -> None:
    assert seen(None, told=False, offer=Offer()).feared_a == 32.0
    gone = Offer(unheard_s=NOW_S - 300.1)
    assert seen(None, told=False, offer=gone).feared_a == 0.0
    waits = Offer(unheard_s=NOW_S - 299.9)
    assert seen(None, told=False, offer=waits).feared_a == 32.0
    # One that was heard counts on at what it was told.
    known = replace(OFFER, unheard_s=NOW_S - 300.1)
    assert seen(None, offer=known).feared_a == 10.0
    assert seen(None, offer=known).counted_a == 10.0


def test_without_a_car_nothing_is_held_and_what_flows_all_the_same_is_excess() -> None:
    free = replace(SAMPLE, activity=ChargerActivity.DISCONNECTED, drawn_a=(0.0,) * 3)
    view = seen(free)
    assert (view.held_a, view.counted_a, view.excess_a, view.connected) == (0, 0.0, 0.0, False)
    flows = seen(replace(free, drawn_a=(5.0, 4.0, 4.0)))
    assert (flows.counted_a, flows.excess_a) == (5.0, 5.0)
    # It says that it would allow more than it was told, to whatever comes.
    assert seen(replace(free, offered_a=16)).counted_a == 16.0


@pytest.mark.parametrize(
    ("changed_s", "excess_a"),
    [(992.0, 6.0), (992.1, 0.0)],
)
def test_what_is_drawn_beyond_the_offer_is_excess_once_there_was_time(
    changed_s: float, excess_a: float
) -> None:
    more = replace(SAMPLE, drawn_a=(16.0, 16.0, 16.0))
    assert seen(more, offer=replace(OFFER, changed_s=changed_s)).excess_a == excess_a


def test_one_that_says_more_than_it_was_told_has_the_excess_already() -> None:
    assert seen(replace(SAMPLE, offered_a=16)).excess_a == 6.0


def test_a_disabled_site_tells_nothing_and_counts_what_flows() -> None:
    # LEK-7: whatever planning wishes.
    view = seen(mode=SiteMode.DISABLED, wish=Wish(mode=SiteMode.POWER))
    assert view.mode is SiteMode.DISABLED
    assert (view.offered_a, view.offer.current_a) == (0, None)
    assert view.excess_a == 9.5
    assert not view.stuck
    assert seen(mode=SiteMode.GREEN, wish=Wish(mode=SiteMode.POWER)).mode is SiteMode.POWER
    assert seen(mode=SiteMode.GREEN).mode is SiteMode.GREEN


@pytest.mark.parametrize(
    ("limit_a", "wished_a", "ceiling_a"),
    [
        (None, None, 32),
        (20, None, 20),
        (None, 16, 16),
        (20, 16, 16),
        (16, 20, 16),
        (40, 40, 32),
        (6, None, 6),
        (5, None, 0),
        (None, 5, 0),
        (0, 32, 0),
    ],
)
def test_the_tightest_of_installer_user_and_planning_is_the_ceiling(
    limit_a: int | None, wished_a: int | None, ceiling_a: int
) -> None:
    # LEK-4, LEK-5; promise 4: below the minimum is nothing.
    wish = Wish(mode=SiteMode.POWER, ceiling_a=wished_a, why=Intent.PLAN)
    view = seen(replace(SAMPLE, limit_a=limit_a), wish=wish)
    assert view.ceiling_a == ceiling_a
    assert view.wish is wish


def test_one_that_is_held_at_zero_may_have_nothing() -> None:
    # It would have to draw no more than it was told for five minutes.
    held = replace(OFFER, current_a=0, refused_s=NOW_S - 10)
    assert seen(offer=held).ceiling_a == 0


@pytest.mark.parametrize(("silent", "failed"), [(True, False), (False, True), (True, True)])
def test_who_cannot_be_told_is_stuck_if_it_may_draw_more(silent: bool, failed: bool) -> None:
    more = replace(SAMPLE, time_s=NOW_S - 60 if silent else NOW_S, drawn_a=(16.0, 16.0, 16.0))
    assert seen(more, failed=failed).stuck
    less = replace(more, drawn_a=(9.0, 9.0, 9.0))
    assert not seen(less, failed=failed, offer=replace(OFFER, until_s=-inf)).stuck


def test_samples_are_kept_in_the_order_of_the_lines_without_holes() -> None:
    assert seen(replace(SAMPLE, drawn_a=(-0.2, 5.0))).draws[-1].drawn_a == (0.0, 5.0, 0.0)
    assert seen(replace(SAMPLE, drawn_a=(1.0, 2.0, 3.0, 4.0))).draws[-1].drawn_a == (1.0, 2.0, 3.0)
    before = (Draw(time_s=999.0, drawn_a=(1.0, 1.0, 1.0)), Draw(time_s=NOW_S, drawn_a=(2.0,) * 3))
    assert seen(draws=before).draws is before
    # Fast ones replace each other.
    fast = (Draw(time_s=999.7, drawn_a=(1.0,) * 3), Draw(time_s=999.9, drawn_a=(2.0,) * 3))
    assert [it.time_s for it in seen(draws=fast).draws] == [999.7, NOW_S]
    slow = (Draw(time_s=999.5, drawn_a=(1.0,) * 3), Draw(time_s=999.9, drawn_a=(2.0,) * 3))
    assert [it.time_s for it in seen(draws=slow).draws] == [999.5, 999.9, NOW_S]


def test_the_ring_reaches_back_to_the_mains_reading() -> None:
    draws = tuple(Draw(time_s=NOW_S - n, drawn_a=(1.0,) * 3) for n in range(DRAWS, 0, -1))
    oldest_s = NOW_S - DRAWS
    recent = [it.time_s for it in seen(draws=draws, mains_s=NOW_S).draws]
    assert recent == [NOW_S - n for n in range(DRAWS - 1, -1, -1)]
    # An old reading of the mains is still waiting for what was drawn then.
    kept = [it.time_s for it in seen(draws=draws, mains_s=oldest_s + 2.0).draws]
    assert kept == [oldest_s, *[NOW_S - n for n in range(DRAWS - 2, -1, -1)]]
    assert len(kept) == DRAWS
