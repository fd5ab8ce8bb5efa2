"""What is typed into the forms of a supply account, checked, and what is stored of it.

Every ``read_…`` returns the draft with what was typed, or raises `WrongFormError`.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Final, Self

from homeassistant.const import (
    ATTR_UNIT_OF_MEASUREMENT,
    CONF_MODE,
    CONF_NAME,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
)
from homeassistant.core import StateMachine
from homeassistant.util.unit_conversion import EnergyConverter

from ..account.setup import Start
from ..billing.codec import BadData, encode
from ..billing.events import Reading
from ..billing.model import (
    BLOCKS,
    KWH,
    RATES,
    ZERO,
    BillingPeriod,
    Clock,
    Config,
    Currency,
    DaylightSaving,
    EmergencyCredit,
    Mode,
    Opening,
    PeriodUnit,
    Tariff,
    TariffKind,
    YearlyInstant,
)
from ..billing.validate import Impossible, Wrong, check_config, check_opening, check_tariff
from ..const import (
    CONF_EDITED,
    CONF_EXPORT,
    CONF_GAS_COST,
    CONF_OPENING,
    CONF_PAUSE_BELOW,
    CONF_RATES,
    CONF_RELAY_SWITCH,
    CONF_SERIAL,
    CONF_SETTINGS,
    CONF_SUPPLY_SWITCH,
    CONF_TARIFF,
    CONF_TOTAL,
)
from . import account_forms as forms
from .account_plain import (
    limits,
    read_settings,
    read_special_days,
    read_tariff,
    wrong_line,
)
from .validate import Errors

WIRING: Final = (CONF_RATES, CONF_EXPORT, CONF_GAS_COST, CONF_SUPPLY_SWITCH, CONF_RELAY_SWITCH)
"""Entities that an account may have beside its total register."""
NOTHING: Final = Reading(at=datetime.fromtimestamp(0, UTC), total_wh=0)
"""A register, to check an opening before one is read."""
SUNDAY: Final = 6
MOST_EASTERN: Final = timedelta(hours=2)
"""In Europe."""
MOST_PAUSE: Final = Decimal("999.99")
type Fields = Mapping[str, tuple[str, int]]
"""A form's fields by the lines they make, and how many of a line's units make one of theirs."""

METER_FIELDS: Final[Fields] = {"mpan": (forms.CONF_MPAN, 1), "serial": (CONF_SERIAL, 1)}
TERMS_FIELDS: Final[Fields] = {
    "emergency.point": (forms.CONF_EMERGENCY_POINT, 1),
    "emergency.value": (forms.CONF_EMERGENCY_VALUE, 1),
    "disconnection_value": (forms.CONF_DISCONNECTION, 1),
    "load_limit_w": (forms.CONF_LOAD_LIMIT_KW, KWH),
    "balance": (forms.CONF_BALANCE, 1),
    "debt": (forms.CONF_DEBT, 1),
    "debt_per_week": (forms.CONF_DEBT_PER_WEEK, 1),
}
KIND_FIELDS: Final[Fields] = {
    "standing_per_week": (forms.CONF_STANDING, 1),
    "period.length": (forms.CONF_PERIOD_LENGTH, 1),
    "period.start_day": (forms.CONF_PERIOD_DAY, 1),
    "period.start_month": (forms.CONF_PERIOD_MONTH, 1),
}
BLOCKS_FIELDS: Final[Fields] = {
    f"thresholds_wh.{number}": (key, KWH)
    for number, key in enumerate(forms.CONF_THRESHOLDS_KWH, start=1)
}
TABLES: Final = (forms.CONF_SWITCHES, forms.CONF_SPECIAL_DAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A supply account while its forms are filled in."""

    title: str = ""
    wiring: Mapping[str, Any] = field(default_factory=dict)
    settings: Config
    tariff: Tariff
    start: Start = field(default_factory=Start)
    pause_below: Decimal | None = None

    @classmethod
    def new(cls, currency: str, zone: tzinfo) -> Self:
        """Return what stands in the forms of a new account in a home of this currency and zone."""
        known = Currency(currency) if currency in list(Currency) else Currency.GBP
        return cls(
            settings=Config(
                mode=Mode.PREPAYMENT,
                emergency=EmergencyCredit(enabled=False),
                clock=clock_of(zone),
            ),
            tariff=Tariff(prices=((ZERO,) * BLOCKS,) * RATES),
            start=Start(currency=known),
        )

    def stored(self, edited: str) -> dict[str, Any]:
        """Return what the subentry keeps; ``edited`` tells this time from the one before."""
        data = {
            **self.wiring,
            CONF_SETTINGS: encode(self.settings),
            CONF_TARIFF: encode(self.tariff),
            CONF_OPENING: encode(self.start),
            CONF_EDITED: edited,
        }
        if self.pause_below is not None:
            data[CONF_PAUSE_BELOW] = str(self.pause_below)
        return data


