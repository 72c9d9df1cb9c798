"""A new employee in one form, his card, and what a user may do on a day."""

import re
from html import unescape

import psycopg
import pytest
from flask import Flask

from tests.browsers import MINE, Browser, log_in, one

TODAY = "(now() AT TIME ZONE 'Asia/Tashkent')::date"


@pytest.fixture
def admin(app: Flask) -> Browser:
    return log_in(app, "admin")


def employee(demo_database: psycopg.Connection, username: str, **more: str) -> dict[str, str]:
    department = f"SELECT min(m.id) FROM department m JOIN division d ON d.id = m.division_id WHERE d.code = '{MINE}'"
    return {
        "last_name": "Yangiyev",
        "first_name": "Yangi",
        "personnel_number": f"P-{username}",
        "department": one(demo_database, department),
        "post": one(demo_database, "SELECT min(id) FROM post"),
        "username": username,
        "email": f"{username}@example.uz",
        "roles": one(demo_database, "SELECT id FROM ab_role WHERE name = 'Cashier'"),
        "valid_from": "2026-01-01",
        "basis": "order 5",
    } | more


def user(demo_database: psycopg.Connection, name: str) -> str:
    return one(demo_database, f"SELECT id FROM ab_user WHERE username = '{name}'")


def test_form_of_an_employee_asks_for_ten_things_at_most(admin: Browser) -> None:
    page = admin.text("/employees/add")

    form = page[page.index("employee-form") :]
    names = set(re.findall(r'<(?:input|select|textarea)[^>]* name="(\w+)"', form[: form.index("</form>")]))
    assert len(names - {"csrf_token"}) <= 10


def test_new_employee_has_post_user_role_access_and_logs_in(app: Flask, admin: Browser, demo_database: psycopg.Connection) -> None:
    form = employee(demo_database, "newcomer1")

    answer = admin.client.post("/employees/add", data=form | {"csrf_token": admin.token})

    assert answer.status_code == 200
    password = unescape(re.findall(r"<code>([^<]+)</code>", answer.text)[0])
    made = demo_database.execute(
        "SELECT m.name, m.valid_from::text, m.created_by, d.code, a.basis, a.valid_from::text, r.name FROM staff_member m "
        "JOIN ab_user u ON u.id = m.user_id JOIN division_access a ON a.user_id = u.id JOIN division d ON d.id = a.division_id "
        "JOIN ab_user_role ur ON ur.user_id = u.id JOIN ab_role r ON r.id = ur.role_id WHERE u.username = 'newcomer1'"
    ).fetchall()
    assert made == [("Yangiyev Yangi", "2026-01-01", "admin", MINE, "order 5", "2026-01-01", "Cashier")]
    client = app.test_client()
    page = client.get("/login/").text
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found is not None
    entered = client.post("/login/", data={"username": "newcomer1", "password": password, "csrf_token": found[1]})
    assert entered.status_code == 302
    assert client.get("/accountview/list/").status_code == 302, "he chooses a password of his own first"


@pytest.mark.parametrize(
    "wrong",
    [{"username": "admin"}, {"email": "admin@example.uz"}, {"roles": ""}, {"department": ""}, {"username": "Two Words"}, {"basis": " "}],
)
def test_refused_employee_leaves_nothing(admin: Browser, demo_database: psycopg.Connection, wrong: dict[str, str]) -> None:
    count = "SELECT (SELECT count(*) FROM ab_user) || ' ' || (SELECT count(*) FROM staff_member)"
    before = one(demo_database, count)
    if "email" in wrong:
        wrong = {"email": one(demo_database, "SELECT email FROM ab_user WHERE username = 'admin'")}

    answer = admin.client.post("/employees/add", data=employee(demo_database, "refused1") | wrong | {"csrf_token": admin.token})

    assert answer.status_code == 200
    assert 'class="field-error"' in answer.text
    assert one(demo_database, count) == before


def test_personnel_number_that_repeats_is_refused_and_leaves_no_user(admin: Browser, demo_database: psycopg.Connection) -> None:
    taken = one(demo_database, "SELECT min(personnel_number) FROM staff_member")

    admin.post("/employees/add", **employee(demo_database, "refused2", personnel_number=taken))

    assert one(demo_database, "SELECT count(*) FROM ab_user WHERE username = 'refused2'") == "0"


def test_employee_of_another_division_is_not_mine_to_add(demo_database: psycopg.Connection, chief: Browser) -> None:
    foreign = one(
        demo_database,
        f"INSERT INTO department (division_id, code, name, valid_from) SELECT id, 'X9', 'Begona', '2020-01-01' FROM division "
        f"WHERE code <> '{MINE}' AND level = 'DISTRICT' ORDER BY id LIMIT 1 RETURNING id",
    )

    chief.post("/employees/add", **employee(demo_database, "refused3", department=foreign))

    assert one(demo_database, "SELECT count(*) FROM ab_user WHERE username = 'refused3'") == "0"


