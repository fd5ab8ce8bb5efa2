"""How a charger is told its current, and what is done when it does not follow (LEK-14)."""

import pytest

from custom_components.evse_suite.devices.model import DeviceCommandError
from custom_components.evse_suite.devices.ocpp.steps import Strategy
from simulator.devices.ocpp import Quirks
from tests.ocpp.stand import Stand, stand

TX, DEFAULT, MAXIMUM = "TxProfile", "TxDefaultProfile", "ChargePointMaxProfile"


async def draws(it: Stand, current_a: float, most_s: float = 120) -> None:
    await it.draws(current_a, most_s)


@pytest.mark.parametrize(
    ("ignored", "strategy"),
    [
        ({TX}, Strategy.TX_DEFAULT_PROFILE),
        ({TX, DEFAULT}, Strategy.CHARGE_POINT_MAX_PROFILE),
        ({DEFAULT, MAXIMUM}, Strategy.TX_PROFILE),
    ],
)
async def test_a_profile_that_is_accepted_and_ignored_is_noticed(
    ignored: set[str], strategy: Strategy
) -> None:
    """LEK-14: some chargers accept everything."""
    async with stand(Quirks(ignores=frozenset(ignored))) as it:
        it.link.offer(16, urgent=False)
        await it.plug_in()
        it.link.offer(12, urgent=False)
        await draws(it, 12)
        await it.until(lambda: it.charger.steering.verified, "the proof")
        assert it.charger.steering.active is strategy
        if TX in ignored:
            assert it.charger.steering.moved is not None
        it.link.offer(0, urgent=True)
        await draws(it, 0)

        it.tasks.pop().cancel()
        it.open()
        assert it.charger.steering.active is strategy, "after a restart it is known"


@pytest.mark.parametrize(
    ("refused", "strategy"),
    [
        ({TX}, Strategy.TX_DEFAULT_PROFILE),
        ({TX, DEFAULT}, Strategy.CHARGE_POINT_MAX_PROFILE),
    ],
)
async def test_a_refused_profile_gives_way_to_the_next(
    refused: set[str], strategy: Strategy
) -> None:
    """LEK-14."""
    async with stand(Quirks(refuses=frozenset(refused))) as it:
        it.link.offer(10, urgent=False)
        await it.plug_in()
        await draws(it, 10)
        assert it.charger.steering.active is strategy


async def test_without_any_profile_a_pause_ends_the_session() -> None:
    """LEK-14, SITE-4: the fuse comes first."""
    async with stand(Quirks(refuses=frozenset({TX, DEFAULT, MAXIMUM}))) as it:
        await it.plug_in()
        it.skip(10)
        with pytest.raises(DeviceCommandError):
            await it.charger.set_current(10)
        it.link.offer(0, urgent=True)
        await draws(it, 0)
        await it.until(lambda: it.station.ledger.current is None, "the end of the session")


@pytest.mark.parametrize(
    ("quirks", "lines"),
    [
        (Quirks(rate_units="Power"), 1),
        (Quirks(rate_units="Power"), 3),
        (Quirks(rate_units="W"), 3),
        (Quirks(rate_units="A"), 3),
        (Quirks(rate_units=None), 1),
        (Quirks(feature_profiles=None), 3),
    ],
)
async def test_amperes_and_watts_on_one_and_three_phases(quirks: Quirks, lines: int) -> None:
    """LEK-4, LEK-14: the same current whatever the unit and the phases."""
    async with stand(quirks, lines=lines) as it:
        it.link.offer(10, urgent=False)
        await it.plug_in()
        await draws(it, 10)
        await it.until(
            lambda: it.link.reading and abs(it.link.reading.power_w - lines * 2277) < 60, "power"
        )
        reading = it.link.reading
        assert reading is not None
        assert reading.current_a == pytest.approx((10.0,) * lines, abs=0.1)


async def test_one_phase_on_a_charger_that_switches() -> None:
    """PhaseSwitch: from the next profile on, and back."""
    quirks = Quirks(switches_phases=True)
    async with stand(quirks, lines=3, model="1.6J 1p3p") as it:
        it.link.offer(10, urgent=False)
        await it.plug_in()
        await draws(it, 10)
        await it.charger.set_force_single_phase(forced=True)  # type: ignore[attr-defined] # its class has it
        await it.until(lambda: it.car.drawn_a() == (10.0, 0.0, 0.0), "one phase")
        await it.charger.set_force_single_phase(forced=False)  # type: ignore[attr-defined] # its class has it
        await it.until(lambda: it.car.drawn_a() == (10.0, 10.0, 10.0), "three phases")


