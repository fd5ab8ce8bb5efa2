"""Tools with which a language model may boost a car and ask how it is."""

from typing import Final

from homeassistant.components.llm import LLMTools
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import intent
from homeassistant.helpers.llm import (
    LLM_API_ASSIST,
    IntentTool,
    LLMContext,
    Tool,
    ToolAnnotations,
)

from .const import DOMAIN
from .intent import INTENT_BOOST, INTENT_END_BOOST, INTENT_READY_BY, INTENT_STATUS, exposed_chargers

WRITES: Final = ToolAnnotations(destructive=False, idempotent=True, open_world=False)
READS: Final = ToolAnnotations(read_only=True, destructive=False, idempotent=True, open_world=False)
TOOLS: Final = {
    INTENT_BOOST: ("boost", "Boost a car", WRITES),
    INTENT_END_BOOST: ("end_boost", "End the boost of a car", WRITES),
    INTENT_READY_BY: ("ready_by", "Have a car ready by a time", WRITES),
    INTENT_STATUS: ("status", "Tell how a car charges", READS),
}
"""For each intent the name of its tool, the title, and what the tool may do."""


@callback
def async_get_tools(hass: HomeAssistant, llm_context: LLMContext, api_id: str) -> LLMTools | None:
    """Return the tools while a charger is exposed to the assistant."""
    if api_id != LLM_API_ASSIST or not llm_context.assistant:
        return None
    if not exposed_chargers(hass, llm_context.assistant):
        return None
    handlers = {it.intent_type: it for it in intent.async_get(hass) if it.intent_type in TOOLS}
    tools: list[Tool] = [
        IntentTool(
            f"{DOMAIN}__{name}",
            handlers[intent_type],
            title=title,
            integration=DOMAIN,
            annotations=annotations,
        )
        for intent_type, (name, title, annotations) in TOOLS.items()
        if intent_type in handlers
    ]
    return LLMTools(tools=tools)
