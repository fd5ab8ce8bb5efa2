"""The book of one charger's sessions: what is seen of it in, sessions out (PLAN-6).

A look is taken every few seconds. A session begins with the plug and ends with the unplugging; a
plug without a charge makes no record. What is remembered between two looks can be stored, so that
a session goes on over a restart.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from typing import Final, NamedTuple

from .counting import SECONDS_OF_AN_HOUR, Count, Interval, advance
from .record import EndReason, Session, SessionState
from .valuing import Prices, add_energy

CHARGING_W: Final = 100.0
"""Less is standby: the smallest charging current is 6 A."""
LEAST_WH: Final = 10.0
"""A plug without a charge makes no record."""
UNSEEN_LEAST_WH: Final = 100.0
"""A whole session that nobody saw is noticed from this on."""
FINISHED_AFTER_S: Final = 180.0
"""A car that takes nothing of what it is offered for so long has finished."""
LIMITED_AFTER_S: Final = 20.0
"""A car that has just come has to wait so long for room before a limit is to blame."""
JUMP_S: Final = 60.0
"""The wall clock was corrected when it moved by so much more or less than time went by."""
UNKNOWN_S: Final = 86_400.0
"""Taken for a gap whose length the clock cannot tell, because it was set back meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What is seen of a charger at an instant."""

    at: datetime
    """By the wall clock, in UTC."""
    elapsed_s: float | None = None
    """Since the last look; None after a restart, when only the wall clock knows."""
    gap: bool = False
    """Nobody looked in between: the charger was silent, or Home Assistant down."""
    restarted: bool = False
    """The charger itself has restarted since the last look: its session counter begins anew."""
    plugged: bool
    power_w: float
    most_w: float
    """No charger of this kind gives more."""
    lines: int
    """Lines that carry current."""
    counter_wh: float | None = None
    """Of the session where the charger tells, else of its life."""
    lifetime: bool = False
    """The counter is that of its life: it does not begin anew with a session."""
    offered: bool = True
    """The suite leaves current to it, or does not steer it."""
    limited: bool = False
    """It is offered nothing because of a limit of the site."""
    target_reached: bool = False
    stopped: bool = False
    """The charger itself says that it was paused, locked or is not authorised."""
    fault: bool = False
    green: float = 0.0
    """Share of what the chargers draw that comes from surplus, 0 to 1."""
    tag: str | None = None
    vehicle: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whose book it is, and in which money and days it counts."""

    charger: str
    name: str
    currency: str
    zone: tzinfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What is remembered of a charger between two looks."""

    at: datetime | None = None
    power_w: float = 0.0
    count: Count = field(default_factory=Count)
    state: SessionState = SessionState.IDLE
    session: Session | None = None
    """The one that is running."""
    why: EndReason | None = None
    """Why it does not charge now; None while it does, or has not begun."""
    idle_s: float = 0.0
    """For how long the car has taken nothing of what it was offered."""
    limited_s: float = 0.0
    """For how long a limit has kept a car waiting that has not charged yet."""
    tag: str | None = None
    vehicle: str | None = None
    """Whose card and which car was told at the last look: what a person said since stays."""


class Entry(NamedTuple):
    """The outcome of a look: what to remember, and the sessions that have ended."""

    page: Page
    ended: tuple[Session, ...]


def write(page: Page, seen: Look, owner: Owner, prices: Prices) -> Entry:
    """Take a look into the book."""
    elapsed_s = _elapsed_s(page, seen)
    page = _with_clock(page, seen, elapsed_s)
    ended: list[Session] = []
    if _is_another(page, seen):
        ended += _closed(replace(page, why=EndReason.UNSEEN), page.at or seen.at)
        page = _without_session(page)
    count, energy_wh = _counted(page, seen, elapsed_s)
    begin = seen.at - timedelta(seconds=elapsed_s)
    session = _session(page, seen, owner, energy_wh, begin)
    if session is not None:
        session = _grown(
            session,
            seen,
            owner=owner,
            energy_wh=energy_wh,
            begin=begin,
            elapsed_s=elapsed_s,
            prices=prices,
        )
        session = _of_whom(session, page, seen)
        page = replace(page, tag=seen.tag, vehicle=seen.vehicle)
    page = replace(page, at=seen.at, power_w=seen.power_w, count=count, session=session)
    page = _judged(page, seen, elapsed_s)
    if session is not None and not seen.plugged:
        ended += _closed(page, seen.at)
        page = _without_session(page)
    return Entry(page, tuple(ended))


def _without_session(page: Page) -> Page:
    return replace(page, session=None, why=None, idle_s=0.0, tag=None, vehicle=None)


def _counted(page: Page, seen: Look, elapsed_s: float) -> tuple[Count, float]:
    """Return what is believed of the counter now, and the energy since the last look."""
    flowing_w = 0.0 if seen.gap else (page.power_w + seen.power_w) / 2
    interval = Interval(
        elapsed_s=elapsed_s,
        power_wh=flowing_w * elapsed_s / SECONDS_OF_AN_HOUR,
        most_w=seen.most_w,
        gap=seen.gap,
    )
    return advance(_count(page, seen), seen.counter_wh, interval)


def _elapsed_s(page: Page, seen: Look) -> float:
    if page.at is None:
        return 0.0
    if seen.elapsed_s is not None:
        return seen.elapsed_s
    elapsed_s = (seen.at - page.at).total_seconds()
    return elapsed_s if elapsed_s >= 0.0 else UNKNOWN_S


def _with_clock(page: Page, seen: Look, elapsed_s: float) -> Page:
    """Move the begin of a session with a wall clock that was corrected."""
    if page.at is None or page.session is None or seen.elapsed_s is None:
        return page
    jump = seen.at - page.at - timedelta(seconds=elapsed_s)
    if abs(jump.total_seconds()) < JUMP_S:
        return page
    return replace(page, session=replace(page.session, start=page.session.start + jump))


def _is_another(page: Page, seen: Look) -> bool:
    """Whether the running session ended in a gap and another car, or charge, has come since."""
    counter_wh = _count(page, seen).counter_wh
    if page.session is None or not seen.gap or not seen.plugged or seen.restarted:
        return False
    return counter_wh is not None and seen.counter_wh is not None and seen.counter_wh < counter_wh


def _count(page: Page, seen: Look) -> Count:
    """Return what is believed of the counter; another one is looked at for the first time."""
    known = page.count
    return known if known.lifetime is seen.lifetime else Count(lifetime=seen.lifetime)


def _session(
    page: Page, seen: Look, owner: Owner, energy_wh: float, begin: datetime
) -> Session | None:
    """Return the running session, or the one that begins now."""
    if page.session is not None:
        return page.session
    unseen = seen.gap and energy_wh >= UNSEEN_LEAST_WH
    if not seen.plugged and not unseen:
        return None
    start = begin if seen.gap and energy_wh > 0 else seen.at
    return Session(
        key=f"{start:%Y%m%dT%H%M%S}_{owner.charger}",
        charger=owner.charger,
        charger_name=owner.name,
        start=start,
        currency=owner.currency,
    )


def _grown(
    session: Session,
    seen: Look,
    *,
    owner: Owner,
    energy_wh: float,
    begin: datetime,
    elapsed_s: float,
    prices: Prices,
) -> Session:
    """Return the session with what has flowed since the last look."""
    charging = seen.power_w >= CHARGING_W
    parts = add_energy(
        session.parts,
        energy_wh,
        begin=begin,
        end=seen.at,
        # Nobody saw the sun of a gap.
        green=0.0 if seen.gap else min(max(seen.green, 0.0), 1.0),
        prices=prices,
        zone=owner.zone,
    )
    return replace(
        session,
        charger_name=owner.name,
        parts=parts,
        plugged_s=session.plugged_s + (elapsed_s if session.start < seen.at else 0.0),
        charged_s=session.charged_s + (elapsed_s if charging and not seen.gap else 0.0),
        most_w=max(session.most_w, seen.power_w),
        lines=max(session.lines, seen.lines if charging else 0),
    )


def _of_whom(session: Session, page: Page, seen: Look) -> Session:
    """Return the session with the card and the car that are told anew."""
    is_news = seen.tag is not None and seen.tag != page.tag
    is_other = seen.vehicle is not None and seen.vehicle != page.vehicle
    return replace(
        session,
        tag=seen.tag if is_news else session.tag,
        vehicle=seen.vehicle if is_other else session.vehicle,
    )


def _judged(page: Page, seen: Look, elapsed_s: float) -> Page:
    """Return the page with the state of the session, and why it does not charge."""
    if not seen.plugged:
        why = EndReason.UNSEEN if seen.gap and page.why is None else page.why
        return replace(page, state=SessionState.IDLE, why=why)
    if seen.power_w >= CHARGING_W:
        return replace(page, state=SessionState.CHARGING, why=None, idle_s=0.0, limited_s=0.0)
    session = page.session
    if session is None or (session.charged_s == 0 and session.energy_wh < LEAST_WH):
        limited_s = page.limited_s + elapsed_s if seen.limited else 0.0
        limited = limited_s >= LIMITED_AFTER_S
        state = SessionState.NO_ROOM if limited else SessionState.WAITING
        return replace(page, state=state, why=None, idle_s=0.0, limited_s=limited_s)
    idle_s = page.idle_s + elapsed_s if seen.offered else 0.0
    state, why = _at_rest(page, seen, idle_s)
    return replace(page, state=state, why=why, idle_s=idle_s)


def _at_rest(page: Page, seen: Look, idle_s: float) -> tuple[SessionState, EndReason | None]:
    """Return state and reason of a session that has charged and does not charge now."""
    if page.state in (SessionState.FINISHED, SessionState.TARGET_REACHED):
        return page.state, page.why
    if seen.target_reached:
        return SessionState.TARGET_REACHED, EndReason.TARGET_REACHED
    if seen.fault:
        return SessionState.PAUSED, EndReason.FAULT
    if not seen.offered:
        limited = seen.limited or page.state is SessionState.LIMITED
        return (SessionState.LIMITED if limited else SessionState.PAUSED), EndReason.PAUSED
    why = EndReason.STOPPED if seen.stopped else EndReason.FULL
    finished = idle_s >= FINISHED_AFTER_S
    return (SessionState.FINISHED if finished else SessionState.PAUSED), why


def _closed(page: Page, at: datetime) -> list[Session]:
    """Return the running session as it ended, nothing if it never charged."""
    session = page.session
    if session is None or session.energy_wh < LEAST_WH:
        return []
    end = max(at, session.start)
    return [replace(session, end=end, reason=page.why or EndReason.UNPLUGGED)]
