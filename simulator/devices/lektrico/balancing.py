"""What a Lektrico EM tells its chargers when it balances by itself (LEK-19)."""

from enum import IntEnum
import math

from .limits import MINIMUM_A, RATED_A
from .settings import Settings


class Mode(IntEnum):
    """``load_balancing_mode`` on the wire."""

    DISABLED = 0
    POWER = 1
    HYBRID = 2
    GREEN = 3
    POWER_SHARE = 4


def charger_limit_a(
    mode: Mode,
    settings: Settings,
    *,
    grid_a: float,
    chargers_a: float,
    charger_count: int,
    charging: bool,
) -> int | None:
    """Return the limit for each of the linked chargers, None when the EM does not balance.

    ``grid_a`` is the signed current of the busiest phase and ``chargers_a`` what the chargers
    draw of it. Room under the breaker holds in every mode; shares under the minimum become 0.
    """
    if mode is Mode.DISABLED:
        return None
    house_a = grid_a - chargers_a
    room_a = (settings.amps("breaker_rating") - house_a) / charger_count
    wish_a = float(RATED_A)
    if mode in (Mode.HYBRID, Mode.GREEN):
        wish_a = -house_a / charger_count
    if mode is Mode.HYBRID:
        wish_a = max(wish_a, settings.amps("lb_hybrid_current"))
    if mode is Mode.GREEN and charging:
        kept = wish_a >= settings.amps("lb_pv_minimum_current")
        wish_a = max(wish_a, MINIMUM_A) if kept else 0.0
    limit_a = math.floor(min(wish_a, room_a, RATED_A))
    return limit_a if limit_a >= settings.amps("car_minimum_current") else 0
