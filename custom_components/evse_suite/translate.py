"""Between the languages of configuration, devices and control, without a state of its own."""

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry

from .const import (
    CAR_FIRST,
    CONF_BATTERY_ORDER,
    CONF_CLAMP_A,
    CONF_DRIVER,
    CONF_EXPORT_LIMIT_W,
    CONF_FUSE_A,
    CONF_GENERATOR,
    CONF_LINES,
    CONF_MAXIMUM_A,
    CONF_MODEL,
    CONF_MODEL_ID,
    CONF_PHASES,
    CONF_PRIORITY,
    CONF_ROLE,
    CONF_SAFE_A,
    CONF_SERIAL,
    CONF_SUPPLY,
    CONF_SWITCHES_LINES,
    CONF_UNBALANCE_A,
    CONF_VOLTAGE_V,
    NO_PHASE,
    ROLE_MAINS,
    SUBENTRY_CHARGER,
    SUBENTRY_METER,
)
from .control.model import (
    Cap,
    CapKind,
    ChargerActivity,
    ChargerSample,
    ChargerSpec,
    ChargerState,
    GeneratorSide,
    MainsMeterSpec,
    MainsSample,
    Phase,
    SiteSpec,
)
from .devices import known_identity
from .devices.model import (
    ChargerReading,
    ChargerStatus,
    DeviceIdentity,
    DeviceKind,
    MeterReading,
)
from .limits import account_subentries, limit_cap, limit_subentries, load_limit_cap
from .links import MAINS_INTERVAL_S, MAINS_SILENT_S, DeviceLink
from .paces import paced_charger, paced_meter

SUPPLY_PHASES: Final = {
    "single": (Phase.L1,),
    "split": (Phase.L1, Phase.L2),
    "three": (Phase.L1, Phase.L2, Phase.L3),
}
DRAWING_A: Final = 1.0
"""A charger in a state that we do not know is charging if more than this flows."""
GUESSED_PART, GUESSED_W = 1.3, 300.0
"""Two lines of three that are used, and the power factor of a car that idles."""
ACTIVITIES: Final = {
    ChargerStatus.AVAILABLE: ChargerActivity.DISCONNECTED,
    ChargerStatus.CONNECTED: ChargerActivity.READY,
    ChargerStatus.PAUSED: ChargerActivity.READY,
    ChargerStatus.PAUSED_BY_LOAD_BALANCING: ChargerActivity.READY,
    ChargerStatus.CHARGING: ChargerActivity.CHARGING,
    ChargerStatus.NEED_AUTH: ChargerActivity.BLOCKED,
    ChargerStatus.PAUSED_BY_SCHEDULER: ChargerActivity.BLOCKED,
    ChargerStatus.LOCKED: ChargerActivity.BLOCKED,
    ChargerStatus.UPDATING_FIRMWARE: ChargerActivity.BLOCKED,
    ChargerStatus.ERROR: ChargerActivity.FAULT,
}

CABLE: Final = {
    ChargerStatus.AVAILABLE: False,
    ChargerStatus.CONNECTED: True,
    ChargerStatus.NEED_AUTH: True,
    ChargerStatus.PAUSED: True,
    ChargerStatus.PAUSED_BY_LOAD_BALANCING: True,
    ChargerStatus.PAUSED_BY_SCHEDULER: True,
    ChargerStatus.CHARGING: True,
}
"""In the other states the charger does not say whether a car is connected (LEK-2)."""


