"""Who changed what is on record with its reason; who looked at whose data too; and what identifies a person is masked."""

import json
import logging
import re
from html import unescape
from typing import Any, NamedTuple

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from app.cli import access
from app.extensions import appbuilder
from tests.access import walk
from tests.browsers import log_in, one
from tests.databases import PASSWORD

#: Planted in one consumer's row; no page of a masked role and no log may hold them.
PHONE, PINFL, STIR, BANK_ACCOUNT, NAME = "+998977654321", "32305851234567", "512345678", "20208000987654321001", "Qoʻshboqov Marker"


class Marked(NamedTuple):
    """A consumer with planted data, and the rows of his account."""

    consumer: int
    account: int
    number: str
    legal: int
    places: dict[str, str]


@pytest.fixture(scope="module")
def marked(demo_url: str) -> Marked:
    with psycopg.connect(demo_url, autocommit=True) as demo_database:
        row = demo_database.execute(
            "SELECT c.id, a.id, a.number, a.division_id FROM payment p JOIN account a ON a.id = p.account_id "
            "JOIN consumer c ON c.id = a.consumer_id JOIN bill b ON b.account_id = a.id "
            "WHERE c.kind = 'HOUSEHOLD' AND c.pinfl IS NOT NULL ORDER BY a.id LIMIT 1"
        ).fetchone()
        legal = demo_database.execute("SELECT id FROM consumer WHERE kind = 'LEGAL' ORDER BY id LIMIT 1").fetchone()
        assert row is not None
        assert legal is not None
        demo_database.execute("UPDATE consumer SET name = %s, phone = %s, pinfl = %s WHERE id = %s", (NAME, PHONE, PINFL, row[0]))
        demo_database.execute(
            "UPDATE consumer SET stir = %s, bank_account = %s, phone = %s WHERE id = %s", (STIR, BANK_ACCOUNT, PHONE, legal[0])
        )
        demo_database.execute(
            "INSERT INTO notice (division_id, account_id, kind, channel, phone, text, expires_at) "
            "VALUES (%s, %s, 'PORTAL_CODE', 'SMS', %s, 'PC Billing: your code is 918273.', now() + interval '5 minutes')",
            (row[3], row[1], PHONE),
        )
        return Marked(row[0], row[1], row[2], legal[0], _places(demo_database, row[1], row[0], legal[0]))


def _places(demo_database: psycopg.Connection, account: int, consumer: int, legal: int) -> dict[str, str]:
    """Return a row's number for each table, the marked consumer's where there is one."""
    own = {"account": str(account), "consumer": str(consumer), "legal": str(legal)}
    for (table,) in demo_database.execute(
        "SELECT table_name::text FROM information_schema.columns WHERE column_name = 'id' AND table_schema = 'public'"
    ):
        has_account = one(
            demo_database,
            f"SELECT count(*) FROM information_schema.columns WHERE table_name = '{table}' AND column_name = 'account_id'",
        )
        where = f"WHERE account_id = {account}" if has_account == "1" else ""
        found = demo_database.execute(f"SELECT id FROM {table} {where} ORDER BY id DESC LIMIT 1").fetchone()
        own.setdefault(table, str(found[0]) if found else "0")
    return own


@pytest.fixture(scope="module")
def eve(app: Flask, demo_url: str) -> str:
    """A user who sees every page but may not read personal data."""
    return _user(app, demo_url, "eve", ["Cashier", "Inspector", "Supervisor", "Auditor", "RNI editor", "Administrator"])


@pytest.fixture(scope="module")
def oper(app: Flask, demo_url: str) -> str:
    """A user who may read and change personal data."""
    return _user(app, demo_url, "oper", ["Billing operator", "Auditor"])


def _user(app: Flask, demo_url: str, name: str, roles: list[str]) -> str:
    with app.app_context():
        user_id = access.add_user(username=name, first_name=name, last_name=name, role_names=roles, password=PASSWORD)
    with psycopg.connect(demo_url) as connection:
        connection.execute(
            "INSERT INTO division_access (user_id, division_id, valid_from) SELECT %s, id, '2020-01-01' FROM division WHERE code = '17'",
            (user_id,),
        )
    return name


def readings(demo_database: psycopg.Connection) -> int:
    return int(one(demo_database, "SELECT count(*) FROM audit_entry WHERE operation = 'READ'"))


