"""Codes of the portal and of the app, asked for and checked alike whatever account is named; and who is let in by another user."""

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import timedelta
from typing import Any, NamedTuple

from flask import Flask, current_app
from flask_babel import force_locale
from flask_babel import gettext as _
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
from app.services.portal import users as people

_DAY = timedelta(hours=24)
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


def budgets() -> service.Budgets:
    """Return the budgets of today."""
    today = clock.today()
    return service.Budgets(*(int(parameters.value_on(db.session(), f"portal.codes_{name}_day", today)) for name in service.Budgets._fields))


def is_silent() -> bool:
    """Return whether no SMS is sent from here, because no gateway is set up."""
    return NoticeChannel.SMS not in notices.channels_with_gateway(db.session(), current_app.config)


def ask(number: str, word: str, seen_from: str) -> None:
    """Have a code written to the outbox if the account exists, has a telephone and budgets allow; nobody is told whether.

    :param word: by which the browser or device is known
    :param seen_from: the network address
    """
    _submit(number, _browser(number, word), keyed(seen_from), seen_from, None)


def ask_for_phone(account_id: int, phone: str, word: str, seen_from: str) -> None:
    """Have a code written to a telephone that an account shall get, within the same budgets."""
    named = word_of_phone(account_id, phone)
    _submit(named, _browser(named, word), keyed(seen_from), seen_from, CodeReceiver(account_id, phone))


def ask_for_person(phone: str, language: str, word: str, seen_from: str) -> None:
    """Have a code written to the telephone of somebody without an account, within budgets of their own."""
    named = _word_of_person(phone)
    _submit(named, _browser(named, word), keyed(seen_from), seen_from, CodeReceiver(None, phone, language))


def proves_phone(database: Session, phone: str, word: str, typed: str) -> bool:
    """Return whether a typed code proves a telephone to the browser of a word; the caller commits, for a wrong try counts too."""
    attempts = int(parameters.value_on(database, "portal.code_attempts", clock.today()))
    browser = _browser(_word_of_person(phone), word)
    return service.check_phone(database, browser, keyed(typed), most_attempts=attempts, now=clock.now()) == phone


def _word_of_person(phone: str) -> str:
    return f"telephone {phone}"


def word_of_phone(account_id: int, phone: str) -> str:
    """Return what a code for a new telephone is known by; no account's number is equal to it."""
    return f"telephone {phone} of {account_id}"


def settle() -> None:
    """Wait until every code that was asked for is written, or is not."""
    wait(list(_under_way), timeout=30)


def opened_by(database: Session, number: str, word: str, typed: str) -> service.Opened | None:
    """Return what a typed code opens for the browser or device of a word; the caller commits, for a wrong try counts too."""
    attempts = int(parameters.value_on(database, "portal.code_attempts", clock.today()))
    return service.check_code(database, _browser(number, word), keyed(typed), most_attempts=attempts, now=clock.now())


def token(*words: str) -> str:
    """Return the token of a device: the same for the same words, and for nobody else, because it is made with our secret."""
    return hmac.new(current_app.config["SECRET_KEY"].encode(), "\0".join(("token", *words)).encode(), hashlib.sha256).hexdigest()


def keyed(word: str) -> str:
    """Return a digest under our secret, so that a copy of the table gives nothing away."""
    return hmac.new(current_app.config["SECRET_KEY"].encode(), word.encode(), hashlib.sha256).hexdigest()


class CodeReceiver(NamedTuple):
    """The account that a code is about, and a telephone that is not its own yet; without an account, who has none.

    :ivar language: of who has no account
    """

    account_id: int | None
    phone: str
    language: str = "uz"


def _submit(*asked: Any) -> None:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
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
    card, phone = _named(session, receiver) if receiver else _receiver(session, number)
    minutes = int(parameters.value_on(session, "portal.code_minutes", clock.today()))
    asked = service.CodeRequest(card.id if card and phone else None, browser, address, phone)
    try:
        service.issue_code(session, asked, keyed(fresh), budgets=budgets(), minutes=minutes, now=now)
    except service.TooManyCodes:
        session.commit()
        current_app.logger.warning("a code of the portal was not sent: a budget of the day is spent")
        return None
    job_id, lifetime = None, timedelta(minutes=minutes)
    if card and phone:
        notices.notify(session, card.id, NoticeKind.PORTAL_CODE, {"code": fresh}, now=now, lifetime=lifetime, phone=phone)
    elif receiver and phone:
        person = notices.Person(users.company_id(session), phone, receiver.language)
        notices.notify_person(session, person, NoticeKind.PORTAL_CODE, {"code": fresh}, now=now, lifetime=lifetime)
    if phone and not is_silent():
        job_id = jobs.start_job(session, JobKind.NOTICE_SEND, division_id=card.division_id if card else users.company_id(session))
    session.commit()
    return job_id


def _named(session: Session, receiver: CodeReceiver) -> tuple[accounts.Card | None, str | None]:
    """Return the account that a receiver names, and the telephone; an account that is gone gets no code."""
    if receiver.account_id is None:
        return None, receiver.phone
    card = accounts.card(session, receiver.account_id)
    return card, receiver.phone if card else None


def _receiver(session: Session, typed: str) -> tuple[accounts.Card | None, str | None]:
    """Return the account a code is about, and the telephone it goes to: the account's, or that of a user who has accounts."""
    if not typed.startswith("+"):
        card = accounts.card_by_number(session, typed)
        return card, card.phone if card else None
    user = users.user_by_phone(session, typed)
    held = users.accesses(session, user.id) if user else []
    return (accounts.card(session, held[0].account_id), typed) if held else (None, None)


def _browser(number: str, word: str) -> str:
    return keyed(f"{word}:{number}")


class OwnTelephone(Exception):
    """The telephone is the account's own: who has it claims the account by a code, with every right."""


class TooManyLetIn(Exception):
    """The users of the account let in as many people as they may within a day."""


def let_in(session: Session, phone: str, card: accounts.Card, rights: Collection[str], *, by_user_id: int) -> int:
    """Let the user of a telephone open an account with some rights, write to the telephone, and return the access.

    The code of the first sign-in confirms the telephone. Rights that were given before are changed, and nothing is written then.

    :raises OwnTelephone: if the telephone is the account's own
    :raises TooManyLetIn: if the account's invitations of the day are spent
    """
    if phone == card.phone:
        raise OwnTelephone
    before = {holder.id: holder.phone for holder in users.holders(session, card.id)}
    if phone not in before.values() and _invitations_left(session, card.id) <= 0:
        raise TooManyLetIn
    access_id = people.grant(session, phone, card.id, rights, by_user_id=by_user_id, now=clock.now())
    if access_id not in before:
        known = users.user_by_phone(session, phone)
        with force_locale((known and known.language) or card.language):
            address = f"{current_app.config['PUBLIC_URL']}/portal/"
            message = _("PC Billing: you may open account %(number)s. Sign in with your telephone at %(address)s", number=card.number,
                        address=address)  # fmt: skip
        notices.queue_notice(session, card.id, message, now=clock.now(), phone=phone)
    return access_id


def _invitations_left(session: Session, account_id: int) -> int:
    """Return how many more people the users of an account may let in."""
    let_in_already = users.granted_since(session, account_id, since=clock.now() - _DAY)
    return int(parameters.value_on(session, "portal.invitations_day", clock.today())) - let_in_already
