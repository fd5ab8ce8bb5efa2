"""A meter at an optical port in Home Assistant."""

from copy import deepcopy
import json
from typing import Any

import pytest

from custom_components.evse_suite.calibration.fitness import Fitness, Observer
from custom_components.evse_suite.diagnostics import async_get_config_entry_diagnostics
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from simulator.devices.iec62056 import OpticalMeter
from tests.integration.house import SINGLE_PHASE, House, until

pytestmark = pytest.mark.usefixtures("prompt", "entity_registry_enabled_by_default")

OPTICAL: dict[str, Any] = deepcopy(SINGLE_PHASE)
OPTICAL["meters"]["bill"] = {
    "device": "optical_meter",
    "serial": "13647123",
    "channels": [{"place": "mains", "phase": "L1"}],
    "options": {"kwh_at_start": 999_999.4, "pace": 0, "refresh_s": 0.1},
}
with_optical_meter = pytest.mark.parametrize("layout", [OPTICAL], ids=["optical"])


def meter(home: House) -> OpticalMeter:
    device = home.device("bill")
    assert isinstance(device, OpticalMeter)
    return device


@with_optical_meter
async def test_every_line_of_the_read_out_is_a_sensor(home: House) -> None:
    """MTR-1, MTR-2: total, rates and export in kWh, the others as they are sent."""
    link = next(it for it in home.site.meters.values() if it.name == "bill")
    await until(lambda: link.reading is not None, "the first read-out")
    await home.hass.async_block_till_done()
    for row in meter(home).rows():
        code = row.partition("(")[0].lower().replace(".", "_")
        key = (
            f"register_{code}_0"
            if code.endswith("_7") and code[0].isdigit()
            else f"register_{code}"
        )
        assert home.state("sensor", key, "bill").state not in ("unknown", "unavailable"), row
    total = home.state("sensor", "register_1_8_0", "bill")
    assert total.attributes["device_class"] == "energy"
    assert total.attributes["state_class"] == "total_increasing"
    assert total.attributes["unit_of_measurement"] == "kWh"
    assert float(total.state) == pytest.approx(999_999.4, abs=0.1)
    assert home.state("sensor", "register_1_8_1", "bill").name == "bill Import rate 1"
    assert home.state("sensor", "register_0_2_0", "bill").name == "bill Register 0.2.0"
    assert home.state("sensor", "register_c_5_0", "bill").state == "0401"

    told = await async_get_config_entry_diagnostics(home.hass, home.entry)
    registers = told["devices"][link.key]["reading"]["registers"]
    assert "1.8.0" in [register["code"] for register in registers]
    assert "13647123" not in json.dumps(told), "the number of the meter"

    # MTR-2: the register rolls over, and the sensor shows what the meter shows.
    meter(home).import_wh[0] += 1_000.0
    link.poll_soon()
    await until(lambda: home.value("register_1_8_0", "bill") < 1, "the roll-over")
    assert home.value("register_1_8_0", "bill") == pytest.approx(0.4, abs=0.1)


async def test_the_fuse_is_not_given_to_a_slow_meter(home: House) -> None:
    """MTR-1: refused with the reason, accepted as a meter that is only shown."""
    device = OpticalMeter(serial="99", clamps=[next(iter(home.simulation.home.clamps))], pace=0.0)
    await device.start()
    try:
        flow = await home.hass.config_entries.subentries.async_init(
            (home.entry.entry_id, "meter"), context={"source": "user"}
        )
        flow = await home.hass.config_entries.subentries.async_configure(
            flow["flow_id"], {"next_step_id": "address"}
        )
        flow = await home.hass.config_entries.subentries.async_configure(
            flow["flow_id"], {"host": device.reach}
        )
        assert flow["step_id"] == "settings"
        answer = {"name": "Bill", "role": "mains", "channel_1": "l1"}
        flow = await home.hass.config_entries.subentries.async_configure(flow["flow_id"], answer)
        assert flow["errors"] == {"role": "meter_too_slow"}
        flow = await home.hass.config_entries.subentries.async_configure(
            flow["flow_id"], answer | {"role": "other", "channel_1": "none"}
        )
        assert flow["type"] == "create_entry"
        await home.hass.async_block_till_done()
    finally:
        await device.stop()


async def test_what_a_meter_is_fit_for(home: House) -> None:
    """SITE-8: it is measured while it runs, shown, and told when the fuse's meter is too slow."""
    assert home.site.mains is not None
    await until(lambda: home.shows("sensor", "fitness", "fuse", "mains"), "a good meter")
    assert home.value("reading_interval", "mains") < 5

    slow = Observer()
    for count in range(40):
        slow.add(9.0 * count, [1.0 + count], [230.0])
    home.site.mains.observer = slow
    await home.becomes("sensor", "fitness", "sun", "mains")
    issue = f"meter_unfit_{home.entry.entry_id}_{home.site.mains.key}"
    await until(
        lambda: ir.async_get(home.hass).async_get_issue("evse_suite", issue) is not None,
        "the issue",
    )


def test_fitness_follows_from_period_losses_and_quantities(hass: HomeAssistant) -> None:
    """SITE-8: fuse, sun or account."""

    def judged(period_s: float, *, lost_every: int = 10**6, amperes: bool = True) -> Fitness:
        observer = Observer()
        time_s = 0.0
        for count in range(1, 200):
            time_s += period_s * (12 if count % lost_every == 0 else 1)
            observer.add(time_s, [1.0 if amperes else None], [230.0])
        return observer.conduct.fitness

    assert judged(1.0) is Fitness.FUSE
    assert judged(5.0) is Fitness.FUSE
    assert judged(6.0) is Fitness.SUN
    assert judged(1.0, lost_every=20) is Fitness.SUN
    assert judged(1.0, lost_every=100) is Fitness.FUSE
    assert judged(1.0, amperes=False) is Fitness.SUN
    assert judged(61.0) is Fitness.ACCOUNT
    assert Observer().conduct.fitness is Fitness.UNKNOWN
