"""The steps of a charger or a meter that is made of entities (SITE-8)."""

from dataclasses import replace
from typing import Any, ClassVar

from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_NAME

from ..devices.entities import INVERTED, Role
from ..devices.model import DeviceKind
from .energy import async_prove_sign
from .entities import (
    CONF_DEVICE,
    NOT_TOLD,
    Offer,
    async_offers,
    check_mapping,
    device_id,
    identity_of,
    lines_to_ask,
    mapping_schema,
    mapping_values,
    offers_schema,
    place_schema,
    place_texts,
    read_mapping,
    read_place,
    serial_of,
    stored_offer,
)
from .forms import device_stored, device_suggestions, show_form
from .site import entry_facts, find_device
from .validate import Errors


def subject(kind: DeviceKind) -> str:
    """Return the name of a device that nobody has named."""
    return kind.value.capitalize()


class EntitySteps(ConfigSubentryFlow):
    """From the devices that are recognised to a device of the site."""

    kind: ClassVar[DeviceKind]

    _offer: Offer
    _doubted: bool | None = None
    """The sign that was chosen although the values speak against it."""

    async def async_step_user(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Let the user say how the device is reached."""
        return self.async_show_menu(step_id="user", menu_options=["address", "entities"])

    async def async_step_entities(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Offer the devices that are recognised, and to choose all entities by hand."""
        offers = await async_offers(self.hass, self.kind)
        if user_input is not None and user_input[CONF_DEVICE] in offers:
            self._offer = offers[user_input[CONF_DEVICE]]
            return await self.async_step_mapping()
        values = {CONF_DEVICE: next(iter(offers))}
        return show_form(self, "entities", offers_schema(offers), values=values)

    async def async_step_mapping(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask which entity plays which part."""
        if self.source == SOURCE_RECONFIGURE and user_input is None:
            subentry = self._get_reconfigure_subentry()
            self._offer = stored_offer(subentry.title, subentry.data)
        errors: Errors = {}
        about = ""
        if user_input is not None:
            self._offer = replace(
                self._offer,
                entities=read_mapping(self.hass, user_input),
                inverted=user_input[INVERTED],
            )
            errors, about = check_mapping(self.hass, self.kind, self._offer)
            if not errors and await self._async_sign_is_wrong():
                errors[INVERTED] = "sign_contradicted"
            if not errors:
                return await self.async_step_place()
        elif await self._async_sign() is False:
            self._offer = replace(self._offer, inverted=not self._offer.inverted)
        return show_form(
            self,
            "mapping",
            mapping_schema(self.kind),
            values=mapping_values(self.hass, self.kind, self._offer),
            errors=errors,
            texts={"entity": about, "disabled": ", ".join(self._offer.disabled) or NOT_TOLD},
        )

    async def _async_sign(self) -> bool | None:
        """Tell whether the sign of a meter is as it is set, None where nothing proves it."""
        if self.kind is DeviceKind.CHARGER or Role.POWER not in self._offer.entities:
            return None
        positive = await async_prove_sign(self.hass, self._offer.entities)
        if positive is None:
            return None
        return positive is not self._offer.turned

    async def _async_sign_is_wrong(self) -> bool:
        """Whether the values prove another sign; who chooses it once more has the last word."""
        inverted = self._offer.inverted
        wrong = await self._async_sign() is False and self._doubted is not inverted
        if wrong:
            self._doubted = inverted
        return wrong

    async def async_step_place(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the device's place in the site."""
        entry = self._get_entry()
        if not self._offer.serial:
            self._offer = replace(self._offer, serial=serial_of(self._offer.entities))
        offer = self._offer
        if self.source == SOURCE_RECONFIGURE:
            subentry = self._get_reconfigure_subentry()
            site = entry_facts(entry, subentry.subentry_id)
            identity = identity_of(offer, self.kind, lines_to_ask(offer, self.kind, site))
            values = device_stored(subentry.title, subentry.data, identity, site)
        else:
            site = entry_facts(entry)
            identity = identity_of(offer, self.kind, lines_to_ask(offer, self.kind, site))
            values = device_suggestions(identity, site) | {CONF_NAME: offer.title}
        errors: Errors = {}
        if user_input is not None:
            data, errors = read_place(self.hass, user_input, identity, offer, site)
            if not errors:
                typed: str = user_input[CONF_NAME]
                return self._store(typed.strip() or offer.title or subject(self.kind), data)
            values = user_input
        return show_form(
            self,
            "place",
            place_schema(identity, offer, site),
            values=values,
            errors=errors,
            texts=place_texts(self.hass, self.kind, offer),
        )

    def _store(self, title: str, data: dict[str, Any]) -> SubentryFlowResult:
        if self.source == SOURCE_RECONFIGURE:
            return self.async_update_and_abort(
                self._get_entry(), self._get_reconfigure_subentry(), title=title, data=data
            )
        if find_device(self.hass, device_id(self._offer)) is not None:
            return self.async_abort(reason="already_configured")
        return self.async_create_entry(title=title, data=data, unique_id=device_id(self._offer))
