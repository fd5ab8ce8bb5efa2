"""Measured days, here written by the tests in the shape that measured files have."""

import gzip
from pathlib import Path

import pytest

from simulator.plant.traces import TraceError, measured_house, measured_roof, read_trace
from simulator.plant.wires import Phase

L1, L2, L3 = Phase
HOUR_S = 3600.0


def write(folder: Path, name: str, text: str) -> None:
    if name.endswith(".gz"):
        (folder / name).write_bytes(gzip.compress(text.encode()))
    else:
        (folder / name).write_text(text, encoding="ascii")


def test_a_house_holds_its_samples_and_begins_again(tmp_path: Path) -> None:
    write(tmp_path, "day.csv.gz", "t_s,house_w\n0.0,100\n3.8,2000\n7.7,150\n11.5,160\n")
    load = measured_house(tmp_path, ["day.csv.gz"], [L1])
    times = (0, 3.7, 3.8, 7.6, 7.8, 12, 11.5 * 4 / 3 + 4)
    drawn = [load.draw(t)[L1] for t in times]
    assert drawn == [100, 100, 2000, 2000, 150, 160, 2000]


def test_three_files_are_three_phases(tmp_path: Path) -> None:
    for n in range(3):
        write(tmp_path, f"{n}.csv", f"t_s,house_w\n0,{n}00\n1,{n}50\n")
    load = measured_house(tmp_path, ["0.csv", "1.csv", "2.csv"], [L1, L2, L3])
    assert load.draw(1) == {L1: 50, L2: 150, L3: 250}


def test_a_car_is_taken_out_of_measured_currents(tmp_path: Path) -> None:
    write(tmp_path, "nl.csv", "t_s,l1_a,l2_a,l3_a,ev_w\n0,13,13,14,6900\n1,1,0,1,600\n")
    load = measured_house(tmp_path, ["nl.csv"], [L1, L2, L3])
    assert load.draw(0) == {L1: 690, L2: 690, L3: 920}
    assert load.draw(1) == {L1: 30, L2: 0, L3: 30}


def test_a_roof_is_a_line_between_samples_and_dark_outside(tmp_path: Path) -> None:
    write(tmp_path, "pv.csv", "t_s,pv_w\n0,0\n60,600\n120,-2\n")
    roof = measured_roof(tmp_path, "pv.csv", 6, 5 * HOUR_S)
    hour_s = 5 * HOUR_S
    drawn = [roof.power_w(hour_s + t, 0) for t in (-60, 0, 30, 60, 119.99, 180, 86400 + 30)]
    assert drawn == pytest.approx([0, 0, 300, 600, 0, 0, 300])


def test_irradiance_falls_on_the_panels_of_the_home(tmp_path: Path) -> None:
    write(tmp_path, "sky.csv", "t_s,ghi\n0,0\n1,500\n2,500\n")
    assert measured_roof(tmp_path, "sky.csv", 6, 0).power_w(1.5, 0) == pytest.approx(2700)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "cannot be read"),
        ("t_s,house_w\n0,1\n", "at least 2 rows"),
        ("s,house_w\n0,1\n1,2\n", "no column t_s"),
        ("t_s,house_w\n0,1\n1,many\n", "cannot be read"),
        ("t_s,house_w\n0,1\n1\n", "cannot be read"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    write(tmp_path, "bad.csv", text)
    with pytest.raises(TraceError, match=complaint) as caught:
        read_trace(tmp_path, "bad.csv")
    assert "bad.csv" in str(caught.value)


def test_what_does_not_fit_is_said(tmp_path: Path) -> None:
    write(tmp_path, "pv.csv", "t_s,pv_w\n0,0\n1,1\n")
    write(tmp_path, "house.csv", "t_s,house_w\n0,0\n1,1\n")
    with pytest.raises(TraceError, match="phases is 1, not 3"):
        measured_house(tmp_path, ["house.csv"], [L1, L2, L3])
    with pytest.raises(TraceError, match="no column house_w"):
        measured_house(tmp_path, ["pv.csv"], [L1])
    with pytest.raises(TraceError, match="neither a column pv_w nor ghi"):
        measured_roof(tmp_path, "house.csv", 6, 0)
    with pytest.raises(TraceError, match="gone"):
        read_trace(tmp_path, "gone.csv")
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(b"t_s,ghi\n0,1\n1,2\n" * 50)[:-12])
    with pytest.raises(TraceError, match="cut"):
        read_trace(tmp_path, "cut.csv.gz")
