"""A single-phase prepayment meter with a contactor and an account of its own on board.

Written from the meter's manual alone; it shares no code with any other account.
"""

from .meter import E470Meter

__all__ = ["E470Meter"]
