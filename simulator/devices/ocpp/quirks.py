"""What chargers in the field do differently, each as a switch (protocol D.6)."""

from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class Quirks:
    """Habits of one charger; the defaults are those of one that keeps to the standard."""

    vendor: str = "Simulated"
    model: str = "Wallbox 22"
    ignores: frozenset[str] = frozenset()
    """Purposes of profiles that are accepted and have no effect."""
    refuses: frozenset[str] = frozenset()
    """Purposes of profiles that are rejected."""
    only_relative: bool = False
    """Absolute profiles are rejected."""
    rate_units: str | None = "Current"
    """``ChargingScheduleAllowedChargingRateUnit``; None leaves the key out."""
    feature_profiles: str | None = (
        "Core,FirmwareManagement,LocalAuthListManagement,SmartCharging,RemoteTrigger"
    )
    stack_levels: int = 8
    """``ChargeProfileMaxStackLevel``."""
    periods: int = 24
    switches_phases: bool = False
    lists_keys: bool = True
    """GetConfiguration without keys is answered."""
    answers_all_keys: bool = False
    """All keys are answered although one was asked for."""
    measurands: frozenset[str] | None = None
    """Measurands that can be chosen; None for all, else a list with another one is refused."""
    reboots_on_refusal: bool = False
    """Refusing a list of measurands ends in a restart."""
    least_interval_s: int = 0
    """A shorter ``MeterValueSampleInterval`` is refused."""
    triggers: bool = True
    finishing_for_ever: bool = False
    """After a remote stop no remote start is accepted until the car is plugged in again."""
    skips_finishing: bool = False
    """After a session it is Preparing again, as if the car had just been plugged in."""
    closing_values: bool = False
    """Meter values come after StopTransaction, with the transaction's id."""
    repeats_stop: bool = False
    """StopTransaction is sent twice."""
    long_texts: bool = False
    """Texts are longer than the schema allows."""
    phase_names: tuple[str, ...] | None = ("L1", "L2", "L3")
    """Names of the lines in meter values; None tells the first line's values without a name."""
    in_kilo: bool = False
    """Power in kW and energy in kWh."""
    garbage: bool = False
    """Values that are no numbers stand between the good ones, and units behind the numbers."""
    silent_when_idle: bool = False
    """Values of what flows are not sent while nothing flows."""
    boots_once: bool = False
    """No BootNotification after the line was lost and opened again."""
    subprotocol: bool = True
    knows_availability: bool = True
    whole_has_availability: bool = True
    """ChangeAvailability for the connector 0 is accepted."""
    forgets_profiles: bool = False
    """A restart loses the profiles that should survive it."""
    answers_reset: bool = True
    """A Reset is answered before the line is lost."""
    starts_freely: bool = False
    """It begins to charge by itself when a car is plugged in."""
