"""The benchmark's command: ``python -m benchmarks.control``."""

import argparse
from collections.abc import Sequence
from pathlib import Path
import sys
from time import monotonic
from typing import Final

from .days import MissingDaysError, Source
from .generator import Generator
from .measured import Traces
from .report import report
from .run import run_all, shortened
from .scenarios import scenarios
from .trial import Depth, Scenario

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "benchmark.md"
PICTURES: Final = DOCUMENT.parent / "images" / "benchmark"
PROGRESS_S: Final = 10.0


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what is asked for, and print or write its tables."""
    parser = _parser()
    options = parser.parse_args(arguments)
    source: Source = Traces(options.traces) if options.traces else Generator()
    try:
        chosen = _chosen(scenarios(source, options.depth), options.only)
    except (MissingDaysError, KeyError) as err:
        parser.error(str(err.args[0]))
    if options.minutes:
        chosen = shortened(chosen, 60 * options.minutes)
    if options.write and (options.only or options.minutes):
        parser.error("--write puts whole tables into the document: leave out --only and --minutes")
    if options.plots:
        _draw(chosen)
        return
    result = run_all(chosen, processes=options.processes, progress=_Progress())
    text = report(chosen, result, title=source.title, depth=options.depth)
    print(text)
    print(f"{result.cpu_s:.0f} CPU seconds", file=sys.stderr)
    if options.write:
        write(DOCUMENT, source.title, text)


def _draw(chosen: Sequence[Scenario]) -> None:
    """Draw the document's pictures."""
    from .plots import draw  # noqa: PLC0415 (only who wants pictures needs matplotlib)

    for file in draw(chosen, PICTURES):
        print(file)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.control",
        description="The shipped balancer, other systems' control laws and the bounds, all in the"
        " same simulated homes.",
    )
    parser.add_argument("--traces", type=Path, help="folder of measured days, instead of made ones")
    depth = parser.add_mutually_exclusive_group()
    depth.set_defaults(depth=Depth.NORMAL)
    for each in (Depth.QUICK, Depth.FULL):
        name = f"--{each.name.lower()}"
        depth.add_argument(name, dest="depth", action="store_const", const=each, help=_HELP[each])
    parser.add_argument("--only", type=_keys, help="some families or scenarios, e.g. P1,G1")
    parser.add_argument("--write", action="store_true", help=f"also into docs/{DOCUMENT.name}")
    parser.add_argument("--plots", action="store_true", help="draw the pictures, and no tables")
    parser.add_argument("--minutes", type=int, help="only the middle of every run, to try it out")
    parser.add_argument("--processes", type=int, default=2, help="to work with; 2 unless given")
    return parser


_HELP: Final = {Depth.QUICK: "a sample of everything", Depth.FULL: "every day of the source"}


def _keys(text: str) -> list[str]:
    return [key.strip() for key in text.split(",")]


def _chosen(found: Sequence[Scenario], only: list[str] | None) -> list[Scenario]:
    """Return the scenarios, or families, that are named; raises KeyError for an unknown one."""
    for key in only or ():
        if not any(key in (scenario.key, scenario.family) for scenario in found):
            known = ", ".join(dict.fromkeys(scenario.family for scenario in found))
            raise KeyError(f"there is no scenario {key!r} here; families are {known}")
    return [s for s in found if not only or s.key in only or s.family in only]


class _Progress:
    """Says now and then how far it is."""

    def __init__(self) -> None:
        self._begin_s = self._said_s = monotonic()

    def __call__(self, done: int, of: int) -> None:
        now_s = monotonic()
        if now_s - self._said_s >= PROGRESS_S or done == of:
            self._said_s = now_s
            print(f"[{now_s - self._begin_s:4.0f} s] {done} of {of} runs", file=sys.stderr)


def write(document: Path, title: str, text: str) -> None:
    """Put the tables of one source between its markers; raises ValueError if they are missing."""
    begin, end = f"<!-- begin: {title} -->\n", f"<!-- end: {title} -->"
    before, found, rest = document.read_text().partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"{document} has no place for {title}")
    document.write_text(f"{before}{begin}\n{text}\n{end}{after}")


if __name__ == "__main__":
    main()
