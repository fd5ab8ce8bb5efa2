"""Whether a power's sign is what it seems to be: proved from values, never guessed."""

from collections.abc import Iterable
from typing import Final

MARGIN_W: Final = 100.0
"""Standby of inverters, and values that are not of the same second."""
ENOUGH_WH: Final = 200.0
"""So much energy has to speak for one sign."""
CLEAR: Final = 3.0
"""And so many times more than for the other."""


def sign_now(grid_w: float, produced_w: float) -> bool | None:
    """Tell whether positive means import, None if the present values do not prove it.

    A home cannot export more than it produces (sun and battery together). So a value beyond that
    is an import, whatever its sign says.
    """
    if grid_w > produced_w + MARGIN_W:
        return True
    return False if -grid_w > produced_w + MARGIN_W else None


def sign_by_energy(periods: Iterable[tuple[float, float]]) -> bool | None:
    """Tell the same from the past, None if it does not prove it.

    Each period has the mean power in W, and the energy in Wh by which the counter of the import
    ran further ahead of that of the export.
    """
    right_wh = wrong_wh = 0.0
    for mean_w, net_wh in periods:
        if mean_w * net_wh > 0:
            right_wh += abs(net_wh)
        elif mean_w * net_wh < 0:
            wrong_wh += abs(net_wh)
    if right_wh >= max(ENOUGH_WH, CLEAR * wrong_wh):
        return True
    return False if wrong_wh >= max(ENOUGH_WH, CLEAR * right_wh) else None
