"""Every habit of chargers in the field that is known (protocol D.6)."""

import pytest

from custom_components.evse_suite.devices.model import (
    ChargerStatus,
    DeviceCommandError,
)
from custom_components.evse_suite.devices.ocpp.quirks import quirks_of
from custom_components.evse_suite.devices.ocpp.transactions import Ledger
from simulator.devices.ocpp import Quirks
from tests.ocpp.stand import Stand, stand


async def charges(it: Stand, current_a: int = 10) -> None:
    it.link.offer(current_a, urgent=False)
    await it.plug_in()
    await it.draws(current_a)
    await it.until(
        lambda: it.link.reading and abs(it.link.reading.current_a[0] - current_a) < 0.3,
        "the reading",
    )


@pytest.mark.parametrize(
    "quirks",
    [
        Quirks(answers_all_keys=True),
        Quirks(lists_keys=False),
        Quirks(feature_profiles=None),
        Quirks(long_texts=True),
        Quirks(phase_names=("L1-N", "L2-N", "L3-N")),
        Quirks(phase_names=None),
        Quirks(in_kilo=True),
        Quirks(garbage=True),
        Quirks(subprotocol=False),
        Quirks(silent_when_idle=True),
        Quirks(triggers=False, feature_profiles="Core,SmartCharging"),
        Quirks(least_interval_s=10),
        Quirks(starts_freely=True),
        Quirks(measurands=frozenset({"Energy.Active.Import.Register", "Power.Active.Import"})),
        Quirks(vendor="Wall Box Chargers", only_relative=True),
    ],
    ids=lambda quirks: str(quirks)[:0] or None,
)
async def test_it_charges_all_the_same(quirks: Quirks) -> None:
    """LEK-14, protocol D.6."""
    async with stand(quirks) as it:
        await charges(it)
        it.link.offer(0, urgent=True)
        await it.until(lambda: it.car.current_a == 0, "the pause")
        await it.until(lambda: it.link.reading and it.link.reading.power_w == 0, "no power")


async def test_over_long_texts_are_counted_and_cut() -> None:
    async with stand(Quirks(long_texts=True)) as it:
        await charges(it)
        assert it.station.counters.violations > 0
        assert len(it.station.about.vendor) <= 50
        it.car.is_plugged = False
        await it.until(lambda: it.station.ledger.current is None, "the end of the session")


async def test_measurands_are_found_out_one_by_one() -> None:
    known = frozenset({"Energy.Active.Import.Register", "Current.Import", "Voltage"})
    async with stand(Quirks(measurands=known)) as it:
        assert set(it.sim.settings.measurands) == known
        writes = it.sim.settings.writes
        await it.lose_the_line()
        assert it.sim.settings.writes == writes, "nothing is written again"


async def test_a_make_that_restarts_when_measurands_are_tried_is_not_tried() -> None:
    quirks = Quirks(
        vendor="ABB",
        measurands=frozenset({"Energy.Active.Import.Register"}),
        reboots_on_refusal=True,
    )
    async with stand(quirks) as it:
        assert it.station.boots == 1
        await it.charger.workshop.configure(
            "MeterValuesSampledData", "Energy.Active.Import.Register"
        )
        await it.lose_the_line()
        assert it.station.measurands == "Energy.Active.Import.Register"
        assert it.station.boots == 2, "only the line came back"


async def test_a_pause_keeps_the_session_of_a_charger_that_stays_finishing() -> None:
    async with stand(Quirks(finishing_for_ever=True)) as it:
        await charges(it)
        transaction = it.station.ledger.current
        it.link.offer(0, urgent=True)
        await it.until(lambda: it.station.status == "SuspendedEVSE", "the pause")
        it.link.offer(8, urgent=False)
        await it.until(lambda: it.car.current_a == 8, "8 A")
        assert it.station.ledger.current == transaction

        await it.charger.stop()
        await it.until(lambda: it.station.status == "Finishing", "the end")
        with pytest.raises(DeviceCommandError):
            await it.charger.start()


async def test_values_after_the_end_do_not_bring_a_session_back() -> None:
    async with stand(Quirks(closing_values=True, repeats_stop=True)) as it:
        await charges(it)
        await it.charger.stop()
        await it.until(lambda: it.station.status == "Finishing", "the end")
        await it.until(lambda: not it.sim.point.outbox, "everything is sent")
        assert it.station.ledger.current is None
        assert it.link.reading is not None
        assert it.link.reading.power_w == 0
        assert len(it.station.ledger.finished) == 1


async def test_a_session_whose_id_is_not_known_is_adopted() -> None:
    async with stand() as it:
        await charges(it)
        running = it.running
        it.station.ledger = Ledger()
        await it.until(lambda: it.running == running, "the adoption")
        it.link.offer(7, urgent=True)
        await it.until(lambda: it.car.current_a == 7, "7 A")


async def test_a_line_that_comes_back_without_a_boot_is_used() -> None:
    async with stand(Quirks(boots_once=True)) as it:
        await charges(it)
        await it.lose_the_line()
        it.link.offer(7, urgent=True)
        await it.until(lambda: it.car.current_a == 7, "7 A")


async def test_a_restart_that_is_not_answered_is_one() -> None:
    async with stand(Quirks(answers_reset=False)) as it:
        boots = it.station.boots
        await it.charger.restart()
        await it.until(lambda: it.station.boots == boots + 1, "the restart")


async def test_availability_of_the_whole_or_of_the_connector() -> None:
    async with stand(Quirks(whole_has_availability=False)) as it:
        await it.charger.set_locked(locked=True)
        await it.until(
            lambda: it.link.reading and it.link.reading.status is ChargerStatus.LOCKED, "locked"
        )
        await it.charger.set_locked(locked=False)
        await it.until(
            lambda: it.link.reading and it.link.reading.status is ChargerStatus.AVAILABLE, "free"
        )


async def test_a_make_that_takes_offence_is_not_asked_for_availability() -> None:
    async with stand(Quirks(vendor="EN+ Tech", knows_availability=False)) as it:
        boots = it.station.boots
        with pytest.raises(DeviceCommandError):
            await it.charger.set_locked(locked=True)
        assert it.station.boots == boots


@pytest.mark.parametrize("error_s", [-7200.0, -90.0, 90.0, 7200.0])
async def test_a_wrong_clock_hides_neither_what_flows_nor_what_is_told(error_s: float) -> None:
    async with stand() as it:
        it.sim.point.clock_error_s = error_s
        it.link.offer(10, urgent=False)
        await it.plug_in()
        await it.draws(10, 200)
        await it.until(
            lambda: it.link.reading and abs(it.link.reading.current_a[0] - it.car.current_a) < 0.2,
            "what flows",
        )


def test_quirks_go_by_the_make() -> None:
    assert quirks_of("Wall Box Chargers").relative
    assert not quirks_of("ABB").chooses_measurands
    assert not quirks_of("EN+").has_availability
    assert quirks_of("Somebody") == quirks_of("")
