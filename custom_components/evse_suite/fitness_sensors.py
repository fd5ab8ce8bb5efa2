"""Sensors of how a meter behaves, and what it is therefore fit for."""

from typing import Final

from homeassistant.const import EntityCategory

from .calibration.fitness import Fitness
from .quantities import Choice, Current, Duration, SensorDescription
from .views import MeterView

FITNESS_SENSORS: Final[tuple[SensorDescription[MeterView], ...]] = (
    Choice[MeterView](
        key="fitness",
        entity_category=EntityCategory.DIAGNOSTIC,
        options=list(Fitness),
        is_decision=True,
        value_fn=lambda view: view.link.observer.conduct.fitness,
    ),
    Duration[MeterView](
        key="reading_interval",
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        suggested_unit_of_measurement=None,
        suggested_display_precision=1,
        value_fn=lambda view: view.link.observer.conduct.period_s,
    ),
    Current[MeterView](
        key="resolution",
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        suggested_display_precision=3,
        digits=3,
        value_fn=lambda view: view.link.observer.conduct.resolution_a,
    ),
    SensorDescription[MeterView](
        key="lost_readings",
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda view: view.link.observer.conduct.dropouts,
    ),
)
