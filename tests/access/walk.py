"""The walk through every address: which rows it names, what it sends, and what an answer means."""

import csv
import io
import os
import random
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import psycopg
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from app.domain.administration import roles
from app.extensions import appbuilder
from tests.databases import PASSWORD

MATRIX = Path(__file__).with_name("access_matrix.csv")
MINE, FOREIGN, PARENT = "1726901", "1718901", "1726"
ROLES = (*roles.ROLES, "Admin")
ANONYMOUS = "anonymous"
COLUMNS = (ANONYMOUS, *ROLES)
STATIC = {"static", "appbuilder.static", "admin.static"}
#: A row that is nowhere: what is posted to it changes nothing.
NOWHERE = 999_999_999
#: A view of rows that belong to people: whose.
_OF_USERS = {"user_session", "totp_device"}
#: The table that an argument of a rule names a row of.
TABLES = {
    "payment_id": "payment", "account_id": "account", "reading_id": "reading", "division_id": "division", "file_id": "stored_file",
    "inspection_id": "inspection",
    "entry_id": "audit_entry", "public_id": "bill", "consumer_id": "consumer", "document_id": "account_document",
    "statement_id": "account_statement", "control_id": "payment_control", "contract_id": "contract", "bill_id": "bill",
    "user_id": "ab_user", "approval_id": "approval", "view_id": "list_view", "report_id": "stored_report", "task_id": "task",
    "order_id": "supply_order",
    "photo_id": "act_photo",
    "record_id": "maintenance_record",
    "proposal_id": "field_proposal",
    "outage_id": "planned_outage",
    "access_id": "portal_access",
    "application_file_id": "application_file",
    "application_id": "application",
    "answer_id": "statement_answer",
}  # fmt: skip
WORDS = {"kind": "csv", "export_type": "csv", "locale": "en", "code": "en", "code_": "en", "filename": "none.txt", "name": "none",
    "key": "none", "tail": "none", "file_kind": "csv", "place": "0", "parameter": "billing.due_day",
    "what": "rename", "token": "none", "report": "turnover", "content": "DEVICES", "kind_code": "COMPLAINT",
    "number": "none", "archive_kind": "zip",
    # What a consumer's app and the portal ask for; nobody of the office is signed in there.
    "application": "1", "bill": "1", "device": "1", "device_id": "1", "file": "1", "holder": "1", "invoice": "1", "invoice_id": "1",
    "payment": "1", "statement": "1",
}  # fmt: skip
KINDS = {"HouseholdConsumerView": "kind = 'HOUSEHOLD'", "LegalConsumerView": "kind = 'LEGAL'"}
#: Whether everybody visits every address, or whom and what the seed of the suite draws; see ``make whole-walk``.
WHOLE = bool(os.environ.get("WHOLE_WALK") or os.environ.get("WRITE_MATRIX"))
Item = TypeVar("Item")
#: Asked last, because the session ends with them.
LAST = ("/portal/logout", "/logout/")


class Line(NamedTuple):
    """A rule with a method, as a line of the matrix; an action stands for itself."""

    rule: Rule
    method: str
    shown: str
    action: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.shown, self.method


class Browser(NamedTuple):
    """A browser of a user of one role, and the token its forms carry."""

    client: FlaskClient
    token: str

    def status(self, method: str, address: str, **form: str) -> str:
        """Ask, and return the class of the answer."""
        data = {"csrf_token": self.token} | form if method != "GET" else None
        answer = self.client.open(address, method=method, data=data)
        answer.close()
        if address.startswith("/console/") and answer.status_code == 302 and "/set" not in address:
            return "REFUSED" if "/login" not in answer.location else "LOGIN"
        return class_of(answer.status_code, answer.headers.get("Location", ""))


def class_of(status: int, location: str) -> str:
    """Return what an answer means to who asked."""
    if status == 401 or (status == 302 and re.search(r"^(https?://[^/]+)?/(login/|portal/$|portal/telephone$)", location)):
        return "LOGIN"
    named = {403: "FORBIDDEN", 404: "ABSENT", 405: "REFUSED"}
    return named.get(status) or ("ALLOWED" if status < 400 else "REFUSED" if status < 500 else "BROKEN")


