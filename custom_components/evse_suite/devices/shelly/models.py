"""The energy meters that Shelly makes (protocol B.1).

A meter that is not in the table still works: what it measures is seen in its status.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What the model code tells that the device itself does not."""

    name: str
    clamp_range_a: float | None = None
    """Range of the clamps that belong to the model; None where there is a choice of clamps."""
    relay: bool = False
    """Whether there is an output for a contactor."""
    channels: int = 0
    """Clamps of a Gen1 meter; 0 for later ones, of which the status tells."""


GEN1_MODELS: Final[Mapping[str, Model]] = {
    "SHEM": Model(name="EM", relay=True, channels=2),
    "SHEM-3": Model(name="3EM", relay=True, channels=3, clamp_range_a=120),
}

RPC_MODELS: Final[Mapping[str, Model]] = {
    "S3EM-002CXCEU": Model(name="EM Gen3", relay=True),
    "S4EM-002CXCEU": Model(name="EM Gen4", relay=True),
    "S4EM-001PXCEU16": Model(name="EM Mini Gen4", clamp_range_a=16),
    "S4EM-001CXCEU63": Model(name="EM-63 Gen4", clamp_range_a=63),
    "SPEM-002CEBEU50": Model(name="Pro EM-50", relay=True, clamp_range_a=50),
    "SPEM-003CEBEU": Model(name="Pro 3EM"),
    "SPEM-003CEBEU120": Model(name="Pro 3EM-120", clamp_range_a=120),
    "SPEM-003CEBEU63": Model(name="Pro 3EM-63", clamp_range_a=63),
    "SPEM-003CEBEU400": Model(name="Pro 3EM-400", clamp_range_a=400),
    "S3EM-003CXCEU63": Model(name="3EM-63 Gen3", clamp_range_a=63),
}
