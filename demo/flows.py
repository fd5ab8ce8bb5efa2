"""Filling in Home Assistant's set-up forms the way a person would, over its HTTP API."""

from collections.abc import Mapping, Sequence
from typing import Any

from .api import HomeAssistant, Json
from .process import DemoError

FLOWS = "/api/config/config_entries/flow"
SUBENTRY_FLOWS = "/api/config/config_entries/subentries/flow"
MENU = "menu"
"""Under this name ``answers`` hold what is chosen in menus."""


async def run_flow(
    ha: HomeAssistant, path: str, handler: str | Sequence[str], answers: Mapping[str, Any]
) -> Json:
    """Start a flow and fill in its forms; return how it ended.

    ``answers`` are given wherever a form asks for them by name; everything else stays as the form
    proposes it. Of a menu the choice in ``answers[MENU]`` is taken, or else the first.
    """
    first = await ha.post(path, {"handler": handler, "show_advanced_options": False})
    return await _fill_in(ha, path, first, answers)


async def finish_flow(ha: HomeAssistant, flow_id: str, answers: Mapping[str, Any]) -> Json:
    """Fill in the rest of a flow that a discovery has started."""
    current = await ha.get(f"{FLOWS}/{flow_id}")
    return await _fill_in(ha, FLOWS, current, answers)


async def _fill_in(ha: HomeAssistant, path: str, step: Json, answers: Mapping[str, Any]) -> Json:
    seen: set[str] = set()
    while step["type"] in ("form", "menu"):
        if step["type"] == "menu":
            options: Sequence[str] = step["menu_options"]
            chosen = next((it for it in options if it in answers.get(MENU, ())), options[0])
            step = await ha.post(f"{path}/{step['flow_id']}", {"next_step_id": chosen})
            continue
        if step["errors"]:
            raise DemoError(f"the form {step['step_id']} was refused: {step['errors']}")
        if step["step_id"] in seen:
            raise DemoError(f"the form {step['step_id']} came back without saying why")
        seen.add(step["step_id"])
        data = _filled(step["data_schema"] or [], answers)
        step = await ha.post(f"{path}/{step['flow_id']}", data)
    return step


def _filled(schema: Sequence[Json], answers: Mapping[str, Any]) -> Json:
    data: Json = {}
    for field in schema:
        name = field["name"]
        suggested = (field.get("description") or {}).get("suggested_value")
        if field.get("type") == "expandable":
            data[name] = _filled(field["schema"], answers)
        elif name in answers:
            data[name] = answers[name]
        elif suggested is not None:
            data[name] = suggested
        elif "default" in field:
            data[name] = field["default"]
        elif field.get("required"):
            raise DemoError(f"a form asks for {name}, which the demo does not know")
    return data
