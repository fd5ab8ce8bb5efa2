"""The simulated homes in Home Assistant: set up by its forms, found in its registry."""

from collections.abc import Mapping, Sequence
import contextlib
from dataclasses import dataclass
from typing import Any, Self

from .api import HomeAssistant, Json
from .configuration import Lever
from .flows import FLOWS, MENU, SUBENTRY_FLOWS, finish_flow, run_flow
from .homes import OCPP, Device, Home
from .process import DemoError
from .waiting import wait_until

DOMAIN = "evse_suite"
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
class Entities:
    """The entity registry, asked for what an entity is rather than for its name."""

    site: str
    """Id of the site's entry."""
    owners: Mapping[str, str]
    """What the unique ids of a device's entities begin with, by the name that the demo gave it."""
    registry: Mapping[tuple[str, str, str], str]
    """Entity ids by platform, domain and unique id."""

    @classmethod
    async def read(cls, ha: HomeAssistant, entry_id: str) -> Self:
        """Take the registry as it is now."""
        subentries = await ha.command("config_entries/subentries/list", entry_id=entry_id)
        entries = await ha.command("config/entity_registry/list")
        return cls(
            site=entry_id,
            owners={item["title"]: _owner(item) for item in subentries},
            registry={
                (item["platform"], item["entity_id"].split(".")[0], item["unique_id"]): item[
                    "entity_id"
                ]
                for item in entries
            },
        )

    def has_read(self, home: Home) -> bool:
        """Tell whether all devices of a home have been read."""
        return all(
            device.name in self.owners
            and (DOMAIN, "sensor", f"{self.owners[device.name]}_{device.sensor}") in self.registry
            for device in home.devices
        )

    def has_account(self, name: str) -> bool:
        """Tell whether an account runs."""
        return (DOMAIN, "sensor", f"{self.owners[name]}_balance") in self.registry

    def find(self, device: Device | str | None, key: str, domain: str = "sensor") -> str:
        """Return the entity id for a row of the integration's tables.

        A part of the site that is no device is given by its name; None is the site.
        """
        name = device.name if isinstance(device, Device) else device
        owner = self.site if name is None else self.owners[name]
        return self._find(DOMAIN, domain, f"{owner}_{key}")

    def lever(self, lever: Lever) -> str:
        """Return the entity id of one of the demo's own switches."""
        return self._find("template", "switch", lever.unique_id)

    def button(self, unique_id: str) -> str:
        """Return the entity id of one of the demo's own buttons."""
        return self._find("template", "button", unique_id)

    def _find(self, platform: str, domain: str, unique_id: str) -> str:
        try:
            return self.registry[platform, domain, unique_id]
        except KeyError:
            raise DemoError(f"Home Assistant has no {domain} {unique_id} of {platform}") from None


def _owner(subentry: Json) -> str:
    """Return what the unique ids of the entities of a part of the site begin with."""
    if subentry["subentry_type"] == "account":
        return f"account_{subentry['subentry_id']}"
    owner: str = subentry["unique_id"] or subentry["subentry_id"]
    return owner


async def wait_until_started(ha: HomeAssistant) -> None:
    """Return when Home Assistant has set up everything."""
    await wait_until(
        lambda: ha.command("get_config"),
        lambda config: bool(config["state"] == "RUNNING"),
        within_s=SET_UP_LIMIT_S,
    )


async def create_sites(ha: HomeAssistant, homes: Sequence[Home]) -> Mapping[str, str]:
    """Add the sites through their forms; return the ids of their entries by the homes' keys.

    All sites come before any device, so that every device is asked which one it belongs to.
    """
    await ha.command("config/core/update", **PLACE)
    entries: list[Json] = await ha.command("config_entries/get", domain=DOMAIN)
    found = {entry["title"]: str(entry["entry_id"]) for entry in entries}
    for home in homes:
        name: str = home.site["name"]
        if name not in found:
            created = await run_flow(ha, FLOWS, DOMAIN, home.site)
            if created["type"] != "create_entry":
                raise DemoError(f"the site was not created: {created}")
            found[name] = created["result"]["entry_id"]
    return {home.key: found[home.site["name"]] for home in homes}


async def add_devices(
    ha: HomeAssistant, home: Home, entry_id: str, hosts: Mapping[str, str]
) -> None:
    """Add all devices of a home through their forms, unless they are there.

    ``hosts`` has the address of each simulated device by its name in the home file.
    """
    if await ha.command("config_entries/subentries/list", entry_id=entry_id):
        return
    if home.server is not None:
        port = int(hosts[home.charger.key].partition("/")[0].rpartition(":")[2])
        await add_part(ha, entry_id, "server", {**home.server, "port": port})
    for device in home.devices:
        host = hosts[device.key]
        if device.by_entities:
            await _add_by_entities(ha, entry_id, device, host)
        else:
            await _add_device(ha, home, entry_id, device, host)


async def add_part(ha: HomeAssistant, entry_id: str, kind: str, answers: Mapping[str, Any]) -> None:
    """Add a part of the site through its forms."""
    end = await run_flow(ha, SUBENTRY_FLOWS, (entry_id, kind), answers)
    if end["type"] != "create_entry":
        raise DemoError(f"the {kind} was not added: {end}")


async def read_entities(ha: HomeAssistant, home: Home, entry_id: str) -> Entities:
    """Return the entities of the site once it runs with all its devices."""
    try:
        return await wait_until(
            lambda: Entities.read(ha, entry_id),
            lambda entities: entities.has_read(home),
            within_s=SET_UP_LIMIT_S,
        )
    except TimeoutError:
        entry = await ha.command("config_entries/get_single", entry_id=entry_id)
        raise DemoError(f"the site did not start: {entry['config_entry']}") from None


async def _add_device(
    ha: HomeAssistant, home: Home, entry_id: str, device: Device, host: str
) -> None:
    """Confirm the device's discovery; where it is not discovered, add it by its address."""
    dials_in = "/" in host
    shown = OCPP + host.rpartition("/")[2] if dials_in else host
    announced = dials_in or (home.announces and device.scheme is None)
    flow_id = await _discovered(ha, shown) if announced else None
    if flow_id is None:
        answers = {"host": (device.scheme or "") + host, **device.answers}
        await add_part(ha, entry_id, device.kind, answers)
        return
    end = await finish_flow(ha, flow_id, {"site": entry_id, **device.answers})
    if end["type"] != "abort" or end["reason"] != "device_added":
        raise DemoError(f"{device.name} was not added: {end}")


async def _add_by_entities(ha: HomeAssistant, entry_id: str, device: Device, host: str) -> None:
    """Bring the device into Home Assistant by an integration of its own, then add its entities."""
    integration = device.integration
    if integration is not None:
        await run_flow(ha, FLOWS, integration, {"host": host})

        async def is_there() -> bool:
            entries = await ha.command("config/entity_registry/list")
            return any(it["platform"] == integration for it in entries)

        await wait_until(is_there, within_s=SET_UP_LIMIT_S)
    await add_part(ha, entry_id, device.kind, {MENU: ("entities",), **device.answers})


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
