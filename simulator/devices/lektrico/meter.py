"""A Lektrico EM or 3EM: meter values, settings, and load balancing of its own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import override

from ...ports import ClampPort, ClampValue
from ..base import BOOT_S, REFRESH_S, is_due
from ..basic_auth import Credentials
from ..rpc import Method, Params
from .balancing import Mode, charger_limit_a
from .charger import LektricoCharger
from .server import LektricoDevice, acknowledge
from .settings import METER_KEYS, Settings, required

EM, EM_3P = "m2w_81", "m2w_83"
WIRE_CHANNELS = 3
BALANCE_EVERY_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One channel as it is reported; None where a fault spoils it."""

    voltage_v: float | None = 0.0
    current_a: float | None = 0.0
    power_w: float | None = 0.0
    power_factor: float | None = 0.0


class LektricoMeter(LektricoDevice):
    """An EM with one clamp, or a 3EM with two or three.

    ``chargers`` are those that it balances by itself while its mode says so.
    """

    def __init__(
        self,
        *,
        serial: int,
        clamps: Sequence[ClampPort],
        chargers: Sequence[LektricoCharger] = (),
        breaker_rating: int = 32,
        reverse_current: bool = False,
        board_revision: str = "B",
        fw_version: str = "1.15",
        credentials: Credentials | None = None,
        refresh_s: float = REFRESH_S,
        boot_s: float = BOOT_S,
    ) -> None:
        """Create the meter; raises ValueError unless it has one to three clamps."""
        if not 1 <= len(clamps) <= WIRE_CHANNELS:
            raise ValueError(f"an EM has one to three clamps, not {len(clamps)}")
        self.clamps = tuple(clamps)
        self.chargers = list(chargers)
        self.settings = Settings(
            METER_KEYS, breaker_rating=breaker_rating, reverse_current=reverse_current
        )
        self.channels: tuple[Channel, ...] = (Channel(),) * WIRE_CHANNELS
        self._balanced_s: float | None = None
        super().__init__(
            model=EM if len(clamps) == 1 else EM_3P,
            serial=serial,
            board_revision=board_revision,
            fw_version=fw_version,
            credentials=credentials,
            refresh_s=refresh_s,
            boot_s=boot_s,
        )

    @property
    def mode(self) -> Mode:
        """The meter's own load balancing."""
        return Mode(self.settings.amps("load_balancing_mode"))

    @override
    def reset_counters(self) -> None:
        """Do nothing: an EM reports no energy."""

    @override
    def _forget(self) -> None:
        """Do nothing: all that an EM has is persistent."""

    @override
    def _work(self, dt_s: float) -> None:
        if is_due(self.now_s, self._balanced_s, BALANCE_EVERY_S):
            self._balanced_s = self.now_s
            self._balance()

    def _balance(self) -> None:
        linked = [charger for charger in self.chargers if charger.reachable]
        if not linked or not self.reachable:
            return
        limits_a = [self._limit_a(line, linked) for line in range(len(self.clamps))]
        known_a = [limit_a for limit_a in limits_a if limit_a is not None]
        for charger in linked:
            charger.point.balance(min(known_a) if known_a else None)

    def _limit_a(self, line: int, linked: Sequence[LektricoCharger]) -> int | None:
        """Return what clamp ``line`` allows, if the chargers are wired in its order."""
        value = self._clamp(line)
        drawn_a = [charger.point.car.drawn_a() for charger in linked]
        return charger_limit_a(
            self.mode,
            self.settings,
            grid_a=value.current_a if value.power_w >= 0 else -value.current_a,
            chargers_a=sum(lines[line] for lines in drawn_a if line < len(lines)),
            charger_count=len(linked),
            charging=any(sum(lines) > 0 for lines in drawn_a),
        )

    def _clamp(self, line: int) -> ClampValue:
        value = self.clamps[line].value()
        if not self.settings.flag("reverse_current"):
            return value
        return ClampValue(
            current_a=value.current_a,
            voltage_v=value.voltage_v,
            power_w=-value.power_w,
            reactive_power_var=value.reactive_power_var,
            import_wh=value.export_wh,
            export_wh=value.import_wh,
        )

    @override
    def _refresh(self) -> None:
        lines = len(self.clamps)
        shown = [_channel(self._clamp(line)) for line in range(lines)]
        if self.faults.invalid:
            bad = Channel(voltage_v=None, current_a=None, power_w=None, power_factor=None)
            shown = [bad] * lines
        self.channels = tuple(shown + [Channel()] * (WIRE_CHANNELS - lines))

    @override
    def _methods(self) -> Iterable[Method]:
        reads = {
            "Meter_info.Get": self._meter_info,
            "App_config.Get": lambda _params: self.settings.as_json(),
            "Sw_version.Get": lambda _params: {"fw_version": self.fw_version},
            "Load_balancing_mode.Get": lambda _params: {"load_balancing_mode": int(self.mode)},
        }
        commands = {
            "app_config.set": self.settings.set_by_rpc,
            "Load_balancing_mode.Set": self._set_mode,
            "device.reset": self._reset,
        }
        for name, read in reads.items():
            yield Method(name=name, handle=read)
        for name, command in commands.items():
            yield Method(name=name, handle=command, acknowledge=acknowledge)

    def _meter_info(self, _params: Params) -> Mapping[str, object]:
        powers_w = [channel.power_w for channel in self.channels]
        known_w = [power_w for power_w in powers_w if power_w is not None]
        whole = len(known_w) == len(powers_w)
        return {
            "voltage": [channel.voltage_v for channel in self.channels],
            "current": [channel.current_a for channel in self.channels],
            "active_p": powers_w,
            "power_factor": [channel.power_factor for channel in self.channels],
            "total_active_power": round(sum(known_w), 1) if whole else None,
        }

    def _set_mode(self, params: Params) -> bool:
        self.settings.set("load_balancing_mode", required(params, "load_balancing_mode"))
        return True

    def _reset(self, _params: Params) -> bool:
        self.reboot_soon()
        return True


def _channel(value: ClampValue) -> Channel:
    apparent_va = value.current_a * value.voltage_v
    factor = value.power_w / apparent_va if apparent_va else 0.0
    return Channel(
        voltage_v=round(value.voltage_v, 3),
        current_a=round(value.current_a, 3),
        power_w=round(value.power_w, 1),
        power_factor=round(max(-1.0, min(1.0, factor)), 2),
    )
