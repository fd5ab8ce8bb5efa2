"""A Lektrico charger, 1P7K or 3P22K, as a client on the network sees it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, override

from ...ports import CarPort
from ..base import BOOT_S, REFRESH_S
from ..basic_auth import Credentials
from ..rpc import Method, Params, RpcError
from .charge_point import ERROR_NAMES, ONE_PHASE, THREE_PHASES, ChargePoint
from .limits import MINIMUM_A, RATED_A
from .server import LektricoDevice, acknowledge
from .session import State, iec_letter
from .settings import (
    CHARGER_KEYS,
    OUT_OF_RANGE,
    PROHIBITED,
    WRONG_TYPE,
    Settings,
    checked_int,
    required,
)

WIRE_LINES = 3
UPDATE_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the charger measured at its last refresh; None where a fault spoils it."""

    currents_a: tuple[float | None, ...]
    voltages_v: tuple[float | None, ...]
    power_w: float | None
    temperature_c: float | None
    session_energy_wh: float
    total_energy_wh: float
    charging_time_s: int


class LektricoCharger(LektricoDevice):
    """A charger whose inside is ``point``; what a client can set goes through the protocol."""

    measured: Measured

    def __init__(
        self,
        *,
        model: Literal["1p7k", "3p22k"],
        serial: int,
        car: CarPort,
        board_revision: str = "E",
        fw_version: str = "1.51",
        old_firmware: bool = False,
        credentials: Credentials | None = None,
        install_current: int = RATED_A,
        user_current: int = RATED_A,
        refresh_s: float = REFRESH_S,
        boot_s: float = BOOT_S,
    ) -> None:
        """Create the charger; ``old_firmware`` gives the shape of replies before the arrays."""
        self.settings = Settings(
            CHARGER_KEYS, install_current=install_current, user_current=user_current
        )
        lines = ONE_PHASE if model == "1p7k" else THREE_PHASES
        self.point = ChargePoint(car=car, lines=lines, settings=self.settings)
        self.old_firmware = old_firmware
        self._update_left_s = 0.0
        self._update_version: str | None = None
        self._restart_wanted = False
        super().__init__(
            model=model,
            serial=serial,
            board_revision=board_revision,
            fw_version=fw_version,
            credentials=credentials,
            refresh_s=refresh_s,
            boot_s=boot_s,
        )

    def begin_update(self, version: str) -> None:
        """Install a firmware: no charging for ``UPDATE_S``, then a restart."""
        self._update_left_s = UPDATE_S
        self._update_version = version
        self.point.updating = True

    @override
    def reset_counters(self) -> None:
        self.point.total_energy_wh = 0.0

    @override
    def inject(self, changes: Mapping[str, object]) -> None:
        """Also take ``errors`` (names), ``schedule_waits`` (bool) and ``update`` (a version)."""
        rest = dict(changes)
        if "errors" in rest:
            self.point.errors = _error_names(rest.pop("errors"))
        if "schedule_waits" in rest:
            waits = rest.pop("schedule_waits")
            if not isinstance(waits, bool):
                raise ValueError(f"schedule_waits is true or false, not {waits!r}")
            self.point.schedule_waits = waits
        if "update" in rest:
            version = rest.pop("update")
            if not isinstance(version, str):
                raise ValueError(f"update is the version to install, not {version!r}")
            self.begin_update(version)
        super().inject(rest)

    @override
    def _work(self, dt_s: float) -> None:
        self._update_left_s -= dt_s
        if self._update_version is not None and self._update_left_s <= 0.0:
            self.fw_version = self._update_version
            self.reboot()
        elif self._restart_wanted and not self.point.session.active:
            self.reboot()
        else:
            self.point.step(dt_s)

    @override
    def _rest(self, dt_s: float) -> None:
        self.point.open()

    @override
    def _refresh(self) -> None:
        point, bad = self.point, self.faults.invalid
        self.measured = Measured(
            currents_a=(None,) * WIRE_LINES if bad else _on_wire(point.car.drawn_a()),
            voltages_v=(None,) * WIRE_LINES if bad else _on_wire(point.car.voltage_v()),
            power_w=None if bad else round(point.power_w, 1),
            temperature_c=None if bad else round(point.thermal.board_c, 1),
            session_energy_wh=round(point.session.energy_wh, 2),
            total_energy_wh=round(point.total_energy_wh),
            charging_time_s=int(point.session.charging_time_s),
        )

    @override
    def _forget(self) -> None:
        self.point.forget()
        self.point.updating = False
        self._update_version = None
        self._restart_wanted = False

    @override
    def _methods(self) -> Iterable[Method]:
        reads = {
            "charger_info.get": self._charger_info,
            "app_config.get": lambda _params: self.settings.as_json(),
            "dynamic_current.get": self._dynamic_current,
            "active_errors.get": self._error_flags,
            "System_currents.Get": self._system_currents,
            "Counters_config.Get": self._counters,
        }
        commands = {
            "charge.start": self._start,
            "charge.stop": self._stop,
            "Charging_schedule.Override": self._override_schedule,
            "dynamic_current.set": self._set_dynamic_current,
            "app_config.set": self.settings.set_by_rpc,
            "device.reset": self._reset,
        }
        for name, read in reads.items():
            yield Method(name=name, handle=read)
        for name, command in commands.items():
            yield Method(name=name, handle=command, acknowledge=acknowledge)

    def _charger_info(self, _params: Params) -> Mapping[str, object]:
        point, now, state = self.point, self.measured, self.point.state
        info: dict[str, object] = {
            "charger_state": iec_letter(state, plugged=point.session.plugged),
            "extended_charger_state": state.value,
            "session_energy": now.session_energy_wh,
            "charging_time": now.charging_time_s,
            "instant_power": now.power_w,
            "temperature": now.temperature_c,
            "has_active_errors": bool(point.active_errors),
            "fw_version": self.fw_version,
        }
        if self.old_firmware:
            return info | {
                "current": now.currents_a[0],
                "voltage": now.voltages_v[0],
                "pwm_current": float(point.limit.current_a),
                "total_charged_energy": int(now.total_energy_wh / 1000.0),
            }
        return info | {
            "currents": now.currents_a,
            "voltages": now.voltages_v,
            "total_charged_energy": now.total_energy_wh / 1000.0,
            "dynamic_current": point.dynamic_current_a,
            "relay_mode": point.relay_mode if point.lines == THREE_PHASES else 0,
            "install_current": self.settings.amps("install_current"),
            "current_limit_reason": int(point.limit.reason),
            "charger_is_paused": state is State.PAUSED,
            "headless": self.settings.flag("headless"),
        }

    def _dynamic_current(self, _params: Params) -> Mapping[str, int]:
        reply = {"dynamic_current": self.point.dynamic_current_a}
        if self.point.lines == THREE_PHASES and not self.old_firmware:
            reply["relay_mode"] = self.point.relay_mode
        return reply

    def _error_flags(self, _params: Params) -> Mapping[str, bool]:
        active = self.point.active_errors
        flags = {name: name in active for name in ERROR_NAMES}
        if self.old_firmware:
            flags["state_machine_e_activated"] = flags.pop("state_e_activated")
        return flags

    def _system_currents(self, _params: Params) -> Mapping[str, int]:
        return {"user_current": self.settings.amps("user_current")}

    def _counters(self, _params: Params) -> Mapping[str, float]:
        return {"last_session_energy": round(self.point.last_session_energy_wh, 2)}

    def _start(self, params: Params) -> bool:
        tag = params.get("tag", "")
        if not isinstance(tag, str):
            raise RpcError(WRONG_TYPE, "tag is a string")
        if not self.point.session.plugged or self.settings.flag("charger_locked"):
            raise RpcError(PROHIBITED, "no car is connected, or the charger is locked")
        self.point.session.authorise(tag)
        return True

    def _stop(self, _params: Params) -> bool:
        self.point.session.stopped = self.point.session.plugged
        return True

    def _override_schedule(self, _params: Params) -> bool:
        self.point.session.schedule_overridden = True
        return True

    def _set_dynamic_current(self, params: Params) -> bool:
        name = "dynamic_current"
        current_a = checked_int(required(params, name), name, 0, RATED_A)
        if 0 < current_a < MINIMUM_A:
            raise RpcError(OUT_OF_RANGE, f"{name} is 0 or at least {MINIMUM_A}")
        if "relay_mode" in params:
            mode = checked_int(params["relay_mode"], "relay_mode", ONE_PHASE, THREE_PHASES)
            if self.point.lines == ONE_PHASE or mode not in (ONE_PHASE, THREE_PHASES):
                raise RpcError(PROHIBITED, "this charger has no such relay mode")
            self.point.switch_phases(mode)
        self.point.dynamic_current_a = current_a
        return True

    def _reset(self, _params: Params) -> bool:
        self._restart_wanted = True
        return True


def _on_wire(values: tuple[float, ...]) -> tuple[float, ...]:
    """Return three rounded values, zero for lines that the charger does not have."""
    shown = [round(value, 2) for value in values]
    return tuple(shown + [0.0] * (WIRE_LINES - len(shown)))


def _error_names(value: object) -> set[str]:
    if not isinstance(value, list) or not set(value) <= set(ERROR_NAMES):
        raise ValueError(f"errors is a list of {', '.join(ERROR_NAMES)}, not {value!r}")
    return set(value)
