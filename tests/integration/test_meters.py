"""Meters in Home Assistant, and a three-phase home."""

from functools import partial
from typing import Any

import pytest

from custom_components.evse_suite.devices.model import LoadBalancingMode
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
from simulator.devices.shelly import ShellyGen1, ShellyGen2
from tests.integration.house import THREE_PHASE, House, until

pytestmark = pytest.mark.usefixtures("prompt", "entity_registry_enabled_by_default")

three_phases = pytest.mark.parametrize("layout", [THREE_PHASE], ids=["three_phases"])


def follows(home: House, key: str) -> bool:
    return abs(home.value(key, "garage") - home.car.current_a) < 0.5


async def test_values_of_an_em(home: House) -> None:
    """LEK-15: current, voltage, power and power factor."""
    home.car.unplug()
    home.use_oven(2_300)
    await until(lambda: home.value("power_1", "mains") > 2_500, "power")

    power_w = home.value("power_1", "mains")
    assert home.value("current_1", "mains") == pytest.approx(power_w / 230, rel=0.1)
    assert home.value("voltage_1", "mains") == pytest.approx(230, abs=10)
    assert home.value("power_factor_1", "mains") == pytest.approx(1, abs=0.1)
    assert home.shows("binary_sensor", "problem_1", "off", "mains")


async def test_an_em_keeps_its_own_modes(home: House) -> None:
    """LEK-19, LEK-15: its own load balancing and its breaker rating."""
    select = home.entity("select", "load_balancing_mode", "mains")
    modes = list(LoadBalancingMode)
    assert home.state("select", "load_balancing_mode", "mains").attributes["options"] == modes
    for index, mode in enumerate(modes):
        await home.call("select", "select_option", select, option=mode)
        assert home.em.settings.amps("load_balancing_mode") == index
        await home.becomes("select", "load_balancing_mode", mode, "mains")

    rating = home.entity("number", "breaker_rating", "mains")
    await home.call("number", "set_value", rating, value=63)
    assert home.em.settings.amps("breaker_rating") == 63
    await home.becomes("number", "breaker_rating", "63", "mains")
    for wrong in (9, 1001):
        with pytest.raises(ServiceValidationError):
            await home.call("number", "set_value", rating, value=wrong)


async def test_a_bad_channel_is_a_problem(home: House) -> None:
    """LEK-15."""
    home.em.faults.invalid = True

    await home.becomes("binary_sensor", "problem_1", "on", "mains")
    await home.becomes("sensor", "current_1", "unknown", "mains")


async def test_an_em_restarts(home: House) -> None:
    booted_s = home.em.booted_s
    await home.call("button", "press", home.entity("button", "restart", "mains"))
    await until(lambda: home.em.booted_s > booted_s, "restarted")


@three_phases
async def test_names_of_phases_and_channels(hass: HomeAssistant, home: House) -> None:
    """SITE-2: a line is called by the phase of the mains that feeds it; this one is rotated."""

    def name(key: str, owner: str | None) -> Any:
        return home.state("sensor", key, owner).attributes["friendly_name"]

    assert [name(f"mains_current_{phase}", None) for phase in ("l1", "l2", "l3")] == [
        "Home Mains current L1",
        "Home Mains current L2",
        "Home Mains current L3",
    ]
    assert [name(f"current_{line}", "garage") for line in (1, 2, 3)] == [
        "garage Current L2",
        "garage Current L3",
        "garage Current L1",
    ]
    assert name("current_1", "mains") == "mains Current L1"
    assert name("current_2", "roof") == "roof Current 2"


@three_phases
async def test_currents_of_three_phases(home: House) -> None:
    """SITE-2, LEK-3, LEK-4."""
    home.use_oven(2_300)
    await until(lambda: home.car.current_a >= 5.9, "the car charges")
    await until(
        lambda: home.value("mains_current_l1") > home.value("mains_current_l2") + 8, "oven on L1"
    )

    for line in (1, 2, 3):
        await until(partial(follows, home, f"current_{line}"), "the current of each line")
    phases_w = [home.value(f"mains_power_{phase}") for phase in ("l1", "l2", "l3")]
    assert home.value("mains_power") == pytest.approx(sum(phases_w), rel=0.2)


@three_phases
async def test_one_phase_can_be_forced(home: House) -> None:
    """LEK-4: the three-phase sibling."""
    switch = home.entity("switch", "single_phase", "garage")
    await home.call("switch", "turn_on", switch)
    assert home.charger.point.relay_mode == 1
    await home.becomes("switch", "single_phase", "on", "garage")

    await home.call("switch", "turn_off", switch)
    assert home.charger.point.relay_mode == 3
    await home.becomes("switch", "single_phase", "off", "garage")


@three_phases
async def test_a_relay_and_counters(hass: HomeAssistant, home: House) -> None:
    """A meter's contactor is a switch; its counters are for the Energy dashboard."""
    roof = home.device("roof")
    assert isinstance(roof, ShellyGen1)
    await until(lambda: home.value("power_2", "roof") > 50, "the house")
    relay = home.entity("switch", "relay", "roof")
    for action, shown in (("turn_on", "on"), ("turn_off", "off")):
        await home.call("switch", action, relay)
        await home.becomes("switch", "relay", shown, "roof")

    for key in ("import_energy_2", "export_energy_2"):
        attributes = home.state("sensor", key, "roof").attributes
        assert attributes["device_class"] == "energy"
        assert attributes["state_class"] == "total_increasing"
    assert home.value("reactive_power_2", "roof") == home.value("reactive_power_2", "roof")
    entries = er.async_entries_for_device(er.async_get(hass), home.device_id("mains"))
    assert not [entry for entry in entries if entry.domain == "select"]


@three_phases
async def test_firmware_of_a_meter(home: House) -> None:
    """LEK-13."""
    meter = home.device("mains")
    assert isinstance(meter, ShellyGen2)
    installed = home.state("update", "firmware", "mains").attributes["installed_version"]
    assert home.shows("update", "firmware", "off", "mains")
    assert home.state("update", "firmware", "roof").attributes["installed_version"]

    meter.new_firmware = "9.9.9"
    await home.becomes("update", "firmware", "on", "mains")
    assert home.state("update", "firmware", "mains").attributes["latest_version"] == "9.9.9"
    assert meter.firmware == installed

    await home.call("update", "install", home.entity("update", "firmware", "mains"))
    await until(lambda: meter.firmware == "9.9.9", "installed")
    await home.becomes("update", "firmware", "off", "mains")


@three_phases
async def test_a_circuit_is_metered_for_the_energy_dashboard(home: House) -> None:
    """DER-1: factor, frequency, active and reactive power, energy both ways, volts and amperes."""
    await until(lambda: home.value("voltage_1", "roof") > 200, "the first values")
    for key, kind, unit in (
        ("power_1", "power", "W"),
        ("reactive_power_1", "reactive_power", "var"),
        ("voltage_1", "voltage", "V"),
        ("current_1", "current", "A"),
        ("power_factor_1", "power_factor", None),
        ("import_energy_1", "energy", "kWh"),
        ("export_energy_1", "energy", "kWh"),
    ):
        state = home.state("sensor", key, "roof")
        assert state.attributes["device_class"] == kind
        assert state.attributes.get("unit_of_measurement") == unit
        assert state.state not in ("unknown", "unavailable")
        if kind == "energy":
            assert state.attributes["state_class"] == "total_increasing"
    assert -1 <= home.value("power_factor_1", "roof") <= 1
    assert home.value("frequency_1", "mains") == pytest.approx(50, abs=1)
