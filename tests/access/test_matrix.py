"""Who may open what: every rule, every method, every role, in his own division and in another.

What rights alone decide is compared for everybody. Of those who the reviewed matrix answers alike at an address, one is drawn, by the
seed of the suite, and asked; ``make whole-walk`` asks everybody everywhere.
"""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import psycopg
import pytest
from flask import Flask
from flask_login import login_user
from jinja2 import ChoiceLoader, DictLoader

from app.api.channels import ADAPTERS
from app.cli import access
from app.extensions import appbuilder
from tests.access import walk
from tests.access.walk import ANONYMOUS, COLUMNS, FOREIGN, MINE, PARENT, Browser, Line, Rows
from tests.databases import PASSWORD

Cells = dict[tuple[str, str], dict[str, str]]

#: What the walk may leave behind: readings are recorded, sessions are used and end, calls of the payment gateway are kept.
WALKED = {"audit_entry", "audit_pending", "audit_seal", "user_session", "gateway_call", "paper_print", "unkept_call"}
STRANGER = "matrix_stranger"

#: What somebody who is not logged in may open.
OPEN_TO_ALL = {
    *(f"/api/{address}{tail}" for address in ADAPTERS for tail in ("", "/<tail>")),
    "/", "/api/v1/security/login", "/back",
    "/healthz", "/lang/<string:locale>", "/language/<code>", "/login-code/", "/login/",
    "/logout/", "/portal/", "/portal/calculator", "/portal/code", "/portal/contacts", "/portal/disclosure", "/portal/how-to-pay",
    "/portal/connections/new/<kind_code>", "/portal/l/<token>", "/portal/outages", "/portal/tariffs", "/portal/telephone",
    "/portal/telephone/code", "/portal/terms",
    "/api/consumer/v1/docs", "/api/consumer/v1/openapi.json", "/api/readings/openapi.json",
    "/portal/language/<code_>", "/portal/logout", "/readyz",
}  # fmt: skip


def _user(role: str) -> str:
    return "matrix_" + role.lower().replace(" ", "_")


@pytest.fixture(scope="module")
def people(app: Flask, demo_url: str) -> dict[str, str]:
    """A user of each role who may work in one district, and a stranger of the other district."""
    wanted = {role: _user(role) for role in walk.ROLES} | {"stranger": STRANGER}
    with app.app_context(), psycopg.connect(demo_url) as demo_database:
        for role, name in wanted.items():
            roles = ["Cashier" if role == "stranger" else role]
            user_id = access.add_user(username=name, first_name="Matrix", last_name=role, role_names=roles, password=PASSWORD)
            demo_database.execute(
                "INSERT INTO division_access (user_id, division_id, valid_from) SELECT %s, id, '2020-01-01' FROM division WHERE code = %s",
                (user_id, FOREIGN if role == "stranger" else MINE),
            )
    return wanted


@pytest.fixture(scope="module")
def town_of_all(demo_url: str) -> Iterator[psycopg.Connection]:
    """A look into the town with a run, a job, a file and a request for approval in every division of the walk."""
    with psycopg.connect(demo_url, autocommit=True) as demo_database:
        for code in (MINE, FOREIGN, PARENT):
            _insert(demo_database, code)
        yield demo_database


def _insert(demo_database: psycopg.Connection, code: str) -> None:
    division = f"(SELECT id FROM division WHERE code = '{code}')"
    statements = {
        "bill_run": f"(division_id, billing_month, status) VALUES ({division}, '2020-01-01', 'PREVIEWED')",
        "job_run": f"(division_id, kind, status) VALUES ({division}, 'NOTICE_SEND', 'FAILED')",
        "job_event": "(job_run_id, message) SELECT max(id), 'The provider refused the message.' FROM job_run",
        "stored_file": f"(division_id, name, media_type, sha256, content) VALUES ({division}, 'm.csv', 'text/csv', 'none', 'x')",
        "reading_import": f"(division_id, stored_file_id, status) SELECT {division}, max(id), 'CHECKED' FROM stored_file",
    }
    if code == PARENT:
        statements = {name: statements[name] for name in ("job_run", "job_event", "stored_file")}
    for table, values in statements.items():
        demo_database.execute(f"INSERT INTO {table} {values}")


class Walked(NamedTuple):
    """What the application answered, elsewhere what was reviewed; and the tables that changed on the way."""

    cells: Cells
    changed: list[str]


def _drawn(line: Line, row: dict[str, str] | None, rng: random.Random) -> list[str]:
    """Return whom to ask: one of those who get the same answer; everybody where nothing was reviewed, or all are wanted.

    Interfaces for machines count who calls without a key, and who has logged out is somebody else: what they answer depends on what was
    asked before.
    """
    if row is None or set(row) != set(COLUMNS) or walk.WHOLE or line.shown.startswith("/api/") or line.shown in walk.LAST:
        return list(COLUMNS)
    return [rng.choice([column for column in COLUMNS if row[column] == answer]) for answer in sorted(set(row.values()))]


