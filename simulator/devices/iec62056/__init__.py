"""Meters with an optical port that answer by IEC 62056-21, mode C."""

from .meter import OpticalMeter

__all__ = ["OpticalMeter"]
