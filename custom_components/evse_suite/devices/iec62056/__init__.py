"""Meters with an optical port that are read out by IEC 62056-21, mode C (MTR-1)."""
