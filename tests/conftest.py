"""What every test gets: this integration is found, and loopback is the whole network."""

from pathlib import Path

import pytest
import pytest_socket

# Imported before the test plugin looks for a `custom_components` package, or it finds its own.
import custom_components.evse_suite  # noqa: F401

LOOPBACK = ["127.0.0.1", "::1", "localhost"]


@pytest.fixture(autouse=True)
def loopback_only(socket_enabled: None) -> None:
    """Let tests talk to the simulator over real sockets and to nothing else.

    The test plugin blocks every socket before each test; `socket_enabled` gives them back, and
    connecting stays limited to loopback until the plugin lifts its limits after the test.
    """
    pytest_socket.socket_allow_hosts(LOOPBACK, allow_unix_socket=True)


@pytest.fixture(autouse=True)
def custom_integrations(request: pytest.FixtureRequest) -> None:
    """Let a test that has a Home Assistant load integrations from this checkout.

    Tests of the pure packages have none and do not pay for one. The recorder, where a test wants
    it, has to be there before Home Assistant is.
    """
    if "recorder_mock" in request.fixturenames:
        request.getfixturevalue("recorder_mock")
    if "hass" in request.fixturenames:
        request.getfixturevalue("enable_custom_integrations")


@pytest.fixture
def hass_config_dir(tmp_path: Path) -> str:
    """Give each test a folder of its own: what is written to it must not meet another test."""
    return str(tmp_path)
