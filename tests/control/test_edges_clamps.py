"""What a comparison of chargers and mains proves, to the second and the ampere (IND-9)."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from custom_components.evse_suite.control.answer import AlarmKind
from custom_components.evse_suite.control.clamps import compare
from custom_components.evse_suite.control.evidence import ClampMemory, Fault
from custom_components.evse_suite.control.memory import Reading
from custom_components.evse_suite.control.model import ChargerSpec, MainsMeterSpec, Phase, SiteSpec
from tests.control.plant import L1, L2

V = 230.0
RING = 20
"""Readings of the mains that are kept."""


@dataclass
class Bench:
    """Mains and chargers without anything between them, one reading a second."""

    share: float = 1.0
    """What the clamp of L1 shows of the chargers' current there."""
    reactive: float = 0.0
    """Part of the house's current on L1 that carries no power."""
    leaks: float = 0.0
    """What L2 shows of the chargers' current on L1."""
    house_a: Callable[[float], float] = lambda _: 5.0
    phases: tuple[Phase, ...] = (L1, L2)
    now_s: float = 1000.0
    drawn_a: float = 0.0
    ring: list[Reading] = field(default_factory=list)
    memory: ClampMemory = field(default_factory=ClampMemory)

    @property
    def spec(self) -> SiteSpec:
        charger = ChargerSpec(key="a", name="A", phases=(L1,))
        meter = MainsMeterSpec(key="m")
        return SiteSpec(phases=self.phases, voltage_v=V, meter=meter, caps=(), chargers=(charger,))

    def passes(self, seconds: int) -> Bench:
        """Read the mains every second and the charger every other."""
        for _ in range(seconds):
            self.now_s += 1
            house_a = self.house_a(self.now_s)
            active_a = (
                house_a * (1 - self.reactive) + self.share * self.drawn_a,
                1.0 + self.leaks * self.drawn_a,
            )
            current_a = (house_a + self.share * self.drawn_a, active_a[1])
            self.ring.append(
                Reading(
                    time_s=self.now_s,
                    current_a=current_a,
                    active_a=active_a,
                    power_w=V * sum(active_a),
                    voltage_v=(V, V),
                )
            )
            if self.now_s % 2 == 0:
                self.memory = compare(
                    self.memory,
                    self.ring[-RING:],
                    self.spec,
                    draws_a=(self.drawn_a, 0.0),
                    draws_s=self.now_s,
                )
        return self

    def steps(self, to_a: float, *, asked: bool = True) -> Bench:
        """Let the charger draw something else, and wait until that was compared."""
        if asked:
            self.memory = replace(self.memory, tried_s=self.now_s)
        self.drawn_a = to_a
        return self.passes(20)

    @property
    def fault(self) -> Fault | None:
        """What is known to be wrong with L1."""
        return self.memory.faults[0] if self.memory.faults else None

    @property
    def found(self) -> list[tuple[float, float]]:
        """(change of the chargers, share of it in the mains) of every comparison of L1."""
        steps = self.memory.steps[0] if self.memory.steps else ()
        return [(round(step.drawn_a, 6), round(step.share, 6)) for step in steps]


def settled(**changes: float | Callable[[float], float]) -> Bench:
    return Bench(**changes).passes(40)  # type: ignore[arg-type]  # each change has its own type


@pytest.mark.parametrize(("drawn_a", "compared"), [(2.5, True), (2.4, False)])
def test_a_change_has_to_be_large_enough_to_be_compared(drawn_a: float, *, compared: bool) -> None:
    assert settled().steps(drawn_a).found == ([(drawn_a, 1.0)] if compared else [])


def test_each_comparison_begins_where_the_one_before_ended() -> None:
    bench = settled(share=0.95).steps(16.0).steps(6.0).steps(32.0)
    assert bench.found == [(16.0, 0.95), (-10.0, 0.95), (26.0, 0.95)]
    # Only so many are kept.
    assert bench.steps(6.0).steps(16.0).found == [
        (-10.0, 0.95), (26.0, 0.95), (-26.0, 0.95), (10.0, 0.95),
    ]  # fmt: skip
    assert bench.fault is None


