"""The login of a WebSocket (protocol B.4): SHA-256 digest in the frame, as RFC 7616 defines it."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
import secrets
from typing import Final

from ..model import DeviceProtocolError
from ..parse import Fields, parse_json
from .identity import USERNAME

_ALGORITHM: Final = "SHA-256"
_GREATEST_COUNT: Final = 2**31
_GREATEST_NONCE: Final = 2**53


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What the device asks for in the message of its error 401."""

    realm: str
    nonce: int | str
    """Goes back as it came: some firmware sends a number, other a text."""
    count: int
    stale: bool
    """The login was right, but for a nonce that has run out."""

    @classmethod
    def parse(cls, message: str) -> Challenge:
        """Read the JSON text of the message; raises DeviceProtocolError for any other text."""
        fields = Fields(parse_json(message), "challenge")
        if fields.need_str("algorithm") != _ALGORITHM:
            raise DeviceProtocolError("the device wants a login that is not SHA-256")
        count = fields.maybe_text_or_int("nc", _GREATEST_COUNT)
        nonce = fields.maybe_text_or_int("nonce", _GREATEST_NONCE)
        if nonce is None:
            raise DeviceProtocolError("the challenge has no nonce")
        return cls(
            realm=fields.need_str("realm"),
            nonce=nonce,
            count=int(count) if count is not None and str(count).isdecimal() else 1,
            stale=fields.maybe_bool("stale") is True,
        )

    def answer(self, password: str, cnonce: str | None = None) -> Mapping[str, object]:
        """Return the ``auth`` object of the repeated request; ``cnonce`` is random by default."""
        cnonce = cnonce or secrets.token_hex(8)
        secret = _hash(f"{USERNAME}:{self.realm}:{password}")
        frame = _hash("dummy_method:dummy_uri")
        return {
            "realm": self.realm,
            "username": USERNAME,
            "nonce": self.nonce,
            "nc": self.count,
            "cnonce": cnonce,
            "response": _hash(f"{secret}:{self.nonce}:{self.count}:{cnonce}:auth:{frame}"),
            "algorithm": _ALGORITHM,
        }


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()
