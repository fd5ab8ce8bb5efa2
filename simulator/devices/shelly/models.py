"""The newer Shelly meters that are simulated (protocol B.1)."""

from dataclasses import dataclass
from enum import StrEnum


class Profile(StrEnum):
    """How a three-phase meter shows its clamps."""

    TRIPHASE = "triphase"
    MONOPHASE = "monophase"


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What tells one model from another."""

    code: str
    generation: int
    app: str
    id_prefix: str
    clamps: int
    ct_type: str | None
    relay: bool = False
    wired: bool = False
    """Whether it has an Ethernet socket and a thermometer, as the Pro line."""
    profiles: tuple[Profile, ...] = ()
    """Empty where the model has none and shows every clamp by itself."""


MODELS = {
    model.code: model
    for model in (
        Model(
            code="S3EM-002CXCEU",
            generation=3,
            app="EMG3",
            id_prefix="shellyemg3",
            clamps=2,
            ct_type="50A",
            relay=True,
        ),
        Model(
            code="S4EM-002CXCEU",
            generation=4,
            app="EMG4",
            id_prefix="shellyemg4",
            clamps=2,
            ct_type="50A",
            relay=True,
        ),
        Model(
            code="S4EM-001PXCEU16",
            generation=4,
            app="EMMiniG4",
            id_prefix="shellyemminig4",
            clamps=1,
            ct_type=None,
        ),
        Model(
            code="S4EM-001CXCEU63",
            generation=4,
            app="EM63G4",
            id_prefix="shellyem63g4",
            clamps=1,
            ct_type="63A",
        ),
        Model(
            code="SPEM-002CEBEU50",
            generation=2,
            app="ProEM",
            id_prefix="shellyproem50",
            clamps=2,
            ct_type="50A",
            relay=True,
            wired=True,
        ),
        Model(
            code="SPEM-003CEBEU",
            generation=2,
            app="Pro3EM",
            id_prefix="shellypro3em",
            clamps=3,
            ct_type="120A",
            wired=True,
            profiles=(Profile.TRIPHASE, Profile.MONOPHASE),
        ),
        Model(
            code="S3EM-003CXCEU63",
            generation=3,
            app="3EM63G3",
            id_prefix="shelly3em63g3",
            clamps=3,
            ct_type="63A",
            profiles=(Profile.TRIPHASE, Profile.MONOPHASE),
        ),
    )
}
