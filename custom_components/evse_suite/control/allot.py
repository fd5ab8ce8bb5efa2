"""What every charger gets of the room, and what it keeps while nothing is certain (SITE-3).

Whoever changes its current hides for some seconds what the house draws. In that time the offers are
not divided anew by what is held: who waits would be given its part of it again and again, and the
others would go down step by step for room that may be there already. They yield to what is certain.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import floor

from .estimate import WINDOW_S
from .model import SiteMode
from .ruling import Scene
from .sharing import Claim, Share, share
from .turns import IDLE_BELOW_A, exhausted, idles

SEEN_S = 5.0
"""A large change of a car may take so much longer until later readings have shown its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allotment:
    """The part of one charger."""

    share: Share
    """What it gets of what is certainly there or held."""
    keeps_a: int
    """What it does not have to give back of what it has."""


def allot(scene: Scene, rank: Sequence[int]) -> list[Allotment]:
    """Share the room among all that want current."""
    claims = _claims(scene)
    room = scene.room
    surplus_a = scene.wants.surplus_a
    if room.others_a is not None:
        shares = _beside_stuck(scene, claims, [*room.others_a, surplus_a], rank)
    else:
        shares = share(claims, [*room.share_a, surplus_a], rank)
        if len(claims) > 1 and _restless(scene):
            most = share(claims, [*room.most_a, surplus_a], rank)
            return [
                Allotment(share=one, keeps_a=max(one.current_a, kept.current_a))
                for one, kept in zip(shares, most, strict=True)
            ]
    return [Allotment(share=one, keeps_a=one.current_a) for one in shares]


def _claims(scene: Scene) -> list[Claim]:
    """Return what every charger may ask for."""
    claims = []
    for view, ceiling_a, follows in zip(
        scene.views, scene.wants.ceilings_a, scene.wants.followers, strict=True
    ):
        seat = view.seat
        patience = view.memory.patience
        rests = not view.held_a and exhausted(patience, scene.now_s)
        controlled = view.mode is not SiteMode.DISABLED and not rests
        claims.append(
            Claim(
                rows=seat.sun_rows if follows else seat.rows,
                ceiling_a=ceiling_a if controlled else 0,
                phases=seat.width,
                minimum_a=seat.spec.minimum_a,
                demand_a=(
                    floor(view.drawn_a + IDLE_BELOW_A) if idles(patience, scene.now_s) else None
                ),
                priority=seat.spec.priority,
                waits=not view.held_a,
            )
        )
    return claims


def _beside_stuck(
    scene: Scene, claims: list[Claim], others_a: list[float], rank: Sequence[int]
) -> list[Share]:
    """Share what the stuck chargers leave among the others, and the rest among themselves."""
    stuck = [view.stuck for view in scene.views]
    others = share(_of(claims, stuck, whose=False), others_a, rank)
    room_a = [*scene.room.share_a, scene.wants.surplus_a]
    for claim, other in zip(claims, others, strict=True):
        for row, lines in claim.rows:
            room_a[row] -= lines * other.current_a
    own = share(_of(claims, stuck, whose=True), room_a, rank)
    return [mine if it else other for mine, other, it in zip(own, others, stuck, strict=True)]


def _of(claims: list[Claim], stuck: list[bool], *, whose: bool) -> list[Claim]:
    """Return the claims of the stuck chargers or of the others; the rest claims nothing."""
    return [
        claim if it is whose else replace(claim, ceiling_a=0)
        for claim, it in zip(claims, stuck, strict=True)
    ]


def _restless(scene: Scene) -> bool:
    """Whether a charger was on its way within the window by which the house is known."""
    return any(
        view.flying or scene.now_s - view.offer.changed_s < view.spec.settle_s + SEEN_S + WINDOW_S
        for view in scene.views
        if view.connected
    )
