"""What pytest does in place of running the tests: it tries one mutant after the other.

The tests are collected once. A first child runs them all unchanged and notes how long each takes
and which functions it reaches. Then every mutant gets a child of its own, which takes the mutant's
code in place of the function's and runs the tests that reach it, the fastest first, up to the first
that fails. So a mutant costs what these tests cost, and no start of an interpreter.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
import gc
from itertools import accumulate
import json
import os
from pathlib import Path
import resource
import signal
import sys
import time
from types import CodeType, FunctionType
from typing import Any, Final

from hypothesis import Phase, settings
from mutmut.mutation import trampoline
import pytest

JOB: Final = Path("mutation.json")
PATIENCE, PATIENCE_S = 4.0, 2.0
"""A test may take so many times what it takes unchanged, and so much more, of processor time."""
MEMORY: Final = 4 << 30
"""Bytes that a child may have: an endless list ends sooner than the machine."""
FAILED = 1
FUNCTIONS: Final[dict[str, tuple[FunctionType, dict[str, Any]]]] = {}
"""Function and its mutants by module and mutmut's name for the function."""


def pytest_load_initial_conftests() -> None:
    """Get ready before anything of the balancer is imported."""
    # A failure is told without looking for a shorter one, and always the same is tried.
    told = [Phase.explicit, Phase.generate]
    settings.register_profile(
        "mutation", phases=told, database=None, deadline=None, derandomize=True
    )
    settings.load_profile("mutation")
    pytest.MonkeyPatch().setattr(trampoline, "wrap_in_trampoline", remember)


def remember(mutants: dict[str, Any], **_: bool) -> Callable[[FunctionType], FunctionType]:
    """Leave a function as it is and note it, in place of mutmut's detour at every call."""

    def noted(function: FunctionType) -> FunctionType:
        *owner, name = function.__qualname__.split(".")
        mangled = f"xǁ{owner[-1]}ǁ{name}" if owner else f"x_{name}"
        FUNCTIONS[f"{function.__module__.rpartition('.')[2]}:{mangled}"] = function, mutants
        return function

    return noted


def function_of(name: str) -> str:
    """Return the name of the function that a mutant changes."""
    return name.partition("__mutmut_")[0]


def put_in_place(name: str) -> None:
    """Let a mutant's code run wherever its function is called from now on."""
    function, mutants = FUNCTIONS[function_of(name)]
    mutant = mutants[name.partition(":")[2]]
    function.__code__ = mutant.__code__
    function.__defaults__ = mutant.__defaults__
    function.__kwdefaults__ = mutant.__kwdefaults__


def pytest_runtestloop(session: pytest.Session) -> bool:
    """Try the mutants of the job and write their verdicts into it."""
    job = json.loads(JOB.read_text())
    gc.freeze()
    began_s = time.monotonic()
    took_s, reached = _measured(session)
    _say(f"{len(took_s)} tests take {sum(took_s.values()):.0f} s of processor time unchanged")
    if unknown := {function_of(name) for name in job["names"]} - FUNCTIONS.keys():
        pytest.exit(f"never imported: {', '.join(sorted(unknown))}", returncode=2)
    ranked = {name: affordable(keys, took_s, job["each_s"]) for name, keys in reached.items()}
    verdicts: dict[str, str] = {}
    for name, verdict in _tried(session, job, ranked, took_s):
        verdicts[name] = verdict
        if verdict not in ("failed", "timeout"):
            _say(f"{name}: {verdict}")
        done, spent_s = len(verdicts), time.monotonic() - began_s
        if done % 10 == 0 or done == len(job["names"]):
            _say(f"{done} of {len(job['names'])} tried after {spent_s / 60:.1f} min")
    JOB.write_text(json.dumps(job | {"verdicts": dict(sorted(verdicts.items()))}))
    return True


