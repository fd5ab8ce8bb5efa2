# The library ships no types: its messages are looked up by their names.
from typing import Any

def __getattr__(name: str) -> Any: ...
