"""A dashboard of core cards for the simulated home."""

from typing import Any

from .api import HomeAssistant, Json
from .home import CHARGER, LEVERS, ROOF, Entities

URL_PATH = "evse-home"
FUSE_A = 60
GRAPH_HOURS = 0.1
"""As long as a simulated day takes."""


async def show_dashboard(ha: HomeAssistant, entities: Entities) -> None:
    """Save the dashboard and make it the first page after the login."""
    boards = await ha.command("lovelace/dashboards/list")
    if not any(board["url_path"] == URL_PATH for board in boards):
        await ha.command(
            "lovelace/dashboards/create",
            url_path=URL_PATH,
            title="Simulated home",
            icon="mdi:home-lightning-bolt",
            mode="storage",
            show_in_sidebar=True,
            require_admin=False,
        )
    await ha.command("lovelace/config/save", url_path=URL_PATH, config=_config(entities))
    await ha.command("frontend/set_system_data", key="core", value={"default_panel": URL_PATH})


def _config(entities: Entities) -> Json:
    sections = [_home(entities), _charger(entities), _levers(entities), _graph(entities)]
    view = {"type": "sections", "title": "Home", "max_columns": 3, "sections": sections}
    return {"views": [view]}


def _home(entities: Entities) -> Json:
    return _section(
        "Home",
        "mdi:home-lightning-bolt",
        _tile(
            entities.find(None, "mode", "select"),
            name="Mode",
            columns=12,
            features=[{"type": "select-options"}],
            features_position="inline",
        ),
        {
            "type": "gauge",
            "entity": entities.find(None, "mains_current_l1"),
            "name": f"Mains, fuse {FUSE_A} A",
            "min": -30,
            "max": FUSE_A + 10,
            "needle": True,
            "segments": [
                {"from": -30, "color": "var(--info-color)"},
                {"from": 0, "color": "var(--success-color)"},
                {"from": FUSE_A - 10, "color": "var(--warning-color)"},
                {"from": FUSE_A, "color": "var(--error-color)"},
            ],
            "grid_options": {"columns": 12, "rows": 3},
        },
        _tile(entities.find(None, "headroom_l1"), name="Room left"),
        _tile(entities.find(None, "surplus"), name="Surplus", color="amber"),
        _tile(entities.find(ROOF, "power_1"), name="Roof", icon="mdi:solar-power", color="amber"),
        _tile(entities.find(None, "mains_power"), name="From the grid"),
    )


def _charger(entities: Entities) -> Json:
    explanation = entities.find(CHARGER, "explanation")
    return _section(
        CHARGER.name,
        "mdi:ev-station",
        _tile(entities.find(CHARGER, "status"), name="State", columns=12),
        _tile(entities.find(CHARGER, "set_current"), name="Allowed"),
        _tile(entities.find(CHARGER, "current_1"), name="Drawn"),
        _tile(entities.find(CHARGER, "power"), name="Power"),
        _tile(entities.find(CHARGER, "session_energy"), name="This session"),
        {
            "type": "markdown",
            "content": f"**Why?** {{{{ states('{explanation}') }}}}",
            "grid_options": {"columns": 12, "rows": "auto"},
        },
    )


def _levers(entities: Entities) -> Json:
    return _section(
        "Try it",
        "mdi:hand-pointing-right",
        *(_tile(entities.lever(lever), toggles=True) for lever in LEVERS),
    )


def _graph(entities: Entities) -> Json:
    graph = {
        "type": "history-graph",
        "hours_to_show": GRAPH_HOURS,
        "entities": [
            {"entity": entities.find(None, "mains_current_l1"), "name": "Mains"},
            {"entity": entities.find(CHARGER, "current_1"), "name": "Car"},
            {"entity": entities.find(CHARGER, "set_current"), "name": "Allowed"},
        ],
        "grid_options": {"columns": "full", "rows": 4},
    }
    return _section("The last six minutes", "mdi:chart-line", graph) | {"column_span": 3}


def _section(heading: str, icon: str, *cards: Json) -> Json:
    first = {"type": "heading", "heading": heading, "icon": icon, "heading_style": "title"}
    return {"type": "grid", "cards": [first, *cards]}


def _tile(entity_id: str, *, columns: int = 6, toggles: bool = False, **options: Any) -> Json:
    action = {"action": "toggle" if toggles else "more-info"}
    return {
        "type": "tile",
        "entity": entity_id,
        "tap_action": action,
        "icon_tap_action": action,
        "grid_options": {"columns": columns},
        **options,
    }
