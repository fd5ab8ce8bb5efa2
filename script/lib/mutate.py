"""Mutation testing of the balancer, on a sample that is drawn by lot.

Mutmut makes the changes; ``mutation_plugin`` tries them. Prints the score of every module, and
every change that no test noticed with its difference. The same seed draws the same changes.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
import json
import os
from pathlib import Path
import random
import signal
import subprocess
import sys
import tempfile
from typing import Final

from mutmut.mutation.file_mutation import mutate_file_contents

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = "custom_components/evse_suite/control"
TESTS: Final = "tests/control"
MARK: Final = "__mutmut_"
NOTICED: Final = frozenset({"failed", "timeout"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One change of one function."""

    name: str
    """Module, function and number, with mutmut's marks between them."""
    difference: str

    @property
    def module(self) -> str:
        """The module of ``control`` that it changes."""
        return self.name.partition(":")[0]


def main() -> int:
    """Draw, run and report; 0 if the score is at least the one asked for."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    with tempfile.TemporaryDirectory(prefix="mutate-") as folder:
        copy = Path(folder) / "evse-suite"
        subprocess.run(["git", "clone", "--quiet", ROOT, copy], check=True)
        mutants = make(copy, options.modules)
        drawn = draw(mutants, options.sample, options.seed)
        print(f"{len(drawn)} of {len(mutants)} changes, seed {options.seed}", flush=True)
        verdicts = _try(copy, sorted(drawn), options.children, options.each)
    for line in report(drawn, verdicts):
        print(line)
    score = score_of(verdicts)
    print(f"score {score:.1f} %, asked for {options.least:g} %: ", end="")
    print("enough" if score >= options.least else "too little")
    return 0 if score >= options.least else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/mutate", description=__doc__)
    parser.add_argument("modules", nargs="*", help="modules of control/, all by default")
    parser.add_argument("--sample", type=int, default=200, help="so many changes; 0 means all")
    parser.add_argument("--seed", type=int, default=0, help="of the lot")
    parser.add_argument("--children", type=int, default=1, help="processes at a time")
    parser.add_argument("--each", type=float, default=30.0, help="seconds of tests for a change")
    parser.add_argument("--least", type=float, default=85.0, help="fail below this score, in %%")
    return parser.parse_args()


def make(copy: Path, modules: Sequence[str]) -> dict[str, Mutant]:
    """Write the changed functions beside the unchanged ones, and return them by their names."""
    paths = {path.stem: path for path in sorted((copy / PACKAGE).glob("*.py"))}
    if unknown := set(modules) - paths.keys():
        sys.exit(f"no such module of control/: {', '.join(sorted(unknown))}")
    mutants: dict[str, Mutant] = {}
    for module in modules or paths:
        source = paths[module].read_text()
        mutated = mutate_file_contents(str(paths[module]), source)
        lines = mutated.code.splitlines()
        texts = {
            name: lines[span.start - 1 : span.end]
            for name, span in mutated.line_span_by_function_name.items()
        }
        for name in mutated.mutant_names:
            before = texts[f"{name.partition(MARK)[0]}{MARK}orig"]
            # The first lines tell the two names.
            changed = "\n".join(list(unified_diff(before, texts[name], n=1, lineterm=""))[2:])
            mutant = Mutant(name=f"{module}:{name}", difference=changed)
            mutants[mutant.name] = mutant
        paths[module].write_text(mutated.code)
    return mutants


def draw(mutants: Mapping[str, Mutant], sample: int, seed: int) -> dict[str, Mutant]:
    """Return so many mutants by lot, or all; the same seed draws the same."""
    names = sorted(mutants)
    if 0 < sample < len(names):
        names = sorted(random.Random(seed).sample(names, sample))  # noqa: S311
    return {name: mutants[name] for name in names}


def _try(copy: Path, names: list[str], children: int, each_s: float) -> dict[str, str]:
    """Let pytest try the drawn mutants, and return their verdicts."""
    job = copy / "mutation.json"
    asked = {"names": names, "children": children, "each_s": each_s}
    job.write_text(json.dumps(asked))
    environment = os.environ | {"PYTHONPATH": str(copy / "script" / "lib")}
    command = [sys.executable, "-m", "pytest", "-p", "mutation_plugin", "-p", "no:cacheprovider"]
    command += ["-q", "-s", "--no-header", TESTS]
    done = subprocess.run(command, cwd=copy, env=environment, check=False)
    if done.returncode:
        sys.exit(f"the tests could not be run (pytest said {done.returncode})")
    verdicts: dict[str, str] = json.loads(job.read_text())["verdicts"]
    return verdicts


def score_of(verdicts: Mapping[str, str]) -> float:
    """Return how many of the mutants were noticed, in percent."""
    noticed = [verdict for verdict in verdicts.values() if verdict in NOTICED]
    return 100.0 * len(noticed) / max(1, len(verdicts))


def report(drawn: Mapping[str, Mutant], verdicts: Mapping[str, str]) -> Iterator[str]:
    """Yield the table of modules, and then every mutant that was not noticed."""
    missed = [name for name, verdict in verdicts.items() if verdict not in NOTICED]
    tried = Counter(drawn[name].module for name in verdicts)
    survived = Counter(drawn[name].module for name in missed)
    for module, number in sorted(tried.items()):
        yield f"{module:<12} {number - survived[module]:>4} of {number:>4}"
    yield f"{'all':<12} {len(verdicts) - len(missed):>4} of {len(verdicts):>4}"
    late = Counter(verdicts.values())["timeout"]
    yield f"noticed because a test took too long: {late}\n"
    for name in sorted(missed):
        yield f"# {name}: {verdicts[name]}\n{drawn[name].difference}\n"


if __name__ == "__main__":
    sys.exit(main())
