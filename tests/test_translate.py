"""From configuration and readings to the balancer's words (SITE-1, SITE-2)."""

from dataclasses import replace
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.evse_suite.control.model import (
    CapKind,
    ChargerActivity,
    GeneratorSide,
    MainsSample,
    Phase,
)
from custom_components.evse_suite.devices.model import (
    ChargerReading,
    ChargerStatus,
    MeterChannel,
    MeterReading,
)
from custom_components.evse_suite.links import DeviceLink
from custom_components.evse_suite.translate import (
    charger_state,
    clamp_range_a,
    generator_sample,
    identity_from,
    mains_sample,
    mains_subentry,
    site_spec,
)
from homeassistant.config_entries import ConfigSubentryData


def subentry(kind: str, key: str, **data: Any) -> ConfigSubentryData:
    """Return a device's subentry as the flows store it."""
    base = {
        "host": "127.0.0.1",
        "driver": "lektrico",
        "serial": key,
        "model": "M",
        "model_id": "m",
        "lines": len(data["phases"]),
    }
    return ConfigSubentryData(
        data={**base, **data}, subentry_type=kind, title=key, unique_id=f"lektrico_{key}"
    )


def site(supply: str, *subentries: ConfigSubentryData, fuse_a: int = 25) -> MockConfigEntry:
    """Return a site's entry."""
    return MockConfigEntry(
        domain="evse_suite",
        data={"supply": supply, "fuse_a": fuse_a, "voltage_v": 230.0},
        options={"mode": "power"},
        subentries_data=subentries,
    )


def meter(phases: list[str], role: str = "mains", **data: Any) -> ConfigSubentryData:
    """Return a meter's subentry."""
    return subentry("meter", "5000", role=role, phases=phases, **data)


def charger(phases: list[str], **data: Any) -> ConfigSubentryData:
    """Return a charger's subentry."""
    return subentry("charger", "7000", phases=phases, maximum_a=16, safe_a=6, **data)


class Silent:
    """A device that is never asked here."""

    identity = identity_from(next(iter(site("single", charger(["l1"])).subentries.values())))
    error_names: tuple[str, ...] = ()

    async def read(self) -> Any:
        """Never called."""

    async def close(self) -> None:
        """Never called."""

    def capability[C](self, _wanted: type[C]) -> C | None:
        """Do nothing but read."""
        return None


def link(key: str, reading: Any) -> DeviceLink[Any]:
    """Return a link that has brought ``reading``."""
    line = DeviceLink[Any](
        key=key, name=key, device=Silent(), rhythm=lambda _r: 1.0, clock=lambda: 0.0
    )
    line.reading = reading
    return line


def mains_link(entry: MockConfigEntry, *channels: MeterChannel) -> DeviceLink[Any]:
    """Return the link of the site's mains meter after one reading."""
    found = mains_subentry(entry)
    assert found is not None
    return link(found.subentry_id, MeterReading(time_s=5.0, channels=channels))


def channel(current_a: float | None, power_w: float | None = 0.0) -> MeterChannel:
    """Return a channel's value."""
    return MeterChannel(current_a=current_a, voltage_v=231.0, power_w=power_w)


def test_spec_has_the_fuse_on_every_phase_and_the_charger_s_rotation() -> None:
    """SITE-1, SITE-2: a three-phase site with a rotated charger."""
    entry = site("three", meter(["l1", "l2", "l3"]), charger(["l2", "l3", "l1"], priority=2))
    spec = site_spec(entry)
    assert spec.phases == (Phase.L1, Phase.L2, Phase.L3)
    (fuse,) = spec.caps
    assert fuse.kind is CapKind.FUSE
    assert fuse.limit_a == {Phase.L1: 25, Phase.L2: 25, Phase.L3: 25}
    assert fuse.chargers is None
    (found,) = spec.chargers
    assert found.phases == (Phase.L2, Phase.L3, Phase.L1)
    assert (found.maximum_a, found.safe_a, found.priority) == (16, 6, 2)
    assert spec.meter.key != "mains"


def test_what_the_clamps_cannot_measure_is_a_limit() -> None:
    """SITE-1, LEK-15: beyond its range a clamp tells nonsense, so nobody goes there."""
    told = site_spec(site("single", meter(["l1"], clamp_a=50)))
    untold = site_spec(site("single", meter(["l1"])))
    assert [cap.kind for cap in told.caps] == [CapKind.FUSE, CapKind.METER_RANGE]
    assert told.caps[1].limit_a == {Phase.L1: 50}
    assert told.caps[1].chargers is None
    assert [cap.kind for cap in untold.caps] == [CapKind.FUSE]
    other = site_spec(site("single", meter(["l1"], role="other", clamp_a=50)))
    assert [cap.kind for cap in other.caps] == [CapKind.FUSE]


def test_site_without_devices_has_no_meter_and_no_charger() -> None:
    """A site is set up before its devices are."""
    spec = site_spec(site("split"))
    assert spec.phases == (Phase.L1, Phase.L2)
    assert spec.chargers == ()
    assert spec.meter.key == "mains"


