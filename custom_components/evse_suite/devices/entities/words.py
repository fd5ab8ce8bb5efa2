"""Status words that chargers have in common, where no profile says what they mean.

Those of OCPP 1.6, of the Lektrico manual (LEK-2), of the Indra guide (IND-6), and the letters of
IEC 61851-1.
"""

from collections.abc import Mapping
from typing import Final

from ..model import ChargerStatus

_WORDS: Final = {
    ChargerStatus.AVAILABLE: (
        "a available disconnected no_car not_connected not_plugged notconnected standby unplugged"
    ),
    ChargerStatus.CONNECTED: (
        "b charged charging_completed charging_finished complete completed connected delay "
        "finished finishing full idle notcharging not_charging plugged plugged_in preparing ready "
        "ready_to_charge reserved starting waiting waiting_for_car wakeup"
    ),
    ChargerStatus.PAUSED: "paused stopped suspended suspendedev suspended_ev sleeping",
    ChargerStatus.PAUSED_BY_LOAD_BALANCING: (
        "awaiting_load_balancing paused_by_load_balancing suspendedevse suspended_evse"
    ),
    ChargerStatus.PAUSED_BY_SCHEDULER: "paused_by_scheduler scheduled",
    ChargerStatus.CHARGING: "c boost charging d solar",
    ChargerStatus.NEED_AUTH: "authenticating awaiting_authorization need_auth pending_approval",
    ChargerStatus.LOCKED: "disabled locked",
    ChargerStatus.UPDATING_FIRMWARE: "updating updating_firmware",
    ChargerStatus.ERROR: "e error f fault faulted invalid",
}

COMMON: Final[Mapping[str, ChargerStatus]] = {
    word: status for status, words in _WORDS.items() for word in words.split()
}
