"""Every form and act, posted by every role on billed accounts with other values; then the old papers again.

Run in a process of its own, because an application is one a process; prints what it found as JSON.
"""

import argparse
import json
import random
import re
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import psycopg
from flask import Flask
from flask.testing import FlaskClient
from flask_login import login_user
from pypdf import PdfReader

import config
from app import clock
from app.cli import access
from app.extensions import appbuilder
from app.factory import create_app
from tests.access import walk
from tests.crawl.forms import Field, Form, forms_of, other_value
from tests.databases import PASSWORD, environment

DISTRICT, COMPANY = walk.MINE, "17"
PDFTOTEXT = shutil.which("pdftotext")
#: What ends one's own session, changes who may do what or what one looks at, or is for machines; no account is touched.
LEFT_OUT = re.compile(
    r"^/(static|appbuilder|api|healthz|readyz|login|logout|login-code|lang|language|division-switch|back|portal|users|roles|groups|console|audit"
    r"|divisionaccessview|substitutionview|usersessionview|totpdeviceview|resetmypassword|userinfoedit|sessions|my-sessions|profile|nodes)"
)
#: What changes posted months is tried on several accounts.
ACTS, OFTEN = re.compile(r"^/(acts|billcorrectionview/correct|adjustmentview/note|reading-entry)/"), 3
#: How often what the answer asks to confirm is confirmed.
STEPS_DEEP = 2


class Found(NamedTuple):
    """What the crawl met."""

    posted: Counter[str]
    faults: list[str]
    #: how many roles visited an address
    visited: Counter[tuple[str, str]]


