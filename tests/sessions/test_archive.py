"""What is written stays, whatever a crash leaves behind, and ten years of it are fast (PLAN-6)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
import time

import orjson
import pytest

from custom_components.evse_suite.sessions.archive import Archive
from custom_components.evse_suite.sessions.codec import session_to_json
from custom_components.evse_suite.sessions.record import DayPart, EndReason, Session
from custom_components.evse_suite.sessions.table import COLUMNS, to_csv
from custom_components.evse_suite.sessions.totals import NO_VEHICLE, Days, add_up
from tests.sessions.scene import BRUSSELS, EVENING


def session(number: int = 0, start: datetime = EVENING, **more: object) -> Session:
    known = Session(
        key=f"{start:%Y%m%dT%H%M%S}_{number}",
        charger="lektrico_500006",
        charger_name="Garage",
        start=start,
        end=start + timedelta(hours=2),
        reason=EndReason.FULL,
        parts=(
            DayPart(day=start.date(), energy_wh=9000.0, green_wh=3000.0, cost=Decimal("1.950000")),
        ),
        plugged_s=7200.0,
        charged_s=4500.0,
        most_w=7300.0,
        lines=1,
        tag="04A1B2",
        vehicle="Kona",
        currency="EUR",
    )
    return replace(known, **more)  # type: ignore[arg-type]  # whatever the test changes


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "new")
    written = [session(), session(1, EVENING + timedelta(days=60), tag=None, vehicle=None)]
    for one in written:
        archive.add(one)
    assert list(archive.read().sessions) == written
    assert list(archive.read(2027, 2027).sessions) == written[1:]


def test_the_last_word_on_a_session_counts(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.add(session())
    archive.add(session(vehicle="Zoe"))
    assert [one.vehicle for one in archive.read().sessions] == ["Zoe"]
    found = archive.find(session().key)
    assert found is not None
    assert found.vehicle == "Zoe"


def test_a_crash_at_any_byte_loses_at_most_what_was_being_written(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.add(session(1))
    (path,) = tmp_path.glob("*.jsonl")
    whole = path.read_bytes()
    archive.add(session(2))
    both = path.read_bytes()
    for length in range(len(whole), len(both) + 1):
        path.write_bytes(both[:length])
        survivors = {one.key for one in archive.read().sessions}
        assert session(1).key in survivors
        # Without its line end a record is whole already.
        assert (session(2).key in survivors) == (length >= len(both) - 1)
        archive.add(session(3))
        assert {one.key for one in archive.read().sessions} == survivors | {session(3).key}


@pytest.mark.parametrize(
    "line",
    [
        b"\x00\x00\x00",
        b"[]",
        b"{}",
        orjson.dumps(session_to_json(session()) | {"start": "2026-11-20T18:00:00"}),
        orjson.dumps(session_to_json(session()) | {"charged_s": -1}),
        orjson.dumps(session_to_json(session()) | {"reason": "bored"}),
        orjson.dumps(session_to_json(session()) | {"parts": [["2026-11-20", 1, 1, "NaN", 0]]}),
        orjson.dumps(session_to_json(session()) | {"parts": [["2026-11-20", True, 1, "1", 0]]}),
    ],
)
def test_a_line_that_is_no_session_costs_no_other(tmp_path: Path, line: bytes) -> None:
    archive = Archive(tmp_path)
    archive.add(session(1))
    (path,) = tmp_path.glob("*.jsonl")
    path.write_bytes(line + b"\n" + path.read_bytes())
    found = archive.read()
    assert [one.key for one in found.sessions] == [session(1).key]
    assert found.skipped == 1
    assert path.read_bytes().startswith(line)


def test_ten_years_of_a_home_with_two_chargers_are_read_in_no_time(tmp_path: Path) -> None:
    """16 000 sessions; a hundredfold of what the reading takes here would still be bearable."""
    begin = datetime(2016, 11, 20, 18, 0, tzinfo=UTC)
    lines: dict[int, list[bytes]] = {}
    for number in range(16_000):
        one = session(number, begin + timedelta(hours=number * 5.475))
        lines.setdefault(one.start.year, []).append(orjson.dumps(session_to_json(one)))
    for year, written in lines.items():
        (tmp_path / f"{year}.jsonl").write_bytes(b"\n".join(written) + b"\n")

    began = time.process_time()
    found = Archive(tmp_path).read()
    totals = add_up(found.sessions, Days(first=date.min, last=date.max))
    took_s = time.process_time() - began

    assert len(found.sessions) == totals.overall.sessions == 16_000
    assert totals.overall.energy_wh == pytest.approx(16_000 * 9000)
    assert took_s < 3.0


def test_totals_by_day_month_vehicle_and_charger() -> None:
    first, second = date(2026, 11, 30), date(2026, 12, 1)
    over_midnight = session(
        parts=(
            DayPart(day=first, energy_wh=4000.0, green_wh=1000.0, cost=Decimal(1)),
            DayPart(day=second, energy_wh=6000.0, unpriced_wh=6000.0),
        )
    )
    other = session(
        charger="lektrico_2",
        charger_name="Drive",
        vehicle=None,
        parts=(DayPart(day=second, energy_wh=2000.0, cost=Decimal("0.5")),),
    )
    totals = add_up([over_midnight, other], Days(first=first, last=second))
    assert totals.overall.sessions == 2
    assert totals.overall.energy_wh == 12_000
    assert totals.overall.cost is None
    assert totals.overall.green_share == pytest.approx(1 / 12)
    assert {day: total.energy_wh for day, total in totals.by_day.items()} == {
        "2026-11-30": 4000,
        "2026-12-01": 8000,
    }
    assert totals.by_day["2026-11-30"].cost == Decimal(1)
    assert totals.by_month["2026-12"].sessions == 2
    assert totals.by_vehicle.keys() == {"Kona", NO_VEHICLE}
    assert totals.by_charger["lektrico_2"].cost == Decimal("0.5")

    november = add_up([over_midnight, other], Days(first=first, last=first))
    assert (november.overall.sessions, november.overall.energy_wh) == (1, 4000)


def test_the_table_opens_in_a_spreadsheet_and_does_nothing_there() -> None:
    table = to_csv([session(vehicle='=HYPERLINK("x")', charger_name="Garage, left")], BRUSSELS)
    header, row, rest = table.split("\r\n")
    assert header == ",".join(COLUMNS)
    assert '"\'=HYPERLINK(""x"")"' in row
    assert '"Garage, left"' in row
    assert "2026-11-20T19:00:00+01:00,2026-11-20T21:00:00+01:00,full,9.000,33.3,1.9500,EUR" in row
    assert rest == ""
