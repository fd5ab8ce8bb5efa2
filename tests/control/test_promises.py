"""Random homes with random faults: what must never happen, never does (promises 1, 2 and 4)."""

from hypothesis import HealthCheck, given, settings, strategies as st

from tests.control.worlds import RUN_S, World, check_raise, make_world


def run(world: World) -> None:
    plant = world.plant
    seen = 0
    while plant.now_s < 1000 + RUN_S:
        world.happen()
        before_a = world.offers_a()
        plant.step()
        for _, command in plant.commands[seen:]:
            # Promise 4
            assert command.current_a == 0 or command.current_a >= 6
            last_a = world.told_a.get(command.key)
            # Promises 1 and 2
            if last_a is not None and command.current_a > last_a:
                check_raise(world, command.key, command.current_a, before_a)
            world.told_a[command.key] = command.current_a
        seen = len(plant.commands)


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(seed=st.integers(0, 10**6), faults=st.sampled_from([0, 8, 16]))
def test_no_raise_is_ever_sent_unless_there_is_room(seed: int, faults: int) -> None:
    run(make_world(seed, faults))


@settings(
    deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(seed=st.integers(0, 10**6))
def test_without_faults_no_overload_outlasts_its_reaction_time(seed: int) -> None:
    # Promise 1, any number of chargers on any phases; steps of the house may follow each other.
    world = make_world(seed, 0)
    run(world)
    plant = world.plant
    lag_s = max(
        charger.latency_s + charger.car.dead_s + 32 / charger.car.down_a_per_s
        for charger in plant.chargers
    )
    bound_s = plant.meter_period_s + plant.meter_refresh_s + lag_s + 0.5
    # Chargers that were found above the cap at the start have to settle first.
    assert plant.over_s(1040, beyond_a=0.3) <= 2 * bound_s


@settings(
    deadline=None, max_examples=10, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(seed=st.integers(0, 10**6))
def test_a_meter_that_goes_away_at_any_time_leaves_everybody_safe(seed: int) -> None:
    # Promise 2
    world = make_world(seed, 0)
    plant = world.plant
    plant.run(60 + seed % 100)
    world.meter = "meter gone" if seed % 2 else "meter nan"
    slowest_s = max(charger.poll_s for charger in plant.chargers)
    plant.run(plant.spec.meter.silent_after_s + slowest_s + plant.meter_period_s + 3)
    for charger in plant.chargers:
        assert charger.device_a <= charger.spec.safe_a
