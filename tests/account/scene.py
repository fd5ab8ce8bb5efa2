"""A home with a supply account, and short ways to use energy, let time go by and look."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_fire_time_changed,
)

from custom_components.evse_suite.account.ledger import Ledger
from custom_components.evse_suite.account.setup import account_identifier
from custom_components.evse_suite.billing.codec import encode
from custom_components.evse_suite.billing.model import Config, EmergencyCredit, Tariff
from custom_components.evse_suite.billing.step import Account
from custom_components.evse_suite.const import DOMAIN, EVENT_SUITE
from homeassistant.config_entries import ConfigSubentryDataWithId
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er

START = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
"""A Monday in winter, when the clock shows GMT."""
KEY = "01JZACCOUNT0000000000000000"
TOTAL = "sensor.meter_total"
STEP = timedelta(minutes=10)
FLAT = Tariff(prices=((Decimal("0.20"),) * 4,) * 4)
CONFIG = Config(
    mpan="1200012345678",
    emergency=EmergencyCredit(enabled=True, point=Decimal(2), value=Decimal(5)),
)


def account_data(tariff: Tariff = FLAT, config: Config = CONFIG, **more: Any) -> dict[str, Any]:
    """Return what the forms store of an account."""
    return {
        "total": TOTAL,
        "settings": encode(config),
        "tariff": encode(tariff),
        "opening": {"balance": "10.00"},
        **more,
    }


class Home:
    """The site of an account; its clock stands still until the test moves it."""

    def __init__(
        self, hass: HomeAssistant, freezer: FrozenDateTimeFactory, data: dict[str, Any]
    ) -> None:
        self.hass = hass
        self.freezer = freezer
        self.kwh = 0.0
        self.entry = MockConfigEntry(
            domain=DOMAIN,
            title="Home",
            data={"supply": "single", "fuse_a": 60, "voltage_v": 230},
            options={"mode": "power"},
            subentries_data=[
                ConfigSubentryDataWithId(
                    data=data,
                    subentry_id=KEY,
                    subentry_type="account",
                    title="Supply",
                    unique_id=None,
                )
            ],
        )
        self.entry.add_to_hass(hass)
        self.events = async_capture_events(hass, EVENT_SUITE)

    # Life ------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Set up the site."""
        assert await self.hass.config_entries.async_setup(self.entry.entry_id)
        await self.settle()

    async def stop(self) -> None:
        """Take the site down, as a restart does."""
        if self.hass.config_entries.async_get_entry(self.entry.entry_id) is not None:
            await self.hass.config_entries.async_unload(self.entry.entry_id)
        await self.settle()

    async def restart(self) -> None:
        """Take the site down and up again."""
        await self.stop()
        await self.start()

    async def settle(self) -> None:
        await self.hass.async_block_till_done()

    @property
    def journal(self) -> Path:
        """The account's file."""
        folder = f"{DOMAIN}.{self.entry.entry_id}.accounts.d"
        return Path(self.hass.config.path(".storage", folder, f"{KEY}.journal"))

    # Time and energy -------------------------------------------------------------------------

    def show(self, kwh: float, unit: str = "kWh", entity_id: str = TOTAL) -> None:
        """Have a register show this."""
        if entity_id == TOTAL:
            self.kwh = kwh
        shown = {"Wh": kwh * 1000, "kWh": kwh, "MWh": kwh / 1000}[unit]
        attributes = {"unit_of_measurement": unit, "device_class": "energy"}
        self.hass.states.async_set(entity_id, f"{shown:.6f}", attributes)

    async def wait(self, **after: float) -> None:
        """Let time go by, with every timer at its time."""
        until = datetime.now(UTC) + timedelta(**after)
        while (now := datetime.now(UTC)) < until:
            self.freezer.move_to(min(now + STEP, until))
            async_fire_time_changed(self.hass, datetime.now(UTC))
            await self.settle()

    async def use(self, kwh: float, **after: float) -> None:
        """Use energy, all at the end of some time."""
        await self.wait(**after)
        self.show(self.kwh + kwh)
        await self.settle()

    # Looking ---------------------------------------------------------------------------------

    @property
    def ledger(self) -> Ledger:
        """The running account."""
        supply = self.entry.runtime_data.accounts.of(KEY)
        assert supply is not None
        ledger: Ledger = supply.ledger
        return ledger

    @property
    def account(self) -> Account:
        """The account as it is now."""
        return self.ledger.opened

    @property
    def net(self) -> Decimal:
        """What the customer owns, of which every penny is accounted for."""
        book = self.account.book
        assert book.credits - book.charges == book.net
        return book.net

    def entity(self, platform: str, key: str) -> str:
        """Return the id of an entity of the account."""
        unique_id = f"{account_identifier(KEY)}_{key}"
        entity_id = er.async_get(self.hass).async_get_entity_id(platform, DOMAIN, unique_id)
        assert entity_id is not None, f"there is no {platform} {key}"
        return entity_id

    def state(self, platform: str, key: str) -> State:
        """Return the state of an entity of the account."""
        state = self.hass.states.get(self.entity(platform, key))
        assert state is not None
        return state

    def shows(self, key: str, platform: str = "sensor") -> str:
        """Return what an entity shows."""
        return self.state(platform, key).state

    def told(self, kind: str) -> list[dict[str, Any]]:
        """Return the events of a kind."""
        return [dict(it.data) for it in self.events if it.data["type"] == kind]

    async def press(self, key: str) -> None:
        """Press a button of the account."""
        target = {"entity_id": self.entity("button", key)}
        await self.hass.services.async_call("button", "press", target, blocking=True)
