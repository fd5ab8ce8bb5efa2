"""An account that goes on: registers, restarts, crashes, clocks (MTR-2, MTR-12, MTR-29)."""

import asyncio
from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path
import threading
from typing import Any
from unittest.mock import patch

import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.evse_suite.account.store import Journal
from custom_components.evse_suite.billing.codec import encode
from custom_components.evse_suite.billing.events import Payment
from custom_components.evse_suite.billing.model import Switch, Tariff
from custom_components.evse_suite.billing.views import next_due
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from tests.account.scene import FLAT, KEY, TOTAL, Home, account_data

DAY, NIGHT = Decimal("0.30"), Decimal("0.10")
TWO_RATES = Tariff(
    prices=((DAY,) * 4, (NIGHT,) * 4, (DAY,) * 4, (DAY,) * 4),
    standing_per_week=Decimal("2.10"),
    switches=(Switch(start=time(7), rate=1), Switch(start=time(23), rate=2)),
)
RATE_SENSORS = ["sensor.meter_rate_1", "sensor.meter_rate_2"]


def paid(amount: int, reference: str = "") -> Payment:
    return Payment(amount=Decimal(amount), reference=reference)


async def test_registers_in_any_unit_and_what_is_none(home: Home) -> None:
    """MTR-2: unknown, absurd, backwards and repeated values move no money."""
    await home.use(3.2, hours=1)
    assert home.net == Decimal("9.40")
    for shown, unit in [
        ("unknown", "kWh"),
        ("unavailable", "kWh"),
        ("nan", "kWh"),
        ("-3", "kWh"),
        ("1e30", "kWh"),
        ("1003.2", "A"),
        ("1003.2", None),
    ]:
        home.hass.states.async_set(TOTAL, shown, {"unit_of_measurement": unit})
        await home.wait(minutes=1)
        assert home.shows("source_problem", "binary_sensor") == "on"
        assert home.net == Decimal("9.40")
    for unit in ("Wh", "MWh", "kWh", "kWh"):
        await home.wait(minutes=1)
        home.show(1003.2, unit)
        await home.settle()
    assert home.net == Decimal("9.40")

    home.show(90_000)
    await home.wait(minutes=1)
    assert home.told("reading_ignored")[-1]["fault"] == "implausible"
    home.show(1001)
    await home.wait(minutes=1)
    assert home.told("reading_ignored")[-1]["fault"] == "backwards"
    assert home.shows("source_problem", "binary_sensor") == "on"
    assert home.net == Decimal("9.40")
    await home.use(0, minutes=1)
    home.show(1004.1)
    await home.wait(minutes=1)
    assert home.shows("source_problem", "binary_sensor") == "off"
    assert home.net == Decimal("9.20")


async def test_quick_readings_are_thinned_and_none_is_lost(home: Home) -> None:
    steps = 0

    def count() -> None:
        nonlocal steps
        steps += 1

    home.entry.async_on_unload(home.ledger.add_listener(count))
    for _ in range(60):
        await home.use(0.05, seconds=1)
    await home.wait(seconds=10)
    assert home.net == Decimal("9.40")
    assert steps <= 8
    await home.wait(minutes=10)
    before = steps
    for _ in range(20):
        await home.wait(seconds=5)
        home.show(home.kwh)
    assert steps - before <= 1


async def test_the_account_begins_with_the_first_reading(
    hass: HomeAssistant, freezer: Any, begin: datetime, data: dict[str, Any]
) -> None:
    """MTR-30: before, it is unavailable, and a payment says why it is not taken."""
    freezer.move_to(begin)
    home = Home(hass, freezer, data)
    await home.start()
    assert home.shows("balance") == "unavailable"
    assert home.shows("source_problem", "binary_sensor") == "on"
    with pytest.raises(ServiceValidationError) as refused:
        await home.ledger.async_do(paid(5))
    assert refused.value.translation_key == "account_not_open"
    home.show(4321.5)
    await home.wait(seconds=5)
    assert home.shows("balance") == "10.0"
    assert float(home.shows("total_register")) == 4321.5
    assert home.shows("source_problem", "binary_sensor") == "off"
    await home.stop()


