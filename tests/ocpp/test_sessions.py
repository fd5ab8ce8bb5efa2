"""Who may charge, and sessions over restarts of either end (LEK-12, LEK-14)."""

import pytest

from custom_components.evse_suite.devices import Stations
from custom_components.evse_suite.devices.model import (
    ChargerStatus,
    DeviceCommandError,
    DeviceConnectionError,
)
from custom_components.evse_suite.devices.ocpp.tags import OWN_TAG
from simulator.devices.ocpp import Quirks
from tests.ocpp.stand import NAME, Stand, stand


def shows(it: Stand, status: ChargerStatus) -> bool:
    return it.link.reading is not None and it.link.reading.status is status


async def test_without_plug_and_charge_a_car_waits_for_permission() -> None:
    """LEK-12."""
    async with stand() as it:
        await it.charger.set_plug_and_charge(enabled=False)
        it.car.is_plugged = True
        await it.until(lambda: shows(it, ChargerStatus.NEED_AUTH), "the question")
        assert it.link.reading is not None
        assert it.link.reading.plug_and_charge is False

        await it.charger.authorise("EVSESUITE")
        await it.until(lambda: it.station.charging, "charging")


async def test_a_tag_is_learnt_from_a_tap_and_charges_from_then_on() -> None:
    """LEK-12."""
    async with stand() as it:
        await it.charger.set_plug_and_charge(enabled=False)
        it.car.is_plugged = True
        await it.until(lambda: shows(it, ChargerStatus.NEED_AUTH), "the question")
        it.sim.tap("04a1b2")
        await it.until(lambda: it.station.tags.last_unknown, "the tap")
        await it.until(lambda: it.sim.starts_refused == 1, "the refusal")
        assert it.sim.point.transaction is None

        it.charger.workshop.allow(None, "Ann")
        assert dict(it.station.tags.names) == {"04A1B2": "Ann"}
        assert it.station.tags.last_unknown is None
        it.sim.tap("04A1B2")
        await it.until(lambda: it.station.charging, "charging")
        transaction = it.station.ledger.current
        assert transaction is not None
        assert transaction.tag == "04A1B2"
        await it.until(lambda: it.link.reading and it.link.reading.tag == "Ann", "her name")

        it.sim.tap("04A1B2")
        await it.until(lambda: it.station.status == "Finishing", "the end")
        it.charger.workshop.forget("04a1b2")
        with pytest.raises(ValueError, match="not on the list"):
            it.charger.workshop.forget("04a1b2")
        with pytest.raises(ValueError, match="no unknown tag"):
            it.charger.workshop.allow(None, "")


async def test_a_stop_by_a_person_is_not_undone() -> None:
    """LEK-6, LEK-12: plug and charge begins once for each car."""
    async with stand() as it:
        await it.plug_in()
        await it.charger.stop()
        await it.until(lambda: it.station.status == "Finishing", "the end")
        it.skip(120)
        await it.some_readings()
        assert it.sim.point.transaction is None

        it.car.is_plugged = False
        await it.until(lambda: it.station.status == "Available", "unplugged")
        await it.plug_in()


async def test_a_stop_at_the_charger_is_not_undone() -> None:
    """LEK-12: not even where the charger then looks as if a car had just come."""
    async with stand(Quirks(skips_finishing=True)) as it:
        await it.plug_in()
        it.sim.point.stop("Local")
        await it.until(lambda: it.station.status == "Preparing", "the end")
        it.skip(120)
        await it.some_readings()
        assert it.sim.point.transaction is None


async def test_a_car_without_current_to_come_is_left_alone() -> None:
    """SITE-6: no session, no contactor, until there is something to give."""
    async with stand() as it:
        it.link.offer(0, urgent=False)
        it.car.is_plugged = True
        await it.until(lambda: it.station.status == "Preparing", "plugged in")
        it.skip(60)
        await it.some_readings()
        assert it.sim.point.transaction is None
        it.link.offer(6, urgent=False)
        await it.draws(6)


def test_the_tag_of_the_suite_is_short() -> None:
    """Protocol D.6: some units corrupt tags of 20 characters."""
    assert len(OWN_TAG) <= 16


async def test_stopping_without_a_session_is_refused() -> None:
    async with stand() as it:
        with pytest.raises(DeviceCommandError, match="no session"):
            await it.charger.stop()


async def test_a_session_survives_a_restart_of_home_assistant() -> None:
    """LEK-14: ids are unique, and the running session is known."""
    async with stand() as it:
        it.link.offer(10, urgent=False)
        await it.plug_in()
        await it.draws(10)
        it.charger.workshop.allow("AABB", "Bob")
        before = it.station.ledger.current
        assert before is not None
        about = it.station.about

        await it.restart_home_assistant()
        assert it.station.ledger.current == before
        assert dict(it.station.tags.names) == {"AABB": "Bob"}
        assert it.station.about == about
        await it.until(lambda: it.station.ready, "the line is back", 200)
        it.link.offer(7, urgent=True)
        await it.draws(7)
        it.car.is_plugged = False
        await it.until(lambda: it.station.ledger.current is None, "the end")
        it.car.is_plugged = True
        await it.until(lambda: it.station.ledger.current, "the next session")
        assert it.station.ledger.current is not None
        assert it.station.ledger.current.transaction_id > before.transaction_id