def clock_of(zone: tzinfo) -> Clock:
    """Return the clock that hangs on the wall in a time zone, so that rates go by it (MTR-29).

    Daylight saving is that of Europe, at 01:00 GMT, or none: other rules are set as YAML.
    """
    winter, summer = (
        datetime(2026, month, 15, tzinfo=zone).utcoffset() or timedelta() for month in (1, 7)
    )
    offset_min = min(winter, summer) // timedelta(minutes=1)
    standard = Clock(standard_offset_min=offset_min, daylight_saving=None)
    if summer - winter != timedelta(hours=1) or not timedelta() <= winter <= MOST_EASTERN:
        return standard
    at = (NOTHING.at + timedelta(hours=1) + winter).time()
    rule = DaylightSaving(
        start=YearlyInstant(month=3, week=5, weekday=SUNDAY, at=at),
        end=YearlyInstant(month=10, week=5, weekday=SUNDAY, at=at),
    )
    return replace(standard, daylight_saving=rule)


class WrongFormError(Exception):
    """What was typed cannot be; ``errors`` and ``texts`` are for the form."""

    def __init__(self, errors: Errors, texts: Mapping[str, str] | None = None) -> None:
        super().__init__(errors)
        self.errors = errors
        self.texts = dict(texts or {})


def wiring_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entities of a stored account."""
    return {key: data[key] for key in (CONF_TOTAL, *WIRING) if data.get(key)}


def read_meter(
    draft: Draft, typed: Mapping[str, Any], states: StateMachine, taken: Collection[str]
) -> Draft:
    """Take which meter it is; the MPAN is typed twice (section 9.10, MTR-30)."""
    title = typed[CONF_NAME].strip()
    mpan, again = (
        typed.get(key, "").replace(" ", "") for key in (forms.CONF_MPAN, forms.CONF_MPAN_AGAIN)
    )
    wiring = wiring_of(typed)
    errors = dict(_wrong_entities(wiring, states))
    if not title:
        errors[CONF_NAME] = "name_missing"
    elif title in taken:
        errors[CONF_NAME] = "name_taken"
    if mpan != again:
        errors[forms.CONF_MPAN_AGAIN] = "mpan_differs"
    if errors:
        raise WrongFormError(errors)
    settings = replace(draft.settings, mpan=mpan, serial=typed.get(CONF_SERIAL, "").strip())
    _check(METER_FIELDS, settings=settings)
    return replace(draft, title=title, wiring=wiring, settings=settings)


def _wrong_entities(wiring: Mapping[str, Any], states: StateMachine) -> Iterator[tuple[str, str]]:
    """Yield the fields whose entities cannot be registers, and why."""
    seen: set[str] = set()
    for key in (CONF_TOTAL, CONF_EXPORT, CONF_RATES):
        named = wiring.get(key, [])
        for entity_id in [named] if isinstance(named, str) else named:
            if not _is_energy(states, entity_id):
                yield key, "not_energy"
            if entity_id in seen:
                yield key, "entity_twice"
            seen.add(entity_id)
    if len(wiring.get(CONF_RATES, ())) > RATES:
        yield CONF_RATES, "too_many_rates"


def _is_energy(states: StateMachine, entity_id: str) -> bool:
    """Tell whether an entity shows an energy; one that shows nothing now may do so later."""
    state = states.get(entity_id)
    if state is None:
        return False
    if state.state in (STATE_UNAVAILABLE, STATE_UNKNOWN):
        return True
    return state.attributes.get(ATTR_UNIT_OF_MEASUREMENT) in EnergyConverter.VALID_UNITS


def read_terms(draft: Draft, typed: Mapping[str, Any]) -> Draft:
    """Take mode, emergency credit and limits, and the opening of a new account (MTR-30)."""
    limit_kw, pause = typed.get(forms.CONF_LOAD_LIMIT_KW), typed.get(CONF_PAUSE_BELOW)
    pause_below = None if pause is None else _decimal(pause)
    settings = replace(
        draft.settings,
        mode=Mode(typed[CONF_MODE]),
        emergency=EmergencyCredit(
            enabled=typed[forms.CONF_EMERGENCY],
            point=_decimal(typed[forms.CONF_EMERGENCY_POINT]),
            value=_decimal(typed[forms.CONF_EMERGENCY_VALUE]),
        ),
        disconnection_value=_decimal(typed[forms.CONF_DISCONNECTION]),
        low_credit_warning=typed[forms.CONF_WARNING],
        load_limit_w=None if limit_kw is None else round(_decimal(limit_kw) * KWH),
    )
    start = _start(draft.start, typed)
    _check(TERMS_FIELDS, settings=settings, opening=start.opening(NOTHING, NOTHING.at))
    if pause_below is not None and abs(pause_below) > MOST_PAUSE:
        texts = {"low": str(-MOST_PAUSE), "high": str(MOST_PAUSE)}
        raise WrongFormError({CONF_PAUSE_BELOW: Wrong.RANGE.value}, texts)
    return replace(draft, settings=settings, start=start, pause_below=pause_below)


def _start(start: Start, typed: Mapping[str, Any]) -> Start:
    """Return what a new account begins with; an account that runs has no such fields."""
    if forms.CONF_CURRENCY not in typed:
        return start
    return replace(
        start,
        currency=Currency(typed[forms.CONF_CURRENCY]),
        balance=_decimal(typed[forms.CONF_BALANCE]),
        debt=_decimal(typed[forms.CONF_DEBT]),
        debt_per_week=_decimal(typed[forms.CONF_DEBT_PER_WEEK]),
    )


def read_kind(draft: Draft, typed: Mapping[str, Any]) -> Draft:
    """Take the kind of tariff, its standing charge and its billing period (MTR-5, MTR-7)."""
    kind = TariffKind(typed[forms.CONF_KIND])
    tariff = replace(
        draft.tariff,
        kind=kind,
        standing_per_week=_decimal(typed[forms.CONF_STANDING]),
        daily=draft.tariff.daily and kind is not TariffKind.TIME_OF_USE,
        period=BillingPeriod(
            start_day=_whole(typed, forms.CONF_PERIOD_DAY),
            start_month=_whole(typed, forms.CONF_PERIOD_MONTH),
            length=_whole(typed, forms.CONF_PERIOD_LENGTH),
            unit=PeriodUnit(typed[forms.CONF_PERIOD_UNIT]),
        ),
    )
    _check(KIND_FIELDS, tariff=tariff)
    return replace(draft, tariff=tariff)


def read_blocks(draft: Draft, typed: Mapping[str, Any]) -> Draft:
    """Take where blocks begin, and whether they are resolved by day (MTR-6, MTR-9)."""
    thresholds_kwh = [typed.get(key) for key in forms.CONF_THRESHOLDS_KWH]
    source = typed[forms.CONF_USAGE_FROM]
    tariff = replace(
        draft.tariff,
        thresholds_wh=tuple(
            None if kwh is None else round(_decimal(kwh) * KWH) for kwh in thresholds_kwh
        ),
        usage_from=0 if source == forms.TOTAL else int(source),
        daily=typed[forms.CONF_DAILY],
    )
    _check(BLOCKS_FIELDS, tariff=tariff)
    return replace(draft, tariff=tariff)


def read_prices(draft: Draft, typed: Mapping[str, Any]) -> Draft:
    """Take the prices that the kind of tariff uses; the others stay (MTR-7)."""
    prices = [list(row) for row in draft.tariff.prices]
    places = forms.price_fields(draft.tariff.kind)
    for key, (rate, block) in places.items():
        prices[rate][block] = _decimal(typed[key])
    tariff = replace(draft.tariff, prices=tuple(tuple(row) for row in prices))
    fields = {f"prices.{rate + 1}.{block + 1}": (key, 1) for key, (rate, block) in places.items()}
    _check(fields, tariff=tariff)
    return replace(draft, tariff=tariff)


def read_switching(draft: Draft, typed: Mapping[str, Any]) -> Draft:
    """Take the switching table and the special days (MTR-3, MTR-4)."""
    switches = [
        row | {"rate": int(row["rate"]), "season": row["season"].upper()}
        for row in typed.get(forms.CONF_SWITCHES, [])
    ]
    special_days = [
        row | {"rate": None if row["rate"] == forms.NORMAL else int(row["rate"])}
        for row in typed.get(forms.CONF_SPECIAL_DAYS, [])
    ]
    try:
        tariff = read_tariff({**encode(draft.tariff), "switches": switches})
        days = read_special_days(special_days)
    except (BadData, Impossible) as err:
        raise _wrong_row(err) from err
    settings = replace(draft.settings, special_days=days)
    _check({}, settings=settings)
    return replace(draft, tariff=tariff, settings=settings)


def read_yaml(draft: Draft, typed: Mapping[str, Any]) -> Draft:
    """Take a tariff and settings as YAML."""
    try:
        tariff = read_tariff(typed[CONF_TARIFF])
    except (BadData, Impossible) as err:
        raise _wrong_yaml(CONF_TARIFF, err) from err
    try:
        settings = read_settings(typed[CONF_SETTINGS])
    except (BadData, Impossible) as err:
        raise _wrong_yaml(CONF_SETTINGS, err) from err
    return replace(draft, tariff=tariff, settings=settings)


def _wrong_yaml(key: str, error: BadData | Impossible) -> WrongFormError:
    sentence, texts = wrong_line(error, key)
    return WrongFormError({key: sentence}, texts)


def _wrong_row(error: BadData | Impossible) -> WrongFormError:
    """Return what is wrong with a row, told beside its table, or above the form."""
    sentence, texts = wrong_line(error)
    table = texts["line"].partition(".")[0]
    return WrongFormError({table if table in TABLES else "base": sentence}, texts)


def _check(
    fields: Fields,
    *,
    settings: Config | None = None,
    tariff: Tariff | None = None,
    opening: Opening | None = None,
) -> None:
    """Raise `WrongFormError` for the first line that is wrong, beside its field if it has one."""
    try:
        if settings is not None:
            check_config(settings)
        if tariff is not None:
            check_tariff(tariff)
        if opening is not None:
            check_opening(opening)
    except Impossible as err:
        problem = err.problems[0]
        if problem.path not in fields:
            raise _wrong_row(err) from err
        key, scale = fields[problem.path]
        raise WrongFormError({key: problem.wrong.value}, limits(problem, scale)) from err


def _decimal(number: float) -> Decimal:
    """Return a number as it was typed."""
    return Decimal(str(number))


def _whole(typed: Mapping[str, Any], key: str) -> int:
    if typed[key] % 1:
        raise WrongFormError({key: "whole_number"})
    return int(typed[key])
