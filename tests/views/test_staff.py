"""Users, roles, groups, the structure and substitutions: nobody gives himself rights, or rights above his own."""

import ast
import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import event
from werkzeug.security import check_password_hash

from app.cli import access
from app.extensions import appbuilder, db
from app.labels import PERMISSION_LABELS, job_message
from app.views.administration.role_grants import page_titles
from tests.browsers import Browser, log_in, one

PASSWORD = "pc-billing-demo"
NEW = {
    "username": "newcomer",
    "first_name": "New",
    "last_name": "Comer",
    "email": "newcomer@example.uz",
    "password": "several plain words",
    "password_again": "several plain words",
    "valid_from": "2020-01-01",
    "basis": "Order 7",
}


@pytest.fixture(scope="module", autouse=True)
def people(app: Flask, demo_url: str) -> None:
    """An administrator of the whole company, one of a district, and two who are worked on."""
    made = {"chief": ("Administrator", "17"), "local_admin": ("Administrator", "1726901"), "clerk": ("Cashier", "1726901")}
    made |= {"boss": ("Supervisor", "1718"), "owner": ("Admin", "17"), "outsider": ("Cashier", None)}
    with app.app_context():
        ids = {
            name: access.add_user(username=name, first_name=name, last_name="Test", role_names=[role], password=PASSWORD)
            for name, (role, _) in made.items()
        }
    with psycopg.connect(demo_url, autocommit=True) as connection:
        for name, (_, code) in made.items():
            if code:
                connection.execute(
                    "INSERT INTO division_access (user_id, division_id, valid_from) "
                    "SELECT %s, id, '2020-01-01' FROM division WHERE code = %s",
                    (ids[name], code),
                )


@pytest.fixture
def chief(app: Flask) -> Browser:
    return log_in(app, "chief")


def user(demo_database: psycopg.Connection, name: str) -> str:
    return one(demo_database, f"SELECT id FROM ab_user WHERE username = '{name}'")


def role(demo_database: psycopg.Connection, name: str) -> str:
    return one(demo_database, f"SELECT id FROM ab_role WHERE name = '{name}'")


def division(demo_database: psycopg.Connection, code: str) -> str:
    return one(demo_database, f"SELECT id FROM division WHERE code = '{code}'")


def roles_of(demo_database: psycopg.Connection, name: str) -> set[str]:
    rows = demo_database.execute(
        "SELECT r.name FROM ab_user_role ur JOIN ab_role r ON r.id = ur.role_id JOIN ab_user u ON u.id = ur.user_id WHERE u.username = %s",
        (name,),
    )
    return {row[0] for row in rows}


def data_of(name: str, **more: str) -> dict[str, str]:
    return {"first_name": name, "last_name": "Test", "email": f"{name}@example.uz"} | more


def test_user_is_added_with_password_roles_and_divisions_and_can_log_in(chief: Browser, demo_database: psycopg.Connection) -> None:
    form = NEW | {"roles": role(demo_database, "Cashier"), "divisions": division(demo_database, "1726901")}

    assert chief.post("/users/add", **form | {"password_again": "other words here"}) == 200
    assert chief.post("/users/add", **form | {"password": "short", "password_again": "short"}) == 200
    assert chief.post("/users/add", **form | {"roles": ""}) == 200
    assert one(demo_database, "SELECT count(*) FROM ab_user WHERE username = 'newcomer'") == "0"
    assert chief.post("/users/add", **form) == 302

    assert roles_of(demo_database, "newcomer") == {"Cashier"}
    grant = demo_database.execute("SELECT basis, valid_from::text, created_by FROM division_access ORDER BY id DESC LIMIT 1").fetchone()
    assert grant == ("Order 7", "2020-01-01", "chief")
    assert check_password_hash(one(demo_database, "SELECT password FROM ab_user WHERE username = 'newcomer'"), NEW["password"])
    assert "Another user has this name." in unescape(chief.client.post("/users/add", data=form | {"csrf_token": chief.token}).text)


