"""Names that several modules of the integration share."""

import logging
from typing import Final

DOMAIN: Final = "evse_suite"
LOGGER: Final = logging.getLogger(__package__)

SUBENTRY_CHARGER: Final = "charger"
SUBENTRY_METER: Final = "meter"
SUBENTRY_LIMIT: Final = "limit"

# The site's config entry.
CONF_SUPPLY: Final = "supply"
"""single, split or three."""
CONF_FUSE_A: Final = "fuse_a"
CONF_VOLTAGE_V: Final = "voltage_v"
"""Nominal line to neutral voltage."""
CONF_MODE: Final = "mode"
CONF_LAST_MODE: Final = "last_mode"
"""The mode that the balancer's switch goes back to."""

CONF_EXPORT_LIMIT_W: Final = "export_limit_w"
"""What may flow to the grid at most; absent without such a limit (IND-10)."""
CONF_UNBALANCE_A: Final = "unbalance_a"
"""How far what the chargers draw may differ between phases; absent without such a limit."""
CONF_BATTERY: Final = "battery"
"""Entity that tells the power of the home battery (SITE-7)."""
CONF_BATTERY_SIGN: Final = "battery_sign"
"""What a positive power means: charging or discharging."""
CONF_BATTERY_ORDER: Final = "battery_order"
CHARGING: Final = "charging"
DISCHARGING: Final = "discharging"
BATTERY_FIRST: Final = "battery_first"
CAR_FIRST: Final = "car_first"
CONF_GENERATOR: Final = "generator"
"""line or load: where a generator with a meter of its own is connected; absent without (DER-15)."""

# A device's subentry; host, username and password use Home Assistant's own names.
CONF_DRIVER: Final = "driver"
CONF_SERIAL: Final = "serial"
CONF_MODEL: Final = "model"
CONF_MODEL_ID: Final = "model_id"
CONF_LINES: Final = "lines"
CONF_PHASES: Final = "phases"
"""Charger: list of mains phases in the order of the charger's lines.
Meter: for each channel the mains phase it measures, or none."""
CONF_ROLE: Final = "role"
"""Meter: mains, generator, or other for a meter that is only shown."""
ROLE_MAINS: Final = "mains"
ROLE_GENERATOR: Final = "generator"
ROLE_OTHER: Final = "other"
NO_PHASE: Final = "none"
CONF_CLAMP_A: Final = "clamp_a"
"""Meter: what its clamps can measure, e.g. 50 or 120; absent when unknown (LEK-15)."""
CONF_MAXIMUM_A: Final = "maximum_a"
"""Charger: rating of the circuit that feeds it; the fuse's limit of the site comes on top."""
CONF_SAFE_A: Final = "safe_a"
"""Charger: current while the mains meter is silent, 0 or at least 6."""
CONF_PRIORITY: Final = "priority"
CONF_SWITCHES_LINES: Final = "switches_lines"
"""Charger: the suite chooses between one line and all; absent where the charger cannot switch."""

# A limit's subentry; amperes hold on every phase.
CONF_KIND: Final = "kind"
CONF_LIMIT_A: Final = "limit_a"
CONF_LIMIT_W: Final = "limit_w"
"""The fixed limit in the unit of the kind; both absent where only the source sets one."""
CONF_CHARGERS: Final = "chargers"
"""Circuit: the subentries of the chargers behind its breaker."""
CONF_SCOPE: Final = "scope"
"""External limit: site (the house is counted) or chargers (what they draw together)."""
SCOPE_SITE: Final = "site"
SCOPE_CHARGERS: Final = "chargers"
CONF_SOURCE: Final = "source"
"""Entity that lowers the limit; a contact that is on sets the dimmed value."""
CONF_DIMMED: Final = "dimmed"
"""The limit while the source is on or cannot be believed, in ``CONF_UNIT``."""
CONF_UNIT: Final = "unit"
"""External limit: A or W; the other kinds have one each."""
CONF_SILENT_AFTER_S: Final = "silent_after_s"
"""What the source said longer ago counts for nothing; absent: it is believed until it changes."""

DEFAULT_FUSE_A: Final = 60
FUSE_CHOICES_A: Final = (60, 80, 100)
"""Ratings that the Indra guide offers; 60 A is right when the rating is unclear (IND-2)."""
