"""What the application holds once: database, menu and views, queue; and who works in which divisions.

Row-level security goes by ``app.divisions``, the audit trail by ``app.actor``, ``app.address`` and ``app.reason``. They are
set when a transaction begins, from the scope of the request or job; without a scope no row is visible.
"""

import logging
import platform
import re
import secrets
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, partialmethod
from typing import Any, NamedTuple

from flask import Flask, current_app, g, has_request_context, request
from flask_appbuilder import AppBuilder, Model
from flask_appbuilder.fields import QuerySelectField
from flask_appbuilder.fieldwidgets import (
    BS3PasswordFieldWidget,
    BS3TextAreaFieldWidget,
    BS3TextFieldWidget,
    Select2ManyWidget,
    Select2Widget,
)
from flask_babel import get_domain, get_locale, gettext
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFProtect
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import event, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from wtforms.widgets import Select

from app.domain.administration.privacy import scrubbed

db = SQLAlchemy(model_class=Model)
appbuilder = AppBuilder()
csrf = CSRFProtect()

QUEUE_NAME = "pc-billing"
#: Where jobs and commands work from, for the audit trail.
HOST = platform.node()[:64]

#: Tables whose rows are personal data themselves; those of others are an account's.
PERSONAL_TABLES = frozenset({"account", "application", "consumer", "notice"})

_text = lru_cache(maxsize=16)(text)
_OF_USER = "SELECT array_agg(mine)::text FROM user_divisions(:user_id, :today) mine"
#: Those of a user's that lie in the one he looks at; what is his no more narrows nothing.
_OF_USER_WITHIN = """
    SELECT coalesce(array_agg(mine) FILTER (WHERE starts_with(d.path, top.path)), array_agg(mine))::text
    FROM user_divisions(:user_id, :today) mine JOIN division d ON d.id = mine LEFT JOIN division top ON top.id = :within_id
"""
_OF_ALL = "SELECT array_agg(id)::text FROM division"
_OF_ONE = "SELECT array[:division_id]::text"
_OF_BRANCH = "SELECT array_agg(d.id)::text FROM division d JOIN division top ON top.id = :division_id AND starts_with(d.path, top.path)"


class _FormTexts:
    """Messages of the form library from our catalogues; it has none in Uzbek or Karakalpak."""

    def gettext(self, message: str) -> str:
        """Return a message in the reader's language."""
        return str(gettext(message))

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        """Return a message in the reader's language, by number."""
        # The form library fills the placeholders itself, so the text must come as it stands.
        return str(get_domain().get_translations().ungettext(singular, plural, count))


class Scope(NamedTuple):
    """Who works, from where, why, and in which divisions: a user's, those of his within one, one (with those below), all, or none."""

    actor: str
    today: Any
    address: str = ""
    user_id: int | None = None
    within_id: int | None = None
    division_id: int | None = None
    below: bool = False
    everywhere: bool = False
    reason: str = ""


scope: ContextVar[Scope | None] = ContextVar("scope", default=None)


