"""The timers of a decision come true, as far as nothing else changes (promise 7)."""

from collections.abc import Iterator

import pytest

from custom_components.evse_suite.control.answer import Reason, Timer, TimerKind
from custom_components.evse_suite.control.model import (
    ChargerSpec,
    MainsMeterSpec,
    Phase,
    SiteMode,
    SiteSpec,
)
from tests.control.plant import (
    L1,
    VOLTAGE_V,
    Charger,
    Plant,
    constant,
    fuse,
    one_charger,
    stepped,
)

START_S = 1000.0


def spec(key: str = "a", priority: int = 0) -> ChargerSpec:
    return ChargerSpec(key=key, name=key, phases=(L1,), priority=priority)


def pair(limit_a: float, *chargers: Charger) -> Plant:
    """Return a home in which there is not always room for two."""
    site = SiteSpec(
        phases=(L1,),
        voltage_v=VOLTAGE_V,
        meter=MainsMeterSpec(key="m"),
        caps=(fuse(limit_a, L1),),
        chargers=tuple(charger.spec for charger in chargers),
    )
    return Plant(
        spec=site, house=constant(l1=5), chargers=list(chargers), dt_s=0.5, keep_decisions=True
    )


def told(plant: Plant, kind: TimerKind, index: int = 0) -> Iterator[tuple[float, float]]:
    """Yield (time, time when the timer would be over) while a timer of a kind runs."""
    for decision in plant.decisions:
        for timer in decision.chargers[index].timers:
            if timer.kind is kind:
                yield decision.time_s, decision.time_s + timer.remaining_s


def says(plant: Plant, words: str) -> bool:
    """Whether a sentence tells the timer, with its seconds at the end."""
    sentences = [it.chargers[0].sentence for it in plant.decisions]
    return any(words in one and one.endswith((" s.", " min.")) for one in sentences)


def now(plant: Plant, index: int = 0) -> tuple[Timer, ...]:
    assert plant.decision is not None
    return plant.decision.chargers[index].timers


def test_restart_after_a_pause() -> None:
    """LEK-11: the pause ends when the timer does, and it counts down by the second."""
    house = stepped((0, 5), (START_S + 60, 22), (START_S + 120, 5))
    charger = Charger(spec=spec(), device_a=16)
    plant = one_charger(25, house, charger=charger, keep_decisions=True)
    plant.run(220)

    resumed_s = next(time_s for time_s, a in plant.changes(START_S + 120) if a > 0)
    ends_s = [end_s for _, end_s in told(plant, TimerKind.RESTART)]
    assert len(ends_s) > 20
    assert ends_s == pytest.approx([resumed_s] * len(ends_s), abs=1.2)
    assert all(timer.kind is not TimerKind.RESTART for timer in now(plant))


def test_raise_when_the_room_is_sure() -> None:
    """LEK-8: after the oven the current rises when the timer says so."""
    house = stepped((0, 5), (START_S + 60, 15), (START_S + 120, 5))
    charger = Charger(spec=spec(), device_a=16)
    plant = one_charger(32, house, charger=charger, keep_decisions=True)
    plant.run(180)

    raised_s = next(time_s for time_s, _ in plant.changes(START_S + 120))
    last_s = max(end_s for time_s, end_s in told(plant, TimerKind.RAISE) if time_s < raised_s)
    assert raised_s == pytest.approx(last_s, abs=2.5)
    assert raised_s > START_S + 120
    assert says(plant, " of 32 A on L1; may rise in ")


def test_start_and_stop_by_surplus() -> None:
    """LEK-10: with a steady sun and a steady house the forecast is right from the first second."""
    house = stepped((0, 2), (START_S + 60, -8), (START_S + 300, 2))
    plant = one_charger(
        60, house, charger=Charger(spec=spec()), mode=SiteMode.GREEN, keep_decisions=True
    )
    plant.run(500)

    (started_s, _), *_, (stopped_s, current_a) = plant.changes()
    assert current_a == 0
    starts_s = [e for t, e in told(plant, TimerKind.START_BY_SURPLUS) if t < started_s]
    assert starts_s[5:] == pytest.approx([started_s] * len(starts_s[5:]), abs=2.5)
    stops_s = [e for t, e in told(plant, TimerKind.STOP_BY_IMPORT) if t > START_S + 305]
    assert stops_s
    # The last minutes grow dull meanwhile, which brings it forward.
    assert stops_s == pytest.approx([stopped_s] * len(stops_s), abs=8)
    assert says(plant, "it needs 1.4 kW for a while, there is 1.8 kW; may start in ")
    assert says(plant, "; may stop in ")


