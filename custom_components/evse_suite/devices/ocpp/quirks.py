"""What particular makes do differently, as data (protocol D.6).

Nothing else depends on a make: what can be found out by asking is found out.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """How a charger wants to be treated."""

    relative: bool = False
    """Profiles are relative to the start of the transaction; then they carry no duration."""
    chooses_measurands: bool = True
    """What is measured may be chosen for its owner."""
    has_availability: bool = True
    """``ChangeAvailability`` does no harm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Make:
    vendor: str
    """Beginning of the vendor's name, in small letters."""
    quirks: Quirks


_MAKES: Final = (
    # Reboots in a loop when measurands are tried one after the other, up to firmware 1.8.21.
    _Make(vendor="abb", quirks=Quirks(chooses_measurands=False)),
    # Refuses absolute profiles.
    _Make(vendor="wall box", quirks=Quirks(relative=True)),
    _Make(vendor="wallbox", quirks=Quirks(relative=True)),
    # Does not know ChangeAvailability and takes offence.
    _Make(vendor="en+", quirks=Quirks(has_availability=False)),
    _Make(vendor="en plus", quirks=Quirks(has_availability=False)),
)


def quirks_of(vendor: str) -> Quirks:
    """Return the quirks of a make."""
    name = vendor.strip().lower()
    return next((make.quirks for make in _MAKES if name.startswith(make.vendor)), Quirks())