def affordable(keys: Iterable[str], took_s: Mapping[str, float], each_s: float) -> list[str]:
    """Return the tests that a mutant meets: the fastest first, as many as the time lets."""
    ranked = sorted(keys, key=lambda key: (took_s[key], key))
    spent_s = list(accumulate([took_s[key] for key in ranked]))
    return ranked[: bisect_right(spent_s, each_s)]


def _say(text: str) -> None:
    print(text, flush=True)


def _measured(session: pytest.Session) -> tuple[dict[str, float], dict[str, list[str]]]:
    """Return what every test takes unchanged, and the tests that reach each function."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if not child:
        os.close(read_end)
        with os.fdopen(write_end, "w", encoding="utf-8") as pipe:
            json.dump(_watch(session), pipe)
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end, encoding="utf-8") as pipe:
        told = pipe.read()
    if os.waitpid(child, 0)[1]:
        pytest.exit("the tests could not be measured", returncode=2)
    took_s, reached, red = json.loads(told)
    for key in red:
        _say(f"left out because it fails without any change: {key}")
    return took_s, reached


def _watch(session: pytest.Session) -> tuple[dict[str, float], dict[str, list[str]], list[str]]:
    """Run all tests, note which functions begin in each, and name those that fail."""
    watch, tool = sys.monitoring, 4
    names = {function.__code__: name for name, (function, _) in FUNCTIONS.items()}
    begun: set[CodeType] = set()

    def begins(code: CodeType, _offset: int) -> object:
        begun.add(code)
        return watch.DISABLE

    watch.use_tool_id(tool, "mutation")
    watch.register_callback(tool, watch.events.PY_START, begins)
    for code in names:
        watch.set_local_events(tool, code, watch.events.PY_START)
    took_s: dict[str, float] = {}
    reached: dict[str, list[str]] = {name: [] for name in FUNCTIONS}
    red: list[str] = []
    for item, following in zip(session.items, [*session.items[1:], None], strict=True):
        begun.clear()
        watch.restart_events()
        before_s = time.process_time()
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed > len(red):
            red.append(item.nodeid)
            continue
        took_s[item.nodeid] = time.process_time() - before_s
        for code in begun:
            reached[names[code]].append(item.nodeid)
    return took_s, reached, red


def _tried(
    session: pytest.Session,
    job: Mapping[str, Any],
    ranked: Mapping[str, list[str]],
    took_s: Mapping[str, float],
) -> Iterator[tuple[str, str]]:
    """Yield every mutant with its verdict, so many at a time as the job says."""
    items = {item.nodeid: item for item in session.items}
    running: dict[int, str] = {}
    for name in job["names"]:
        mine = [(took_s[key], items[key]) for key in ranked[function_of(name)]]
        if not mine:
            yield name, "no tests"
            continue
        if len(running) >= job["children"]:
            yield _ended(running)
        child = os.fork()
        if not child:
            os._exit(_noticed(session, name, mine))
        running[child] = name
    while running:
        yield _ended(running)


def _ended(running: dict[int, str]) -> tuple[str, str]:
    """Wait for one child."""
    child, status = os.wait()
    return running.pop(child), verdict_of(status)


def verdict_of(status: int) -> str:
    """Return what became of a mutant by how its child ended."""
    if os.WIFSIGNALED(status):
        return "timeout" if os.WTERMSIG(status) == signal.SIGVTALRM else "failed"
    return "failed" if os.WEXITSTATUS(status) else "survived"


def _noticed(session: pytest.Session, name: str, mine: Sequence[tuple[float, pytest.Item]]) -> int:
    """Run a mutant's tests in this child up to the first that fails; 0 if none does."""
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    put_in_place(name)
    following = [*[item for _, item in mine[1:]], None]
    for (took_s, item), after in zip(mine, following, strict=True):
        # Its signal, which nobody handles, ends the child.
        signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE * took_s + PATIENCE_S)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
        if session.testsfailed:
            return FAILED
    return 0