def test_card_shows_post_sessions_and_second_factor_and_ends_a_session(
    app: Flask, admin: Browser, demo_database: psycopg.Connection
) -> None:
    cashier = log_in(app, "cashier")
    card = f"/users/show/{user(demo_database, 'cashier')}"

    page = admin.text(card)
    row = one(demo_database, f"SELECT max(id) FROM user_session WHERE user_id = {user(demo_database, 'cashier')}")
    form = {"action": "end_sessions", "rowid": row, "user": user(demo_database, "cashier"), "csrf_token": admin.token}
    answer = admin.client.post("/usersessionview/action_post", data=form)

    assert all(heading in page for heading in ("Posts</h2>", "Second factor</h2>", "Sessions that live</h2>", "Access to divisions</h2>"))
    assert one(demo_database, "SELECT name FROM post WHERE id = (SELECT post_id FROM staff_member m JOIN ab_user u ON u.id = m.user_id "
                              "WHERE u.username = 'cashier')") in page  # fmt: skip
    assert answer.location.endswith(card)
    assert cashier.status("/accountview/list/") == 302


def test_rights_on_a_day_name_the_roles_they_come_from_also_a_substituted_one(admin: Browser, demo_database: psycopg.Connection) -> None:
    members = demo_database.execute(
        "SELECT m.id, m.division_id, u.id FROM staff_member m JOIN ab_user u ON u.id = m.user_id "
        "WHERE u.username IN ('operator', 'cashier') ORDER BY u.username"
    ).fetchall()
    (cashier, _division, user_id), (operator, division, _operator_user) = members
    demo_database.execute(
        "INSERT INTO substitution (division_id, absent_id, substitute_id, valid_from, valid_to, basis) "
        "VALUES (%s, %s, %s, '2032-03-01', '2032-03-15', 'order')",
        (division, operator, cashier),
    )

    before, during, after = (admin.text(f"/employees/rights/{user_id}?day={day}") for day in ("2032-02-28", "2032-03-05", "2032-03-15"))

    assert "Billing operator, in the place of operator" in during
    assert "in the place of" not in before
    assert "in the place of" not in after
    assert "Cashier" in before


@pytest.mark.parametrize("kind", ["csv", "xlsx", "pdf"])
def test_rights_are_sent_as_a_file(admin: Browser, demo_database: psycopg.Connection, kind: str) -> None:
    answer = admin.client.get(f"/employees/rights/{user(demo_database, 'cashier')}.{kind}?day=2032-02-28")

    assert answer.status_code == 200
    assert f"rights-cashier-2032-02-28.{kind}" in answer.headers["Content-Disposition"]
    if kind == "csv":
        assert "Cashier" in answer.data.decode("utf-8-sig")


def test_rights_that_are_told_are_those_the_pages_give(app: Flask, admin: Browser, demo_database: psycopg.Connection) -> None:
    page = admin.text(f"/employees/rights/{user(demo_database, 'auditor')}")

    told = set(re.findall(r"<td[^>]*>\s*([^<]+?)\s*</td>", page))
    auditor = log_in(app, "auditor")
    assert "Operating parameters" in told
    assert auditor.status("/parameters/") == 200
    assert "Cashier" not in told
    assert "New employee" in told, "the auditor sees rights there"
    assert auditor.status("/employees/add") == 403


def test_inactive_user_may_do_nothing(admin: Browser, demo_database: psycopg.Connection) -> None:
    demo_database.execute("UPDATE ab_user SET active = false WHERE username = 'lawyer'")

    page = admin.text(f"/employees/rights/{user(demo_database, 'lawyer')}")

    assert "This user is not active" in page
    assert "Nothing." in page
    demo_database.execute("UPDATE ab_user SET active = true WHERE username = 'lawyer'")


def test_role_is_a_matrix_of_pages_by_area_and_acts(admin: Browser, demo_database: psycopg.Connection) -> None:
    role = one(demo_database, "SELECT id FROM ab_role WHERE name = 'Supervisor'")

    page = admin.text(f"/roles/show/{role}")

    heads = re.findall(r'<th scope="col">([^<]+)</th>', page)
    assert heads[:5] == ["Page", "See", "Add, change and do", "Decide and approve", "Print and send"]
    assert {"Accounts", "Billing", "Payments"} <= set(re.findall(r'<th [^>]*scope="rowgroup"[^>]*>([^<]+)<', page))
