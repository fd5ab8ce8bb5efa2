"""The simulated home in Home Assistant: set up by its forms, found in its registry."""

from collections.abc import Mapping
import contextlib
from dataclasses import dataclass
from typing import Any

from .api import HomeAssistant, Json
from .configuration import Lever
from .flows import FLOWS, SUBENTRY_FLOWS, finish_flow, run_flow
from .process import DemoError
from .waiting import wait_until

DOMAIN = "evse_suite"
SITE = {
    "name": "Simulated home",
    "supply": "single",
    "fuse_a": "60",
    "voltage_v": 230,
    "mode": "hybrid",
}
PLACE = {
    "location_name": "Simulated home",
    "country": "GB",
    "currency": "GBP",
    "time_zone": "Europe/London",
    "unit_system": "metric",
    "latitude": 51.5,
    "longitude": -0.12,
    "elevation": 10,
}
DISCOVERY_LIMIT_S = 6.0
SET_UP_LIMIT_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device of the simulated home and how the demo adds it to the site."""

    key: str
    """Its name in the home file."""
    kind: str
    """charger or meter, the type of its subentry."""
    answers: Mapping[str, Any]
    """What the forms are told; everything else stays as they propose it."""

    sensor: str
    """A sensor that is there once the device has been read."""

    @property
    def name(self) -> str:
        """Return what it is called in Home Assistant."""
        name: str = self.answers["name"]
        return name


CHARGER = Device(
    key="garage", kind="charger", answers={"name": "Garage charger"}, sensor="current_1"
)
MAINS = Device(
    key="mains",
    kind="meter",
    answers={"name": "Mains meter", "role": "mains"},
    sensor="voltage_1",
)
ROOF = Device(
    key="roof",
    kind="meter",
    answers={"name": "Roof meter", "role": "other", "channel_1": "none", "channel_2": "none"},
    sensor="power_1",
)
DEVICES = (MAINS, CHARGER, ROOF)

KETTLE, SHOWER, OVEN = (
    Lever(
        key=key,
        name=key.capitalize(),
        icon=icon,
        path=f"/appliance/{key}",
        on={"on": True},
        off={"on": None},
    )
    for key, icon in (
        ("kettle", "mdi:kettle"),
        ("shower", "mdi:shower-head"),
        ("oven", "mdi:stove"),
    )
)
LEVERS = (
    KETTLE,
    SHOWER,
    OVEN,
    Lever(
        key="unplug",
        name="Car away",
        icon="mdi:car-arrow-right",
        path="/car/leaf",
        on={"unplug": True},
        off={"plug": True},
    ),
    Lever(
        key="silence",
        name="Meter silent",
        icon="mdi:lan-disconnect",
        path=f"/device/{MAINS.key}/fault",
        on={"silent": True},
        off={"silent": False},
    ),
    Lever(
        key="hang",
        name="Charger hangs",
        icon="mdi:ev-plug-type2",
        path=f"/device/{CHARGER.key}/fault",
        on={"hang": True},
        off={"hang": False},
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entities:
    """The entity registry, asked for what an entity is rather than for its name."""

    site: str
    """Id of the site's entry."""
    owners: Mapping[str, str]
    """Unique id of each device by the name that the demo gave it."""
    registry: Mapping[tuple[str, str, str], str]
    """Entity ids by platform, domain and unique id."""

    @classmethod
    async def read(cls, ha: HomeAssistant, entry_id: str) -> Entities:
        """Take the registry as it is now."""
        subentries = await ha.command("config_entries/subentries/list", entry_id=entry_id)
        entries = await ha.command("config/entity_registry/list")
        return cls(
            site=entry_id,
            owners={item["title"]: item["unique_id"] for item in subentries},
            registry={
                (item["platform"], item["entity_id"].split(".")[0], item["unique_id"]): item[
                    "entity_id"
                ]
                for item in entries
            },
        )

    @property
    def complete(self) -> bool:
        """Whether all devices have been read."""
        return len(self.owners) == len(DEVICES) and all(
            (DOMAIN, "sensor", f"{self.owners[device.name]}_{device.sensor}") in self.registry
            for device in DEVICES
        )

    def find(self, device: Device | None, key: str, domain: str = "sensor") -> str:
        """Return the entity id for a row of the integration's tables; None is the site."""
        owner = self.site if device is None else self.owners[device.name]
        return self._find(DOMAIN, domain, f"{owner}_{key}")

    def lever(self, lever: Lever) -> str:
        """Return the entity id of one of the demo's own switches."""
        return self._find("template", "switch", lever.unique_id)

    def _find(self, platform: str, domain: str, unique_id: str) -> str:
        try:
            return self.registry[platform, domain, unique_id]
        except KeyError:
            raise DemoError(f"Home Assistant has no {domain} {unique_id} of {platform}") from None


