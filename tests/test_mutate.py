"""The parts of `script/mutate`: what it draws, what a change meets, and what it says of it."""

from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
import signal
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = """
def rest(first: int, second: int) -> int:
    return max(first - second, 0)
"""


@pytest.fixture
def mutate(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(ROOT / "script" / "lib")
    return import_module("mutate")


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(ROOT / "script" / "lib")
    return import_module("mutation_plugin")


def test_the_same_seed_draws_the_same(mutate: Any) -> None:
    mutants = {
        name: mutate.Mutant(name=name, difference="")
        for name in [f"meter:x_watch__mutmut_{number}" for number in range(100)]
    }
    drawn = mutate.draw(mutants, 10, 3)
    assert len(drawn) == 10
    assert drawn == mutate.draw(mutants, 10, 3)
    assert drawn != mutate.draw(mutants, 10, 4)
    assert mutate.draw(mutants, 0, 3) == mutate.draw(mutants, 500, 3) == mutants


def test_the_fastest_tests_go_first_until_the_time_is_spent(plugin: Any) -> None:
    took_s = {"slow": 5.0, "fast": 1.0, "as fast": 1.0, "other": 0.1}
    assert plugin.affordable(["slow", "fast", "as fast"], took_s, 7.0) == [
        "as fast",
        "fast",
        "slow",
    ]
    assert plugin.affordable(["slow", "fast", "as fast"], took_s, 6.9) == ["as fast", "fast"]
    assert plugin.affordable(["slow"], took_s, 4.9) == []


def test_only_a_child_that_ends_well_has_survived(plugin: Any) -> None:
    assert plugin.verdict_of(0) == "survived"
    assert plugin.verdict_of(1 << 8) == "failed"
    assert plugin.verdict_of(signal.SIGVTALRM) == "timeout"
    assert plugin.verdict_of(signal.SIGSEGV) == "failed"


def test_what_nobody_noticed_is_listed_with_its_difference(mutate: Any) -> None:
    verdicts = {
        "caps:x_rooms__mutmut_1": "failed",
        "caps:x_rooms__mutmut_2": "survived",
        "net:x_readings__mutmut_1": "timeout",
        "net:x_readings__mutmut_2": "no tests",
    }
    drawn = {name: mutate.Mutant(name=name, difference=f"of {name}") for name in verdicts}
    said = "\n".join(mutate.report(drawn, verdicts))
    assert mutate.score_of(verdicts) == 50.0
    assert [line.split() for line in said.splitlines()[:3]] == [
        ["caps", "1", "of", "2"],
        ["net", "1", "of", "2"],
        ["all", "2", "of", "4"],
    ]
    for name, verdict in verdicts.items():
        missed = verdict in {"survived", "no tests"}
        assert (f"# {name}: {verdict}\nof {name}" in said) is missed


def test_a_change_takes_the_place_of_the_function_for_everybody(
    mutate: Any, plugin: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / mutate.PACKAGE
    package.mkdir(parents=True)
    (package / "tiny.py").write_text(SOURCE)
    mutants = mutate.make(tmp_path, [])
    name = next(it.name for it in mutants.values() if "+    return max(first + s" in it.difference)
    assert name.startswith("tiny:x_rest__mutmut_")
    assert mutants[name].module == "tiny"

    monkeypatch.setattr("mutmut.mutation.trampoline.wrap_in_trampoline", plugin.remember)
    spec = spec_from_file_location("tiny", package / "tiny.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    imported = module.rest
    assert imported(5, 3) == 2
    plugin.put_in_place(name)
    assert imported(5, 3) == 8
