"""What an account refuses, in words that a person can read."""

from collections.abc import Iterator
from contextlib import contextmanager

from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util

from ..billing.codec import BadData
from ..billing.events import Refused
from ..billing.validate import Impossible, Problem
from ..const import DOMAIN


def problem_text(problem: Problem) -> str:
    """Return a line that is wrong, and what is wrong with it."""
    words = f"{problem.path}: {problem.wrong.value.replace('_', ' ')}"
    if problem.low is None and problem.high is None:
        return words
    return f"{words} {problem.low} to {problem.high}"


@contextmanager
def readable_refusals(name: str) -> Iterator[None]:
    """Raise ServiceValidationError, ``account_<reason>``, for what an account refuses.

    All take the placeholders ``name``, ``until`` (a time or nothing) and ``detail``.
    """
    try:
        yield
    except Refused as err:
        until = "" if err.until is None else f"{dt_util.as_local(err.until):%H:%M}"
        raise refusal(f"account_{err.reason}", name, until=until) from err
    except Impossible as err:
        detail = "; ".join(problem_text(each) for each in err.problems)
        raise refusal("account_impossible", name, detail=detail) from err
    except BadData as err:
        raise refusal("account_bad_data", name, detail=str(err)) from err


def refusal(key: str, name: str, *, until: str = "", detail: str = "") -> ServiceValidationError:
    """Return an error about an account."""
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders={"name": name, "until": until, "detail": detail},
    )