async def test_a_payment_is_on_the_disk_when_it_is_taken(home: Home) -> None:
    """MTR-12: a power cut right after it loses nothing, and takes no consumption twice."""
    await home.use(2.5, hours=1)
    await home.ledger.async_do(paid(20, "a"))
    cut = home.journal.read_bytes()
    await home.use(3.1, hours=1)
    await home.stop()
    home.journal.write_bytes(cut)
    home.journal.with_suffix(".before").unlink()
    await home.start()
    assert home.account.book.credits == 30
    assert home.net == 30 - 5 * Decimal("0.20")
    assert home.account.book.payment_count == 1
    with pytest.raises(ServiceValidationError) as refused:
        await home.ledger.async_do(paid(20, "a"))
    assert refused.value.translation_key == "account_duplicate"


async def test_a_disk_that_takes_nothing_takes_no_payment(home: Home) -> None:
    await home.use(1.5, hours=1)
    with patch.object(Path, "open", side_effect=OSError("no room")):
        with pytest.raises(HomeAssistantError) as refused:
            await home.ledger.async_do(paid(20))
        assert refused.value.translation_key == "account_not_kept"
        assert home.net == Decimal("9.80")
        await home.use(1, minutes=10)
        assert home.net == Decimal("9.60")
    await home.wait(minutes=10)
    await home.ledger.async_do(paid(5))
    await home.restart()
    assert home.net == Decimal("14.60")


@pytest.mark.parametrize("error", [None, OSError("no room")])
async def test_what_comes_while_the_disk_is_slow_is_not_lost(
    home: Home, error: OSError | None
) -> None:
    """Readings and the clock wait for a payment that is being written, or that fails."""
    waits, go_on = threading.Event(), threading.Event()

    def add(*_: Any, **__: Any) -> None:
        waits.set()
        go_on.wait(5)
        if error is not None:
            raise error

    with patch.object(Journal, "add", side_effect=add):
        paying = asyncio.create_task(home.ledger.async_do(paid(5)))
        await asyncio.get_running_loop().run_in_executor(None, waits.wait)
        home.freezer.tick(3600)
        home.show(1001)
        async_fire_time_changed(home.hass, datetime.now(UTC))
        assert home.net == 10
        go_on.set()
        (result,) = await asyncio.gather(paying, return_exceptions=True)
        await home.settle()
    assert isinstance(result, HomeAssistantError) == (error is not None)
    assert home.net == Decimal("9.80") + (0 if error else 5)
    assert next_due(home.account) > datetime.now(UTC)
    await home.wait(hours=1)
    assert next_due(home.account) > datetime.now(UTC)


@pytest.mark.parametrize("data", [account_data(TWO_RATES)])
async def test_a_gap_of_days_costs_what_it_cost(home: Home) -> None:
    """MTR-15, MTR-29: standing charge and rates go on while nobody listens."""
    await home.use(1, hours=1)
    await home.stop()
    await home.wait(days=3)
    home.show(home.kwh + 48)
    await home.start()
    book = home.account.book
    # Three days evenly over 48 kWh: eight hours of each night.
    used = [wh / 1000 for wh in book.rates_wh]
    assert used[1] == pytest.approx(16, abs=0.5)
    assert sum(used) == pytest.approx(49)
    assert book.estimated_wh == 48_000
    instalments = book.instalments * Decimal("0.021")
    energy = 10 - home.net - instalments
    assert energy == pytest.approx(33 * DAY + 16 * NIGHT, abs=Decimal("0.20"))
    assert book.instalments == 73 // 1.68


@pytest.mark.parametrize("data", [account_data(TWO_RATES, rates=RATE_SENSORS)])
async def test_rate_registers_decide(home: Home) -> None:
    """MTR-2: a rate register that is missing makes the reading wait."""
    assert home.shows("balance") == "unavailable"
    home.show(600, entity_id=RATE_SENSORS[0])
    home.show(400, entity_id=RATE_SENSORS[1])
    await home.settle()
    assert home.shows("balance") == "10.0"
    await home.wait(days=2)
    home.hass.states.async_set(RATE_SENSORS[1], "unavailable")
    home.show(606, entity_id=RATE_SENSORS[0])
    home.show(1010)
    await home.wait(minutes=1)
    assert home.account.book.rates_wh[0] == 600_000
    home.show(404, entity_id=RATE_SENSORS[1])
    await home.wait(minutes=1)
    book = home.account.book
    assert book.rates_wh[:2] == [606_000, 404_000]
    assert 10 - home.net == 6 * DAY + 4 * NIGHT + book.instalments * Decimal("0.021")


