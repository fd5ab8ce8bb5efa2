"""The components of a newer Shelly that have nothing to do with metering."""

from collections.abc import Callable, Iterable

from ..rpc import Params, RpcError
from .component import INVALID_ARGUMENT, Component, Json
from .relay import Relay

WARM_C = 45.2


def temperature(celsius: float) -> dict[str, float]:
    """Return a temperature as the devices report it."""
    return {"tC": celsius, "tF": round(celsius * 9 / 5 + 32, 1)}


def switch(
    relay: Relay, now_s: Callable[[], float], wall_offset_s: Callable[[], float]
) -> Component:
    """Return the ``Switch`` component of the contactor relay, which measures nothing."""

    def status() -> Json:
        timer: dict[str, object] = {}
        if relay.timer_duration_s:
            started_at = round(wall_offset_s() + relay.timer_started_s, 2)
            timer = {"timer_started_at": started_at, "timer_duration": relay.timer_duration_s}
        return {
            "id": 0,
            "source": relay.source,
            "output": relay.on,
            "temperature": temperature(WARM_C),
            **timer,
        }

    def set_to(params: Params, *, on: object) -> Json:
        undo = params.get("toggle_after")
        if not isinstance(on, bool):
            raise RpcError(INVALID_ARGUMENT, "Missing or bad argument 'on'!")
        if undo is not None and (isinstance(undo, bool) or not isinstance(undo, int | float)):
            raise RpcError(INVALID_ARGUMENT, "Bad argument 'toggle_after'!")
        was_on = relay.switch(on=on, now_s=now_s(), source="HTTP_in", undo_after_s=undo)
        return {"was_on": was_on}

    def unchanged(_params: Params) -> Json:
        return {"was_on": relay.on}

    return Component(
        kind="Switch",
        number=0,
        status=status,
        config={
            "id": 0,
            "name": None,
            "initial_state": "off",
            "auto_on": False,
            "auto_on_delay": 60.0,
            "auto_off": False,
            "auto_off_delay": 60.0,
        },
        commands={
            "Set": (lambda params: set_to(params, on=params.get("on")), unchanged),
            "Toggle": (lambda params: set_to(params, on=not relay.on), unchanged),
        },
    )


def connectivity(device_id: str, host: Callable[[], str], *, wired: bool) -> Iterable[Component]:
    """Return Wi-Fi, Bluetooth, cloud, MQTT, outbound WebSocket and Ethernet."""
    yield Component(
        kind="WiFi",
        status=lambda: {"sta_ip": host(), "status": "got ip", "ssid": "home", "rssi": -57},
        config={
            "ap": {"ssid": device_id, "is_open": True, "enable": False},
            "sta": {"ssid": "home", "is_open": False, "enable": True, "ipv4mode": "dhcp"},
        },
    )
    yield Component(
        kind="BLE",
        status=dict,
        config={"enable": False, "rpc": {"enable": False}},
    )
    yield Component(
        kind="Cloud",
        status=lambda: {"connected": False},
        config={"enable": False, "server": None},
    )
    yield Component(
        kind="MQTT",
        status=lambda: {"connected": False},
        config={
            "enable": False,
            "server": None,
            "client_id": device_id,
            "topic_prefix": device_id,
            "rpc_ntf": True,
            "status_ntf": False,
        },
    )
    yield Component(
        kind="Ws",
        status=lambda: {"connected": False},
        config={"enable": False, "server": None, "ssl_ca": "ca.pem"},
    )
    if wired:
        yield Component(
            kind="Eth",
            status=lambda: {"ip": None},
            config={"enable": False, "ipv4mode": "dhcp", "ip": None},
        )
        yield Component(kind="Modbus", status=dict, config={"enable": False})
        yield Component(
            kind="Temperature",
            number=0,
            status=lambda: {"id": 0, **temperature(WARM_C)},
            config={"id": 0, "name": None, "report_thr_C": 5.0, "offset_C": 0.0},
        )
