"""The inside of a Lektrico charger: contactor, limits, session and heat, without a network."""

from collections.abc import Iterable

from ...ports import CarPort
from .limits import MINIMUM_A, RATED_A, Limit, Reason, Thermal, binding
from .session import Conditions, Session, State, state_of
from .settings import Settings

THROTTLING_ERROR = "overtemp"
ERROR_NAMES = (
    "state_e_activated",
    THROTTLING_ERROR,
    "critical_temp",
    "overcurrent",
    "meter_fault",
    "undervoltage_error",
    "overvoltage_error",
    "rcd_error",
    "cp_diode_failure",
    "contactor_failure",
)
POWER_FACTOR = 0.99
ONE_PHASE, THREE_PHASES = 1, 3
PHASE_SWITCH_S = 5.0
EM_TIMEOUT_S = 10.0


class ChargePoint:
    """What happens between the wires and the car.

    ``errors``, ``schedule_waits`` and ``thermal.ambient_c`` may be set at any time.
    """

    def __init__(self, *, car: CarPort, lines: int, settings: Settings) -> None:
        """Create a charge point that is just switched on."""
        self.car = car
        self.lines = lines
        self.settings = settings
        self.thermal = Thermal()
        self.errors: set[str] = set()
        self.schedule_waits = False
        self.updating = False
        self.total_energy_wh = 0.0
        self.last_session_energy_wh = 0.0
        self.forget()

    def forget(self) -> None:
        """Lose what a restart loses: dynamic limit, relay mode, session and the EM."""
        self.dynamic_current_a = RATED_A
        self.relay_mode = self.lines
        self.session = Session()
        self._em_limit_a: int | None = None
        self._em_silence_s = 0.0
        self._switching_left_s = 0.0
        self.open()

    def open(self) -> None:
        """Take the pilot away from the car."""
        self.car.offer(0.0, self._offered_lines)

    @property
    def limit(self) -> Limit:
        """The limit that binds at this instant, with the reason that the charger reports."""
        if self._switching_left_s > 0.0:
            return Limit(0, Reason.SWITCHING_PHASES)
        if self.session.active and self.schedule_waits and not self.session.schedule_overridden:
            return Limit(0, Reason.SCHEDULE)
        return binding(self._limits())

    @property
    def state(self) -> State:
        """The state at this instant."""
        return state_of(
            self.session,
            Conditions(
                failed=bool(self.active_errors - {THROTTLING_ERROR}),
                updating=self.updating,
                locked=self.settings.flag("charger_locked"),
                schedule_waits=self.schedule_waits,
                has_current=self.limit.current_a >= MINIMUM_A,
                car_wants=self.car.wants_charge,
            ),
        )

    @property
    def active_errors(self) -> set[str]:
        """Injected errors and those of the heat."""
        hot = {"critical_temp"} if self.thermal.critical else set()
        return self.errors | hot | ({THROTTLING_ERROR} if self.thermal.throttled else set())

    @property
    def power_w(self) -> float:
        """Active power of all lines."""
        lines = zip(self.car.drawn_a(), self.car.voltage_v(), strict=True)
        return POWER_FACTOR * sum(current_a * voltage_v for current_a, voltage_v in lines)

    def balance(self, limit_a: int | None) -> None:
        """Take a limit from a linked EM, None when its mode is disabled.

        The EM has to repeat it: unheard for ``EM_TIMEOUT_S`` the offline current applies.
        """
        self._em_limit_a = limit_a
        self._em_silence_s = 0.0

    def switch_phases(self, relay_mode: int) -> None:
        """Go to one or three phases; with a car connected the contactor opens in between."""
        if relay_mode != self.relay_mode and self.session.plugged:
            self._switching_left_s = PHASE_SWITCH_S
        self.relay_mode = relay_mode

    def step(self, dt_s: float) -> None:
        """Watch the plug, set the pilot and count energy, time and heat for ``dt_s``."""
        self._em_silence_s += dt_s
        self._switching_left_s = max(self._switching_left_s - dt_s, 0.0)
        self._watch_plug()
        state = self.state
        if state in (State.CHARGING, State.CONNECTED):
            self.car.offer(float(self.limit.current_a), self._offered_lines)
        else:
            self.open()
        energy_wh = self.power_w * dt_s / 3600.0
        self.session.energy_wh += energy_wh
        self.total_energy_wh += energy_wh
        if state is State.CHARGING:
            self.session.charging_time_s += dt_s
        self.thermal.step(max(self.car.drawn_a(), default=0.0), dt_s)

    @property
    def _offered_lines(self) -> int:
        return ONE_PHASE if self.relay_mode == ONE_PHASE else self.lines

    def _limits(self) -> Iterable[Limit]:
        yield Limit(self.settings.amps("install_current"), Reason.INSTALLATION_CURRENT)
        yield Limit(self.settings.amps("user_current"), Reason.USER_LIMIT)
        yield Limit(self.dynamic_current_a, Reason.DYNAMIC_LIMIT)
        if self._em_limit_a is not None:
            if self._em_silence_s > EM_TIMEOUT_S:
                yield Limit(self.settings.amps("lb_meter_offline_current"), Reason.EM_OFFLINE)
            else:
                yield Limit(self._em_limit_a, Reason.EM)
        if self.thermal.throttled:
            yield Limit(self.thermal.limit_a, Reason.OVERTEMPERATURE)
        if THROTTLING_ERROR in self.errors:
            yield Limit(RATED_A // 2, Reason.OVERTEMPERATURE)

    def _watch_plug(self) -> None:
        if self.car.plugged != self.session.plugged:
            self.last_session_energy_wh = self.session.energy_wh
            self.session = Session(plugged=self.car.plugged)
        free = self.settings.flag("headless") and not self.settings.flag("charger_locked")
        if self.session.plugged and not self.session.authorised and free:
            self.session.authorise()
