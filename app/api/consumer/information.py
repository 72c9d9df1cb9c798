"""What an account's consumer is told and chooses: the tariff in force, planned outages, which way each kind of message comes."""

from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

from flask_babel import gettext as _
from pydantic import Field
from typing_extensions import TypedDict

from app import clock, labels
from app.api.consumer.answers import CLOSED, LANGUAGE
from app.api.consumer.calls import CallRefused, ConsumerCall, answers
from app.api.openapi import FieldProblem, Operation
from app.domain.notices import NoticeChannel, NoticeKind
from app.domain.portal import PortalRight
from app.queries import accounts, notices, outages, tariffs
from app.services import notices as service
from app.services.portal import users


class TariffStepRow(TypedDict):
    """A step of a tariff in force."""

    resource: str
    unit: str
    tariff_group: str
    tariff: str
    source: Annotated[str, Field(description="the decree it is from")]
    valid_from: date
    zone: str
    block_no: int
    lower_milli: Annotated[int | None, Field(description="thousandths of the unit a month above which the step holds; null: from 0")]
    upper_milli: Annotated[int | None, Field(description="thousandths of the unit a month up to which it holds; null: without end")]
    rate: Annotated[str, Field(description="soʻm per unit")]


class TariffAnswer(TypedDict):
    """The steps of tariffs in force today."""

    rows: list[TariffStepRow]


class OutageRow(TypedDict):
    """A planned outage."""

    id: int
    division: str
    begins_at: datetime
    ends_at: datetime
    feeder: str | None
    reason: str
    streets: Annotated[list[str], Field(description="none: whoever the feeder supplies")]


class OutagesAnswer(TypedDict):
    """Planned outages, the next first."""

    rows: list[OutageRow]


Way = Literal["SMS", "EMAIL", "PORTAL"]


class ChoiceRow(TypedDict):
    """Which way a kind of message comes."""

    kind: NoticeKind
    name: str
    ways: Annotated[list[Way], Field(description="none: it is not sent")]


class ChoiceAnswer(TypedDict):
    """What a consumer chose of messages; codes and warnings come whatever is chosen."""

    language: LANGUAGE
    email: str | None
    rows: list[ChoiceRow]


class ChoiceBody(TypedDict):
    """What a consumer wants of messages; kinds that are not named stay as they are."""

    __pydantic_config__ = CLOSED
    language: LANGUAGE
    email: Annotated[str | None, Field(max_length=320, pattern=r"^[^@\s]+@[^@\s]+$")]
    ways: Annotated[dict[NoticeKind, list[Way]], Field(max_length=40)]


@answers(Operation("get", "/tariffs", "tariffs", "All tariffs in force", TariffAnswer))
def all_tariffs(call: ConsumerCall) -> Any:
    """Return every tariff that is in force, step by step."""
    return {"rows": list(map(_step, tariffs.in_force(call.session, clock.today())))}


@answers(
    Operation("get", "/accounts/{number}/tariff", "tariff", "The tariff the account is billed by", TariffAnswer), right=PortalRight.VIEW
)
def tariff(call: ConsumerCall) -> Any:
    """Return the tariff in force by which the account is billed, step by step."""
    return {"rows": list(map(_step, tariffs.in_force_for(call.session, call.access.account_id, clock.today())))}


def _step(row: tariffs.TariffInForce) -> dict[str, Any]:
    return {**row._asdict(), "rate": str(row.rate)}


@answers(
    Operation("get", "/accounts/{number}/outages", "outages", "Planned outages that concern the account", OutagesAnswer),
    right=PortalRight.VIEW,
)
def planned_outages(call: ConsumerCall) -> Any:
    """Return the planned outages that concern an account, or may."""
    return {"rows": [row._asdict() for row in outages.of_account(call.session, call.access.account_id, now=clock.now())]}


@answers(
    Operation("get", "/accounts/{number}/notice-choices", "notice_choices", "Which way messages come", ChoiceAnswer),
    right=PortalRight.MANAGE,
)
def notice_choices(call: ConsumerCall) -> Any:
    """Return the language, the address of e-mail and the ways of each kind of message."""
    return _choices(call)


@answers(
    Operation(
        "put", "/accounts/{number}/notice-choices", "choose_notices", "Choose which way messages come", ChoiceAnswer, body=ChoiceBody,
        problems={HTTPStatus.UNPROCESSABLE_ENTITY: ("NOT_CHOSEN",)},
    ),
    right=PortalRight.MANAGE,
)  # fmt: skip
def choose_notices(call: ConsumerCall) -> Any:
    """Keep the language, the address of e-mail and the ways of the kinds that are named."""
    given = call.body
    ways = {kind: frozenset(map(NoticeChannel, named)) for kind, named in given["ways"].items()}
    try:
        service.choose(call.session, call.access.account_id, service.ConsumerChoice(ways, given["language"], given["email"]))
    except service.NotChosen as refused:
        errors = [FieldProblem(field=f"ways.{refused}", reason=_("Messages of this kind come whatever is chosen."))]
        raise CallRefused(HTTPStatus.UNPROCESSABLE_ENTITY, "NOT_CHOSEN", _("Some of what was sent is wrong."), errors) from None
    users.choose_language(call.session, call.user.portal_user_id, given["language"])
    return _choices(call)


def _choices(call: ConsumerCall) -> dict[str, Any]:
    card = accounts.card(call.session, call.access.account_id)
    assert card is not None
    chosen = service.chosen_ways(call.session, card.id)
    rows = [{"kind": kind, "name": str(labels.member(kind)), "ways": ways} for kind, ways in chosen.items()]
    return {"language": card.language, "email": notices.contact_email(call.session, card.consumer_id), "rows": rows}