async def wait_until_started(ha: HomeAssistant) -> None:
    """Return when Home Assistant has set up everything."""
    await wait_until(
        lambda: ha.command("get_config"),
        lambda config: bool(config["state"] == "RUNNING"),
        within_s=SET_UP_LIMIT_S,
    )


async def set_up_site(ha: HomeAssistant, hosts: Mapping[str, str]) -> str:
    """Add the site and its devices through their forms; return the id of the site's entry.

    ``hosts`` has the address of each simulated device by its name in the home file.
    """
    await ha.command("config/core/update", **PLACE)
    entry_id = await find_site(ha)
    if entry_id is None:
        created = await run_flow(ha, FLOWS, DOMAIN, SITE)
        if created["type"] != "create_entry":
            raise DemoError(f"the site was not created: {created}")
        entry_id = created["result"]["entry_id"]
        for device in DEVICES:
            await add_device(ha, entry_id, device, hosts[device.key])
    return entry_id


async def find_site(ha: HomeAssistant) -> str | None:
    """Return the id of the site's entry, None when there is no site."""
    entries: list[Json] = await ha.command("config_entries/get", domain=DOMAIN)
    return entries[0]["entry_id"] if entries else None


async def read_entities(ha: HomeAssistant, entry_id: str) -> Entities:
    """Return the entities of the site once it runs with all its devices."""
    try:
        return await wait_until(
            lambda: Entities.read(ha, entry_id),
            lambda entities: entities.complete,
            within_s=SET_UP_LIMIT_S,
        )
    except TimeoutError:
        entry = await ha.command("config_entries/get_single", entry_id=entry_id)
        raise DemoError(f"the site did not start: {entry['config_entry']}") from None


async def add_device(ha: HomeAssistant, entry_id: str, device: Device, host: str) -> None:
    """Confirm the device's discovery; where it is not discovered, add it by its address."""
    flow_id = await _discovered(ha, host)
    if flow_id is not None:
        end = await finish_flow(ha, flow_id, device.answers)
        added = end["type"] == "abort" and end["reason"] == "device_added"
    else:
        answers = {"host": host, **device.answers}
        end = await run_flow(ha, SUBENTRY_FLOWS, (entry_id, device.kind), answers)
        added = end["type"] == "create_entry"
    if not added:
        raise DemoError(f"{device.name} was not added: {end}")


async def _discovered(ha: HomeAssistant, host: str) -> str | None:
    """Return the flow that zeroconf has started for this simulated device.

    A real device on the network of whoever runs the demo is never touched: it is not on loopback.
    """

    async def look() -> str | None:
        for flow in await ha.command("config_entries/flow/progress"):
            if flow["handler"] == DOMAIN:
                flow_id: str = flow["flow_id"]
                step = await ha.get(f"{FLOWS}/{flow_id}")
                if (step["description_placeholders"] or {}).get("host") == host:
                    return flow_id
        return None

    with contextlib.suppress(TimeoutError):
        return await wait_until(look, within_s=DISCOVERY_LIMIT_S)
    return None
