"""What was learnt outlives a restart, and nothing absurd is believed."""

from dataclasses import dataclass, replace
import json
from typing import Annotated, Any

import pytest

from custom_components.evse_suite.control import learnt as learnt_module
from custom_components.evse_suite.control.decide import decide
from custom_components.evse_suite.control.learnt import (
    Learnt,
    LearntCharger,
    LearntSite,
    Within,
    from_json,
    to_json,
)
from custom_components.evse_suite.control.memory import Memory
from custom_components.evse_suite.control.model import (
    ChargerSpec,
    MainsMeterSpec,
    SiteMode,
    SiteSpec,
    SiteState,
)
from tests.control.plant import L1, fuse


@dataclass(frozen=True, slots=True, kw_only=True)
class Car:
    """Part of a group."""

    lines: Annotated[int, Within(least=1, most=3)] = 1
    steps: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Charger(LearntCharger):
    """A group with a field of every kind."""

    delay_s: Annotated[float | None, Within(least=0, most=60)] = None
    by_hour_w: Annotated[tuple[float, ...], Within(least=0, most=1000, longest=3)] = ()
    car: Car = Car()


@dataclass(frozen=True, slots=True, kw_only=True)
class House(LearntSite):
    """A group of the site."""

    base_w: Annotated[float, Within(least=0, most=5000)] = 300.0


@pytest.fixture(autouse=True)
def groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at the mechanism, whatever is learnt at present."""
    monkeypatch.setattr(learnt_module, "LearntCharger", Charger)
    monkeypatch.setattr(learnt_module, "LearntSite", House)


WISE = Charger(delay_s=3.5, by_hour_w=(1.0, 2.5), car=Car(lines=3, steps=True))
GARAGE = {"garage": WISE}
KNOWN = Learnt(site=House(base_w=420.0), chargers=GARAGE)


def stored(**charger: Any) -> dict[str, Any]:
    """Return a stored form with one charger."""
    return {"site": {}, "chargers": {"garage": charger}}


def test_there_and_back() -> None:
    document = json.loads(json.dumps(to_json(KNOWN)))
    assert from_json(document) == (KNOWN, ())


@pytest.mark.parametrize("document", [None, {}, {"site": None, "chargers": {}}])
def test_nothing_was_stored_yet(document: object) -> None:
    assert from_json(document) == (Learnt(site=House()), ())


@pytest.mark.parametrize(
    ("charger", "refused"),
    [
        ({"delay_s": -1}, "delay_s"),
        ({"delay_s": 60.01}, "delay_s"),
        ({"delay_s": float("nan")}, "delay_s"),
        ({"delay_s": float("inf")}, "delay_s"),
        ({"delay_s": "3"}, "delay_s"),
        ({"delay_s": True}, "delay_s"),
        ({"delay_s": [3]}, "delay_s"),
        ({"by_hour_w": [1, 2, 3, 4]}, "by_hour_w"),
        ({"by_hour_w": [1, 2000]}, "by_hour_w"),
        ({"by_hour_w": [1, None]}, "by_hour_w"),
        ({"by_hour_w": 7}, "by_hour_w"),
        ({"car": 7}, "car"),
        ({"car": {"lines": 2.5}}, "car.lines"),
        ({"car": {"lines": 0}}, "car.lines"),
        ({"car": {"steps": 1}}, "car.steps"),
    ],
)
def test_absurd_values_start_anew_alone(charger: dict[str, Any], refused: str) -> None:
    told, names = from_json(stored(**charger))
    assert told.chargers == {"garage": Charger()}
    assert names == (f"garage.{refused}",)

    whole = asdict_of(WISE) | charger
    kept, _ = from_json(stored(**whole))
    others = {name for name in asdict_of(WISE) if name != refused.partition(".")[0]}
    assert {name: getattr(kept.chargers["garage"], name) for name in others} == {
        name: getattr(WISE, name) for name in others
    }


@pytest.mark.parametrize(
    ("document", "refused"),
    [
        ([], "all"),
        ("half", "all"),
        ({"site": 3}, "site"),
        ({"chargers": []}, "chargers"),
        ({"chargers": {"garage": "yes"}}, "garage"),
    ],
)
def test_another_shape_starts_anew(document: object, refused: str) -> None:
    told, names = from_json(document)
    assert told.site == House()
    assert set(told.chargers.values()) <= {Charger()}
    assert names == (refused,)


def test_whole_numbers_and_fields_of_another_version() -> None:
    told, names = from_json(stored(delay_s=3, of_old=True, by_hour_w=[1]))
    assert told.chargers["garage"] == Charger(delay_s=3.0, by_hour_w=(1.0,))
    assert names == ()


def test_the_balancer_goes_on_with_what_was_learnt() -> None:
    """A restart, a cycle, another description of the site, a clock that starts anew."""
    spec = SiteSpec(
        phases=(L1,),
        voltage_v=230.0,
        meter=MainsMeterSpec(key="mains"),
        caps=(fuse(40, L1),),
        chargers=(ChargerSpec(key="garage", name="Garage", phases=(L1,)),),
    )
    known = replace(KNOWN, chargers=GARAGE | {"sold": Charger()})
    nothing_seen = SiteState(mode=SiteMode.POWER, mains=None, chargers=())

    memory = Memory.recalling(spec, known)
    assert memory.all_learnt() == KNOWN
    for site, now_s in (
        (spec, 1000.0),
        (spec, 1001.0),
        (replace(spec, voltage_v=240.0), 1002.0),
        (spec, 5.0),
    ):
        memory = decide(site, nothing_seen, memory, now_s).memory
        assert memory.all_learnt() == KNOWN
    assert Memory.initial().all_learnt() == Learnt()


def asdict_of(charger: Charger) -> dict[str, Any]:
    """Return the stored form of one charger."""
    chargers: dict[str, dict[str, Any]] = to_json(Learnt(chargers={"one": charger}))["chargers"]
    return chargers["one"]