class DemoDatabase:
    """Rows of the database to act on: those of billed accounts of a district first."""

    def __init__(self, url: str, rng: random.Random) -> None:
        self.connection, self.rng, self.kept = psycopg.connect(url, autocommit=True), rng, dict[str, list[Any]]()
        rows = self.connection.execute(
            "SELECT table_name, array_agg(column_name::text) FROM information_schema.columns WHERE table_schema = 'public' GROUP BY 1"
        )
        self.columns = dict(rows.fetchall())

    def row(self, table: str, key: str = "id", where: str = "true") -> Any:
        """Return the key of some row of a table, or None."""
        name = f"{table}.{key} {where}"
        if name not in self.kept or self.rng.random() < 0.1:
            self.kept[name] = [row[0] for row in self.connection.execute(self._statement(table, key, where))]
        return self.rng.choice(self.kept[name]) if self.kept[name] else None

    def _statement(self, table: str, key: str, where: str) -> str:
        billed = "EXISTS (SELECT FROM bill b WHERE b.account_id = {0})"
        columns, district = self.columns[table], f"division_id = (SELECT id FROM division WHERE code = '{DISTRICT}')"
        tests = [where]
        if "division_id" in columns and table not in {"approval", "division_access"}:
            tests.append(district)
        if table == "account":
            tests.append(billed.format("t.id"))
        elif "account_id" in columns and table not in {"inspection_record", "approval"}:
            tests.append(f"({billed.format('t.account_id')} OR t.account_id IS NULL)")
        return f"SELECT {key} FROM {table} t WHERE {' AND '.join(tests)} ORDER BY random() LIMIT 60"

    def settle(self, seconds: int = 300) -> None:
        """Wait until the worker has done all jobs."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            row = self.connection.execute("SELECT count(*) FROM job_run WHERE status IN ('QUEUED', 'RUNNING')").fetchone()
            if row == (0,):
                return
            time.sleep(0.3)
        raise TimeoutError("jobs are not over")


class Crawler:
    """A person of a role who opens what the role may open, and sends every form there with other values."""

    def __init__(self, app: Flask, demo_database: DemoDatabase, role: str, place: int, rng: random.Random, found: Found) -> None:
        self.app, self.demo_database, self.role, self.rng, self.found = app, demo_database, role, rng, found
        self.user, self.place = f"crawl_{role.lower().replace(' ', '_')}", place
        self.browser = walk.browser_of(app, self.user, place)
        self.today = clock.today()

    def crawl(self, rounds: int, most_roles: int, most_fields: int) -> None:
        """Open every address that can be posted to and that not so many roles have visited already, and post what stands there."""
        self.most_fields = most_fields
        lines = [line for line in walk.lines(self.app) if not LEFT_OUT.match(line.rule.rule)]
        permitted = self._permissions()
        lines = [line for line in lines if self._permission(line) in permitted or self._permission(line) == ("", "")]
        lines = [line for line in lines if self.found.visited[line.key] < most_roles]
        self.found.visited.update(line.key for line in lines)
        for _ in range(rounds):
            self.rng.shuffle(lines)
            for line in lines:
                for _ in range(OFTEN if ACTS.match(line.rule.rule) else 1):
                    self._visit(line)

    def _visit(self, line: walk.Line) -> None:
        """Open a page and send its forms; take an action."""
        address = self._address(line)
        if address is not None and line.method == "GET":
            self._open(address)
        elif address is not None and line.action:
            self._post(line.rule.rule, Form(address, self._chosen(line), ()), deep=0, change=False)

    def decide(self) -> None:
        """Approve what waits for a second person."""
        waiting = self.demo_database.connection.execute("SELECT id FROM approval WHERE status = 'PENDING' ORDER BY id").fetchall()
        for (approval_id,) in waiting:
            address = f"/approvalview/decide/{approval_id}"
            fields = (Field("csrf_token", "hidden", self.browser.token), Field("decision", "hidden", "approve"))
            self._post(address, Form(address, fields, ()), deep=0)

    def _permissions(self) -> set[tuple[str, str]]:
        with self.app.test_request_context():
            user = appbuilder.sm.find_user(username=self.user)
            login_user(user)
            roles = appbuilder.sm.get_user_roles(user)
            return {(each.permission.name, each.view_menu.name) for role in roles for each in role.permissions}

    def _permission(self, line: walk.Line) -> tuple[str, str]:
        view, method = walk.view_of(line.rule), line.rule.endpoint.partition(".")[2]
        if view is None:
            return "", ""
        if line.action:
            return view.get_action_permission_name(line.action), view.class_permission_name
        return f"can_{getattr(getattr(view, method), '_permission_name', '')}", view.class_permission_name

    def _chosen(self, line: walk.Line) -> tuple[Field, ...]:
        """Return what an action on rows of a list sends."""
        token = Field("csrf_token", "hidden", self.browser.token)
        if "pk" in line.rule.arguments:
            return (token,)
        key = self._key(walk.view_of(line.rule))
        return (token, Field("action", "hidden", line.action or ""), Field("rowid", "hidden", str(key or walk.NOWHERE)))

    def _open(self, address: str) -> None:
        answer = self.browser.client.get(address)
        text = answer.text if answer.mimetype == "text/html" else ""
        self._judge("GET", address, answer.status_code)
        answer.close()
        for form in forms_of(address, text):
            if LEFT_OUT.match(urlsplit(form.address).path):
                continue
            for sent in self._variants(form):
                self._post(address, sent, deep=STEPS_DEEP)

    def _variants(self, form: Form) -> Iterator[Form]:
        """Return a form filled with other values: all of them, and one at a time."""
        plain = [field for field in form.fields if field.kind != "hidden"]
        changed = self._with_dial(tuple(self._changed(field) for field in form.fields))
        yield form._replace(fields=changed)
        if "/edit/" in form.address:
            for chosen in self.rng.sample(plain, min(len(plain), self.most_fields)):
                yield form._replace(fields=tuple(self._changed(field) if field is chosen else field for field in form.fields))

    def _with_dial(self, fields: tuple[Field, ...]) -> tuple[Field, ...]:
        """Let a corrected reading differ by little from the one on record, so that it may be believed."""
        reading = next((field.value for field in fields if field.name == "reading_id" and field.value.isdecimal()), None)
        if reading is None:
            return fields
        row = self.demo_database.connection.execute("SELECT dial_milli / 1000 FROM reading WHERE id = %s", (int(reading),)).fetchone()
        dial = str((row[0] if row else 0) + self.rng.choice([-2, -1, 1]))
        return tuple(field._replace(value=dial) if field.name == "dial" else field for field in fields)

    def _changed(self, field: Field) -> Field:
        if not field.value and field.kind != "select" and self.rng.random() < 0.3:
            return field
        return field._replace(value=other_value(field, self.rng, self.demo_database.row, self.today))

    def _post(self, seen: str, form: Form, *, deep: int, change: bool = True) -> None:
        """Send a form with one of its buttons; what the answer asks to confirm is confirmed."""
        data = self._typed(form)
        answer = self.browser.client.post(form.address, data=data, content_type="multipart/form-data")
        kind = re.sub(r"\d+", "#", urlsplit(form.address).path)
        if answer.status_code in {200, 302, 303}:
            self.found.posted[f"{kind} {'done' if answer.status_code != 200 else 'shown'}"] += 1
        self._judge("POST", form.address, answer.status_code, seen, data)
        text = answer.text if answer.status_code == 200 and answer.mimetype == "text/html" else ""
        answer.close()
        for again in forms_of(form.address, text) if deep and change else []:
            same = urlsplit(again.address).path == urlsplit(form.address).path
            if same and any(name for name, _ in again.buttons):
                self._post(form.address, again._replace(buttons=again.buttons[-1:]), deep=deep - 1)

    def _typed(self, form: Form) -> dict[str, Any]:
        """Return what a browser sends of a form, and the button that is pressed."""
        data: dict[str, Any] = {}
        for field in form.fields:
            if field.kind == "file":
                data[field.name] = (BytesIO(self._file()), "crawl.csv")
            elif field.value or field.kind in {"hidden", "text"}:
                data.setdefault(field.name, []).append(field.value)
        name, value = self.rng.choice(form.buttons or (("", ""),))
        return data | ({name: value} if name else {})

    def _judge(self, method: str, address: str, status: int, *context: Any) -> None:
        if status >= 500:
            self.found.faults.append(f"{status} {self.role} {method} {address} {context}")

    def _file(self) -> bytes:
        rows = self.demo_database.connection.execute(
            "SELECT a.number, r.dial_milli / 1000 FROM account a JOIN LATERAL (SELECT * FROM reading r WHERE r.account_id = a.id "
            "ORDER BY read_on DESC, id DESC LIMIT 1) r ON true ORDER BY random() LIMIT 5"
        ).fetchall()
        day = self.today - timedelta(days=self.rng.choice([1, 30, 60]))
        return "\n".join(["account;date;reading", *(f"{number};{day:%d.%m.%Y};{int(dial) + 9}" for number, dial in rows)]).encode()

    def _address(self, line: walk.Line) -> str | None:
        values: dict[str, object] = {}
        for name in line.rule.arguments:
            value = self._value(line, name)
            if value is None:
                return None
            values[name] = value
        return walk.built(self.app, line.rule, values)

    def _value(self, line: walk.Line, name: str) -> Any:
        view = walk.view_of(line.rule)
        if name == "pk":
            return self._key(view)
        if name == "name" and line.action:
            return line.action
        if name in walk.TABLES:
            return self.demo_database.row(walk.TABLES[name], "public_id" if name == "public_id" else "id")
        if name.endswith("_id") and name[:-3] in self.demo_database.columns:
            return self.demo_database.row(name[:-3])
        if name == "table":
            return "tariff"
        if name == "row_id":
            return self.demo_database.row("tariff")
        return walk.WORDS.get(name)

    def _key(self, view: Any) -> Any:
        table, keys = view.datamodel.obj.__tablename__, view.datamodel.get_pk_name()
        if not isinstance(keys, str):
            return None
        return self.demo_database.row(table, keys, walk.KINDS.get(type(view).__name__, "true"))


#: What is stamped on a copy since the first print: the receipt itself stays as it was.
STAMP = " This payment was reversed."


def papers(browser: walk.Browser, demo_database: DemoDatabase, count: int) -> dict[str, str]:
    """Return the words of the oldest bills and receipts, by address; each was printed before, so that all are copies."""
    bills = demo_database.connection.execute("SELECT id FROM bill ORDER BY id LIMIT %s", (count,)).fetchall()
    payments = demo_database.connection.execute("SELECT id FROM payment ORDER BY id LIMIT %s", (count,)).fetchall()
    addresses = [f"/billview/pdf/{key}" for (key,) in bills] + [f"/cashier/receipt/{key}.pdf" for (key,) in payments]
    return {address: _text(browser.client, address).replace(STAMP, "") for address in addresses}


def _text(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    content, status = answer.data, answer.status_code
    answer.close()
    if status != 200:
        return f"answered with {status}"
    return " ".join(_words(content).split())


def _words(content: bytes) -> str:
    """Return the text of a PDF."""
    if PDFTOTEXT is None:
        return "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    return subprocess.run([PDFTOTEXT, "-layout", "-", "-"], input=content, capture_output=True, check=True).stdout.decode()


def people(demo_url: str) -> None:
    """Add a person of each role who may work in the whole company."""
    with psycopg.connect(demo_url) as demo_database:
        for role in walk.ROLES:
            name = f"crawl_{role.lower().replace(' ', '_')}"
            user_id = access.add_user(username=name, first_name="Crawl", last_name=role, role_names=[role], password=PASSWORD)
            demo_database.execute(
                "INSERT INTO division_access (user_id, division_id, valid_from) SELECT %s, id, '2020-01-01' FROM division WHERE code = %s",
                (user_id, COMPANY),
            )


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Crawl, and return what was found."""
    environ = environment(arguments.database, arguments.queue)
    settings = config.settings(environ) | {
        "TESTING": True, "RATELIMIT_STORAGE_URI": "memory://", "SERVER_NAME": "localhost", "DATABASE_ROLE": "pcb_web",
        "PROPAGATE_EXCEPTIONS": False,
    }  # fmt: skip
    app, rng = create_app(settings), random.Random(arguments.seed)
    demo_database, found = DemoDatabase(arguments.database, rng), Found(Counter(), [], Counter())
    appbuilder.sm.limiter.enabled = False
    with app.app_context():
        people(arguments.database)
    reader = walk.browser_of(app, "crawl_supervisor", 100)
    papers(reader, demo_database, arguments.papers)
    before = papers(reader, demo_database, arguments.papers)
    for place, role in enumerate(rng.sample(walk.ROLES, len(walk.ROLES)), 1):
        Crawler(app, demo_database, role, place, rng, found).crawl(arguments.rounds, arguments.roles, arguments.fields)
    demo_database.settle()
    for place, role in enumerate(("Supervisor", "Lawyer", "Administrator"), 50):
        Crawler(app, demo_database, role, place, rng, found).decide()
    demo_database.settle()
    after = papers(walk.browser_of(app, "crawl_supervisor", 101), demo_database, arguments.papers)
    changed = {address: [before[address], after[address]] for address in before if before[address] != after[address]}
    return {
        "posted": dict(sorted(found.posted.items())), "faults": found.faults, "papers": len(before), "changed": changed,
    }  # fmt: skip


def main() -> None:
    """Crawl a database and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--queue", required=True)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--roles", type=int, default=len(walk.ROLES), help="how many roles visit an address that more of them may")
    parser.add_argument("--fields", type=int, default=99, help="how many fields of an edited row are changed alone")
    parser.add_argument("--papers", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    print(json.dumps(run(parser.parse_args()), default=str))


if __name__ == "__main__":
    main()