@pytest.mark.parametrize(
    ("share", "kind"),
    [
        (-1.0, AlarmKind.METER_REVERSED),
        (-0.3, AlarmKind.METER_REVERSED),
        (-0.2, AlarmKind.METER_SCALED),
        (-0.26, AlarmKind.METER_REVERSED),
        (-0.24, AlarmKind.METER_SCALED),
        (-0.16, AlarmKind.METER_SCALED),
        (-0.14, AlarmKind.METER_BLIND),
        (0.0, AlarmKind.METER_BLIND),
        (0.14, AlarmKind.METER_BLIND),
        (0.16, AlarmKind.METER_SCALED),
        (0.2, AlarmKind.METER_SCALED),
        (0.5, AlarmKind.METER_SCALED),
        (2.0, AlarmKind.METER_SCALED),
    ],
)
def test_two_comparisons_that_agree_name_what_is_wrong(share: float, kind: AlarmKind) -> None:
    bench = settled(share=share).steps(8.0)
    assert bench.fault is None
    fault = bench.steps(0.0).fault
    assert fault is not None
    assert fault.kind is kind
    assert fault.share == pytest.approx(share, abs=1e-6)
    assert bench.memory.faults[1] is None


def test_what_flows_on_another_phase_instead_is_told_as_that() -> None:
    fault = settled(share=0.0, leaks=1.0).steps(8.0).steps(0.0).fault
    assert fault is not None
    assert fault.kind is AlarmKind.WRONG_PHASE
    # A quarter off is still the same current; more is something else.
    for leaks, kind in ((0.76, AlarmKind.WRONG_PHASE), (0.7, AlarmKind.METER_BLIND)):
        other = settled(share=0.0, leaks=leaks).steps(8.0).steps(0.0).fault
        assert other is not None
        assert other.kind is kind


@pytest.mark.parametrize(("drawn_a", "alone"), [(10.0, True), (9.9, False)])
def test_a_great_fall_with_a_start_is_proof_alone(drawn_a: float, *, alone: bool) -> None:
    # No house switches off twice such a current at the very moment of a start.
    bench = settled(share=-1.0).steps(drawn_a, asked=False)
    assert (bench.fault is not None) is alone
    assert settled(share=-0.79).steps(drawn_a, asked=False).fault is None


def test_changes_that_nobody_made_to_compare_prove_nothing_of_two() -> None:
    bench = settled(share=0.5)
    for current_a in (8.0, 0.0, 8.0, 0.0):
        bench.steps(current_a, asked=False)
    assert bench.fault is None
    assert len(bench.found) == 4
    assert bench.steps(8.0).fault is not None


def test_a_trial_counts_for_a_minute_and_for_one_comparison() -> None:
    asked = settled(share=0.5).steps(8.0).steps(0.0, asked=False)
    assert [step.asked for step in asked.memory.steps[0]] == [True, False]
    for waited_s, counts in ((58, False), (48, True)):
        late = settled(share=0.5)
        late.memory = replace(late.memory, tried_s=late.now_s)
        late.passes(waited_s).steps(8.0, asked=False)
        assert late.memory.steps[0][0].asked is counts


@pytest.mark.parametrize(("share", "wrong"), [(0.9, True), (0.93, False), (1.1, True)])
def test_a_tenth_takes_three_great_changes(share: float, *, wrong: bool) -> None:
    bench = settled(share=share).steps(16.0).steps(0.0)
    assert bench.fault is None
    fault = bench.steps(16.0).fault
    assert (fault is not None) is wrong
    if fault is not None:
        assert fault.kind is AlarmKind.METER_SCALED
    # Of small ones a cloud may have been the cause.
    assert settled(share=share).steps(9.0).steps(0.0).steps(9.0).fault is None


