"""From settings and plans to what the balancer is to want for each charger (IND-5, PLAN-1 to 4)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Final

from ..control.model import Intent, SiteMode, Wish
from ..planning.explain import SOON
from ..planning.model import ChargeMode
from .settings import Boost, ChargerSettings
from .told import ChargerPlan, PlanStatus, inside

STALE_AFTER: Final = timedelta(hours=2)
"""A plan that nobody has looked at for so long is worth nothing: the site's mode holds."""
BY_SURPLUS: Final = frozenset({SiteMode.GREEN, SiteMode.HYBRID})
"""In these modes of the site a charger takes surplus while its plan has it wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wished:
    """What is wanted for the chargers of a site, and when that holds."""

    mode: SiteMode
    since: datetime
    until: datetime
    wishes: Mapping[str, Wish]

    def holds(self, mode: SiteMode, now: datetime) -> bool:
        """Tell whether it can be told once more; not after a wall clock went back, either."""
        return mode is self.mode and self.since <= now < self.until


def wish(
    settings: ChargerSettings, told: ChargerPlan | None, mode: SiteMode, now: datetime, zone: tzinfo
) -> Wish | None:
    """Return what is wanted for a charger now; None: it follows the site's mode."""
    if settings.boost is not None:
        return _boosted(settings.boost, now, zone)
    if settings.mode is ChargeMode.OFF:
        return Wish(mode=mode, ceiling_a=0, why=Intent.OFF)
    if settings.mode is ChargeMode.SOLAR:
        return Wish(mode=SiteMode.GREEN)
    return None if told is None else _smart(told, mode, now, zone)


def _smart(told: ChargerPlan, mode: SiteMode, now: datetime, zone: tzinfo) -> Wish | None:
    if now - told.made_at > STALE_AFTER:
        return None
    if told.urgent:
        return Wish(mode=SiteMode.POWER, why=Intent.PLAN)
    if told.is_reached:
        # Not even surplus: who asks for 80 % wants 80 %.
        return Wish(mode=mode, ceiling_a=0, why=Intent.TARGET)
    if told.windows is not None and not inside(told.windows, now):
        return _waits(told, mode, now, zone)
    return _planned(told, mode, now, zone)


def _boosted(boost: Boost, now: datetime, zone: tzinfo) -> Wish:
    until = clock(boost.until, now, zone) if boost.left_wh is None else ""
    return Wish(mode=SiteMode.POWER, why=Intent.BOOST, until=until)


def _planned(told: ChargerPlan, mode: SiteMode, now: datetime, zone: tzinfo) -> Wish | None:
    """Return what the plan wants at a time at which charging is allowed."""
    if told.plan is None:
        # A car that is plugged in is not to start before there is a plan for it.
        is_early = told.status is PlanStatus.NO_CAR and told.goal is not None
        is_dear = told.cheap is not None and not inside(told.cheap, now)
        return _rests(told, mode, now, zone) if is_early or is_dear else None
    slot = told.plan.slot_at(now)
    run = told.span_at(now)
    if slot is None or run is None:
        return _rests(told, mode, now, zone)
    if slot.follows_sun:
        return Wish(mode=SiteMode.GREEN)
    return Wish(
        mode=SiteMode.POWER,
        ceiling_a=slot.current_a,
        why=Intent.PLAN,
        until=clock(run.end, now, zone),
    )


def _rests(told: ChargerPlan, mode: SiteMode, now: datetime, zone: tzinfo) -> Wish:
    """Return what is wanted between the times of a plan: surplus where the site charges by it.

    In Hybrid it is left to the grid where all that the plan still buys costs less.
    """
    if mode not in BY_SURPLUS:
        return _waits(told, mode, now, zone)
    if mode is SiteMode.HYBRID and told.plan is not None and not told.plan.takes_surplus:
        return replace(_waits(told, mode, now, zone), why=Intent.FEED_IN)
    return Wish(mode=SiteMode.GREEN)


def _waits(told: ChargerPlan, mode: SiteMode, now: datetime, zone: tzinfo) -> Wish:
    following = next((it for it in told.times if it.start > now), None)
    return Wish(
        mode=mode,
        ceiling_a=0,
        why=Intent.PLAN,
        until="" if following is None else clock(following.start, now, zone),
    )


def edges(settings: ChargerSettings, told: ChargerPlan | None) -> Iterator[datetime]:
    """Yield when what is wanted for a charger may change by time alone."""
    if settings.boost is not None:
        yield settings.boost.until
    if told is None:
        return
    yield told.made_at + STALE_AFTER
    for spans in (told.slots, told.windows or (), told.cheap or ()):
        for span in spans:
            yield span.start
            yield span.end


def clock(at: datetime, now: datetime, zone: tzinfo) -> str:
    """Return an instant as a clock on the wall shows it, with the weekday unless it is soon."""
    local = at.astimezone(zone)
    return f"{local:%H:%M}" if at - now < SOON else f"{local:%a %H:%M}"
