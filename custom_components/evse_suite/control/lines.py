"""Which lines of a charger carry current: those that it has switched on and its car uses (SITE-2).

A single-phase car on a three-phase charger draws nothing on two of the lines. Once it has charged
for some time without them, their phases neither limit this charger nor are they kept free for it.
Everything that is not known counts as used: before it is learnt, while the charger is silent, while
it switches, and after the car was unplugged or the charger restarted. A car does not grow a line in
the middle of a charge, so raises of others may use the room; should it ever, the line counts again
in the cycle that sees the current, like any other step of the load.
"""

from .layout import Seat
from .memory import ChargerMemory, Switching
from .model import ChargerSample

LEARN_S = 15.0
"""Charging for this long without a line shows that the car does not use it; cars start their lines
within a few seconds of each other."""
LONGEST_STEP_S = 5.0
"""What happened in a longer gap between two samples is not known."""
NO_CURRENT_A = 1.0
"""Less than this on a line is the meter's noise."""
CHARGING_BELOW_A = 1.0
"""A car that draws less than its minimum by more than this proves nothing: it begins or ends."""

HOUR_S = 3600.0
SPACING_S = 600.0
"""Between two switches of the lines, unless a cap keeps the charge from going on."""
SWITCHES_PER_HOUR = 4


def now(
    memory: ChargerMemory,
    sample: ChargerSample | None,
    seat: Seat,
    now_s: float,
    *,
    connected: bool,
    silent: bool,
) -> tuple[Seat, tuple[float, ...], int]:
    """Return the seat with the lines that count now, what is known of each, and how few it can use.

    That is ``learn``, ``seated`` and ``fewest``; a charger with one line has no choice.
    """
    if len(seat.lines) == 1:
        return seat, (), 1
    past = memory.switching
    without_s = learn(memory, sample, seat, connected=connected, silent=silent)
    present = seated(seat, without_s, sample, silent=silent, switching=past.aim is not None)
    return present, without_s, fewest(present, sample, past, now_s, silent=silent)


def learn(
    memory: ChargerMemory,
    sample: ChargerSample | None,
    seat: Seat,
    *,
    connected: bool,
    silent: bool,
) -> tuple[float, ...]:
    """Return the seconds that the car has charged without each line, empty if nothing is known."""
    past_s = memory.without_s
    if len(seat.lines) == 1 or sample is None or silent or not connected:
        return ()
    if sample.restarts != memory.offer.restarts:
        return ()
    elapsed_s = sample.time_s - memory.draws[-1].time_s if memory.draws else 0.0
    if elapsed_s <= 0.0:
        return past_s
    charging = max(sample.drawn_a, default=0.0) >= seat.spec.minimum_a - CHARGING_BELOW_A
    step_s = min(elapsed_s, LONGEST_STEP_S) if charging else 0.0
    closed = switched_on(seat, sample)
    if seat.spec.switches_lines and sample.lines is None:
        step_s = 0.0
    grown = []
    for line in range(len(seat.lines)):
        before_s = past_s[line] if past_s else 0.0
        drawn_a = sample.drawn_a[line] if line < len(sample.drawn_a) else 0.0
        if drawn_a >= NO_CURRENT_A:
            grown.append(0.0)
        else:
            grown.append(min(LEARN_S, before_s + step_s) if line < closed else before_s)
    return tuple(grown) if any(grown) else ()


def switched_on(seat: Seat, sample: ChargerSample | None) -> int:
    """Return how many lines the charger has switched on, all of them if it does not tell."""
    told = sample.lines if sample else None
    return len(seat.lines) if told is None else max(1, min(told, len(seat.lines)))


def seated(
    seat: Seat,
    without_s: tuple[float, ...],
    sample: ChargerSample | None,
    *,
    silent: bool,
    switching: bool,
) -> Seat:
    """Return the seat of a charger with the lines that count now."""
    if len(seat.lines) == 1 or sample is None or silent or switching:
        return seat
    closed = switched_on(seat, sample)
    if closed == len(seat.lines) and not without_s:
        return seat
    used = tuple(
        [
            line
            for line in range(len(seat.lines))
            if (line < len(sample.drawn_a) and sample.drawn_a[line] >= NO_CURRENT_A)
            or (line < closed and (not without_s or without_s[line] < LEARN_S))
        ]
    )
    return seat.parts.get(used, seat)


def car_seat(seat: Seat, without_s: tuple[float, ...]) -> Seat:
    """Return the seat of a charger with all lines on, less those that its car does not use."""
    used = tuple([line for line, a in enumerate(without_s) if a < LEARN_S])
    return seat.parts.get(used, seat)


def car_lines(seat: Seat, without_s: tuple[float, ...]) -> int:
    """Return how many lines the car uses when all are switched on, as far as it is known."""
    return len(car_seat(seat, without_s).used)


def can_switch(seat: Seat, sample: ChargerSample | None) -> bool:
    """Whether the suite switches the lines of a charger, which has to tell how many are on."""
    told = sample.lines if sample else None
    return seat.spec.switches_lines and len(seat.lines) > 1 and told is not None


def may_switch(past: Switching, now_s: float, *, protects: bool = False) -> bool:
    """Whether one more switch spares the contactor; one that a cap calls for need not wait."""
    if past.refused_s is not None or len(past.switches_s) >= SWITCHES_PER_HOUR:
        return False
    return protects or not past.switches_s or now_s - past.switches_s[-1] >= SPACING_S


def fewest(
    seat: Seat, sample: ChargerSample | None, past: Switching, now_s: float, *, silent: bool
) -> int:
    """Return on how many lines the charger could charge soon, at least."""
    if not can_switch(seat, sample) or silent:
        return len(seat.used)
    single = past.aim == 1 or (past.aim is None and may_switch(past, now_s))
    return 1 if single else len(seat.used)
