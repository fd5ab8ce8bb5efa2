"""Having a charger follow a current: which profile, whether it follows, and the dead man's profile.

A profile ends by itself unless it is renewed, and under it lies one with the safe current. A
charger that nobody renews any more, because the site, Home Assistant or the network is gone, falls
back by itself within ``steps.DURATION_S`` (promise 6).
"""

import contextlib
from dataclasses import dataclass
from typing import Final, NamedTuple

from ..model import DeviceCommandError, DeviceConnectionError
from ..turn import GIVES_WAY_S, Turn
from .meter_values import Quantity
from .profiles import Purpose, Terms, Wanted, clear_profile, set_profile
from .station import Place, Station
from .steps import BASES, DURATION_S, OCPP_ORDER, PURPOSES, RENEW_S, VOLATILE, Strategy, WriteBudget
from .verdict import Evidence, judge

FOLLOWS_WITHIN_S: Final = 30.0
"""A charger and its car have so long to follow before the next strategy is tried (protocol D.4)."""
JUST_BEGUN_S: Final = 5.0
"""A charger that does not know its transaction's id yet refuses a profile for it."""
REFUSED_S: Final = 15.0
"""A charger that refused everything is asked again after this time, unless it is told to."""
ROUND_S: Final = 600.0
"""After a strategy was found wanting, it is not tried again for so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A current that the charger has accepted."""

    current_a: int
    strategy: Strategy
    lines: int
    transaction_id: int | None
    boots: int
    time_s: float
    since_s: float
    """When this current was accepted first; ``time_s`` is the newest renewal."""


class _Base(NamedTuple):
    """A profile with the safe current that lies under others, and after which start it was laid."""

    purpose: Purpose
    place: Place
    boots: int


def _first(station: Station) -> Strategy:
    """Return what to begin with: what was chosen, what proved right, or the gentlest."""
    if station.strategy is not Strategy.AUTO:
        return station.strategy
    return station.proved or OCPP_ORDER[0]


