"""Good input of every kind: what devices and files really look like."""

from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any, Final

from custom_components.evse_suite.billing.codec import BadData
from custom_components.evse_suite.billing.keeping import dump
from custom_components.evse_suite.billing.model import Config, Opening, Switch, Tariff
from custom_components.evse_suite.billing.opening import open_account
from custom_components.evse_suite.control import learnt
from custom_components.evse_suite.planning.model import TargetKind, WeekWindow
from custom_components.evse_suite.plans.records import to_json
from custom_components.evse_suite.plans.settings import ChargerSettings, Departure, Goal

READ_OUT: Final = (
    b"F.F(00)\r\n0.0(          120858)\r\nC.1.0(13647123)\r\n1.8.1(042951.721*kWh)\r\n"
    b"1-0:1.8.0*255(061561.289*kWh)\r\n1.6.1(12.3*kW)(2611200730)\r\n16.7(-1.25*kW)\r\n"
    b"32.7(241*V)\r\n31.7(000.35*A)\r\nC.5.0(0401)\r\n!\r\n"
)
_SAMPLES: Final = [
    {"value": "15.93", "measurand": "Current.Import", "phase": "L1", "unit": "A"},
    {"value": "3.665", "measurand": "Power.Active.Import", "unit": "kW", "location": "Outlet"},
    {"value": "120034", "measurand": "Energy.Active.Import.Register", "unit": "Wh"},
    {"value": "54", "measurand": "SoC", "unit": "Percent", "location": "EV"},
    {"value": "232.1", "measurand": "Voltage", "phase": "L1-N", "unit": "V", "context": "Sample"},
]
OCPP_FRAMES: Final = (
    [2, "19223201", "BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"}],
    [3, "19223201", {"status": "Accepted", "currentTime": "2026-11-20T10:00:00Z"}],
    [4, "19223201", "NotSupported", "no", {}],
    [
        2,
        "7",
        "MeterValues",
        {
            "connectorId": 1,
            "transactionId": 12,
            "meterValue": [{"timestamp": "2026-11-20T10:00:01.123Z", "sampledValue": _SAMPLES}],
        },
    ],
)
GLOW_STATE: Final = {"software": "v1.8.12", "hardware": "GLOW-IHD-01-1v4-SMETS2"}
GLOW: Final = {
    "electricitymeter": {
        "timestamp": "2026-05-13T21:57:19Z",
        "energy": {
            "export": {"cumulative": 0.0, "units": "kWh"},
            "import": {"cumulative": 6252.2, "price": {"unitrate": 0.21, "standingcharge": 0.55}},
        },
        "power": {"value": 1.011, "units": "kW"},
    }
}
LEKTRICO_CHARGER: Final = {
    "charger_state": "C",
    "extended_charger_state": "C",
    "currents": [15.9, 15.8, 16.0],
    "voltages": [230.1, 229.8, 231.0],
    "current": 15.9,
    "voltage": 230.1,
    "instant_power": 10950.0,
    "session_energy": 4200.5,
    "total_charged_energy": 812,
    "charging_time": 1402,
    "temperature": 31.4,
    "dynamic_current": 16,
    "current_limit_reason": 3,
    "install_current": 32,
    "user_current": 32,
    "headless": True,
    "charger_locked": False,
    "has_active_errors": False,
    "led_max_brightness": 80,
    "fw_version": "1.50",
}
LEKTRICO_METER: Final = {
    "current": [4.1, 2.0, 0.3],
    "voltage": [230.0, 231.0, 229.0],
    "active_p": [900.0, -410.0, 60.0],
    "power_factor": [0.98, 0.99, 1.0],
    "breaker_rating": 40,
    "load_balancing_mode": 1,
}
SHELLY_GEN1: Final = {
    "emeters": [
        {
            "power": 412.5,
            "pf": 0.97,
            "current": 1.85,
            "voltage": 230.4,
            "reactive": -12.1,
            "is_valid": True,
            "total": 41205.1,
            "total_returned": 0.0,
        }
    ]
}
SHELLY_RPC: Final = {
    "em:0": {
        "id": 0,
        **{
            f"{phase}_{name}": value
            for phase in "abc"
            for name, value in (
                ("current", 4.029),
                ("voltage", 236.1),
                ("act_power", 951.2),
                ("aprt_power", 951.9),
                ("pf", 1.0),
                ("freq", 50.0),
            )
        },
        "a_errors": ["out_of_range:current"],
    },
    "emdata:0": {"id": 0, "a_total_act_energy": 1.5, "a_total_act_ret_energy": 0.0},
    "em1:0": {"id": 0, "current": 4.0, "voltage": 230.0, "act_power": 920.0, "pf": 0.99},
}
PRICES: Final[tuple[Any, ...]] = (
    {"raw_today": [{"start": "2026-11-20T00:00:00+00:00", "end": "2026-11-20T01:00:00+00:00",
                    "value": 0.31}] * 3, "unit": "kWh"},
    {"rates": [{"start": "2026-11-20T00:00:00Z", "end": "2026-11-20T00:30:00Z",
                "value_inc_vat": 0.2}]},
    {"forecast": [{"per_kwh": 0.41, "start_time": "2026-11-20T00:00:00+11:00", "duration": 30}]},
    {"data": [{"start_timestamp": 1795132800000, "end_timestamp": 1795136400000,
               "marketprice": 98.4}]},
    {"today": [0.2, 0.3, 0.1] * 8, "prices_tomorrow": [{"time": "2026-11-21T00:00", "price": 1}]},
)  # fmt: skip
SETTINGS: Final = to_json(
    ChargerSettings(
        departures=(
            Departure(
                uid="a",
                at=datetime(2026, 11, 21, 7, tzinfo=UTC),
                summary="Work",
                goal=Goal(kind=TargetKind.PERCENT, value=80),
            ),
        ),
        windows=(WeekWindow(weekdays=frozenset({0, 6}), start=time(23), end=time(6)),),
        weekly={0: time(7)},
        maximum_price_per_kwh=0.3,
    )
)
SESSION: Final = {
    "key": "a-1",
    "charger": "lektrico_500006",
    "name": "Garage",
    "start": "2026-11-20T18:00:00+00:00",
    "end": "2026-11-20T23:00:00+00:00",
    "reason": "full",
    "parts": [["2026-11-20", 12000, 3000, "2.41", 0]],
    "plugged_s": 18000,
    "charged_s": 9000,
    "most_w": 7200,
    "lines": 1,
    "currency": "GBP",
}
PAGE: Final = {
    "at": "2026-11-20T18:00:00+00:00",
    "power_w": 7000.0,
    "counter_wh": 812000.0,
    "doubted_s": 0,
    "doubted_wh": 0,
    "state": "charging",
    "why": None,
    "idle_s": 0,
    "session": {key: value for key, value in SESSION.items() if key not in ("end", "reason")},
}
LEARNT: Final = learnt.to_json(learnt.Learnt(chargers={"a": learnt.LearntCharger()}))
ACCOUNT_ERRORS: Final = (BadData,)


def account() -> dict[str, Any]:
    """Return an account as it is exported."""
    price = Decimal("0.25")
    tariff = Tariff(
        prices=((price,) * 4,) * 4,
        switches=(Switch(start=time(7), rate=1), Switch(start=time(23), rate=2)),
        standing_per_week=Decimal("3.50"),
    )
    at = datetime(2026, 11, 20, tzinfo=UTC)
    return dump(open_account(Config(mpan="1200012345678"), tariff, Opening(at=at)))