def test_no_surplus_no_forecast() -> None:
    """LEK-10: at night nothing runs down."""
    plant = one_charger(60, constant(l1=2), charger=Charger(spec=spec()), mode=SiteMode.GREEN)
    plant.run(60)
    assert plant.decision is not None
    assert plant.decision.chargers[0].reason is Reason.WAITING_FOR_SURPLUS
    assert not now(plant)


def test_turns() -> None:
    """SITE-3: who charges and who waits are told the same time, and then they change places."""
    plant = pair(15, Charger(spec=spec("a")), Charger(spec=spec("b"), poll_phase_s=0.3))
    plant.run(1500)

    starts = {key: [t for t, a in plant.changes(key=key) if a > 0] for key in "ab"}
    stops = {key: [t for t, a in plant.changes(key=key) if a == 0] for key in "ab"}
    first, second = sorted("ab", key=lambda key: starts[key][-1])
    changed_s = stops[first][-1]
    assert changed_s < starts[second][-1]
    assert says(plant, "; the turn changes in ")
    for index in (0, 1):
        ends_s = [e for t, e in told(plant, TimerKind.TURN, index) if changed_s - 600 < t]
        before = [e for e in ends_s if e < changed_s + 60]
        assert before
        assert before == pytest.approx([changed_s] * len(before), abs=2.5)


def test_nobody_waits_for_a_turn_of_somebody_more_important() -> None:
    """SITE-3: priority has no end."""
    plant = pair(15, Charger(spec=spec("a", priority=1)), Charger(spec=spec("b"), poll_phase_s=0.3))
    plant.run(300)
    assert not [*told(plant, TimerKind.TURN, 0), *told(plant, TimerKind.TURN, 1)]


def test_a_charger_held_for_disobedience() -> None:
    """SITE-4: it gets another chance after five minutes, and the timer says when."""
    charger = Charger(spec=spec(), device_a=16, obeys=False)
    house = stepped((0, 5), (START_S + 60, 15))
    plant = one_charger(25, house, charger=charger, keep_decisions=True, dt_s=0.5)
    plant.run(200)

    ends_s = [end_s for _, end_s in told(plant, TimerKind.HELD)]
    first_s = next(
        it.time_s for it in plant.decisions if it.chargers[0].reason is Reason.NOT_FOLLOWING
    )
    assert ends_s == pytest.approx([first_s + 300] * len(ends_s), abs=1.0)


def test_rest_after_many_starts() -> None:
    """SITE-6: twelve starts in an hour are enough."""
    charger = Charger(spec=spec(), device_a=16)
    started_s = START_S

    def spiteful(now_s: float) -> dict[Phase, float]:
        """Switch the oven on soon after every start of a charge, and off when it pauses."""
        nonlocal started_s
        if charger.device_a == 0:
            started_s = now_s
        return {L1: 22.0 if now_s - started_s > 20 else 4.0}

    plant = one_charger(25, spiteful, charger=charger, dt_s=0.5, keep_decisions=True)
    plant.run(3000)
    rests = list(told(plant, TimerKind.REST))
    starts_s = [time_s for time_s, a in plant.changes() if a > 0]
    assert len(starts_s) >= 12
    assert rests[0][1] == pytest.approx(starts_s[0] + 3600, abs=1.0)


def test_nothing_runs_while_nothing_is_controlled() -> None:
    """LEK-7."""
    plant = one_charger(25, constant(l1=5), mode=SiteMode.DISABLED).run(30)
    assert now(plant) == ()
