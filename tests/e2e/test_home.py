"""What a homeowner does in the browser, and what then really happens in the home."""

from pathlib import Path
import re

from playwright.async_api import expect
import pytest

from demo.api import Json
from demo.browser import DASHBOARD, Window
from demo.home import DOMAIN
from demo.measure import Truth
from demo.server import own_log_records
from demo.stage import Stage
from demo.waiting import wait_until

INTEGRATIONS = "/config/integrations/dashboard"
INTEGRATION = "/config/integrations/integration/evse_suite"
PACE_MS = 60_000
"""A value that has changed often is shown at a slower pace."""
FULL_A = 32


async def truth(stage: Stage) -> Truth:
    return Truth.of(await stage.simulation.state())


async def devices(stage: Stage) -> set[str]:
    subentries: list[Json] = await stage.ha.command(
        "config_entries/subentries/list", entry_id=stage.entry_id
    )
    return {subentry["title"] for subentry in subentries}


async def test_live_values(stage: Stage, window: Window) -> None:
    """The dashboard follows the home without a reload (LEK-3, LEK-15)."""
    await window.open(DASHBOARD)
    roof = window.tile("Roof")
    for sun_w, shown in ((1500, r"1,[45]\d\d\sW"), (4600, r"4,[56]\d\d\sW")):
        await stage.simulation.tell("/sun", fixed_w=sun_w)
        await expect(roof).to_contain_text(re.compile(shown), timeout=20_000)
    await expect(window.tile("State")).to_contain_text("Charging", timeout=30_000)


@pytest.mark.parametrize(("mode", "wanted_a"), [("Hybrid", 6), ("Power", 32)])
async def test_mode(stage: Stage, window: Window, mode: str, wanted_a: int) -> None:
    """Choosing a mode changes what really flows into the car (LEK-8, LEK-9)."""
    await stage.simulation.tell("/sun", fixed_w=0)
    await window.open(DASHBOARD)
    await window.choose_mode(mode)

    def arrived(now: Truth) -> bool:
        return abs(now.car_a - wanted_a) < 0.5

    await wait_until(lambda: truth(stage), arrived, within_s=60)
    await expect(window.tile("Allowed")).to_contain_text(f"{wanted_a} A", timeout=15_000)
    await expect(window.tile("Drawn")).to_contain_text(f"{wanted_a}.0 A", timeout=PACE_MS)


async def test_meter_silent(stage: Stage, window: Window) -> None:
    """A lever on the dashboard silences the meter, and the dashboard says what that means."""
    await window.open(DASHBOARD)
    await window.tile("Meter silent").click()
    why = window.page.locator("hui-markdown-card")
    await expect(why).to_contain_text("meter", timeout=30_000)
    await expect(window.tile("Drawn")).to_contain_text("6.0 A", timeout=PACE_MS)
    await window.tile("Meter silent").click()
    await wait_until(lambda: truth(stage), lambda now: now.car_a > FULL_A - 1, within_s=120)
    await expect(window.tile("Drawn")).to_contain_text("32.0 A", timeout=PACE_MS)


async def test_add_by_address(stage: Stage, window: Window, pictures: Path) -> None:
    """A meter is added in the dialog by its address, with a mistake on the way."""
    page, hosts = window.page, await stage.simulation.hosts()
    await window.open(INTEGRATION)
    await page.get_by_role("button", name="Add meter").click()
    await page.get_by_text("By its address on the network").click()
    host = page.get_by_role("textbox", name="Host")
    await host.fill(hosts["drive"])
    await page.get_by_role("button", name="Submit").click()
    await expect(page.get_by_text("This is a charger.")).to_be_visible()
    await window.shoot(pictures / "mistake.png")
    await host.fill(hosts["shed"])
    await page.get_by_role("button", name="Submit").click()
    name = page.get_by_role("textbox", name="Name")
    await name.fill("Shed meter")
    await window.shoot(pictures / "add_meter.png")
    await page.get_by_role("button", name="Submit").click()
    await page.get_by_role("button", name="Finish").click()
    assert "Shed meter" in await devices(stage)


async def test_add_discovered(stage: Stage, window: Window, pictures: Path) -> None:
    """A discovered charger shows model and serial number, and is added from its card (LEK-1)."""

    async def offers() -> list[Json]:
        flows: list[Json] = await stage.ha.command("config_entries/flow/progress")
        return [flow for flow in flows if flow["handler"] == DOMAIN]

    try:
        await wait_until(offers, within_s=30)
    except TimeoutError:
        pytest.fail("no device was discovered: multicast has to work on this machine's loopback")
    page = window.page
    await window.open(INTEGRATIONS)
    serial = stage.simulation.serial("chargers", "drive")
    card = page.locator("ha-config-flow-card").filter(has_text=serial)
    await expect(card).to_contain_text("1P7K")
    await window.shoot(pictures / "discovered.png")
    await card.get_by_role("button", name="Add").click()
    await page.get_by_role("textbox", name="Name").fill("Drive charger")
    await window.shoot(pictures / "add_charger.png")
    await page.get_by_role("button", name="Submit").click()
    await expect(page.get_by_text("Drive charger")).to_be_visible()
    await window.shoot(pictures / "added.png")
    assert "Drive charger" in await devices(stage)


async def test_nothing_went_wrong(stage: Stage, window: Window) -> None:
    """Neither the browser's console nor the server's log has anything to complain about."""
    assert window.errors == []
    silences = ("Mains meter does not answer as it should",)
    records = own_log_records(stage.server)
    assert [record for record in records if not any(text in record for text in silences)] == []
