"""What is worth a row in the database, and counters that never go down."""

from random import Random

from hypothesis import given, strategies as st
import pytest

from custom_components.evse_suite.counters import RESET_AFTER_S, RisingCounter
from custom_components.evse_suite.publishing import (
    CURRENT_BAND,
    ENERGY_BAND,
    POWER_BAND,
    TEXT_BAND,
    Band,
    Published,
)


def test_a_change_beyond_the_band_waits_for_the_least_time() -> None:
    shown = Published(CURRENT_BAND)
    assert shown.offer(10.0, 0)
    assert not shown.offer(16.0, 4.9)
    assert shown.offer(16.0, 5.0)
    assert not shown.offer(16.0, 1000)


def test_a_small_change_waits_for_long() -> None:
    shown = Published(CURRENT_BAND)
    assert shown.offer(10.0, 0)
    assert not shown.offer(10.4, 119)
    assert shown.offer(10.4, 120)


def test_of_great_power_a_share_is_asked() -> None:
    shown = Published(POWER_BAND)
    assert shown.offer(7_000.0, 0)
    assert not shown.offer(7_200.0, 10)
    assert shown.offer(7_211.0, 10)


def test_what_never_rests_is_shown_at_a_slower_pace() -> None:
    """After a quiet time four writes in a row, then one in 40 s; a leap goes at once."""
    shown = Published(CURRENT_BAND)
    shown.offer(10.0, -1000)
    written = [second for second in range(121) if shown.offer(10.0 + second % 2, second)]
    assert written[:4] == [1, 6, 11, 16]
    assert len([second for second in written if second > 16]) <= 4
    assert shown.offer(20.0, 126)


def test_phases_share_a_pace() -> None:
    """Three phases that never rest fill the database no faster than one."""

    def rows(siblings: int) -> int:
        shown = Published(CURRENT_BAND, siblings=siblings)
        return sum(shown.offer(10.0 + second % 2, second) for second in range(3600))

    assert 3 * rows(3) <= rows(1) + 3 * (CURRENT_BAND.burst + 1)


def test_zero_is_news() -> None:
    shown = Published(CURRENT_BAND)
    assert shown.offer(0.3, 0)
    assert shown.offer(0.0, 5)


@pytest.mark.parametrize(("before", "after"), [(None, 3.0), (3.0, None)])
def test_knowing_and_not_knowing_are_news(before: float | None, after: float | None) -> None:
    shown = Published(CURRENT_BAND)
    shown.offer(before, 0)
    assert shown.offer(after, 0.1)


def test_a_text_waits_unless_it_is_urgent() -> None:
    shown = Published(TEXT_BAND)
    assert shown.offer("21 A of 40 A", 0)
    assert not shown.offer("22 A of 40 A", 89)
    assert shown.offer("Paused", 89, at_once=True)
    assert shown.offer("22 A of 40 A", 179)


def test_without_a_band_every_change_is_written() -> None:
    shown = Published(None)
    assert shown.offer("charging", 0)
    assert shown.offer("paused", 0)
    assert not shown.offer("paused", 10)


@pytest.mark.parametrize(("band", "most"), [(CURRENT_BAND, 720), (ENERGY_BAND, 60)])
def test_whatever_happens_the_rows_of_an_hour_are_bounded(band: Band, most: int) -> None:
    """A value that jumps every second fills the database with no more than its band allows."""
    shown = Published(band)
    jumping = Random(1)
    rows = [shown.offer(jumping.uniform(0, 1e6), second) for second in range(3600)]
    assert sum(rows) == most


@given(values=st.lists(st.floats(0, 100), min_size=5, max_size=60))
def test_what_is_shown_is_never_old_and_far_off(values: list[float]) -> None:
    """After the pace's time a value beyond the band is always the one that is shown."""
    shown = Published(CURRENT_BAND)
    last = None
    for index, value in enumerate(values):
        if shown.offer(value, index * CURRENT_BAND.pace_s):
            last = value
        assert last is not None
        assert abs(value - last) < CURRENT_BAND.step


def test_a_dip_is_not_shown() -> None:
    """LEK-3."""
    counter = RisingCounter()
    assert [counter.update(raw, second) for second, raw in enumerate((10.0, 0.0, 11.0))] == [
        10.0,
        10.0,
        11.0,
    ]


def test_a_reset_goes_on_from_the_total() -> None:
    """LEK-3: after a reset of the device nothing is lost and nothing counted twice."""
    counter = RisingCounter()
    counter.update(1000.0, 0)
    counter.update(5.0, 10)
    assert counter.update(5.0, 10 + RESET_AFTER_S) == 1000.0
    assert counter.update(8.0, 20 + RESET_AFTER_S) == 1003.0


def test_a_restored_total_is_not_undercut() -> None:
    counter = RisingCounter()
    counter.restore(500.0)
    assert counter.update(499.0, 0) == 500.0
    assert counter.update(501.0, 1) == 501.0


@given(raws=st.lists(st.floats(0, 1e9), max_size=50), step_s=st.sampled_from([1.0, 200.0]))
def test_a_total_never_goes_down(raws: list[float], step_s: float) -> None:
    """LEK-3."""
    counter = RisingCounter()
    totals = [counter.update(raw, index * step_s) for index, raw in enumerate(raws)]
    assert totals == sorted(totals)


def test_what_is_shown_with_a_value_waits_for_it() -> None:
    """Promise 7: a sentence changes with its figure, and alone only with patience."""
    band = Band(step=1.0)
    figure, sentence = Published(band), Published(band)
    shown = []
    for second, (target_a, text) in enumerate([(10, "a"), *[(10, "b")] * 6, (8, "c"), (8, "d")]):
        written = sentence.offer(target_a, second, rest=text)
        assert figure.offer(target_a, second) is written
        if written:
            shown.append(text)
    assert shown == ["a", "c"]
    assert not sentence.offer(8, 7 + band.patience_s - 1, rest="d")
    assert sentence.offer(8, 7 + band.patience_s, rest="d")
