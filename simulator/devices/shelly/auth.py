"""The login of the newer Shelly devices: SHA-256 digest on HTTP and on the WebSocket (B.4)."""

from collections.abc import Mapping
from enum import Enum, auto
from hashlib import sha256
import itertools
import json
import re

USER = "admin"
ALGORITHM = "SHA-256"
WEBSOCKET_HA2_SOURCE = "dummy_method:dummy_uri"
FIRST_NONCE = 1_731_000_000

_nonces = itertools.count(FIRST_NONCE)
_FIELD = re.compile(r'(\w+)=(?:"([^"]*)"|([^",\s]+))')


class Verdict(Enum):
    """What a login is worth."""

    GOOD = auto()
    WRONG = auto()
    STALE = auto()
    """Right but with a nonce that is no longer good."""


class DigestLogin:
    """Checks logins against a password; without one everybody may come in."""

    def __init__(self, realm: str) -> None:
        """Create it without a password."""
        self.realm = realm
        self.password: str | None = None
        self._fresh: set[str] = set()

    def expire(self) -> None:
        """Make every nonce stale that was handed out so far."""
        self._fresh.clear()

    def check_http(self, authorization: str, method: str) -> Verdict:
        """Judge an ``Authorization`` header of a request."""
        fields = _fields(authorization)
        return self._check(fields, f"{method}:{fields.get('uri', '')}")

    def check_frame(self, auth: object) -> Verdict:
        """Judge the ``auth`` object of a frame."""
        if not isinstance(auth, dict):
            return self._check({}, "")
        fields = {key: str(value) for key, value in auth.items()}
        return self._check(fields, WEBSOCKET_HA2_SOURCE)

    def header(self, *, stale: bool) -> str:
        """Return a challenge for ``WWW-Authenticate``."""
        challenge = (
            f'Digest qop="auth", realm="{self.realm}", nonce="{self._nonce()}", '
            f"algorithm={ALGORITHM}"
        )
        return f"{challenge}, stale=true" if stale else challenge

    def frame_challenge(self, *, stale: bool) -> str:
        """Return a challenge as the JSON text that stands in an error frame."""
        challenge: dict[str, object] = {
            "auth_type": "digest",
            "nonce": self._nonce(),
            "nc": 1,
            "realm": self.realm,
            "algorithm": ALGORITHM,
        }
        return json.dumps(challenge | ({"stale": True} if stale else {}))

    def _nonce(self) -> int:
        nonce = next(_nonces)
        self._fresh.add(str(nonce))
        return nonce

    def _check(self, fields: Mapping[str, str], ha2_source: str) -> Verdict:
        if self.password is None:
            return Verdict.GOOD
        nonce = fields.get("nonce", "")
        ha1 = _hash(f"{USER}:{self.realm}:{self.password}")
        counted = f"{nonce}:{fields.get('nc', '')}:{fields.get('cnonce', '')}"
        expected = _hash(f"{ha1}:{counted}:auth:{_hash(ha2_source)}")
        if fields.get("username") != USER or fields.get("response") != expected:
            return Verdict.WRONG
        return Verdict.GOOD if nonce in self._fresh else Verdict.STALE


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _fields(authorization: str) -> dict[str, str]:
    scheme, _, rest = authorization.partition(" ")
    if scheme.lower() != "digest":
        return {}
    return {name: quoted or bare for name, quoted, bare in _FIELD.findall(rest)}
