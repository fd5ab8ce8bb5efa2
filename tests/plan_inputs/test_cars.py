"""What is known of the car at a charger, told or counted up (PLAN-2, IND-3)."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.evse_suite.const import DOMAIN
from custom_components.evse_suite.planning.vehicles import Delivery
from custom_components.evse_suite.plans.inputs import PlanInputs
from homeassistant.core import HomeAssistant
from tests.plan_inputs.gathering import HOUR, NOON, Calls, site, started, subentry

SOC = "sensor.soc"
CAR = {"chargers": ["garage"], "capacity_kwh": 50.0, "soc": SOC, "efficiency_percent": 90.0}


class Garage:
    """What the only charger does for its car."""

    def __init__(self) -> None:
        self.delivery: Delivery | None = None

    def __call__(self, charger_key: str) -> Delivery | None:
        return self.delivery if charger_key == "garage" else None

    def gives(self, energy_wh: float, since: timedelta = -HOUR, power_w: float = 0.0) -> None:
        """Have the charger deliver so much since a time after noon."""
        self.delivery = Delivery(
            energy_wh=energy_wh, since=NOON + since, power_w=power_w, offered_w=11_000
        )


@pytest.fixture
def garage() -> Garage:
    return Garage()


async def tell(hass: HomeAssistant, percent: object, unit: str | None = "%") -> None:
    """Have the car tell its state of charge, once more if it is the same."""
    hass.states.async_set(SOC, str(percent), {"unit_of_measurement": unit} if unit else {})
    await hass.async_block_till_done()


def percent(inputs: PlanInputs) -> float | None:
    return inputs.vehicle("garage").soc_percent


async def test_what_is_entered_of_a_car(hass: HomeAssistant, changes: Calls) -> None:
    """IND-3: in the planner's units; who comes first, and who is chosen."""
    entry = site(
        hass,
        subentry("vehicle", chargers=["street"]),
        subentry(
            "vehicle",
            chargers=["street", "garage"],
            capacity_kwh=58.0,
            consumption=16.6,
            car_power_kw=7.4,
            car_lines="3",
            efficiency_percent=88.0,
            arrival_percent=30.0,
        ),
        subentry("vehicle", chargers=["garage"]),
    )
    first, second, third = entry.subentries
    inputs = await started(hass, changes, entry)
    assert list(inputs.vehicles("street")) == [first, second]
    assert list(inputs.vehicles("garage")) == [second, third]
    assert inputs.vehicles("garden") == {}
    car = inputs.vehicle("garage")
    assert car.name == "vehicle"
    assert car.capacity_wh == 58_000
    assert car.consumption_wh_per_km == pytest.approx(166)
    assert car.curve == ((0.0, 7400.0),)
    assert car.lines == 3
    assert car.efficiency == pytest.approx(0.88)
    assert car.soc_percent == 30
    guest = inputs.vehicle("garage", third)
    assert (guest.capacity_wh, guest.soc_percent, guest.efficiency) == (None, None, 0.9)
    assert (guest.curve, guest.lines) == ((), None)
    assert inputs.vehicle("garage", "gone") == car
    assert inputs.vehicle("garden").name == ""


async def test_a_car_that_tells_its_charge(
    hass: HomeAssistant, changes: Calls, garage: Garage
) -> None:
    """PLAN-2: what is charged after it told is added; only news make another plan."""
    inputs = await started(hass, changes, site(hass, subentry("vehicle", **CAR)), garage)
    assert percent(inputs) is None
    garage.gives(0)
    await tell(hass, 40)
    assert changes.taken() == 1
    assert percent(inputs) == 40
    garage.gives(5000)
    assert percent(inputs) == pytest.approx(49)
    await tell(hass, 49)
    assert changes.taken() == 0
    garage.gives(10_000)
    assert percent(inputs) == pytest.approx(58)
    # Somebody has set the heating on: less than counted has arrived.
    await tell(hass, 52)
    assert changes.taken() == 1
    garage.gives(90_000)
    assert percent(inputs) == 100
    # The charger's counter began anew in the same visit.
    garage.gives(5000)
    assert percent(inputs) == pytest.approx(61)