@pytest.mark.parametrize(
    "quirks",
    [
        Quirks(),
        Quirks(refuses=frozenset({TX})),
        Quirks(refuses=frozenset({TX, DEFAULT})),
        Quirks(refuses=frozenset({TX}), stack_levels=0),
    ],
    ids=["session", "default", "maximum", "one level"],
)
async def test_a_charger_that_is_left_alone_falls_back(quirks: Quirks) -> None:
    """Promise 6: no renewal, and the safe current holds."""
    async with stand(quirks, safe_a=6) as it:
        it.link.offer(16, urgent=False)
        await it.plug_in()
        await draws(it, 16)
        assert it.charger.steering.dead_man

        it.tasks[-1].cancel()  # nobody is there any more; the line itself stays
        it.skip(70)
        await it.until(lambda: it.sim.wall_s, "a step")
        await it.draws(16)
        it.skip(900)
        await draws(it, 6)


async def test_profiles_are_renewed_while_somebody_is_there() -> None:
    """Promise 6: and not written to flash for it."""
    async with stand() as it:
        it.link.offer(16, urgent=False)
        await it.plug_in()
        await draws(it, 16)
        for _ in range(8):
            it.skip(40)
            await it.some_readings()
            await it.draws(16)
        assert it.sim.profiles.writes == 1


async def test_writes_to_flash_have_a_budget_that_reductions_do_not_wait_for() -> None:
    """Weakness 19 of the rivals."""
    async with stand(Quirks(refuses=frozenset({TX}))) as it:
        it.link.offer(16, urgent=False)
        await it.plug_in()
        await draws(it, 16)
        for _ in range(20):
            await it.charger.set_current(10, urgent=True)
            await it.charger.set_current(16)
        assert it.charger.steering.deferred
        assert it.sim.profiles.writes < 25
        await it.charger.set_current(8, urgent=True)
        await draws(it, 8)


async def test_a_chosen_strategy_is_kept() -> None:
    """LEK-14: the owner knows better."""
    async with stand() as it:
        await it.charger.set_strategy(Strategy.CHARGE_POINT_MAX_PROFILE)
        it.link.offer(10, urgent=False)
        await it.plug_in()
        await draws(it, 10)
        assert {profile.purpose for profile in it.sim.profiles.profiles} == {MAXIMUM}


async def test_a_restart_of_the_charger_is_noticed_and_everything_sent_again() -> None:
    """SITE-5: what was told may be forgotten."""
    async with stand(Quirks(forgets_profiles=True)) as it:
        it.link.offer(10, urgent=False)
        await it.plug_in()
        await draws(it, 10)
        boots = it.station.boots
        it.sim.reboot()
        await it.until(lambda: it.station.boots == boots + 1, "the restart")
        await it.until(lambda: it.station.charging, "charging again")
        await draws(it, 10)
        assert it.link.reading is not None
        assert it.link.reading.restarts == boots + 1


async def test_a_line_that_comes_and_goes_does_not_wear_the_flash() -> None:
    """Weakness 19 of the rivals: some introduce themselves whenever a line was lost."""
    async with stand() as it:
        for _ in range(15):
            await it.lose_the_line()
            await it.charger.steering.keep()
        assert it.sim.profiles.writes <= 11


async def test_one_refusal_is_no_reason_to_leave_what_has_worked() -> None:
    """LEK-14: a busy charger may refuse once; flash is not written for it."""
    async with stand() as it:
        it.link.offer(12, urgent=False)
        await it.plug_in()
        await it.draws(12)
        it.skip(31)
        await it.until(lambda: it.charger.steering.verified, "the proof")
        it.sim.faults.refuse_commands = True
        with pytest.raises(DeviceCommandError):
            await it.charger.set_current(8, urgent=True)
        it.sim.faults.refuse_commands = False
        await it.charger.set_current(8, urgent=True)
        await it.draws(8)
        assert it.charger.steering.active is Strategy.TX_PROFILE
        assert it.sim.profiles.writes == 1
