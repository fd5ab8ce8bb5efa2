# The library ships no types: what is used of it.
from collections.abc import Mapping

class Call:
    action: str
    def __init__(self, unique_id: str, action: str, payload: Mapping[str, object]) -> None: ...

class CallResult:
    action: str
    def __init__(
        self, unique_id: str, payload: Mapping[str, object], action: str | None = None
    ) -> None: ...

async def validate_payload(message: Call | CallResult, ocpp_version: str) -> None: ...
