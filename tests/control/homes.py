"""Random homes in which nothing happens by itself, for a state machine to drive."""

from dataclasses import replace
import math
import random

from custom_components.evse_suite.control.model import Cap, CapKind, LimitSample, LimitSource
from tests.control.home import SOURCE_SILENT_S, Balanced, Home
from tests.control.troubles import with_limits
from tests.control.worlds import make_world


def make_home(seed: int) -> Home:
    """Return a random home in which nothing happens by itself."""
    world = make_world(seed, 0)
    old = world.plant
    outside = Cap(
        key="outside",
        kind=CapKind.EXTERNAL,
        limit_a=dict.fromkeys(old.spec.phases, world.limit_a),
        source=LimitSource(dimmed=world.limit_a / 2, silent_after_s=SOURCE_SILENT_S),
    )
    bare = replace(old.spec, caps=(*old.spec.caps, outside))
    plant = Balanced(
        spec=with_limits(bare, random.Random(seed), world.limit_a),
        house=old.house,
        chargers=old.chargers,
        mode=old.mode,
        meter_period_s=old.meter_period_s,
        meter_refresh_s=old.meter_refresh_s,
        noise_a=old.noise_a,
        seed=seed,
        dt_s=0.5,
    )
    world.plant = plant
    home = Home(
        world=world,
        plant=plant,
        fuse_a=world.limit_a,
        loads=[(-math.inf, dict.fromkeys(plant.spec.phases, 3.0))],
        source=LimitSample(time_s=plant.now_s, limit=math.inf),
    )
    plant.house = home.loads_at
    plant.fault = home.fault
    plant.outside = home.outside
    return home