async def test_a_state_that_is_told_once_is_known_after_a_restart() -> None:
    """SITE-5: nobody can ask some chargers, and they say nothing until something changes."""
    quirks = Quirks(boots_once=True, triggers=False, feature_profiles="Core,SmartCharging")
    async with stand(quirks) as it:
        await it.plug_in()
        await it.restart_home_assistant()
        await it.until(lambda: shows(it, ChargerStatus.CHARGING), "its state", 200)
        it.car.is_plugged = False
        await it.until(lambda: shows(it, ChargerStatus.AVAILABLE), "unplugged")
        await it.plug_in()


async def test_what_is_stored_and_makes_no_sense_is_forgotten() -> None:
    stations = Stations()
    stations.recall({NAME: {"ledger": {"current": 5}}, "CP-2": "nonsense", "CP-3": {"said": []}})
    assert stations.station("CP-3").status is None
    assert stations.station(NAME).ledger.current is None
    assert stations.station("CP-2").plug_and_charge
    stations.recall(["no", "document"])
    assert stations.to_json() == {}


async def test_a_session_that_ended_while_the_line_was_down_is_ended() -> None:
    """Late StopTransaction, with its own time stamp."""
    async with stand() as it:
        await it.plug_in()
        await it.until(lambda: it.station.ledger.current, "the session")
        it.sim.faults.silent = True
        it.sim.hang_up()
        await it.until(lambda: it.link.health.error is not None, "silence")
        assert isinstance(it.link.health.error, DeviceConnectionError)
        it.car.is_plugged = False
        await it.until(lambda: it.sim.point.transaction is None, "unplugged")
        it.sim.faults.silent = False
        await it.until(lambda: it.station.ledger.current is None, "the late end", 200)
        await it.until(lambda: not it.sim.point.outbox, "everything is sent")
        assert it.station.ledger.finished[-1].meter_stop_wh is not None


async def test_keys_are_read_and_written_and_read_only_ones_are_said() -> None:
    async with stand() as it:
        workshop = it.charger.workshop
        everything = await workshop.configuration()
        assert everything["LightIntensity"].value == "60"
        assert (await workshop.configuration(["LightIntensity", "Nonsense"])).keys() == {
            "LightIntensity"
        }
        assert await workshop.configure("LightIntensity", "30") is False
        assert it.sim.settings.values["LightIntensity"] == "30"
        with pytest.raises(ValueError, match="can only be read"):
            await workshop.configure("NumberOfConnectors", "2")
        with pytest.raises(DeviceCommandError, match="NotSupported"):
            await workshop.configure("Nonsense", "2")
        with pytest.raises(ValueError, match="too long"):
            await workshop.configure("LightIntensity", "x" * 600)


async def test_locks_files_and_messages() -> None:
    async with stand() as it:
        workshop = it.charger.workshop
        await workshop.unlock()
        assert await workshop.upload_diagnostics("ftp://192.0.2.1/logs") == "diagnostics.log"
        await workshop.trigger("Heartbeat")
        boots = it.station.boots
        await it.charger.restart()
        await it.until(lambda: it.station.boots == boots + 1, "the restart")
        report = it.charger.report()
        assert report["connected"]
        assert report["strategy"] == "auto"


async def test_a_charger_that_hangs_is_out_of_reach() -> None:
    """SITE-5: a line that is open is not yet alive."""
    async with stand() as it:
        await it.plug_in()
        it.sim.freeze()
        await it.until(lambda: it.link.health.error is not None, "silence")
        with pytest.raises(DeviceConnectionError):
            await it.charger.set_current(6, urgent=True)


async def test_a_stop_by_a_person_is_not_undone_by_a_restart() -> None:
    """LEK-6: nor does a restart keep the next car from charging."""
    async with stand(Quirks(skips_finishing=True)) as it:
        await it.plug_in()
        await it.charger.stop()
        await it.until(lambda: it.station.status == "Preparing", "the end")
        await it.restart_home_assistant()
        await it.until(lambda: shows(it, ChargerStatus.CONNECTED), "its state", 200)
        it.skip(120)
        await it.some_readings()
        assert it.sim.point.transaction is None

        it.car.is_plugged = False
        await it.until(lambda: shows(it, ChargerStatus.AVAILABLE), "unplugged")
        await it.restart_home_assistant()
        await it.until(lambda: shows(it, ChargerStatus.AVAILABLE), "its state", 200)
        await it.plug_in()
