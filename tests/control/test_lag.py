"""How late a charger shows what it was told is learnt, and nobody hides behind it (promise 3)."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.evse_suite.control.answer import AlarmKind, Reason
from custom_components.evse_suite.control.follow import REFUSED_FOR_S, change
from custom_components.evse_suite.control.lag import falls_silent_s, pursue, tuned
from custom_components.evse_suite.control.learnt import LATEST_S, Learnt, LearntCharger
from custom_components.evse_suite.control.memory import ChargerMemory, Draw, Memory, Offer
from custom_components.evse_suite.control.model import (
    ChargerActivity,
    ChargerSample,
    ChargerSpec,
)
from tests.control.plant import L1, TYPICAL, Car, Charger, Plant, one_charger, stepped

SPEC = ChargerSpec(key="a", name="A", phases=(L1,), maximum_a=32)
AT_ONCE = Car(dead_s=0.0, up_a_per_s=1e3, down_a_per_s=1e3, start_s=0.0)
STEP_S = 1300.0
LATE = LearntCharger(shown_late_s=30.0)


def home(
    before_a: float, after_a: float, *, period_s: float = 1.0, limit_a: float = 32, **charger: Any
) -> Plant:
    """Return a home whose house steps once; what is known of the charger is the preset."""
    known: dict[str, Any] = {
        "spec": SPEC,
        "car": AT_ONCE,
        "poll_s": 1.0,
        "honest": False,
        "latency_s": 0.5,
    }
    return one_charger(
        limit_a,
        stepped((0, before_a), (STEP_S, after_a)),
        charger=Charger(**known | charger),
        period_s=period_s,
        dt_s=0.5,
        noise_a=0.02,
        keep_decisions=True,
    )


def learnt(plant: Plant) -> LearntCharger:
    return plant.memory.chargers[0].learnt


def alarms(plant: Plant) -> set[AlarmKind]:
    return {alarm.kind for decision in plant.decisions for alarm in decision.alarms}


@pytest.mark.parametrize("tells", [True, False])
@pytest.mark.parametrize("age_s", [10.0, 30.0])
def test_old_readings_that_look_fresh_do_not_make_it_swing(age_s: float, tells: bool) -> None:
    """One that does not tell its limit may mislead once; then it is known."""
    plant = home(21.5, 9.5, age_s=age_s, tells=tells).run(STEP_S - 1000)
    plant.run(600)
    at_first = plant.changes(STEP_S)
    assert len(at_first) <= (1 if tells else 8)
    assert plant.chargers[0].device_a == 22
    assert age_s - 1.5 <= max(learnt(plant).shown_late_s, learnt(plant).drawn_late_s) <= age_s + 1
    assert plant.over_s() == 0

    plant.house = stepped((0, 20.5), (plant.now_s + 60, 9.5))
    before_s = plant.now_s
    plant.run(400)
    assert next(a for _, a in plant.changes(before_s)) == 11
    assert [a for _, a in plant.changes(before_s + 60)] == [22]
    assert plant.over_s() <= 2
    assert not alarms(plant) - {AlarmKind.OVERLOAD}


def test_nor_do_they_before_anything_is_learnt() -> None:
    """Found in mid charge: what the mains rises by after a raise is the car's, not the house's."""
    plant = home(21.5, 9.5, age_s=10.0, device_a=10)
    plant.chargers[0].drawn_a = 10.0
    plant.now_s = STEP_S - 60
    plant.__post_init__()
    plant.run(60 + 120)
    assert [a for _, a in plant.changes()] == [22]
    assert plant.over_s() == 0


def test_what_was_learnt_counts_after_a_restart() -> None:
    """The first cut of the new life is followed 30 s later, and nobody is accused of anything."""

    def cut(known: LearntCharger) -> Plant:
        plant = home(3.5, 15.5, latency_s=30.0, device_a=28, limit_a=32)
        plant.chargers[0].drawn_a = 28.0
        plant.memory = Memory.recalling(plant.spec, Learnt(chargers={"a": known}))
        plant.now_s = STEP_S - 60
        plant.__post_init__()
        return plant.run(300)

    ignorant, wise = cut(LearntCharger()), cut(LATE)
    assert [a for _, a in wise.changes()] == [16]
    assert AlarmKind.NOT_FOLLOWING not in alarms(wise)
    assert wise.over_s() <= 32
    assert 0 in [a for _, a in ignorant.changes()]


def test_who_is_slow_is_not_held_like_one_who_disobeys() -> None:
    """The pause is over as soon as it turns out that it is slow."""
    plant = home(3.5, 15.5, latency_s=31.0, device_a=28)
    plant.chargers[0].drawn_a = 28.0
    plant.now_s = STEP_S - 60
    plant.__post_init__()
    plant.run(60 + 200)
    changes = plant.changes()
    assert [a for _, a in changes] == [16, 0, 16]
    assert changes[-1][0] - changes[-2][0] < REFUSED_FOR_S / 2
    assert learnt(plant).shown_late_s == pytest.approx(31, abs=1.5)
    assert plant.chargers[0].drawn_a == 16


@pytest.mark.parametrize("known", [LearntCharger(), LATE])
def test_who_ignores_is_found_whatever_was_learnt(known: LearntCharger) -> None:
    """A charger that stopped obeying is not just late: within what it needs, and three answers."""
    plant = home(3.5, 15.5, device_a=28)
    charger = plant.chargers[0]
    charger.drawn_a = 28.0
    plant.memory = Memory.recalling(plant.spec, Learnt(chargers={"a": known}))
    plant.now_s = STEP_S - 60
    plant.__post_init__()
    plant.run(59)
    charger.obeys = False
    settle_s = tuned(SPEC, known).settle_s
    plant.run(2 * settle_s + 10)
    assert plant.decision is not None
    assert plant.decision.chargers[0].reason is Reason.NOT_FOLLOWING
    assert AlarmKind.NOT_FOLLOWING in alarms(plant)

    # It hears again, at once: that it was deaf for so long says nothing about how late it is.
    plant.run(60)
    charger.obeys = True
    plant.run(60)
    assert charger.drawn_a == 0
    assert learnt(plant).shown_late_s <= known.shown_late_s
    assert plant.decision.chargers[0].reason is Reason.NOT_FOLLOWING


def test_a_cut_that_was_seen_is_not_made_again_on_the_same_reading() -> None:
    """The charger is read every second, the mains every fifteen."""
    plant = home(3.5, 15.5, period_s=15.0, limit_a=32)
    plant.run(STEP_S + 200 - 1000)
    assert [a for _, a in plant.changes(STEP_S)] == [16]


def test_a_usual_charger_teaches_nothing_that_counts() -> None:
    """Promise 1: nothing is slower for it than its description says."""
    plant = home(3.5, 15.5, car=TYPICAL, honest=True, poll_s=2.0, latency_s=0.3).run(500)
    assert tuned(SPEC, learnt(plant)) is SPEC


@pytest.mark.parametrize("poll_s", [30.0, 60.0])
def test_rare_readings_are_no_silence(poll_s: float) -> None:
    """Promise 2: who answers in a rhythm is waited for, until it misses a beat."""
    plant = home(21.5, 9.5, poll_s=poll_s, honest=True).run(STEP_S - 1000)
    plant.run(4 * poll_s + 60)
    assert plant.chargers[0].device_a == 22
    assert plant.over_s() == 0

    plant.chargers[0].silent = True
    plant.run(2 * poll_s)
    assert plant.decision is not None
    assert plant.decision.chargers[0].reason is Reason.CHARGER_SILENT


def draws(*times_s: float) -> tuple[Draw, ...]:
    return tuple(Draw(time_s=time_s, drawn_a=(0.0,)) for time_s in times_s)


@pytest.mark.parametrize(
    ("times_s", "age_s"),
    [
        ((), 15),
        ((0, 60, 120, 180), 15),
        ((0, 60, 120, 180, 240), 90),
        ((0, 40, 100, 160, 220), 60),
        ((0, 2, 62, 122, 182), 15),
        ((0, 300, 600, 900, 1200), 90),
    ],
)
def test_only_a_rhythm_is_waited_for(times_s: tuple[float, ...], age_s: float) -> None:
    """Promise 2."""
    assert falls_silent_s(SPEC, draws(*times_s)) == age_s


def told(time_s: float, offered_a: int, drawn_a: float) -> ChargerSample:
    return ChargerSample(
        time_s=time_s,
        activity=ChargerActivity.CHARGING,
        drawn_a=(drawn_a,),
        offered_a=offered_a,
    )


def taught(offer: Offer, *samples: ChargerSample, failed: bool = False) -> LearntCharger:
    """Return what these readings teach after a change."""
    memory = ChargerMemory(offer=offer)
    for sample in samples:
        pursuit, known = pursue(memory, sample, failed=failed)
        memory = replace(memory, pursuit=pursuit, learnt=known)
    return memory.learnt


CUT = Offer(current_a=10, changed_s=100, sent_s=100, from_a=20.0, until_s=108, told_a=20)
RAISE = replace(CUT, current_a=20, from_a=10.0, told_a=10, rising=True)
START = replace(RAISE, from_a=0.0, told_a=0)


@pytest.mark.parametrize(
    ("offer", "samples", "shown_s", "drawn_s", "start_s"),
    [
        (CUT, [told(105, 20, 20), told(107, 10, 20), told(112, 10, 11)], 5, 7, 0),
        (CUT, [told(105, 20, 20), told(107, 15, 14), told(112, 10, 11)], 7, 5, 0),
        (RAISE, [told(105, 10, 10), told(107, 20, 10), told(112, 20, 19)], 5, 7, 0),
        (START, [told(105, 0, 0), told(107, 20, 0), told(130, 20, 0), told(140, 20, 9)], 5, 0, 30),
        # Readings from before, rare readings and what never comes prove nothing.
        (CUT, [told(99, 20, 20), told(160, 10, 10)], 0, 0, 0),
        (CUT, [told(101 + LATEST_S, 20, 20), told(102 + LATEST_S, 10, 10)], 0, 0, 0),
        # A car that does not take what it is offered need not follow a raise.
        (replace(RAISE, from_a=5.0), [told(105, 20, 5), told(180, 20, 15)], 0, 0, 0),
        # Nor does a step that is too small to tell.
        (replace(CUT, current_a=19), [told(105, 19, 20), told(130, 19, 15)], 0, 0, 0),
        # It was found like this; it was told by nobody.
        (replace(CUT, until_s=-float("inf")), [told(105, 20, 20), told(107, 10, 10)], 0, 0, 0),
        (replace(CUT, unsent=True), [told(105, 20, 20), told(107, 10, 10)], 0, 0, 0),
    ],
)  # fmt: skip
def test_the_newest_reading_that_does_not_show_it_is_the_proof(
    offer: Offer, samples: list[ChargerSample], shown_s: float, drawn_s: float, start_s: float
) -> None:
    expected = LearntCharger(shown_late_s=shown_s, drawn_late_s=drawn_s, start_late_s=start_s)
    assert taught(offer, *samples) == expected
    assert taught(offer, *samples, failed=True) == LearntCharger()


def test_a_pause_that_ends_the_draw_says_nothing_about_the_cut_before_it() -> None:
    """The contactor that a charger opens at zero is no late obedience of the car."""
    pursuit, known = pursue(ChargerMemory(offer=CUT), told(118, 10, 20), failed=False)
    held = replace(CUT, current_a=0, changed_s=118, sent_s=118, told_a=10, refused_s=118)
    memory = ChargerMemory(offer=held, pursuit=pursuit, learnt=known)
    for sample in (told(123, 0, 20), told(124, 0, 20), told(125, 0, 0), told(126, 0, 0)):
        pursuit, known = pursue(memory, sample, failed=False)
        memory = replace(memory, pursuit=pursuit, learnt=known)
    assert tuned(SPEC, memory.learnt) is SPEC


def test_who_ignored_a_cut_and_follows_the_next_one_was_not_late() -> None:
    """SITE-5: or nobody would notice for long when it does not obey again."""
    pursuit, known = pursue(ChargerMemory(offer=CUT), told(130, 20, 20), failed=False)
    again = replace(CUT, current_a=8, changed_s=158, sent_s=158)
    memory = ChargerMemory(offer=again, pursuit=pursuit, learnt=known)
    for sample in (told(159, 20, 20), told(160, 8, 20), told(162, 8, 8)):
        pursuit, known = pursue(memory, sample, failed=False)
        memory = replace(memory, pursuit=pursuit, learnt=known)
    assert tuned(SPEC, memory.learnt) is SPEC


def test_settle_times_grow_and_never_shrink_below_the_description() -> None:
    assert tuned(SPEC, LearntCharger(shown_late_s=1.0, start_late_s=20.0)) is SPEC
    late = tuned(SPEC, LearntCharger(shown_late_s=20.0))
    assert (late.settle_s, late.start_settle_s) == (31.0, 63.0)
    slow = tuned(SPEC, LearntCharger(drawn_late_s=20.0))
    assert (slow.settle_s, slow.start_settle_s) == (27.0, 59.0)
    sleepy = tuned(SPEC, LearntCharger(start_late_s=80.0))
    assert (sleepy.settle_s, sleepy.start_settle_s) == (8.0, 102.0)


def test_a_raise_is_not_found_in_what_was_drawn_before_a_cut() -> None:
    """The readings still tell of 28 A when 6 A were offered long ago and 16 A are offered now."""
    cut = Offer(current_a=6, changed_s=0, sent_s=0, told_a=6)
    raised = change(cut, 16, SPEC, 100, drawn_a=28, flying=False)
    pursuit, known = ChargerMemory().pursuit, LearntCharger()
    for sample in (told(101, 6, 28), told(110, 6, 28), told(120, 16, 6), told(150, 16, 6)):
        memory = ChargerMemory(offer=raised, pursuit=pursuit, learnt=known)
        pursuit, known = pursue(memory, sample, failed=False)
    assert known.drawn_late_s == 0
    memory = ChargerMemory(offer=raised, pursuit=pursuit, learnt=known)
    _, known = pursue(memory, told(151, 16, 16), failed=False)
    assert (known.shown_late_s, known.drawn_late_s) == (10, 50)


def test_lateness_fades_with_the_changes_that_are_not_late() -> None:
    late = LearntCharger(shown_late_s=40.0)
    memory = ChargerMemory(offer=CUT, learnt=late)
    for _ in range(8):
        for sample in (told(101, 20, 20), told(102, 10, 10)):
            pursuit, known = pursue(memory, sample, failed=False)
            memory = replace(memory, pursuit=pursuit, learnt=known)
        memory = replace(memory, pursuit=ChargerMemory().pursuit)
    assert 10 < memory.learnt.shown_late_s < 16
