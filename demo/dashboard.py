"""A dashboard of core cards for the simulated home."""

from collections.abc import Mapping
from typing import Any

from .api import HomeAssistant, Json
from .day import ACCOUNT
from .home import Entities
from .homes import CHARGER, HOME, NEIGHBOURS, ROOF, Home
from .sources import CHEAP_BUTTON_ID, PRICE_SENSOR, SOC_SENSOR

URL_PATH = "evse-home"
FUSE_A = 60
TOP_UP = 20
GRAPH_HOURS = 0.1
"""As long as a simulated day takes."""


async def show_dashboard(ha: HomeAssistant, sites: Mapping[str, Entities]) -> None:
    """Save the dashboard and make it the first page after the login.

    ``sites`` has the entities of each site by the key of its home.
    """
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
    await ha.command("lovelace/config/save", url_path=URL_PATH, config=_config(sites))
    await ha.command("frontend/set_system_data", key="core", value={"default_panel": URL_PATH})


def _config(sites: Mapping[str, Entities]) -> Json:
    entities = sites[HOME.key]
    views = [
        _view(
            HOME.title,
            "home",
            _home(entities),
            _charger(entities),
            _levers(entities, HOME),
            _graph(entities),
        ),
        _view("Plan", "plan", _plan(entities), _wishes(entities), _calendar(entities)),
        _view("Sessions", "sessions", _session(entities), _month(entities)),
        _view("Account", "account", _credit(entities), _prices(entities)),
    ]
    views += [
        _view(home.title, home.key, *_neighbour(home, sites[home.key]))
        for home in NEIGHBOURS
        if home.key in sites
    ]
    return {"views": views}


def _view(title: str, path: str, *sections: Json) -> Json:
    return {
        "type": "sections",
        "title": title,
        "path": path,
        "max_columns": 3,
        "sections": list(sections),
    }


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


def _levers(entities: Entities, home: Home) -> Json:
    return _section(
        "Try it",
        "mdi:hand-pointing-right",
        *(_tile(entities.lever(lever), toggles=True) for lever in home.levers),
    )


def _plan(entities: Entities) -> Json:
    plan = entities.find(CHARGER, "plan")
    why = entities.find(CHARGER, "explanation")
    return _section(
        "The plan",
        "mdi:calendar-clock",
        {
            "type": "markdown",
            "content": f"**{{{{ states('{plan}') }}}}**\n\nNow: {{{{ states('{why}') }}}}",
            "grid_options": {"columns": 12, "rows": "auto"},
        },
        _tile(entities.find(CHARGER, "next_charge_start"), name="Begins", icon="mdi:play"),
        _tile(entities.find(CHARGER, "next_charge_end"), name="Ends", icon="mdi:stop"),
        _tile(entities.find(CHARGER, "ready_by"), name="To be ready", icon="mdi:clock-alert"),
        _tile(entities.find(CHARGER, "ready_at"), name="Will be ready", icon="mdi:clock-check"),
        _tile(entities.find(CHARGER, "plan_cost"), name="Cost"),
        _tile(entities.find(CHARGER, "plan_green_share"), name="From the sun", color="amber"),
        _tile(PRICE_SENSOR, name="Price now"),
        _tile(SOC_SENSOR, name="Battery of the car"),
    )


def _wishes(entities: Entities) -> Json:
    boost = entities.find(CHARGER, "boost", "button")
    cheap = entities.button(CHEAP_BUTTON_ID)
    return _section(
        "What you want",
        "mdi:hand-heart",
        _tile(
            entities.find(CHARGER, "charge_mode", "select"),
            name="Charge mode",
            columns=12,
            features=[{"type": "select-options"}],
            features_position="inline",
        ),
        _tile(
            entities.find(CHARGER, "target", "number"),
            name="Target",
            columns=12,
            features=[{"type": "numeric-input", "style": "slider"}],
            features_position="inline",
        ),
        _tile(entities.find(CHARGER, "plan", "switch"), name="Plan", toggles=True),
        _tile(entities.find(CHARGER, "minimum_charge", "number"), name="At once below"),
        _pressed(boost, "Boost for an hour", "mdi:rocket-launch"),
        _pressed(cheap, "Cheap hour now", "mdi:cash-fast"),
    )


def _calendar(entities: Entities) -> Json:
    card = {
        "type": "calendar",
        "initial_view": "listWeek",
        "entities": [entities.find(CHARGER, "plan", "calendar")],
        "grid_options": {"columns": 12, "rows": 6},
    }
    return _section("The calendar", "mdi:calendar", card)


