"""Actions on a supply account: payments, tariffs, and what else a supplier sends (MTR-12).

Those that move money or power are for administrators. What is done is on the disk before an action
returns; what is refused has changed nothing.
"""

from collections.abc import Callable, Coroutine
from datetime import date
from functools import partial
import json
import re
from typing import Any, Final

import voluptuous as vol

from homeassistant.core import HomeAssistant, ServiceCall, SupportsResponse, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.service import async_register_admin_service
from homeassistant.util import dt as dt_util

from .account.keeper import SupplyAccount
from .account.ledger import Ledger
from .account.refusals import readable_refusals, refusal
from .account.setup import account_identifier
from .account_orders import CONF_AMOUNT, ORDERS, Fields, Order, amount
from .billing import views
from .billing.codec import encode
from .billing.effects import CodeRejected
from .billing.events import Button, Code, Press, SnapshotKind, TakeRead
from .billing.step import Account
from .const import DOMAIN
from .flows.account_plain import plain_settings, plain_tariff
from .sessions.export import export_folder, save
from .site import Site
from .targets import CONF_DEVICE, device_name

CONF_CODE: Final = "code"
CONF_START: Final = "start_date"
CONF_END: Final = "end_date"
CONF_ACCOUNT: Final = "account"
CONF_FILE: Final = "file_name"
FILE_NAME: Final = re.compile(r"[A-Za-z0-9][\w-]{0,99}\.json", re.ASCII)
"""Stays within the folder."""
SLOT_MIN: Final = 30
PRESS: Final = Press(button=Button.EMERGENCY)
WHICH: Final[Fields] = {vol.Optional(CONF_DEVICE): cv.string}
"""Not needed while there is only one account."""

type Answer = Callable[[SupplyAccount, ServiceCall], Coroutine[Any, Any, dict[str, Any]]]


async def _carry_out(order: Order, supply: SupplyAccount, call: ServiceCall) -> dict[str, Any]:
    ledger = supply.ledger
    with readable_refusals(ledger.setup.name):
        command = order(call.data, ledger.opened)
    await ledger.async_do(command)
    return _state(ledger.opened)


async def _enter_code(supply: SupplyAccount, call: ServiceCall) -> dict[str, Any]:
    """Take a code as if it were typed at the meter, with its lock-outs (MTR-27)."""
    ledger = supply.ledger
    digits = call.data[CONF_CODE].replace(" ", "").replace("-", "")
    effects = await ledger.async_do(Code(digits=digits, amount=call.data.get(CONF_AMOUNT)))
    for effect in effects:
        if isinstance(effect, CodeRejected):
            raise _code_rejected(ledger, effect)
    return _state(ledger.opened)


def _code_rejected(ledger: Ledger, effect: CodeRejected) -> ServiceValidationError:
    if effect.locked_until is None:
        return refusal("account_code_rejected", ledger.setup.name)
    until = f"{dt_util.as_local(effect.locked_until):%H:%M}"
    return refusal("account_code_rejected_and_locked", ledger.setup.name, until=until)


async def take_emergency_credit(ledger: Ledger) -> None:
    """Press the orange button until emergency credit is taken (section 8.8, MTR-14).

    Raises ServiceValidationError when none is offered.
    """
    if not views.emergency_offered(ledger.opened):
        raise refusal("account_no_emergency_credit", ledger.setup.name)
    await ledger.async_do(PRESS)
    if views.emergency_offered(ledger.opened):
        # The first press closed a supply that was offered.
        await ledger.async_do(PRESS)


async def _emergency_credit(supply: SupplyAccount, _call: ServiceCall) -> dict[str, Any]:
    await take_emergency_credit(supply.ledger)
    return _state(supply.ledger.opened)


def _state(account: Account) -> dict[str, Any]:
    """Return how the account stands after an action."""
    left = views.emergency_left(account)
    return {
        "balance": float(views.balance(account)),
        "currency": account.book.currency.value,
        "debt": float(account.book.debt),
        "debt_to_clear": float(views.debt_to_clear(account)),
        "emergency_credit": None if left is None else float(left),
        "supply_on": views.supply_on(account),
    }


# Questions -----------------------------------------------------------------------------------


async def _ad_hoc_read(supply: SupplyAccount, _call: ServiceCall) -> dict[str, Any]:
    """Keep the registers now and return them (MTR-22)."""
    await supply.ledger.async_do(TakeRead())
    snapshots = supply.ledger.opened.book.snapshots
    read: dict[str, Any] = next(
        encode(each) for each in snapshots if each.kind is SnapshotKind.AD_HOC
    )
    return read


async def _get_profile(supply: SupplyAccount, call: ServiceCall) -> dict[str, Any]:
    """Return the half hours of some days; ``energy_wh`` is None where power failed (MTR-21)."""
    first: date | None = call.data.get(CONF_START)
    last: date | None = call.data.get(CONF_END)
    slots = []
    for start, energy_wh in views.profile_slots(supply.ledger.opened):
        shown = dt_util.as_local(start)
        if (first is None or shown.date() >= first) and (last is None or shown.date() <= last):
            slots.append({"start": shown.isoformat(), "energy_wh": energy_wh})
    return {"slot_minutes": SLOT_MIN, "slots": slots}


