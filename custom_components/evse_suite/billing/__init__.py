"""Tariffs, registers and the supply account, as pure functions."""