def test_comparisons_that_do_not_agree_prove_nothing() -> None:
    bench = settled(share=0.5).steps(16.0, asked=False).steps(0.0, asked=False)
    bench.share = 0.2
    bench.steps(16.0)
    assert [share for _, share in bench.found] == [0.5, 0.5, 0.2]
    assert bench.fault is None
    fault = bench.steps(0.0).fault
    assert fault is not None
    assert fault.share == pytest.approx(0.2)


def test_the_greater_change_counts_more() -> None:
    bench = settled(share=0.5).steps(16.0)
    bench.share = 0.52
    bench.passes(20).steps(12.0)
    fault = bench.fault
    assert fault is not None
    assert fault.share == pytest.approx((0.5 * 16 + 0.52 * 4) / 20)


@pytest.mark.parametrize(("share", "needed"), [(0.5, 2), (0.9, 3), (2.0, 2)])
def test_a_clamp_counts_as_mended_after_as_many_right_comparisons(
    share: float, needed: int
) -> None:
    bench = settled(share=share).steps(20.0).steps(0.0).steps(20.0).steps(0.0)
    assert bench.fault is not None
    bench.share = 1.0
    bench.passes(20)
    known = []
    for number in range(1, needed + 1):
        known.append(bench.fault is not None)
        bench.steps(20.0 if number % 2 else 0.0)
    assert known == [True] * needed
    assert bench.memory.faults == ()


def test_a_house_that_moves_on_the_way_is_not_compared() -> None:
    # A kettle is on for three seconds while the car rises: who of them moved the mains?
    for begins_s, compared in ((14, True), (1, False)):
        bench = settled()
        on_s = range(int(bench.now_s) + begins_s, int(bench.now_s) + begins_s + 3)
        bench.house_a = lambda now_s, on_s=on_s: 11.0 if now_s in on_s else 5.0  # type: ignore[misc]  # it has a default
        assert bool(bench.steps(8.0).found) is compared


def test_a_restless_house_is_waited_for() -> None:
    # It may do it again, at the moment of a change: for three minutes only what is right counts.
    for waited_s, compared in ((170, False), (200, True)):
        bench = settled(share=0.5)
        bench.house_a = lambda _: 9.0
        bench.passes(waited_s).steps(8.0)
        assert bool(bench.found) is compared
    right = settled()
    right.house_a = lambda _: 9.0
    assert right.passes(30).steps(8.0).found == [(8.0, 1.0)]


def test_reactive_current_does_not_bend_the_comparison() -> None:
    # The current of a motor and of a car do not add up; the active parts of them do.
    assert settled(reactive=0.5).steps(8.0).found == [(8.0, 1.0)]


def test_a_level_that_is_old_when_the_charger_leaves_it_is_no_start() -> None:
    for noisy_s, compared in ((6, True), (24, False)):
        bench = settled()
        until_s = bench.now_s + noisy_s
        bench.house_a = lambda now_s, until_s=until_s: (  # type: ignore[misc]  # it has a default
            5.0 + 1.5 * (now_s % 2) if now_s <= until_s else 5.0
        )
        bench.passes(noisy_s)
        bench.steps(8.0)
        assert bool(bench.found) is compared


def test_a_change_that_takes_too_long_is_dropped() -> None:
    for second_a, compared in ((0.3, True), (0.1, False)):
        bench = settled()
        while bench.drawn_a < 12.0:
            bench.drawn_a += 2 * second_a
            bench.passes(2)
        bench.passes(20)
        assert bool(bench.found) is compared


def test_a_charger_that_does_not_answer_ends_the_comparison() -> None:
    bench = settled()
    gone = compare(bench.memory, bench.ring, bench.spec, draws_a=(0.0, 0.0), draws_s=-float("inf"))
    assert (gone.level, gone.course, gone.reference_a) == (None, (), ())
    empty = compare(bench.memory, [], bench.spec, draws_a=(0.0, 0.0), draws_s=bench.now_s + 2)
    assert empty.level is None
    # A reading that follows too soon is not looked at.
    soon = compare(
        bench.memory, bench.ring, bench.spec, draws_a=(9.0, 0.0), draws_s=bench.now_s + 1.4
    )
    assert soon is bench.memory
