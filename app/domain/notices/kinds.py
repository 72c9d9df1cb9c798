"""Kinds of messages, each declared once: what it tells, how urgent it is, by which ways it goes unless the consumer chose others."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import NamedTuple

from app.domain.notices.states import NoticeChannel
from app.domain.notices.texts import Variable, VariableKind


class NoticeKind(StrEnum):
    """What a message is about."""

    PORTAL_CODE = "PORTAL_CODE"
    MESSAGE = "MESSAGE"
    REPORT = "REPORT"
    VERIFICATION = "VERIFICATION"
    STAFF_PASSWORD = "STAFF_PASSWORD"  # noqa: S105 - a word, no password
    BILL_READY = "BILL_READY"
    PAYMENT_RECEIVED = "PAYMENT_RECEIVED"
    DEBT = "DEBT"
    PLANNED_OUTAGE = "PLANNED_OUTAGE"
    OUTAGE_CANCELLED = "OUTAGE_CANCELLED"
    METER_EXCHANGED = "METER_EXCHANGED"
    DISCONNECTION = "DISCONNECTION"
    RECONNECTION = "RECONNECTION"
    APPLICATION_STEP = "APPLICATION_STEP"
    ANNOUNCEMENT = "ANNOUNCEMENT"
    SMS_ANSWER = "SMS_ANSWER"
    CLAIM_WARNING = "CLAIM_WARNING"
    CLAIM_STEP = "CLAIM_STEP"


class Urgency(IntEnum):
    """Which messages go first; the first two go at any hour, whatever the day's budget."""

    CODE = 0
    ANSWER = 1
    EVENT = 2
    MASS = 3


class KindSpec(NamedTuple):
    """A kind of message, declared once.

    :param lifetime: how long it is worth sending, unless the writer says
    :param variables: what its templates may name; empty: it has no template
    :param required: what each template must name
    :param ways: how it goes to a consumer who chose nothing
    :param is_chosen: whether the consumer may choose the ways, or none
    :param is_active: whether it is sent at all
    """

    kind: NoticeKind
    lifetime: timedelta
    urgency: Urgency = Urgency.EVENT
    variables: Mapping[str, Variable] = {}
    required: frozenset[str] = frozenset()
    ways: frozenset[NoticeChannel] = frozenset({NoticeChannel.SMS, NoticeChannel.PORTAL})
    is_chosen: bool = True
    is_active: bool = True


_DAY = timedelta(days=1)
_SMS = frozenset({NoticeChannel.SMS})
_NONE: frozenset[NoticeChannel] = frozenset()
_ACCOUNT = Variable(VariableKind.TEXT, "262801234567")
_SUM = Variable(VariableKind.SUM, 12_550_000)
_ON = Variable(VariableKind.DAY, date(2026, 12, 10))
_FROM = Variable(VariableKind.MOMENT, datetime(2026, 12, 10, 4, 0, tzinfo=UTC))
_TO = Variable(VariableKind.MOMENT, datetime(2026, 12, 10, 12, 0, tzinfo=UTC))
_METER = Variable(VariableKind.TEXT, "05123456")
_OUTAGE = {"account": _ACCOUNT, "begins": _FROM, "ends": _TO, "reason": Variable(VariableKind.TEXT, "TP-112")}
_TEXT = Variable(VariableKind.TEXT, "…")
#: A page where the account is paid without a login; made only where the words name it.
_LINK = Variable(VariableKind.TEXT, "https://billing.example.uz/portal/l/x0x0x0x0x0x0x0x0x0x0x0x0x0x0x0x0")


def _required(*names: str) -> frozenset[str]:
    return frozenset(names)


