"""Who may dial in: the identity in the path, the login, patience with wrong ones (protocol D.1).

Profile 1 is HTTP Basic, profile 2 the same over TLS; profile 0 asks for nothing and is only for a
charger that can do no better.
"""

import base64
import binascii
from collections import deque
from dataclasses import dataclass
import hmac
import re
from typing import Final
from urllib.parse import unquote

from ..http import Clock

IDENTITY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:@ -]{0,47}")
"""What a charge point may call itself: the protocol allows 20 characters, chargers use more."""
FAILURES: Final = 10
WINDOW_S: Final = 60.0
"""So many wrong logins from one address within this time, and it has to wait as long."""
REMEMBERED: Final = 100
"""Addresses whose failures are counted; the oldest is forgotten for a new one."""


@dataclass(frozen=True, slots=True)
class Login:
    """What a charge point told of itself when it dialled in."""

    username: str
    password: str


def identity_of(path: str) -> str | None:
    """Return the identity in the last segment of a path as it came, None if there is none."""
    identity = unquote(path.rstrip("/").rpartition("/")[2])
    return identity if IDENTITY.fullmatch(identity) else None


def login_of(header: str | None) -> Login | None:
    """Return the login in an ``Authorization`` header, None without one that can be read."""
    kind, _, token = (header or "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        username, colon, password = base64.b64decode(token, validate=True).decode().partition(":")
    except binascii.Error, UnicodeDecodeError, ValueError:
        return None
    return Login(username, password) if colon else None


def is_welcome(login: Login | None, identity: str, password: str | None) -> bool:
    """Tell whether a charge point has the password; None welcomes everybody (profile 0)."""
    if password is None:
        return True
    if login is None:
        return False
    # Together, because an identity may hold the colon that stands between the two.
    told = f"{login.username}:{login.password}"
    return hmac.compare_digest(told.encode(), f"{identity}:{password}".encode())


class Patience:
    """Counts wrong logins by address and says when it is enough for a while."""

    def __init__(self, clock: Clock) -> None:
        """Know no failures."""
        self._clock = clock
        self._failures: dict[str, deque[float]] = {}

    def is_over(self, address: str) -> bool:
        """Whether an address has to wait."""
        failures = self._failures.get(address)
        if failures is None or len(failures) < FAILURES:
            return False
        return self._clock() - failures[0] < WINDOW_S

    def failed(self, address: str) -> None:
        """Note a wrong login."""
        failures = self._failures.pop(address, deque(maxlen=FAILURES))
        failures.append(self._clock())
        self._failures[address] = failures
        while len(self._failures) > REMEMBERED:
            del self._failures[next(iter(self._failures))]

    def succeeded(self, address: str) -> None:
        """Forget the failures of an address."""
        self._failures.pop(address, None)
