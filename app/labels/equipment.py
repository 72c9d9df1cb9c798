"""Devices in words: why one is not moved."""

from app.domain.equipment import DeviceState, MovementRefused
from app.labels.figures import member_of
from app.labels.members.equipment import MOVEMENT_REFUSALS


def movement_refusal(refused: MovementRefused) -> str:
    """Return why a device is not moved, in the reader's language."""
    detail = refused.detail
    device, _colon, state = detail.rpartition(": ")
    if state in DeviceState.__members__:
        detail = f"{device}: {member_of(DeviceState, state)}"
    return str(MOVEMENT_REFUSALS[refused.refusal]) % {"detail": detail}
