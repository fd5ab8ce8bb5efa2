"""What every baseline of the five systems does alike, and the homes that they refuse."""

import pytest

from benchmarks.control.contract import ChargerSample, Maker, MeterSample, Mode, Sight
from benchmarks.control.rivals.evcc import evcc
from benchmarks.control.rivals.openevse import openevse
from benchmarks.control.rivals.openwb import openwb
from benchmarks.control.rivals.poller import poller
from benchmarks.control.rivals.smartevse import smartevse
from tests.benchmarks.ideal_home import single_phase


@pytest.mark.parametrize("maker", [smartevse, openevse()])
def test_a_mode_that_a_system_lacks_is_refused(maker: Maker) -> None:
    with pytest.raises(ValueError, match="no mode"):
        maker(single_phase(mode=Mode.HYBRID), 0)


def test_openevse_refuses_several_chargers() -> None:
    with pytest.raises(ValueError, match="share"):
        openevse()(single_phase(chargers=2), 0)


@pytest.mark.parametrize("maker", [evcc(), evcc(10), openwb, smartevse, openevse(), poller])
@pytest.mark.parametrize("mode", [Mode.POWER, Mode.GREEN])
def test_every_maker_gives_a_law_that_pauses_without_a_car(maker: Maker, mode: Mode) -> None:
    home = single_phase(mode=mode)
    law = maker(home, 3)
    meter = MeterSample(0.0, (-10.0,), -2300.0)
    gone = ChargerSample(0.0, connected=False, charging=False, drawn_a=(0.0,), offered_a=0)

    for second in range(120):
        assert all(a == 0 for _, a in law.step(Sight(float(second), meter, (gone,))))
        assert list(law.step(Sight(float(second), None, (None,)))) == []


@pytest.mark.parametrize("maker", [evcc(), openwb, smartevse, openevse(), poller])
def test_a_law_that_begins_while_a_car_charges_knows_what_is_offered(maker: Maker) -> None:
    law = maker(single_phase(), 3)
    charger = ChargerSample(0.0, connected=True, charging=True, drawn_a=(16.0,), offered_a=16)
    told: list[float] = []
    for second in range(30):
        meter = MeterSample(float(second), (40.0,), 40 * 230.0)
        told += [a for _, a in law.step(Sight(float(second), meter, (charger,)))]

    # 15 A too much: what is offered has to go.
    assert told[0] < charger.offered_a
    assert told[-1] == 0
