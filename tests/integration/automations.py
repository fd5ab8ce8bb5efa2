"""Automations of a test, written out or from the blueprints of the suite."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

BLUEPRINTS = Path(__file__).parents[2] / "blueprints" / "automation" / "evse_suite"
NAMES = sorted(path.stem for path in BLUEPRINTS.glob("*.yaml"))


async def automate(hass: HomeAssistant, automations: Iterable[dict[str, Any]]) -> None:
    assert await async_setup_component(hass, "automation", {"automation": list(automations)})
    await hass.async_block_till_done()
    states = hass.states.async_all("automation")
    assert states
    assert {state.state for state in states} == {"on"}


def from_blueprint(name: str, **inputs: Any) -> dict[str, Any]:
    return {"alias": name, "use_blueprint": {"path": f"evse_suite/{name}.yaml", "input": inputs}}


def install(hass: HomeAssistant) -> None:
    """Copy the blueprints to where an import puts them."""
    folder = Path(hass.config.path("blueprints", "automation", "evse_suite"))
    folder.mkdir(parents=True)
    for name in NAMES:
        (folder / f"{name}.yaml").write_text((BLUEPRINTS / f"{name}.yaml").read_text())


async def halt(hass: HomeAssistant) -> None:
    """Stop all automations, whose timers would outlive the test."""
    await hass.services.async_call("automation", "turn_off", {"entity_id": "all"}, blocking=True)
