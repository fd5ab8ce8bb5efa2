"""What a home file says of the meter: its rules and its tariff, checked."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
import re
from typing import Any, Final

import voluptuous as vol

from ...checks import as_tuple, number, one_of, or_null, truth, whole
from .settings import (
    BLOCKS,
    MOST_SPECIAL_DAYS,
    MOST_SWITCHES,
    RATES,
    Collection,
    Mode,
    Period,
    Rules,
    Season,
    SpecialDay,
    SummerTime,
    Switch,
    Tariff,
)

DAY_NAMES: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_PENCE: Final = 99.99
MOST_LOAD_W: Final = 24_000


def money(most: Decimal, *, signed: bool = False) -> Callable[[object], Decimal]:
    """Return a check for an amount in pounds, e.g. ``12.5``, in whole pence."""
    check = number(float(-most) if signed else 0, float(most))
    return lambda value: Decimal(str(check(value))).quantize(Decimal("0.01"))


def a_date(value: object) -> date:
    """Take a date, or a text like 2026-03-29."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as err:
        raise vol.Invalid(f"expected a date like 2026-03-29, not {value!r}") from err


def minute(value: object) -> int:
    """Take a text like "07:30" or "24:00" and return minutes since midnight."""
    match = re.fullmatch(r"([01]\d|2[0-4]):([0-5]\d)", str(value))
    if match is None or int(match[1]) * 60 + int(match[2]) > 24 * 60:
        raise vol.Invalid(f'expected a time like "07:30", not {value!r}')
    return int(match[1]) * 60 + int(match[2])


def _prices(given: list[list[Decimal]]) -> tuple[tuple[Decimal, ...], ...]:
    """Fill the matrix: rates and blocks that are not there cost what the last one does."""
    rows = [(*row, *[row[-1]] * (BLOCKS - len(row))) for row in given]
    return (*rows, *[rows[-1]] * (RATES - len(rows)))


def _pence(value: object) -> Decimal:
    return Decimal(str(number(0, MOST_PENCE)(value))) / 100


def as_tariff(given: dict[str, Any]) -> Tariff:
    """Return a checked tariff."""
    thresholds = [*given.get("thresholds_kwh", ()), None, None, None][: BLOCKS - 1]
    return Tariff(
        prices=_prices(given["prices_pence"]),
        thresholds_kwh=(thresholds[0], thresholds[1], thresholds[2]),
        usage_of=given.get("usage_of"),
        standing_charge_per_week=given.get("standing_charge_per_week", Decimal(0)),
    )


def as_rules(given: dict[str, Any]) -> Rules:
    """Return checked rules; what is not given is as ``Rules`` has it."""
    rules = dict(given)
    if "summer_time" in rules:
        rules["summer_time"] = SummerTime() if rules["summer_time"] else None
    return Rules(**rules)


def _days(names: list[str]) -> frozenset[int]:
    return frozenset(DAY_NAMES.index(name) for name in names)


def _friendly(given: dict[str, tuple[int, int]]) -> dict[int, tuple[int, int]]:
    return {DAY_NAMES.index(name): hours for name, hours in given.items()}


def _switch(given: dict[str, Any]) -> Switch:
    return Switch(minute=given.pop("at"), **given)


_RATE: Final = whole(1, RATES)
_WEEKLY: Final = money(Decimal("99.99"))
_DAY: Final = one_of(*DAY_NAMES)
TARIFF: Final = vol.Schema(
    {
        vol.Required("prices_pence"): vol.All(
            [vol.All([_pence], vol.Length(1, BLOCKS))], vol.Length(1, RATES)
        ),
        vol.Optional("thresholds_kwh"): vol.All(
            [or_null(whole(0, 99_999))], vol.Length(1, BLOCKS - 1)
        ),
        vol.Optional("usage_of"): _RATE,
        vol.Optional("standing_charge_per_week"): _WEEKLY,
    }
)
_SWITCH: Final = {
    vol.Required("at"): minute,
    vol.Required("rate"): _RATE,
    vol.Optional("days"): vol.All([_DAY], _days),
    vol.Optional("season"): vol.All(one_of(*Season), Season),
    vol.Optional("relay"): truth,
}
_SPECIAL: Final = {
    vol.Required("day"): a_date,
    vol.Optional("rate"): _RATE,
    vol.Optional("relay"): truth,
    vol.Optional("friendly"): truth,
}
_PERIOD: Final = {
    vol.Required("start"): a_date,
    vol.Exclusive("months", "length"): whole(1, 12),
    vol.Exclusive("days", "length"): whole(1, 115),
}
_COLLECTION: Final = vol.All(
    {vol.Optional("always"): truth, vol.Optional("spares_emergency"): truth},
    lambda given: Collection(**given),
)
RULES: Final = vol.Schema(
    {
        vol.Optional("mode"): vol.All(one_of(*Mode), Mode),
        vol.Optional("switches"): vol.All(
            [vol.All(_SWITCH, _switch)], vol.Length(0, MOST_SWITCHES), as_tuple
        ),
        vol.Optional("special_days"): vol.All(
            [vol.All(_SPECIAL, lambda given: SpecialDay(**given))],
            vol.Length(0, MOST_SPECIAL_DAYS),
            as_tuple,
        ),
        vol.Optional("period"): vol.All(_PERIOD, lambda given: Period(**given)),
        vol.Optional("summer_time"): truth,
        vol.Optional("emergency_enabled"): truth,
        vol.Optional("emergency_point"): _WEEKLY,
        vol.Optional("emergency_value"): _WEEKLY,
        vol.Optional("payg_disconnects_below"): vol.All(
            number(-500, 0), lambda value: Decimal(str(value))
        ),
        vol.Optional("friendly"): vol.All(
            {_DAY: vol.All([minute], vol.Length(2, 2), as_tuple)}, _friendly
        ),
        vol.Optional("standing_charge"): _COLLECTION,
        vol.Optional("debt"): _COLLECTION,
        vol.Optional("debt_per_week"): _WEEKLY,
        vol.Optional("load_limit_w"): or_null(number(0, MOST_LOAD_W)),
        vol.Optional("load_limit_patience_s"): number(0, 60),
    }
)