async def _get_tariff(supply: SupplyAccount, _call: ServiceCall) -> dict[str, Any]:
    """Return the tariff as it can be given to ``set_tariff``, and what waits for its date."""
    book = supply.ledger.opened.book
    future = book.future
    return {
        "currency": book.currency.value,
        "tariff": plain_tariff(book.tariff),
        "special_days": plain_settings(book.config)["special_days"],
        "future": future and {"date": future.on.isoformat(), "tariff": plain_tariff(future.tariff)},
    }


async def _export(supply: SupplyAccount, call: ServiceCall) -> dict[str, Any]:
    """Return the whole account, and write it to a file where one is named (MTR-30)."""
    data = supply.ledger.export()
    answer: dict[str, Any] = {CONF_ACCOUNT: data}
    if CONF_FILE in call.data:
        name, folder = _file_name(call), export_folder(call.hass)
        text = json.dumps(data, indent=1)
        try:
            path = await call.hass.async_add_executor_job(save, folder, name, text)
        except OSError as err:
            raise _failed(err, translation_key="file_not_written", name=name) from err
        answer["file"] = str(path)
    return answer


async def _restore(supply: SupplyAccount, call: ServiceCall) -> dict[str, Any]:
    """Go on with an exported account, at the registers that the meter shows now (MTR-30)."""
    ledger, reading = supply.ledger, supply.feed.reading
    if reading is None:
        raise refusal("account_no_registers", ledger.setup.name)
    if CONF_ACCOUNT in call.data:
        data = call.data[CONF_ACCOUNT]
    elif CONF_FILE in call.data:
        data = await _read_file(call)
    else:
        raise refusal("account_nothing_to_restore", ledger.setup.name)
    # What the export answered is taken as it is, too.
    await ledger.async_restore(data.get(CONF_ACCOUNT, data), reading)
    return _state(ledger.opened)


async def _read_file(call: ServiceCall) -> dict[str, Any]:
    name = _file_name(call)
    path = export_folder(call.hass) / name
    try:
        data = json.loads(await call.hass.async_add_executor_job(path.read_text, "utf-8"))
    except (OSError, ValueError) as err:
        raise _failed(err, translation_key="file_not_read", name=name) from err
    return data if isinstance(data, dict) else {}


def _file_name(call: ServiceCall) -> str:
    """Return a name that stays within the folder of the suite."""
    name: str = call.data[CONF_FILE]
    if FILE_NAME.fullmatch(name) is None:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="no_json_file_name",
            translation_placeholders={"name": name},
        )
    return name


def _failed(error: Exception, *, translation_key: str, name: str) -> HomeAssistantError:
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=translation_key,
        translation_placeholders={"name": name, "detail": str(error)},
    )


ANSWERS: Final[dict[str, tuple[Fields, Answer]]] = {
    "ad_hoc_read": ({}, _ad_hoc_read),
    "get_profile": (
        {vol.Optional(CONF_START): cv.date, vol.Optional(CONF_END): cv.date},
        _get_profile,
    ),
    "get_tariff": ({}, _get_tariff),
}
"""Questions that anybody may ask."""
DEEDS: Final[dict[str, tuple[Fields, Answer]]] = {
    **{name: (fields, partial(_carry_out, order)) for name, (fields, order) in ORDERS.items()},
    "enter_code": (
        {vol.Required(CONF_CODE): cv.string, vol.Optional(CONF_AMOUNT): amount},
        _enter_code,
    ),
    "activate_emergency_credit": ({}, _emergency_credit),
    "export_account": ({vol.Optional(CONF_FILE): cv.string}, _export),
    "restore_account": (
        {
            vol.Exclusive(CONF_ACCOUNT, "from"): dict,
            vol.Exclusive(CONF_FILE, "from"): cv.string,
        },
        _restore,
    ),
}
"""What moves money or power, and what tells all of an account."""


@callback
def async_setup_account_actions(hass: HomeAssistant) -> None:
    """Register the actions, once for all sites."""
    for name, (fields, answer) in ANSWERS.items():
        hass.services.async_register(
            DOMAIN,
            name,
            partial(_handle, hass, answer),
            vol.Schema({**WHICH, **fields}),
            supports_response=SupportsResponse.ONLY,
        )
    for name, (fields, answer) in DEEDS.items():
        async_register_admin_service(
            hass,
            DOMAIN,
            name,
            partial(_handle, hass, answer),
            vol.Schema({**WHICH, **fields}),
            supports_response=SupportsResponse.OPTIONAL,
        )


async def _handle(hass: HomeAssistant, answer: Answer, call: ServiceCall) -> dict[str, Any]:
    return await answer(_meant(hass, call), call)


def _meant(hass: HomeAssistant, call: ServiceCall) -> SupplyAccount:
    """Return the account that a call means.

    Raises ServiceValidationError if it names something else, or nothing while there are several.
    """
    known = _accounts(hass)
    device_id: str | None = call.data.get(CONF_DEVICE)
    if device_id is None and len(known) == 1:
        (device_id,) = known
    if device_id is None:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="which_account")
    if device_id not in known:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="not_an_account",
            translation_placeholders={"name": device_name(hass, device_id)},
        )
    return known[device_id]


def _accounts(hass: HomeAssistant) -> dict[str, SupplyAccount]:
    """Return the accounts of all running sites by the ids of their devices."""
    registry = dr.async_get(hass)
    found: dict[str, SupplyAccount] = {}
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        site: Site = entry.runtime_data
        for supply in site.accounts.all:
            identifier = (DOMAIN, account_identifier(supply.ledger.key))
            device = registry.async_get_device_by_identifier(identifier, entry.entry_id)
            if device is not None:
                found[device.id] = supply
    return found
