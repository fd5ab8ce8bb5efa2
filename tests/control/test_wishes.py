"""What planning wants is told as what it is (IND-5, PLAN-3, PLAN-4)."""

import pytest

from custom_components.evse_suite.control.answer import Reason
from custom_components.evse_suite.control.model import ChargerSpec, Intent, SiteMode, Wish
from tests.control.plant import FAST, L1, Charger, Plant, constant, one_charger


def home(wish: Wish, *, plugged: bool = True, house_a: float = 2.0) -> Plant:
    charger = Charger(spec=ChargerSpec(key="a", name="A", phases=(L1,)), car=FAST, plugged=plugged)
    plant = one_charger(40, constant(l1=house_a), charger=charger, mode=SiteMode.POWER)
    plant.wishes = {"a": wish}
    plant.run(60)
    return plant


@pytest.mark.parametrize(
    ("wish", "reason", "sentence"),
    [
        (
            Wish(mode=SiteMode.POWER, ceiling_a=16, why=Intent.PLAN, until="04:15"),
            Reason.PLANNED,
            "16 A of 32 A, as planned until 04:15.",
        ),
        (
            Wish(mode=SiteMode.POWER, why=Intent.BOOST, until="18:30"),
            Reason.BOOST,
            "32 A of 32 A, boosted until 18:30.",
        ),
        (
            Wish(mode=SiteMode.POWER, why=Intent.BOOST),
            Reason.BOOST,
            "32 A of 32 A, boosted.",
        ),
        (
            Wish(mode=SiteMode.POWER, ceiling_a=0, why=Intent.PLAN, until="Thu 01:30"),
            Reason.WAITING_FOR_PLAN,
            "Waits for its plan until Thu 01:30.",
        ),
        (
            Wish(mode=SiteMode.GREEN, ceiling_a=0, why=Intent.PLAN),
            Reason.WAITING_FOR_PLAN,
            "Waits for its plan.",
        ),
        (
            Wish(mode=SiteMode.POWER, ceiling_a=0, why=Intent.TARGET),
            Reason.TARGET_REACHED,
            "The target is reached.",
        ),
        (
            Wish(mode=SiteMode.HYBRID, ceiling_a=0, why=Intent.OFF),
            Reason.SWITCHED_OFF,
            "Switched off.",
        ),
        (
            Wish(mode=SiteMode.POWER, ceiling_a=0, why=Intent.BOOST),
            Reason.NOT_WANTED,
            "Paused: the car, the charger or a plan allows less than 6 A.",
        ),
        (
            Wish(mode=SiteMode.POWER, ceiling_a=4, why=Intent.PLAN),
            Reason.NOT_WANTED,
            "Paused: the car, the charger or a plan allows less than 6 A.",
        ),
        (Wish(mode=SiteMode.POWER), Reason.FULL_POWER, "32 A of 32 A: nothing limits it."),
        (
            Wish(mode=SiteMode.POWER, why=Intent.OFF),
            Reason.FULL_POWER,
            "32 A of 32 A: nothing limits it.",
        ),
    ],
)
def test_the_reason_is_planning_s_own(wish: Wish, reason: Reason, sentence: str) -> None:
    plant = home(wish)
    assert plant.decision is not None
    (told,) = plant.decision.chargers
    assert (told.reason, told.sentence) == (reason, sentence)


def test_a_limit_is_told_before_the_boost_that_it_limits() -> None:
    # SITE-4: Boost obeys the fuse, and says so.
    plant = home(Wish(mode=SiteMode.POWER, why=Intent.BOOST), house_a=20.0)
    assert plant.decision is not None
    assert plant.decision.chargers[0].reason is Reason.FUSE_LIMIT
    assert 17 <= plant.chargers[0].device_a <= 20


def test_without_a_car_nothing_stands_ready_before_its_time() -> None:
    # PLAN-2: a car that is plugged in before there is a plan for it does not start.
    wish = Wish(mode=SiteMode.POWER, ceiling_a=0, why=Intent.PLAN)
    plant = home(wish, plugged=False)
    assert plant.decision is not None
    assert plant.decision.chargers[0].reason is Reason.NO_CAR
    assert plant.chargers[0].device_a == 0
