"""Lektrico chargers and meters as servers."""

from .charger import LektricoCharger
from .meter import LektricoMeter

__all__ = ["LektricoCharger", "LektricoMeter"]
