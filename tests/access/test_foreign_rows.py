"""What a user of one district finds of another on pages that are no lists: histories, requests, the tree itself."""

from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask

from app.cli import access
from tests.access import walk
from tests.access.walk import FOREIGN, MINE, Browser
from tests.databases import PASSWORD

CHIEF = "matrix_chief"
DIVISION = f"(SELECT id FROM division WHERE code = '{FOREIGN}')"


@pytest.fixture(scope="module")
def chief(app: Flask, demo_url: str) -> Browser:
    """A browser of somebody who may do everything, in one district."""
    with app.app_context(), psycopg.connect(demo_url) as demo_database:
        user_id = access.add_user(username=CHIEF, first_name="Matrix", last_name="Chief", role_names=["Admin"], password=PASSWORD)
        demo_database.execute(
            "INSERT INTO division_access (user_id, division_id, valid_from) SELECT %s, id, '2020-01-01' FROM division WHERE code = %s",
            (user_id, MINE),
        )
    return walk.browser_of(app, CHIEF, 240)


@pytest.fixture
def request_id(demo_database: psycopg.Connection) -> Iterator[int]:
    """A request for approval of the other district."""
    found = one(
        demo_database,
        "INSERT INTO approval (division_id, kind, subject_id, subject) "
        f"VALUES ({DIVISION}, 'REFERENCE_CHANGE', 1, 'secret of the other district') RETURNING id",
    )
    yield int(str(found))
    demo_database.execute(f"DELETE FROM approval WHERE id = {found}")


def one(demo_database: psycopg.Connection, statement: str) -> object:
    row = demo_database.execute(statement).fetchone()
    assert row is not None, statement
    return row[0]


def test_history_of_a_foreign_account_is_empty(chief: Browser, demo_database: psycopg.Connection) -> None:
    pages = {}
    for code in (MINE, FOREIGN):
        account = one(
            demo_database,
            "SELECT e.row_id FROM audit_entry e JOIN account a ON a.id = e.row_id JOIN division d ON d.id = a.division_id "
            f"WHERE e.table_name = 'account' AND d.code = '{code}' ORDER BY 1 LIMIT 1",
        )
        pages[code] = chief.client.get(f"/audit-trail/history/account/{account}").text

    assert "/audit-trail/entry/" in pages[MINE] or "<tr" in pages[MINE]
    assert "/audit-trail/entry/" not in pages[FOREIGN]


@pytest.mark.parametrize("address", ["/charts/?division={}", "/access-today/?division={}", "/charts/accounts/{}"])
def test_page_about_a_foreign_division_is_not_there(chief: Browser, demo_database: psycopg.Connection, address: str) -> None:
    own = one(demo_database, f"SELECT id FROM division WHERE code = '{MINE}'")

    assert chief.status("GET", address.format(own)) == "ALLOWED"
    assert chief.status("GET", address.format(one(demo_database, f"SELECT {DIVISION}"))) == "ABSENT"


def test_foreign_request_is_neither_shown_nor_decided(chief: Browser, demo_database: psycopg.Connection, request_id: int) -> None:
    answers = [
        chief.status("GET", f"/approvalview/show/{request_id}"),
        chief.status("POST", f"/approvalview/decide/{request_id}", decision="APPROVED", approve="y"),
        chief.status("POST", f"/approvalview/withdraw/{request_id}"),
    ]

    assert "secret of the other district" not in chief.client.get("/approvalview/list/").text
    assert "secret of the other district" not in chief.client.get("/approvalview/inbox").text
    assert "ALLOWED" not in answers
    assert one(demo_database, f"SELECT status FROM approval WHERE id = {request_id}") == "PENDING"


def test_foreign_division_is_neither_renamed_nor_deleted_nor_given_a_child(chief: Browser, demo_database: psycopg.Connection) -> None:
    rows = "SELECT string_agg(code || name, ',' ORDER BY id) FROM division"
    before, division = one(demo_database, rows), one(demo_database, f"SELECT {DIVISION}")
    region = one(demo_database, f"SELECT parent_id FROM division WHERE id = {division}")
    form = {"parent": str(region), "level": "DISTRICT", "code": FOREIGN, "branch_code": "001", "name": "Renamed", "change_reason": "test"}

    chief.status("POST", f"/divisionview/edit/{division}", **form)
    chief.status("POST", "/divisionview/add", **form | {"code": "1718902", "branch_code": "998"})
    chief.status("POST", f"/divisionview/delete/{division}", change_reason="test")

    assert one(demo_database, rows) == before


def test_own_division_is_renamed(chief: Browser, demo_database: psycopg.Connection) -> None:
    found = demo_database.execute(f"SELECT id, parent_id, branch_code, name FROM division WHERE code = '{MINE}'").fetchone()
    assert found is not None
    form = {"parent": str(found[1]), "level": "DISTRICT", "code": MINE, "branch_code": found[2] or "", "name": "Renamed"}

    chief.status("POST", f"/divisionview/edit/{found[0]}", **form, change_reason="test")
    renamed = one(demo_database, f"SELECT name FROM division WHERE id = {found[0]}")
    demo_database.execute("UPDATE division SET name = %s WHERE id = %s", (found[3], found[0]))

    assert renamed == "Renamed"
