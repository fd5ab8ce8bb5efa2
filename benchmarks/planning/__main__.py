"""The benchmark's command: ``python -m benchmarks.planning``."""

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
import sys
from typing import Final

from .generator import Generator
from .report import Row, report
from .run import STRATEGIES, run
from .speed import timing
from .traces import Traces

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "planning-benchmark.md"
DAYS: Final = 220


def main(arguments: Sequence[str] | None = None) -> None:
    """Run all strategies in all homes, and print or write the tables."""
    options = _parser().parse_args(arguments)
    source = Traces(options.data) if options.data else Generator()
    homes = list(source.homes(options.days))
    work = [(home, strategy) for home in homes for strategy in STRATEGIES]
    rows: list[Row] = []
    with ProcessPoolExecutor(options.processes) as pool:
        for done in pool.map(run, *zip(*work, strict=True)):
            rows.append(done)
            print(f"{len(rows)} of {len(work)}: {done.home}, {done.strategy}", file=sys.stderr)
    text = report(rows, timing())
    print(text)
    if options.write:
        write(DOCUMENT, source.title, text)


def write(document: Path, title: str, text: str) -> None:
    """Put the tables of one source between its markers; raises ValueError if they are missing."""
    begin, end = f"<!-- begin: {title} -->\n", f"<!-- end: {title} -->"
    before, found, rest = document.read_text().partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"{document} has no place for {title}")
    document.write_text(f"{before}{begin}\n{text}\n{end}{after}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.planning",
        description="What charging costs over months: the shipped planner, replayed in closed loop"
        " with what was known at the time, beside the optimum and other ways.",
    )
    parser.add_argument("--data", type=Path, help="folder of measured traces, instead of made ones")
    parser.add_argument("--days", type=int, default=DAYS, help=f"of each home; {DAYS} unless given")
    parser.add_argument("--write", action="store_true", help=f"also into docs/{DOCUMENT.name}")
    parser.add_argument("--processes", type=int, default=2, help="to work with; 2 unless given")
    return parser


if __name__ == "__main__":
    main()
