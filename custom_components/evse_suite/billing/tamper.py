"""Reverse energy and SIM tampering, and the status flags (sections 4.4 and 6.2; MTR-24, MTR-25)."""

from datetime import datetime

from .book import Book, Tamper
from .effects import Tampered
from .events import Flag, OffReason, ResetTamper, ReverseFlow, Sim, SimPart
from .supply import offer_supply, open_supply

REVERSE_WH = 10
"""Energy of one run of reverse current that counts as an attempt."""
_BY_HAND = (Flag.REVERSE_ENERGY, Flag.SIM_FLAP, Flag.SIM_CARRIAGE)


def set_flag(book: Book, flag: Flag, *, on: bool) -> None:
    """Raise or lower a status flag."""
    others = tuple(each for each in book.flags if each is not flag)
    book.flags = (*others, flag) if on else others


def reverse_flow(book: Book, flow: ReverseFlow, at: datetime) -> None:
    """Count a run in which the current stayed above the level for 10 Wh, once (A28)."""
    level_a = book.config.reverse_level_a
    if level_a is None or flow.current_a <= level_a:
        book.reverse_wh = 0
        return
    before = book.reverse_wh
    book.reverse_wh = before + flow.energy_wh
    if before < REVERSE_WH <= book.reverse_wh:
        book.reverse_events = Tamper(count=book.reverse_events.count + 1, last=at)
        set_flag(book, Flag.REVERSE_ENERGY, on=True)
        report = book.config.tamper.report
        book.tell(Tampered(at=at, flag=Flag.REVERSE_ENERGY, display=True, report=report))


def sim_moved(book: Book, sim: Sim, at: datetime) -> None:
    """Count a detector that was triggered and act as configured."""
    was_open = sim.part in book.open_sim
    book.open_sim = tuple(each for each in SimPart if _is_open(book, sim, each))
    if was_open or not sim.open:
        return
    flag = Flag.SIM_FLAP if sim.part is SimPart.FLAP else Flag.SIM_CARRIAGE
    actions = book.config.tamper
    book.sim_events = Tamper(count=book.sim_events.count + 1, last=at)
    set_flag(book, flag, on=True)
    book.tell(Tampered(at=at, flag=flag, display=actions.display, report=actions.report))
    if actions.open_contactor:
        open_supply(book, OffReason.TAMPER, at)


def _is_open(book: Book, sim: Sim, part: SimPart) -> bool:
    return sim.open if sim.part is part else part in book.open_sim


def reset_tamper(book: Book, reset: ResetTamper, at: datetime) -> None:
    """Clear flags, and counters if asked for; a supply they opened is offered."""
    for flag in _BY_HAND:
        set_flag(book, flag, on=False)
    book.reverse_wh = 0
    if reset.counters:
        book.reverse_events = book.sim_events = Tamper()
    if book.off_reason is OffReason.TAMPER:
        offer_supply(book, at)
