"""A charge point from dialling in to unplugging, against the simulated one (LEK-14)."""

from tests.ocpp.stand import stand


async def test_it_charges_at_what_it_is_told_and_pauses_at_zero() -> None:
    """LEK-14: the whole way through, by the profile of the transaction."""
    async with stand() as it:
        it.link.offer(10, urgent=False)
        await it.plug_in()
        await it.until(lambda: it.car.current_a == 10.0, "10 A")
        await it.until(
            lambda: it.link.reading and it.link.reading.current_a[0] > 9.9, "10 A are read"
        )
        assert it.sim.profiles.writes == 1, "only the base is written to flash"

        it.link.offer(0, urgent=True)
        await it.until(lambda: it.station.status == "SuspendedEVSE", "a pause")
        await it.until(lambda: it.car.current_a == 0.0, "0 A")
        assert it.station.ledger.current is not None, "the session goes on"

        it.link.offer(16, urgent=False)
        await it.until(lambda: it.car.current_a == 16.0, "16 A")
        it.car.is_plugged = False
        await it.until(lambda: it.station.status == "Available", "unplugged")
        assert it.station.ledger.current is None
