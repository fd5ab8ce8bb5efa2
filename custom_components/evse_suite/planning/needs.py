"""How much energy a target takes, and how fast the car takes it (PLAN-2)."""

from typing import Final

from .model import Target, TargetKind, Vehicle

FULL_PERCENT: Final = 100.0


def needed_wh(vehicle: Vehicle, target: Target, *, charged_wh: float = 0.0) -> float | None:
    """Return what is missing to a target at the socket, None when it cannot be known.

    ``charged_wh`` has been charged since the car was plugged in: an amount of energy, and a range
    where the state of charge is not known, count from there. Percent need the capacity and the
    state of charge.
    """
    if target.kind is TargetKind.ENERGY:
        wanted_wh: float | None = target.value - charged_wh
    elif target.kind is TargetKind.PERCENT:
        wanted_wh = _to_percent_wh(vehicle, target.value)
    else:
        wanted_wh = _to_range_wh(vehicle, target.value, charged_wh)
    return None if wanted_wh is None else _up_to_full(vehicle, max(0.0, wanted_wh))


def urgent_wh(vehicle: Vehicle, minimum_soc_percent: float) -> float:
    """Return what is missing to the minimum state of charge at the socket, 0 when not known."""
    return max(0.0, _to_percent_wh(vehicle, minimum_soc_percent) or 0.0)


def soc_after(vehicle: Vehicle, energy_wh: float) -> float | None:
    """Return the state of charge in percent after so much more energy from the socket.

    None when the capacity or the state of charge is not known.
    """
    if vehicle.soc_percent is None or not vehicle.capacity_wh:
        return None
    gained = FULL_PERCENT * energy_wh * vehicle.efficiency / vehicle.capacity_wh
    return min(FULL_PERCENT, vehicle.soc_percent + gained)


def range_after(vehicle: Vehicle, energy_wh: float) -> float | None:
    """Return the range in kilometres after so much more energy from the socket, None if unknown."""
    soc_percent = soc_after(vehicle, energy_wh)
    if soc_percent is None or not vehicle.capacity_wh or not vehicle.consumption_wh_per_km:
        return None
    return soc_percent / FULL_PERCENT * vehicle.capacity_wh / vehicle.consumption_wh_per_km


def power_curve(vehicle: Vehicle) -> tuple[tuple[float, float], ...]:
    """Return from how many watt-hours on, charged from now, the car takes at most so many watts.

    Empty when the curve, the capacity or the state of charge is not known.
    """
    soc_percent, capacity_wh = vehicle.soc_percent, vehicle.capacity_wh
    if soc_percent is None or not capacity_wh or not vehicle.curve:
        return ()
    per_percent_wh = capacity_wh / FULL_PERCENT / vehicle.efficiency
    past = [power_w for percent, power_w in vehicle.curve if percent <= soc_percent]
    ahead = [
        ((percent - soc_percent) * per_percent_wh, power_w)
        for percent, power_w in vehicle.curve
        if percent > soc_percent
    ]
    here_w = past[-1] if past else vehicle.curve[0][1]
    return ((0.0, here_w), *ahead)


def _to_percent_wh(vehicle: Vehicle, percent: float) -> float | None:
    """Return what is missing to a state of charge, negative when it is passed."""
    if vehicle.soc_percent is None or not vehicle.capacity_wh:
        return None
    missing_percent = min(percent, FULL_PERCENT) - vehicle.soc_percent
    return missing_percent / FULL_PERCENT * vehicle.capacity_wh / vehicle.efficiency


def _to_range_wh(vehicle: Vehicle, range_km: float, charged_wh: float) -> float | None:
    """Return what is missing to a range, or to so many kilometres more if the charge is unknown."""
    if not vehicle.consumption_wh_per_km:
        return None
    driven_wh = range_km * vehicle.consumption_wh_per_km
    if vehicle.soc_percent is None or not vehicle.capacity_wh:
        return driven_wh / vehicle.efficiency - charged_wh
    stored_wh = vehicle.soc_percent / FULL_PERCENT * vehicle.capacity_wh
    return (driven_wh - stored_wh) / vehicle.efficiency


def _up_to_full(vehicle: Vehicle, wanted_wh: float) -> float:
    """Return the same, but no more than fits into the battery where that is known."""
    to_full_wh = _to_percent_wh(vehicle, FULL_PERCENT)
    return wanted_wh if to_full_wh is None else min(wanted_wh, max(0.0, to_full_wh))