def site_spec(entry: ConfigEntry) -> SiteSpec:
    """Describe the site for the balancer: supply, limits, meter and chargers (SITE-1, SITE-2)."""
    phases = SUPPLY_PHASES[entry.data[CONF_SUPPLY]]
    mains = mains_subentry(entry)
    fuse = Cap(
        key="fuse", kind=CapKind.FUSE, limit_a=dict.fromkeys(phases, entry.data[CONF_FUSE_A])
    )
    side = entry.data.get(CONF_GENERATOR)
    return SiteSpec(
        phases=phases,
        voltage_v=entry.data[CONF_VOLTAGE_V],
        meter=_meter_spec(mains),
        caps=(
            fuse,
            *_meter_range(mains, phases),
            *(limit_cap(entry, limit, phases) for limit in limit_subentries(entry)),
            *(load_limit_cap(account) for account in account_subentries(entry)),
        ),
        chargers=tuple(
            _charger_spec(subentry)
            for subentry in entry.subentries.values()
            if subentry.subentry_type == SUBENTRY_CHARGER
        ),
        export_limit_w=entry.data.get(CONF_EXPORT_LIMIT_W),
        unbalance_a=entry.data.get(CONF_UNBALANCE_A),
        car_before_battery=entry.data.get(CONF_BATTERY_ORDER) == CAR_FIRST,
        generator=None if side is None else GeneratorSide(side),
    )


def _meter_spec(mains: ConfigSubentry | None) -> MainsMeterSpec:
    spec = MainsMeterSpec(
        key="mains" if mains is None else mains.subentry_id,
        period_s=MAINS_INTERVAL_S,
        silent_after_s=MAINS_SILENT_S,
    )
    return spec if mains is None else paced_meter(spec, identity_from(mains), mains.data)


def _meter_range(mains: ConfigSubentry | None, phases: Iterable[Phase]) -> Iterator[Cap]:
    """Yield the range of the mains meter's clamps: what is beyond it is not measured (LEK-15)."""
    range_a = None if mains is None else mains.data.get(CONF_CLAMP_A)
    if range_a is not None:
        limits_a = dict.fromkeys(phases, range_a)
        yield Cap(key="meter_range", kind=CapKind.METER_RANGE, limit_a=limits_a)


def _charger_spec(subentry: ConfigSubentry) -> ChargerSpec:
    data = subentry.data
    spec = ChargerSpec(
        key=subentry.subentry_id,
        name=subentry.title,
        phases=tuple(Phase(phase) for phase in data[CONF_PHASES]),
        maximum_a=data[CONF_MAXIMUM_A],
        safe_a=data[CONF_SAFE_A],
        priority=data.get(CONF_PRIORITY, 0),
        switches_lines=data.get(CONF_SWITCHES_LINES, False),
    )
    return paced_charger(spec, identity_from(subentry), data)


def mains_subentry(entry: ConfigEntry) -> ConfigSubentry | None:
    """Return the meter at the grid connection, None while there is none."""
    for subentry in entry.subentries.values():
        if subentry.subentry_type == SUBENTRY_METER and subentry.data[CONF_ROLE] == ROLE_MAINS:
            return subentry
    return None