def browser_of(app: Flask, user: str | None, place: int) -> Browser:
    """Return a browser, logged in unless nobody is named; each has an address of its own."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = f"10.0.0.{place}"
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/login/").text)
    assert found is not None
    if user is not None:
        answer = client.post("/login/", data={"csrf_token": found[1], "username": user, "password": PASSWORD})
        assert answer.status_code == 302
        assert "/login" not in answer.location
    return Browser(client, found[1])


def lines(app: Flask) -> list[Line]:
    """Return every rule with each of its methods, those that end the session last."""
    found: list[Line] = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint in STATIC:
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            found += _lines_of(rule, method)
    return sorted(found, key=lambda line: (LAST.index(line.shown) if line.shown in LAST else -1, line.shown, line.method))


def drawn(offered: Sequence[Item], seed: int | str, one_of: int = 2) -> list[Item]:
    """Return one of so many of what is offered, which ones by a seed, in its order; all of it where everything is wanted."""
    places = range(len(offered))
    return [offered[place] for place in (places if WHOLE else sorted(random.Random(seed).sample(places, len(places) // one_of)))]


def _lines_of(rule: Rule, method: str) -> list[Line]:
    view = view_of(rule)
    actions = list(getattr(view, "actions", None) or ()) if rule.endpoint.endswith((".action", ".action_post")) else []
    if rule.endpoint.endswith(".action"):
        return [Line(rule, method, rule.rule.replace("<string:name>", name), name) for name in actions] or [Line(rule, method, rule.rule)]
    if rule.endpoint.endswith(".action_post"):
        return [Line(rule, method, f"{rule.rule} {name}", name) for name in actions] or [Line(rule, method, rule.rule)]
    return [Line(rule, method, rule.rule)]


def view_of(rule: Rule) -> Any:
    """Return the view of a rule, if it has one of the framework's."""
    name = rule.endpoint.partition(".")[0]
    return next((view for view in appbuilder.baseviews if type(view).__name__ == name), None)


class Rows:
    """Real rows of a division: the newest of every table, asked once."""

    def __init__(self, demo_database: psycopg.Connection, division: str, username: str) -> None:
        self.demo_database, self.username, self.kept = demo_database, username, {}
        self.division = self._one(f"SELECT id FROM division WHERE code = '{division}'")

    def places(self, line: Line) -> dict[str, object] | None:
        """Return the arguments of a rule that name rows of this division; None if it has none."""
        view, found = view_of(line.rule), {}
        for name in line.rule.arguments:
            value = self._place(line, view, name)
            if value is None:
                return None
            found[name] = value
        return found

    def console_id(self, table: str) -> object | None:
        """Return a row of a table of the console."""
        return self.row(table)

    def _place(self, line: Line, view: Any, name: str) -> object | None:
        if name == "pk":
            return self._key(view)
        if name == "row_id":
            return self.row("account" if line.rule.endpoint.startswith("Audit") else "tariff")
        if name == "table":
            return "account" if line.rule.endpoint.startswith("Audit") else "tariff"
        if name == "name" and line.action:
            return line.action
        if name == "name" and line.rule.endpoint == "LookupView.find":
            return "account"
        if name == "public_id":
            return self.row("bill", "public_id")
        if name == "register_id":
            return self.row("interval_day", "register_id")
        return self.row(TABLES[name]) if name in TABLES else WORDS[name]

    def _key(self, view: Any) -> object | None:
        table, keys = view.datamodel.obj.__tablename__, view.datamodel.get_pk_name()
        if isinstance(keys, str):
            return self.row(table, keys, KINDS.get(type(view).__name__, "true"))
        statement = f"SELECT {', '.join(keys)} FROM {table} WHERE division_id = {self.division} ORDER BY {', '.join(keys)} LIMIT 1"
        found = self.demo_database.execute(statement).fetchone()
        return view._serialize_pk_if_composite(list(found)) if found else None

    def row(self, table: str, key: str = "id", where: str = "true") -> object | None:
        """Return a key of a row of the division; of a table that all divisions share, any."""
        asked = (table, key, where)
        if asked not in self.kept:
            self.kept[asked] = self._one(f"SELECT {key} FROM {table} t WHERE {where} AND {self._where(table)} ORDER BY {key} DESC LIMIT 1")
        return self.kept[asked]

    def _where(self, table: str) -> str:
        if table == "division":
            return f"id = {self.division}"
        if table in _OF_USERS:
            return f"user_id = (SELECT id FROM ab_user WHERE username = '{self.username}')"
        if table == "ab_user":
            return f"username = '{self.username}'"
        if table == "register":
            return f"(SELECT division_id FROM device m WHERE m.id = t.meter_id) = {self.division}"
        if table == "job_event":
            return f"(SELECT division_id FROM job_run j WHERE j.id = t.job_run_id) = {self.division}"
        if table in {"payment", "account", "reading"}:
            both = "".join(f" AND EXISTS (SELECT FROM {each} x WHERE x.account_id = a.id)" for each in ("reading", "payment", "bill"))
            account = f"(SELECT max(a.id) FROM account a WHERE a.division_id = {self.division}{both})"
            return f"{'id' if table == 'account' else 'account_id'} = {account}"
        return f"division_id = {self.division}" if self.divided(table) else "true"

    def divided(self, table: str) -> bool:
        """Tell whether rows of a table belong to a division or a person."""
        found = self._one(f"SELECT count(*) FROM information_schema.columns WHERE table_name = '{table}' AND column_name = 'division_id'")
        return bool(found) or table in {"division", "register", "job_event", "ab_user", *_OF_USERS}

    def _one(self, statement: str) -> Any:
        row = self.demo_database.execute(statement).fetchone()
        return row[0] if row else None


