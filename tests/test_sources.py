"""What entities say of limits, and limits in the balancer's words (SITE-1)."""

from collections.abc import Iterator
import math
from typing import Any
from unittest.mock import patch

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.evse_suite.control.model import Cap, CapKind, LimitSource, Phase
from custom_components.evse_suite.limits import limit_cap, limit_subentries, said_by
from custom_components.evse_suite.sources import LimitSources
from homeassistant.config_entries import ConfigSubentryDataWithId
from homeassistant.core import HomeAssistant, State

L1, L2, L3 = Phase
CONTACT = "binary_sensor.relay"


@pytest.mark.parametrize(
    ("shown", "unit", "said"),
    [
        ("4200", "W", 4200.0),
        ("4.2", "kW", 4200.0),
        ("0.0042", "MW", 4200.0),
        ("-100", "W", -100.0),
        ("4.2", None, None),
        ("4.2", "", None),
        ("4.2", "kWh", None),
        ("16", "A", None),
        ("unknown", "kW", None),
        ("unavailable", "kW", None),
        ("", "kW", None),
        ("on", "kW", None),
    ],
)
def test_a_number_in_watts_of_any_size(shown: str, unit: str | None, said: float | None) -> None:
    attributes = {} if unit is None else {"unit_of_measurement": unit}
    state = State("sensor.limit", shown, attributes)
    told = said_by(state, {"kind": "contract", "dimmed": 3000})
    assert told == (None if said is None else pytest.approx(said))


@pytest.mark.parametrize(
    ("shown", "unit", "said"), [("16", "A", 16.0), ("16000", "mA", 16.0), ("4.2", "kW", None)]
)
@pytest.mark.parametrize("data", [{"kind": "circuit"}, {"kind": "external", "unit": "A"}])
def test_a_number_in_amperes(
    shown: str, unit: str, said: float | None, data: dict[str, Any]
) -> None:
    state = State("input_number.limit", shown, {"unit_of_measurement": unit})
    assert said_by(state, data) == said


@pytest.mark.parametrize("shown", ["inf", "Infinity", "1e999", "-inf", "nan"])
def test_no_number_lifts_a_limit_by_being_infinite(shown: str) -> None:
    """SITE-1, promise 2: only a contact can say that there is no limit."""
    for unit, data in (("kW", {"kind": "contract"}), ("A", {"kind": "circuit"})):
        state = State("sensor.limit", shown, {"unit_of_measurement": unit})
        assert said_by(state, data) is None


@pytest.mark.parametrize("domain", ["binary_sensor", "switch", "input_boolean"])
def test_a_contact(domain: str) -> None:
    data = {"kind": "external", "unit": "W", "dimmed": 4200}
    told = {
        shown: said_by(State(f"{domain}.relay", shown), data)
        for shown in ("on", "off", "unknown", "unavailable")
    }
    assert told == {"on": 4200, "off": math.inf, "unknown": None, "unavailable": None}
    assert said_by(None, data) is None


def site(*limits: dict[str, Any]) -> MockConfigEntry:
    """Return a site of three phases with two chargers and these limits."""
    parts = [
        ("charger", "a", {}),
        ("charger", "b", {}),
        *(("limit", f"limit{index}", data) for index, data in enumerate(limits)),
    ]
    found = [
        ConfigSubentryDataWithId(
            subentry_id=key, subentry_type=kind, data=data, title=key.upper(), unique_id=None
        )
        for kind, key, data in parts
    ]
    return MockConfigEntry(domain="evse_suite", subentries_data=found)


def caps(entry: MockConfigEntry) -> list[Cap]:
    return [limit_cap(entry, it, (L1, L2, L3)) for it in limit_subentries(entry)]


