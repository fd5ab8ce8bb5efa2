"""What else is in the demo's Home Assistant: a car's own sensor, prices to come, and a meter.

A real home has integrations for these; here a few lines of templates tell the same.
"""

from .api import Json
from .homes import GRID_SENSOR

SOC_SENSOR = "sensor.leaf_battery"
PRICE_SENSOR = "sensor.electricity_price"
CHEAP_FROM = "input_datetime.cheap_hour"
CHEAP_BUTTON_ID = "demo_cheap_hour"
CHEAP_S = 3600
ASKED_EVERY_S = 2

NIGHT_UNTIL, DAY_UNTIL, PEAK_UNTIL = 5, 16, 19
NIGHT, DAY, PEAK, EVENING = 0.09, 0.24, 0.39, 0.22
"""GBP for a kWh by the hour."""
CHEAP, BEFORE = 0.02, 0.60
"""In the hour that somebody makes cheap, and in the one before it."""

# Shared by both templates: the price at the second `t`.
_PRICE_AT = f"""
{{%- macro price(t) -%}}
{{%- set hour = t | timestamp_custom('%H') | int -%}}
{{%- if cheap <= t < cheap + {CHEAP_S} -%}}{CHEAP}
{{%- elif cheap - {CHEAP_S} <= t < cheap -%}}{BEFORE}
{{%- elif hour < {NIGHT_UNTIL} -%}}{NIGHT}
{{%- elif hour < {DAY_UNTIL} -%}}{DAY}
{{%- elif hour < {PEAK_UNTIL} -%}}{PEAK}
{{%- else -%}}{EVENING}{{%- endif -%}}
{{%- endmacro -%}}
"""
_CHEAP = f"{{%- set cheap = state_attr('{CHEAP_FROM}', 'timestamp') | int(0) -%}}"
_NOW = "{{ price(as_timestamp(now())) }}"
_SLOTS = f"""
{{%- set first = as_timestamp(today_at()) | int -%}}
{{%- set found = namespace(slots=[]) -%}}
{{%- set hours = range(first, first + 48 * 3600, 3600) | list -%}}
{{%- set edges = [cheap - {CHEAP_S}, cheap, cheap + {CHEAP_S}] -%}}
{{%- for t in (hours + edges) | unique | sort if t >= first -%}}
{{%- set start = (t | as_datetime).isoformat() -%}}
{{%- set found.slots = found.slots + [{{'start': start, 'price': price(t) | float}}] -%}}
{{%- endfor -%}}
{{{{ found.slots }}}}
"""


def prices() -> Json:
    """Return an entity with the prices of today and tomorrow, and a button for a cheap hour."""
    sensor = {
        "name": "Electricity price",
        "unique_id": "demo_price",
        "unit_of_measurement": "GBP/kWh",
        "icon": "mdi:cash-clock",
        "state": _CHEAP + _PRICE_AT + _NOW,
        "attributes": {"prices": _CHEAP + _PRICE_AT + _SLOTS},
    }
    press = {
        "action": "input_datetime.set_datetime",
        "target": {"entity_id": CHEAP_FROM},
        "data": {"timestamp": "{{ as_timestamp(now()) | int }}"},
    }
    button = {
        "name": "Cheap hour now",
        "unique_id": CHEAP_BUTTON_ID,
        "icon": "mdi:cash-fast",
        "press": press,
    }
    cheap = {
        "name": "Cheap hour",
        "has_date": True,
        "has_time": True,
        "initial": "2020-01-01 00:00:00",
    }
    return {
        "input_datetime": {CHEAP_FROM.partition(".")[2]: cheap},
        "template": [{"sensor": [sensor]}, {"button": [button]}],
    }


def battery_of_car(control_url: str, car: str) -> Json:
    """Return the sensor by which a car tells its state of charge."""
    sensor = {
        "name": SOC_SENSOR.partition(".")[2].replace("_", " ").capitalize(),
        "unique_id": "demo_car_battery",
        "unit_of_measurement": "%",
        "device_class": "battery",
        "state": f"{{{{ answer.content.cars.{car}.soc | round(1) }}}}",
    }
    return _asked("demo_home", f"{control_url}/state", every_s=10, sensor=sensor)


def grid_meter(host: str) -> Json:
    """Return the sensor of a meter that the suite knows by this entity alone."""
    sensor = {
        "name": GRID_SENSOR.partition(".")[2].replace("_", " ").capitalize(),
        "unique_id": "demo_grid_power",
        "unit_of_measurement": "W",
        "device_class": "power",
        "state_class": "measurement",
        "state": "{{ answer.content.emeters[0].power }}",
    }
    url = f"http://{host}/status"
    return _asked("demo_grid_meter", url, every_s=ASKED_EVERY_S, sensor=sensor)


def _asked(name: str, url: str, *, every_s: int, sensor: Json) -> Json:
    """Return a sensor whose value is asked for at a URL."""
    return {
        "rest_command": {name: {"url": url, "method": "get"}},
        "template": [
            {
                "triggers": [{"trigger": "time_pattern", "seconds": f"/{every_s}"}],
                "actions": [{"action": f"rest_command.{name}", "response_variable": "answer"}],
                "sensor": [sensor],
            }
        ],
    }
