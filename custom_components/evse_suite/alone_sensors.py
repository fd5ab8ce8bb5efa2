"""What a charger does when Home Assistant is gone (IND-8)."""

from typing import Final

from homeassistant.const import EntityCategory

from .devices.model import Alone
from .quantities import Choice, SensorDescription
from .views import ChargerView

ALONE_SENSORS: Final[tuple[SensorDescription[ChargerView], ...]] = (
    Choice[ChargerView](
        key="without_home_assistant",
        entity_category=EntityCategory.DIAGNOSTIC,
        options=list(Alone),
        is_decision=True,
        value_fn=lambda view: view.site.traits[view.link.key].alone,
    ),
)
