"""Measurements: reaction, speed of decisions, recorder and event loop."""