def test_administrator_cannot_give_the_highest_role_but_its_holder_can(
    app: Flask, chief: Browser, demo_database: psycopg.Connection
) -> None:
    clerk, highest, cashier = user(demo_database, "clerk"), role(demo_database, "Admin"), role(demo_database, "Cashier")

    page = chief.text(f"/users/edit/{clerk}")
    chief.post(f"/users/edit/{clerk}", **data_of("clerk", roles=highest))
    after_chief = roles_of(demo_database, "clerk")
    owner = log_in(app, "owner")
    owner.post(f"/users/edit/{clerk}", **data_of("clerk", roles=highest))
    after_owner = roles_of(demo_database, "clerk")
    chief.post(f"/users/edit/{clerk}", **data_of("clerk", roles=cashier))
    kept = roles_of(demo_database, "clerk")
    owner.post(f"/users/edit/{clerk}", **data_of("clerk", roles=cashier))

    assert "Owner of the system" not in page
    assert "Supervisor" in page
    assert (after_chief, after_owner, kept, roles_of(demo_database, "clerk")) == ({"Cashier"}, {"Admin"}, {"Admin"}, {"Cashier"})


@pytest.mark.parametrize("name", ["chief", "owner", "boss"])
@pytest.mark.parametrize("deed", ["edit", "reset", "switch"])
def test_rights_are_not_changed_by_oneself_nor_from_below_nor_from_elsewhere(
    app: Flask, demo_database: psycopg.Connection, name: str, deed: str
) -> None:
    giver = log_in(app, {"chief": "chief", "owner": "chief", "boss": "local_admin"}[name])
    columns = f"SELECT email || password || active || last_name FROM ab_user WHERE username = '{name}'"
    before, roles = one(demo_database, columns), roles_of(demo_database, name)
    form = data_of(
        name,
        last_name="Changed",
        roles=role(demo_database, "Supervisor"),
        password="several plain words",
        password_again="several plain words",
    )

    giver.post(f"/users/{deed}/{user(demo_database, name)}", **form)

    assert (one(demo_database, columns), roles_of(demo_database, name)) == (before, roles)


def test_deactivated_user_is_out_at_once_and_stays_in_the_books(app: Flask, chief: Browser, demo_database: psycopg.Connection) -> None:
    clerk, browser = user(demo_database, "clerk"), log_in(app, "clerk")
    before = browser.status("/accountview/list/")

    chief.post(f"/users/switch/{clerk}")
    after = browser.status("/accountview/list/")
    chief.post(f"/users/switch/{clerk}")

    assert (before, after) == (200, 302)
    assert chief.post(f"/users/delete/{clerk}") == 403
    trail = demo_database.execute(
        "SELECT actor, after ->> 'active' FROM audit_entry WHERE table_name = 'ab_user' AND row_id = %s ORDER BY id DESC LIMIT 2", (clerk,)
    ).fetchall()
    assert trail == [("chief", "true"), ("chief", "false")]


def test_new_password_works_and_its_hash_is_not_in_the_audit_trail(chief: Browser, demo_database: psycopg.Connection) -> None:
    form = {"password": "another long sentence", "password_again": "another long sentence"}

    assert chief.post(f"/users/reset/{user(demo_database, 'clerk')}", **form) == 302
    told = "SELECT email, kind, status, text FROM notice WHERE user_id = %s ORDER BY id DESC LIMIT 1"
    row = demo_database.execute(told, (user(demo_database, "clerk"),)).fetchone()
    assert row is not None
    assert (row[0], *row[1:3]) == (one(demo_database, "SELECT email FROM ab_user WHERE username = 'clerk'"), "STAFF_PASSWORD", "QUEUED")
    assert form["password"] not in row[3]

    assert check_password_hash(one(demo_database, "SELECT password FROM ab_user WHERE username = 'clerk'"), form["password"])
    demo_database.execute("UPDATE ab_user SET password = (SELECT password FROM ab_user WHERE username = 'boss') WHERE username = 'clerk'")
    demo_database.execute("DELETE FROM given_password")
    assert one(demo_database, "SELECT count(*) FROM audit_entry WHERE before::text || after::text LIKE '%scrypt%'") == "0"


