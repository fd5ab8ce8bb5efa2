"""The one door of the balancer: what every charger is offered, and why.

``decide`` reads as the list of its steps. It is pure: everything it knows is in its arguments,
everything it remembers is in the memory that it returns.
"""

from math import inf

from . import captions, explain
from .alarms import alarms
from .answer import Command, Decision
from .battery import shared
from .caps import rooms
from .clamps import compare
from .estimate import estimate, update
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
from .trials import begin, probed, trial_a
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
    views = look(site, past.chargers, state, now_s)
    draws_a, draws_s = _draws(site, views)
    meter = watch(past.meter, state.mains, site, draws_a=draws_a, draws_s=draws_s, now_s=now_s)
    clamps = compare(past.clamps, meter.ring, spec, draws_a=draws_a, draws_s=draws_s)
    clamps = suspect(clamps, meter, site, draws_a=draws_a, now_s=now_s)
    clamps = begin(clamps, now_s, able=any(it.connected and not it.silent for it in views))
    verdict = health(meter, clamps, spec.meter, now_s)
    lost = verdict in LOST
    grid = supply(site, past, state, meter, lost=lost, now_s=now_s)
    layout, reading, ring = grid.layout, grid.reading, () if lost else grid.ring
    rings = HouseMemory() if lost else update(past.house, reading, views, spec.meter.lag_s)
    house = None if lost else estimate(layout, rings, reading, views)
    rank = ranks(views, now_s)
    elapsed_s = now_s - past.time_s
    sunny = shared(house, spec, state)
    wants = want(layout, views, sunny, rank, past.sun, elapsed_s=elapsed_s, now_s=now_s)
    wants = relieved(layout, views, wants, house, rank, now_s=now_s)
    measured = spans(layout, views, house, rings, ring, budget=grid.budget, lowered=grid.lowered)
    limits = rooms(layout, views, house, ring, measured)
    switchings = switch(layout, views, wants, limits, sunny, elapsed_s=elapsed_s, now_s=now_s)
    wants = probed(paused(wants, switchings), views, clamps, now_s)
    scene = Scene(
        layout=layout,
        views=views,
        wants=wants,
        switchings=switchings,
        room=limits,
        house=house,
        health=verdict,
        clamps=clamps,
        trial_a=trial_a(clamps, views, layout, meter.last, now_s),
        now_s=now_s,
    )
    return _answer(
        past,
        scene,
        rule(scene, rank),
        grid,
        meter=meter,
        rings=rings,
        surplus_w=sunny.surplus_w if sunny else None,
    )


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
    layout, views, now_s = scene.layout, scene.views, scene.now_s
    lost = scene.health in LOST
    offers, commands = _commands(views, rulings, scene.switchings, now_s)
    told, holding = alarms(past, scene, grid.limits)
    phases = explain.phases(layout, grid.reading, scene.house, scene.health)
    caps = captions.caps(layout, views, grid, lost=lost)
    running = timers(scene, rulings, rings, now_s - past.time_s)
    return Decision(
        time_s=now_s,
        commands=tuple(commands),
        chargers=explain.chargers(scene, rulings, phases, caps, running),
        phases=phases,
        meter_health=scene.health,
        surplus_w=surplus_w,
        overload=any(scene.room.over) or bool(scene.room.broken),
        alarms=told,
        caps=caps,
        curtail_w=curtail_w(layout.spec, None if lost else grid.reading),
        memory=Memory(
            time_s=now_s,
            layout=past.layout,
            meter=meter,
            clamps=scene.clamps,
            house=rings,
            sun=scene.wants.sun,
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
        oldest_s = min(oldest_s, view.draws[-1].time_s if view.draws and not view.silent else -inf)
        for line, phase in enumerate(view.seat.lines if view.draws else ()):
            drawn_a[phase] += view.draws[-1].drawn_a[line]
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
