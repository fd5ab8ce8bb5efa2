"""The home battery's part of the surplus, by its owner's choice (SITE-7).

The meter at the grid sees a charging battery as a load of the house and a discharging one as a
source. What it delivers is not surplus, so that a car does not empty it, unless the owner asked for
that. What it takes is the cars' first where the owner wants it so; else only what it leaves is.
"""

from dataclasses import replace

from .estimate import Estimate
from .model import SiteSpec, SiteState


def shared(house: Estimate | None, spec: SiteSpec, state: SiteState) -> Estimate | None:
    """Return the house with the surplus that belongs to the cars.

    A battery that is not heard gives nothing away; the same object comes back without one.
    """
    taken_w = state.battery_w
    if house is None or taken_w is None:
        return house
    yields = state.battery_yields
    car_first = spec.car_before_battery if yields is None else yields
    more_w = taken_w if (not state.battery_gives if taken_w < 0 else car_first) else 0.0
    if not more_w:
        return house
    return replace(
        house,
        lent_w=more_w,
        newest_w=house.newest_w + more_w,
        newest_low_w=house.newest_low_w + more_w,
        newest_high_w=house.newest_high_w + more_w,
    )
