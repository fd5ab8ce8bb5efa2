"""Checks of a home that concern more than one section of its file."""

from collections import Counter
from collections.abc import Iterator, Sequence

import voluptuous as vol

from .catalogue import CHARGERS
from .config import ChannelConfig, HomeConfig
from .plant.home import PLACES
from .plant.wires import Phase, SupplyKind

ACROSS: int = 2
"""Legs of a split supply that a single line of a charger can lie on."""


def check_consistency(home: HomeConfig) -> None:
    """See that what is mentioned exists; raises vol.Invalid with the path in the file."""
    _check_phases(home)
    _check_lines(home)
    _check_cars(home)
    _check_names(home)
    _check_meters(home)
    _check_ports(home)


def _check_phases(home: HomeConfig) -> None:
    """See that nothing is connected to a phase that the supply does not have."""
    for path, phases in _phases_in_use(home):
        for phase in phases:
            if phase not in home.supply.phases:
                raise vol.Invalid(f"a {home.supply.kind} supply has no {phase}", path)


def _phases_in_use(home: HomeConfig) -> Iterator[tuple[list[str], Sequence[Phase]]]:
    if home.sun is not None:
        yield ["sun", "phases"], home.sun.phases
    for name, appliance in home.house.appliances.items():
        yield ["house", "appliances", name, "phases"], appliance.phases
    for name, charger in home.chargers.items():
        yield ["chargers", name, "phases"], charger.phases
    for name, meter in home.meters.items():
        for channel in meter.channels:
            tap = channel.voltage_phase or channel.phase
            yield ["meters", name, "channels"], (channel.phase, tap)


def _check_lines(home: HomeConfig) -> None:
    """See that a charger has a phase for each of its lines, or one line on both legs."""
    for name, charger in home.chargers.items():
        lines, count = CHARGERS[charger.device].lines, len(charger.phases)
        across = home.supply.kind is SupplyKind.SPLIT and lines == 1 and count == ACROSS
        if count != lines and not across:
            raise vol.Invalid(
                f"{charger.device} needs a list of {lines}, not {count}",
                ["chargers", name, "phases"],
            )


def _check_cars(home: HomeConfig) -> None:
    """See that every car stands at one charger."""
    places = Counter(charger.car for charger in home.chargers.values() if charger.car)
    for name, charger in home.chargers.items():
        if charger.car is not None and charger.car not in home.cars:
            raise vol.Invalid(f"there is no car {charger.car}", ["chargers", name, "car"])
    for name in home.cars:
        if places[name] != 1:
            raise vol.Invalid(f"stands at {places[name]} chargers instead of 1", ["cars", name])


def _check_names(home: HomeConfig) -> None:
    """See that a name means one device, and that no charger is called like a place."""
    for name in home.chargers:
        if name in PLACES or name in home.meters:
            raise vol.Invalid(f"the name {name} is already taken", ["chargers", name])


def _check_meters(home: HomeConfig) -> None:
    for name, meter in home.meters.items():
        for channel in meter.channels:
            _check_place(home, channel, ["meters", name, "channels"])
        for charger in meter.balances:
            if charger not in home.chargers:
                raise vol.Invalid(f"there is no charger {charger}", ["meters", name, "balances"])


def _check_place(home: HomeConfig, channel: ChannelConfig, path: list[str]) -> None:
    if channel.place in PLACES:
        return
    charger = home.chargers.get(channel.place)
    if charger is None:
        raise vol.Invalid(f"{channel.place} is neither a charger nor {', '.join(PLACES)}", path)
    if channel.phase not in charger.phases:
        raise vol.Invalid(f"the charger {channel.place} has no line on {channel.phase}", path)


def _check_ports(home: HomeConfig) -> None:
    """See that no two devices listen at the same address; port 0 means any free one."""
    seen: dict[tuple[str, int], str] = {}
    for section in ("chargers", "meters"):
        for name, device in getattr(home, section).items():
            address = (device.host, device.port)
            if device.port and address in seen:
                raise vol.Invalid(f"{seen[address]} listens there too", [section, name, "port"])
            seen[address] = name
