"""A charger that is made of entities."""

from collections.abc import Mapping
from typing import override

from ..entity_door import EntityDoor, Seen
from ..http import Clock
from ..model import (
    ChargerReading,
    CurrentControl,
    DeviceCommandError,
    DeviceConnectionError,
    DeviceError,
    DeviceIdentity,
    PhaseSwitch,
    StartStop,
)
from ..turn import GIVES_WAY_S, Turn
from .budget import WriteBudget
from .charger_reading import allowed, charger_reading, told
from .controls import (
    MINIMUM_A,
    Call,
    control,
    highest_a,
    least_a,
    limit_call,
    switch_call,
    toggle_call,
)
from .device import EntityDevice
from .roles import Role
from .setpoint import Setpoint
from .setup import Setup


class EntityCharger(EntityDevice[ChargerReading]):
    """Reads a charger's entities and tells them what is wanted."""

    def __init__(
        self, identity: DeviceIdentity, door: EntityDoor, setup: Setup, clock: Clock
    ) -> None:
        """Look at nothing yet."""
        super().__init__(identity, door, setup, clock)
        self._turn = Turn(GIVES_WAY_S)
        self._setpoint = Setpoint(setup.maximum_a, setup.settle_s)
        self._budget = WriteBudget(setup.budget, clock())
        self._wish_a = 0

    @override
    def capability[C](self, wanted: type[C]) -> C | None:
        """Return what the entities that were chosen allow."""
        has = {
            CurrentControl: self._setup.controls,
            StartStop: self._setup.switches,
            PhaseSwitch: Role.PHASES in self._setup.entities,
        }
        return super().capability(wanted) if has.get(wanted, True) else None

    @override
    def _reading(self) -> ChargerReading:
        now_s = self._clock()
        seen = self._setup.look(self._door)
        measured = [seen[role] for role in self._setup.measured if role in seen]
        try:
            return charger_reading(
                self._setup,
                seen,
                self._setpoint,
                lines=self.identity.lines,
                time_s=self._fresh.time_s(measured, now_s),
                now_s=now_s,
            )
        except DeviceConnectionError:
            self._setpoint.lost()
            raise

    def persons_limit_a(self) -> int | None:
        """Return what a person allows at most, 0 after a stop, None without a limit."""
        return self._setpoint.person_a

    def recall_persons_limit(self, current_a: int) -> None:
        """Take over what a person allowed before the restart."""
        self._setpoint.person_a = current_a

    # Writing ----------------------------------------------------------------------------------

    async def set_current(self, current_a: int, *, urgent: bool = False) -> None:
        """Set the limit, or switch a charger that has none; what stands already is not written.

        Raises ValueError for 1 to 5 A, DeviceCommandError for a raise beyond the write budget.
        """
        if current_a != 0 and current_a < MINIMUM_A:
            raise ValueError(f"a charger is offered 0 or at least {MINIMUM_A} A")
        self._wish_a = current_a
        async with self._turn.take(urgent=urgent):
            # Whoever waited here sends the newest wish, not the one that was overtaken.
            await self._send(self._wish_a)

    async def _send(self, wished_a: int) -> None:
        seen = self._setup.look(self._door)
        current_a = self._within(wished_a, seen)
        calls = self._calls(current_a, seen)
        now_s = self._clock()
        newest_a = self._setpoint.newest_a
        rises = newest_a is None or current_a > newest_a
        if calls and rises and current_a and (wait_s := self._budget.wait_s(now_s)) > 0:
            raise DeviceCommandError(f"its writes are used up: a raise waits {wait_s:.0f} s")
        # Noted before, because the echo may come before the action has ended.
        self._setpoint.sent(current_a, now_s)
        try:
            for call in calls:
                self._budget.spend(now_s)
                await self._door.call(call.action, call.data)
        except DeviceError:
            self._setpoint.failed(self._clock())
            raise

    def _within(self, current_a: int, seen: Mapping[Role, Seen]) -> int:
        """Return what can be told of a current: never more than it, and 0 where it is too little.

        Nor more than a person allows, whoever asks: its safe current is no reason to start it.
        Raises DeviceCommandError for a pause that the entities do not allow.
        """
        setup = self._setup
        if self._setpoint.person_a is not None:
            current_a = min(current_a, self._setpoint.person_a)
        if not setup.sets_current:
            # It draws all or nothing.
            return current_a if current_a >= setup.maximum_a else 0
        most_a = highest_a(seen)
        if most_a is not None:
            current_a = min(current_a, most_a)
        least = least_a(seen) or 0
        if current_a >= max(least, 1):
            return current_a
        if least and not self._pauses_by_switch:
            raise DeviceCommandError(f"it cannot be paused: its limit takes no less than {least} A")
        return 0

    @property
    def _pauses_by_switch(self) -> bool:
        return self._setup.switches and not self._setup.pauses_at_zero

    def _calls(self, current_a: int, seen: Mapping[Role, Seen]) -> list[Call]:
        """Return what has to be written so that the charger offers ``current_a``."""
        setup = self._setup
        newest_a = self._setpoint.newest_a
        present = told(setup, seen, newest_a)
        # What is shown may be older than what was sent last; only together they prove anything.
        # After a failure nobody knows which of two is on its way to the charger.
        stands = newest_a in (None, current_a) and not self._setpoint.doubted
        if not setup.sets_current or (current_a == 0 and not setup.pauses_at_zero):
            on = current_a > 0
            done = stands and present.enabled is on
            return [] if done else [switch_call(setup, seen, on=on)]
        calls = []
        if not stands or present.limit_a != current_a:
            calls.append(limit_call(setup, seen, current_a))
        if current_a and setup.switches and self._has_to_start(present.enabled):
            calls.append(switch_call(setup, seen, on=True))
        return calls

    def _has_to_start(self, enabled: bool | None) -> bool:  # noqa: FBT001 (a state, not a flag)
        """Whether charging is switched off; where only the session shows, after a pause."""
        if self._setup.pauses_at_zero:
            return enabled is False and self._setup.tells_permission
        if self._setup.tells_permission and enabled is not None:
            return not enabled
        return not enabled and not self._setpoint.newest_a

    async def start(self) -> None:
        """Allow charging, for a person."""
        self._setpoint.stopped(by_person=False)
        await self._switch(on=True)

    async def stop(self) -> None:
        """Forbid charging until a person allows it again, or the car goes."""
        self._setpoint.stopped(by_person=True)
        await self._switch(on=False)

    async def _switch(self, *, on: bool) -> None:
        async with self._turn.take(urgent=not on):
            call = switch_call(self._setup, self._setup.look(self._door), on=on)
            self._budget.spend(self._clock())
            await self._door.call(call.action, call.data)

    async def set_force_single_phase(self, *, forced: bool) -> None:
        """Use one phase only while forced."""
        async with self._turn.take():
            seen = self._setup.look(self._door)
            if allowed(self._setup, seen, Role.PHASES) is forced:
                return
            entity = control(seen, Role.PHASES)
            call = toggle_call(self._setup, entity, Role.PHASES, on=forced)
            self._budget.spend(self._clock())
            await self._door.call(call.action, call.data)
