"""Asking for a code and showing it: the same answer in the same time, whatever account is named."""

import hashlib
import hmac
import secrets
import unicodedata
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import timedelta
from typing import Any, NamedTuple

from flask import Flask, Response, current_app, g, request
from sqlalchemy.orm import Session

from app import clock
from app.domain import identifiers
from app.domain.administration import JobKind
from app.domain.notices import NoticeChannel, NoticeKind
from app.extensions import Scope, db, set_scope
from app.jobs import runner
from app.queries import accounts
from app.queries import administration as parameters
from app.queries import portal as users
from app.services import administration as jobs
from app.services import notices
from app.services import portal as service

#: How long a browser is known by the word it was given, in seconds.
DEVICE_S = 180 * 24 * 3600
#: Codes are written beside the answer: nobody reads from its time whether one was.
_writers = ThreadPoolExecutor(2, thread_name_prefix="codes")
_under_way: set[Future[None]] = set()


def account_number(typed: str) -> str:
    """Return the one form of an account's number, whatever blanks, marks nobody sees or wide digits it is typed with.

    :raises identifiers.InvalidIdentifier: if it is none
    """
    plain = unicodedata.normalize("NFKC", typed)
    return identifiers.account_number("".join(sign for sign in plain if unicodedata.category(sign) != "Cf"))


def account_or_phone(typed: str) -> str:
    """Return the one form of an account's number, or of a user's own telephone, which begins with ``+``.

    :raises identifiers.InvalidIdentifier: if it is neither
    """
    plain = unicodedata.normalize("NFKC", typed).strip()
    return identifiers.phone(plain) if plain.startswith("+") else account_number(plain)


def device() -> str:
    """Return the word this browser is known by; a new one is set with the answer."""
    if "portal_device" not in g:
        g.portal_device = request.cookies.get(_cookie(), "")[:64] or _fresh()
    return str(g.portal_device)


def remember_device(response: Response) -> Response:
    """Give the browser its word with the answer."""
    if word := g.get("portal_device_is_new") and g.portal_device:
        is_secure = current_app.config["SESSION_COOKIE_SECURE"]
        response.set_cookie(_cookie(), word, max_age=DEVICE_S, httponly=True, samesite="Lax", secure=is_secure)
    return response


def budgets() -> service.Budgets:
    """Return the budgets of today."""
    today = clock.today()
    return service.Budgets(*(int(parameters.value_on(db.session(), f"portal.codes_{name}_day", today)) for name in service.Budgets._fields))


def is_silent() -> bool:
    """Return whether no SMS is sent from here, because no gateway is set up."""
    return NoticeChannel.SMS not in notices.channels_with_gateway(db.session(), current_app.config)


def ask(number: str) -> None:
    """Have a code written to the outbox if the account exists, has a telephone and budgets allow; nobody is told whether."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    address = request.remote_addr or ""
    _submit(app, number, _browser(number), _keyed(address), address, None)


def ask_for_phone(account_id: int, phone: str) -> None:
    """Have a code written to a telephone that an account shall get, within the same budgets."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    word = word_of_phone(account_id, phone)
    address = request.remote_addr or ""
    _submit(app, word, _browser(word), _keyed(address), address, CodeReceiver(account_id, phone))


def word_of_phone(account_id: int, phone: str) -> str:
    """Return what a code for a new telephone is known by; no account's number is equal to it."""
    return f"telephone {phone} of {account_id}"


def settle() -> None:
    """Wait until every code that was asked for is written, or is not."""
    wait(list(_under_way), timeout=30)


def told() -> dict[str, Any]:
    """Return what the pages that ask for a code say of codes."""
    return {"budgets": budgets(), "is_silent": is_silent(), "is_trial": not current_app.config["PRODUCTION"]}


def opened_by(database: Session, number: str, typed: str) -> service.Opened | None:
    """Return what a typed code opens for this browser; the caller commits, for a wrong try counts too."""
    attempts = int(parameters.value_on(database, "portal.code_attempts", clock.today()))
    return service.check_code(database, _browser(number), _keyed(typed), most_attempts=attempts, now=clock.now())


class CodeReceiver(NamedTuple):
    """The account that a code is about, and a telephone that is not its own yet."""

    account_id: int
    phone: str


def _submit(app: Flask, *asked: Any) -> None:
    written = _writers.submit(_ask, app, *asked)
    _under_way.add(written)
    written.add_done_callback(_under_way.discard)


def _ask(app: Flask, number: str, browser: str, address: str, seen_from: str, receiver: CodeReceiver | None) -> None:
    with app.app_context():
        set_scope(Scope(actor="portal", today=clock.today(), address=seen_from, everywhere=True))
        try:
            if job_id := _write(number, browser, address, receiver):
                runner.enqueue(job_id)
        except Exception:
            app.logger.exception("a code was not written")
        finally:
            db.session.remove()


def _write(number: str, browser: str, address: str, receiver: CodeReceiver | None) -> int | None:
    """Write a code to the outbox, and return the job that sends it."""
    fresh, now = f"{secrets.randbelow(10**6):06d}", clock.now()
    session = db.session()
    card, phone = (accounts.card(session, receiver.account_id), receiver.phone) if receiver else _receiver(session, number)
    minutes = int(parameters.value_on(session, "portal.code_minutes", clock.today()))
    asked = service.CodeRequest(card.id if card and phone else None, browser, address, phone)
    try:
        service.issue_code(session, asked, _keyed(fresh), budgets=budgets(), minutes=minutes, now=now)
    except service.TooManyCodes:
        session.commit()
        current_app.logger.warning("a code of the portal was not sent: a budget of the day is spent")
        return None
    job_id = None
    if card and phone:
        lifetime = timedelta(minutes=minutes)
        notices.notify(session, card.id, NoticeKind.PORTAL_CODE, {"code": fresh}, now=now, lifetime=lifetime, phone=phone)
        if not is_silent():
            job_id = jobs.start_job(session, JobKind.NOTICE_SEND, division_id=card.division_id)
    session.commit()
    return job_id


def _receiver(session: Session, typed: str) -> tuple[accounts.Card | None, str | None]:
    """Return the account a code is about, and the telephone it goes to: the account's, or that of a user who has accounts."""
    if not typed.startswith("+"):
        card = accounts.card_by_number(session, typed)
        return card, card.phone if card else None
    user = users.user_by_phone(session, typed)
    held = users.accesses(session, user.id) if user else []
    return (accounts.card(session, held[0].account_id), typed) if held else (None, None)


def _browser(number: str) -> str:
    return _keyed(f"{device()}:{number}")


def _fresh() -> str:
    g.portal_device_is_new = True
    return secrets.token_urlsafe(24)


def _cookie() -> str:
    return "__Host-portal-device" if current_app.config["SESSION_COOKIE_SECURE"] else "portal-device"


def _keyed(word: str) -> str:
    """Return a digest under our secret, so that a copy of the table gives nothing away."""
    return hmac.new(current_app.config["SECRET_KEY"].encode(), word.encode(), hashlib.sha256).hexdigest()
