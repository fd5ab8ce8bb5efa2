"""Write docs/coverage.md: which test drives which behaviour.

A test names the behaviour's id in its docstring or in a comment inside it; a module's docstring
counts for all its tests that name none. ``python script/coverage_map.py`` writes the page,
``--check`` only compares and exits non-zero when it is stale or a behaviour has no test.
"""

import argparse
import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
import re
import sys
import tomllib

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "coverage.md"
BEHAVIOURS = ROOT / "docs" / "behaviours.toml"
ROW = re.compile(r"\b(?:LEK|IND|DER|MTR|PLAN|SITE)-\d+\b")
HEAD = """\
# Which test drives which behaviour

Made by `python script/coverage_map.py` from the ids that the tests name; `script/test` fails when
it is stale or when a behaviour below has no test. The ids come from the manuals of the systems
whose behaviour is built here: LEK is the Lektrico ONE with its EM, IND the Indra Smart PRO, SITE
the balancer.

| id | behaviour | tests |
| --- | --- | --- |
"""


def named_rows(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (row id, test) for every test of a file."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    module = ast.parse(source)
    whole_file = ROW.findall(ast.get_docstring(module) or "")
    for node in ast.walk(module):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if not node.name.startswith("test_"):
            continue
        text = "\n".join(lines[node.lineno - 1 : node.end_lineno])
        for row in set(ROW.findall(text)) or set(whole_file):
            yield row, f"{path.relative_to(ROOT)}::{node.name}"


def tests_by_row() -> Mapping[str, list[str]]:
    """Return the tests of every row that any test names."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for row, test in named_rows(path):
            found[row].append(test)
    return found


def page(behaviours: Mapping[str, str], tests: Mapping[str, list[str]]) -> str:
    """Return the page's text."""
    rows = []
    for row, behaviour in behaviours.items():
        names: defaultdict[str, list[str]] = defaultdict(list)
        for test in tests.get(row, []):
            file, name = test.split("::")
            names[file].append(name)
        cells = [
            f"`{file}`: " + ", ".join(f"`{name}`" for name in sorted(set(found)))
            for file, found in sorted(names.items())
        ]
        rows.append(f"| {row} | {behaviour} | {'<br>'.join(cells) or '**none**'} |\n")
    return HEAD + "".join(rows)


def main() -> int:
    """Write or check the page; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args().check
    behaviours: Mapping[str, str] = tomllib.loads(BEHAVIOURS.read_text(encoding="utf-8"))
    tests = tests_by_row()
    text = page(behaviours, tests)
    bare = [row for row in behaviours if not tests.get(row)]
    if bare:
        print("no test names", ", ".join(bare))
    stale = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text
    if stale and check:
        print("docs/coverage.md is stale: run python script/coverage_map.py")
    if stale and not check:
        PAGE.write_text(text, encoding="utf-8")
    return int(bool(bare) or (check and stale))


if __name__ == "__main__":
    sys.exit(main())
