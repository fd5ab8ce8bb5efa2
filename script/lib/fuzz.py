"""Attacks every parser of the suite with harmed input and tells what was not answered."""

import argparse
import faulthandler
from pathlib import Path
import sys
import time
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.fuzz.parsers import PARSERS, Finding, attack

HANG_S: Final = 120
"""A parser that needs longer for one portion hangs: the place is printed and the run ends."""
PORTION: Final = 1000


def main() -> int:
    """Run; 0 if everything was answered."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--inputs", type=int, default=1_000_000, help="for all parsers together")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--only", default="", help="part of a parser's name")
    given = options.parse_args()
    chosen = [parser for parser in PARSERS if given.only in parser.name]
    each = -(-given.inputs // len(chosen))
    found = 0
    for parser in chosen:
        begun_s = time.perf_counter()
        errors: list[Finding] = []
        for start in range(0, each, PORTION):
            faulthandler.dump_traceback_later(HANG_S, exit=True)
            errors += attack(parser, range(start, min(start + PORTION, each)), given.seed)
        faulthandler.cancel_dump_traceback_later()
        took_s = time.perf_counter() - begun_s
        print(
            f"{parser.name:32} {each:>8} inputs {each / took_s:>8.0f}/s {len(errors):>5} findings"
        )
        for error in errors[:5]:
            print(f"  input {error.made}: {error.error}")
        found += len(errors)
    print(f"{each * len(chosen)} inputs, {found} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