@pytest.mark.parametrize(
    ("told", "unit"),
    [
        ("unavailable", None),
        ("unknown", "%"),
        ("full", "%"),
        (101, "%"),
        (-1, "%"),
        ("nan", "%"),
        ("inf", "%"),
        (77, "km"),
    ],
)
async def test_nonsense_is_no_charge(
    hass: HomeAssistant, changes: Calls, garage: Garage, told: object, unit: str | None
) -> None:
    inputs = await started(hass, changes, site(hass, subentry("vehicle", **CAR)), garage)
    garage.gives(0)
    await tell(hass, told, unit)
    assert percent(inputs) is None
    await tell(hass, 40, None)
    await tell(hass, told, unit)
    assert percent(inputs) == 40


async def test_a_car_that_fell_asleep(
    hass: HomeAssistant, changes: Calls, garage: Garage, freezer: FrozenDateTimeFactory
) -> None:
    """One that says the same again and again while it charges is counted up all the same."""
    await tell(hass, 40)
    inputs = await started(hass, changes, site(hass, subentry("vehicle", **CAR)), garage)
    garage.gives(0)
    assert percent(inputs) == 40
    await tell(hass, 40)
    for energy_wh in (5000, 10_000):
        garage.gives(energy_wh)
        await tell(hass, 40)
    assert percent(inputs) == pytest.approx(58)
    # Plugged in anew with the same charge, it is true again, however much was delivered by then.
    garage.gives(2000, since=timedelta(minutes=1))
    freezer.tick(HOUR)
    await tell(hass, 40)
    assert percent(inputs) == 40
    garage.gives(4500, since=timedelta(minutes=1))
    assert percent(inputs) == pytest.approx(44.5)


async def test_an_old_charge_is_from_before_a_drive(
    hass: HomeAssistant, changes: Calls, garage: Garage
) -> None:
    """PLAN-2: told long before the car was plugged in it counts for nothing."""
    await tell(hass, 80)
    entry = site(hass, subentry("vehicle", **CAR, arrival_percent=20.0))
    inputs = await started(hass, changes, entry, garage)
    garage.gives(0, since=11 * HOUR)
    assert percent(inputs) == 80
    garage.gives(5000, since=11 * HOUR)
    assert percent(inputs) == pytest.approx(89)
    garage.gives(5000, since=13 * HOUR)
    assert percent(inputs) == pytest.approx(29)


async def test_the_same_charge_told_again_is_new(
    hass: HomeAssistant, changes: Calls, garage: Garage, freezer: FrozenDateTimeFactory
) -> None:
    await tell(hass, 80)
    inputs = await started(hass, changes, site(hass, subentry("vehicle", **CAR)), garage)
    garage.gives(0, since=24 * HOUR)
    assert percent(inputs) is None
    changes.taken()
    freezer.tick(25 * HOUR)
    await tell(hass, 80)
    assert percent(inputs) == 80
    assert changes.taken() == 1


async def test_nobody_tells(hass: HomeAssistant, changes: Calls, garage: Garage) -> None:
    """PLAN-2: estimated from energy and efficiency since the car was plugged in."""
    data: dict[str, Any] = {key: value for key, value in CAR.items() if key != "soc"}
    entry = site(
        hass, subentry("vehicle", **data, arrival_percent=25.0), subentry("vehicle", **data)
    )
    inputs = await started(hass, changes, entry, garage)
    garage.gives(10_000)
    assert percent(inputs) == pytest.approx(43)
    assert inputs.vehicle("garage", list(entry.subentries)[1]).soc_percent is None


