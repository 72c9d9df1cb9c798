"""The user, his devices and accounts, who else has access to an account, and the messages about it."""

from http import HTTPStatus
from typing import Annotated, Any

from flask import request
from flask_babel import gettext as _
from pydantic import Field

from app import clock
from app.api.consumer import answers as told
from app.api.consumer.calls import CallRefused, ConsumerCall, answers, listing
from app.api.consumer.money import missing
from app.api.consumer.pages import as_dict, page_of_account
from app.api.consumer.sign_in import typed_account, wrong_code
from app.api.openapi import Operation, OperationParameter
from app.domain.portal import AccessEnd, PortalRight
from app.extensions import Scope, set_scope
from app.jobs import portal as codes
from app.queries import accounts
from app.queries import portal as queries
from app.queries.portal import AccessRecord
from app.services.portal import devices, users

_ID = Annotated[int, Field(ge=1, lt=2**63)]
_DEVICE = OperationParameter("device", "path", "id of the device", _ID)
_HOLDER = OperationParameter("holder", "path", "id of the access", _ID)


@answers(Operation("get", "/me", "me", "The user", told.UserAnswer))
def me(call: ConsumerCall) -> Any:
    """Return the user."""
    return {"id": call.user.portal_user_id, "phone": call.user.phone, "language": call.user.language}


@answers(Operation("put", "/me/language", "choose_language", "Choose the language", told.UserAnswer, body=told.UserBody))
def choose_language(call: ConsumerCall) -> Any:
    """Remember the user's language, for messages and answers."""
    users.choose_language(call.session, call.user.portal_user_id, call.body["language"])
    return {"id": call.user.portal_user_id, "phone": call.user.phone, "language": call.body["language"]}


@answers(Operation("get", "/me/devices", "devices", "Devices that are signed in", told.DevicesAnswer))
def own_devices(call: ConsumerCall) -> Any:
    """Return the devices of the user that are signed in."""
    rows = queries.devices(call.session, [call.user.portal_user_id], today=clock.today(), now=clock.now())
    return {
        "rows": [
            {"id": row.id, "name": row.name, "signed_in_at": row.created_at, "seen_at": row.seen_at, "is_this": row.id == call.user.id}
            for row in rows
        ]
    }


@answers(
    Operation("delete", "/me/devices/{device}", "sign_out", "Sign a device out", None, parameters=(_DEVICE,), status=HTTPStatus.NO_CONTENT)
)
def sign_out(call: ConsumerCall) -> Any:
    """Shut the token of a device of the user."""
    if not devices.sign_out(call.session, call.given["device"], user_id=call.user.portal_user_id, now=clock.now()):
        raise missing()


@answers(Operation("get", "/accounts", "accounts", "Accounts of the user", told.AccountsAnswer))
def own_accounts(call: ConsumerCall) -> Any:
    """Return the accounts that the user may open."""
    return {"rows": list(map(_row, queries.accesses(call.session, call.user.portal_user_id)))}


def _row(row: AccessRecord) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("number", "address", "consumer_kind", "status", "rights")}


@answers(
    Operation(
        "post", "/accounts", "claim", "Claim an account by the code that came", told.OwnAccountRow, body=told.ClaimBody,
        status=HTTPStatus.CREATED, problems={HTTPStatus.UNPROCESSABLE_ENTITY: ("WRONG_CODE",)},
    )
)  # fmt: skip
def claim(call: ConsumerCall) -> Any:
    """Give the user a further account whose telephone a code proved."""
    _work_everywhere(call)
    opened = codes.opened_by(call.session, typed_account(call), call.body["device"], call.body["code"])
    access_id = users.claim(call.session, call.user.portal_user_id, opened, now=clock.now()) if opened else None
    found = [row for row in queries.accesses(call.session, call.user.portal_user_id) if row.id == access_id]
    if not found:
        call.session.commit()  # a wrong try counts
        raise wrong_code()
    return _row(found[0])


