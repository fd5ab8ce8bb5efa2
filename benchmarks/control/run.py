"""All cases of the benchmark on a few processes, always with the same result."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from time import process_time

from .cases import outcomes
from .days import Currents
from .outcome import Outcome
from .trial import Run, Scenario

type Progress = Callable[[int, int], None]
"""Is told (cases done, cases in all)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Everything that came out, in the order of the scenarios, their runs and the controllers."""

    outcomes: tuple[Outcome, ...]
    cpu_s: float


def run_all(
    scenarios: Sequence[Scenario], *, processes: int = 2, progress: Progress = lambda *_: None
) -> Result:
    """Run every run of every scenario."""
    cases = [replace(each, runs=(one,)) for each in scenarios for one in each.runs]
    found: dict[int, tuple[list[Outcome], float]] = {}
    for number, answer in _answers(cases, processes):
        found[number] = answer
        progress(len(found), len(cases))
    return Result(
        outcomes=tuple(each for number in range(len(cases)) for each in found[number][0]),
        cpu_s=sum(cpu_s for _, cpu_s in found.values()),
    )


def _answers(
    cases: Sequence[Scenario], processes: int
) -> Iterator[tuple[int, tuple[list[Outcome], float]]]:
    """Work on the longest cases first; one process is this one."""
    order = sorted(range(len(cases)), key=lambda number: -cases[number].charger_days)
    if processes == 1:
        yield from ((number, _timed(cases[number])) for number in order)
        return
    context = get_context("forkserver")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        futures: dict[Future[tuple[list[Outcome], float]], int] = {
            pool.submit(_timed, cases[number]): number for number in order
        }
        yield from ((futures[future], future.result()) for future in as_completed(futures))


def _timed(case: Scenario) -> tuple[list[Outcome], float]:
    """Return the outcomes of a case and the CPU seconds that they took."""
    begin_s = process_time()
    return outcomes(case), process_time() - begin_s


def shortened(scenarios: Iterable[Scenario], seconds: int) -> list[Scenario]:
    """Return scenarios of which only the middle of each run is left, to try things out."""
    return [
        replace(scenario, runs=tuple(_middle(one, seconds) for one in scenario.runs))
        for scenario in scenarios
    ]


def _middle(one: Run, seconds: int) -> Run:
    if one.seconds <= seconds:
        return one
    return part_of(one, (one.seconds - seconds) // 2, seconds)


def part_of(one: Run, begin_s: int, seconds: int) -> Run:
    """Return what happens in a run from ``begin_s`` on, for so many seconds."""
    return replace(one, seconds=seconds, make=partial(_part, one, begin_s, seconds))


def _part(one: Run, begin_s: int, seconds: int) -> Currents:
    return tuple(phase[begin_s : begin_s + seconds] for phase in one.make())