def test_change_of_a_users_roles_leaves_an_audit_row_with_the_actor(chief: Browser, demo_database: psycopg.Connection) -> None:
    clerk = user(demo_database, "clerk")

    chief.client.post(
        f"/users/edit/{clerk}",
        data=data_of("clerk") | {"csrf_token": chief.token, "roles": [role(demo_database, "Cashier"), role(demo_database, "Inspector")]},
    )
    chief.post(f"/users/edit/{clerk}", **data_of("clerk", roles=role(demo_database, "Cashier")))

    rows = demo_database.execute(
        "SELECT actor, operation FROM audit_entry WHERE table_name = 'ab_user_role' ORDER BY id DESC LIMIT 2"
    ).fetchall()
    assert rows == [("chief", "DELETE"), ("chief", "INSERT")]


def test_group_gives_its_members_its_roles_and_takes_them_away(app: Flask, chief: Browser, demo_database: psycopg.Connection) -> None:
    clerk, browser = user(demo_database, "clerk"), log_in(app, "clerk")
    chief.post("/groups/add", name="Readers of meters", description="", roles=role(demo_database, "Inspector"))
    group = one(demo_database, "SELECT id FROM ab_group WHERE name = 'Readers of meters'")
    before = browser.status("/readingimportview/list/")

    chief.post(f"/users/edit/{clerk}", **data_of("clerk", roles=role(demo_database, "Cashier"), groups=group))
    inside = log_in(app, "clerk").status("/readingimportview/list/")
    chief.post(f"/users/edit/{clerk}", **data_of("clerk", roles=role(demo_database, "Cashier")))

    outside = log_in(app, "clerk").status("/readingimportview/list/")
    assert (before, inside, outside) == (403, 200, 403)


def test_nobody_lifts_himself_by_a_group_or_a_role_of_his_own(app: Flask, chief: Browser, demo_database: psycopg.Connection) -> None:
    group = one(demo_database, "INSERT INTO ab_group (id, name, label) VALUES (nextval('ab_group_id_seq'), 'Mine', 'Mine') RETURNING id")
    demo_database.execute(
        "INSERT INTO ab_user_group (id, user_id, group_id) "
        f"VALUES (nextval('ab_user_group_id_seq'), {user(demo_database, 'chief')}, {group})"
    )
    own = role(demo_database, "Administrator")
    count = f"SELECT count(*) FROM ab_permission_view_role WHERE role_id = {own}"
    before = one(demo_database, count)

    chief.post(f"/groups/edit/{group}", name="Mine", description="", roles=role(demo_database, "Supervisor"))
    chief.post(f"/roles/edit/{own}", name="Administrator", permission="1")
    local = log_in(app, "local_admin").post(f"/roles/edit/{role(demo_database, 'Cashier')}", name="Cashier", permission="1")

    assert one(demo_database, f"SELECT count(*) FROM ab_group_role WHERE group_id = {group}") == "0"
    assert one(demo_database, count) == before
    assert local == 403
    assert one(demo_database, f"SELECT count(*) FROM ab_permission_view_role WHERE role_id = {role(demo_database, 'Cashier')}") != "1"
    demo_database.execute(f"DELETE FROM ab_user_group WHERE group_id = {group}")