def newest(demo_database: psycopg.Connection, table: str) -> tuple[Any, ...]:
    row = demo_database.execute(
        "SELECT operation, actor, address, reason, before, after FROM audit_entry "
        "WHERE table_name = %s AND operation <> 'READ' ORDER BY id DESC LIMIT 1",
        (table,),
    ).fetchone()
    assert row is not None
    return row


#: Pages that are left out of the walk: they end the session, are the consumers' own, or are no pages.
SKIPPED = re.compile(r"^/(portal|logout|static|health|metrics|api|payme|language|back|login|swagger|register)|/download/|/static/")
KEYED = {
    "account_id": "account", "payment_id": "payment", "reading_id": "reading", "division_id": "division", "file_id": "stored_file",
    "entry_id": "audit_entry",
}  # fmt: skip


#: Pages without anything of a consumer's.
PLAIN = (
    "/tariffview/list/", "/divisionview/list/", "/bankview/list/", "/deviceview/list/", "/charts/", "/", "/jobview/list/", "/lookup/street",
)  # fmt: skip


def pdfs(marked: Marked) -> list[str]:
    """Return the addresses of the papers of the marked consumer's bill and payment."""
    return [f"/billview/pdf/{marked.places['bill']}", f"/cashier/receipt/{marked.places['payment']}.pdf"]


def pages(app: Flask, marked: Marked) -> dict[str, str]:
    """Return an address for every page a person can open, about the marked consumer where it is about one."""
    found = {}
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or SKIPPED.search(rule.rule):
            continue
        for address in _addresses(app, rule, marked):
            found[address] = rule.endpoint
    return found


def _addresses(app: Flask, rule: Rule, marked: Marked) -> list[str]:
    if rule.rule.startswith("/lookup"):
        return ["/lookup/consumer?q=Marker", f"/lookup/account?q={marked.number}", "/lookup/street"]
    view = next((each for each in appbuilder.baseviews if type(each).__name__ == rule.endpoint.split(".")[0]), None)
    table = getattr(getattr(getattr(view, "datamodel", None), "obj", None), "__tablename__", "")
    table = "legal" if type(view).__name__ == "LegalConsumerView" else table
    known: dict[str, Any] = {name: marked.places[place] for name, place in KEYED.items()}
    known |= {"pk": marked.places.get(table, "1"), "table": "consumer", "row_id": marked.consumer, "kind": "csv"}
    if not rule.arguments <= set(known):
        return []
    address = app.url_map.bind("localhost").build(rule.endpoint, {name: known[name] for name in rule.arguments})
    if rule.endpoint.startswith("console_") and rule.rule.endswith(("details/", "edit/")):
        return [f"{address}?id={marked.places.get(rule.endpoint.split('.')[0].removeprefix('console_'), '1')}"]
    return {
        "SearchView.find": [f"/search/?q={marked.number}", f"/search/?q={PHONE[-9:]}", f"/search/?q={PINFL}", "/search/?q=Marker"],
        "AuditTrailView.trail": [address, f"{address}?account={marked.number}", f"{address}?table=consumer&row={marked.consumer}"],
        "HouseholdConsumerView.list": [address, f"{address}?_flt_0_name=Marker"],
    }.get(rule.endpoint, [address])


@pytest.fixture(scope="module")
def walked(app: Flask, demo_url: str, marked: Marked, eve: str, pytestconfig: pytest.Config) -> dict[str, tuple[int, str, int]]:
    """Pages as the masked user sees them: status, text, rows written down as read; half are drawn, all that are named here are kept."""
    browser, result = log_in(app, eve), {}
    every = sorted(pages(app, marked))
    drawn = {*walk.drawn(every, pytestconfig.getoption("randomly_seed", 1)), *PLAIN, *pdfs(marked)}
    with psycopg.connect(demo_url, autocommit=True) as demo_database:
        for address in (each for each in every if each in drawn or each.startswith(("/search/", "/accountview/", "/audit"))):
            before = readings(demo_database)
            answer = browser.client.get(address)
            text = "" if answer.mimetype == "application/pdf" else unescape(answer.text)
            result[address] = (answer.status_code, text, readings(demo_database) - before)
    return result


def test_no_page_breaks(walked: dict[str, tuple[int, str, int]]) -> None:
    assert {address: status for address, (status, _text, _rows) in walked.items() if status >= 500} == {}
    assert sum(status == 200 for status, _text, _rows in walked.values()) > (80 if walk.WHOLE else 40)


