"""What was found out about the clamps outlives a restart, and is looked into before it is over.

SITE-5, IND-9, promise 2: a meter that lies is not trusted again because Home Assistant restarted.
"""

import json

import pytest

from custom_components.evse_suite.control.answer import AlarmKind, MeterHealth
from custom_components.evse_suite.control.evidence import (
    KINDS,
    ClampMemory,
    Fault,
    kept,
    recalled,
)
from custom_components.evse_suite.control.learnt import Learnt, LearntSite, from_json, to_json
from custom_components.evse_suite.control.memory import Memory
from tests.control.plant import Plant
from tests.control.test_faults_clamps import bent, first_start, newest, told

SHARES = [(-1.0, AlarmKind.METER_REVERSED), (0.5, AlarmKind.METER_SCALED)]


def killed(plant: Plant) -> None:
    """Let Home Assistant begin a new life with what is on the disk."""
    stored = json.loads(json.dumps(to_json(plant.memory.all_learnt())))
    learnt, refused = from_json(stored)
    assert not refused
    plant.memory = Memory.recalling(plant.spec, learnt)
    plant.mains = plant.decision = None
    for charger in plant.chargers:
        charger.sample = None
    plant.decisions.clear()


@pytest.mark.parametrize(("share", "kind"), SHARES)
def test_a_meter_that_lies_is_not_trusted_after_a_restart(share: float, kind: AlarmKind) -> None:
    plant = first_start(bent(share))
    plant.run(110)
    assert kind in told(plant)
    killed(plant)
    began_s = plant.now_s
    plant.run(300)
    assert all(it.meter_health is not MeterHealth.OK for it in plant.decisions)
    # The trial raises it for a moment, as far as that is safe whether the clamp is mended or not.
    assert max(a for _, a in plant.changes(began_s)) <= 10
    assert plant.chargers[0].device_a == 6
    assert plant.over_s(began_s) == 0
    assert [alarm.kind for alarm in newest(plant).alarms] == [kind]


@pytest.mark.parametrize(("share", "kind"), SHARES)
def test_one_that_was_mended_meanwhile_is_believed_after_the_first_trial(
    share: float, kind: AlarmKind
) -> None:
    plant = first_start(bent(share))
    plant.run(110)
    assert kind in told(plant)
    plant.fault = None
    killed(plant)
    plant.run(150)
    assert newest(plant).meter_health is MeterHealth.OK
    plant.run(60)
    assert newest(plant).alarms == ()
    assert plant.chargers[0].device_a == 32


def test_a_trial_waits_for_a_car_instead_of_being_lost() -> None:
    """No car for hours: the next one is tried at once, and not after 80 minutes."""
    plant = first_start(bent(-1))
    plant.run(110)
    charger = plant.chargers[0]
    charger.plugged = False
    plant.run(5400)
    assert plant.memory.clamps.tries <= 1
    plant.fault = None
    charger.plugged = True
    plant.run(240)
    assert newest(plant).meter_health is MeterHealth.OK
    assert charger.device_a == 32


def test_every_verdict_is_kept_as_it_is() -> None:
    faults = tuple(None if kind is None else Fault(kind=kind, share=-0.5) for kind in KINDS[:3])
    kinds, shares = kept(faults)
    assert recalled(kinds, shares, 3) == ClampMemory(faults=faults)
    site = LearntSite(clamp_faults=kinds, clamp_shares=shares)
    assert from_json(to_json(Learnt(site=site))) == (Learnt(site=site), ())
    assert kept((Fault(kind=AlarmKind.WRONG_PHASE, share=1e9),)) == ((4,), (10.0,))
    assert kept(()) == ((), ())


@pytest.mark.parametrize(
    ("kinds", "shares"), [((), ()), ((0, 0), (1.0, 1.0)), ((2,), (-1.0,)), ((2, 0), (-1.0,))]
)
def test_what_does_not_fit_the_supply_is_no_verdict(
    kinds: tuple[int, ...], shares: tuple[float, ...]
) -> None:
    assert recalled(kinds, shares, 2) == ClampMemory()
