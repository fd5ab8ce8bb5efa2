"""What may be entered in the forms; pure checks without Home Assistant or the network.

A check returns what is stored, and the errors: the field (or ``base``) and the key of its sentence
in the translations. What is returned counts only when there are no errors.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
import re
from typing import Any, Final

from yarl import URL

from ..const import (
    BATTERY_FIRST,
    BY_CHARGE,
    CHARGING,
    CONF_BATTERY,
    CONF_BATTERY_CHARGE,
    CONF_BATTERY_FIRST_BELOW,
    CONF_BATTERY_GIVES_ABOVE,
    CONF_BATTERY_ORDER,
    CONF_BATTERY_SIGN,
    CONF_CLAMP_A,
    CONF_EXPORT_LIMIT_W,
    CONF_FUSE_A,
    CONF_GENERATOR,
    CONF_MAXIMUM_A,
    CONF_PHASES,
    CONF_PRIORITY,
    CONF_ROLE,
    CONF_SAFE_A,
    CONF_SUPPLY,
    CONF_SWITCHES_LINES,
    CONF_UNBALANCE_A,
    CONF_VOLTAGE_V,
    NO_PHASE,
    ROLE_GENERATOR,
    ROLE_OTHER,
)
from ..control.model import MINIMUM_CURRENT_A, Phase
from ..translate import SUPPLY_PHASES

FUSE_RANGE_A: Final = (6, 1000)
CLAMP_RANGE_A: Final = (10, 6000)
CIRCUIT_RANGE_A: Final = (MINIMUM_CURRENT_A, 32)
"""A charging circuit of IEC 61851-1 mode 3 as the chargers here have it (LEK-4, IND-21)."""
VOLTAGE_RANGE_V: Final = (80, 300)
UNBALANCE_RANGE_A: Final = (MINIMUM_CURRENT_A, 1000)
"""Below the minimum of a car no charger on one phase could ever start."""
EXPORT_RANGE_W: Final = (0, 1_000_000)
NO_GENERATOR: Final = "none"
"""Choice for a site without a generator that has a meter of its own."""
BOTH_LEGS: Final = "both"
"""Choice for a single line between the two legs of a split-phase supply (DER-16)."""

HTTP_PORT: Final = 80
MAX_PORT: Final = 65535
SERIAL_PORT: Final = re.compile(r"/dev/[\w./:+-]+|(?:socket|tcp|rfc2217|esphome)://\S+")
BARE_IPV6: Final = re.compile(r"[0-9a-f]*:[0-9a-f.]*:[0-9a-f:.]*", re.IGNORECASE)
TOPIC: Final = re.compile(r"mqtt:[\w/-]+")
NAME_OR_ADDRESS: Final = re.compile(r"[\w-]+(?:\.[\w-]+)*\.?|\[[0-9a-f:.]+\]", re.IGNORECASE)
RATING: Final = re.compile(r"(\d{1,6})\s*a?", re.IGNORECASE)

type Errors = dict[str, str]
type Checked = tuple[dict[str, Any], Errors]


class Supply(StrEnum):
    """Kinds of connection to the grid."""

    SINGLE = "single"
    SPLIT = "split"
    THREE = "three"

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The line conductors of this supply."""
        return SUPPLY_PHASES[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFacts:
    """What a device's form needs to know of its site."""

    supply: Supply
    fuse_a: int
    has_mains_meter: bool = False
    """Another device is the mains meter already."""
    has_generator: bool = False
    has_generator_meter: bool = False
    """Another device is the generator's meter already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteUse:
    """What the devices of a site ask of it; the phases are empty while there is no such device."""

    charger_phases: frozenset[str] = frozenset()
    meter_phases: frozenset[str] = frozenset()
    """Measured by the mains meter."""
    safe_a: int = 0
    """The highest safe current of a charger."""
    has_generator_meter: bool = False


class WrongEntryError(ValueError):
    """Something entered is not possible; ``key`` names the sentence that says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def line_field(index: int) -> str:
    """Return the form's field for a charger's line, counted from 0."""
    return f"line_{index + 1}"


def channel_field(index: int) -> str:
    """Return the form's field for a meter's channel, counted from 0."""
    return f"channel_{index + 1}"


def parse_host(text: str) -> str:
    """Return an address in the one form that is stored: ``name``, ``name:port``, ``[ipv6]:port``.

    A serial port (``/dev/ttyUSB0``, ``socket://name:port``) and a topic (``mqtt:glow/<MAC>``) stay
    as they are.
    An address that was copied from a browser is understood, and port 80 is left out because it is
    what a device has anyway. Raises WrongEntryError (``invalid_host``) for everything else.
    """
    text = text.strip()
    if SERIAL_PORT.fullmatch(text) or TOPIC.fullmatch(text):
        return text
    text = text.removeprefix("http://").removesuffix("/")
    if BARE_IPV6.fullmatch(text):
        text = f"[{text}]"
    name, colon, port_text = text.rpartition(":")
    if not colon or text.endswith("]"):
        name, port_text = text, str(HTTP_PORT)
    if not (NAME_OR_ADDRESS.fullmatch(name) and port_text.isascii() and port_text.isdecimal()):
        raise WrongEntryError("invalid_host")
    port = int(port_text[:6])
    if not 0 < port <= MAX_PORT:
        raise WrongEntryError("invalid_host")
    try:
        URL.build(scheme="http", host=name.strip("[]"), port=port)
    except ValueError as err:
        raise WrongEntryError("invalid_host") from err
    return join_host(name, port)


def join_host(name: str, port: int | None) -> str:
    """Return the stored form of an address whose IPv6 part is bracketed already."""
    return name if port in (None, HTTP_PORT) else f"{name}:{port}"


def parse_rating(text: str, limits_a: tuple[int, int], key: str) -> int:
    """Return a typed rating in amperes, e.g. ``63`` or ``63 A``.

    Raises WrongEntryError with ``key`` for anything else and outside of ``limits_a``.
    """
    match = RATING.fullmatch(text.strip())
    if match is None or not limits_a[0] <= int(match[1]) <= limits_a[1]:
        raise WrongEntryError(key)
    return int(match[1])


def check_site(user_input: Mapping[str, Any], use: SiteUse) -> Checked:
    """Check the site's own form (IND-2).

    A change must not leave a device on a phase that does not exist, a phase without the mains
    meter, or a charger with a safe current that the fuse does not carry.
    """
    errors: Errors = {}
    fuse_a = 0
    try:
        fuse_a = parse_rating(user_input[CONF_FUSE_A], FUSE_RANGE_A, "invalid_fuse")
    except WrongEntryError as err:
        errors[CONF_FUSE_A] = err.key
    else:
        if fuse_a < use.safe_a:
            errors[CONF_FUSE_A] = "fuse_below_safe"
    supply = Supply(user_input[CONF_SUPPLY])
    phases = set(supply.phases)
    if not use.charger_phases <= phases or (use.meter_phases and use.meter_phases != phases):
        errors[CONF_SUPPLY] = "supply_in_use"
    if not VOLTAGE_RANGE_V[0] <= user_input[CONF_VOLTAGE_V] <= VOLTAGE_RANGE_V[1]:
        errors[CONF_VOLTAGE_V] = "invalid_voltage"
    more, wrong = _check_more(user_input, supply, use)
    return {
        CONF_SUPPLY: supply.value,
        CONF_FUSE_A: fuse_a,
        CONF_VOLTAGE_V: float(user_input[CONF_VOLTAGE_V]),
        **more,
    }, errors | wrong


def _check_more(user_input: Mapping[str, Any], supply: Supply, use: SiteUse) -> Checked:
    """Check what few homes have (IND-10, DER-15); what is not there is not stored."""
    data: dict[str, Any] = {}
    errors: Errors = {}
    ranges = {CONF_EXPORT_LIMIT_W: EXPORT_RANGE_W}
    if supply is not Supply.SINGLE:
        ranges[CONF_UNBALANCE_A] = UNBALANCE_RANGE_A
    for key, (least, most) in ranges.items():
        if (value := user_input.get(key)) is not None:
            data[key] = float(value)
            if not least <= value <= most:
                errors[key] = f"invalid_{key.rpartition('_')[0]}"
    side = user_input.get(CONF_GENERATOR, NO_GENERATOR)
    if side != NO_GENERATOR:
        data[CONF_GENERATOR] = side
    elif use.has_generator_meter:
        errors[CONF_GENERATOR] = "generator_in_use"
    if battery := user_input.get(CONF_BATTERY):
        data[CONF_BATTERY] = battery
        data[CONF_BATTERY_SIGN] = user_input.get(CONF_BATTERY_SIGN, CHARGING)
        data[CONF_BATTERY_ORDER] = user_input.get(CONF_BATTERY_ORDER, BATTERY_FIRST)
        bands, wrong = _check_bands(user_input, data[CONF_BATTERY_ORDER])
        data |= bands
        errors |= wrong
    return data, errors


def _check_bands(user_input: Mapping[str, Any], order: str) -> Checked:
    """Check from which charge on the home battery shares with the cars (SITE-7)."""
    keys = (CONF_BATTERY_CHARGE, CONF_BATTERY_FIRST_BELOW, CONF_BATTERY_GIVES_ABOVE)
    data = {key: user_input[key] for key in keys if user_input.get(key) not in (None, "")}
    errors: Errors = {}
    first, gives = data.get(CONF_BATTERY_FIRST_BELOW), data.get(CONF_BATTERY_GIVES_ABOVE)
    if order == BY_CHARGE and first is None:
        errors[CONF_BATTERY_FIRST_BELOW] = "battery_band_missing"
    if CONF_BATTERY_CHARGE not in data and (order == BY_CHARGE or gives is not None):
        errors[CONF_BATTERY_CHARGE] = "battery_charge_missing"
    if first is not None and gives is not None and gives < first:
        errors[CONF_BATTERY_GIVES_ABOVE] = "battery_bands_crossed"
    return data, errors


def check_charger(user_input: Mapping[str, Any], site: SiteFacts, lines: int) -> Checked:
    """Check a charger's form (SITE-2, LEK-4) and return phases, limits and priority."""
    phases, errors = _charger_phases(user_input, site, lines)
    maximum_a = user_input[CONF_MAXIMUM_A]
    safe_a = user_input[CONF_SAFE_A]
    if not CIRCUIT_RANGE_A[0] <= maximum_a <= CIRCUIT_RANGE_A[1] or maximum_a % 1:
        errors[CONF_MAXIMUM_A] = "invalid_maximum"
    if safe_a < 0 or safe_a % 1:
        errors[CONF_SAFE_A] = "invalid_safe"
    elif 0 < safe_a < MINIMUM_CURRENT_A:
        errors[CONF_SAFE_A] = "safe_below_minimum"
    elif safe_a > min(maximum_a, site.fuse_a):
        errors[CONF_SAFE_A] = "safe_too_high"
    asked = {key: user_input[key] for key in (CONF_SWITCHES_LINES,) if key in user_input}
    return {
        CONF_PHASES: phases,
        CONF_MAXIMUM_A: int(maximum_a),
        CONF_SAFE_A: int(safe_a),
        CONF_PRIORITY: int(user_input[CONF_PRIORITY]),
        **asked,
    }, errors


def _charger_phases(
    user_input: Mapping[str, Any], site: SiteFacts, lines: int
) -> tuple[list[str], Errors]:
    """Return the mains phase of each connected line; lines from some line on may be unused."""
    if site.supply is Supply.SINGLE:
        return [Phase.L1.value], {}
    phases: list[str] = []
    errors: Errors = {}
    unused = False
    for index in range(min(lines, len(site.supply.phases))):
        field = line_field(index)
        choice = user_input[field]
        if choice == BOTH_LEGS:
            return [phase.value for phase in site.supply.phases], {}
        if choice == NO_PHASE:
            unused = True
        elif unused:
            errors[field] = "line_gap"
        elif choice in phases:
            errors[field] = "duplicate_phases"
        else:
            phases.append(choice)
    return phases, errors


def check_meter(user_input: Mapping[str, Any], site: SiteFacts, lines: int) -> Checked:
    """Check a meter's form and return role, phase of each channel and range of the clamps.

    Clamps of the mains meter measure each phase of the supply exactly once, those of a generator's
    meter each at most once; those of another meter may sit on any circuits.
    """
    errors: Errors = {}
    phases = [user_input[channel_field(index)] for index in range(lines)]
    data: dict[str, Any] = {CONF_ROLE: user_input[CONF_ROLE], CONF_PHASES: phases}
    if clamp := user_input.get(CONF_CLAMP_A):
        try:
            data[CONF_CLAMP_A] = parse_rating(clamp, CLAMP_RANGE_A, "invalid_clamp")
        except WrongEntryError as err:
            errors[CONF_CLAMP_A] = err.key
    if user_input[CONF_ROLE] == ROLE_OTHER:
        return data, errors
    if user_input[CONF_ROLE] == ROLE_GENERATOR:
        errors |= _generator_place(site, phases)
    else:
        errors |= _mains_place(site, phases)
    for index, phase in enumerate(phases):
        if phase != NO_PHASE and phase in phases[:index]:
            errors[channel_field(index)] = "duplicate_phases"
    return data, errors


def _mains_place(site: SiteFacts, phases: list[str]) -> Errors:
    """Check the place of the mains meter, of which there is one."""
    errors = {CONF_ROLE: "mains_taken"} if site.has_mains_meter else {}
    if not set(site.supply.phases) <= set(phases):
        errors["base"] = "missing_phases"
    return errors


def _generator_place(site: SiteFacts, phases: list[str]) -> Errors:
    """Check the place of a generator's meter; it may feed some of the phases only (DER-15)."""
    errors = {CONF_ROLE: "generator_taken"} if site.has_generator_meter else {}
    if not set(site.supply.phases) & set(phases):
        errors["base"] = "no_generator_phase"
    return errors
