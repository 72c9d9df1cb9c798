"""What is answered to systems that send readings, and the description of the whole interface."""

from http import HTTPStatus
from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from app.api.openapi import Interface, Operation, OperationParameter
from app.domain.metering import Doubt, RowProblem
from app.gateways.meter_data_json import DeviceBatch, EventBatch, ProfileBatch, ReadingBatch

#: A thousand readings are 200 kB.
LARGEST_BODY = 1 << 20
LONGEST_KEY = 64

_Row = Annotated[int, Field(ge=1, description="which one of the batch, from 1")]
_Count = Annotated[int, Field(ge=0)]
_Reason = Annotated[str, Field(description="in the language of Accept-Language")]
_ByReason = Annotated[dict[str, int], Field(description="code of a refusal → rows")]


class ReadingAnswer(TypedDict):
    """What became of a reading of an account; a code, and a field it is about, where there is a reason."""

    row: _Row
    status: Literal["ACCEPTED", "HELD", "REFUSED"]
    code: NotRequired[RowProblem | Doubt]
    field: NotRequired[str]
    reason: NotRequired[_Reason]


class DeviceReadingAnswer(TypedDict):
    """What became of a reading of a device."""

    row: _Row
    status: Literal["ACCEPTED", "HELD", "PARKED", "REFUSED"]
    code: NotRequired[RowProblem | Doubt | Literal["UNKNOWN_DEVICE"]]
    field: NotRequired[str]
    reason: NotRequired[_Reason]


class ProfileAnswer(TypedDict):
    """What became of a profile."""

    row: _Row
    status: Literal["ACCEPTED", "REFUSED"]
    gap_minutes: NotRequired[Annotated[int, Field(ge=0, description="minutes that nobody sent, of a profile that is stored")]]
    code: NotRequired[RowProblem | Doubt]
    field: NotRequired[str]
    reason: NotRequired[_Reason]


class EventAnswer(TypedDict):
    """What became of an event."""

    row: _Row
    status: Literal["ACCEPTED", "REFUSED"]
    code: NotRequired[RowProblem | Doubt]
    field: NotRequired[str]
    reason: NotRequired[_Reason]


class BatchAnswer(TypedDict):
    """What became of a batch of readings."""

    batch: int
    received: _Count
    accepted: _Count
    held: _Count
    refused: _Count
    readings: list[ReadingAnswer]


class _DeviceCounts(TypedDict):
    batch: int
    received: _Count
    accepted: _Count
    held: _Count
    parked: _Count
    refused: _Count
    refused_by_reason: _ByReason


class DeviceBatchAnswer(_DeviceCounts):
    """What became of a batch of devices' readings."""

    readings: list[DeviceReadingAnswer]


class ProfileBatchAnswer(_DeviceCounts):
    """What became of a batch of profiles."""

    profiles: list[ProfileAnswer]


class EventBatchAnswer(_DeviceCounts):
    """What became of a batch of events."""

    events: list[EventAnswer]


_LANGUAGE = OperationParameter("Accept-Language", "header", "of reasons: uz, uz-Cyrl, ru, kaa or en", is_needed=False)
_KEY = OperationParameter(
    "Idempotency-Key", "header", "names the batch: sent again under it, it is answered with the same bytes and stored once",
    Annotated[str, Field(min_length=1, max_length=LONGEST_KEY, pattern="^[ -~]*[!-~][ -~]*$")],
)  # fmt: skip
_SENT_KEY = OperationParameter("key", "path", "under which the batch was sent", Annotated[str, Field(min_length=1, max_length=LONGEST_KEY)])
_CALLER = {
    HTTPStatus.UNAUTHORIZED: ("WRONG_KEY",),
    HTTPStatus.TOO_MANY_REQUESTS: ("TOO_MANY_WRONG_KEYS",),
    HTTPStatus.SERVICE_UNAVAILABLE: ("NOT_NOW",),
}
_SENDER = {
    HTTPStatus.BAD_REQUEST: (
        "NOT_JSON", "NO_READINGS", "NOT_A_READING", "UNKNOWN_FIELD", "NOT_A_VALUE", "TOO_MANY_READINGS", "NO_KEY",
    ),
    HTTPStatus.CONFLICT: ("OTHER_CONTENTS", "WORKS_ELSEWHERE"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("TOO_LARGE",),
    **_CALLER,
}  # fmt: skip


def _sending(path: str, name: str, summary: str, body: object, answer: object) -> Operation:
    return Operation("post", f"/api/readings{path}", name, summary, answer, body, (_KEY, _LANGUAGE), _SENDER)


INTERFACE = Interface(
    "Readings",
    "Systems of telemetry and inspectors' devices send what registers showed. See docs/readings-api.md.",
    "1",
    {"type": "http", "scheme": "basic", "description": "name and key of the source"},
    (
        _sending("", "send_readings", "Send readings of accounts.", ReadingBatch, BatchAnswer),
        _sending("/devices", "send_device_readings", "Send readings of devices.", DeviceBatch, DeviceBatchAnswer),
        _sending("/profiles", "send_profiles", "Send interval profiles of devices.", ProfileBatch, ProfileBatchAnswer),
        _sending("/events", "send_events", "Send what devices did by themselves.", EventBatch, EventBatchAnswer),
        Operation(
            "get", "/api/readings/{key}", "state_of_batch", "Ask how a batch stands now.",
            BatchAnswer | DeviceBatchAnswer | ProfileBatchAnswer | EventBatchAnswer, parameters=(_SENT_KEY, _LANGUAGE),
            problems={HTTPStatus.NOT_FOUND: ("NO_BATCH",), **_CALLER},
        ),
    ),
)  # fmt: skip