@answers(
    Operation("delete", "/accounts/{number}", "leave", "Give up an account", None, status=HTTPStatus.NO_CONTENT), right=PortalRight.VIEW
)
def leave(call: ConsumerCall) -> Any:
    """End the user's own access to an account."""
    users.remove_own(call.session, call.user.portal_user_id, call.access.account_id, now=clock.now())


@answers(Operation("get", "/accounts/{number}", "account", "An account", told.AccountAnswer), right=PortalRight.VIEW)
def account(call: ConsumerCall) -> Any:
    """Return the head of an account."""
    card = accounts.card(call.session, call.access.account_id)
    assert card is not None
    names = ("resource", "unit", "tariff_group", "division", "opened_on", "closed_on", "off_since", "off_reason")
    return {**_row(call.access), **{name: getattr(card, name) for name in names}}


@answers(
    Operation("get", "/accounts/{number}/holders", "holders", "Who has access to an account", told.HoldersAnswer), right=PortalRight.MANAGE
)
def holders(call: ConsumerCall) -> Any:
    """Return who has access to an account."""
    return {"rows": list(map(_holder, queries.holders(call.session, call.access.account_id)))}


def _holder(row: queries.AccessHolder) -> dict[str, Any]:
    return {
        "id": row.id, "phone": row.phone, "rights": row.rights, "claimed_at": row.claimed_at,
        "has_signed_in": row.signed_in_at is not None, "is_own_telephone": row.granted_by is None,
    }  # fmt: skip


@answers(
    Operation(
        "post", "/accounts/{number}/holders", "let_in", "Let somebody in, with rights", told.HolderRow, body=told.HolderBody,
        status=HTTPStatus.CREATED, problems={HTTPStatus.CONFLICT: ("OWN_TELEPHONE",), HTTPStatus.TOO_MANY_REQUESTS: ("TOO_MANY_LET_IN",)},
    ),
    right=PortalRight.MANAGE,
)  # fmt: skip
def let_in(call: ConsumerCall) -> Any:
    """Let the user of a telephone open the account; his code at the sign-in confirms the telephone."""
    card = accounts.card(call.session, call.access.account_id)
    assert card is not None
    try:
        access_id = codes.let_in(call.session, call.body["phone"], card, call.body["rights"], by_user_id=call.user.portal_user_id)
    except codes.OwnTelephone:
        reason = _("This is the telephone of the account itself: who has it opens the account by a code.")
        raise CallRefused(HTTPStatus.CONFLICT, "OWN_TELEPHONE", reason) from None
    except codes.TooManyLetIn:
        reason = _("Enough people were let in for today. Let the next one in tomorrow.")
        raise CallRefused(HTTPStatus.TOO_MANY_REQUESTS, "TOO_MANY_LET_IN", reason) from None
    return next(_holder(row) for row in queries.holders(call.session, call.access.account_id) if row.id == access_id)


@answers(
    Operation(
        "delete", "/accounts/{number}/holders/{holder}", "shut_out", "End somebody's access", None, parameters=(_HOLDER,),
        status=HTTPStatus.NO_CONTENT,
    ),
    right=PortalRight.MANAGE,
)  # fmt: skip
def shut_out(call: ConsumerCall) -> Any:
    """End somebody's access to the account."""
    try:
        users.remove(call.session, call.given["holder"], account_id=call.access.account_id, end=AccessEnd.REMOVED, now=clock.now())
    except users.NotTheirs:
        raise missing() from None


@answers(listing("notices", "notices", "Messages about an account", told.NoticesPage), right=PortalRight.VIEW)
def notices(call: ConsumerCall) -> Any:
    """Return a page of messages about an account; codes are not among them."""
    return page_of_account(call, queries.notices, as_dict)


def _work_everywhere(call: ConsumerCall) -> None:
    set_scope(Scope(f"portal:{call.user.portal_user_id}", clock.today(), request.remote_addr or "", everywhere=True))