_SPECS = (
    # A code lives as long as it opens anything, which is an operating parameter.
    KindSpec(
        NoticeKind.PORTAL_CODE, timedelta(minutes=10), Urgency.CODE, {"code": Variable(VariableKind.TEXT, "123456")}, _required("code"),
        ways=_SMS, is_chosen=False,
    ),
    KindSpec(NoticeKind.MESSAGE, 3 * _DAY, is_chosen=False),
    KindSpec(NoticeKind.REPORT, 3 * _DAY, is_chosen=False),
    KindSpec(NoticeKind.STAFF_PASSWORD, _DAY, Urgency.ANSWER, is_chosen=False),
    KindSpec(
        NoticeKind.VERIFICATION, 14 * _DAY, Urgency.MASS, {"account": _ACCOUNT, "meter": _METER, "day": _ON}, _required("meter", "day")
    ),
    KindSpec(
        NoticeKind.BILL_READY, 3 * _DAY, Urgency.MASS,
        {"account": _ACCOUNT, "month": Variable(VariableKind.MONTH, date(2026, 11, 1)), "amount": _SUM, "due": _ON, "debt": _SUM,
         "link": _LINK},
        _required("account", "amount"), ways=_NONE,
    ),
    KindSpec(
        NoticeKind.PAYMENT_RECEIVED, _DAY, Urgency.EVENT, {"account": _ACCOUNT, "amount": _SUM, "day": _ON}, _required("account", "amount"),
        ways=_NONE,
    ),
    KindSpec(
        NoticeKind.DEBT, 3 * _DAY, Urgency.MASS, {"account": _ACCOUNT, "debt": _SUM, "due": _ON, "link": _LINK},
        _required("account", "debt"),
    ),
    KindSpec(NoticeKind.PLANNED_OUTAGE, 2 * _DAY, Urgency.EVENT, _OUTAGE, _required("begins", "ends")),
    KindSpec(NoticeKind.OUTAGE_CANCELLED, 2 * _DAY, Urgency.EVENT, _OUTAGE, _required("begins")),
    KindSpec(
        NoticeKind.METER_EXCHANGED, 3 * _DAY, Urgency.EVENT,
        {"account": _ACCOUNT, "old_meter": _METER, "new_meter": _METER, "day": _ON}, _required("account", "new_meter"),
    ),
    KindSpec(NoticeKind.DISCONNECTION, 3 * _DAY, Urgency.EVENT, {"account": _ACCOUNT, "day": _ON}, _required("account"), is_chosen=False),
    KindSpec(NoticeKind.RECONNECTION, 3 * _DAY, Urgency.EVENT, {"account": _ACCOUNT, "day": _ON}, _required("account")),
    KindSpec(
        NoticeKind.APPLICATION_STEP, 3 * _DAY, Urgency.EVENT,
        {"account": _ACCOUNT, "number": Variable(VariableKind.TEXT, "262801-15"), "step": _TEXT, "day": _ON}, _required("number", "step"),
    ),
    KindSpec(NoticeKind.ANNOUNCEMENT, 3 * _DAY, Urgency.MASS, {"account": _ACCOUNT, "text": _TEXT}, _required("text")),
    KindSpec(NoticeKind.SMS_ANSWER, timedelta(hours=1), Urgency.ANSWER, {"text": _TEXT}, _required("text"), ways=_SMS, is_chosen=False),
    KindSpec(
        NoticeKind.CLAIM_WARNING, 3 * _DAY, Urgency.EVENT, {"account": _ACCOUNT, "debt": _SUM, "day": _ON}, _required("debt"),
        is_chosen=False, is_active=False,
    ),
    KindSpec(
        NoticeKind.CLAIM_STEP, 3 * _DAY, Urgency.EVENT, {"account": _ACCOUNT, "number": _ACCOUNT, "step": _TEXT}, _required("step"),
        is_chosen=False, is_active=False,
    ),
)  # fmt: skip
#: How each kind is declared.
KINDS: Mapping[NoticeKind, KindSpec] = {spec.kind: spec for spec in _SPECS}
#: Kinds written by templates.
TEMPLATED = tuple(spec.kind for spec in _SPECS if spec.variables)
#: Kinds whose ways a consumer chooses.
CHOSEN = tuple(spec.kind for spec in _SPECS if spec.is_chosen and spec.is_active)
#: Kinds that go at any hour, whatever the budget and the stop list say.
UNCONDITIONAL = tuple(spec.kind for spec in _SPECS if spec.urgency <= Urgency.ANSWER)