@pytest.fixture(scope="module")
def walked(app: Flask, people: dict[str, str], town_of_all: psycopg.Connection, pytestconfig: pytest.Config) -> Walked:
    """What the application answers, and the tables that changed on the way."""
    walk.browser_of(app, STRANGER, 250)
    browsers = {column: walk.browser_of(app, people.get(column), place) for place, column in enumerate(COLUMNS, 1)}
    before = walk.tables_of(town_of_all, WALKED)
    there = {column: _rows(town_of_all, people.get(column, STRANGER)) for column in COLUMNS}
    granted = {column: _permissions(app, people.get(column)) for column in COLUMNS}
    reviewed, rng = walk.read_matrix(), random.Random(pytestconfig.getoption("randomly_seed", 1))
    cells: Cells = {}
    with walk.every_answer(app):
        refused = {column: browser.status("GET", f"/users/edit/{walk.NOWHERE}") for column, browser in browsers.items()}
        with _short_refusals(app):
            for line in walk.lines(app):
                asked = _drawn(line, reviewed.get(line.key), rng)
                answers = {column: _cell(app, browsers[column], line, there[column], granted[column]) for column in asked}
                cells[line.key] = reviewed.get(line.key, {}) | answers
    after = walk.tables_of(town_of_all, WALKED)
    assert "BROKEN" not in refused.values()
    return Walked(cells, [name for name in before if before[name] != after[name]])


@contextmanager
def _short_refusals(app: Flask) -> Iterator[None]:
    """Refuse with a word: the page of errors, with its menu, was shown to everybody once, and is the most of ten thousand refusals."""
    loader = app.jinja_env.loader
    assert loader is not None
    app.jinja_env.loader = ChoiceLoader([DictLoader({"error.html": "{{ status }}"}), loader])
    yield
    app.jinja_env.loader = loader


def _rows(demo_database: psycopg.Connection, username: str) -> tuple[Rows, Rows, Rows]:
    return Rows(demo_database, MINE, username), Rows(demo_database, FOREIGN, STRANGER), Rows(demo_database, PARENT, STRANGER)


def _permissions(app: Flask, username: str | None) -> set[tuple[str, str]]:
    if username is None:
        return set()
    with app.test_request_context():
        user = appbuilder.sm.find_user(username=username)
        login_user(user)
        roles = appbuilder.sm.get_user_roles(user)
        return {(each.permission.name, each.view_menu.name) for role in roles for each in role.permissions}


def _cell(app: Flask, browser: Browser, line: Line, rows: tuple[Rows, Rows, Rows], granted: set[tuple[str, str]]) -> str:
    """Return the answers for a row of his own, of another division and of the one above; who is not let in is asked once.

    What is posted to a row of one's own is posted to a row that is nowhere, so that nothing happens: not to be
    there is as good as to be let in, if the role holds the permission.
    """
    own, foreign, parent = rows
    form = {"action": line.action, "rowid": str(walk.NOWHERE)} if line.action and "pk" not in line.rule.arguments else {}
    changes = line.method != "GET" and (line.rule.arguments or form)
    address = walk.nowhere(app, line) if changes else walk.address_of(app, line, own) or walk.nowhere(app, line)
    answer = browser.status(line.method, address, **form)
    if changes and answer == "ABSENT" and _permission(line) in granted:
        answer = "ALLOWED"
    answers = [answer]
    if answer in {"LOGIN", "FORBIDDEN"}:
        return answer
    if form and walk.view_of(line.rule):
        answers += [browser.status(line.method, address, action=line.action or "", rowid=str(key)) for key in _keys(line, foreign)]
    elif walk.names_row(line, own):
        others = [walk.address_of(app, line, each) for each in (foreign, parent)]
        answers += [browser.status(line.method, other) for other in others if other is not None]
    return "/".join(answers)


def _keys(line: Line, rows: Rows) -> list[object]:
    view = walk.view_of(line.rule)
    divided = rows.divided(view.datamodel.obj.__tablename__)
    key = rows._key(view) if divided else None
    return [key] if key is not None else []


def _permission(line: Line) -> tuple[str, str]:
    view, method = walk.view_of(line.rule), line.rule.endpoint.partition(".")[2]
    if view is None:
        return "", ""
    name = view.get_action_permission_name(line.action) if line.action else f"can_{getattr(getattr(view, method), '_permission_name', '')}"
    return name, view.class_permission_name


