# The library ships no types: what is used of it.
from collections.abc import Mapping
from typing import Any

def camel_to_snake_case(data: Mapping[str, Any]) -> dict[str, Any]: ...
