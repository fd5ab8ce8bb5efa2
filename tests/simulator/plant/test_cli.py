"""The command line, as a user starts it: in a process of its own."""

from collections.abc import Iterator
import json
import os
from pathlib import Path
import re
import signal
import subprocess
import sys
import time
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).parents[3]
HOME = """
supply: {kind: single}
house: {appliances: {kettle: }}
cars: {leaf: }
chargers:
  garage: {device: lektrico_1p7k, serial: 500006, phases: [L1], car: leaf}
meters:
  mains: {device: shelly_em_gen3, serial: AABBCCDDEEFF, channels: [{}, {place: nothing}]}
"""


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "simulator", *arguments]


def fails(*arguments: str) -> str:
    """Return what a command that has to fail says."""
    done = subprocess.run(
        command(*arguments), cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode in (1, 2)
    assert not done.stdout
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.fixture
def home(tmp_path: Path) -> Path:
    path = tmp_path / "home.yaml"
    path.write_text(HOME, encoding="utf-8")
    return path


@pytest.fixture
def running(home: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """Start a simulator; give its process and the URLs that it prints."""
    arguments = command(
        str(home), "--no-mdns", "--control-port", "0", "--start", "10:30", "--speed", "600"
    )
    with subprocess.Popen(
        arguments,
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(3)]
        try:
            yield process, {line[:16].strip(): re.split(r"\s+", line.strip())[-1] for line in lines}
        finally:
            if process.poll() is None:
                process.kill()


def read(url: str) -> dict[str, object]:
    assert url.startswith("http://127.0.0.1:")
    with urlopen(url, timeout=10) as reply:  # noqa: S310 - the line above
        answer: dict[str, object] = json.load(reply)
        return answer


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_starts_runs_and_stops(
    running: tuple[subprocess.Popen[str], dict[str, str]], number: signal.Signals
) -> None:
    process, urls = running
    assert read(urls["garage"] + "/rpc/Device_id.Get") == {"device_id": "1p7k_500006"}
    assert read(urls["mains"] + "/shelly")["mac"] == "AABBCCDDEEFF"
    hours = []
    for _ in range(2):
        hour = read(urls["control panel"])["hour"]
        assert isinstance(hour, float)
        hours.append(hour)
        time.sleep(0.4)
    assert 10.5 <= hours[0] < hours[1] < 12
    process.send_signal(number)
    assert process.wait(timeout=10) == 0
    assert process.stderr is not None
    assert not process.stderr.read()


def test_mistakes_end_it_with_a_sentence(home: Path, tmp_path: Path) -> None:
    assert "nowhere.yaml" in fails(str(tmp_path / "nowhere.yaml"))
    home.write_text(HOME.replace("kettle", "sauna"), encoding="utf-8")
    assert "house → appliances → sauna → kind: expected one of" in fails(str(home))
    home.write_text(HOME.replace("serial: 500006", "serial: 500006, colour: red"), encoding="utf-8")
    assert "chargers → garage → colour: there is no such key here" in fails(str(home))


def test_a_port_in_use_is_said(
    running: tuple[subprocess.Popen[str], dict[str, str]], home: Path
) -> None:
    taken = running[1]["control panel"].split(":")[2].split("/")[0]
    arguments = (str(home), "--no-mdns", "--control-port", taken)
    assert "cannot listen" in fails(*arguments)


def test_wrong_arguments(home: Path) -> None:
    assert "expected a number from 0 to 3600, not -3" in fails(str(home), "--speed", "-3")
    assert 'expected a time like "06:30"' in fails(str(home), "--start", "noon")
    assert "usage:" in fails()


def test_traces_are_asked_for(home: Path, tmp_path: Path) -> None:
    home.write_text(HOME.replace("house: {", "house: {trace: [day.csv], "), encoding="utf-8")
    assert "--traces" in fails(str(home))
    assert "day.csv" in fails(str(home), "--traces", str(tmp_path))
