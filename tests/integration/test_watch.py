"""The watch over a silent meter outlives a fault in who looks at the cycles."""

import asyncio

import pytest

from tests.integration.house import House, until

pytestmark = pytest.mark.usefixtures("prompt")


async def test_a_fault_in_a_listener_does_not_end_the_watch(home: House) -> None:
    """SITE-5: whoever fails to show a decision, silence is still danger."""
    await until(lambda: home.car.current_a > 30, "the charge")
    faults: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
    mains = home.site.mains
    assert mains is not None

    def fail_once() -> None:
        if mains.health.error is not None and not faults:
            raise LookupError

    home.site.add_listener(fail_once)
    home.em.inject({"silent": True})
    await home.becomes("sensor", "meter_health", "silent")
    await home.becomes("sensor", "reason", "meter_silent", "garage")
    assert len(faults) == 1
