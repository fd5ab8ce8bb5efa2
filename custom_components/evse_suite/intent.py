"""Intents: boost a car, have it ready by a time, and ask how it is (PLAN-2, PLAN-4, PLAN-5).

Sentences belong to the home: ``docs/automations.md`` has some to copy.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Final, override

import voluptuous as vol

from homeassistant.components.homeassistant.exposed_entities import async_should_expose
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv, entity_registry as er, intent
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .sessions.record import SessionState
from .targets import chargers
from .views import ChargerView

INTENT_BOOST: Final = "EvseSuiteBoost"
INTENT_END_BOOST: Final = "EvseSuiteEndBoost"
INTENT_READY_BY: Final = "EvseSuiteReadyBy"
INTENT_STATUS: Final = "EvseSuiteStatus"
MOST_MINUTES: Final = 24 * 60
MOST_HOURS: Final = 24
MOST_KWH: Final = 200

WORDS: Final = {
    SessionState.IDLE: "no car is plugged in",
    SessionState.WAITING: "the car waits",
    SessionState.NO_ROOM: "the car waits until a limit leaves it room",
    SessionState.CHARGING: "the car is charging",
    SessionState.PAUSED: "charging is paused",
    SessionState.LIMITED: "charging is paused by a limit",
    SessionState.TARGET_REACHED: "the target is reached",
    SessionState.FINISHED: "the car takes no more",
}


async def async_setup_intents(hass: HomeAssistant) -> None:
    """Register the intents, once for all sites."""
    for handler in HANDLERS:
        intent.async_register(hass, handler())


def exposed_chargers(hass: HomeAssistant, assistant: str | None) -> dict[str, ChargerView]:
    """Return the chargers by their devices; for an assistant those whose charge mode it may see."""
    known = chargers(hass)
    if assistant is None:
        return known
    registry = er.async_get(hass)
    found = {}
    for device_id, view in known.items():
        unique_id = f"{view.owner}_charge_mode{view.suffix}"
        entity_id = registry.async_get_entity_id("select", DOMAIN, unique_id)
        if entity_id is not None and async_should_expose(hass, assistant, entity_id):
            found[device_id] = view
    return found


class NotDoneError(Exception):
    """What was said cannot be done; the words are the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is said about which charger."""

    spoken: intent.Intent
    device_id: str
    view: ChargerView
    slots: dict[str, Any]

    async def call(self, action: str, **data: Any) -> None:
        """Call an action of the suite.

        Raises NotDoneError with the words of an action that refuses.
        """
        try:
            await self.spoken.hass.services.async_call(
                DOMAIN,
                action,
                {"device_id": self.device_id, **data},
                blocking=True,
                context=self.spoken.context,
            )
        except HomeAssistantError as err:
            raise NotDoneError(str(err)) from err

    @property
    def plan(self) -> str:
        """The plan of the charger as it is now, in a sentence."""
        return self.view.site.plans.sentence(self.view.spec.key) or ""


class ChargerIntent(intent.IntentHandler, ABC):
    """Is about one charger: the named one, that of the named car, or the one with a car."""

    slots: ClassVar[dict[vol.Marker, Any]] = {vol.Optional("name"): cv.string}

    @property
    @override
    def slot_schema(self) -> dict[vol.Marker, Any]:
        """Return what may be said."""
        return self.slots

    @override
    async def async_handle(self, intent_obj: intent.Intent) -> intent.IntentResponse:
        """Find the charger, do what is wanted, and say it."""
        said = self.async_validate_slots(intent_obj.slots)
        slots = {name: slot["value"] for name, slot in said.items()}
        known = exposed_chargers(intent_obj.hass, intent_obj.assistant)
        response = intent_obj.create_response()
        try:
            device_id, view = _meant(known, slots.get("name"))
            request = Request(spoken=intent_obj, device_id=device_id, view=view, slots=slots)
            response.async_set_speech(await self.async_do(request))
        except NotDoneError as err:
            response.async_set_error(intent.IntentResponseErrorCode.FAILED_TO_HANDLE, str(err))
        return response

    @abstractmethod
    async def async_do(self, request: Request) -> str:
        """Do what is wanted and return what to say."""


class BoostHandler(ChargerIntent):
    """Boost the car for an hour."""

    intent_type = INTENT_BOOST
    description = (
        "Charges a car with full power for some time or some energy, then goes on as before"
    )
    slots: ClassVar[dict[vol.Marker, Any]] = {
        vol.Optional("name"): cv.string,
        vol.Optional("minutes"): vol.All(vol.Coerce(float), vol.Range(min=0, max=MOST_MINUTES)),
        vol.Optional("hours"): vol.All(vol.Coerce(float), vol.Range(min=0, max=MOST_HOURS)),
        vol.Optional("energy_kwh"): vol.All(vol.Coerce(float), vol.Range(min=0, max=MOST_KWH)),
    }

    @override
    async def async_do(self, request: Request) -> str:
        """Boost."""
        minutes = request.slots.get("minutes", 0) + 60 * request.slots.get("hours", 0)
        data: dict[str, Any] = {}
        if "energy_kwh" in request.slots:
            data["energy"] = request.slots["energy_kwh"]
        if minutes:
            data["duration"] = {"minutes": minutes}
        await request.call("boost", **data)
        boost = request.view.site.plans.settings(request.view.spec.key).boost
        name = request.view.link.name
        if boost is None:
            return request.plan
        if boost.left_wh is not None:
            return f"{name} is boosted until it has given {boost.left_wh / 1000:g} kilowatt-hours"
        return f"{name} is boosted until {dt_util.as_local(boost.until):%H:%M}"


class EndBoostHandler(ChargerIntent):
    """End the boost."""

    intent_type = INTENT_END_BOOST
    description = "Ends the boost of a car, which then charges as it did before"

    @override
    async def async_do(self, request: Request) -> str:
        """End the boost."""
        await request.call("cancel_boost")
        return request.plan


class ReadyByHandler(ChargerIntent):
    """Have the car ready at seven with 80 %."""

    intent_type = INTENT_READY_BY
    description = "Has a car charged by the next time that the clock shows an hour and a minute"
    slots: ClassVar[dict[vol.Marker, Any]] = {
        vol.Optional("name"): cv.string,
        vol.Required("hour"): vol.All(vol.Coerce(int), vol.Range(min=0, max=23)),
        vol.Optional("minute"): vol.All(vol.Coerce(int), vol.Range(min=0, max=59)),
        vol.Optional("percent"): vol.All(vol.Coerce(float), vol.Range(min=1, max=100)),
    }

    @override
    async def async_do(self, request: Request) -> str:
        """Plan."""
        slots = request.slots
        data: dict[str, Any] = {"time": f"{slots['hour']:02}:{slots.get('minute', 0):02}"}
        if "percent" in slots:
            data["target_value"] = slots["percent"]
        await request.call("set_ready_by", **data)
        return request.plan


class StatusHandler(ChargerIntent):
    """Tell how the car is."""

    intent_type = INTENT_STATUS
    description = "Tells whether a car charges, why, how much it has been given, and its plan"

    @override
    async def async_do(self, request: Request) -> str:
        """Tell what is known, without doing anything."""
        view = request.view
        summary = view.site.sessions.of(view.link)
        words = f"{view.link.name}: {WORDS[summary.state]}"
        session = summary.session
        if session is not None and session.end is None and session.energy_wh > 0:
            words += f", {session.energy_wh / 1000:.1f} kilowatt-hours so far"
        if view.decision is not None and summary.state is not SessionState.IDLE:
            words += f". {view.decision.sentence.rstrip('.')}"
        return f"{words}. {request.plan}"


def _meant(known: dict[str, ChargerView], name: str | None) -> tuple[str, ChargerView]:
    """Return the only charger that can be meant, and its device.

    Raises NotDoneError with what to say if there is none, or more than one.
    """
    if not known:
        raise NotDoneError("No charger is exposed to me: its charge mode has to be")
    found = list(known.items())
    if name is not None:
        found = [(key, view) for key, view in found if name.casefold() in _names(view)]
        if len(found) != 1:
            raise NotDoneError(f"I know no charger or car that is called {name}")
    elif len(found) > 1:
        found = [
            (key, view)
            for key, view in found
            if view.site.sessions.charged_wh(view.link) is not None
        ]
    if len(found) != 1:
        raise NotDoneError("Which charger do you mean?")
    return found[0]


def _names(view: ChargerView) -> set[str]:
    """Return what people may call a charger."""
    vehicle = view.site.plans.vehicle(view.spec.key).name
    return {name.casefold() for name in (view.link.name, vehicle) if name}


HANDLERS: Final = (BoostHandler, EndBoostHandler, ReadyByHandler, StatusHandler)
