"""A house in trouble all the time, for a short while; `script/endure` does it for a day."""

import asyncio
import time

import pytest

from homeassistant.core import HomeAssistant
from simulator.lapse import time_leaps
from tests.endurance import judge
from tests.endurance.run import endure
from tests.endurance.trouble import TROUBLES

SEED = 1


async def test_a_time_of_trouble_breaks_no_promise(hass: HomeAssistant) -> None:
    """SITE-4, SITE-5, SITE-8, LEK-14: lines drop, devices restart and refuse, all recover."""
    report = await endure(hass, hours=0.3, seed=SEED)
    assert not report.broken
    # It had to be earned.
    seen = report.judge
    assert {device for device, _ in seen.recovered_s} >= TROUBLES.keys() - {"site"}
    assert seen.troubles.counts.total() >= 15
    assert len(seen.safe_s) >= 1
    assert sum(map(len, seen.overloads_s.values())) >= 3


async def test_a_broken_promise_is_told(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stricter judge finds something of every kind: it looks, and it tells."""
    monkeypatch.setattr(judge, "FUSE_A", 40)
    monkeypatch.setattr(judge, "SAFE_A", 1.0)
    monkeypatch.setattr(judge, "LEAST_A", 7.0)
    monkeypatch.setattr(judge, "RECOVERS_S", dict.fromkeys(TROUBLES, 0.1))
    report = await endure(hass, hours=0.12, seed=SEED)
    told = "\n".join(report.broken)
    for words in ("over the fuse", "not safe", "was told 6", "was not heard"):
        assert words in told


async def test_time_leaps_over_pauses_and_waits_for_threads() -> None:
    loop = asyncio.get_running_loop()
    with time_leaps(loop):
        begun_s, truly_s = loop.time(), time.perf_counter()
        await asyncio.sleep(3600)
        assert loop.time() - begun_s == pytest.approx(3600, abs=0.001)
        assert time.perf_counter() - truly_s < 5

        begun_s = loop.time()
        async with asyncio.timeout(0.01):
            await loop.run_in_executor(None, time.sleep, 0.1)
        assert loop.time() == begun_s
