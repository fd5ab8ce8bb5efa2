"""What is stored of a device that is made of entities, and what follows from it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, Self

from ..entity_door import EntityDoor, Seen
from ..model import ChargerStatus, Traits
from .budget import raise_spacing_s
from .library import profiles
from .profile import Budget, Enable, Profile
from .roles import AIDS, CONTROLS, LINES, Role
from .words import COMMON

ENTITIES: Final = "entities"
PROFILE: Final = "profile"
INVERTED: Final = "inverted"
"""A meter's power, or a charger's switch, means the opposite of what is usual."""
MAXIMUM_A: Final = "maximum_a"
VOLTAGE_V: Final = "voltage_v"
NOMINAL_V: Final = 230.0
METER_INTERVAL_S: Final = 5.0
CHARGER_INTERVAL_S: Final = 30.0
DEFAULT_SETTLE_S: Final = 30.0
"""Of entities that no profile knows. A meter that turns out to be slower is told to be unfit."""
MINIMUM_ON_S: Final = 300.0
MINIMUM_OFF_S: Final = 300.0
"""Of a charger that is only switched: contactors and cars are spared."""


@dataclass(frozen=True)
class Setup:
    """Which entities play which part, and what the profile says of them."""

    entities: Mapping[Role, str]
    """References of the registry, or entity ids."""
    profile: Profile | None
    inverted: bool
    maximum_a: int
    """The rating of a charger's circuit: what one without a set-point draws when it is on."""
    voltage_v: float
    """Of a line, where nothing measures it: that of the home's supply."""

    @classmethod
    def stored(cls, data: Mapping[str, Any]) -> Self:
        """Read what the set-up stored; a part or a profile that is not known any more is left."""
        known = {role.value for role in Role}
        return cls(
            entities={Role(it): ref for it, ref in data.get(ENTITIES, {}).items() if it in known},
            profile=profiles().get(data.get(PROFILE, "")),
            inverted=data.get(INVERTED, False),
            maximum_a=data.get(MAXIMUM_A, 0),
            voltage_v=data.get(VOLTAGE_V, NOMINAL_V),
        )

    @property
    def references(self) -> list[str]:
        """Return all that is looked at."""
        return list(self.entities.values())

    def look(self, door: EntityDoor) -> dict[Role, Seen]:
        """Return what the entities say now; those that do not exist are left out."""
        found = {role: door.look(reference) for role, reference in self.entities.items()}
        return {role: seen for role, seen in found.items() if seen is not None}

    @cached_property
    def measured(self) -> list[Role]:
        """Return the parts without which nothing is known of the device."""
        return [role for role in self.entities if role not in CONTROLS | AIDS]

    @property
    def lines(self) -> int:
        """Return how many lines are told apart."""
        for base in (Role.CURRENT, Role.POWER, Role.IMPORT_POWER):
            if all(base.line(index) in self.entities for index in range(LINES)):
                return LINES
        return 1

    # What a charger can do --------------------------------------------------------------------

    @property
    def sets_current(self) -> bool:
        """Whether a current can be set."""
        return Role.CURRENT_LIMIT in self.entities or Role.CURRENT_LIMIT in self.actions

    @property
    def switches(self) -> bool:
        """Whether charging can be allowed and forbidden."""
        has = self.entities.keys() | self.actions.keys()
        return Role.ENABLE in has or {Role.START, Role.STOP} <= has

    @property
    def controls(self) -> bool:
        """Whether it can be paused, which is the least that a balanced charger needs."""
        return self.switches or (self.sets_current and self.pauses_at_zero)

    @property
    def pauses_at_zero(self) -> bool:
        """Whether a limit of 0 A pauses it."""
        return self.profile is not None and self.profile.pauses_at_zero

    @property
    def actions(self) -> Mapping[Role, Any]:
        """Return the actions that do what no entity does."""
        return {} if self.profile is None else self.profile.actions

    @property
    def tells_permission(self) -> bool:
        """Whether its switch says if charging is allowed, and not only if it charges.

        Of a switch that no profile knows nobody can say which.
        """
        return self.profile is not None and self.profile.enable is Enable.PERMISSION

    def turned(self, role: Role) -> bool:
        """Tell whether a switch is on while charging is forbidden, or a power has another sign."""
        by_profile = self.profile is not None and role in self.profile.inverted
        by_user = self.inverted and role in (Role.ENABLE, Role.POWER)
        return by_profile is not by_user

    def options(self, role: Role) -> tuple[str, str] | None:
        """Return the options of a select that mean yes and no."""
        return None if self.profile is None else self.profile.options.get(role)

    def status(self, word: str) -> ChargerStatus | None:
        """Return what a status word means, None for one that nobody knows."""
        word = word.lower()
        if self.profile is not None and word in self.profile.status:
            return self.profile.status[word]
        return COMMON.get(word.replace(" ", "_").replace("-", "_"))

    # How fast it is ---------------------------------------------------------------------------

    @property
    def interval_s(self) -> float:
        """Return how often it says something."""
        if self.profile is not None:
            return self.profile.interval_s
        return CHARGER_INTERVAL_S if self.controls else METER_INTERVAL_S

    @property
    def settle_s(self) -> float:
        """Return how long a command takes until it shows."""
        return DEFAULT_SETTLE_S if self.profile is None else self.profile.settle_s

    @property
    def quiet_s(self) -> float:
        """Return for how long silence of an available entity means that nothing has changed."""
        return 0.0 if self.profile is None else self.profile.quiet_s

    @property
    def budget(self) -> Budget:
        """Return what a write costs."""
        return Budget.LOCAL if self.profile is None else self.profile.budget

    def traits(self) -> Traits:
        """Return what the balancer and the user have to know of the device."""
        profile = self.profile
        switched_only = self.switches and not self.sets_current
        usual_on_s, usual_off_s = (MINIMUM_ON_S, MINIMUM_OFF_S) if switched_only else (0.0, 0.0)
        paced = Traits(
            interval_s=self.interval_s,
            settle_s=self.settle_s,
            raise_spacing_s=raise_spacing_s(self.budget),
            switched_only=switched_only,
            minimum_on_s=usual_on_s,
            minimum_off_s=usual_off_s,
        )
        if profile is None:
            return paced
        return replace(
            paced,
            alone=profile.alone,
            alone_note=profile.alone_note,
            caveats=profile.caveats,
            minimum_on_s=profile.minimum_on_s or usual_on_s,
            minimum_off_s=profile.minimum_off_s or usual_off_s,
        )


def first(seen: Mapping[Role, Seen], roles: Iterable[Role]) -> Seen | None:
    """Return the first of these parts that is there."""
    return next((seen[role] for role in roles if role in seen), None)