def line_voltage_v(entry: ConfigEntry, subentry: ConfigSubentry) -> float:
    """Return the nominal voltage of a device's line; across two legs it has that of both."""
    legs = 1
    if subentry.subentry_type == SUBENTRY_CHARGER:
        legs = max(len(subentry.data[CONF_PHASES]) // subentry.data[CONF_LINES], 1)
    return float(entry.data[CONF_VOLTAGE_V] * legs)


def identity_from(subentry: ConfigSubentry) -> DeviceIdentity:
    """Return who the device was when it was added."""
    data = subentry.data
    return known_identity(
        data[CONF_DRIVER],
        kind=DeviceKind(subentry.subentry_type),
        serial=data[CONF_SERIAL],
        model=data[CONF_MODEL],
        model_id=data[CONF_MODEL_ID],
        lines=data[CONF_LINES],
    )


def clamp_range_a(subentry: ConfigSubentry, reading: MeterReading) -> float | None:
    """Return what the meter's clamps can measure, if anybody knows (LEK-15)."""
    configured: float | None = subentry.data.get(CONF_CLAMP_A)
    return configured if configured is not None else reading.clamp_range_a


def mains_sample(
    entry: ConfigEntry, spec: SiteSpec, link: DeviceLink[MeterReading] | None
) -> MainsSample | None:
    """Return the newest mains measurement; None when a phase of it cannot be used.

    A sample with a bad phase is no sample: the good phases alone would hide the bad one, while a
    missing sample grows old and is noticed.
    """
    found = _measured(entry, spec, link)
    if found is None or any(phase not in found.current_a for phase in spec.phases):
        return None
    return found


def generator_sample(
    entry: ConfigEntry, spec: SiteSpec, link: DeviceLink[MeterReading] | None
) -> MainsSample | None:
    """Return what the generator takes from the grid; None when a value cannot be used (DER-15).

    Its clamps show what it delivers as positive, as an inverter does. It delivers nothing on a
    phase without a clamp.
    """
    found = _measured(entry, spec, link)
    if found is None:
        return None
    return MainsSample(
        time_s=found.time_s,
        current_a={phase: -found.current_a.get(phase, 0.0) for phase in spec.phases},
        power_w={phase: -found.power_w.get(phase, 0.0) for phase in spec.phases},
        voltage_v=found.voltage_v,
    )


def _measured(
    entry: ConfigEntry, spec: SiteSpec, link: DeviceLink[MeterReading] | None
) -> MainsSample | None:
    """Return the newest of a meter on the phases that its clamps sit on, with its own signs."""
    if link is None or link.reading is None:
        return None
    subentry = entry.subentries.get(link.key)
    if subentry is None:
        # Just removed by its owner; the site is about to be built anew.
        return None
    mapping = subentry.data[CONF_PHASES]
    current_a: dict[Phase, float] = {}
    power_w: dict[Phase, float] = {}
    voltage_v: dict[Phase, float] = {}
    for phase, channel in zip_longest(mapping, link.reading.channels):
        if phase in (NO_PHASE, None):
            continue
        if channel is None or channel.current_a is None or channel.power_w is None:
            return None
        current_a[Phase(phase)] = channel.current_a
        power_w[Phase(phase)] = channel.power_w
        voltage_v[Phase(phase)] = spec.voltage_v if channel.voltage_v is None else channel.voltage_v
    return MainsSample(
        time_s=link.reading.time_s, current_a=current_a, power_w=power_w, voltage_v=voltage_v
    )


def charger_state(link: DeviceLink[ChargerReading], loaded: int) -> ChargerState:
    """Return what control needs to know of a charger now; it loads ``loaded`` phases."""
    reading = link.reading
    return ChargerState(
        key=link.key,
        sample=None if reading is None else _charger_sample(reading, loaded),
        last_command_failed=link.last_command_failed,
    )


def _charger_sample(reading: ChargerReading, loaded: int) -> ChargerSample:
    limits = [
        limit_a
        for limit_a in (reading.user_current_a, reading.install_current_a)
        if limit_a is not None
    ]
    drawn_a = reading.current_a[:loaded]
    if len(reading.current_a) == 1:
        # A single line between the two legs of a split phase loads both (DER-16).
        drawn_a = reading.current_a * loaded
    return ChargerSample(
        time_s=reading.time_s,
        activity=_activity(reading),
        drawn_a=drawn_a,
        offered_a=reading.offered_current_a,
        limit_a=min(limits, default=None),
        restarts=reading.restarts,
        lines=_lines(reading),
        guessed=_guessed(reading),
    )


def _guessed(reading: ChargerReading) -> bool:
    """Whether the currents of the lines are more than the power that is told can be."""
    pairs = zip_longest(reading.current_a, reading.voltage_v, fillvalue=0.0)
    lines_w = sum(line_a * line_v for line_a, line_v in pairs)
    several = len(reading.current_a) > 1
    return several and lines_w > GUESSED_PART * reading.power_w + GUESSED_W


def _lines(reading: ChargerReading) -> int | None:
    """Return how many lines a charger has switched on, None for one that does not tell."""
    if reading.force_single_phase is None:
        return None
    return 1 if reading.force_single_phase else len(reading.current_a)


def _activity(reading: ChargerReading) -> ChargerActivity:
    if reading.status is not None:
        return ACTIVITIES[reading.status]
    drawing = max(reading.current_a, default=0.0) > DRAWING_A
    return ChargerActivity.CHARGING if drawing else ChargerActivity.READY
