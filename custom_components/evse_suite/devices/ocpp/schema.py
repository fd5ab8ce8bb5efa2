"""The published JSON schemas of OCPP 1.6, as the library ``ocpp`` carries them.

What we send has to satisfy them. What chargers send often does not (protocol D.6): it is read all
the same, as far as it makes sense, and the violation is counted.
"""

from collections.abc import Mapping
from typing import Final

from ocpp.exceptions import OCPPError
from ocpp.messages import Call, CallResult, validate_payload
from ocpp.v16.enums import Action

VERSION: Final = "1.6"
ACTIONS: Final = frozenset(action.value for action in Action)
"""Everything that the protocol knows; a schema is never looked for under another name."""


async def call_violation(action: str, payload: Mapping[str, object]) -> str | None:
    """Return what is wrong with a call, None if nothing is."""
    return await _violation(Call("", action, payload))


async def result_violation(action: str, payload: Mapping[str, object]) -> str | None:
    """Return what is wrong with the answer to a call, None if nothing is."""
    return await _violation(CallResult("", payload, action))


async def _violation(message: Call | CallResult) -> str | None:
    if message.action not in ACTIONS:
        return "an action that OCPP 1.6 does not know"
    try:
        await validate_payload(message, VERSION)
    except OCPPError as error:
        cause = error.details.get("cause", error.description)
        return f"{message.action}: {cause}"
    return None
