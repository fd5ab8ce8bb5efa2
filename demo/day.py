"""What the home's owner has besides devices: a car, prices, and an account with the supplier."""

from .api import HomeAssistant, Json
from .flows import MENU
from .home import SET_UP_LIMIT_S, Entities, add_part
from .homes import CHARGER, REGISTERS
from .sources import DAY, NIGHT, NIGHT_UNTIL, PRICE_SENSOR, SOC_SENSOR
from .waiting import wait_until

FEED_IN = 0.05
"""GBP for a kWh to the grid: less than the night rate, so that the car takes the sun by day."""
LEAF = "Leaf"
TARGET_PERCENT = 80
READY_BY = "07:00:00"
ACCOUNT = "Electricity account"
CREDIT, STANDING_PER_WEEK = 25, 4.2
"""GBP."""
EVERY_DAY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


async def set_up_planning(ha: HomeAssistant, entry_id: str) -> None:
    """Tell the home's site its car and its prices, unless it knows them."""
    subentries = await ha.command("config_entries/subentries/list", entry_id=entry_id)
    known = {item["subentry_type"] for item in subentries}
    if "vehicle" not in known:
        car = {"car": "Nissan Leaf 40 kWh", "name": LEAF, "soc": SOC_SENSOR}
        await add_part(ha, entry_id, "vehicle", car)
    if "prices" not in known:
        prices = {"price": [PRICE_SENSOR], "feed_in": FEED_IN}
        await add_part(ha, entry_id, "prices", prices)


async def set_up_account(ha: HomeAssistant, entities: Entities) -> None:
    """Give the home's site a prepayment account with a day rate and a night rate."""
    subentries = await ha.command("config_entries/subentries/list", entry_id=entities.site)
    if any(item["subentry_type"] == "account" for item in subentries):
        return
    account = {
        MENU: ("finish",),
        "name": ACCOUNT,
        "total": entities.find(REGISTERS, "register_1_8_0"),
        "mode": "prepayment",
        "balance": CREDIT,
        "emergency_credit": True,
        "standing_per_week": STANDING_PER_WEEK,
        "tariff_kind": "time_of_use",
        "ppu_1": DAY,
        "ppu_2": NIGHT,
        "switches": [_switch("00:00:00", rate=2), _switch(f"{NIGHT_UNTIL:02}:00:00", rate=1)],
    }
    await add_part(ha, entities.site, "account", account)
    await wait_until(
        lambda: Entities.read(ha, entities.site),
        lambda now: now.has_account(ACCOUNT),
        within_s=SET_UP_LIMIT_S,
    )


def _switch(start: str, *, rate: int) -> Json:
    """Return a row of the switching table."""
    return {
        "start": start,
        "rate": str(rate),
        "season": "a",
        "days": EVERY_DAY,
        "relay_closed": False,
    }


async def want_car_every_morning(ha: HomeAssistant, entities: Entities) -> None:
    """Have the car ready every morning."""
    mode = entities.find(CHARGER, "charge_mode", "select")
    # The site starts anew after a part of it has been added.
    await wait_until(
        lambda: ha.state(mode), lambda it: it != "unavailable", within_s=SET_UP_LIMIT_S
    )
    await ha.act(
        "evse_suite.set_ready_by",
        mode,
        time=READY_BY,
        weekdays=EVERY_DAY,
        target_value=TARGET_PERCENT,
        target_kind="percent",
    )
