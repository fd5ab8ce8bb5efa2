"""Crash at any byte of any write, a full disk, a damaged line: nothing that was paid is lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
import resource
import shutil

import pytest

from custom_components.evse_suite.account.kept import Kept, lines, snapshot
from custom_components.evse_suite.account.setup import Setup, Sources, Start
from custom_components.evse_suite.account.store import Journal, tidy
from custom_components.evse_suite.billing.book import Pending
from custom_components.evse_suite.billing.events import Payment, Reading, Readings
from custom_components.evse_suite.billing.opening import open_account
from custom_components.evse_suite.billing.step import Account, step
from tests.account.scene import CONFIG, FLAT, KEY, START, TOTAL

SETUP = Setup(
    key=KEY,
    name="Supply",
    sources=Sources(total=TOTAL),
    settings=CONFIG,
    tariff=FLAT,
    start=Start(balance=Decimal(10)),
)
FIRST_WH = 1_000_000
PRICE = Decimal("0.20")


def reading(hours: float, kwh: float) -> Reading:
    """Return what the meter shows so many hours after the start."""
    return Reading(at=START + timedelta(hours=hours), total_wh=FIRST_WH + round(kwh * 1000))


def opened() -> Account:
    opening = SETUP.start.opening(reading(0, 0), START)
    return open_account(SETUP.settings, SETUP.tariff, opening)


def paid(hours: float, amount: int, reference: str) -> Pending:
    payment = Payment(amount=Decimal(amount), reference=reference)
    return Pending(at=START + timedelta(hours=hours), command=payment)


def goes_on(path: Path) -> tuple[Account, Journal]:
    """Return the account as the next start finds it, once the meter was read again."""
    journal = Journal(path)
    account = Kept.found(journal.read(), "Supply").account
    last = reading(48, 17.4)
    account, _ = step(account, Readings(readings=(last,)), last.at)
    return account, journal


def owed(account: Account) -> Decimal:
    """Return what is left when every whole kWh was charged once."""
    book = account.book
    assert book.credits - book.charges == book.net
    return book.credits - 17 * PRICE


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where an account is kept to which something has happened."""
    path = tmp_path / "accounts" / "supply.journal"
    journal = Journal(path)
    journal.write(snapshot(opened(), SETUP.sources, ""))
    journal.add(lines([reading(1, 3.2)], paid(1.5, 20, "one")), durable=True)
    journal.add(lines([reading(2, 5.1), reading(3, 5.1)]), durable=False)
    return path


def test_a_crash_at_any_byte_of_a_line(path: Path) -> None:
    """MTR-12: what was paid before is there, and what was being written is there or not."""
    before = path.stat().st_size
    Journal.add(_read(path), lines([reading(4, 8)], paid(4, 5, "two")), durable=True)
    whole = path.read_bytes()
    for size in range(before, len(whole) + 1):
        path.write_bytes(whole[:size])
        account, journal = goes_on(path)
        assert account.book.net == owed(account)
        assert account.book.credits in ((30, 35) if size == len(whole) else (30,))
        if size % 97 == 0:
            # The torn end is written over.
            journal.add(lines([], paid(49, 7, "three")), durable=True)
            assert Kept.found(Journal(path).read(), "Supply").account.book.credits == 37


def _read(path: Path) -> Journal:
    journal = Journal(path)
    journal.read()
    return journal


def test_a_crash_at_any_byte_of_a_snapshot(path: Path) -> None:
    """The old journal holds until the new one is whole; each step on the way is survived."""
    known, journal = goes_on(path)
    old = path.read_bytes()
    journal.write(snapshot(known, SETUP.sources, ""))
    new = path.read_bytes()
    fresh, before = path.with_suffix(".new"), path.with_suffix(".before")

    before.unlink()
    path.write_bytes(old)
    for size in range(0, len(new) + 1, 13):
        fresh.write_bytes(new[:size])
        assert goes_on(path)[0].book.net == known.book.net
    path.rename(before)
    assert goes_on(path)[0].book.net == known.book.net
    fresh.rename(path)
    assert goes_on(path)[0].book.net == known.book.net


def test_a_snapshot_that_rots_is_made_up_for(path: Path) -> None:
    """The snapshot before and all that followed tell the same."""
    account = Kept.found(_read(path).read(), "Supply").account
    journal = _read(path)
    journal.write(snapshot(account, SETUP.sources, ""))
    journal.add(lines([reading(5, 9)], paid(5, 5, "later")), durable=True)
    content = bytearray(path.read_bytes())
    content[40] ^= 0xFF
    path.write_bytes(content)
    found = Journal(path).read()
    assert found.damaged == 1
    assert Kept.found(found, "Supply").account.book.credits == 35


def test_a_line_that_rots_takes_no_other_with_it(path: Path) -> None:
    content = path.read_bytes().splitlines(keepends=True)
    content[-1] = content[-1].replace(b"total_wh", b"total_hw")
    path.write_bytes(b"".join(content))
    found = Journal(path).read()
    assert found.damaged == 1
    account, _ = goes_on(path)
    assert account.book.net == owed(account)
    assert account.book.credits == 30


def test_a_full_disk_takes_nothing_by_halves(path: Path) -> None:
    """A payment that was refused for want of room is not there after a restart."""
    journal = _read(path)
    whole = path.read_bytes()
    for room in (0, 1, 50):
        with _disk_of(len(whole) + room), pytest.raises(OSError, match="File too large"):
            journal.add(lines([], paid(4, 5, "two")), durable=True)
        assert path.read_bytes() == whole
    with _disk_of(len(whole)), pytest.raises(OSError, match="File too large"):
        journal.write({"x": "y" * 2 * len(whole)})
    journal.add(lines([], paid(4, 5, "two")), durable=True)
    assert goes_on(path)[0].book.credits == 35


@contextmanager
def _disk_of(size: int) -> Iterator[None]:
    """Let no file grow beyond a size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_nothing_is_left_of_a_removed_account(path: Path) -> None:
    journal = _read(path)
    journal.write(snapshot(opened(), SETUP.sources, ""))
    shutil.copy(path, path.with_suffix(".new"))
    other = path.with_name("other.journal")
    Journal(other).write(snapshot(opened(), SETUP.sources, ""))
    tidy(path.parent, {"other"})
    assert list(path.parent.iterdir()) == [other]
    tidy(path.parent, ())
    assert not path.parent.exists()
    tidy(path.parent, ())
