"""Servers on loopback that speak the protocols of real devices."""

from .base import Announcement, SimulatedDevice
from .faults import Faults

__all__ = ["Announcement", "Faults", "SimulatedDevice"]