def test_role_of_the_offices_own_permits_what_was_chosen_with_its_menu(
    app: Flask, chief: Browser, demo_database: psycopg.Connection
) -> None:
    permission = one(
        demo_database,
        "SELECT pv.id FROM ab_permission_view pv "
        "JOIN ab_permission p ON p.id = pv.permission_id JOIN ab_view_menu v ON v.id = pv.view_menu_id "
        "WHERE p.name = 'can_list' AND v.name = 'BankView'",
    )
    chief.post("/roles/add", name="Reader", permission=permission)
    clerk = user(demo_database, "clerk")

    chief.post(f"/users/edit/{clerk}", **data_of("clerk", roles=role(demo_database, "Reader")))
    browser = log_in(app, "clerk")
    home, statuses = browser.text("/"), [browser.status(page) for page in ("/bankview/list/", "/accountview/list/", "/profile/")]
    chief.post(f"/users/edit/{clerk}", **data_of("clerk", roles=role(demo_database, "Cashier")))

    assert statuses == [200, 403, 200]
    assert "/bankview/list/" in home
    assert "/accountview/list/" not in home
    assert re.search(r"Banks</th><td>see the list<", chief.text(f"/roles/show/{role(demo_database, 'Reader')}"))


def test_access_is_not_given_to_oneself_nor_beyond_ones_own_divisions_nor_twice(
    app: Flask, chief: Browser, demo_database: psycopg.Connection
) -> None:
    local = log_in(app, "local_admin")
    count = "SELECT count(*) FROM division_access"
    before = one(demo_database, count)
    grant = {"valid_from": "2026-01-01", "basis": "Order 8", "division": division(demo_database, "1718901")}

    own = chief.post("/divisionaccessview/add", user=user(demo_database, "chief"), **grant)
    beyond = local.post("/divisionaccessview/add", user=user(demo_database, "clerk"), **grant)
    twice = chief.client.post(
        "/divisionaccessview/add",
        data=grant | {"csrf_token": chief.token, "user": user(demo_database, "clerk"), "division": division(demo_database, "1726901")},
    )
    without = chief.post("/divisionaccessview/add", user=user(demo_database, "clerk"), **grant | {"basis": ""})

    assert (own, beyond, twice.status_code, without, one(demo_database, count)) == (200, 200, 200, 200, before)
    assert "overlaps another one" in twice.text


def test_access_for_a_time_is_given_ended_and_listed(chief: Browser, demo_database: psycopg.Connection) -> None:
    grant = {"valid_from": "2026-01-01", "valid_to": "2099-01-01", "basis": "Order 9", "division": division(demo_database, "1718")}
    chief.post("/divisionaccessview/add", user=user(demo_database, "clerk"), **grant)
    address = f"/access-today/?division={division(demo_database, '1718901')}"
    row = one(demo_database, "SELECT max(id) FROM division_access")
    listed = chief.text(address), chief.text(address + "&q=nobody")

    chief.post(f"/divisionaccessview/end/{row}")

    assert ["clerk" in page and "Order 9" in page for page in (*listed, chief.text(address))] == [True, False, False]
    assert (
        one(demo_database, f"SELECT valid_to = (now() AT TIME ZONE 'Asia/Tashkent')::date FROM division_access WHERE id = {row}") == "True"
    )
    demo_database.execute(f"DELETE FROM division_access WHERE id = {row}")


def test_user_without_access_is_told_so_and_keeps_his_own_page(app: Flask) -> None:
    browser = log_in(app, "outsider")

    assert "no access to any division" in browser.text("/")
    assert "no access to any division" in browser.text("/accountview/list/")
    assert [browser.status(page) for page in ("/", "/cashier/", "/profile/", "/resetmypassword/form")] == [403, 403, 200, 200]


