"""The tables of the document."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .home import Home
from .replay import Result
from .suite import RESTART_COST

HEAD: Final = (
    "| strategy | cost | per kWh | above the optimum | with starts | starts | sun kWh"
    " | missed | missing kWh |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
)
NOTHING: Final = "\N{EN DASH}"
OPTIMUM: Final = "optimum, all known before"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a strategy did in a home."""

    home: str
    currency: str
    days: int
    strategy: str
    result: Result


def row(home: Home, strategy: str, result: Result) -> Row:
    """Return the row of a strategy in a home."""
    return Row(
        home=home.name,
        currency=home.currency,
        days=home.days,
        strategy=strategy,
        result=result,
    )


def report(rows: Sequence[Row], timing: str) -> str:
    """Return one table for each home, and how long a plan takes."""
    parts: list[str] = []
    for home in dict.fromkeys(each.home for each in rows):
        own = [each for each in rows if each.home == home]
        best = next(each.result for each in own if each.strategy == OPTIMUM)
        title = f"### {home}\n\n{own[0].days} days, {best.sessions} sessions, {own[0].currency}.\n"
        parts.append("\n".join([title, HEAD, *(_line(each, best) for each in own)]) + "\n")
    return "\n".join([*parts, timing])


def _line(each: Row, best: Result) -> str:
    result = each.result
    per_kwh = _per_kwh(result.cost, result)
    full = _per_kwh(result.cost + RESTART_COST * result.starts, result)
    cells = [each.strategy, f"{result.cost:.2f}", f"{per_kwh:.4f}"]
    if each.strategy == OPTIMUM:
        more = [NOTHING, NOTHING]
        missed = [NOTHING, NOTHING]
    else:
        full_best = _per_kwh(best.cost + RESTART_COST * best.starts, best)
        more = [f"{per_kwh / _per_kwh(best.cost, best) - 1:+.1%}", f"{full / full_best - 1:+.1%}"]
        missed = [f"{result.missed}", f"{result.missing_wh / 1000:.1f}"]
    cells += [*more, f"{result.starts}", f"{result.green_wh / 1000:.0f}", *missed]
    return f"| {' | '.join(cells)} |"


def _per_kwh(cost: float, result: Result) -> float:
    return 1000 * cost / result.energy_wh
