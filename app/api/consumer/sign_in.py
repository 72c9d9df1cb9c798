"""Signing in: a code by SMS as in the portal, then a token of the device; a device that signs out is shut by its token or from another."""

from http import HTTPStatus
from typing import Any

from flask import request
from flask_babel import gettext as _

from app import clock
from app.api.consumer import answers as told
from app.api.consumer.calls import CallRefused, ConsumerCall, answers
from app.api.openapi import FieldProblem, Operation
from app.domain import identifiers
from app.extensions import Scope, set_scope
from app.jobs import portal as codes
from app.queries import administration as parameters
from app.queries import portal as queries
from app.services.portal import Opened, devices, users


@answers(
    Operation(
        "post", "/sign-in/codes", "ask_for_code", "Ask for a code by SMS; any account is answered alike", told.CodeAnswer,
        body=told.CodeBody, status=HTTPStatus.ACCEPTED, is_open=True,
    )
)  # fmt: skip
def ask_for_code(call: ConsumerCall) -> Any:
    """Have a code sent if there is such an account or user with a telephone."""
    codes.ask(typed_account(call), call.body["device"], request.remote_addr or "")
    minutes = parameters.value_on(call.session, "portal.code_minutes", clock.today())
    return {"minutes": minutes, "is_sent": not codes.is_silent()}


@answers(
    Operation(
        "post", "/sign-in/tokens", "sign_in", "Get a token for the code that came", told.TokenAnswer, body=told.TokenBody,
        status=HTTPStatus.CREATED, problems={HTTPStatus.UNPROCESSABLE_ENTITY: ("WRONG_CODE",)}, is_open=True,
    ),
    keeps_reply=False,
)  # fmt: skip
def sign_in(call: ConsumerCall) -> Any:
    """Open a session of the user whose telephone the code proves; the same call again tells the same token."""
    _work_everywhere()
    number, key = typed_account(call), call.given["Idempotency-Key"]
    asked = devices.SignInRequest(
        sign_in_sha256=codes.keyed(f"{call.body['device']}:{key}"),
        asked_sha256=codes.keyed(f"{number}:{call.body['code']}"),
        token=codes.token(call.body["device"], key, call.body["code"]),
        name=call.body["name"].strip() or "—",
    )
    idle_days = parameters.value_on(call.session, "portal.user_idle_days", clock.today())
    try:
        found = devices.sign_in(
            call.session, asked, prove=lambda: _opened(call, number), enter=lambda opened: users.sign_in(
                call.session, opened, idle_days=idle_days, now=clock.now()
            ), now=clock.now(),
        )  # fmt: skip
    except devices.KeyOfOtherContents:
        raise CallRefused(HTTPStatus.CONFLICT, "OTHER_CONTENTS", _("The key was used for other contents.")) from None
    if found is None:
        call.session.commit()  # a wrong try counts
        raise wrong_code()
    user = queries.user(call.session, found.portal_user_id)
    assert user is not None
    return {"token": asked.token, "device_id": found.id, "user": {"id": user.id, "phone": user.phone, "language": user.language}}


def wrong_code() -> CallRefused:
    """Return the refusal of a code."""
    reason = _("The code is wrong or too old. Check it, or ask for a new one.")
    return CallRefused(HTTPStatus.UNPROCESSABLE_ENTITY, "WRONG_CODE", reason)


def typed_account(call: ConsumerCall) -> str:
    """Return the account or telephone that the body names.

    :raises CallRefused: if it can be neither
    """
    try:
        return codes.account_or_phone(call.body["account"])
    except identifiers.InvalidIdentifier:
        errors = [FieldProblem(field="account", reason=_("An account number has 12 or 13 digits."))]
        raise CallRefused(HTTPStatus.BAD_REQUEST, "WRONG_VALUES", _("Some of what was sent is wrong."), errors) from None


def _opened(call: ConsumerCall, number: str) -> Opened | None:
    return codes.opened_by(call.session, number, call.body["device"], call.body["code"])


def _work_everywhere() -> None:
    set_scope(Scope("portal", clock.today(), request.remote_addr or "", everywhere=True))
