"""The solver of linear and mixed programs, a development dependency alone."""

from typing import Any, Final

import highspy

GAP: Final = 1e-3
LIMIT_S: Final = 5.0
INTEGER: Final = highspy.HighsVarType.kInteger
INFINITY: Final = highspy.kHighsInf


def program() -> Any:
    """Return an empty program; the best found counts when the gap or the time is reached."""
    model: Any = highspy.Highs()  # type: ignore[no-untyped-call]  # its types are incomplete
    options = {"output_flag": False, "mip_rel_gap": GAP, "time_limit": LIMIT_S, "threads": 1}
    for option, value in options.items():
        model.setOptionValue(option, value)
    return model
