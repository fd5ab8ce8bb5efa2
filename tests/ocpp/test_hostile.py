"""What stands between a cut and a charger that is slow, mute or lies (LEK-14, SITE-4)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
import json
from typing import Any

import aiohttp
import pytest

from custom_components.evse_suite.devices.model import DeviceConnectionError
from simulator.devices.ocpp import Quirks
from tests.ocpp.stand import NAME, PASSWORD, Stand, stand

KEYS = {"SupportedFeatureProfiles": "Core,SmartCharging", "ChargeProfileMaxStackLevel": "8"}
SOON_S = 4.0
"""Of a clock that runs twenty times as fast: a fifth of a second for both ends."""


class Point:
    """A charge point of which every word is the test's."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = 0
        self.mute: set[str] = set()
        """Calls that it does not answer."""
        self.heard: list[tuple[str, Any]] = []

    async def answer(self) -> None:
        async for message in self._socket:
            kind, number, *rest = json.loads(message.data)
            if kind != 2:
                continue
            action, payload = rest
            self.heard.append((action, payload))
            if action in self.mute:
                continue
            keys = [{"key": key, "readonly": True, "value": KEYS[key]} for key in KEYS]
            known = action == "GetConfiguration"
            reply = {"configurationKey": keys} if known else {"status": "Accepted"}
            await self._socket.send_str(json.dumps([3, number, reply]))

    async def say(self, action: str, **payload: Any) -> None:
        self._numbers += 1
        await self._socket.send_str(json.dumps([2, str(self._numbers), action, payload]))

    async def boots(self) -> None:
        await self.say("BootNotification", chargePointVendor="V", chargePointModel="M")

    async def status(self, status: str) -> None:
        await self.say("StatusNotification", connectorId=1, errorCode="NoError", status=status)

    async def draws(self, current_a: float) -> None:
        value = {"measurand": "Current.Import", "unit": "A", "value": str(current_a)}
        await self.say("MeterValues", connectorId=1, meterValue=[{"sampledValue": [value]}])

    @property
    def limits(self) -> list[float]:
        """Return what it was told for its session, in order."""
        found = [payload["csChargingProfiles"] for action, payload in self.profiles]
        return [
            it["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"]
            for it in found
            if it["chargingProfilePurpose"] == "TxProfile"
        ]

    @property
    def profiles(self) -> list[tuple[str, Any]]:
        return [it for it in self.heard if it[0] == "SetChargingProfile"]


@asynccontextmanager
async def dialled(it: Stand) -> AsyncIterator[Point]:
    """Dial in under the name of the charger that belongs to the site."""
    url = f"ws://127.0.0.1:{it.port}/ocpp/{NAME}"
    headers = {"Authorization": aiohttp.encode_basic_auth(NAME, PASSWORD)}
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, headers=headers, protocols=("ocpp1.6",)) as socket,
    ):
        point = Point(socket)
        talk = asyncio.create_task(point.answer())
        try:
            yield point
        finally:
            talk.cancel()
            with suppress(asyncio.CancelledError):
                await talk


@asynccontextmanager
async def charging(current_a: int = 16) -> AsyncIterator[tuple[Stand, Point]]:
    """Have a charge point of the test's own charge with a current."""
    async with stand(opened=False, sim_password="none") as it, dialled(it) as point:
        it.open()
        await point.boots()
        await it.until(lambda: it.station.ready, "the bring-up")
        await point.say("StartTransaction", connectorId=1, idTag="T", meterStart=0, timestamp="t")
        await point.status("Charging")
        await it.until(lambda: it.station.charging, "charging")
        it.link.offer(current_a, urgent=False)
        await it.until(lambda: point.limits[-1:] == [current_a], "the first current")
        yield it, point


async def soon(it: Stand, condition: Callable[[], object], what: str) -> None:
    await it.until(condition, what, SOON_S)


async def test_a_cut_does_not_wait_for_an_answer_that_does_not_come() -> None:
    """Promise 5: neither for a raise, nor for a renewal, nor for what a person asked."""
    async with charging() as (it, point):
        point.mute = {"SetChargingProfile"}
        it.link.offer(20, urgent=False)
        await soon(it, lambda: point.limits[-1] == 20, "a raise that hangs")
        point.mute = set()
        it.link.offer(6, urgent=True)
        await soon(it, lambda: point.limits[-1] == 6, "the cut")
        await it.until(lambda: it.charger.steering.sent, "accepted")

        point.mute = {"SetChargingProfile"}
        it.skip(60)
        count = len(point.limits)
        renewal = asyncio.create_task(it.charger.steering.keep())
        await it.until(lambda: len(point.limits) > count, "a renewal that hangs")
        point.mute = set()
        it.link.offer(0, urgent=True)
        await soon(it, lambda: point.limits[-1] == 0, "the cut")
        await asyncio.gather(renewal, return_exceptions=True)

        point.mute = {"GetConfiguration"}
        asked = asyncio.create_task(it.charger.workshop.configuration(["X"]))
        await it.until(lambda: point.heard[-1][0] == "GetConfiguration", "a question that hangs")
        it.link.offer(6, urgent=True)
        await soon(it, lambda: point.limits[-1] == 6, "the cut")
        with pytest.raises(DeviceConnectionError, match="gave way"):
            await asked


async def test_a_cut_does_not_wait_for_a_known_charger_to_be_asked_again() -> None:
    """SITE-5: after a lost line all keys are asked for anew, which may take a minute."""
    async with charging() as (it, first), dialled(it) as again:
        again.mute = {"GetConfiguration"}
        await it.until(lambda: it.station.counters.replaced, "the second line")
        assert not it.station.ready
        it.link.offer(18, urgent=False)
        it.link.offer(6, urgent=True)
        await soon(it, lambda: again.limits == [6], "the cut")
        assert 18 not in first.limits + again.limits


async def test_a_charger_that_accepts_everything_and_follows_nothing_is_stopped() -> None:
    """Promise 3: what is left is the end of the session."""
    every = frozenset({"TxProfile", "TxDefaultProfile", "ChargePointMaxProfile"})
    async with stand(Quirks(ignores=every)) as it:
        it.link.offer(10, urgent=False)
        await it.plug_in()
        await it.draws(32)
        it.link.offer(0, urgent=True)
        await it.draws(0, 240)
        assert it.station.ledger.current is None
