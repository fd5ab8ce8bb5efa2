"""The simulated homes: their sites, their devices, and the levers that stand for hands in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .configuration import ROOT, Lever

FOLDER = ROOT / "simulator" / "homes"
OCPP = "ocpp/"
"""How the address of a charger begins that dials in, in the forms of the integration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device of a simulated home and how the demo adds it to the site."""

    key: str
    """Its name in the home file."""
    kind: str
    """charger or meter, the type of its subentry."""
    answers: Mapping[str, Any]
    """What the forms are told; everything else stays as they propose it."""
    sensor: str
    """A sensor that is there once the device has been read."""
    scheme: str | None = None
    """What comes before its address in the form; such a device is not discovered."""
    by_entities: bool = False
    """It is made of entities that are in Home Assistant already."""
    integration: str | None = None
    """Home Assistant's own integration that brings these entities."""

    @property
    def name(self) -> str:
        """Return what it is called in Home Assistant."""
        name: str = self.answers["name"]
        return name


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """One simulated home and its site."""

    key: str
    """The name of its file."""
    title: str
    """What its view on the dashboard is called."""
    site: Mapping[str, Any]
    """What the forms of the site are told."""
    charger: Device
    meters: tuple[Device, ...]
    levers: tuple[Lever, ...]
    announces: bool = False
    """Whether its devices are found by discovery; the others are added by their addresses."""
    server: Mapping[str, Any] | None = None
    """What the form of the OCPP server is told, but for its port."""

    @property
    def file(self) -> Path:
        """Return the home file."""
        return FOLDER / f"{self.key}.yaml"

    @property
    def devices(self) -> tuple[Device, ...]:
        """Return all devices, in the order in which they are added."""
        mains, *others = self.meters
        return (mains, self.charger, *others)


def _appliance(home: str, key: str, name: str, icon: str, power_w: float | None = None) -> Lever:
    on = {"on": True} if power_w is None else {"on": True, "power_w": power_w}
    return Lever(
        key=key,
        name=name,
        icon=icon,
        home=home,
        path=f"/appliance/{key}",
        on=on,
        off={"on": None},
    )


# The home -------------------------------------------------------------------------------------

CAR = "leaf"
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
REGISTERS = Device(
    key="supply",
    kind="meter",
    answers={"name": "Supply meter", "role": "other", "channel_1": "none"},
    sensor="register_1_8_0",
    scheme="socket://",
)
KETTLE = _appliance("demo", "kettle", "Kettle", "mdi:kettle")
SHOWER = _appliance("demo", "shower", "Shower", "mdi:shower-head")
OVEN = _appliance("demo", "oven", "Oven", "mdi:stove")
HOME = Home(
    key="demo",
    title="Home",
    site={
        "name": "Simulated home",
        "supply": "single",
        "fuse_a": "60",
        "voltage_v": 230,
        "mode": "hybrid",
    },
    charger=CHARGER,
    meters=(MAINS, ROOF, REGISTERS),
    levers=(
        KETTLE,
        SHOWER,
        OVEN,
        Lever(
            key="unplug",
            name="Car away",
            icon="mdi:car-arrow-right",
            home="demo",
            path=f"/car/{CAR}",
            on={"unplug": True},
            off={"plug": True},
        ),
        Lever(
            key="silence",
            name="Meter silent",
            icon="mdi:lan-disconnect",
            home="demo",
            path=f"/device/{MAINS.key}/fault",
            on={"silent": True},
            off={"silent": False},
        ),
        Lever(
            key="hang",
            name="Charger hangs",
            icon="mdi:ev-plug-type2",
            home="demo",
            path=f"/device/{CHARGER.key}/fault",
            on={"hang": True},
            off={"hang": False},
        ),
    ),
    announces=True,
)

# A charger that dials in ----------------------------------------------------------------------

YARD = Device(key="yard", kind="charger", answers={"name": "Yard charger"}, sensor="current_1")
SAW = _appliance("workshop", "saw", "Saw", "mdi:circular-saw", 3700)
WORKSHOP = Home(
    key="workshop",
    title="Workshop (OCPP)",
    site={
        "name": "Workshop",
        "supply": "three",
        "fuse_a": "25",
        "voltage_v": 230,
        "mode": "power",
    },
    charger=YARD,
    meters=(
        Device(
            key="mains",
            kind="meter",
            answers={"name": "Workshop meter", "role": "mains"},
            sensor="voltage_1",
        ),
    ),
    levers=(SAW,),
    server={"security": "basic", "password": "a-key-for-the-demo"},
)

# A charger and a meter that are entities already ----------------------------------------------

GRID_SENSOR = "sensor.cottage_grid_power"
PORCH = Device(
    key="porch",
    kind="charger",
    answers={"name": "Porch charger"},
    sensor="current_1",
    by_entities=True,
    integration="lektrico",
)
HEATING = _appliance("cottage", "heating", "Heating", "mdi:radiator", 9000)
COTTAGE = Home(
    key="cottage",
    title="Cottage (any entity)",
    site={
        "name": "Cottage",
        "supply": "single",
        "fuse_a": "60",
        "voltage_v": 230,
        "mode": "power",
    },
    charger=PORCH,
    meters=(
        Device(
            key="mains",
            kind="meter",
            answers={
                "name": "Cottage meter",
                "role": "mains",
                "device": "other",
                "power": GRID_SENSOR,
            },
            sensor="power_1",
            by_entities=True,
        ),
    ),
    levers=(HEATING,),
)

NEIGHBOURS = (WORKSHOP, COTTAGE)
