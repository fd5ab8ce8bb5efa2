"""Registers, profile, reads, tamper detection, display: the meter around the money."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings, strategies as st

from custom_components.evse_suite.billing import display, views
from custom_components.evse_suite.billing.effects import (
    Effect,
    ReadingFault,
    ReadingIgnored,
    SnapshotTaken,
    SupplyOpened,
    Tampered,
)
from custom_components.evse_suite.billing.events import (
    Button,
    Flag,
    Load,
    OpenSupply,
    Payment,
    Power,
    Press,
    Reading,
    Readings,
    ReplaceSource,
    ResetTamper,
    ReverseFlow,
    SetFlag,
    Sim,
    SimPart,
    SnapshotKind,
    TakeRead,
)
from custom_components.evse_suite.billing.keeping import dump, load
from custom_components.evse_suite.billing.model import (
    Config,
    EmergencyCredit,
    Mode,
    Profiling,
    ReadSchedule,
    Registers,
    Switch,
    TamperActions,
    Tariff,
)
from custom_components.evse_suite.billing.registers import shown_kwh
from custom_components.evse_suite.billing.step import step
from tests.billing.accounts import START, Home, flat, pounds

CREDIT = Config(mode=Mode.CREDIT)
STANDING = Tariff(prices=flat("0.10"), standing_per_week=pounds("10.00"))


def faults(effects: tuple[Effect, ...]) -> list[ReadingFault]:
    return [each.fault for each in effects if isinstance(each, ReadingIgnored)]


def test_registers_roll_over_and_show_leading_zeros() -> None:
    # MTR-2
    config = Config(mode=Mode.CREDIT, registers=Registers(rolls_over=True))
    home = Home(config=config, opening={"total_wh": 99_998_000})
    home.use(1, hours=1)
    home.wh -= 100_000_000
    home.use(3, hours=1)
    assert home.wh == 2000
    assert -home.net == 4 * pounds("0.10")
    assert shown_kwh(home.account.book.total_wh, config.registers) == "00002.00"
    assert shown_kwh(99_999_999, Registers()) == "99999.99"
    assert shown_kwh(999_999_999, Registers(digits=6, decimals=1)) == "999999.9"
    assert shown_kwh(12_345, Registers(decimals=0)) == "00012"


def test_a_register_that_goes_backwards_adds_nothing_and_loses_nothing() -> None:
    # MTR-2
    home = Home(config=CREDIT)
    home.use(5, hours=1)
    assert faults(home.use(-3, hours=1)) == [ReadingFault.BACKWARDS]
    home.use(1, hours=1)
    assert -home.net == pounds("0.50")
    home.use(4, hours=1)
    assert -home.net == pounds("0.70")
    assert faults(home.use(500, minutes=1)) == [ReadingFault.IMPLAUSIBLE]
    home.wh -= 500_000
    home.use(1, minutes=1)
    assert -home.net == pounds("0.80")


def test_two_readings_of_one_instant_lose_nothing() -> None:
    # MTR-2
    home = Home(config=CREDIT)
    home.use(1, hours=1)
    second = Reading(at=home.at, total_wh=2000, export_wh=0)
    home.do(Readings(readings=(second,)))
    assert -home.net == pounds("0.20")


def test_another_source_goes_on_where_the_old_one_ended() -> None:
    # MTR-2 MTR-30
    home = Home(config=CREDIT)
    home.use(5, hours=1)
    home.wh = 70_000
    home.do(ReplaceSource(reading=Reading(at=home.at, total_wh=home.wh)))
    home.use(2, hours=1)
    assert -home.net == pounds("0.70")
    assert home.account.book.total_wh == 7000


def test_what_the_old_source_showed_before_is_not_looked_at_again() -> None:
    # MTR-30
    home = Home(config=CREDIT)
    home.use(5, hours=1)
    home.do(ReplaceSource(reading=Reading(at=home.at, total_wh=6000)))
    stale = Reading(at=home.at - timedelta(seconds=5), total_wh=6000)
    assert faults(home.do(Readings(readings=(stale,)))) == [ReadingFault.TOO_LATE]
    assert -home.net == pounds("0.50")


def test_what_was_told_is_not_told_again_when_a_reading_comes() -> None:
    # MTR-19
    home = Home(opening={"balance": pounds("0.15")}, tariff=STANDING)
    opened = [each for each in home.wait(hours=4) if isinstance(each, SupplyOpened)]
    assert len(opened) == 1
    assert not [each for each in home.use(1, hours=0) if isinstance(each, SupplyOpened)]
    kept = load(dump(home.account))
    _, effects = step(kept, Readings(readings=(Reading(at=home.at, total_wh=home.wh),)), home.at)
    assert effects == ()


def test_power_that_trips_nothing_leaves_no_trace() -> None:
    # MTR-20
    home = Home(config=Config(load_limit_w=5000))
    for _ in range(3):
        home.do(Load(power_w=9000))
    assert home.account.entries == ()


def test_export_is_counted_and_not_paid() -> None:
    # MTR-2
    home = Home(config=CREDIT, opening={"export_wh": 500})
    home.at += timedelta(hours=1)
    home.do(Readings(readings=(Reading(at=home.at, total_wh=1000, export_wh=2500),)))
    home.use(1, hours=1)
    home.at += timedelta(hours=1)
    home.do(Readings(readings=(Reading(at=home.at, total_wh=1000, export_wh=3000),)))
    assert home.account.book.export_wh == 3000
    assert -home.net == pounds("0.10")


def test_readings_too_late_are_left_out_and_their_energy_is_not() -> None:
    home = Home(config=CREDIT)
    for _ in range(6):
        home.use(10, days=1)
    late = Reading(at=START + timedelta(hours=12), total_wh=9000)
    assert faults(home.do(Readings(readings=(late,)))) == [ReadingFault.TOO_LATE]
    assert -home.net == pounds("6.00")


TARIFF = Tariff(
    prices=tuple((rate,) * 4 for rate in map(pounds, ("0.1", "0.2", "0.3", "0.4"))),
    switches=tuple(
        Switch(start=datetime(2026, 1, 1, hour, 15, tzinfo=UTC).time(), rate=1 + hour % 4)
        for hour in range(1, 24, 2)
    ),
)
MINUTES = st.integers(1, 48 * 60)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    data=st.data(),
    minutes=st.sets(MINUTES, min_size=2, max_size=30),
    used=st.lists(st.integers(0, 40_000), min_size=30, max_size=30),
)
def test_any_batches_and_orders_give_the_same_account(
    data: st.DataObject, minutes: set[int], used: list[int]
) -> None:
    # MTR-2 MTR-12
    opening = Home(config=CREDIT, tariff=TARIFF).account
    readings = [
        Reading(at=START + timedelta(minutes=minute), total_wh=wh)
        for minute, wh in zip(sorted(minutes), sorted(used), strict=False)
    ]
    end = START + timedelta(days=2)
    whole, _ = step(opening, Readings(readings=tuple(readings)), end)
    single = pieces = opening
    for each in readings:
        single, _ = step(single, Readings(readings=(each,)), each.at)
    single, _ = step(single, Readings(readings=()), end)
    mixed = data.draw(st.permutations(readings + readings[:3]))
    cut = data.draw(st.integers(0, len(mixed)))
    for part in (mixed[:cut], mixed[cut:]):
        pieces, _ = step(pieces, Readings(readings=tuple(part)), end)
    assert whole.book == single.book == pieces.book


def test_the_half_hour_profile_and_power_cuts() -> None:
    # MTR-21
    home = Home(config=CREDIT)
    home.use(1, minutes=30)
    home.use(2, minutes=45)
    home.do(Power(on=False))
    home.wait(minutes=80)
    home.do(Power(on=True))
    home.use(1, minutes=25)
    slots = list(views.profile_slots(home.account))
    assert [each for each, _ in slots] == [START + n * timedelta(minutes=30) for n in range(6)]
    energies = [energy for _, energy in slots]
    assert energies[0] == 1000
    assert energies[1] == 1333
    assert energies[3:5] == [None, None]
    assert sum(each or 0 for each in energies) == 4000
    home.use(1, days=31)
    assert len(home.account.book.profile) == 30 * 48
    home.do(Power(on=False))
    home.wait(days=3, minutes=1)
    home.do(Power(on=True))
    assert home.account.book.profile == ()


def test_profiling_between_two_dates() -> None:
    # MTR-21
    span = Profiling(start=date(2026, 1, 6), stop=date(2026, 1, 6))
    home = Home(config=Config(mode=Mode.CREDIT, profiling=span))
    home.use(72, days=3)
    slots = list(views.profile_slots(home.account))
    assert (slots[0], len(slots)) == ((START + timedelta(days=1), 500), 48)


def test_scheduled_reads_come_within_two_hours_of_midnight() -> None:
    # MTR-22
    offsets = set()
    for schedule, count in (
        (ReadSchedule.DAILY, 28),
        (ReadSchedule.WEEKLY, 4),
        (ReadSchedule.MONTHLY, 1),
        (ReadSchedule.BILLING_PERIOD, 0),
        (ReadSchedule.NEVER, 0),
    ):
        config = Config(mode=Mode.CREDIT, reads=schedule, read_seed="a meter")
        home = Home(config=config, at=datetime(2026, 1, 4, 12, tzinfo=UTC))
        reads = [each for each in home.wait(days=28) if isinstance(each, SnapshotTaken)]
        assert len(reads) == count
        for each in reads:
            offset = each.at - each.at.replace(hour=0, minute=0, second=0)
            assert offset <= timedelta(hours=2)
            offsets.add(offset)
        kept = [each for each in home.account.book.snapshots if each.kind == "scheduled"]
        assert [each.at for each in kept] == [each.at for each in reads[-1:]]
    assert len(offsets) > 20


def test_an_ad_hoc_read_keeps_registers_and_flags() -> None:
    # MTR-22 MTR-25
    home = Home(config=Config(mode=Mode.CREDIT, mpan="1234567890123"))
    home.use(2.5, hours=1)
    home.do(SetFlag(flag=Flag.MEMORY_ERROR, on=True))
    home.do(TakeRead())
    kept = home.account.book.snapshots[-1]
    assert (kept.kind, kept.rates_wh, kept.mpan) == (
        SnapshotKind.AD_HOC,
        (2500, 0, 0, 0),
        "1234567890123",
    )
    assert kept.flags == views.status_flags(home.account) == (Flag.MEMORY_ERROR,)


def test_reverse_energy_is_counted_once_a_run_and_reset_by_command() -> None:
    # MTR-24
    home = Home(config=Config(mode=Mode.CREDIT, reverse_level_a=pounds("2")))
    flow = ReverseFlow(current_a=pounds("3"), energy_wh=6)
    assert not home.do(flow)
    home.do(ReverseFlow(current_a=pounds("2"), energy_wh=6))
    assert not home.do(flow)
    assert isinstance(home.do(flow)[0], Tampered)
    home.do(flow)
    assert home.account.book.reverse_events.count == 1
    assert [each.header for each in display.warnings(home.account)] == ["RED"]
    home.do(ResetTamper())
    assert display.warnings(home.account) == ()
    assert home.account.book.reverse_events.last == home.at
    home.do(ResetTamper(counters=True))
    assert home.account.book.reverse_events.count == 0


def test_the_sim_flap_warns_and_may_open_the_supply() -> None:
    # MTR-24
    actions = TamperActions(open_contactor=True)
    home = Home(config=Config(mode=Mode.CREDIT, tamper=actions))
    effects = home.do(Sim(part=SimPart.FLAP, open=True))
    assert [type(each) for each in effects] == [Tampered, SupplyOpened]
    assert [each.name for each in display.warnings(home.account)] == ["tamper"]
    home.do(Sim(part=SimPart.FLAP, open=True))
    home.do(Sim(part=SimPart.FLAP, open=False))
    assert display.warnings(home.account) == ()
    assert home.account.book.sim_events.count == 1
    home.do(ResetTamper())
    home.do(Press(button=Button.EMERGENCY))
    assert views.supply_on(home.account)


def test_the_display_cycle() -> None:
    # MTR-28
    emergency = EmergencyCredit(point=pounds("1"), value=pounds("5"))
    home = Home(config=Config(emergency=emergency), opening={"balance": pounds("5.00")})
    assert display.shown(home.account, home.at).text == "5.00"
    blue = Press(button=Button.DISPLAY)
    home.do(blue)
    assert display.shown(home.account, home.at).name == "rate_1_price"
    assert display.shown(home.account, home.at).text == "10.00"
    home.wait(seconds=29)
    home.do(blue)
    assert display.shown(home.account, home.at).name == "rate_2_price"
    home.wait(seconds=30)
    assert display.shown(home.account, home.at).name == "balance"
    home.do(Payment(amount=pounds("2.00")))
    assert display.shown(home.account, home.at).name == "payment_received"
    home.do(blue)
    assert display.shown(home.account, home.at).text == "7.00"
    for _ in range(len(display.pages(home.account, home.at)) + 1):
        home.do(blue)
    assert display.shown(home.account, home.at).name == "end"
    home.do(OpenSupply())
    assert display.shown(home.account, home.at).name == "off"

    home = Home(config=Config(mode=Mode.CREDIT, display_interval_s=10))
    names = {each.name for each in display.pages(home.account, home.at)}
    assert {"debt", "payment_1", "emergency_value"}.isdisjoint(names)
    assert display.default_page(home.account).name == "rate_1_register"
    assert display.shown(home.account, home.at + timedelta(seconds=45)).name == "test"