async def test_after_a_restart_in_the_middle_of_a_charge(
    hass: HomeAssistant, changes: Calls, garage: Garage
) -> None:
    """What was delivered before is in the charge that is told; what follows is added."""
    await tell(hass, 60)
    garage.gives(10_000)
    inputs = await started(hass, changes, site(hass, subentry("vehicle", **CAR)), garage)
    assert percent(inputs) == 60
    garage.gives(15_000)
    assert percent(inputs) == pytest.approx(69)


async def test_what_was_delivered_is_not_added_where_nobody_knows_since_when(
    hass: HomeAssistant, changes: Calls, garage: Garage
) -> None:
    """The charger answers later than the car: rather charge too long than too short."""
    await tell(hass, 60)
    inputs = await started(hass, changes, site(hass, subentry("vehicle", **CAR)), garage)
    garage.gives(10_000)
    assert percent(inputs) == 60


async def test_charging_teaches(
    hass: HomeAssistant, changes: Calls, garage: Garage, hass_storage: dict[str, Any]
) -> None:
    """PLAN-2: efficiency and curve are learnt from charges, and kept."""
    data = {key: value for key, value in CAR.items() if key != "efficiency_percent"}
    entry = site(hass, subentry("vehicle", **data, car_power_kw=11.0))
    (car,) = entry.subentries
    inputs = await started(hass, changes, entry, garage)
    assert inputs.vehicle("garage").efficiency == 0.9
    for _ in range(8):
        for step in range(86):
            # Of 50 kWh one percent is 500 Wh in the battery, at the socket 625 Wh.
            garage.gives(625 * step, power_w=5000 if step >= 80 else 10_800)
            inputs.vehicle("garage")
            await tell(hass, 10 + step)
    vehicle = inputs.vehicle("garage")
    assert vehicle.efficiency == pytest.approx(0.8, abs=0.01)
    assert [percent for percent, _ in vehicle.curve] == [0, 90]
    assert [power_w for _, power_w in vehicle.curve] == pytest.approx([11_000, 5000])
    await inputs.cars.async_close()
    kept = hass_storage[f"{DOMAIN}.{entry.entry_id}.vehicles"]["data"]
    assert kept.keys() == {car}

    again = await started(hass, changes, entry, garage)
    assert again.vehicle("garage").efficiency == vehicle.efficiency
    assert again.vehicle("garage").curve == vehicle.curve
    await again.async_forget()
    assert f"{DOMAIN}.{entry.entry_id}.vehicles" not in hass_storage


async def test_a_car_elsewhere_teaches_nothing(
    hass: HomeAssistant, changes: Calls, garage: Garage
) -> None:
    """Another car at the charger, or a charge from before a drive."""
    data = {key: value for key, value in CAR.items() if key != "efficiency_percent"}
    entry = site(hass, subentry("vehicle", **data), subentry("vehicle", chargers=["garage"]))
    guest = list(entry.subentries)[1]
    inputs = await started(hass, changes, entry, garage)
    for step in range(40):
        garage.gives(2000 * step)
        inputs.vehicle("garage", guest)
        await tell(hass, 10 + step)
    assert inputs.vehicle("garage").efficiency == 0.9
    for step in range(20):
        inputs.vehicle("garage")
        # Emptied on the road and filled up elsewhere between two visits.
        garage.gives(1000 * (step % 2), since=HOUR * step)
        await tell(hass, 30 + 40 * (step % 2))
    assert inputs.vehicle("garage").efficiency == 0.9


@pytest.mark.parametrize("stored", [{"version": 1, "data": []}, {"version": 9, "data": {}}])
async def test_what_was_learnt_cannot_be_read(
    hass: HomeAssistant,
    changes: Calls,
    hass_storage: dict[str, Any],
    stored: dict[str, Any],
) -> None:
    entry = site(hass, subentry("vehicle", **CAR))
    hass_storage[f"{DOMAIN}.{entry.entry_id}.vehicles"] = stored
    inputs = await started(hass, changes, entry)
    assert inputs.vehicle("garage").efficiency == 0.9