def test_every_page_that_shows_a_consumer_writes_down_who_looked(
    walked: dict[str, tuple[int, str, int]], demo_database: psycopg.Connection
) -> None:
    names = [row[0] for row in demo_database.execute("SELECT name FROM consumer WHERE length(name) > 9")]
    numbers = re.compile(r"(?<![0-9])(" + "|".join(row[0] for row in demo_database.execute("SELECT number FROM account")) + r")(?![0-9])")

    personal = {
        address
        for address, (status, text, _rows) in walked.items()
        if status == 200 and (any(name in text for name in names) or numbers.search(text))
    }

    assert len(personal) > (25 if walk.WHOLE else 10)
    assert {address for address in personal if not walked[address][2]} == set()


def test_pages_without_personal_data_write_nothing(walked: dict[str, tuple[int, str, int]]) -> None:
    assert {address: walked[address][2] for address in PLAIN} == dict.fromkeys(PLAIN, 0)


def test_pdf_of_a_bill_and_of_a_receipt_are_written_down(walked: dict[str, tuple[int, str, int]], marked: Marked) -> None:
    assert [walked[address][0] for address in pdfs(marked)] == [200, 200]
    assert [walked[address][2] for address in pdfs(marked)] == [1, 1]


@pytest.mark.parametrize("marker", [PHONE, PHONE[1:], PHONE[-9:], PINFL, STIR, BANK_ACCOUNT, "918273"])
def test_masked_role_meets_no_marker_on_any_page(walked: dict[str, tuple[int, str, int]], marked: Marked, marker: str) -> None:
    typed = {address for address in walked if address.startswith("/search/") and marker in address}
    is_whole_phone = marker == PHONE[-9:]

    assert {address for address, (_status, text, _rows) in walked.items() if marker in text and address not in typed} == set()
    assert all((marked.number in walked[address][1]) == is_whole_phone for address in typed)
    assert all(walked[address][2] > 0 for address in typed if is_whole_phone)


def test_masked_and_unmasked_see_the_same_page_differently(app: Flask, marked: Marked, eve: str, oper: str) -> None:
    pages = [log_in(app, user).text(f"/accountview/show/{marked.account}") for user in (eve, oper)]

    assert "•• ••• •• 21" in pages[0]
    assert PHONE in pages[1]
    assert STIR in log_in(app, oper).text(f"/legalconsumerview/show/{marked.legal}")


def test_who_may_not_read_a_column_may_not_search_or_order_by_it(app: Flask, marked: Marked, eve: str, oper: str) -> None:
    masked, full = log_in(app, eve), log_in(app, oper)
    name = re.search(r'name="(_flt_\d_phone)"', full.text("/householdconsumerview/list/"))
    assert name is not None
    asked = f"/householdconsumerview/list/?{name[1]}=7654321"

    assert NAME in full.text(asked)
    assert re.findall(r"([\d,]+) rows?</span>", full.text(asked)) == ["1"]
    assert re.findall(r"([\d,]+) rows?</span>", masked.text(asked)) == re.findall(
        r"([\d,]+) rows?</span>", masked.text("/householdconsumerview/list/")
    )
    assert 'name="_flt_0_phone"' not in masked.text("/householdconsumerview/list/")
    assert masked.status("/householdconsumerview/list/?_oc_HouseholdConsumerView=phone&_od_HouseholdConsumerView=asc") == 400
    assert [
        masked.client.get(page, query_string={"q": PHONE[-7:]}).get_json()["results"] for page in ("/lookup/consumer", "/search/offer")
    ] == [
        [],
        [],
    ]
    assert NAME in str(masked.client.get("/lookup/consumer", query_string={"q": PHONE}).get_json()["results"])
    assert marked.number in full.text(f"/search/?q={PINFL}")


def test_who_may_not_read_a_column_can_neither_see_nor_overwrite_it_in_a_form(
    app: Flask, demo_database: psycopg.Connection, demo_url: str, marked: Marked
) -> None:
    with app.app_context():
        manager = appbuilder.sm
        role = manager.add_role("Clerk of tests")
        for permission in ("can_list", "can_show", "can_edit"):
            manager.add_permission_role(role, manager.add_permission_view_menu(permission, "HouseholdConsumerView"))
    clerk = log_in(app, _user(app, demo_url, "records_clerk", ["Clerk of tests"]))
    division = one(demo_database, f"SELECT division_id FROM consumer WHERE id = {marked.consumer}")

    form = clerk.text(f"/householdconsumerview/edit/{marked.consumer}")
    answer = clerk.post(
        f"/householdconsumerview/edit/{marked.consumer}", division=division, name=NAME, pinfl="", phone="+998900000000", language="ru"
    )

    assert 'name="language"' in form
    assert 'name="phone"' not in form
    assert 'name="pinfl"' not in form
    assert answer == 302
    row = demo_database.execute("SELECT phone, pinfl, language FROM consumer WHERE id = %s", (marked.consumer,)).fetchone()
    assert row == (PHONE, PINFL, "ru")