def is_local_path(address: str) -> bool:
    """Tell whether an address that came with a request is a path of this site and nothing a browser would take elsewhere."""
    return re.fullmatch(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*", address) is not None


def csp_nonce() -> str:
    """Return the word that lets scripts written into the page of this request run, and no others."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def init_forms(app: Flask) -> None:
    """Protect every form against forgery and let every form speak the reader's language."""
    csrf.init_app(app)
    texts = _FormTexts()
    FlaskForm.Meta.get_translations = lambda _meta, _form: texts
    FlaskForm.Meta.wrap_formdata = _without_json(FlaskForm.Meta.wrap_formdata)
    # The framework's fields write a class of their own and repeat the label inside the field; the page says what it wants.
    for kind in (BS3TextFieldWidget, BS3TextAreaFieldWidget, BS3PasswordFieldWidget, Select2Widget):
        kind.__call__ = kind.__bases__[0].__call__
    QuerySelectField.__init__ = partialmethod(QuerySelectField.__init__, blank_text="—")
    Select2ManyWidget.__call__ = partialmethod(Select.__call__, multiple=True)


def _without_json(wrapped: Callable[..., Any]) -> Callable[..., Any]:
    """Let forms read forms alone: the library would take any JSON for one, whatever it is."""

    def wrap(meta: Any, form: Any, formdata: Any) -> Any:
        return MultiDict() if has_request_context() and request.is_json else wrapped(meta, form, formdata)

    return wrap


def init_logs() -> None:
    """Keep telephone numbers, personal numbers and cards out of every log, whoever writes it and whatever it quotes."""
    made = logging.getLogRecordFactory()
    if made is not logging.LogRecord:
        return

    def make(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = made(*args, **kwargs)
        try:
            plain = record.getMessage()
        except (TypeError, ValueError):
            return record
        if (hidden := scrubbed(plain)) != plain:
            record.msg, record.args = hidden, ()
        if record.exc_info and record.exc_info[0]:
            # Formatters take this text instead of writing the traceback themselves.
            record.exc_text = scrubbed("".join(traceback.format_exception(*record.exc_info)).rstrip())
        return record

    logging.setLogRecordFactory(make)


def init_database(app: Flask) -> None:
    """Connect the application: every connection takes the configured role, every transaction its scope."""
    db.init_app(app)
    role = app.config["DATABASE_ROLE"]
    with app.app_context():
        event.listen(db.engine, "connect", lambda connection, _: _take_role(connection, role))
        event.listen(db.session, "after_begin", _begin)


def set_scope(new: Scope) -> None:
    """Work in another scope from here on, also in the transaction that is under way."""
    scope.set(new)
    session: Session = db.session()
    if session.in_transaction():
        _set(session.connection(), new)


def works_somewhere() -> bool:
    """Tell whether this transaction sees the rows of any division."""
    return bool(db.session().connection().info.get("divisions"))


def record_disclosure(table: str, ids: Iterable[int | None]) -> None:
    """Remember that this request shows personal data of rows; with the answer it is written into the audit trail."""
    if has_request_context():
        g.setdefault("rows_shown", set()).update((table, row_id) for row_id in ids if row_id is not None)


def record_disclosures(rows: Iterable[Any]) -> None:
    """Remember that this request shows rows of tables, those among them that are of a consumer or belong to an account."""
    for row in rows:
        table = getattr(row, "__tablename__", "")
        if table in PERSONAL_TABLES:
            record_disclosure(table, [row.id])
        if table != "account":
            record_disclosure("account", [getattr(row, "account_id", None)])
        record_disclosure("consumer", [getattr(row, "consumer_id", None)])


def set_change_reason(reason: str) -> None:
    """Put a reason for the changes that follow into the audit trail."""
    current = scope.get()
    if current is not None:
        set_scope(current._replace(reason=reason.strip()[:300]))


@contextmanager
def independent_transaction() -> Iterator[Connection]:
    """Commit what is done inside whatever becomes of the request's own transaction; in no division."""
    current = scope.get()
    with db.engine.begin() as connection:
        if current is not None:
            _set(connection, Scope(current.actor, current.today, current.address))
        yield connection


@contextmanager
def transaction() -> Iterator[Session]:
    """Commit what is done inside, or roll all of it back."""
    session: Session = db.session()
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise


def queue() -> Queue:
    """Return the workers' queue; a dead server is told at once, not after ten tries."""
    return Queue(QUEUE_NAME, connection=redis(current_app.config["REDIS_URL"]), serializer=JSONSerializer)


def redis(url: str) -> Redis:
    """Return a connection that fails fast."""
    return Redis.from_url(url, retry=Retry(NoBackoff(), 0), socket_connect_timeout=2)


def menus_by_view() -> dict[str, tuple[str, str]]:
    """Return the menu entry and category of each view."""
    result = {}
    for category in appbuilder.menu.get_list():
        for entry in category.childs:
            if entry.baseview is not None:
                result[type(entry.baseview).__name__] = (entry.name, category.name)
    return result


def _take_role(connection: Any, role: str) -> None:
    connection.execute(f"SET ROLE {role}")
    connection.commit()


def _begin(_session: Session, transaction_: Any, connection: Connection) -> None:
    current = scope.get()
    if current is not None and transaction_.nested is False:
        _set(connection, current)


def _set(connection: Connection, current: Scope) -> None:
    divisions, parameters = "SELECT NULL", {}
    if current.everywhere:
        divisions = _OF_ALL
    elif current.division_id is not None:
        divisions, parameters = _OF_BRANCH if current.below else _OF_ONE, {"division_id": current.division_id}
    elif current.user_id is not None:
        divisions, parameters = _OF_USER, {"user_id": current.user_id, "today": current.today}
        if current.within_id is not None:
            divisions, parameters["within_id"] = _OF_USER_WITHIN, current.within_id
    statement = (
        "SELECT set_config('app.actor', :actor, true), set_config('app.address', :address, true), set_config('app.reason', :reason, true), "
        "set_config('app.language', :language, true), "
        f"set_config('app.divisions', coalesce(({divisions}), ''), true)"
    )
    given = {"actor": current.actor[:64], "address": current.address, "reason": current.reason, "language": str(get_locale() or "")}
    connection.info["divisions"] = connection.execute(_text(statement), {**given, **parameters}).one()[4]