def test_own_password_is_changed_by_whoever_knows_it(app: Flask, demo_database: psycopg.Connection) -> None:
    browser = log_in(app, "boss")
    stored = "SELECT password FROM ab_user WHERE username = 'boss'"
    before = one(demo_database, stored)
    form = {"password": "several plain words", "password_again": "several plain words"}

    wrong = browser.post("/resetmypassword/form", old_password="guess", **form)
    after_wrong = one(demo_database, stored)
    right = browser.post("/resetmypassword/form", old_password=PASSWORD, **form)

    assert (wrong, right, after_wrong == before) == (200, 302, True)
    assert check_password_hash(one(demo_database, stored), form["password"])
    demo_database.execute("UPDATE ab_user SET password = %s WHERE username = 'boss'", (before,))


@pytest.fixture
def appointed(demo_database: psycopg.Connection) -> Iterator[Callable[[str], str]]:
    """People for the boss and the clerk, each in a department of his division."""
    for name, code in (("boss", "1718"), ("clerk", "1726901"), ("chief", "17"), ("owner", "17")):
        place = division(demo_database, code)
        demo_database.execute(
            f"INSERT INTO department (division_id, code, name, valid_from) VALUES ({place}, '90', 'Test', '2020-01-01') "
            "ON CONFLICT DO NOTHING"
        )
        demo_database.execute("INSERT INTO post (code, name) VALUES ('TEST', 'Tester') ON CONFLICT DO NOTHING")
        demo_database.execute(
            "INSERT INTO staff_member (division_id, department_id, post_id, user_id, name, personnel_number, valid_from) "
            f"SELECT {place}, d.id, p.id, {user(demo_database, name)}, 'Person {name}', 'T-{name}', '2020-01-01' FROM department d, post p "
            f"WHERE d.division_id = {place} AND d.code = '90' AND p.code = 'TEST' ON CONFLICT DO NOTHING"
        )
    yield lambda name: one(demo_database, f"SELECT id FROM staff_member WHERE personnel_number = 'T-{name}'")
    demo_database.execute("DELETE FROM substitution")
    demo_database.execute("DELETE FROM staff_member WHERE personnel_number LIKE 'T-%'")
    demo_database.execute("DELETE FROM department WHERE code = '90'")
    demo_database.execute("DELETE FROM post WHERE code = 'TEST'")


def substitution(absent: str, substitute: str, valid_from: str = "2020-01-01", valid_to: str = "2099-01-01", **more: str) -> dict[str, str]:
    return {"absent": absent, "substitute": substitute, "valid_from": valid_from, "valid_to": valid_to, "basis": "Order 10"} | more


def test_substitute_may_do_what_the_absent_one_may_on_those_days_only(
    app: Flask, chief: Browser, demo_database: psycopg.Connection, appointed: Callable[[str], str]
) -> None:
    form = substitution(appointed("boss"), appointed("clerk"))
    foreign = one(demo_database, f"SELECT account_id FROM bill WHERE division_id = {division(demo_database, '1718901')} ORDER BY 1 LIMIT 1")
    browser = log_in(app, "clerk")

    def seen() -> tuple[int, int]:
        return browser.status("/charts/"), browser.status(f"/accountview/show/{foreign}")

    before = seen()
    asked = unescape(chief.client.post("/substitutionview/add", data=form | {"csrf_token": chief.token}).text)
    unsure = seen()
    chief.post("/substitutionview/add", **form, sure="y")
    during = seen()
    listed = chief.text(f"/access-today/?division={division(demo_database, '1718901')}")
    demo_database.execute("UPDATE substitution SET valid_to = '2020-02-01' WHERE valid_from = '2020-01-01'")
    after = seen()

    assert "will be able to do what Person boss may: as Supervisor, in Samarqand" in asked
    assert (before, unsure, during, after) == ((403, 404), (403, 404), (200, 200), (403, 404))
    assert "Person boss" in listed
    assert one(demo_database, "SELECT created_by FROM substitution WHERE valid_from = '2020-01-01'") == "chief"