def test_everybody_is_answered_as_the_reviewed_matrix_says(walked: Walked) -> None:
    cells = walked.cells
    if os.environ.get("WRITE_MATRIX"):
        walk.write_matrix(cells)
    reviewed = walk.read_matrix()

    unknown = sorted(set(cells) - set(reviewed))
    gone = sorted(set(reviewed) - set(cells))
    differing = [
        f"{method} {rule}, {column}: {reviewed[rule, method].get(column)} was reviewed, {cell} is answered"
        for (rule, method), row in cells.items()
        if (rule, method) in reviewed
        for column, cell in row.items()
        if reviewed[rule, method].get(column) != cell
    ]

    assert unknown == [], "addresses nobody reviewed; see make matrix"
    assert gone == []
    assert differing == []


#: Pages that ask for more than their own permission.
CHECKED_FURTHER = {
    "/accountactview/reverse/<pk>", "/reference/<table>/load", "/reports/<report>", "/reports/<report>/store",
    "/reports/<report>/file.<any(csv,xlsx,pdf):kind>", "/reports/<report>/rows", "/reports/<report>/rows.csv",
}  # fmt: skip


def test_rights_alone_let_in_those_who_were_reviewed(app: Flask, people: dict[str, str]) -> None:
    reviewed, granted = walk.read_matrix(), {role: _permissions(app, people[role]) for role in walk.ROLES}
    needed = {line.key: _permission(line) for line in walk.lines(app)}
    asked = [
        (role, key, needed[key] in granted[role], reviewed[key][role])
        for key in needed.keys() & reviewed.keys()
        for role in walk.ROLES
        if needed[key][0].startswith("can_") and len(needed[key][0]) > len("can_")
    ]

    assert len(asked) > 5000
    assert [each for each in asked if not each[2] and "ALLOWED" in each[3]] == []
    shut_out = [each for each in asked if each[2] and each[3] == "FORBIDDEN" and not _is_company_wide(app, needed[each[1]])]
    assert {rule for _role, (rule, _method), _granted, _answer in shut_out} <= CHECKED_FURTHER


def _is_company_wide(app: Flask, permission: tuple[str, str]) -> bool:
    page = app.extensions["pages"].get(permission[1])
    return page is not None and page.company_wide is not None and permission[0] not in page.company_wide.split()


def test_no_page_changes_anything_and_no_empty_form_does(walked: Walked) -> None:
    assert walked.changed == []


def test_no_answer_is_a_fault_of_the_application(walked: Walked) -> None:
    assert [key for key, row in walked.cells.items() if any("BROKEN" in cell for cell in row.values())] == []


def test_strangers_are_let_in_only_where_everybody_is(walked: Walked) -> None:
    assert {rule for (rule, _method), row in walked.cells.items() if "ALLOWED" in row[ANONYMOUS]} <= OPEN_TO_ALL


#: Rows of other divisions that are shown on purpose.
SHOWN_TO_ALL = {
    "/audit-trail/history/<table>/<int:row_id>": "the page stands, without entries",
    "/divisionview/delete/<pk>": "leads back with a refusal; nothing is deleted",
    "/divisionview/edit/<pk>": "the tree of the company is everybody's; what is sent is refused",
    "/divisionview/show/<pk>": "the tree of the company is everybody's",
    "/employees/rights/<int:user_id>": "users belong to no division",
    "/employees/rights/<int:user_id>.<any(csv,xlsx,pdf):kind>": "users belong to no division",
    "/users/edit/<pk>": "leads back with a refusal; nothing changes",
    "/users/reset/<pk>": "leads back with a refusal; nothing changes",
    "/users/show/<pk>": "users belong to no division",
    "/users/switch/<pk>": "leads back with a refusal; nothing changes",
}


def test_rows_of_other_divisions_are_not_there(walked: Walked) -> None:
    let_in = {rule for (rule, _method), row in walked.cells.items() for cell in row.values() if "ALLOWED" in cell.split("/")[1:]}

    assert let_in <= set(SHOWN_TO_ALL)


MONEY = ("/cashier/take", "/cashier/reverse", "/billrunview/post", "/billrunview/open", "/billrunview/cancel", "/billrunview/action")
RIGHTS = ("/users/", "/roles/", "/groups/", "/divisionaccessview/", "/console/", "/substitutionview/")


@pytest.mark.parametrize(
    ("role", "closed"),
    [("Administrator", MONEY), ("Auditor", MONEY), ("Cashier", (*MONEY[2:], *RIGHTS)), ("Inspector", (*MONEY, *RIGHTS)),
     ("Billing operator", RIGHTS), ("Lawyer", (*MONEY, *RIGHTS)), ("Engineer", (*MONEY, *RIGHTS)), ("RNI editor", (*MONEY, *RIGHTS)),
     ("Translator", (*MONEY, *RIGHTS))],
)  # fmt: skip
def test_role_changes_nothing_that_is_not_its_work(walked: Walked, role: str, closed: tuple[str, ...]) -> None:
    open_to_it = [rule for (rule, method), row in walked.cells.items() if method != "GET" and "ALLOWED" in row[role]]

    assert [rule for rule in open_to_it if rule.startswith(closed)] == []
