"""A charger that dials in to an OCPP 1.6J central system."""

from .charge_point import OcppCharger
from .quirks import Quirks

__all__ = ["OcppCharger", "Quirks"]
