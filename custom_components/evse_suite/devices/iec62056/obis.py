"""The lines of a read-out: ``1-0:1.8.0*255(061561.289*kWh)`` and the shorter forms of it.

A line that makes no sense is left out, and never an error: meters send what their makers like.
"""

from collections.abc import Iterator, Mapping
from math import isfinite
import re
from typing import Final

from ..model import MeterRegister
from .frames import text_of

MOST_LINES: Final = 400
MOST_TEXT: Final = 64
_LINE: Final = re.compile(
    r"(?:[0-9A-F]{1,3}-[0-9A-F]{1,3}:)?"
    r"(?P<code>[0-9A-FLP]{1,3}(?:\.[0-9A-F]{1,3}){1,2})(?:[*&]\d{1,3})?"
    r"\((?P<value>[^()]*)\)(?P<rest>(?:\([^()]*\))*)"
)
_NUMBER: Final = re.compile(r"[+-]?\d{1,12}(?:\.(\d{1,6}))?")
_SCALES: Final[Mapping[str, tuple[str, float]]] = {
    "kwh": ("Wh", 1000.0),
    "wh": ("Wh", 1.0),
    "mwh": ("Wh", 1_000_000.0),
    "kw": ("W", 1000.0),
    "w": ("W", 1.0),
    "kvarh": ("varh", 1000.0),
    "kvar": ("var", 1000.0),
    "kva": ("VA", 1000.0),
    "v": ("V", 1.0),
    "a": ("A", 1.0),
    "ma": ("A", 0.001),
    "hz": ("Hz", 1.0),
    "m3": ("m³", 1.0),
}
"""Units as they are written, in the units of the suite."""


def read_lines(block: bytes) -> dict[str, MeterRegister]:
    """Return the registers of a data block by their codes; the first of a code counts."""
    found: dict[str, MeterRegister] = {}
    for register in _registers(text_of(block)):
        found.setdefault(register.code, register)
        if len(found) == MOST_LINES:
            break
    return found


def _registers(text: str) -> Iterator[MeterRegister]:
    for line in text.splitlines():
        # Some meters put several data sets on one line.
        for match in _LINE.finditer(line):
            yield _register(match["code"], match["value"])


def _register(code: str, raw: str) -> MeterRegister:
    told = "".join(filter(str.isprintable, raw))
    value_text, unit_text = (part.strip() for part in (*told.split("*", 1), "")[:2])
    number = _NUMBER.fullmatch(value_text)
    unit, scale = _SCALES.get(unit_text.lower(), (unit_text or None, 1.0))
    value = float(value_text) * scale if number else None
    return MeterRegister(
        code=_full(code),
        text=value_text[:MOST_TEXT],
        value=value if value is not None and isfinite(value) else None,
        unit=unit if number else None,
        digits=len(value_text.partition(".")[0].lstrip("+-")) if number else 0,
        decimals=len(number[1] or "") if number else 0,
    )


def _full(code: str) -> str:
    """Return a code with its third group: ``32.7`` and ``32.7.0`` are the same quantity."""
    first, *others = code.split(".")
    return f"{code}.0" if len(others) == 1 and first.isdigit() and others[0] == "7" else code