def test_a_meter_that_is_only_shown_is_not_the_mains() -> None:
    """Only the role mains guards the fuse."""
    assert mains_subentry(site("single", meter(["l1"], role="other"))) is None


def test_mains_sample_follows_the_clamps_to_their_phases() -> None:
    """SITE-2: channels in another order than the phases, one of them on no phase."""
    entry = site("split", meter(["l2", "none", "l1"]))
    sample = mains_sample(
        entry,
        site_spec(entry),
        mains_link(entry, channel(4.0, 900.0), channel(9.0), channel(-3.0, -690.0)),
    )
    assert sample is not None
    assert sample.time_s == 5.0
    assert sample.current_a == {Phase.L1: -3.0, Phase.L2: 4.0}
    assert sample.power_w == {Phase.L1: -690.0, Phase.L2: 900.0}


@pytest.mark.parametrize(
    "channels",
    [
        (channel(None), channel(1.0)),
        (channel(1.0), channel(1.0, None)),
        (channel(1.0),),
    ],
    ids=["no current", "no power", "phase missing"],
)
def test_a_bad_phase_makes_no_sample(channels: tuple[MeterChannel, ...]) -> None:
    """Promise 2: unknown is never zero, so a reading with a hole is no reading."""
    entry = site("split", meter(["l1", "l2"]))
    assert mains_sample(entry, site_spec(entry), mains_link(entry, *channels)) is None


def test_no_meter_or_no_reading_makes_no_sample() -> None:
    """Nothing is invented."""
    entry = site("single", meter(["l1"]))
    assert mains_sample(entry, site_spec(entry), None) is None
    assert mains_sample(entry, site_spec(entry), link("k", None)) is None


def generator(entry: MockConfigEntry, *channels: MeterChannel) -> MainsSample | None:
    """Return what the site's generator takes after one reading of its meter."""
    (key,) = entry.subentries
    reading = MeterReading(time_s=5.0, channels=channels)
    return generator_sample(entry, site_spec(entry), link(key, reading))


def test_a_generator_takes_the_opposite_of_what_its_clamps_show() -> None:
    """DER-15: what it delivers is shown as positive; nothing flows where there is no clamp."""
    entry = site("three", meter(["l3", "none", "l1"], role="generator"))
    sample = generator(entry, channel(10.0, 2300.0), channel(7.0), channel(-0.1, -20.0))
    assert sample is not None
    assert sample.time_s == 5.0
    assert sample.current_a == {Phase.L1: 0.1, Phase.L2: 0.0, Phase.L3: -10.0}
    assert sample.power_w == {Phase.L1: 20.0, Phase.L2: 0.0, Phase.L3: -2300.0}


@pytest.mark.parametrize("hole", [(channel(None),), (channel(1.0, None),), ()])
def test_a_generator_with_a_hole_is_unknown(hole: tuple[MeterChannel, ...]) -> None:
    """DER-15, promise 2: it does not deliver nothing just because nobody says so."""
    entry = site("split", meter(["l1", "l2"], role="generator"))
    assert generator(entry, channel(3.0), *hole) is None
    assert generator_sample(entry, site_spec(entry), None) is None


def test_what_few_homes_have() -> None:
    """IND-10, DER-15: only where it was asked for."""
    entry = site("three")
    spec = site_spec(entry)
    assert (spec.export_limit_w, spec.unbalance_a, spec.generator) == (None, None, None)
    more = {"export_limit_w": 3000.0, "unbalance_a": 20.0, "generator": "line"}
    spec = site_spec(MockConfigEntry(domain="evse_suite", data={**entry.data, **more}))
    assert (spec.export_limit_w, spec.unbalance_a) == (3000, 20)
    assert spec.generator is GeneratorSide.LINE


def test_unknown_voltage_is_the_nominal_one() -> None:
    """A meter without a voltage tap still guards the fuse."""
    entry = site("single", meter(["l1"]))
    blind = MeterChannel(current_a=3.0, voltage_v=None, power_w=690.0)
    sample = mains_sample(entry, site_spec(entry), mains_link(entry, blind))
    assert sample is not None
    assert sample.voltage_v == {Phase.L1: 230.0}


def charger_reading(status: ChargerStatus | None, drawn_a: float, **data: Any) -> ChargerReading:
    """Return a charger's reading."""
    return ChargerReading(
        time_s=1.0,
        status=status,
        raw_status="?",
        current_a=(drawn_a,),
        voltage_v=(230.0,),
        power_w=0.0,
        **data,
    )


