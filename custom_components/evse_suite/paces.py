"""How fast devices are, in the balancer's words: those that are slower than others get more time.

A charger behind a cloud that is asked once a minute is neither silent nor disobedient after ten
seconds, and one whose memory wears out is not raised every five.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from .const import CONF_MINIMUM_A
from .control.model import ChargerSpec, MainsMeterSpec
from .devices import traits
from .devices.model import DeviceIdentity

MISSED: Final = 2.2
"""One report of a charger may be lost; when the next is late as well it is silent."""
MISSED_MAINS: Final = 2.5
"""The fuse's meter may miss one report and be half late with the next."""
LATE_PART: Final = 0.2
"""Who is asked seldom is seldom asked at the right moment: part of the interval."""
GUARDS_FUSE_S: Final = 15.0
"""A meter with a longer interval cannot guard a fuse: a cut would come too late."""


def paced_charger(
    spec: ChargerSpec, identity: DeviceIdentity, data: Mapping[str, Any]
) -> ChargerSpec:
    """Return a charger's description with the times and the least current that it needs."""
    known = traits(identity, data)
    settle_s = max(spec.settle_s, known.settle_s or 0.0)
    least_a = max(spec.minimum_a, data.get(CONF_MINIMUM_A, 0))
    return replace(
        spec,
        minimum_a=spec.maximum_a if known.switched_only else min(least_a, spec.maximum_a),
        settle_s=settle_s,
        # Who shows a change late shows a start as late.
        start_settle_s=spec.start_settle_s + settle_s - spec.settle_s,
        silent_after_s=max(spec.silent_after_s, MISSED * (known.interval_s or 0.0)),
        raise_spacing_s=max(spec.raise_spacing_s, known.raise_spacing_s or 0.0),
        minimum_on_s=known.minimum_on_s,
        minimum_off_s=known.minimum_off_s,
    )


def paced_meter(
    spec: MainsMeterSpec, identity: DeviceIdentity, data: Mapping[str, Any]
) -> MainsMeterSpec:
    """Return the mains meter's description with the rhythm that it has."""
    interval_s = traits(identity, data).interval_s
    if interval_s is None or interval_s <= spec.period_s:
        return spec
    return replace(
        spec,
        period_s=interval_s,
        silent_after_s=max(spec.silent_after_s, MISSED_MAINS * interval_s),
        lag_s=spec.lag_s + LATE_PART * interval_s,
    )


def guards_fuse(identity: DeviceIdentity, data: Mapping[str, Any]) -> bool:
    """Whether a meter speaks often enough to guard a fuse."""
    return (traits(identity, data).interval_s or 0.0) <= GUARDS_FUSE_S
