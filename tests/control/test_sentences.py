"""Why, in plain words and figures that are true at that moment (promise 7, SITE-5)."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
import re
import string

import pytest

from custom_components.evse_suite.control.answer import Reason, TimerKind
from custom_components.evse_suite.control.explain import COUNTDOWNS, SENTENCES
from custom_components.evse_suite.control.model import (
    ChargerActivity,
    Intent,
    SiteMode,
    SiteState,
    Wish,
)
from tests.control.faults import Faults, charging
from tests.control.plant import L1, Plant, constant, stepped

type Happening = Callable[[Plant], object]


def wishes(why: Intent, until: str = "") -> Happening:
    def happen(plant: Plant) -> None:
        plant.wishes = {"a": Wish(mode=SiteMode.POWER, ceiling_a=0, why=why, until=until)}

    return happen


def fault(name: str) -> Happening:
    return lambda plant: Faults(plant).switch(name, on=True)


def activity(told: ChargerActivity) -> Happening:
    """Have the charger tell something else than that its car charges."""

    def outside(_: float, state: SiteState) -> SiteState:
        one, *_others = state.chargers
        assert one.sample is not None
        sample = replace(one.sample, activity=told, drawn_a=(0.0,))
        return replace(state, chargers=(replace(one, sample=sample),))

    return lambda plant: setattr(plant, "outside", outside)


def house(current_a: float) -> Happening:
    return lambda plant: setattr(plant, "house", constant(l1=current_a))


def mode(chosen: SiteMode, house_a: float) -> Happening:
    def happen(plant: Plant) -> None:
        plant.mode = chosen
        plant.house = constant(l1=house_a)

    return happen


AGAIN = (
    "The charger does not do what it is told: told to pause, it draws 32 A;"
    " gets another chance in 5 min."
)
SAYS: list[tuple[Happening, float, Reason, str]] = [
    (house(5), 1, Reason.FULL_POWER, "32 A of 32 A: nothing limits it."),
    (house(21), 20, Reason.FUSE_LIMIT, "18 A of 32 A: the house uses 21 of 40 A on L1."),
    (house(21), 1.2, Reason.FUSE_LIMIT, "19 A of 32 A: L1 carries 53 of 40 A."),
    (house(37), 20, Reason.WAITING_FOR_ROOM, "Paused: the house uses 37 of 40 A on L1."),
    (
        mode(SiteMode.DISABLED, 5),
        2,
        Reason.DISABLED,
        "Not controlled: the mode is Disabled.",
    ),
    (
        mode(SiteMode.GREEN, 2),
        400,
        Reason.WAITING_FOR_SURPLUS,
        "Waits for enough surplus: it needs 1.4 kW for a while, there is 0.0 kW.",
    ),
    (
        mode(SiteMode.HYBRID, 2),
        100,
        Reason.SURPLUS_MINIMUM,
        "6 A of 32 A, the minimum: there is no more surplus.",
    ),
    (mode(SiteMode.HYBRID, -12.3), 100, Reason.SURPLUS, "12 A of 32 A from surplus."),
    (
        activity(ChargerActivity.DISCONNECTED),
        20,
        Reason.NO_CAR,
        "No car; 6 A is ready.",
    ),
    (
        activity(ChargerActivity.BLOCKED),
        5,
        Reason.BLOCKED,
        "The charger holds the car back, by a lock, a login or a schedule; 6 A is ready.",
    ),
    (activity(ChargerActivity.FAULT), 5, Reason.FAULT, "The charger reports a fault."),
    (wishes(Intent.TARGET), 5, Reason.TARGET_REACHED, "The target is reached."),
    (wishes(Intent.OFF), 5, Reason.SWITCHED_OFF, "Switched off."),
    (
        wishes(Intent.BALANCE),
        5,
        Reason.LOW_BALANCE,
        "Paused: the balance of the supply account is low.",
    ),
    (
        wishes(Intent.FEED_IN, "05:00"),
        5,
        Reason.SURPLUS_SOLD,
        "Waits for its plan until 05:00: the grid pays more for surplus than it costs.",
    ),
    (
        fault("meter silent"),
        12,
        Reason.METER_SILENT,
        "6 A of 32 A: the mains meter is silent.",
    ),
    (
        fault("meter nan"),
        12,
        Reason.METER_SILENT,
        "6 A of 32 A: the mains meter cannot be believed.",
    ),
    (
        fault("meter negative"),
        17,
        Reason.METER_CHECK,
        "6 A of 32 A for a moment, to see whether the mains meter follows.",
    ),
    (
        fault("charger silent"),
        20,
        Reason.CHARGER_SILENT,
        "The charger does not answer: told 32 A, it drew 32 A.",
    ),
    (
        lambda plant: (fault("charger refuses")(plant), house(20)(plant)),
        20,
        Reason.NOT_FOLLOWING,
        "The charger does not do what it is told: told 19 A, it draws 32 A.",
    ),
    (
        lambda plant: (fault("charger ignores")(plant), house(20)(plant)),
        25,
        Reason.NOT_FOLLOWING,
        AGAIN,
    ),
]


@pytest.mark.parametrize(("happens", "after_s", "reason", "sentence"), SAYS)
def test_what_is_said(happens: Happening, after_s: float, reason: Reason, sentence: str) -> None:
    plant = charging()
    happens(plant)
    plant.run(after_s)
    assert plant.decision is not None
    (charger,) = plant.decision.chargers
    assert (charger.reason, charger.sentence) == (reason, sentence)


def test_every_reason_and_every_timer_has_its_words() -> None:
    assert SENTENCES.keys() == set(Reason)
    assert COUNTDOWNS.keys() == set(TimerKind)
    for text in SENTENCES.values():
        assert text[0] in string.ascii_uppercase + "{"
        assert text[-1] != "."


def test_every_reason_is_in_the_table_for_people() -> None:
    table = (Path(__file__).parents[2] / "docs/modes.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([a-z ,]+) \|", table, re.MULTILINE)
    named = {word.strip() for row in rows for word in row.split(",")}
    assert {reason.value.replace("_", " ") for reason in Reason} <= named


def test_the_sun_of_a_limit_is_told_as_what_it_gives() -> None:
    """SITE-1: not as a house that uses less than nothing."""
    plant = charging(stepped((0, -4.0)))
    plant.spec = replace(plant.spec, caps=(replace(plant.spec.caps[0], limit_a={L1: 20.0}),))
    plant.run(30)
    assert plant.decision is not None
    told = plant.decision.chargers[0].sentence
    assert told == "23 A of 32 A: L1 may carry 20 A, and the house gives 4 A."
