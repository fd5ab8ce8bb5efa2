"""EVSE Suite: the chargers and meters of a home as one system."""
