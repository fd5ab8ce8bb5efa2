# The library ships no types: what is used of it.
from enum import StrEnum

class Action(StrEnum):
    boot_notification = "BootNotification"