class Steering:
    """Carries the newest wish to a charger and looks whether it follows."""

    def __init__(self, station: Station) -> None:
        """Nothing is sent before a current is wished."""
        self._station = station
        self._turn = Turn(GIVES_WAY_S)
        self.wish_a: int | None = None
        """What is wanted, None while nothing is."""
        self._base: _Base | None = None
        self._refused_base: _Base | None = None
        self._failed_s: dict[Strategy, float] = {}
        self._refused_s = float("-inf")
        self.budget = WriteBudget(station.clock)
        self.sent: Sent | None = None
        self.active = _first(station)
        self.lines: int | None = None
        """Lines to be used, None for all."""
        self.dead_man = False
        """Whether the charger falls back by itself when nobody renews its profile."""
        self.verified = False
        """Whether it was seen to follow what was sent with the active strategy."""
        self.moved: str | None = None
        """Why the strategy before the active one was left."""

    @property
    def deferred(self) -> bool:
        """Whether a raise waits for the budget of writes."""
        return (
            self.wish_a is not None
            and self.sent is not None
            and (self.wish_a > self.sent.current_a)
        )

    def reconsider(self) -> None:
        """Send what is wished anew, because another strategy was chosen."""
        self._failed_s.clear()
        self._station.proved = None
        self.active = _first(self._station)
        self.sent, self.verified, self.moved = None, False, None

    def release(self) -> None:
        """Send nothing any more; what was sent runs out."""
        self.wish_a = None

    async def offer(self, current_a: int, *, urgent: bool) -> None:
        """Have the charger follow a current, 0 to pause.

        Raises DeviceCommandError when it refuses every strategy, DeviceConnectionError while it
        is not connected or not known well enough yet.
        """
        self.wish_a = current_a
        async with self._turn.take(urgent=urgent):
            await self._send(urgent=urgent)

    async def use_lines(self, lines: int | None) -> None:
        """Use so many lines, None for all; raises as ``offer``."""
        self.lines = lines
        async with self._turn.take():
            await self._send(urgent=False)

    async def keep(self) -> None:
        """Do what is due: renew, tell a new session, change a strategy that is not followed."""
        async with self._turn.take():
            if not self._station.ready:
                return
            await self._lay_base(self.active)
            if self.wish_a is None:
                return
            with contextlib.suppress(DeviceCommandError):
                # Whoever wished it was told already; it is tried again when it is due.
                if self._is_due():
                    await self._send(urgent=False)
                else:
                    await self._verify()

    # Sending ---------------------------------------------------------------------------------

    def _is_due(self) -> bool:
        sent, transaction = self.sent, self._station.ledger.current
        if self._station.clock() - self._refused_s < REFUSED_S:
            return False
        if sent is None:
            persistent = self.active not in VOLATILE
            return persistent or transaction is not None or self._station.charging
        if sent.boots != self._station.boots or sent.current_a != self.wish_a:
            return True
        if sent.strategy in VOLATILE:
            present = None if transaction is None else transaction.transaction_id
            if present != sent.transaction_id:
                return True
        return self._station.clock() - sent.time_s >= RENEW_S[sent.strategy]

    async def _send(self, *, urgent: bool) -> None:
        """Send the newest wish by the first strategy that the charger accepts."""
        wish_a = self.wish_a
        if wish_a is None:
            return
        known = bool(self._station.configuration)
        if not self._station.ready and not (urgent and known):
            # A cut does not wait until a charger that is known is asked for everything anew.
            raise DeviceConnectionError(f"{self._station.identity} is not set up yet")
        refusal: DeviceCommandError | None = None
        for strategy in self._candidates():
            if self._has_to_wait(strategy, wish_a):
                return
            try:
                await self._send_by(strategy, wish_a, urgent=urgent)
            except DeviceCommandError as error:
                if strategy is Strategy.TX_PROFILE and self._has_just_begun():
                    # It may not have taken in the transaction's id yet; what lies under it holds.
                    self.sent = None
                    return
                if strategy is self.active and self.verified:
                    # What has worked is not left for one refusal; it is told again soon.
                    self.verified = False
                    raise
                refusal = error
                self._failed_s[strategy] = self._station.clock()
                continue
            self._activate(strategy, None if refusal is None else str(refusal))
            return
        self.sent, self._refused_s = None, self._station.clock()
        if wish_a == 0 and self._station.ledger.current is not None:
            # Rude, and some chargers then want to be plugged in again: but the fuse comes first.
            await self._station.stop_transaction()
        elif refusal is not None and (wish_a > 0 or self._station.charging):
            raise refusal

    def _has_just_begun(self) -> bool:
        return self._station.clock() - self._station.began_s < JUST_BEGUN_S

    def _candidates(self) -> tuple[Strategy, ...]:
        """Return the strategies to try: the active one, then those not found wanting of late."""
        chosen = self._station.strategy
        if chosen is not Strategy.AUTO:
            return (chosen,)
        index = OCPP_ORDER.index(self.active)
        around = (*OCPP_ORDER[index:], *OCPP_ORDER[:index])
        return (*(it for it in around if not self._failed_lately(it)),) or around

    def _failed_lately(self, strategy: Strategy) -> bool:
        return self._station.clock() - self._failed_s.get(strategy, -ROUND_S) < ROUND_S

    def _has_to_wait(self, strategy: Strategy, wish_a: int) -> bool:
        """Whether a raise or a renewal waits for the budget; a reduction never does."""
        if strategy in VOLATILE or self.budget.allows():
            return False
        return self.sent is not None and wish_a >= self.sent.current_a

    async def _send_by(self, strategy: Strategy, current_a: int, *, urgent: bool) -> None:
        station = self._station
        transaction = station.ledger.current
        transaction_id = None
        if strategy is Strategy.TX_PROFILE:
            if transaction is None and station.charging:
                raise DeviceCommandError("the charger charges without a transaction")
            if transaction is None:
                # What lies under it holds until a session begins, and then this is sent.
                self.sent = None
                return
            transaction_id = transaction.transaction_id
        if not urgent:
            await self._lay_base(strategy)
        wanted = self._wanted(strategy, current_a, transaction_id)
        there_s = station.wall() - station.lateness.clock_error_s
        payload = set_profile(wanted, self._terms(), there_s)
        await station.command("SetChargingProfile", payload, urgent=urgent)
        if strategy not in VOLATILE:
            self.budget.spend()
        self._note(strategy, current_a, transaction_id)

    def _wanted(self, strategy: Strategy, current_a: int, transaction_id: int | None) -> Wanted:
        """Return a profile that ends by itself where there is something to fall back on."""
        on_base = self._base is not None and self._base.purpose is BASES[strategy]
        alone = not on_base or self._shares_level(strategy)
        can_follow = self._station.features.periods > 1
        ends = not alone or can_follow
        self.dead_man = ends and not self._station.quirks.relative
        return Wanted(
            purpose=PURPOSES[strategy],
            current_a=current_a,
            duration_s=DURATION_S[strategy] if ends else None,
            then_a=self._place.safe_a if alone and can_follow else None,
            transaction_id=transaction_id,
        )

    def _note(self, strategy: Strategy, current_a: int, transaction_id: int | None) -> None:
        now_s = self._station.clock()
        before = self.sent
        lines = self._terms().lines
        same = before is not None and (before.current_a, before.strategy, before.lines) == (
            current_a,
            strategy,
            lines,
        )
        self.sent = Sent(
            current_a=current_a,
            strategy=strategy,
            lines=lines,
            transaction_id=transaction_id,
            boots=self._station.boots,
            time_s=now_s,
            since_s=before.since_s if before is not None and same else now_s,
        )

    def _activate(self, strategy: Strategy, why: str | None) -> None:
        if strategy is not self.active:
            self.active = strategy
            self.verified = False
            self.moved = why or self.moved
            self._station.changed()

    # Whether it follows ----------------------------------------------------------------------

    async def _verify(self) -> None:
        """Leave a strategy that the charger accepts and ignores, and say so."""
        sent, station = self.sent, self._station
        if sent is None:
            return
        now_s = station.clock()
        seen_s = station.flow.time_s
        judged_s = sent.since_s + FOLLOWS_WITHIN_S
        if now_s < judged_s or (station.charging and (seen_s is None or seen_s < judged_s)):
            return
        verdict = judge(self._evidence(sent, now_s))
        if verdict.follows:
            self.verified = True
            self._prove(sent.strategy)
        elif verdict.follows is False:
            self.verified = False
            self._prove(None)
            self.moved = verdict.why
            self._failed_s[sent.strategy] = now_s
            if not all(self._failed_lately(it) for it in self._candidates()):
                await self._send(urgent=False)
            elif sent.current_a == 0 and station.ledger.current is not None:
                # It accepts everything and follows nothing: only the end of the session is left.
                await station.stop_transaction()

    def _prove(self, strategy: Strategy | None) -> None:
        """Remember what the charger follows: after a restart it is not tried out again."""
        if self._station.proved is not strategy:
            self._station.proved = strategy
            self._station.remember()

    def _evidence(self, sent: Sent, now_s: float) -> Evidence:
        station, place = self._station, self._place
        told_a = float(sent.current_a)
        currents_a = station.flow.currents_a(place.lines, told_a, place.line_voltage_v, now_s)
        return Evidence(
            sent_a=sent.current_a,
            base_a=place.safe_a,
            measured_a=None if currents_a is None else max(currents_a),
            offered_a=station.flow.most(Quantity.OFFERED_A, now_s),
            charging=station.charging,
            held_by_charger=station.status == "SuspendedEVSE",
        )

    # What lies under it ----------------------------------------------------------------------

    async def _lay_base(self, strategy: Strategy) -> None:
        """Have the safe current lie under the profiles of a strategy; once, because it is flash.

        Under a maximum only another maximum can lie: a default with the safe current would cap it.
        """
        station, purpose = self._station, BASES[strategy]
        wanted = _Base(purpose, self._place, station.boots)
        if wanted in (self._base, self._refused_base) or self._shares_level(strategy):
            return
        before = self._base
        if before is not None and before[:2] == wanted[:2] and not self.budget.allows():
            # Some introduce themselves whenever a line was lost: it is probably there.
            return
        base = Wanted(purpose=purpose, current_a=self._place.safe_a, base=True)
        try:
            payload = set_profile(base, self._terms(), station.wall())
            await station.command("SetChargingProfile", payload)
        except DeviceCommandError:
            # It has no dead man then, which the strategy's sensor says.
            self._base, self._refused_base = None, wanted
            return
        self.budget.spend()
        self._base = wanted
        if before is not None and before.purpose is not purpose:
            await self._clear(before.purpose, base=True)
            await self._clear(before.purpose, base=False)

    async def _clear(self, purpose: Purpose, *, base: bool) -> None:
        try:
            await self._station.call("ClearChargingProfile", clear_profile(purpose, base=base))
        except DeviceCommandError:
            return

    def _shares_level(self, strategy: Strategy) -> bool:
        """Whether nothing can lie under a strategy, because a charger has one level only."""
        return strategy not in VOLATILE and self._terms().stack == 0

    @property
    def _place(self) -> Place:
        return self._station.place or Place()

    def _terms(self) -> Terms:
        features = self._station.features
        place = self._place
        lines = min(self.lines or place.lines, place.lines)
        return Terms(
            in_watts=features.in_watts,
            relative=self._station.quirks.relative,
            stack=features.highest_stack,
            lines=lines,
            line_voltage_v=place.line_voltage_v,
        )
