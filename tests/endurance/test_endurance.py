"""A house in trouble all the time, for twenty minutes; `script/endure` does it for a day.

SITE-5, SITE-4, SITE-8, LEK-14, IND-8.
"""

import pytest

from homeassistant.core import HomeAssistant
from tests.endurance import judge
from tests.endurance.run import endure
from tests.endurance.trouble import TROUBLES

SEED = 1


async def test_twenty_minutes_of_trouble_breaks_no_promise(hass: HomeAssistant) -> None:
    report = await endure(hass, hours=0.34, seed=SEED)
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
    report = await endure(hass, hours=0.16, seed=SEED)
    told = "\n".join(report.broken)
    for words in ("over the fuse", "not safe", "was told 6", "was not heard"):
        assert words in told
