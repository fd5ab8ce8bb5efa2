"""The meter itself: one clamp, one contactor, an optical port and two buttons."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar, Final, override

from aiohttp import web

from ...ports import ClampPort, SupplyPort
from ..base import Announcement, SimulatedDevice
from ..iec62056.head import Habits, OpticalHead
from ..iec62056.lines import Gateway
from .account import Account
from .clock import wall
from .contactor import Supply
from .panel import Orders
from .registers import Registers, shown_kwh
from .settings import Rules, Tariff

IDENTIFICATION: Final = "LGZ{baud_mark}E470P.V18"
POUNDS: Final = Decimal("0.01")


def _real_time() -> datetime:
    return datetime.now(UTC)


class E470Meter(SimulatedDevice):
    """A prepayment meter between the street and the home; ``supply`` is what its contactor cuts.

    ``decimals`` is how many places of a kWh the registers show. ``clock`` gives UTC.
    """

    BEHIND_CONTACTOR: ClassVar[bool] = False

    def __init__(
        self,
        *,
        serial: str,
        clamps: Sequence[ClampPort],
        rules: Rules,
        tariff: Tariff,
        balance: Decimal = Decimal(0),
        total_debt: Decimal = Decimal(0),
        kwh_at_start: Sequence[float] = (0.0, 0.0, 0.0, 0.0),
        decimals: int = 2,
        pace: float = 1.0,
        refresh_s: float = 1.0,
        boot_s: float = 8.0,
        clock: Callable[[], datetime] = _real_time,
    ) -> None:
        """Create the meter; raises ValueError for a wrong number of clamps."""
        if len(clamps) != 1:
            raise ValueError(f"this meter has 1 clamp, not {len(clamps)}")
        super().__init__(serial=serial, refresh_s=refresh_s, boot_s=boot_s)
        self.habits = Habits(pace=pace, reaction_s=0.2 * pace)
        self.supply: SupplyPort | None = None
        self.power_failures = 0
        counted = [round(kwh * 1000) for kwh in kwh_at_start]
        self.account = Account(rules, tariff, clock(), registers=Registers(rates_wh=counted))
        self.account.purse.balance = balance
        self.account.purse.total_debt = total_debt
        self.orders = Orders(self.account)
        self._clamp = clamps[0]
        self._clock = clock
        self._decimals = decimals
        self._taken_wh = 0
        self._given_wh = 0
        name = IDENTIFICATION.format(baud_mark=self.habits.baud_mark)
        self.head = OpticalHead(name, self.rows, self.habits)

    @property
    @override
    def announcement(self) -> Announcement:
        """Nothing: a serial line has no name on the network."""
        return Announcement(service_types=(), instance=self.serial, properties={})

    @property
    @override
    def reach(self) -> str:
        """The gateway as the address of a serial port."""
        return f"socket://{self.host_port}"

    @override
    async def stop(self) -> None:
        self.head.close()
        await super().stop()

    @override
    def inject(self, changes: Mapping[str, object]) -> None:
        """Change faults, or give one of the orders of ``panel.Orders``, from JSON."""
        orders = {name: changes[name] for name in changes if name in self.orders.names}
        super().inject({name: changes[name] for name in changes if name not in orders})
        for name, value in orders.items():
            self.orders.carry_out(name, value)
        self._switch()

    def state(self) -> dict[str, Any]:
        """Return the account as the panel shows it; money in pounds, rounded for reading."""
        account, purse = self.account, self.account.purse
        return {
            "balance": str(purse.balance.quantize(POUNDS)),
            "debt_to_clear": str(purse.debt_to_clear.quantize(POUNDS)),
            "total_debt": str(purse.total_debt.quantize(POUNDS)),
            "cost_today": str(purse.cost_today.quantize(POUNDS)),
            "in_emergency": purse.in_emergency,
            "emergency_available": purse.emergency_available,
            "payments": purse.payments,
            "rate": account.stage.rate,
            "block": account.block,
            "price": str(account.price),
            "supply": account.contactor.supply.value,
            "limiting_w": account.limiting_w,
            "trips": account.contactor.trips,
            "display": self.display(),
        }

    def display(self) -> str:
        """Return the default display, section 9.3: a message or the present balance."""
        account, purse = self.account, self.account.purse
        if account.contactor.supply is Supply.OFF:
            return "OFF"
        if account.contactor.supply is Supply.PUSH_BUTTON:
            return "PUSH BUTTON"
        header = "CRED" if purse.balance >= 0 else "DEBT"
        mark = " E" if purse.in_emergency or purse.emergency_available else ""
        return f"{header} {abs(purse.balance):.2f}{mark}"

    def rows(self) -> list[str]:
        """Return the lines of the read-out."""
        registers, value = self.account.registers, self._clamp.value()
        local = wall(self.account.rules.summer_time, self._clock())
        rates = enumerate(registers.rates_wh, start=1)
        return [
            f"F.F({0 if self.account.contactor.closed else 1:02d})",
            f"0.0({self.serial:>16})",
            f"C.1.0({self.serial})",
            f"0.9.1({local:%H%M%S})",
            f"0.9.2({local:%y%m%d})",
            *(f"1.8.{rate}({self._kwh(energy_wh)})" for rate, energy_wh in rates),
            f"1.8.0({self._kwh(registers.total_wh)})",
            f"2.8.0({self._kwh(registers.export_wh)})",
            f"C.7.0({self.power_failures:04d})",
            f"32.7({value.voltage_v:.0f}*V)",
            f"31.7({value.current_a:06.2f}*A)",
        ]

    @override
    def reset_counters(self) -> None:
        self.account.registers.rates_wh[:] = [0] * len(self.account.registers.rates_wh)
        self.account.registers.export_wh = 0

    @override
    def _protocol(self) -> asyncio.BaseProtocol:
        self.habits.mute = self.faults.hang
        return Gateway(self.head)

    @override
    def _routes(self) -> web.RouteTableDef:
        return web.RouteTableDef()

    @override
    def _work(self, dt_s: float) -> None:
        """Count what flowed since the step before, and hold the load against the limit."""
        self.habits.mute = self.faults.hang
        self.habits.stop_halfway = self.faults.drop
        used_wh, given_wh = self._flowed()
        self.account.advance(self._clock(), used_wh, given_wh)
        self.account.measure(self._clamp.value().power_w, dt_s)
        self._switch()

    @override
    def _rest(self, dt_s: float) -> None:
        """Lose what would have been metered, and the instalments of the time without power."""
        self._flowed()
        self.account.sleep(self._clock())

    @override
    def _refresh(self) -> None:
        """Nothing: the read-out shows the registers themselves."""

    @override
    def _forget(self) -> None:
        self.power_failures += 1
        self.head.close()

    def _flowed(self) -> tuple[int, int]:
        """Return the whole Wh taken and given since the call before."""
        value = self._clamp.value()
        taken_wh, given_wh = int(value.import_wh), int(value.export_wh)
        before = self._taken_wh, self._given_wh
        self._taken_wh, self._given_wh = taken_wh, given_wh
        return taken_wh - before[0], given_wh - before[1]

    def _switch(self) -> None:
        if self.supply is not None:
            self.supply.live = self.account.contactor.closed

    def _kwh(self, energy_wh: int) -> str:
        return f"{shown_kwh(energy_wh, self._decimals)}*kWh"
