"""What can go wrong between us and a device."""


class DeviceError(Exception):
    """Something went wrong between us and a device."""


class DeviceConnectionError(DeviceError):
    """The device could not be reached, hung or dropped the connection."""


class DeviceAuthError(DeviceError):
    """The device wants a login, or refused the one it was given."""

    def __init__(self, message: str = "", username: str | None = None) -> None:
        """``username`` is the only user that the device knows, where it has just one."""
        super().__init__(message)
        self.username = username


class DeviceProtocolError(DeviceError):
    """The device answered something that its protocol does not allow, or too much of it."""


class DeviceNotHeardError(DeviceProtocolError):
    """A device that comes by itself has not told its state yet."""


class DeviceMismatchError(DeviceError):
    """Another device, or one that is not supported, answers at this address."""


class DeviceCommandError(DeviceError):
    """The device understood a command and refused it."""

    def __init__(self, message: str, code: int | None = None) -> None:
        """Keep the device's own error code, if it gave one."""
        super().__init__(message)
        self.code = code
