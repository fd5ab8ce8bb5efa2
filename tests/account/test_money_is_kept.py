"""What could cost somebody money: callers that give up, disks that fail, forms left open."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
import threading
from typing import Any
from unittest.mock import patch

import pytest

from custom_components.evse_suite.account import store
from custom_components.evse_suite.account.store import Journal
from custom_components.evse_suite.billing.model import Config, Mode
from homeassistant.exceptions import ServiceValidationError
from tests.account.acting import TARIFF, act
from tests.account.scene import KEY, Home, account_data
from tests.account.test_actions_forms import go, menu, suggestions

LIMITED = Config(mode=Mode.CREDIT, load_limit_w=3000)


def slow(go_on: threading.Event, begun: threading.Event) -> Callable[..., None]:
    """Return what writes a line once it may."""
    write = Journal.add

    def add(journal: Journal, *lines: Any, **how: Any) -> None:
        begun.set()
        go_on.wait(5)
        write(journal, *lines, **how)

    return add


async def test_a_caller_that_gives_up_takes_nothing_back(home: Home) -> None:
    """MTR-12: a script that is started anew leaves its payment half-way, the account does not."""
    begun, go_on = threading.Event(), threading.Event()
    with patch.object(Journal, "add", slow(go_on, begun)):
        paying = asyncio.create_task(act(home, "add_payment", amount=5, reference="once"))
        await asyncio.get_running_loop().run_in_executor(None, begun.wait)
        paying.cancel()
        await asyncio.wait([paying])
        again = asyncio.create_task(act(home, "add_payment", amount=5, reference="once"))
        await asyncio.sleep(0)
        go_on.set()
        with pytest.raises(ServiceValidationError) as refused:
            await again
    assert refused.value.translation_key == "account_duplicate"
    assert home.net == 15
    await home.restart()
    assert home.net == 15


async def test_another_meter_that_is_read_only_after_a_restart(home: Home) -> None:
    """MTR-30: what it showed before is not charged, however late it is read first."""
    await home.use(2.5, hours=1)
    subentry = home.entry.subentries[KEY]
    home.hass.config_entries.async_update_subentry(
        home.entry, subentry, data={**subentry.data, "total": "sensor.new"}
    )
    await home.settle()
    await act(home, "add_payment", amount=5)
    await home.restart()
    await home.wait(hours=1)
    home.show(1012, entity_id="sensor.new")
    await home.settle()
    assert home.net == Decimal("14.60")
    await home.wait(hours=1)
    home.show(1014, entity_id="sensor.new")
    await home.settle()
    assert home.net == Decimal("14.20")


async def test_a_payment_after_a_form_that_the_disk_did_not_take(home: Home) -> None:
    """MTR-12: the payment is there after a crash, although the account was not when it came."""
    await home.ledger.async_set_mode(Mode.CREDIT)
    subentry = home.entry.subentries[KEY]
    with patch.object(Journal, "write", side_effect=OSError("no room")):
        home.hass.config_entries.async_update_subentry(
            home.entry, subentry, data={**subentry.data, "edited": "once"}
        )
        await home.settle()
    assert home.account.book.config.mode is Mode.PREPAYMENT
    await act(home, "add_payment", amount=5)
    cut = home.journal.read_bytes()
    await home.stop()
    home.journal.write_bytes(cut)
    await home.start()
    assert home.net == 15


async def test_a_journal_does_not_grow_while_the_meter_is_silent(home: Home) -> None:
    with patch.object(store, "MOST_BYTES", 1000):
        for _ in range(40):
            await act(home, "ad_hoc_read")
        assert home.journal.read_bytes().count(b"\n") < 40
    await act(home, "add_payment", amount=5)
    await home.restart()
    assert home.net == 15


def test_a_line_after_a_snapshot_whose_folder_was_not_flushed(tmp_path: Path) -> None:
    """MTR-12: a line is written where the file ends, whatever failed after it was replaced."""
    journal = Journal(tmp_path / "a.journal")
    journal.write({"much": "x" * 1000})
    failing = patch.object(store, "_sync_folder", side_effect=OSError("no answer"))
    with failing, pytest.raises(OSError, match="no answer"):
        journal.write({"little": 1})
    journal.add([{"paid": 5}], durable=True)
    found = Journal(tmp_path / "a.journal").read()
    assert (found.lines, found.damaged) == (({"paid": 5},), 0)


async def test_a_form_left_open_takes_back_no_action(home: Home) -> None:
    """MTR-8, MTR-30: what the form did not change is as the action left it."""
    form = await go(home, await menu(home), next_step_id="terms")
    overview = await go(home, form, **suggestions(form) | {"load_limit_kw": 3})
    await act(home, "set_tariff", tariff=TARIFF)
    await act(home, "set_special_days", days=[{"day": "2026-12-25", "rate": 2}])
    set_by_action = home.account.book.tariff
    result = await go(home, overview, next_step_id="finish")
    assert result["reason"] == "reconfigure_successful"
    await home.settle()
    book = home.account.book
    assert book.tariff == set_by_action
    assert len(book.config.special_days) == 1
    assert book.config.load_limit_w == 3000


async def test_a_form_that_changed_what_an_action_has_changed(home: Home) -> None:
    """MTR-8: of two different tariffs none is guessed; the form is refused and nothing is kept."""
    form = await go(home, await menu(home), next_step_id="tariff")
    form = await go(home, form, **suggestions(form) | {"standing_per_week": 2.1})
    overview = await go(home, form, **suggestions(form))
    await act(home, "set_tariff", tariff=TARIFF)
    set_by_action = home.account.book.tariff
    result = await go(home, overview, next_step_id="finish")
    assert result["reason"] == "account_changed"
    await home.restart()
    assert home.account.book.tariff == set_by_action


async def test_no_form_of_an_account_that_does_not_run(home: Home) -> None:
    """MTR-8: what is stored of it may be older than what actions have set since."""
    await act(home, "set_tariff", tariff=TARIFF)
    await home.stop()
    assert (await menu(home))["reason"] == "account_not_running"


@pytest.mark.parametrize("data", [account_data(config=LIMITED)])
async def test_plans_heed_the_load_limit_in_force(home: Home) -> None:
    """MTR-20, PLAN-2."""
    inputs = home.entry.runtime_data.plans.inputs
    assert inputs.outlook(home.account.book.at).cap_w == 3000
    await home.ledger.async_set_mode(Mode.PREPAYMENT)
    assert inputs.outlook(home.account.book.at).cap_w == 60 * 230


@pytest.mark.parametrize("data", [account_data(config=LIMITED, supply_switch="switch.main")])
async def test_an_old_figure_does_not_open_the_supply(home: Home) -> None:
    """MTR-20: a meter that tells one peak and then hangs says nothing of what flows since."""
    accounts, clock = home.entry.runtime_data.accounts, home.hass.loop.time
    peak_s = clock()
    for _ in range(30):
        accounts.note_power(6000, peak_s)
        home.freezer.tick(1)
    await home.settle()
    assert home.shows("supply", "binary_sensor") == "on"
    accounts.note_power(6000, clock())
    await home.settle()
    assert home.shows("supply", "binary_sensor") == "off"
