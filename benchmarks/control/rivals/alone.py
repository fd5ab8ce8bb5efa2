"""What the fuse balancers have in common: they know one charger and no sun."""

from ..contract import ChargerPlace, HomeSpec, Mode


def only_charger(home: HomeSpec) -> ChargerPlace:
    """Return the charger of a home that such a balancer can drive.

    Raises ValueError for a home that is beyond it: several chargers, or a mode that follows the
    sun. A figure that it would reach by ignoring that would be unfair to it.
    """
    if len(home.chargers) != 1:
        raise ValueError(f"it drives one charger, not {len(home.chargers)}")
    if home.mode is not Mode.POWER:
        raise ValueError(f"it has no mode {home.mode}")
    return home.chargers[0]