def test_limits_in_the_balancers_words() -> None:
    """SITE-1, MTR-20, DER-14: nested circuits, and the scope of a dimming."""
    source = {"source": CONTACT, "dimmed": 4200.0}
    told = caps(
        site(
            {"kind": "circuit", "limit_a": 40, "chargers": ["a", "b", "gone"]},
            {"kind": "circuit", "limit_a": 20, "chargers": ["b"]},
            {"kind": "load_limit", "limit_w": 9000, **source, "silent_after_s": 60},
            {"kind": "external", "unit": "W", "scope": "chargers", **source},
            {"kind": "external", "unit": "A", "scope": "site", "source": CONTACT, "dimmed": 16.0},
            {"kind": "collar", "limit_a": 160},
        )
    )
    outer, inner, meter, dimming, amperes, collar = told
    assert outer.limit_a == dict.fromkeys((L1, L2, L3), 40)
    assert (outer.chargers, inner.chargers) == (frozenset("ab"), frozenset("b"))
    assert outer.source is None
    assert outer.limit_w is None
    assert (meter.kind, meter.limit_w, meter.limit_a) == (CapKind.LOAD_LIMIT, 9000, {})
    assert meter.chargers is None
    assert meter.source == LimitSource(dimmed=4200, silent_after_s=60)
    assert (dimming.limit_w, dimming.chargers) == (math.inf, frozenset("ab"))
    assert dimming.source == LimitSource(dimmed=4200)
    assert (amperes.limit_w, amperes.chargers) == (None, None)
    assert amperes.limit_a == dict.fromkeys((L1, L2, L3), math.inf)
    assert (collar.kind, collar.name) == (CapKind.COLLAR, "LIMIT5")


class Tightened:
    """Counts how often a tighter limit was told."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


@pytest.fixture
def tightened() -> Tightened:
    return Tightened()


def listening(hass: HomeAssistant, tightened: Tightened, **data: Any) -> LimitSources:
    entry = site({"kind": "external", "unit": "W", "scope": "site", "dimmed": 4200.0} | data)
    sources = LimitSources(hass, entry, tightened)
    sources.start()
    return sources


@pytest.fixture
def clock(hass: HomeAssistant) -> Iterator[list[float]]:
    """Set the time of the loop and of the wall by hand."""
    now_s = [1_000.0]
    with (
        patch.object(hass.loop, "time", lambda: now_s[0]),
        patch("custom_components.evse_suite.sources.time.time", lambda: 1e9 + now_s[0]),
        patch("homeassistant.core.time.time", lambda: 1e9 + now_s[0]),
    ):
        yield now_s


async def test_only_what_leaves_less_is_told_at_once(
    hass: HomeAssistant, tightened: Tightened
) -> None:
    """SITE-1: a dimming need not wait for the next cycle, lifting it may."""
    hass.states.async_set(CONTACT, "off")
    sources = listening(hass, tightened, source=CONTACT)
    assert sources.samples["limit0"].limit == math.inf
    seen = []
    for shown in ("on", "off", "unavailable", "off", "on", "on"):
        hass.states.async_set(CONTACT, shown)
        seen.append((sources.samples.get("limit0"), tightened.times))
    limits = [None if sample is None else sample.limit for sample, _ in seen]
    assert limits == [4200, math.inf, None, math.inf, 4200, 4200]
    assert [times for _, times in seen] == [1, 1, 2, 2, 3, 3]
    hass.states.async_remove(CONTACT)
    assert not sources.samples
    assert tightened.times == 4


async def test_what_is_said_again_is_heard_where_age_counts(
    hass: HomeAssistant, tightened: Tightened, clock: list[float]
) -> None:
    """SITE-5: the age of a word is that of its last report, at the start as well."""
    watts = {"unit_of_measurement": "W"}
    hass.states.async_set("sensor.limit", "5000", watts)
    clock[0] += 40
    sources = listening(hass, tightened, source="sensor.limit", silent_after_s=60)
    assert sources.samples["limit0"].time_s == pytest.approx(1_000)
    clock[0] += 10
    hass.states.async_set("sensor.limit", "5000", watts)
    assert sources.samples["limit0"].time_s == pytest.approx(1_050)
    assert sources.samples["limit0"].limit == 5000
    assert tightened.times == 0
