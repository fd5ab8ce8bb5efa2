"""The shipped planner in the replay: planned anew every hour and at every edge of its slots."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from custom_components.evse_suite.planning.model import Job, Outlook, Plan, PowerSlot, PriceSlot
from custom_components.evse_suite.planning.plan import plan

from .home import DAY_QUARTERS, QUARTER, Car, Home, Session
from .replay import Order

RESTART_COST: Final = 0.02
HOUR_QUARTERS: Final = 4


@dataclass(slots=True, kw_only=True)
class Suite:
    """Plans with what was known, or with ``foresight`` with what really came."""

    foresight: bool = False
    _plans: dict[str, Plan] = field(default_factory=dict)
    _cars: tuple[Session, ...] = ()

    def orders(self, home: Home, quarter: int, cars: Sequence[Car]) -> list[list[Order]]:
        """Return what the plans say, and surplus between their slots where they welcome it."""
        now = home.at(quarter)
        here = tuple(car.session for car in cars)
        if here != self._cars or quarter % HOUR_QUARTERS == 0 or self._edge(now):
            self._cars = here
            kept = {key: each for key, each in self._plans.items() if each.ready_by != now}
            jobs = [_job(home, car) for car in cars]
            self._plans = plan(jobs, self._outlook(home, quarter, here), kept)
        return [self._own(home, quarter, self._plans[_key(car)]) for car in cars]

    def _edge(self, now: datetime) -> bool:
        """Return whether a slot has begun or ended since the last quarter of an hour."""
        return any(
            now - QUARTER < edge <= now
            for each in self._plans.values()
            for slot in each.slots
            for edge in (slot.start, slot.end)
        )

    def _own(self, home: Home, quarter: int, own: Plan) -> list[Order]:
        start, end = home.at(quarter), home.at(quarter) + QUARTER
        between = own.takes_surplus
        found: list[Order] = []
        for slot in own.slots:
            first, last = max(start, slot.start), min(end, slot.end)
            if first < last:
                if start < first:
                    found.append(Order(start=start, end=first, follows_sun=between))
                found.append(
                    Order(
                        start=first,
                        end=last,
                        current_a=slot.current_a,
                        follows_sun=slot.follows_sun,
                    )
                )
                start = last
        if start < end:
            found.append(Order(start=start, end=end, follows_sun=between))
        return found

    def _outlook(self, home: Home, quarter: int, here: Sequence[Session]) -> Outlook:
        stop = max(session.stop for session in here) + 1
        since = max(0, quarter - DAY_QUARTERS)
        known = stop if self.foresight else min(stop, home.known_until(quarter))
        sun_w = home.sun_w if self.foresight else home.sun_expected_w
        house_w = home.house_w if self.foresight else home.house_expected_w
        return Outlook(
            now=home.at(quarter),
            prices=tuple(
                PriceSlot(
                    start=home.at(each),
                    end=home.at(each + 1),
                    price_per_kwh=home.price_per_kwh[each],
                )
                for each in range(since, known)
            ),
            feed_in_per_kwh=home.feed_in_per_kwh,
            sun=_slots(home, sun_w, quarter, stop),
            house=_slots(home, house_w, quarter, stop),
            cap_w=home.cap_w,
            restart_cost=RESTART_COST,
        )


def _key(car: Car) -> str:
    return f"charger_{car.session.charger}"


def _job(home: Home, car: Car) -> Job:
    return Job(
        key=_key(car),
        name=_key(car),
        minimum_a=car.charger.minimum_a,
        maximum_a=car.charger.maximum_a,
        lines=car.charger.lines,
        voltage_v=car.charger.voltage_v,
        needed_wh=car.missing_wh,
        ready_by=home.at(car.session.stop),
        charging=car.charging,
    )


def _slots(home: Home, power_w: Sequence[float], first: int, stop: int) -> tuple[PowerSlot, ...]:
    return tuple(
        PowerSlot(start=home.at(each), end=home.at(each + 1), power_w=power_w[each])
        for each in range(first, stop)
    )
