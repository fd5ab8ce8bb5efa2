"""Errors of devices as errors that a person can read, and values as JSON can carry them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
import dataclasses
from enum import Enum
import math
from typing import Any, Final

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized

from .const import DOMAIN
from .devices.model import (
    DeviceAuthError,
    DeviceCommandError,
    DeviceConnectionError,
    DeviceError,
    DeviceMismatchError,
    DeviceProtocolError,
)

ERROR_KEYS: Final[dict[type[DeviceError], str]] = {
    DeviceConnectionError: "not_reachable",
    DeviceAuthError: "login_refused",
    DeviceProtocolError: "unexpected_reply",
    DeviceMismatchError: "wrong_device",
    DeviceCommandError: "command_refused",
}
"""Translation key for each kind of error; all take the placeholders ``name`` and ``detail``."""


async def async_check_admin(hass: HomeAssistant, context: Context | None) -> None:
    """Raise Unauthorized if a person who is no administrator asked; automations may."""
    if context is None or context.user_id is None:
        return
    user = await hass.auth.async_get_user(context.user_id)
    if user is None or not user.is_admin:
        raise Unauthorized(context=context)


@contextmanager
def readable_errors(name: str) -> Iterator[None]:
    """Raise HomeAssistantError for what goes wrong with the device called ``name``.

    A value that the driver itself rejects becomes ServiceValidationError: then nothing was sent.
    """
    try:
        yield
    except DeviceError as err:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key=ERROR_KEYS.get(type(err), "unexpected_reply"),
            translation_placeholders={"name": name, "detail": str(err)},
        ) from err
    except ValueError as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="value_refused",
            translation_placeholders={"name": name, "detail": str(err)},
        ) from err


def plain(value: object) -> Any:
    """Turn frozen values into what JSON can carry; an unknown object into its type's name.

    Infinity, which JSON lacks, becomes None: no limit, or never.
    """
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value.value if isinstance(value, Enum) else value
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = [plain(item) for item in value]
        return items if isinstance(value, list | tuple) else sorted(items)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)
        }
    return type(value).__name__
