"""Prices to come as the home's integrations tell them, kept when they fall silent (PLAN-3)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.util import dt as dt_util

from ..planning.model import PriceSlot
from ..planning.prices import (
    MOST_PER_KWH,
    PriceTrouble,
    factor,
    read_attributes,
    read_lists,
    updated,
)
from .price_actions import ACTIONS, Question

REMEMBERED: Final = timedelta(days=8)
"""Prices of a week ago tell what a price that is missing may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Markup:
    """What comes on top of a price: first the tax, then the surcharge per kWh."""

    tax_percent: float = 0.0
    surcharge: float = 0.0

    def on(self, slot: PriceSlot) -> PriceSlot:
        """Return the slot with what is paid in it."""
        price = slot.price_per_kwh * (1 + self.tax_percent / 100) + self.surcharge
        return PriceSlot(start=slot.start, end=slot.end, price_per_kwh=round(price, 6))


def read_state(hass: HomeAssistant, state: State) -> tuple[PriceSlot, ...] | PriceTrouble:
    """Return the prices to come that an entity tells in its attributes."""
    return read_attributes(
        state.attributes,
        state.attributes.get(ATTR_UNIT_OF_MEASUREMENT),
        zone=dt_util.get_default_time_zone(),
        currency=hass.config.currency,
    )


async def async_asked(
    hass: HomeAssistant, state: State
) -> tuple[PriceSlot, ...] | PriceTrouble | None:
    """Return the prices that an entity's integration answers, None where it cannot be asked."""
    entity = er.async_get(hass).async_get(state.entity_id)
    if entity is None or entity.config_entry_id is None:
        return None
    if (ask := ACTIONS.get(entity.platform)) is None:
        return None
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    answer = await ask(Question(hass=hass, entity=entity, unit=unit))
    return read_lists(
        answer.lists,
        answer.unit,
        zone=dt_util.get_default_time_zone(),
        currency=hass.config.currency,
    )


def price_now(hass: HomeAssistant, entity_id: str) -> float | None:
    """Return the price that an entity shows now, in the home's currency per kWh."""
    state = hass.states.get(entity_id)
    if state is None:
        return None
    scale = factor(state.attributes.get(ATTR_UNIT_OF_MEASUREMENT), hass.config.currency)
    try:
        price = float(state.state)
    except ValueError:
        return None
    if not isinstance(scale, float) or not abs(price * scale) < MOST_PER_KWH:
        return None
    return price * scale


class PriceFeed:
    """The prices that some entities tell together."""

    def __init__(
        self,
        hass: HomeAssistant,
        entity_ids: Sequence[str],
        on_change: Callable[[], None],
        markup: Markup | None = None,
    ) -> None:
        """Take who tells prices; nobody is asked before ``start``."""
        self._hass = hass
        self._entity_ids = list(entity_ids)
        self._on_change = on_change
        self._markup = markup or Markup()
        self.slots: tuple[PriceSlot, ...] = ()
        """Known prices, those of the last week among them; an entity that fell silent keeps its."""
        self._silent: set[str] = set()
        """Who tells nothing in its attributes."""
        self._shown: float | None = None

    @callback
    def start(self) -> Callable[[], None]:
        """Take what is told already and listen; return how to stop."""
        self._shown = self.shown_per_kwh(dt_util.utcnow())
        for entity_id in self._entity_ids:
            self._take(self._hass.states.get(entity_id))

        @callback
        def changed(event: Event[EventStateChangedData]) -> None:
            self._take(event.data["new_state"])

        return async_track_state_change_event(self._hass, self._entity_ids, changed)

    def reaches(self, moment: datetime) -> bool:
        """Tell whether prices are known up to a moment."""
        return bool(self.slots) and self.slots[-1].end > moment

    def shown_per_kwh(self, now: datetime) -> float | None:
        """Return the price that is shown as a state, of entities that tell no prices to come."""
        for entity_id in self._entity_ids:
            price = price_now(self._hass, entity_id)
            if price is not None:
                slot = PriceSlot(start=now, end=now, price_per_kwh=price)
                return self._markup.on(slot).price_per_kwh
        return None

    async def async_refresh(self) -> None:
        """Ask those who tell their prices only when asked."""
        for entity_id in sorted(self._silent):
            state = self._hass.states.get(entity_id)
            read = None if state is None else await async_asked(self._hass, state)
            if read is not None:
                self._keep(read)

    @callback
    def _take(self, state: State | None) -> None:
        if state is None:
            return
        read = read_state(self._hass, state)
        if read is PriceTrouble.NO_PRICES:
            self._silent.add(state.entity_id)
            self._show()
        else:
            self._silent.discard(state.entity_id)
            self._keep(read)

    def _show(self) -> None:
        """Tell another price of now where that is all that is known."""
        shown = self.shown_per_kwh(dt_util.utcnow())
        if shown != self._shown:
            self._shown = shown
            if not self.slots:
                self._on_change()

    def _keep(self, read: tuple[PriceSlot, ...] | PriceTrouble) -> None:
        """Keep what can be read beside what is known already."""
        if isinstance(read, PriceTrouble):
            return
        oldest = dt_util.utcnow() - REMEMBERED
        kept = [slot for slot in self.slots if slot.end > oldest]
        slots = updated(kept, [self._markup.on(slot) for slot in read])
        if slots != self.slots:
            self.slots = slots
            self._on_change()
