"""The configuration directory of the demo's Home Assistant."""

from collections.abc import Iterable
from dataclasses import dataclass
import json
from pathlib import Path
import shutil

import yaml

from .api import Json
from .process import LOOPBACK

ROOT = Path(__file__).parent.parent
COMPONENT = ROOT / "custom_components" / "evse_suite"

# What the demo needs; nothing here reaches out to the Internet.
PARTS = (
    "config", "energy", "frontend", "history", "logbook", "my", "system_health", "zeroconf"
)  # fmt: skip

# Three of the four steps of onboarding are taken as done: the step that would follow the first
# user sets up integrations that want the Internet.
ONBOARDED_BUT_FOR_THE_USER = {"done": ["core_config", "analytics", "integration"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """A switch in Home Assistant that does something to the simulated home.

    A real home has hands instead: they belong to the demo, not to the integration.
    """

    key: str
    name: str
    icon: str
    home: str
    """The key of the home that it belongs to."""
    path: str
    """Where in the simulator's control API ``on`` or ``off`` is sent."""
    on: Json
    off: Json

    @property
    def unique_id(self) -> str:
        """Return by what the switch is found in the entity registry."""
        return f"demo_{self.key}"


def prepare(config_dir: Path, *, port: int, parts: Iterable[Json], keep: bool) -> None:
    """Lay out the configuration directory, an empty one unless an old one is kept.

    ``parts`` are what ``switches`` and the functions of ``sources`` return.
    """
    if not keep:
        shutil.rmtree(config_dir, ignore_errors=True)
    storage = config_dir / ".storage"
    storage.mkdir(parents=True, exist_ok=True)
    (config_dir / "configuration.yaml").write_text(_configuration(parts))
    _link_component(config_dir)
    _store(storage, "http", 3, _http_settings(port))
    if not (storage / "onboarding").exists():
        _store(storage, "onboarding", 4, ONBOARDED_BUT_FOR_THE_USER)


def _configuration(parts: Iterable[Json]) -> str:
    """Join parts: of a domain lists are appended and mappings united."""
    whole: Json = dict.fromkeys(PARTS)
    for part in parts:
        for domain, content in part.items():
            if isinstance(content, list):
                whole[domain] = [*(whole.get(domain) or []), *content]
            else:
                whole[domain] = (whole.get(domain) or {}) | content
    return yaml.safe_dump(whole, sort_keys=False)


def switches(control_url: str, levers: Iterable[Lever]) -> Json:
    """Return the configuration of the levers of one home."""
    commands: Json = {}
    found: list[Json] = []
    for lever in levers:
        for state, body in (("on", lever.on), ("off", lever.off)):
            commands[f"{lever.unique_id}_{state}"] = {
                "url": control_url + lever.path,
                "method": "post",
                "content_type": "application/json",
                "payload": json.dumps(body),
            }
        found.append(
            {
                "name": lever.name,
                "unique_id": lever.unique_id,
                "icon": lever.icon,
                "turn_on": {"action": f"rest_command.{lever.unique_id}_on"},
                "turn_off": {"action": f"rest_command.{lever.unique_id}_off"},
            }
        )
    return {"rest_command": commands, "template": [{"switch": found}]}


def _link_component(config_dir: Path) -> None:
    link = config_dir / "custom_components" / COMPONENT.name
    link.parent.mkdir(exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(COMPONENT, target_is_directory=True)


def _http_settings(port: int) -> Json:
    """Return the settings of Home Assistant's web server as it stores them itself.

    The same in YAML would only be on trial for five minutes.
    """
    settings = {
        "server_host": [LOOPBACK],
        "server_port": port,
        "cors_allowed_origins": [],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": False,
        "ssl_profile": "modern_v6",
        "use_x_frame_options": True,
    }
    return {"stable": settings, "pending": None, "yaml_migration_done": True}


def _store(storage: Path, key: str, version: int, data: object) -> None:
    content = {"version": version, "minor_version": 1, "key": key, "data": data}
    (storage / key).write_text(json.dumps(content, indent=2))
