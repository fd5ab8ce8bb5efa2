"""Shelly energy meters as servers."""

from .gen1 import ShellyGen1
from .gen2 import ShellyGen2
from .models import MODELS, Profile

__all__ = ["MODELS", "Profile", "ShellyGen1", "ShellyGen2"]
