"""The metering components: a clamp by itself (EM1) and three together (EM) (protocol B.3)."""

from collections.abc import Sequence

from ..faults import Faults
from .component import Component, Json
from .server import Channel

PHASES = "abc"
FREQUENCY_HZ = 50.0


def _quantities(channel: Channel, *, valid: bool) -> dict[str, float | None]:
    """Return a coherent set of a channel's quantities, all null where they are not valid."""
    value = channel.last
    apparent_va = value.current_a * value.voltage_v
    factor = abs(value.power_w) / apparent_va if apparent_va else 1.0
    shown: dict[str, float] = {
        "current": round(value.current_a, 3),
        "voltage": round(value.voltage_v, 1),
        "act_power": round(value.power_w, 1),
        "aprt_power": round(apparent_va, 1),
        "pf": round(min(factor, 1.0), 2),
        "freq": FREQUENCY_HZ,
    }
    return {name: number if valid else None for name, number in shown.items()}


def _range_a(ct_type: object) -> float | None:
    return float(ct_type.removesuffix("A")) if isinstance(ct_type, str) else None


def _errors(channel: Channel, faults: Faults, ct_type: object) -> list[str]:
    range_a = _range_a(ct_type)
    beyond = range_a is not None and channel.last.current_a >= range_a
    return [*faults.meter_errors, *(["out_of_range:current"] if beyond else [])]


def em1(number: int, channel: Channel, faults: Faults, ct_type: str | None) -> Component:
    """Return an ``EM1`` component."""
    config: dict[str, object] = {"id": number, "name": None, "reverse": False}
    if ct_type is not None:
        config["ct_type"] = ct_type

    def status() -> Json:
        errors = _errors(channel, faults, ct_type)
        return {
            "id": number,
            **_quantities(channel, valid=not faults.invalid),
            "calibration": "factory",
            **({"errors": errors} if errors else {}),
        }

    return Component(
        kind="EM1",
        number=number,
        status=status,
        config=config,
        restart_keys=frozenset({"reverse"}),
        reads={"GetCTTypes": lambda _params: {"supported": [ct_type] if ct_type else []}},
    )


def em1_data(number: int, channel: Channel) -> Component:
    """Return the counters of an ``EM1``."""

    def status() -> Json:
        import_wh, export_wh = channel.energy_wh
        return {
            "id": number,
            "total_act_energy": round(import_wh, 2),
            "total_act_ret_energy": round(export_wh, 2),
        }

    return Component(
        kind="EM1Data",
        number=number,
        status=status,
        commands={"ResetCounters": (lambda _params: channel.reset(), lambda _params: None)},
    )


def em(channels: Sequence[Channel], faults: Faults, ct_type: str | None) -> Component:
    """Return the ``EM`` component of a three-phase meter."""

    def status() -> Json:
        valid = not faults.invalid
        report: dict[str, object] = {"id": 0}
        for phase, channel in zip(PHASES, channels, strict=True):
            quantities = _quantities(channel, valid=valid)
            report |= {f"{phase}_{name}": number for name, number in quantities.items()}
            errors = _errors(channel, faults, ct_type)
            report |= {f"{phase}_errors": errors} if errors else {}
        return report | {"n_current": None} | _totals(channels, valid=valid)

    return Component(
        kind="EM",
        number=0,
        status=status,
        config={
            "id": 0,
            "name": None,
            "blink_mode_selector": "active_energy",
            "phase_selector": "all",
            "monitor_phase_sequence": False,
            "reverse": {},
            "ct_type": ct_type,
        },
        restart_keys=frozenset({"reverse"}),
        reads={"GetCTTypes": lambda _params: {"supported": [ct_type] if ct_type else []}},
    )


def _totals(channels: Sequence[Channel], *, valid: bool) -> dict[str, object]:
    values = [channel.last for channel in channels]
    totals = {
        "total_current": sum(value.current_a for value in values),
        "total_act_power": sum(value.power_w for value in values),
        "total_aprt_power": sum(value.current_a * value.voltage_v for value in values),
    }
    shown: dict[str, object] = {
        name: round(total, 3) if valid else None for name, total in totals.items()
    }
    return shown | {"user_calibrated_phase": []}


def em_data(channels: Sequence[Channel]) -> Component:
    """Return the counters of an ``EM``: per phase and not netted between phases."""

    def status() -> Json:
        report: dict[str, object] = {"id": 0}
        for phase, channel in zip(PHASES, channels, strict=True):
            import_wh, export_wh = channel.energy_wh
            report[f"{phase}_total_act_energy"] = round(import_wh, 2)
            report[f"{phase}_total_act_ret_energy"] = round(export_wh, 2)
        report["total_act"] = round(sum(channel.energy_wh[0] for channel in channels), 2)
        report["total_act_ret"] = round(sum(channel.energy_wh[1] for channel in channels), 2)
        return report

    def reset() -> None:
        for channel in channels:
            channel.reset()

    return Component(
        kind="EMData",
        number=0,
        status=status,
        commands={"ResetCounters": (lambda _params: reset(), lambda _params: None)},
    )