def new_post(browser: Any, demo_database: psycopg.Connection, name: str) -> str:
    """Add a post of the structure, which one person may do, and return its number."""
    assert browser.post("/postview/add", code=name[-8:], name=name) == 302
    return one(demo_database, f"SELECT id FROM post WHERE name = '{name}'")


def test_reason_of_an_edit_and_of_a_deletion_stands_in_the_audit_trail(app: Flask, demo_database: psycopg.Connection) -> None:
    admin = log_in(app, "admin")
    post = new_post(admin, demo_database, "Post of tests")

    assert admin.post(f"/postview/edit/{post}", code="P", name="Post", change_reason="Renamed by letter 7") == 302
    edited = newest(demo_database, "post")
    assert admin.post(f"/postview/delete/{post}", change_reason="Entered twice") == 302
    deleted = newest(demo_database, "post")

    assert edited[:4] == ("UPDATE", "admin", "127.0.0.1", "Renamed by letter 7")
    assert (edited[4]["name"], edited[5]["name"]) == ("Post of tests", "Post")
    assert deleted[:4] == ("DELETE", "admin", "127.0.0.1", "Entered twice")


def test_where_the_office_wants_reasons_a_change_without_one_is_refused(app: Flask, demo_database: psycopg.Connection) -> None:
    admin = log_in(app, "admin")
    post = new_post(admin, demo_database, "Post of reasons")
    demo_database.execute("INSERT INTO operating_parameter (code, valid_from, value) VALUES ('audit.reason_required', '2020-01-01', '1')")
    try:
        refused = admin.client.post(f"/postview/edit/{post}", data={"name": "X", "csrf_token": admin.token})
        asked = admin.client.post(f"/postview/delete/{post}", data={"csrf_token": admin.token})
        still = one(demo_database, f"SELECT name FROM post WHERE id = {post}")
        done = admin.post(f"/postview/delete/{post}", change_reason="No longer a post")
    finally:
        demo_database.execute("DELETE FROM operating_parameter WHERE code = 'audit.reason_required'")

    assert (refused.status_code, asked.status_code, still, done) == (200, 200, "Post of reasons", 302)
    assert "Say why" in refused.text
    assert 'name="change_reason"' in asked.text
    assert "required" in asked.text
    assert newest(demo_database, "post")[3] == "No longer a post"


def test_deletion_by_get_is_not_there(app: Flask, demo_database: psycopg.Connection) -> None:
    bank = one(demo_database, "SELECT min(id) FROM bank")

    assert log_in(app, "admin").status(f"/bankview/delete/{bank}") == 405


def test_supervisor_learns_who_looked_at_an_account(app: Flask, marked: Marked, oper: str) -> None:
    log_in(app, oper).status(f"/accountview/show/{marked.account}")

    page = log_in(app, "supervisor").text(f"/audit-trail/?account={marked.number}&what=reads")

    assert "oper" in page
    assert f"Account card, {marked.number}" in page
    assert "AccountView.show" not in page
    assert "127.0.0.1" in page


def test_history_of_a_row_tells_who_changed_what(app: Flask, demo_database: psycopg.Connection) -> None:
    admin = log_in(app, "admin")
    version = one(demo_database, "SELECT min(id) FROM tariff_version")
    demo_database.execute(f"UPDATE tariff_version SET source = source || '!' WHERE id = {version}")
    entry = one(demo_database, "SELECT max(id) FROM audit_entry WHERE table_name = 'tariff_version'")

    shown = admin.text(f"/tariffversionview/show/{version}")
    history = admin.text(f"/audit-trail/history/tariff_version/{version}")
    difference = admin.text(f"/audit-trail/entry/{entry}")

    assert f"/audit-trail/history/tariff_version/{version}" in shown
    assert "Source" in history
    assert "Changed" in history
    assert len(re.findall(r"<del>", difference)) == 1