def test_substitution_is_not_handed_on(app: Flask, demo_database: psycopg.Connection, appointed: Callable[[str], str]) -> None:
    insert = (
        "INSERT INTO substitution (division_id, absent_id, substitute_id, valid_from, valid_to, basis) "
        "VALUES (%s, %s, %s, '2020-01-01', '2099-01-01', 'x')"
    )
    demo_database.execute(insert, (division(demo_database, "1718"), appointed("boss"), appointed("chief")))
    demo_database.execute(insert, (division(demo_database, "17"), appointed("chief"), appointed("clerk")))

    browser = log_in(app, "clerk")

    assert browser.status("/users/list/") == 200  # the chief's own right
    assert browser.status("/charts/") == 403  # the boss's, lent to the chief


def test_nobody_appoints_himself_a_substitute_nor_lends_the_highest_role(
    chief: Browser, demo_database: psycopg.Connection, appointed: Callable[[str], str]
) -> None:
    before = one(demo_database, "SELECT count(*) FROM substitution")

    chief.post("/substitutionview/add", **substitution(appointed("boss"), appointed("chief"), sure="y"))
    chief.post("/substitutionview/add", **substitution(appointed("owner"), appointed("clerk"), sure="y"))
    chief.post("/substitutionview/add", **substitution(appointed("boss"), appointed("boss"), sure="y"))

    assert one(demo_database, "SELECT count(*) FROM substitution") == before


def test_user_is_not_tied_to_a_person_by_himself_or_from_below(
    chief: Browser, demo_database: psycopg.Connection, appointed: Callable[[str], str]
) -> None:
    tied = (
        "SELECT count(*) FROM staff_member m JOIN ab_user u ON u.id = m.user_id WHERE m.personnel_number = 'T-clerk' AND u.username = '{}'"
    )
    place, post = (
        one(demo_database, "SELECT department_id FROM staff_member WHERE personnel_number = 'T-clerk'"),
        one(demo_database, "SELECT id FROM post WHERE code = 'TEST'"),
    )
    demo_database.execute("DELETE FROM staff_member WHERE personnel_number IN ('T-owner', 'T-chief')")
    form = {"name": "Person clerk", "personnel_number": "T-clerk", "department": place, "post": post, "valid_from": "2020-01-01"}

    for name in ("chief", "owner"):
        chief.post(f"/staffmemberview/edit/{appointed('clerk')}", **form, user=user(demo_database, name))

    assert [one(demo_database, tied.format(name)) for name in ("chief", "owner", "clerk")] == ["0", "0", "1"]


def test_structure_shows_the_tree_with_people_and_who_stands_in(
    chief: Browser, demo_database: psycopg.Connection, appointed: Callable[[str], str]
) -> None:
    chief.post("/substitutionview/add", **substitution(appointed("boss"), appointed("clerk"), sure="y"))

    page = chief.text(f"/structure/?division={division(demo_database, '1718')}")

    assert "Person boss" in page
    assert "Person clerk stands in" in page


@pytest.mark.usefixtures("appointed")
def test_department_does_not_lie_inside_itself_nor_in_another_division(chief: Browser, demo_database: psycopg.Connection) -> None:
    mine = one(demo_database, "SELECT department_id FROM staff_member WHERE personnel_number = 'T-boss'")
    other = one(demo_database, "SELECT department_id FROM staff_member WHERE personnel_number = 'T-clerk'")
    place = division(demo_database, "1718")
    below = one(
        demo_database,
        "INSERT INTO department (division_id, parent_id, code, name, valid_from) "
        f"VALUES ({place}, {mine}, '91', 'x', '2020-01-01') RETURNING id",
    )
    form = {"division": place, "code": "90", "name": "Test", "valid_from": "2020-01-01"}

    pages = [
        chief.client.post(f"/departmentview/edit/{mine}", data=form | {"parent": parent, "csrf_token": chief.token}).text
        for parent in (below, other)
    ]
    demo_database.execute(f"DELETE FROM department WHERE id = {below}")

    assert "cannot lie inside itself" in pages[0]
    assert "of the same division" in pages[1]


