"""What pytest does differently while it looks for mutants: the fastest tests go first.

Most mutants are found at once that way. Hypothesis tells a failure without looking for a shorter
one.
"""

from collections.abc import Mapping
import json
from pathlib import Path
from typing import Final

from hypothesis import Phase, settings
import pytest

STATISTICS: Final = Path("mutmut-stats.json")

settings.register_profile(
    "mutation", phases=[Phase.explicit, Phase.generate], database=None, deadline=None
)
settings.load_profile("mutation")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort by what each test took, once that is known."""
    if not STATISTICS.exists():
        return
    took_s: Mapping[str, float] = json.loads(STATISTICS.read_text())["duration_by_test"]
    items.sort(key=lambda item: took_s.get(item.nodeid, 0.0))