def _session(entities: Entities) -> Json:
    return _section(
        "This session",
        "mdi:ev-plug-type2",
        _tile(entities.find(CHARGER, "session_state"), name="State", columns=12),
        _tile(entities.find(CHARGER, "session_energy"), name="Charged"),
        _tile(entities.find(CHARGER, "session_cost"), name="Cost"),
        _tile(entities.find(CHARGER, "session_green_share"), name="From the sun", color="amber"),
        _tile(entities.find(CHARGER, "session_duration"), name="Since plug-in"),
    )


def _month(entities: Entities) -> Json:
    return _section(
        "Before",
        "mdi:history",
        _tile(entities.find(CHARGER, "last_session_energy"), name="Last session"),
        _tile(entities.find(CHARGER, "last_session_cost"), name="Its cost"),
        _tile(entities.find(CHARGER, "month_energy"), name="This month"),
        _tile(entities.find(CHARGER, "month_cost"), name="Cost this month"),
    )


def _credit(entities: Entities) -> Json:
    top_up = {
        "action": "perform-action",
        "perform_action": "evse_suite.add_payment",
        "data": {"amount": TOP_UP},
        "confirmation": {"text": f"Add a payment of {TOP_UP} to the account?"},
    }
    return _section(
        ACCOUNT,
        "mdi:wallet",
        _tile(entities.find(ACCOUNT, "balance"), name="Balance", columns=12),
        _tile(entities.find(ACCOUNT, "cost_today"), name="Cost today"),
        _tile(entities.find(ACCOUNT, "payment_1"), name="Last payment"),
        {
            "type": "button",
            "name": f"Top up {TOP_UP}",
            "icon": "mdi:cash-plus",
            "tap_action": top_up,
            "grid_options": {"columns": 12, "rows": 2},
        },
    )


def _prices(entities: Entities) -> Json:
    page = entities.find(ACCOUNT, "display")
    return _section(
        "Prices",
        "mdi:cash-clock",
        _tile(entities.find(ACCOUNT, "price"), name="Now"),
        _tile(entities.find(ACCOUNT, "next_price"), name="Next"),
        _tile(entities.find(ACCOUNT, "next_price_change"), name="From", columns=12),
        _tile(entities.find(ACCOUNT, "cost_per_hour"), name="Cost per hour"),
        _tile(entities.find(ACCOUNT, "standing_charge"), name="Standing charge"),
        _tile(entities.find(ACCOUNT, "total_register"), name="Register"),
        _tile(entities.find(ACCOUNT, "active_rate"), name="Rate"),
        {
            "type": "markdown",
            "content": f"On the meter's display: `{{{{ states('{page}') }}}}`",
            "grid_options": {"columns": 12, "rows": "auto"},
        },
    )


def _neighbour(home: Home, entities: Entities) -> tuple[Json, ...]:
    charger, why = home.charger, entities.find(home.charger, "explanation")
    graph = {
        "type": "history-graph",
        "hours_to_show": GRAPH_HOURS,
        "entities": [
            {"entity": entities.find(None, "mains_current_l1"), "name": "Mains, L1"},
            {"entity": entities.find(charger, "set_current"), "name": "Allowed"},
        ],
        "grid_options": {"columns": "full", "rows": 4},
    }
    return (
        _section(
            home.site["name"],
            "mdi:home-lightning-bolt",
            _tile(
                entities.find(None, "mode", "select"),
                name="Mode",
                columns=12,
                features=[{"type": "select-options"}],
                features_position="inline",
            ),
            _tile(entities.find(None, "mains_current_l1"), name=f"Fuse {home.site['fuse_a']} A"),
            _tile(entities.find(None, "headroom_l1"), name="Room left"),
            *(_tile(entities.lever(lever), toggles=True) for lever in home.levers),
        ),
        _section(
            charger.name,
            "mdi:ev-station",
            _tile(entities.find(charger, "status"), name="State", columns=12),
            _tile(entities.find(charger, "set_current"), name="Allowed"),
            _tile(entities.find(charger, "power"), name="Power"),
            {
                "type": "markdown",
                "content": f"**Why?** {{{{ states('{why}') }}}}",
                "grid_options": {"columns": 12, "rows": "auto"},
            },
        ),
        _section("The last six minutes", "mdi:chart-line", graph) | {"column_span": 3},
    )


def _pressed(entity_id: str, name: str, icon: str) -> Json:
    press = {
        "action": "perform-action",
        "perform_action": "button.press",
        "target": {"entity_id": entity_id},
    }
    return _tile(entity_id, name=name, icon=icon, hide_state=True) | {
        "tap_action": press,
        "icon_tap_action": press,
    }


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
