"""The one door of the balancer: what every charger is offered, and why.

``decide`` reads as the list of its steps. It is pure: everything it knows is in its arguments,
everything it remembers is in the memory that it returns.
"""

from math import inf

from . import captions, explain
from .alarms import alarms
from .answer import Command, Decision
from .battery import shared
from .caps import Room, rooms
from .clamps import compare
from .estimate import Estimate, estimate, update
from .evidence import ClampMemory
from .export import curtail_w, relieved
from .follow import change, held, repeat_due, repeated, tolerance_a
from .guard import rule
from .habits import learn
from .layout import Layout
from .leaps import suspect
from .memory import ChargerMemory, HouseMemory, Memory, MeterMemory, Offer, Switching
from .meter import health, watch
from .model import SiteSpec, SiteState
from .modes import want
from .points import spans
from .ruling import LOST, Ruling, Scene
from .supply import Supply, supply
from .switching import paused, switch
from .timers import timers
from .trials import begin, probed, shows, trial_a
from .turns import ranks
from .view import View, look


def decide(spec: SiteSpec, state: SiteState, memory: Memory, now_s: float) -> Decision[Memory]:
    """Decide on every charger of a site (rows LEK-7 to LEK-11, SITE-1 to SITE-6).

    ``now_s`` and all samples are on one monotonic axis; ``memory`` is what the cycle before
    returned, ``Memory.initial()`` at the start. Call it for every new mains sample and at the
    latest every few seconds; the same arguments always give the same answer. Raises ValueError if
    ``spec`` puts a charger on a phase that the site does not have.
    """
    past, site = memory.at(spec, now_s)
    now_s = max(now_s, past.time_s)
    elapsed_s = now_s - past.time_s
    views = look(site, past.chargers, state, now_s)
    meter, clamps = _watched(past, site, state, views, now_s)
    verdict = health(meter, clamps, spec.meter, now_s)
    grid = supply(site, past, state, meter, lost=verdict in LOST, now_s=now_s)
    rings, house = _known(past, grid, views, lost=verdict in LOST)
    rank = ranks(views, now_s)
    sunny = shared(house, spec, state)
    wants = want(grid.layout, views, sunny, rank, past.sun, elapsed_s=elapsed_s, now_s=now_s)
    wants = relieved(grid.layout, views, wants, house, rank, past=past.held, now_s=now_s)
    room = _room(grid, views, house, rings, lost=verdict in LOST)
    switchings = switch(grid.layout, views, wants, room, sunny, elapsed_s=elapsed_s, now_s=now_s)
    scene = Scene(
        layout=grid.layout,
        views=views,
        wants=probed(paused(wants, switchings), views, clamps, now_s),
        switchings=switchings,
        room=room,
        house=house,
        health=verdict,
        clamps=clamps,
        trial_a=trial_a(clamps, views, grid.layout, meter.last, now_s),
        now_s=now_s,
    )
    surplus_w = sunny.surplus_w if sunny else None
    return _answer(
        past, scene, rule(scene, rank), grid, meter=meter, rings=rings, surplus_w=surplus_w
    )


def _watched(
    past: Memory, site: Layout, state: SiteState, views: tuple[View, ...], now_s: float
) -> tuple[MeterMemory, ClampMemory]:
    """Take the newest mains sample in, and compare it with what the chargers draw."""
    draws_a, draws_s = _draws(site, views)
    meter = watch(past.meter, state.mains, site, draws_a=draws_a, draws_s=draws_s, now_s=now_s)
    # What is not known of the lines proves nothing against the mains meter.
    guessed = any(view.sample is not None and view.sample.guessed for view in views)
    compared_s = -inf if guessed else draws_s
    clamps = compare(past.clamps, meter.ring, site.spec, draws_a=draws_a, draws_s=compared_s)
    if not guessed:
        clamps = suspect(clamps, meter, site, draws_a=draws_a, now_s=now_s)
    able = clamps.faulty and any(shows(clamps, view) for view in views)
    return meter, begin(clamps, now_s, able=able)


def _known(
    past: Memory, grid: Supply, views: tuple[View, ...], *, lost: bool
) -> tuple[HouseMemory, Estimate | None]:
    """Return what the house draws; nothing is known of it while the meter is not believed."""
    if lost:
        return HouseMemory(), None
    rings = update(past.house, grid.reading, views, grid.layout.spec.meter.lag_s)
    return rings, estimate(grid.layout, rings, grid.reading, views)


