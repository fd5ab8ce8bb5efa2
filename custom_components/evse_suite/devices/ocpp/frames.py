"""OCPP-J frames: a JSON array for each call, result and error (protocol D.1).

Whatever the text holds, only ``FrameError`` is raised.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
import json
from typing import Final, TypeGuard

from ..model import DeviceProtocolError
from ..parse import Fields, parse_json

type UniqueId = str | int
"""A text; some chargers number their calls, and then get the number back."""

LONGEST_ID: Final = 255
CALL: Final = 2
RESULT: Final = 3
ERROR: Final = 4


class ErrorCode(StrEnum):
    """Codes of a call error."""

    NOT_IMPLEMENTED = "NotImplemented"
    NOT_SUPPORTED = "NotSupported"
    INTERNAL_ERROR = "InternalError"
    PROTOCOL_ERROR = "ProtocolError"
    SECURITY_ERROR = "SecurityError"
    FORMATION_VIOLATION = "FormationViolation"
    TYPE_CONSTRAINT_VIOLATION = "TypeConstraintViolation"
    GENERIC_ERROR = "GenericError"


class CallRefusedError(Exception):
    """A call that is answered with an error."""

    def __init__(self, code: ErrorCode, description: str) -> None:
        """Take what is sent to the charge point."""
        super().__init__(description)
        self.code = code


class FrameError(Exception):
    """A text that is no frame; ``unique_id`` names the call that it tried to be, if any."""

    def __init__(self, message: str, unique_id: UniqueId | None = None) -> None:
        """Only a call can be answered with an error."""
        super().__init__(message)
        self.unique_id = unique_id


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody wants something."""

    unique_id: UniqueId
    action: str
    payload: Fields


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to a call of ours."""

    unique_id: UniqueId
    payload: Fields


@dataclass(frozen=True, slots=True)
class Failure:
    """The answer to a call of ours that went wrong over there."""

    unique_id: UniqueId
    code: str
    description: str


type Frame = Call | Result | Failure


def read_frame(text: str) -> Frame:
    """Return what a text says; raises FrameError."""
    try:
        frame = parse_json(text)
    except DeviceProtocolError as error:
        raise FrameError(str(error)) from error
    match frame:
        case [kind, str() | int() as unique_id, *rest] if _is_number(kind):
            if isinstance(unique_id, bool) or len(str(unique_id)) > LONGEST_ID:
                raise FrameError("the frame has no usable id")
            return _read(kind, unique_id, rest)
    raise FrameError("a frame is an array with a type and an id")


def _is_number(kind: object) -> TypeGuard[int]:
    return isinstance(kind, int) and not isinstance(kind, bool)


def _read(kind: int, unique_id: UniqueId, rest: list[object]) -> Frame:
    match kind, rest:
        case 2, [str(action), dict() as payload, *_]:
            return Call(unique_id, action, Fields(payload, action))
        case 3, [dict() as payload, *_]:
            return Result(unique_id, Fields(payload, "result"))
        case 4, [str(code), *more]:
            description = more[0] if more and isinstance(more[0], str) else ""
            return Failure(unique_id, code, description)
    raise FrameError(
        "a frame without what belongs to its type", unique_id if kind == CALL else None
    )


def call_text(unique_id: UniqueId, action: str, payload: Mapping[str, object]) -> str:
    """Return the frame of a call."""
    return _text([CALL, unique_id, action, payload])


def result_text(unique_id: UniqueId, payload: Mapping[str, object]) -> str:
    """Return the frame of an answer."""
    return _text([RESULT, unique_id, payload])


def error_text(unique_id: UniqueId, code: ErrorCode, description: str) -> str:
    """Return the frame of an answer that says what was wrong."""
    return _text([ERROR, unique_id, code, description[:LONGEST_ID], {}])


def _text(frame: list[object]) -> str:
    return json.dumps(frame, separators=(",", ":"))
