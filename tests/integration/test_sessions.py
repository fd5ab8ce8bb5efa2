"""Sessions of a simulated car: recorded, shown, asked for, and kept over a restart (PLAN-6)."""

import asyncio
from collections.abc import AsyncGenerator
import csv
from datetime import datetime, timedelta
from functools import partial
import io
import logging
from pathlib import Path
from typing import Any

import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)

from custom_components.evse_suite.const import DOMAIN, EVENT_SUITE
from custom_components.evse_suite.sessions import book, keeper
from custom_components.evse_suite.sessions.archive import Archive
from custom_components.evse_suite.sessions.record import Session
from homeassistant.components.recorder.statistics import list_statistic_ids
from homeassistant.config_entries import (
    ConfigEntryState,
    ConfigSubentryData,
    ConfigSubentryDataWithId,
)
from homeassistant.core import Event, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.recorder import get_instance
from homeassistant.util import dt as dt_util
from simulator.build import Simulation
from tests.integration.house import House, site_entry, stored, until

PRICE, FEED_IN = 0.30, 0.08
KONA = "Kona"
LAST_POLL_WH = 5.0
"""What flows between the last reading and the moment when the car is torn off."""

pytestmark = pytest.mark.usefixtures("prompt", "short_clocks")


@pytest.fixture
def short_clocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look every second, and have three minutes last six seconds."""
    monkeypatch.setattr(keeper, "LOOK_EVERY_S", 1.0)
    monkeypatch.setattr(keeper, "RETRY_S", 2.0)
    monkeypatch.setattr(book, "FINISHED_AFTER_S", 6.0)


@pytest.fixture
def prices() -> dict[str, Any]:
    """Where prices come from; a test may be given other ones."""
    return {"fixed_price": PRICE}


@pytest.fixture
async def home(
    hass: HomeAssistant, simulation: Simulation, prices: dict[str, Any]
) -> AsyncGenerator[House]:
    """Set up a site that knows its price and its car."""
    hass.states.async_set("sensor.price", "25", {"unit_of_measurement": "ct/kWh"})
    entry = site_entry(
        simulation,
        [
            *(named(it) for it in await stored(hass, simulation)),
            extra("prices", "Prices", {**prices, "feed_in": FEED_IN}),
            extra("vehicle", KONA, {"capacity_kwh": 64, "chargers": ["garage"]}),
        ],
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    yield House(hass, simulation, entry)
    if entry.state is ConfigEntryState.LOADED:
        await hass.config_entries.async_unload(entry.entry_id)


def named(device: ConfigSubentryData) -> ConfigSubentryDataWithId:
    """Return a device whose id is its name."""
    return ConfigSubentryDataWithId(**device, subentry_id=device["title"])


def extra(kind: str, title: str, data: dict[str, Any]) -> ConfigSubentryDataWithId:
    return ConfigSubentryDataWithId(
        subentry_id=title, subentry_type=kind, title=title, unique_id=None, data=data
    )


def running(home: House) -> Session | None:
    return home.site.sessions.of(home.site.chargers[home.site.spec.chargers[0].key]).session


def files(hass: HomeAssistant, folder: str, pattern: str) -> list[Path]:
    """Return the files below a folder of the configuration."""
    return list(Path(hass.config.path(folder)).glob(pattern))


def archive(hass: HomeAssistant, home: House) -> Archive:
    """Return the records as another program would find them."""
    return Archive(Path(hass.config.path(".storage", f"{DOMAIN}.{home.entry.entry_id}.sessions.d")))


async def has_charged(home: House, energy_wh: float) -> Session:
    await until(
        lambda: (session := running(home)) is not None and session.energy_wh >= energy_wh,
        f"{energy_wh} Wh",
    )
    session = running(home)
    assert session is not None
    return session


async def ask(hass: HomeAssistant, action: str, **data: Any) -> dict[str, Any]:
    answer = await hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True
    )
    assert isinstance(answer, dict)
    return answer


def shows(home: House, session: Session) -> float:
    """Look at the sensors after the only session of the month and return its energy in kWh."""
    shown_kwh = home.value("last_session_energy", "garage")
    assert shown_kwh == pytest.approx(session.energy_wh / 1000, abs=0.001)
    assert home.value("month_energy", "garage") == shown_kwh
    cost = home.state("sensor", "last_session_cost", "garage")
    assert cost.attributes["unit_of_measurement"] == home.hass.config.currency
    assert datetime.fromisoformat(cost.attributes["last_reset"]) == session.end
    assert home.value("session_green_share", "garage") == 0
    month = home.state("sensor", "month_cost", "garage")
    assert float(month.state) == float(cost.state)
    assert (
        month.attributes["last_reset"]
        == dt_util.start_of_local_day(dt_util.now().date().replace(day=1)).isoformat()
    )
    return shown_kwh


async def test_a_session_from_plug_to_record_to_table(hass: HomeAssistant, home: House) -> None:
    """PLAN-6: seen as it runs, told as it ends, and in every answer afterwards."""
    told: list[Event[Any]] = []
    hass.bus.async_listen(EVENT_SUITE, told.append)
    await home.becomes("sensor", "session_state", "charging", "garage")
    await has_charged(home, 40)
    home.car.unplug()
    await home.becomes("sensor", "session_state", "idle", "garage")
    await hass.async_block_till_done()
    given_wh = home.charger.point.last_session_energy_wh

    # In the file.
    (session,) = archive(hass, home).read().sessions
    assert session.energy_wh == pytest.approx(given_wh, abs=LAST_POLL_WH)
    assert session.reason == "unplugged"
    assert (session.vehicle, session.lines) == (KONA, 1)
    assert float(session.cost or 0) == pytest.approx(session.energy_wh / 1000 * PRICE, rel=0.01)

    # On the bus, with the name and the device that automations know.
    (event,) = [it for it in told if it.data["type"] == "session_ended"]
    assert event.data["device_id"] == home.device_id("garage")
    assert event.data["charger"] == "garage"
    assert event.data["energy_kwh"] == pytest.approx(given_wh / 1000, abs=LAST_POLL_WH / 1000)

    # In the sensors.
    shown_kwh = shows(home, session)

    # In the answers.
    answer = await ask(hass, "get_sessions", device_id=home.device_id("garage"))
    assert [it["session_id"] for it in answer["sessions"]] == [session.key]
    assert answer["total"] == answer["by_vehicle"][KONA] == answer["by_charger"]["garage"]
    assert answer["total"]["energy_kwh"] == pytest.approx(given_wh / 1000, abs=LAST_POLL_WH / 1000)
    long_ago = await ask(hass, "get_sessions", start_date="2020-01-01", end_date="2020-12-31")
    assert (long_ago["sessions"], long_ago["total"]["sessions"]) == ([], 0)

    # In the table, with what is said of it afterwards.
    answer = await ask(hass, "label_session", session_id=session.key, tag="04A1", vehicle="")
    assert (answer["tag"], answer["vehicle"]) == ("04A1", None)
    answer = await ask(hass, "export_sessions", file_name="all.csv")
    (path,) = files(hass, DOMAIN, "all.csv")
    assert answer["file"] == str(path)
    assert path.read_bytes().decode() == answer["csv"]
    (row,) = csv.DictReader(io.StringIO(answer["csv"]))
    assert (row["session"], row["tag"], row["vehicle"]) == (session.key, "04A1", "")

    # After a restart, although a line of the file is torn.
    (path,) = files(hass, ".storage", "*.sessions.d/*.jsonl")
    torn = path.read_bytes() + b'{"key": "20'
    path.write_bytes(torn)
    await hass.config_entries.async_reload(home.entry.entry_id)
    assert home.value("month_energy", "garage") == shown_kwh
    assert home.value("last_session_energy", "garage") == shown_kwh
    assert path.read_bytes() == torn

    # And when the site is removed: ten years of sessions do not vanish with a click.
    await hass.config_entries.async_remove(home.entry.entry_id)
    (table,) = files(hass, DOMAIN, "sessions_home_*.csv")
    assert len(table.read_text().splitlines()) == 2
    assert files(hass, ".storage", "*.sessions.d") == []


async def test_what_makes_no_sense_is_said(hass: HomeAssistant, home: House) -> None:
    """PLAN-6: nothing is written outside of the folder, nothing is labelled by mistake."""
    session = await has_charged(home, 15)
    answer = await ask(hass, "label_session", session_id=session.key, vehicle="Zoe")
    assert answer["vehicle"] == "Zoe"
    session = await has_charged(home, session.energy_wh + 10)
    assert session.vehicle == "Zoe"
    for bad in ("../all.csv", "all.txt", ".csv", "a/b.csv"):
        with pytest.raises(ServiceValidationError, match="cannot be the name"):
            await ask(hass, "export_sessions", file_name=bad)
    with pytest.raises(ServiceValidationError, match="no session"):
        await ask(hass, "label_session", session_id="nobody", tag="x")
    with pytest.raises(ServiceValidationError, match="first day is after"):
        await ask(hass, "get_sessions", start_date="2026-02-01", end_date="2026-01-01")


@pytest.mark.parametrize("prices", [{"price": ["sensor.price"]}])
async def test_a_session_goes_on_over_a_restart(hass: HomeAssistant, home: House) -> None:
    """PLAN-6: what flows while the suite is away belongs to the same session."""
    before = await has_charged(home, 30)
    await hass.config_entries.async_unload(home.entry.entry_id)
    await until(lambda: home.charger.point.session.energy_wh > before.energy_wh + 20, "flow")
    await hass.config_entries.async_setup(home.entry.entry_id)
    await has_charged(home, before.energy_wh + 25)
    home.car.unplug()
    await home.becomes("sensor", "session_state", "idle", "garage")
    await hass.async_block_till_done()

    (session,) = archive(hass, home).read().sessions
    assert session.key == before.key
    # From an entity that shows the price of now and no other; it costs 0.25 a kWh.
    assert float(session.cost or 0) == pytest.approx(session.energy_wh / 4000, rel=0.01)
    given_wh = home.charger.point.last_session_energy_wh
    assert session.energy_wh == pytest.approx(given_wh, abs=LAST_POLL_WH)


async def test_the_recorder_keeps_statistics(
    recorder_mock: None, hass: HomeAssistant, home: House
) -> None:
    """PLAN-6: energies and costs have sums over the years, and the recorder has no objection."""
    await has_charged(home, 15)
    home.car.unplug()
    await home.becomes("sensor", "session_state", "idle", "garage")
    await async_wait_recording_done(hass)
    begin = dt_util.utcnow().replace(minute=0, second=0, microsecond=0)
    do_adhoc_statistics(hass, start=begin + timedelta(minutes=dt_util.utcnow().minute // 5 * 5))
    await async_wait_recording_done(hass)
    keys = (
        "session_cost",
        "month_energy",
        "month_cost",
        "last_session_energy",
        "last_session_cost",
    )
    wanted = {home.entity("sensor", key, "garage") for key in keys}
    instance = get_instance(hass)
    known = await instance.async_add_executor_job(
        partial(list_statistic_ids, hass, statistic_type="sum")
    )
    assert wanted <= {it["statistic_id"] for it in known}


async def test_what_comes_from_the_sun(home: House) -> None:
    """PLAN-6: half of the power is surplus, so half of the energy is, at the price of feed-in."""
    await home.becomes("sensor", "session_state", "charging", "garage")
    await until(lambda: home.value("power", "garage") > 7000, "full power")
    home.use_oven(-(home.value("power", "garage") / 2 + 400))
    start = await has_charged(home, 10)
    before_wh, green_wh, before = start.energy_wh, start.green_wh, start.cost
    after = await has_charged(home, before_wh + 60)
    gained_wh = after.energy_wh - before_wh
    gained_green_wh = after.green_wh - green_wh
    assert gained_green_wh / gained_wh == pytest.approx(0.5, abs=0.15)
    assert before is not None
    assert after.cost is not None
    paid = (gained_wh - gained_green_wh) / 1000 * PRICE + gained_green_wh / 1000 * FEED_IN
    assert float(after.cost - before) == pytest.approx(paid, rel=0.01)


async def test_why_a_car_does_not_charge(hass: HomeAssistant, home: House) -> None:
    """PLAN-6: paused by a limit is another thing than finished."""
    await has_charged(home, 15)
    home.use_oven(12_000)
    await home.becomes("sensor", "session_state", "limited", "garage")
    home.use_oven(0)
    await home.becomes("sensor", "session_state", "charging", "garage")

    await home.call(DOMAIN, "stop_charging", device_id=home.device_id("garage"))
    await home.becomes("sensor", "session_state", "finished", "garage")
    home.car.unplug()
    await home.becomes("sensor", "session_state", "idle", "garage")
    await hass.async_block_till_done()
    (session,) = archive(hass, home).read().sessions
    assert session.reason == "stopped"


async def test_a_disk_that_takes_nothing_loses_nothing(
    hass: HomeAssistant,
    home: House,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """PLAN-6: a full disk is told once, and the record is written when there is room again."""
    await has_charged(home, 15)
    with monkeypatch.context() as full, caplog.at_level(logging.ERROR):

        def add(*_: object) -> None:
            raise OSError(28, "No space left on device")

        full.setattr(Archive, "add", add)
        home.car.unplug()
        await home.becomes("sensor", "session_state", "idle", "garage")
        await asyncio.sleep(3)
        assert caplog.text.count("No space left") == 1
        # Asked for, it is there; a restart forgets nothing either.
        assert len((await ask(hass, "get_sessions"))["sessions"]) == 1
        await hass.config_entries.async_reload(home.entry.entry_id)
        assert len((await ask(hass, "get_sessions"))["sessions"]) == 1
    caplog.clear()
    await until(lambda: archive(hass, home).read().sessions, "the record")


async def test_records_that_cannot_be_read_are_said(
    hass: HomeAssistant, home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PLAN-6."""

    def read(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Archive, "read", read)
    with pytest.raises(HomeAssistantError, match="Permission denied"):
        await ask(hass, "get_sessions")
    # The balancer needs no records.
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    await home.becomes("sensor", "session_state", "charging", "garage")