def names_row(line: Line, rows: Rows) -> bool:
    """Tell whether a rule names a row that belongs to a division."""
    if line.rule.endpoint.startswith("console_"):
        return line.rule.endpoint.endswith((".details_view", ".edit_view")) and rows.divided(_console_table(line))
    table = {name: TABLES[name] for name in line.rule.arguments if name in TABLES}
    if "pk" in line.rule.arguments:
        return rows.divided(view_of(line.rule).datamodel.obj.__tablename__)
    return bool(table) or ("row_id" in line.rule.arguments and line.rule.endpoint.startswith("Audit"))


def _console_table(line: Line) -> str:
    return line.rule.endpoint.partition(".")[0].removeprefix("console_")


def address_of(app: Flask, line: Line, rows: Rows) -> str | None:
    """Return the address of a rule for rows of a division; None if the division has no such row."""
    if line.rule.endpoint.startswith("console_") and line.rule.endpoint.endswith((".details_view", ".edit_view")):
        found = rows.console_id(_console_table(line))
        return f"{line.rule.rule}?id={found}" if found is not None else None
    places = rows.places(line)
    return built(app, line.rule, places) if places is not None else None


def nowhere(app: Flask, line: Line) -> str:
    """Return the address of a rule for rows that are not there."""
    places: dict[str, object] = {name: WORDS.get(name, NOWHERE) for name in line.rule.arguments}
    if line.action and "name" in places:
        places["name"] = line.action
    if "table" in places:
        places["table"] = "tariff"
    if "public_id" in places:
        places["public_id"] = UUID(int=1)
    return built(app, line.rule, places)


@contextmanager
def every_answer(app: Flask) -> Iterator[None]:
    """Let the application answer everything meanwhile, faults too, however often it is asked."""
    limiter = appbuilder.sm.limiter
    app.config["PROPAGATE_EXCEPTIONS"], limiter.enabled = False, False
    try:
        yield
    finally:
        app.config["PROPAGATE_EXCEPTIONS"], limiter.enabled = None, True


def built(app: Flask, rule: Rule, places: dict[str, object]) -> str:
    """Return a rule's address with its arguments in place."""
    with app.test_request_context():
        made = rule.build(places)
    assert made is not None, rule
    return made[1]


def tables_of(demo_database: psycopg.Connection, skipped: set[str]) -> dict[str, str]:
    """Return a hash of every table's rows."""
    found = demo_database.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1"
    ).fetchall()
    names = [name for (name,) in found if name not in skipped]
    return {name: str(_hash(demo_database, name)) for name in names}


def _hash(demo_database: psycopg.Connection, name: str) -> Any:
    left_out = {"ab_user": "- 'login_count' - 'last_login' - 'fail_login_count'"}.get(name, "")
    row = demo_database.execute(
        f"SELECT md5(string_agg(h, '' ORDER BY h)) FROM (SELECT md5((to_jsonb(t) {left_out})::text) AS h FROM \"{name}\" t) s"
    )
    return row.fetchone()


def read_matrix() -> dict[tuple[str, str], dict[str, str]]:
    """Return the reviewed matrix."""
    with MATRIX.open(encoding="utf-8", newline="") as file:
        return {(row.pop("rule"), row.pop("method")): row for row in csv.DictReader(file)}


def write_matrix(cells: dict[tuple[str, str], dict[str, str]]) -> None:
    """Write what the application does, for review."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("rule", "method", *COLUMNS))
    writer.writerows((*key, *(row[column] for column in COLUMNS)) for key, row in sorted(cells.items()))
    MATRIX.write_text(text.getvalue(), encoding="utf-8")
