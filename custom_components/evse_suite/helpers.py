"""Errors of devices as errors that a person can read."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

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