def _room(
    grid: Supply,
    views: tuple[View, ...],
    house: Estimate | None,
    rings: HouseMemory,
    *,
    lost: bool,
) -> Room:
    """Return what every limit leaves to the chargers."""
    ring = () if lost else grid.ring
    measured = spans(
        grid.layout, views, house, rings, ring, budget=grid.budget, lowered=grid.lowered
    )
    return rooms(grid.layout, views, house, ring, measured)


def _answer(
    past: Memory,
    scene: Scene,
    rulings: list[Ruling],
    grid: Supply,
    *,
    meter: MeterMemory,
    rings: HouseMemory,
    surplus_w: float | None,
) -> Decision[Memory]:
    """Put together what is told and what is remembered."""
    lost = scene.health in LOST
    reading = None if lost else grid.reading
    offers, commands = _commands(scene.views, rulings, scene.switchings, scene.now_s)
    told, holding = alarms(past, scene, grid.limits)
    phases = explain.phases(scene.layout, reading, scene.house)
    caps = captions.caps(scene.layout, scene.views, grid, lost=lost)
    running = timers(scene, rulings, rings)
    return Decision(
        time_s=scene.now_s,
        commands=tuple(commands),
        chargers=explain.chargers(scene, rulings, phases, caps, running, surplus_w=surplus_w),
        phases=phases,
        meter_health=scene.health,
        surplus_w=surplus_w,
        overload=any(scene.room.over) or bool(scene.room.broken),
        alarms=told,
        caps=caps,
        curtail_w=curtail_w(scene.layout.spec, reading),
        memory=Memory(
            time_s=scene.now_s,
            layout=past.layout,
            meter=meter,
            clamps=scene.clamps,
            house=rings,
            sun=scene.wants.sun,
            held=scene.wants.held,
            ring=grid.ring,
            limits=grid.limits,
            budget=grid.budget,
            chargers=_remember(scene, rulings, offers),
            alarms=holding,
            learnt=past.learnt,
        ),
    )


def _draws(layout: Layout, views: tuple[View, ...]) -> tuple[tuple[float, ...], float]:
    """Return what the chargers draw per phase, and the time of the oldest of the figures.

    Minus infinity if a charger does not answer.
    """
    drawn_a = [0.0] * len(layout.spec.phases)
    oldest_s = inf
    for view in views:
        if not view.draws:
            oldest_s = -inf
            continue
        newest = view.draws[-1]
        oldest_s = min(oldest_s, -inf if view.silent else newest.time_s)
        for phase, current_a in zip(view.seat.lines, newest.drawn_a, strict=True):
            drawn_a[phase] += current_a
    return tuple(drawn_a), oldest_s


def _commands(
    views: tuple[View, ...],
    rulings: list[Ruling],
    switchings: list[Switching],
    now_s: float,
) -> tuple[list[Offer], list[Command]]:
    """Turn rulings into commands: what changed, and what has to be said again."""
    offers = []
    commands = []
    for view, ruling, switching in zip(views, rulings, switchings, strict=True):
        offer = view.offer
        lines = switching.aim if switching.told_s == now_s else None
        target_a = ruling.target_a
        if target_a is not None and target_a != offer.current_a:
            offer = change(
                offer,
                target_a,
                view.spec,
                now_s,
                drawn_a=view.drawn_a,
                flying=view.flying,
            )
            if target_a == 0 and view.excess_a > tolerance_a(view.offered_a):
                offer = held(offer, now_s)
        elif target_a is not None and repeat_due(
            offer, now_s, failed=view.failed, told=view.tells, urgent=ruling.urgent
        ):
            offer = repeated(offer, now_s, failed=view.failed)
        if target_a is not None and (offer is not view.offer or lines is not None):
            commands.append(
                Command(
                    key=view.seat.spec.key,
                    current_a=target_a,
                    reason=ruling.reason,
                    urgent=ruling.urgent,
                    lines=lines,
                )
            )
        offers.append(offer)
    return offers, commands


def _remember(
    scene: Scene, rulings: list[Ruling], offers: list[Offer]
) -> tuple[ChargerMemory, ...]:
    """Collect the groups of every charger's memory."""
    return tuple(
        [
            ChargerMemory(
                draws=view.draws,
                offer=offer,
                patience=ruling.patience,
                green=green,
                pursuit=view.pursuit,
                learnt=learn(view, scene.now_s),
                switching=switching,
                without_s=view.without_s,
            )
            for view, ruling, offer, green, switching in zip(
                scene.views, rulings, offers, scene.wants.greens, scene.switchings, strict=True
            )
        ]
    )