@pytest.mark.parametrize("data", [account_data(TWO_RATES)])
@pytest.mark.parametrize("begin", [datetime(2026, 3, 28, 12, tzinfo=UTC)])
async def test_rates_follow_the_clock_when_it_changes(home: Home) -> None:
    """MTR-29: the night rate ends at 07:00 on the wall, an hour sooner in summer."""
    seen = []
    for _ in range(48):
        await home.wait(minutes=30)
        seen.append((home.freezer().astimezone(UTC), home.shows("active_rate")))
    turns = [at for (at, rate), (_, old) in zip(seen[1:], seen, strict=False) if rate != old]
    assert turns == [
        datetime(2026, 3, 28, 23, tzinfo=UTC),
        datetime(2026, 3, 29, 6, tzinfo=UTC),
    ]
    assert home.shows("next_price_change") == "2026-03-29T22:00:00+00:00"


async def test_a_clock_that_goes_back_takes_nothing_twice(home: Home) -> None:
    await home.use(2.5, hours=2)
    home.freezer.move_to(datetime(2026, 1, 5, 9, tzinfo=UTC))
    home.show(1003.5)
    await home.wait(seconds=15)
    assert home.net == Decimal("9.40")
    await home.use(1, hours=1)
    await home.use(1, hours=4)
    assert home.net == Decimal("9.00")


async def test_another_meter_is_not_charged_for_its_past(home: Home) -> None:
    """MTR-30."""
    await home.use(2.5, hours=1)
    subentry = home.entry.subentries[KEY]
    home.show(88_000, entity_id="sensor.new")
    home.hass.config_entries.async_update_subentry(
        home.entry, subentry, data={**subentry.data, "total": "sensor.new"}
    )
    await home.settle()
    assert home.net == Decimal("9.60")
    await home.wait(hours=1)
    home.show(88_002, entity_id="sensor.new")
    await home.settle()
    assert home.net == Decimal("9.20")
    await home.restart()
    assert home.net == Decimal("9.20")


async def test_an_account_that_is_removed_leaves_nothing(home: Home) -> None:
    """Another one that is added later begins with its own opening."""
    await home.use(2.5, hours=1)
    assert home.journal.exists()
    home.hass.config_entries.async_remove_subentry(home.entry, KEY)
    await home.settle()
    assert not home.journal.parent.exists()
    assert home.entry.runtime_data.accounts.of(KEY) is None


async def test_a_saved_form_holds_from_now_on(home: Home) -> None:
    """MTR-8: and what an action changed since is not taken back by a restart."""
    await home.use(2, hours=1)
    subentry = home.entry.subentries[KEY]
    dear = Tariff(prices=((Decimal("0.50"),) * 4,) * 4)
    home.hass.config_entries.async_update_subentry(
        home.entry, subentry, data={**subentry.data, "tariff": encode(dear), "edited": "once"}
    )
    await home.settle()
    assert home.shows("price") == "0.5"
    await home.use(2, hours=1)
    assert home.net == Decimal("8.60")
    assert home.told("tariff_activated")
    await home.restart()
    assert home.account.book.tariff == dear
    assert home.account.book.tariff != FLAT


async def test_what_is_no_account_is_left_alone(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is opened over an account that cannot be read; the site runs all the same."""
    await home.stop()
    for path in (home.journal, home.journal.with_suffix(".before")):
        path.write_bytes(b"0" * 200 + b"\n")
    await home.start()
    assert home.shows("balance") == "unavailable"
    assert "cannot be read" in caplog.text
    await home.use(1, hours=1)
    assert home.journal.read_bytes() == b"0" * 200 + b"\n"


async def test_the_file_stays_small(home: Home) -> None:
    """A day of readings every ten seconds, twice: the journal begins anew and tells the same."""
    with patch("custom_components.evse_suite.account.store.MOST_BYTES", 20_000):
        for _ in range(600):
            await home.use(0.01, seconds=20)
        assert home.journal.stat().st_size < 60_000
    cut = home.journal.read_bytes()
    net = home.net
    await home.stop()
    home.journal.write_bytes(cut)
    await home.start()
    assert home.net == net == 10 - Decimal("0.20") * 6
    await home.hass.config_entries.async_remove(home.entry.entry_id)
    await home.settle()
    assert not home.journal.exists()
    assert Journal(home.journal).read().snapshot is None