@pytest.mark.parametrize(
    ("status", "drawn_a", "activity"),
    [
        (ChargerStatus.AVAILABLE, 0.0, ChargerActivity.DISCONNECTED),
        (ChargerStatus.CONNECTED, 0.0, ChargerActivity.READY),
        (ChargerStatus.PAUSED, 0.0, ChargerActivity.READY),
        (ChargerStatus.PAUSED_BY_LOAD_BALANCING, 0.0, ChargerActivity.READY),
        (ChargerStatus.CHARGING, 9.0, ChargerActivity.CHARGING),
        (ChargerStatus.NEED_AUTH, 0.0, ChargerActivity.BLOCKED),
        (ChargerStatus.PAUSED_BY_SCHEDULER, 0.0, ChargerActivity.BLOCKED),
        (ChargerStatus.LOCKED, 0.0, ChargerActivity.BLOCKED),
        (ChargerStatus.UPDATING_FIRMWARE, 0.0, ChargerActivity.BLOCKED),
        (ChargerStatus.ERROR, 0.0, ChargerActivity.FAULT),
        (None, 9.0, ChargerActivity.CHARGING),
        (None, 0.0, ChargerActivity.READY),
    ],
)
def test_every_status_is_an_activity(
    status: ChargerStatus | None, drawn_a: float, activity: ChargerActivity
) -> None:
    """LEK-2: also a state that a newer firmware invents is judged, by what flows."""
    state = charger_state(link("k", charger_reading(status, drawn_a)), 1)
    assert state.sample is not None
    assert state.sample.activity is activity


def test_the_tightest_of_installer_and_user_is_the_limit() -> None:
    """LEK-4, LEK-5."""
    both = charger_reading(ChargerStatus.CHARGING, 9.0, user_current_a=10, install_current_a=16)
    neither = charger_reading(ChargerStatus.CHARGING, 9.0)
    limits = [charger_state(link("k", reading), 1).sample for reading in (both, neither)]
    assert [sample and sample.limit_a for sample in limits] == [10, None]
    assert charger_state(link("k", None), 1).sample is None


def test_how_many_lines_a_charger_has_switched_on_is_told_as_it_tells() -> None:
    """LEK-4, SITE-2: None where the firmware does not say, so that nothing is learnt from it."""
    told = []
    for forced in (True, False, None):
        reading = charger_reading(ChargerStatus.CHARGING, 9.0, force_single_phase=forced)
        reading = replace(reading, current_a=(9.0, 0.0, 0.0))
        told.append(charger_state(link("k", reading), 3).sample)
    assert [sample and sample.lines for sample in told] == [1, 3, None]


def test_only_a_charger_whose_owner_wants_it_is_switched() -> None:
    """LEK-4."""
    entries = [
        site("three", charger(["l1", "l2", "l3"], **data))
        for data in ({}, {"switches_lines": False}, {"switches_lines": True})
    ]
    wanted = [site_spec(entry).chargers[0].switches_lines for entry in entries]
    assert wanted == [False, False, True]


@pytest.mark.parametrize(
    ("read_a", "loaded", "drawn_a"),
    [
        ((9.0,), 1, (9.0,)),
        ((9.0,), 2, (9.0, 9.0)),
        ((9.0, 8.0, 7.0), 3, (9.0, 8.0, 7.0)),
        ((9.0, 0.0, 0.0), 1, (9.0,)),
    ],
)
def test_lines_of_a_charger_load_the_phases_they_are_on(
    read_a: tuple[float, ...], loaded: int, drawn_a: tuple[float, ...]
) -> None:
    """SITE-2, DER-16: a single line between two legs loads both."""
    reading = replace(charger_reading(ChargerStatus.CHARGING, 9.0), current_a=read_a)
    sample = charger_state(link("k", reading), loaded).sample
    assert sample is not None
    assert sample.drawn_a == drawn_a


@pytest.mark.parametrize(
    ("read_a", "power_w", "guessed"),
    [
        ((16.0, 16.0, 16.0), 11040.0, False),
        ((16.0, 16.0, 16.0), 7360.0, True),
        ((6.0, 6.0, 6.0), 1380.0, True),
        ((16.0, 0.0, 0.0), 3600.0, False),
        ((16.0,), 0.0, False),
        ((0.3, 0.3, 0.3), 0.0, False),
    ],
)
def test_currents_that_are_more_than_the_power_are_guessed(
    read_a: tuple[float, ...], power_w: float, *, guessed: bool
) -> None:
    """SITE-2: a power alone does not tell on how many lines it flows."""
    volts = (230.0,) * len(read_a)
    whole = charger_reading(ChargerStatus.CHARGING, 9.0)
    reading = replace(whole, current_a=read_a, voltage_v=volts, power_w=power_w)
    sample = charger_state(link("k", reading), len(read_a)).sample
    assert sample is not None
    assert sample.guessed is guessed


def test_configured_clamp_range_wins() -> None:
    """LEK-15: a 120 A clamp on a meter that thinks of 50 A."""
    entry = site("single", meter(["l1"], clamp_a=120))
    found = mains_subentry(entry)
    assert found is not None
    told = MeterReading(time_s=0.0, channels=(), clamp_range_a=50.0)
    assert clamp_range_a(found, told) == 120
    plain = mains_subentry(site("single", meter(["l1"])))
    assert plain is not None
    assert clamp_range_a(plain, told) == 50.0
