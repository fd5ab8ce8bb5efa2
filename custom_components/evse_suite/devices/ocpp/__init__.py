"""OCPP 1.6J: chargers that dial in to Home Assistant as their central system (LEK-14)."""
