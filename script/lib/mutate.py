"""Mutation testing of the balancer with mutmut, on a sample that is drawn by lot.

Prints one line per module, the score, and every mutant that no test noticed, with its difference.
"""

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
import os
from pathlib import Path
import random
import subprocess
import sys
import tempfile
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = "custom_components.evse_suite.control"
PROBE: Final = f"{PACKAGE}.habits.*"
"""Mutmut lists no mutants before it has run one: these are few."""
NOTICED: Final = frozenset({"killed", "timeout", "segfault"})


def main() -> int:
    """Draw, run and report; 0 if the score is at least the one asked for."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="mutate-") as folder:
        copy = Path(folder) / "evse-suite"
        subprocess.run(["git", "clone", "--quiet", ROOT, copy], check=True)
        print("making the mutants and timing the tests …", flush=True)
        _mutmut(copy, "run", PROBE)
        names = sorted(name for name, _ in _results(copy) if _chosen(name, options.modules))
        drawn = names
        if 0 < options.sample < len(names):
            drawn = sorted(random.Random(options.seed).sample(names, options.sample))  # noqa: S311
        print(f"running {len(drawn)} of {len(names)} mutants …", flush=True)
        if drawn:
            _mutmut(copy, "run", "--max-children", str(options.children), *drawn)
        wanted = frozenset(drawn)
        outcome = {name: verdict for name, verdict in _results(copy) if name in wanted}
        score = _report(outcome)
        for name in sorted(name for name, verdict in outcome.items() if verdict not in NOTICED):
            print(_mutmut(copy, "show", name))
    return 0 if score >= options.least else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/mutate", description=__doc__)
    parser.add_argument("modules", nargs="*", help="modules of control/, all by default")
    parser.add_argument("--sample", type=int, default=200, help="so many mutants; 0 means all")
    parser.add_argument("--seed", type=int, default=0, help="of the lot")
    parser.add_argument("--children", type=int, default=2, help="processes at a time")
    parser.add_argument("--least", type=float, default=0.0, help="fail below this score, in %%")
    return parser.parse_args()


def _mutmut(copy: Path, *arguments: str) -> str:
    """Run mutmut in the copy and return what it prints; stop with that if it fails."""
    environment = os.environ | {"PYTHONPATH": str(copy / "script" / "lib")}
    done = subprocess.run(
        [sys.executable, "-m", "mutmut", *arguments],
        cwd=copy,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        sys.exit(f"mutmut {arguments[0]} failed:\n{done.stdout[-4000:]}")
    return done.stdout


def _results(copy: Path) -> Iterable[tuple[str, str]]:
    """Yield every mutant's name and verdict."""
    for line in _mutmut(copy, "results", "--all", "true").splitlines():
        name, found, verdict = line.strip().partition(": ")
        if found and name.startswith(PACKAGE):
            yield name, verdict


def _module(name: str) -> str:
    return name.removeprefix(f"{PACKAGE}.").partition(".")[0]


def _chosen(name: str, modules: Sequence[str]) -> bool:
    return not modules or _module(name) in modules


def _report(outcome: dict[str, str]) -> float:
    """Print the table and return the score in percent."""
    tried = Counter(_module(name) for name in outcome)
    noticed = Counter(_module(name) for name, verdict in outcome.items() if verdict in NOTICED)
    for module, number in sorted(tried.items()):
        print(f"{module:<12} {noticed[module]:>4} of {number:>4}")
    score = 100.0 * noticed.total() / max(1, tried.total())
    print(f"{'all':<12} {noticed.total():>4} of {tried.total():>4} noticed: {score:.1f} %\n")
    return score


if __name__ == "__main__":
    sys.exit(main())
