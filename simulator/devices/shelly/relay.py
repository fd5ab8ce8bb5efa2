"""The contactor relay of a Shelly, with its timer."""

from dataclasses import dataclass


@dataclass(slots=True)
class Relay:
    """A dry contact; a command may come with a time after which it is undone."""

    on: bool = False
    source: str = "init"
    timer_started_s: float = 0.0
    timer_duration_s: float = 0.0

    def switch(
        self, *, on: bool, now_s: float, source: str, undo_after_s: float | None = None
    ) -> bool:
        """Set the contact and return how it was."""
        was_on, self.on = self.on, on
        self.source = source
        self.timer_started_s = now_s
        self.timer_duration_s = undo_after_s or 0.0
        return was_on

    def reset(self) -> None:
        """Fall open without power and forget the timer."""
        self.switch(on=False, now_s=0.0, source="init")

    def step(self, now_s: float) -> None:
        """Undo the last command when its time is over."""
        if self.timer_duration_s and self.timer_remaining_s(now_s) <= 0.0:
            self.switch(on=not self.on, now_s=now_s, source="timer")

    def timer_remaining_s(self, now_s: float) -> float:
        """Seconds until the last command is undone, 0 without a timer."""
        if not self.timer_duration_s:
            return 0.0
        return max(self.timer_started_s + self.timer_duration_s - now_s, 0.0)

    def as_gen1(self, now_s: float, wall_s: float) -> dict[str, object]:
        """Return the element of ``relays`` that the older interface shows."""
        timing = self.timer_duration_s > 0.0
        return {
            "ison": self.on,
            "has_timer": timing,
            "timer_started": int(wall_s + self.timer_started_s) if timing else 0,
            "timer_duration": int(self.timer_duration_s),
            "timer_remaining": int(self.timer_remaining_s(now_s)),
            "overpower": False,
            "is_valid": True,
            "source": self.source,
        }

    def turned(self, turn: str) -> bool:
        """Return what ``turn=on|off|toggle`` makes of the contact; raises ValueError for others."""
        wishes = {"on": True, "off": False, "toggle": not self.on}
        if turn not in wishes:
            raise ValueError(f"Bad turn {turn!r}")
        return wishes[turn]
