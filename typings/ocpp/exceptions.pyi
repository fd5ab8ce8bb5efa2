# The library ships no types: what is used of it.
from collections.abc import Mapping
from typing import Any

class OCPPError(Exception):
    code: str
    description: str
    details: Mapping[str, Any]
