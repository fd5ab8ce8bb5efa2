"""The CoIoT description of a Shelly of the first generation (protocol B.2)."""

from collections.abc import Mapping

RELAY_BLOCK, FIRST_METER_BLOCK, DEVICE_BLOCK = 1, 2, 10

# Sensor ids are 4105, 4106, … for the first meter, 4205, … for the second.
METER_SENSORS = {
    "SHEM": (
        ("P", "power", "W"),
        ("E", "energy", "Wh"),
        ("E", "energyReturned", "Wh"),
        ("V", "voltage", "V"),
    ),
    "SHEM-3": (
        ("P", "power", "W"),
        ("E", "energy", "Wh"),
        ("E", "energyReturned", "Wh"),
        ("V", "voltage", "V"),
        ("I", "current", "A"),
        ("S", "powerFactor", ""),
    ),
}
METERS = {"SHEM": 2, "SHEM-3": 3}


def description(model: str) -> Mapping[str, object]:
    """Return what ``/cit/d`` shows: the blocks of the device and the sensors in them."""
    blocks: list[Mapping[str, object]] = [{"I": RELAY_BLOCK, "D": "relay_0"}]
    sensors: list[Mapping[str, object]] = [
        {"I": 9103, "T": "EVC", "D": "cfgChanged", "R": "U16", "L": DEVICE_BLOCK},
        {"I": 1101, "T": "S", "D": "output", "R": "0/1", "L": RELAY_BLOCK},
        {"I": 6102, "T": "A", "D": "overpower", "R": ["0/1", "-1"], "L": RELAY_BLOCK},
    ]
    for meter in range(METERS[model]):
        block = FIRST_METER_BLOCK + meter
        blocks.append({"I": block, "D": f"emeter_{meter}"})
        first = 4105 + 100 * meter
        for offset, (kind, name, unit) in enumerate(METER_SENSORS[model]):
            sensor = {"I": first + offset, "T": kind, "D": name, "U": unit, "L": block}
            sensors.append(sensor)
    blocks.append({"I": DEVICE_BLOCK, "D": "device"})
    return {"blk": blocks, "sen": sensors}