def test_every_permission_of_our_pages_is_said_in_words(app: Flask) -> None:
    with app.test_request_context():
        titles = page_titles()
    shown = {name for view in appbuilder.baseviews if type(view).__name__ in titles for name in view.base_permissions or ()}

    assert sorted(shown - set(PERMISSION_LABELS)) == []


def test_page_asks_what_the_user_may_do_once(app: Flask, chief: Browser) -> None:
    statements: list[str] = []
    with app.app_context():
        engine = db.engine
    chief.status("/bankview/list/")  # what is asked now and then, by whichever page comes, is asked here
    listener = lambda _c, _cursor, statement, *_: statements.append(statement)  # noqa: E731 - removed again below
    event.listen(engine, "before_cursor_execute", listener)
    try:
        assert chief.status("/bankview/list/") == 200
    finally:
        event.remove(engine, "before_cursor_execute", listener)

    # Whether a text or a parameter was changed is asked every few seconds, by whichever page comes then.
    of_page = [each for each in statements if "FROM translation" not in each and not each.startswith("SELECT operating_parameter.value")]
    assert len([each for each in of_page if "ab_permission" in each]) == 1
    # Who asks, 5; the rows, 5; views of the list and whom they can be shared with, 3; what waits in the menu and the bell, 3; maintenance.
    assert len(of_page) <= 17, of_page


FORBIDDEN = {
    "engineer": ["/billview/list/", "/cashier/", "/users/list/", "/charts/", "/console/"],
    "lawyer": ["/cashier/", "/users/list/", "/new-account/", "/console/", "/equipment-documents/"],
    "auditor": ["/cashier/", "/new-account/", "/users/add", "/divisionaccessview/add", "/reading-entry/1", "/billrunview/open"],
    "translator": ["/accountview/list/", "/users/list/", "/console/"],
    "chief": ["/cashier/", "/paymentview/list/", "/billrunview/list/", "/new-account/"],
}
ALLOWED = {
    "engineer": ["/deviceview/list/", "/equipment-documents/", "/readingview/list/", "/structure/"],
    "lawyer": ["/debtview/list/", "/billview/list/", "/noticeview/list/"],
    "auditor": ["/users/list/", "/paymentview/list/", "/console/", "/access-today/", "/charts/", "/substitutionview/list/"],
    "chief": [
        "/users/add",
        "/roles/add",
        "/groups/add",
        "/divisionaccessview/add",
        "/console/",
        "/substitutionview/add",
        "/roles/list/",
        "/groups/list/",
    ],
}


@pytest.mark.parametrize("name", FORBIDDEN)
def test_role_opens_its_pages_and_no_others(app: Flask, name: str) -> None:
    browser = log_in(app, name)

    assert {page: browser.status(page) for page in FORBIDDEN[name]} == dict.fromkeys(FORBIDDEN[name], 403)
    assert {page: browser.status(page) for page in ALLOWED.get(name, [])} == dict.fromkeys(ALLOWED.get(name, []), 200)


def test_every_line_jobs_write_is_collected_for_the_translators() -> None:
    jobs = Path(__file__).resolve().parents[2] / "app" / "jobs"
    nodes = [each for path in jobs.rglob("*.py") for each in ast.walk(ast.parse(path.read_text()))]
    written = {id(each): each.value for each in nodes if isinstance(each, ast.Constant) and "%(" in str(each.value)}
    collected = {
        id(argument)
        for each in nodes
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id in {"catalog_text", "_", "ngettext"}
        for argument in each.args
    }

    assert len(written) > 30
    assert sorted(text for place, text in written.items() if place not in collected) == []


def test_line_of_a_job_log_is_filled_where_it_is_shown(app: Flask) -> None:
    with app.test_request_context():
        assert job_message("%(count)s messages sent", {"count": 3}) == "3 messages sent"
        assert job_message("an old line, 100% English", {}) == "an old line, 100% English"
