"""Write the tables of docs/devices.md that come from the device profiles.

``python script/device_table.py`` writes them, ``--check`` only compares and exits non-zero when
they are stale.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
import sys
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from custom_components.evse_suite.devices.entities import (  # noqa: E402 (needs the path above)
    ProfileKind,
    Role,
    profiles,
)

if TYPE_CHECKING:
    from custom_components.evse_suite.devices.entities import Profile

PAGE = ROOT / "docs" / "devices.md"
BEGIN = "<!-- made by script/device_table.py from the device profiles -->"
END = "<!-- end of what is made -->"
ALONE = {
    "keeps": "keeps the last current",
    "falls_back": "goes to its own safe current",
    "stops": "stops",
    "full": "charges at full power",
    "own_control": "is steered by its maker",
    "unknown": "not known",
}
HEADS = {
    ProfileKind.CHARGER: (
        "| charger | integration | control | says something every | when Home Assistant is gone "
        "| to know |\n| --- | --- | --- | --- | --- | --- |"
    ),
    ProfileKind.METER: (
        "| meter | integration | tells | says something every | to know |\n"
        "| --- | --- | --- | --- | --- |"
    ),
    ProfileKind.SIGNAL: "| signal | integration | to know |\n| --- | --- | --- |",
}


def control(profile: Profile) -> str:
    """Return how a charger is controlled."""
    has = profile.entities.keys() | profile.actions.keys()
    if Role.CURRENT_LIMIT in has:
        pauses = "0 A" if profile.pauses_at_zero else "its switch"
        return f"amperes, paused by {pauses}; writes: {profile.budget}"
    if Role.ENABLE in has:
        return f"on and off only; writes: {profile.budget}"
    return "none: read only"


def told(profile: Profile) -> str:
    """Return what a meter tells."""
    lines = profile.entities.keys() & {Role.POWER_L3, Role.IMPORT_POWER_L3, Role.CURRENT_L3}
    parts = ["each phase" if lines else "all phases together"]
    if Role.EXPORT_ENERGY in profile.entities:
        parts.append("counters of import and export")
    return ", ".join(parts)


def row(profile: Profile) -> str:
    """Return a profile's row."""
    origin = "" if profile.core else " (community)"
    integration = f"`{profile.integration}`{origin}"
    pace = f"{profile.interval_s:g} s"
    notes = " ".join(profile.caveats)
    cells = [profile.name, integration]
    if profile.kind is ProfileKind.CHARGER:
        alone = f"**{ALONE[profile.alone]}.** {profile.alone_note}"
        cells += [control(profile), pace, alone]
    elif profile.kind is ProfileKind.METER:
        cells += [told(profile), pace]
    return f"| {' | '.join([*cells, notes])} |"


def tables() -> Iterator[str]:
    """Yield the lines of all tables."""
    for kind, head in HEADS.items():
        yield head
        known = [it for it in profiles().values() if it.kind is kind]
        yield from sorted((row(it) for it in known), key=str.lower)
        yield ""


def page(text: str) -> str:
    """Return the page with its tables made anew."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"{PAGE}: the marks for the tables are missing")
    return f"{before}{BEGIN}\n\n{'\n'.join(tables())}\n{END}{after}"


def main() -> int:
    """Write the page, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare")
    is_check = parser.parse_args().check
    present = PAGE.read_text(encoding="utf-8")
    wanted = page(present)
    if is_check:
        if present != wanted:
            print(f"{PAGE} is stale: run script/device_table.py", file=sys.stderr)
        return int(present != wanted)
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
