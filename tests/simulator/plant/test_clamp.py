"""Clamps: good ones show the truth, bad ones are wrong in the ways that real ones are."""

from statistics import mean, stdev
from typing import Any

import pytest

from simulator.plant.clamp import Clamp, ClampErrors, Probe
from simulator.plant.home import Home
from simulator.plant.house import House, make_appliance
from simulator.plant.wires import Phase, Supply, SupplyKind

L1, L2 = Phase.L1, Phase.L2
HEATER = Probe(complex(2300), 230.0)
MOTOR = Probe(complex(2300, 1150), 230.0)


def clamp(probe: Probe, **errors: Any) -> Clamp:
    """Return a clamp that has looked once."""
    quiet = ClampErrors(**{"noise_a": 0.0, **errors})
    made = Clamp(lambda: probe, lambda: probe, quiet)
    made.step(1.0)
    return made


def test_a_good_clamp_shows_the_truth() -> None:
    value = clamp(MOTOR).value()
    assert value.power_w == pytest.approx(2300)
    assert value.reactive_power_var == pytest.approx(1150)
    assert value.current_a == pytest.approx(abs(MOTOR.va) / 230)
    assert value.voltage_v == 230


def test_a_reversed_clamp_turns_import_into_export() -> None:  # LEK-16
    value = clamp(HEATER, reversed=True).value()
    assert value.power_w == pytest.approx(-2300)
    assert value.current_a == pytest.approx(10)
    assert value.import_wh == 0
    assert value.export_wh == pytest.approx(2300 / 3600)


@pytest.mark.parametrize("gain", [0.5, 0.9, 2.0])
def test_a_wrong_ratio_scales_current_and_power(gain: float) -> None:
    value = clamp(HEATER, gain=gain).value()
    assert value.current_a == pytest.approx(10 * gain)
    assert value.power_w == pytest.approx(2300 * gain)


def test_saturates_at_its_range() -> None:  # LEK-15
    value = clamp(Probe(complex(23_000), 230.0), range_a=50.0).value()
    assert value.current_a == pytest.approx(50)
    assert value.power_w == pytest.approx(50 * 230)


def test_noise_has_no_bias() -> None:
    noisy = Clamp(lambda: HEATER, lambda: HEATER, seed=3)
    currents = []
    for _ in range(5000):
        noisy.step(0.1)
        currents.append(noisy.value().current_a)
    assert mean(currents) == pytest.approx(10, abs=0.005)
    assert stdev(currents) == pytest.approx(0.05, rel=0.1)


def test_energy_is_counted_by_direction() -> None:
    flow = [HEATER]
    meter = Clamp(lambda: flow[0], lambda: flow[0], ClampErrors(noise_a=0.0))
    for probe, seconds in ((HEATER, 1800), (Probe(complex(-1000), 230.0), 3600)):
        flow[0] = probe
        for _ in range(seconds):
            meter.step(1.0)
    assert meter.value().import_wh == pytest.approx(1150)
    assert meter.value().export_wh == pytest.approx(1000)


@pytest.mark.parametrize(("kind", "share"), [(SupplyKind.THREE, -0.5), (SupplyKind.SPLIT, -1.0)])
def test_voltage_of_another_phase_spoils_the_power(kind: SupplyKind, share: float) -> None:
    """A heater seen with the voltage of the next phase: cos 120° of three, cos 180° of two."""
    heater = make_appliance("heater", "load", (L1,), 1)
    home = Home(Supply(kind=kind), House([], [heater]))
    good = home.add_clamp("mains", L1)
    bad = home.add_clamp("mains", L1, voltage_phase=L2)
    home.house.switch("heater", on=True, power_w=2300)
    for n in range(5):
        home.step(n, 1.0)
    assert good.value().power_w == pytest.approx(2300, abs=60)
    assert bad.value().power_w == pytest.approx(2300 * share, abs=60)
    assert bad.value().current_a == pytest.approx(good.value().current_a, abs=0.5)


def test_a_clamp_in_the_air_shows_nothing() -> None:
    home = Home(Supply(), House([], []))
    value = home.add_clamp("nothing", L1)
    home.step(0, 1.0)
    assert value.value().current_a == value.value().power_w == 0
    assert value.value().voltage_v == pytest.approx(230, abs=2)
