"""What happens to the house: lines drop, commands are refused, devices restart, cars come and go.

Everything follows from one seed.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
import random
from typing import Final

from homeassistant.config_entries import ConfigEntryState
from tests.endurance.house import CHARGERS, MAINS, HardHouse

SITE: Final = "site"
RELOAD: Final = "reload"
REFUSE: Final = "refuse_commands"
IGNORE: Final = "ignore_commands"
REBOOT: Final = "reboot"
BOOT_S: Final = 8.0
SHORTEST_S, LONGEST_S = 3.0, 60.0
LOAD_W: Final = 35 * 230.0
"""With it every charger can still have its safe current."""

type Act = Callable[[HardHouse, bool], None]


def fault(device: str, name: str) -> Act:
    """Return what switches a fault of a simulated device."""
    return lambda house, on: house.device(device).inject({name: on})


def reboot(device: str) -> Act:
    """Return what restarts a simulated device."""
    return lambda house, on: house.device(device).reboot() if on else None


def reload(house: HardHouse, on: bool) -> None:
    """Set the site up again, as after a change of its options."""
    if on:
        house.hass.config_entries.async_schedule_reload(house.entry.entry_id)


def wallbox(name: str) -> Act:
    """Return what switches a fault of the charger of entities."""
    return lambda house, on: setattr(house.wallbox, name, on)


TROUBLES: Final[Mapping[str, Mapping[str, Act]]] = {
    MAINS: {
        **{it: fault(MAINS, it) for it in ("silent", "hang", "drop", "garbage", "invalid")},
        REBOOT: reboot(MAINS),
    },
    "garage": {
        **{it: fault("garage", it) for it in ("silent", "hang", "drop", REFUSE, IGNORE)},
        REBOOT: reboot("garage"),
    },
    "drive": {
        **{it: fault("drive", it) for it in ("silent", "hang", REFUSE, IGNORE)},
        "cut": lambda house, on: house.drive.hang_up() if on else None,
        REBOOT: reboot("drive"),
    },
    "yard": {
        "gone": wallbox("gone"),
        "mute": wallbox("mute"),
        REFUSE: wallbox("refuses"),
        REBOOT: lambda house, on: house.wallbox.reboot() if on else None,
    },
    SITE: {RELOAD: reload},
}
PAUSES_S: Final = {MAINS: (120, 360), SITE: (1500, 4500)}
USUAL_PAUSE_S: Final = (100, 300)
"""Between two troubles of one device."""


@dataclass(slots=True)
class Course:
    """How one device is doing."""

    kind: str = ""
    """The trouble that it has or had last."""
    active: bool = False
    began_s: float = -1e9
    ended_s: float = -1e9
    turns_s: float = 0.0
    """When its trouble ends or the next begins."""


@dataclass(slots=True)
class Troubles:
    """Lets things go wrong in a house."""

    house: HardHouse
    chance: random.Random
    courses: dict[str, Course] = field(default_factory=dict)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Leave everybody alone at first."""
        for device in TROUBLES:
            self.courses[device] = Course(turns_s=self._pause_s(device))

    def step(self, now_s: float) -> None:
        """Begin and end what is due, ``now_s`` after the beginning."""
        for device, course in self.courses.items():
            if now_s < course.turns_s or not self._ready(device, course):
                continue
            if course.active:
                course.ended_s = now_s
                course.turns_s = now_s + self._pause_s(device)
            else:
                course.kind = self.chance.choice(list(TROUBLES[device]))
                course.began_s = now_s
                short = course.kind in (REBOOT, RELOAD, "cut")
                lasts_s = BOOT_S if short else self.chance.uniform(SHORTEST_S, LONGEST_S)
                course.turns_s = now_s + lasts_s
                self.counts[device, course.kind] += 1
            course.active = not course.active
            TROUBLES[device][course.kind](self.house, course.active)

    def _ready(self, device: str, course: Course) -> bool:
        """Whether a reload, where it has begun, is over."""
        loaded = self.house.entry.state is ConfigEntryState.LOADED
        return device != SITE or not course.active or loaded

    def _pause_s(self, device: str) -> float:
        return self.chance.uniform(*PAUSES_S.get(device, USUAL_PAUSE_S))


@dataclass(slots=True)
class Life:
    """Switches loads and moves cars."""

    house: HardHouse
    chance: random.Random
    _load_s: float = 0.0
    _cars_s: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with every car at home."""
        self._cars_s = {name: self.chance.uniform(900, 5400) for name in CHARGERS}

    def step(self, now_s: float) -> None:
        """Do what is due."""
        if now_s >= self._load_s:
            self._load_s = now_s + self.chance.uniform(15, 150)
            self.house.draw(self.chance.uniform(0, LOAD_W))
        for name, due_s in self._cars_s.items():
            if now_s < due_s:
                continue
            car = self.house.car_at(name)
            if car.plugged:
                car.unplug()
                self._cars_s[name] = now_s + self.chance.uniform(60, 900)
            else:
                car.soc_percent = 5.0
                car.plug()
                self._cars_s[name] = now_s + self.chance.uniform(1800, 9000)
