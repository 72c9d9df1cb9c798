"""Meters, readings and consumption of an account; readings that consumers send, and what becomes of them."""

import base64
from http import HTTPStatus
from typing import Any

from flask_babel import gettext as _

from app import clock, labels
from app.api.consumer import answers as told
from app.api.consumer.calls import CallRefused, ConsumerCall, answers, listing
from app.api.consumer.pages import as_dict, page_of_account
from app.api.openapi import FieldProblem, Operation
from app.documents import metering as documents
from app.domain.calendar import months_after
from app.domain.documents import PictureFault, PictureRefused
from app.domain.portal import PortalRight
from app.gateways.pictures import drawn_anew
from app.queries import accounts, billing
from app.queries import metering as queries
from app.queries import portal as portal_queries
from app.services import metering
from app.services.portal import readings as service
from app.services.portal.readings import ReadingRequest

_MONTHS = 24


@answers(Operation("get", "/accounts/{number}/meters", "meters", "Meters and their registers", told.MetersAnswer), right=PortalRight.VIEW)
def meters(call: ConsumerCall) -> Any:
    """Return the meters of an account, with the registers that may be read."""
    registers = queries.series_of_account(call.session, call.access.account_id)
    rows = []
    for each in accounts.account_installations(call.session, call.access.account_id, call.held):
        own = [series for series in registers if series.meter_installation_id == each.id]
        rows.append(
            {
                "serial_number": each.serial_number, "model": each.model, "installed_on": each.valid_from, "removed_on": each.valid_to,
                "verified_to": each.verified_to, "registers": list(map(_register, own)),
            }
        )  # fmt: skip
    return {"rows": rows}


def _register(series: queries.Series) -> dict[str, Any]:
    return {
        "register": series.register, "digits_milli": series.capacity_milli, "decimals": series.decimals,
        "last_read_on": series.last_read_on, "last_dial_milli": series.last_dial_milli,
    }  # fmt: skip


@answers(listing("readings", "readings", "Readings, newest first", told.ReadingsPage), right=PortalRight.VIEW)
def readings(call: ConsumerCall) -> Any:
    """Return a page of readings."""
    return page_of_account(call, queries.account_readings, _reading)


def _reading(row: queries.AccountReading) -> dict[str, Any]:
    return {
        "id": row.id, "read_on": row.read_on, "serial_number": row.serial_number, "register": row.register, "dial_milli": row.dial_milli,
        "kind": row.kind, "source": row.source, "is_replaced": row.replaced,
    }  # fmt: skip


@answers(
    Operation("get", "/accounts/{number}/consumption", "consumption", "Consumption of 24 months", told.ConsumptionAnswer),
    right=PortalRight.VIEW,
)
def consumption(call: ConsumerCall) -> Any:
    """Return consumption and charges by month."""
    since = months_after(clock.today(), 1 - _MONTHS)
    card = accounts.card(call.session, call.access.account_id)
    assert card is not None
    rows = billing.consumption_by_month(call.session, card.id, since=since, held=call.held)
    return {"unit": card.unit, "rows": [row._asdict() for row in rows]}


@answers(listing("sent-readings", "sent_readings", "Readings sent, with their fate", told.SentReadingsPage), right=PortalRight.VIEW)
def sent_readings(call: ConsumerCall) -> Any:
    """Return a page of readings that consumers sent, with what became of each."""
    return page_of_account(call, portal_queries.sent_readings, as_dict)


@answers(
    Operation(
        "post", "/accounts/{number}/sent-readings", "send_reading", "Send a reading", told.SentReadingRow, body=told.ReadingBody,
        status=HTTPStatus.CREATED, largest_body=16 << 20,
        problems={
            HTTPStatus.UNPROCESSABLE_ENTITY: ("REFUSED", "DOUBTFUL", "PICTURE"),
            HTTPStatus.CONFLICT: ("ALREADY_SENT",), HTTPStatus.TOO_MANY_REQUESTS: ("TOO_MANY_READINGS",),
        },
    ),
    right=PortalRight.READ,
)  # fmt: skip
def send_reading(call: ConsumerCall) -> Any:
    """Take a reading; one that is odd is asked about first, and waits for the office when the consumer is sure."""
    given = call.body
    asked = ReadingRequest(
        call.access.account_id, given["meter_number"], given["read_on"].isoformat(), given["dials"], _photo(given.get("photo")),
        call.user.portal_user_id,
    )  # fmt: skip
    try:
        sent = service.send_reading(call.session, asked, sure=given.get("sure", False), today=clock.today(), now=clock.now())
    except metering.ReadingRefused as refused:
        errors = [FieldProblem(field=refused.column or "dials", reason=documents.reason_of_refusal(refused.problem, refused.about))]
        raise CallRefused(HTTPStatus.UNPROCESSABLE_ENTITY, "REFUSED", _("The reading is not taken."), errors) from None
    except metering.Doubtful as doubtful:
        errors = [FieldProblem(field=f"dials.{code}", reason=str(labels.member(doubt))) for code, doubt, _milli in doubtful.registers]
        reason = _("Read it again. If it is right, send it and say that you are sure.")
        raise CallRefused(HTTPStatus.UNPROCESSABLE_ENTITY, "DOUBTFUL", reason, errors) from None
    except service.AlreadySent:
        raise CallRefused(HTTPStatus.CONFLICT, "ALREADY_SENT", _("A reading of this day waits for the office already.")) from None
    except service.TooManyReadings:
        reason = _("Enough readings were sent for today. Send the next one tomorrow.")
        raise CallRefused(HTTPStatus.TOO_MANY_REQUESTS, "TOO_MANY_READINGS", reason) from None
    return portal_queries.sent_readings(call.session, call.access.account_id, before=sent.id + 1, limit=1)[0]._asdict()


def _photo(encoded: str | None) -> bytes | None:
    """Return a photograph drawn anew; None if there is none.

    :raises CallRefused: if it is none we can draw
    """
    if not encoded:
        return None
    try:
        return drawn_anew(base64.b64decode(encoded, validate=True))
    except (ValueError, PictureRefused) as refused:
        fault = refused.fault if isinstance(refused, PictureRefused) else PictureFault.BROKEN
        errors = [FieldProblem(field="photo", reason=str(labels.member(fault)))]
        raise CallRefused(HTTPStatus.UNPROCESSABLE_ENTITY, "PICTURE", _("The photograph is not taken."), errors) from None
