"""Watches every moment of the house and takes down each promise that was broken.

What really flows is the simulation's; the suite is only asked whether it has heard of a device.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

from homeassistant.config_entries import ConfigEntryState
from tests.endurance.house import CHARGERS, FUSE_A, MAINS, HardHouse
from tests.endurance.trouble import IGNORE, REBOOT, REFUSE, SITE, Troubles

REACTION_S: Final = 5.5 + 0.5
"""Promise 1: a polled meter and a car that needs 3 s; the charger of entities shows half a second
late what it was told."""
UNANSWERED_S: Final = 3.0
"""A command to a charger that does not answer: then others yield in its place."""
SILENT_S: Final = 15.0
"""Promise 2: safe within this time of the last reading."""
IGNORED_S: Final = 25.0
"""Commands that are acknowledged and not followed are noticed 18 s after the first of them,
whatever follows (promise 3); then the others may have to pause."""
RESTARTED_S: Final = {"garage": 10.0, "drive": 10.0, "yard": 12.0}
"""A charger that restarts offers all it may until it is heard and told again; entities speak every
2 s."""
AGAIN_S: Final = {REFUSE: 5.0, IGNORE: 15.0}
"""After a refusal it is told again, after commands in vain it is reminded."""
STEP_S: Final = 0.2
NEAR_A: Final = 0.5
"""Voltage and power factor move a current by this much."""
SAFE_A: Final = 6.0
LEAST_A: Final = 6.0
RECOVERS_S: Final = {MAINS: 95.0, "garage": 20.0, "drive": 60.0, "yard": 15.0, SITE: 30.0}
"""After the end of a trouble the device is heard again within this time. A meter that keeps failing
has to be good for up to 75 s, and a device that is away is asked every 15 s at least."""


@dataclass(slots=True)
class Overload:
    """An overload that could be ended, while it lasts."""

    lasts_s: float = 0.0
    blind: bool = False
    deaf: bool = False
    ignored: bool = False
    restarted_s: float = 0.0
    """What a restart of a charger allows."""

    @property
    def state(self) -> str:
        """In words, what was wrong meanwhile."""
        meter = "no reading" if self.blind else ""
        charger = "a charger restarts" if self.restarted_s else "a charger in trouble"
        charger = "a charger ignores commands" if self.ignored else charger
        return " and ".join(filter(None, (meter, charger if self.deaf else ""))) or "all well"

    @property
    def allowed_s(self) -> float:
        """How long it may last."""
        allowed_s = SILENT_S if self.blind else REACTION_S
        if self.ignored:
            return allowed_s + IGNORED_S
        if self.restarted_s:
            return max(allowed_s + UNANSWERED_S, self.restarted_s)
        return allowed_s + (UNANSWERED_S if self.deaf else 0.0)


@dataclass(slots=True)
class Judge:
    """Keeps the books of a house."""

    house: HardHouse
    troubles: Troubles
    broken: list[str] = field(default_factory=list)
    overloads_s: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """How long each lasted, by what was wrong."""
    allowed_s: dict[str, float] = field(default_factory=dict)
    """How long they may last."""
    helpless_s: float = 0.0
    """Overload that only chargers in trouble could have ended."""
    safe_s: list[float] = field(default_factory=list)
    """From the moment a meter fell silent until every charger was at its safe current."""
    recovered_s: dict[tuple[str, str], list[float]] = field(
        default_factory=lambda: defaultdict(list)
    )
    now_s: float = 0.0
    _over: Overload = field(default_factory=Overload)
    _waits: dict[str, float] = field(default_factory=dict)
    """Devices that have not been heard yet, and since when."""
    _was_active: set[str] = field(default_factory=set)
    _unsafe_told: bool = False
    _told_a: set[float] = field(default_factory=set)
    _safe_at_s: float | None = None

    def step(self, now_s: float) -> None:
        """Judge the moment at ``now_s``."""
        self.now_s = now_s
        self._watch_recovery()
        self._watch_fuse()
        self._watch_silence()
        self._watch_orders()

    # The fuse --------------------------------------------------------------------------------

    def _watch_fuse(self) -> None:
        (wire,) = self.house.simulation.home.wires.conductors.values()
        if wire.current_a <= FUSE_A:
            self._end_overload()
            return
        blind = self._blind()
        stuck = {name for name in CHARGERS if self._deaf(name)}
        left_a = sum(self._least_a(name, stuck, blind=blind) for name in CHARGERS)
        if wire.current_without_cars_a + left_a > FUSE_A:
            self.helpless_s += STEP_S
            self._end_overload()
            return
        over = self._over
        over.lasts_s += STEP_S
        over.blind |= blind
        over.deaf |= bool(stuck)
        for name in stuck:
            kind = self.troubles.courses[name].kind
            over.ignored |= kind == IGNORE
            if kind == REBOOT:
                over.restarted_s = max(over.restarted_s, RESTARTED_S[name])

    def _least_a(self, name: str, stuck: set[str], *, blind: bool) -> float:
        """Return what a charger would draw if everything was done that can be done."""
        current_a = self.house.car_at(name).current_a
        if name in stuck:
            return current_a
        return min(current_a, SAFE_A) if blind else 0.0

    def _end_overload(self) -> None:
        over = self._over
        if not over.lasts_s:
            return
        self.overloads_s[over.state].append(over.lasts_s)
        self.allowed_s[over.state] = max(over.allowed_s, self.allowed_s.get(over.state, 0.0))
        if over.lasts_s > over.allowed_s + STEP_S:
            self._broke(
                f"{over.lasts_s:.1f} s over the fuse, {over.allowed_s:g} allowed, {over.state}"
            )
        self._over = Overload()

    # Who can be reached ----------------------------------------------------------------------

    def _blind(self) -> bool:
        return any(self.troubles.courses[it].active or it in self._waits for it in (MAINS, SITE))

    def _deaf(self, charger: str) -> bool:
        """Whether a charger cannot be told anything now, or has not been told again yet."""
        course = self.troubles.courses[charger]
        again_s = AGAIN_S.get(course.kind, UNANSWERED_S)
        if course.kind == REBOOT:
            again_s = RESTARTED_S[charger]
        return course.active or charger in self._waits or self.now_s - course.ended_s < again_s

    def _watch_recovery(self) -> None:
        for device, course in self.troubles.courses.items():
            if course.active:
                self._was_active.add(device)
                self._waits.pop(device, None)
            elif device in self._was_active:
                self._was_active.remove(device)
                self._waits[device] = self.now_s
        for device, since_s in tuple(self._waits.items()):
            kind = self.troubles.courses[device].kind
            took_s = self.now_s - since_s
            if self._heard(device, took_s):
                del self._waits[device]
                self.recovered_s[device, kind].append(took_s)
            elif took_s > RECOVERS_S[device]:
                del self._waits[device]
                self._broke(f"{device} was not heard {took_s:.0f} s after {kind}")

    def _heard(self, device: str, within_s: float) -> bool:
        """Whether the suite has a reading of a device that came after its trouble."""
        if self.house.entry.state is not ConfigEntryState.LOADED:
            return False
        if device == SITE:
            return True
        if device == MAINS:
            return self.house.shows("binary_sensor", "meter_problem", "off")
        age_s = self.house.link(device).health.age_s
        return age_s is not None and age_s < within_s

    # A silent meter --------------------------------------------------------------------------

    def _watch_silence(self) -> None:
        course = self.troubles.courses[MAINS]
        silent_s = self.now_s - course.began_s
        if not course.active or self.troubles.courses[SITE].active:
            self._safe_at_s = None
            self._unsafe_told = False
            return
        unsafe = [
            name
            for name in CHARGERS
            if not self._troubled(name) and self.house.car_at(name).current_a > SAFE_A + NEAR_A
        ]
        if not unsafe and self._safe_at_s is None:
            self._safe_at_s = silent_s
            self.safe_s.append(silent_s)
        if unsafe and silent_s > SILENT_S and not self._unsafe_told:
            self._unsafe_told = True
            self._broke(f"{unsafe} not safe {silent_s:.1f} s after {course.kind} of the meter")

    def _troubled(self, charger: str) -> bool:
        """Whether a charger is or was in trouble lately."""
        course = self.troubles.courses[charger]
        return self._deaf(charger) or self.now_s - course.ended_s < SILENT_S

    # Zero, or at least the minimum -----------------------------------------------------------

    def _watch_orders(self) -> None:
        house = self.house
        told_a = {float(house.garage.point.dynamic_current_a), *house.wallbox.heard_a}
        house.wallbox.heard_a.clear()
        for profile in house.drive.profiles.profiles:
            told_a |= {limit_a for _, limit_a, _ in profile.periods}
        for current_a in told_a - self._told_a:
            if 0 < current_a < LEAST_A:
                self._broke(f"a charger was told {current_a:g} A")
        self._told_a = told_a

    def _broke(self, what: str) -> None:
        kinds = [
            f"{it} {course.kind}" for it, course in self.troubles.courses.items() if course.active
        ]
        self.broken.append(f"{clock(self.now_s)} {what} [{', '.join(kinds)}]")


def clock(time_s: float) -> str:
    """Return a time since the beginning in hours, minutes and seconds."""
    minutes, seconds = divmod(int(time_s), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