def test_trail_is_paged_without_loss(app: Flask, demo_database: psycopg.Connection) -> None:
    bank = one(demo_database, "INSERT INTO bank (mfo, name) VALUES ('09997', 'n0') RETURNING id")
    for place in range(1, 121):
        demo_database.execute(f"UPDATE bank SET name = 'n{place}' WHERE id = {bank}")
    demo_database.execute(f"DELETE FROM bank WHERE id = {bank}")
    admin, address, seen = log_in(app, "admin"), f"/audit-trail/history/bank/{bank}", []

    while address:
        page = admin.text(address)
        seen += re.findall(r"/audit-trail/entry/(\d+)", page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = following[1] if following else ""

    assert len(seen) == len(set(seen)) == 122


def test_foreign_entries_and_accounts_are_not_there(app: Flask, demo_database: psycopg.Connection, marked: Marked, demo_url: str) -> None:
    with app.app_context():
        user_id = access.add_user(username="far", first_name="f", last_name="f", role_names=["Supervisor"], password=PASSWORD)
    division = one(demo_database, f"SELECT division_id FROM account WHERE id = {marked.account}")
    with psycopg.connect(demo_url) as connection:
        connection.execute(
            "INSERT INTO division_access (user_id, division_id, valid_from) "
            "SELECT %s, id, '2020-01-01' FROM division WHERE level = 'DISTRICT' AND id <> %s ORDER BY id LIMIT 1",
            (user_id, division),
        )
    entry = one(demo_database, f"SELECT max(id) FROM audit_entry WHERE table_name = 'consumer' AND row_id = {marked.consumer}")
    far = log_in(app, "far")

    assert far.status(f"/audit-trail/entry/{entry}") == 404
    assert "There is no account" in far.text(f"/audit-trail/?account={marked.number}")
    assert "/audit-trail/entry/" not in far.text(f"/audit-trail/history/consumer/{marked.consumer}")


@pytest.mark.parametrize("user", ["cashier", "inspector"])
def test_audit_trail_is_closed_to_others(app: Flask, user: str) -> None:
    browser = log_in(app, user)

    assert {browser.client.get(address).status_code for address in ("/audit-trail/", "/audit-chain/")} == {403}


@pytest.mark.usefixtures("app")
def test_logs_hold_no_personal_data() -> None:
    stream = logging.StreamHandler()
    formatted: list[str] = []
    stream.emit = lambda record: formatted.append(stream.format(record))  # type: ignore[method-assign]
    logger = logging.getLogger("pcb.test")
    logger.addHandler(stream)
    try:
        logger.error("no such person: %s, %s", PHONE, PINFL)
        try:
            int(f"Key (phone)=({PHONE}) already exists; card 8600123412341234")
        except ValueError:
            logger.exception("refused")
    finally:
        logger.removeHandler(stream)

    text = "\n".join(formatted)
    assert "refused" in text
    assert "Traceback" in text
    assert [marker for marker in (PHONE, PHONE[1:], PINFL, "8600123412341234") if marker in text] == []


def test_reading_that_cannot_be_written_down_shows_nothing(
    app: Flask, demo_database: psycopg.Connection, marked: Marked, oper: str
) -> None:
    browser = log_in(app, oper)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    demo_database.execute("REVOKE EXECUTE ON FUNCTION write_reading(text, jsonb, text[], bigint[]) FROM pcb_web")
    try:
        answer = browser.client.get(f"/accountview/show/{marked.account}")
    finally:
        demo_database.execute("GRANT EXECUTE ON FUNCTION write_reading(text, jsonb, text[], bigint[]) TO pcb_web")
        app.config["PROPAGATE_EXCEPTIONS"] = None

    assert answer.status_code == 500
    assert NAME not in answer.text


def test_page_of_a_search_is_written_down_without_what_was_typed(app: Flask, demo_database: psycopg.Connection, oper: str) -> None:
    log_in(app, oper).status(f"/search/?q={PHONE[1:]}")

    after = demo_database.execute(
        "SELECT after FROM audit_entry WHERE operation = 'READ' AND actor = 'oper' ORDER BY id DESC LIMIT 1"
    ).fetchone()

    assert after is not None
    assert after[0]["page"] == "SearchView.find"
    assert PHONE[1:] not in json.dumps(after[0])


def test_portal_is_not_the_offices_reading(client: FlaskClient, demo_database: psycopg.Connection) -> None:
    before = readings(demo_database)

    assert client.get("/portal/").status_code == 200
    assert readings(demo_database) == before
