"""What devices did by themselves, as texts."""

from typing import NamedTuple

from app.domain.metering import DeviceEventKind

#: What head-ends call events.
EVENT_WORDS = {
    "DISCONNECTED": DeviceEventKind.DISCONNECTED,
    "OFF": DeviceEventKind.DISCONNECTED,
    "RECONNECTED": DeviceEventKind.RECONNECTED,
    "ON": DeviceEventKind.RECONNECTED,
    "TAMPERED": DeviceEventKind.TAMPERED,
    "TAMPER": DeviceEventKind.TAMPERED,
    "COVER_OPENED": DeviceEventKind.TAMPERED,
    "MAGNET": DeviceEventKind.TAMPERED,
}


class EventTexts(NamedTuple):
    """An event of a device as it was written.

    :ivar fault: why it is not read, and in which field
    """

    row_no: int
    meter_number: str
    event: str
    happened_at: str
    fault: tuple[str, str] | None = None
