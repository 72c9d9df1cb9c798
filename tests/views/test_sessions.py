"""A session lives on the server: it begins fresh, ends at once, and opens only when all that is asked for was shown."""

import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import psycopg
import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_appbuilder.security.manager import BaseSecurityManager

from app import clock
from app.extensions import appbuilder
from tests.browsers import token
from tests.databases import PASSWORD
from tests.views.members import (
    MEMBER,
    NEW_PASSWORD,
    OTHER,
    code_at,
    cookie,
    enter,
    give_device,
    last,
    newest_session,
    post,
    try_login,
    user_id,
)

pytestmark = pytest.mark.usefixtures("clean")

PAGE = "/accountview/list/"


def test_login_begins_a_fresh_session_and_forgets_what_was_in_the_old_one(app: Flask) -> None:
    client = app.test_client()
    made = token(client.get("/login/").text)
    with client.session_transaction() as session:
        session["planted"] = "by a stranger"
        session["portal_account_id"] = 1
    before = cookie(client)

    client.post("/login/", data={"username": MEMBER, "password": PASSWORD, "csrf_token": made})

    with client.session_transaction() as session:
        assert {"planted", "portal_account_id"} & set(session) == set()
    assert cookie(client) != before
    assert client.get(PAGE).status_code == 200
    stranger = app.test_client()
    stranger.set_cookie("session", before)
    assert stranger.get(PAGE).status_code == 302


def test_token_is_not_in_the_database(app: Flask, demo_database: psycopg.Connection) -> None:
    client = enter(app)
    with client.session_transaction() as session:
        shown = session["session"]

    rows = demo_database.execute("SELECT token_hash FROM user_session").fetchall()

    assert shown not in {row[0] for row in rows}


class Ended(NamedTuple):
    """What the ways to end a session need."""

    app: Flask
    client: FlaskClient
    demo_database: psycopg.Connection


def by_logout(these: Ended) -> None:
    assert post(these.client, "/my-sessions/", "/logout/")[0] == 302


def by_own_password(these: Ended) -> None:
    form = {"old_password": PASSWORD, "password": NEW_PASSWORD, "password_again": NEW_PASSWORD}
    assert post(these.client, "/resetmypassword/form", **form)[0] == 302


def by_administrator(these: Ended) -> None:
    form = {"password": NEW_PASSWORD, "password_again": NEW_PASSWORD}
    assert post(enter(these.app, "admin"), f"/users/reset/{user_id(these.demo_database)}", **form)[0] == 302


def by_command(these: Ended) -> None:
    answer = these.app.test_cli_runner().invoke(args=["access", "set-password", MEMBER], input=f"{NEW_PASSWORD}\n")
    assert answer.exit_code == 0, answer.output


def by_statement(statement: str) -> Callable[[Ended], None]:
    return lambda these: these.demo_database.execute(statement.format(user_id(these.demo_database))) and None


def by_action(these: Ended) -> None:
    form = {"action": "end_sessions", "rowid": newest_session(these.demo_database)}
    assert post(enter(these.app, "admin"), "/usersessionview/list/", "/usersessionview/action_post", **form)[0] == 302


def by_himself_elsewhere(these: Ended) -> None:
    assert post(enter(these.app), "/my-sessions/", "/my-sessions/end", id="others")[0] == 302


ROLE = "(SELECT id FROM ab_role WHERE name = 'Inspector')"


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (by_logout, "LOGOUT"),
        (by_own_password, "PASSWORD"),
        (by_administrator, "PASSWORD"),
        (by_command, "PASSWORD"),
        (by_statement("UPDATE ab_user SET password = 'x' WHERE id = {}"), "PASSWORD"),
        (by_statement("UPDATE ab_user SET active = false WHERE id = {}"), "DEACTIVATED"),
        (by_statement(f"INSERT INTO ab_user_role (user_id, role_id) VALUES ({{}}, {ROLE})"), "RIGHTS"),
        (by_statement("DELETE FROM ab_user_role WHERE user_id = {}"), "RIGHTS"),
        (by_action, "ENDED"),
        (by_himself_elsewhere, "ENDED"),
        (by_statement("UPDATE user_session SET seen_at = now() - interval '31 minutes' WHERE user_id = {}"), None),
        (by_statement("UPDATE user_session SET started_at = now() - interval '12 hours 1 minute' WHERE user_id = {}"), None),
    ],
    ids="logout own-password administrator command sql-password off role-given role-taken ended elsewhere idle old".split(),
)
def test_old_cookie_opens_nothing_once_the_session_is_over(
    app: Flask, demo_database: psycopg.Connection, end: Callable[[Ended], None], reason: str | None
) -> None:
    client = enter(app)
    old, session_id = cookie(client), newest_session(demo_database)
    assert client.get(PAGE).status_code == 200

    end(Ended(app, client, demo_database))

    client = app.test_client()
    client.set_cookie("session", old)
    scripted = client.get(PAGE, headers={"HX-Request": "true"})
    client.set_cookie("session", old)
    json = client.get("/lookup/account", headers={"Accept": "application/json"})
    client.set_cookie("session", old)
    page = client.get(PAGE)
    assert [scripted.status_code, json.status_code, page.status_code] == [401, 401, 302]
    assert page.headers["Location"].startswith("/login/?next=")
    ended = demo_database.execute("SELECT end_reason FROM user_session WHERE id = %s", (session_id,)).fetchone()
    assert ended == (reason,)


def test_session_in_use_lives_and_is_noted_once_a_minute(app: Flask, demo_database: psycopg.Connection) -> None:
    client, seen = enter(app), "SELECT max(seen_at) FROM user_session WHERE user_id = %s"
    first = demo_database.execute(seen, (user_id(demo_database),)).fetchone()

    client.get(PAGE)
    second = demo_database.execute(seen, (user_id(demo_database),)).fetchone()
    demo_database.execute(
        "UPDATE user_session SET seen_at = now() - interval '29 minutes' WHERE user_id = %s AND ended_at IS NULL", (user_id(demo_database),)
    )
    status = client.get(PAGE).status_code
    third = demo_database.execute(f"SELECT ({seen}) > now() - interval '1 minute'", (user_id(demo_database),)).fetchone()

    assert first == second
    assert (status, third) == (200, (True,))


def test_office_sets_how_long_a_session_may_be_idle(app: Flask, demo_database: psycopg.Connection) -> None:
    client = enter(app)
    demo_database.execute("INSERT INTO operating_parameter (code, valid_from, value) VALUES ('access.idle_minutes', '2020-01-01', '5')")

    demo_database.execute("UPDATE user_session SET seen_at = now() - interval '6 minutes' WHERE user_id = %s", (user_id(demo_database),))

    assert client.get(PAGE).status_code == 302


def test_end_of_a_session_that_ran_out_is_recorded_at_the_next_login(app: Flask, demo_database: psycopg.Connection) -> None:
    enter(app)
    demo_database.execute(
        "UPDATE user_session SET seen_at = now() - interval '31 minutes' WHERE user_id = %s AND ended_at IS NULL", (user_id(demo_database),)
    )

    enter(app)

    left = demo_database.execute(
        "SELECT end_reason FROM user_session WHERE user_id = %s ORDER BY id DESC OFFSET 1 LIMIT 1", (user_id(demo_database),)
    ).fetchone()
    assert left == ("EXPIRED",)


def test_link_to_the_logout_only_asks(app: Flask) -> None:
    client = enter(app)

    asked = client.get("/logout/")

    assert asked.status_code == 200
    assert client.get(PAGE).status_code == 200


def test_nobody_ends_anothers_session(app: Flask, demo_database: psycopg.Connection) -> None:
    enter(app)
    session_id = newest_session(demo_database)

    other = enter(app, OTHER)
    mine = post(other, "/my-sessions/", "/my-sessions/end", id=session_id)[0]
    all_ = post(other, "/my-sessions/", "/usersessionview/action_post", action="end_sessions", rowid=session_id)[0]

    assert (mine, all_) == (404, 403)
    assert last(demo_database)["ended"] is False


def test_own_sessions_are_listed_and_nobody_elses(app: Flask, demo_database: psycopg.Connection) -> None:
    enter(app, OTHER, address="203.0.113.91")
    demo_database.execute("UPDATE user_session SET ended_at = now() WHERE user_id = %s", (user_id(demo_database),))
    enter(app, address="203.0.113.92")
    client = enter(app)

    page = client.get("/my-sessions/").text

    assert re.findall(r"<td[^>]*>([\d.]+)</td>", page) == ["127.0.0.1", "203.0.113.92"]
    assert page.count("this session") == 1
    assert app.test_client().get("/my-sessions/").status_code == 302


def test_right_code_opens_and_works_once(app: Flask, demo_database: psycopg.Connection) -> None:
    device, client = give_device(demo_database), enter(app)
    code = code_at(device)
    asked = client.get(PAGE)

    opened = post(client, "/login-code/?next=/my-sessions/", code=f"{code[:3]} {code[3:]}")
    again = enter(app)
    repeated = post(again, "/login-code/", code=code)
    earlier = post(again, "/login-code/", code=code_at(device, -30))

    assert asked.headers["Location"].startswith("/login-code/")
    assert opened == (302, "/my-sessions/")
    assert client.get(PAGE).status_code == 200
    assert (repeated[0], earlier[0]) == (200, 200)
    assert again.get(PAGE).status_code == 302


@pytest.mark.parametrize(("seconds", "status"), [(-60, 200), (-30, 302), (0, 302), (30, 302), (90, 200)])
def test_code_is_taken_one_step_early_or_late(
    app: Flask, demo_database: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, seconds: int, status: int
) -> None:
    device, client = give_device(demo_database), enter(app)
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)

    assert post(client, "/login-code/", code=code_at(device, seconds))[0] == status


def test_until_the_code_nothing_but_its_page_is_there(app: Flask, demo_database: psycopg.Connection) -> None:
    give_device(demo_database)
    client = enter(app)

    pages = [PAGE, "/", "/my-sessions/", "/my-sessions/device", "/users/userinfo/", "/console/", "/files/1", "/nowhere"]
    answers = {page: client.get(page).headers.get("Location", "") for page in pages}

    assert [page for page, location in answers.items() if not location.startswith("/login-code/")] == []
    assert client.get("/login-code/").status_code == 200
    assert last(demo_database)["open"] is False


def test_fifth_wrong_code_ends_the_login(app: Flask, demo_database: psycopg.Connection) -> None:
    device, client = give_device(demo_database), enter(app)
    wrong = f"{(int(code_at(device, 3600)) + 1) % 10**6:06d}"

    tries = [post(client, "/login-code/", code=wrong)[0] for _ in range(4)]
    old = cookie(client)
    fifth = post(client, "/login-code/", code=wrong)
    client.set_cookie("session", old)
    after = client.get("/login-code/").status_code

    assert tries == [200] * 4
    assert fifth == (302, "/login/")
    assert after == 302
    assert last(demo_database)["reason"] == "WRONG_CODES"


def test_wrong_codes_of_many_logins_are_turned_away_together(app: Flask, demo_database: psycopg.Connection) -> None:
    give_device(demo_database)
    answers = []
    for _ in range(3):
        client = enter(app)
        answers += [post(client, "/login-code/", code="x")[0] for _ in range(4)]

    assert answers == [200] * 10 + [429] * 2


def test_old_cookie_does_not_give_more_tries(app: Flask, demo_database: psycopg.Connection) -> None:
    give_device(demo_database)
    client = enter(app)
    client.get("/login-code/")
    old = cookie(client)

    for _ in range(5):
        client.set_cookie("session", old)
        post(client, "/login-code/", code="000000")

    assert last(demo_database)["reason"] == "WRONG_CODES"


def test_role_that_must_have_a_second_factor_sets_it_up_at_the_login(
    app: Flask, demo_database: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "TOTP_REQUIRED", True)
    client = enter(app)
    asked = client.get(PAGE).headers["Location"]
    page = client.get("/login-code/").text
    shown = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert shown is not None
    device = pyotp.TOTP(shown[1].replace(" ", ""))

    wrong = post(client, "/login-code/", code="000000")[0]
    right = post(client, "/login-code/", code=code_at(device))

    assert asked.startswith("/login-code/")
    assert "data:image/svg+xml" in page
    assert wrong == 200
    assert right == (302, "/")
    assert client.get(PAGE).status_code == 200
    trail = demo_database.execute("SELECT after FROM audit_entry WHERE table_name = 'totp_device' ORDER BY id DESC LIMIT 1").fetchone()
    assert trail is not None
    assert set(trail[0]) == {"id", "user_id", "confirmed_at", "secret"}
    assert trail[0]["secret"] == "***"


def test_name_of_the_directory_awaits_the_code_too(app: Flask, member: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "TOTP_REQUIRED", True)
    # The directory itself is a server of the office's; here it knows everybody.
    monkeypatch.setattr(BaseSecurityManager, "auth_user_ldap", lambda manager, username, _password: manager.find_user(username))

    with app.test_request_context("/api/v1/security/login", method="POST"):
        by_machine = appbuilder.sm.auth_user_ldap(member, "word")
    with app.test_request_context("/login/", method="POST"):
        by_hand = appbuilder.sm.auth_user_ldap(member, "word")

    assert (by_machine, by_hand.username) == (None, member)


def test_role_without_the_duty_logs_in_with_the_password_alone(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "TOTP_REQUIRED", True)

    assert enter(app, "inspector").get(PAGE).status_code == 200


def test_everybody_may_set_a_second_factor_up_for_himself_with_his_password_typed_again(app: Flask) -> None:
    client = enter(app)
    shown = re.search(r"<code>([A-Z2-7 ]+)</code>", client.get("/my-sessions/device").text)
    assert shown is not None
    code = code_at(pyotp.TOTP(shown[1].replace(" ", "")))

    refused = [post(client, "/my-sessions/device", code=code, **typed)[0] for typed in ({}, {"password": "x"})]
    done = post(client, "/my-sessions/device", code=code, password=PASSWORD)

    assert refused == [200, 200]
    assert done == (302, "/my-sessions/")
    assert enter(app).get(PAGE).headers["Location"].startswith("/login-code/")


def test_secret_of_a_second_factor_stands_neither_in_the_cookie_nor_in_the_trail(app: Flask, demo_database: psycopg.Connection) -> None:
    client = enter(app)
    shown = re.search(r"<code>([A-Z2-7 ]+)</code>", client.get("/my-sessions/device").text)
    assert shown is not None
    secret = shown[1].replace(" ", "")

    with client.session_transaction() as held:
        in_cookie = secret in str(dict(held))

    assert not in_cookie
    assert demo_database.execute("SELECT 1 FROM audit_entry WHERE concat(before, after) LIKE %s", (f"%{secret}%",)).fetchone() is None


def test_e_mail_address_is_no_name_to_log_in_with(app: Flask, demo_database: psycopg.Connection) -> None:
    row = demo_database.execute("SELECT email FROM ab_user WHERE username = %s", (MEMBER,)).fetchone()
    assert row is not None

    by_mail = post(app.test_client(), "/login/", username=row[0], password=PASSWORD)
    by_interface = app.test_client().post("/api/v1/security/login", json={"username": row[0], "password": PASSWORD, "provider": "db"})

    assert by_mail[1].startswith("/login/")
    assert by_interface.status_code == 401
    assert enter(app).get(PAGE).status_code == 200


@pytest.mark.parametrize("way", ["command", "action"])
def test_second_factor_is_reset_and_that_is_kept(app: Flask, demo_database: psycopg.Connection, way: str) -> None:
    give_device(demo_database)
    row = demo_database.execute("SELECT id FROM totp_device").fetchone()
    assert row is not None

    if way == "command":
        answer = app.test_cli_runner().invoke(args=["access", "reset-totp", MEMBER])
        assert answer.exit_code == 0, answer.output
    else:
        assert (
            post(enter(app, "admin"), "/totpdeviceview/list/", "/totpdeviceview/action_post", action="reset", rowid=str(row[0]))[0] == 302
        )

    trail = demo_database.execute(
        "SELECT actor, operation, before::text FROM audit_entry WHERE table_name = 'totp_device' ORDER BY id DESC LIMIT 1"
    ).fetchone()
    assert trail is not None
    assert trail[:2] == (("operator" if way == "command" else "admin"), "DELETE")
    assert '"secret": "***"' in trail[2]
    assert enter(app).get(PAGE).status_code == 200


def api_login(client: FlaskClient, user: str = MEMBER) -> tuple[int, dict[str, str]]:
    answer = client.post("/api/v1/security/login", json={"username": user, "password": PASSWORD, "provider": "db", "refresh": True})
    return answer.status_code, answer.get_json()


def test_token_of_the_interface_ends_with_its_session(app: Flask, demo_database: psycopg.Connection) -> None:
    status, given = api_login(app.test_client())
    bearer = {"Authorization": f"Bearer {given['access_token']}"}
    again = {"Authorization": f"Bearer {given['refresh_token']}"}
    before = [app.test_client().get("/api/v1/menu/", headers=bearer).status_code]
    before.append(app.test_client().post("/api/v1/security/refresh", headers=again).status_code)

    demo_database.execute("UPDATE ab_user SET password = 'x' WHERE username = %s", (MEMBER,))

    after = [app.test_client().get("/api/v1/menu/", headers=bearer).status_code]
    after.append(app.test_client().post("/api/v1/security/refresh", headers=again).status_code)
    assert status == 200
    assert before == [403, 200]  # known, but a cashier may not ask for that
    assert after == [401, 401]


def test_interface_is_no_way_around_the_second_factor(app: Flask, demo_database: psycopg.Connection) -> None:
    give_device(demo_database)

    assert api_login(app.test_client())[0] == 401


PRESENT = "This is not your present password."


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"old_password": "wrong", "password": NEW_PASSWORD, "password_again": NEW_PASSWORD}, PRESENT),
        ({"old_password": PASSWORD, "password": "short", "password_again": "short"}, "at least 12 characters"),
        ({"old_password": PASSWORD, "password": "Toshkent-2026!", "password_again": "Toshkent-2026!"}, "words of the company"),
        ({"old_password": PASSWORD, "password": "session-member-1", "password_again": "session-member-1"}, "words of the company"),
        ({"old_password": PASSWORD, "password": "1qaz2wsx3edc", "password_again": "1qaz2wsx3edc"}, "Many people use"),
        ({"old_password": PASSWORD, "password": NEW_PASSWORD, "password_again": NEW_PASSWORD + "x"}, "The two passwords differ."),
    ],
)
def test_weak_or_unproved_change_of_the_password_is_refused_in_words(app: Flask, form: dict[str, str], message: str) -> None:
    client = enter(app)

    status, page = post(client, "/resetmypassword/form", **form)

    assert status == 200
    assert message in page
    assert client.get(PAGE).status_code == 200


def test_administrators_form_refuses_a_weak_password(app: Flask, demo_database: psycopg.Connection) -> None:
    status, page = post(
        enter(app, "admin"), f"/users/reset/{user_id(demo_database)}", password="qwerty123456", password_again="qwerty123456"
    )

    assert status == 200
    assert "Many people use" in page


@pytest.mark.parametrize(
    ("arguments", "typed", "code", "message"),
    [
        (["add-user", "clerk-one", "--role", "Cashier", "--division", "1726901"], "a quiet river at dawn", 0, "may log in"),
        (["add-user", "clerk-two", "--role", "Cashier", "--division", "1726901"], "password", 1, "at least 12 characters"),
        (["add-user", "clerk-two", "--role", "Boss", "--division", "1726901"], "a quiet river at dawn", 1, "no such role: Boss"),
        (["add-user", "clerk-two", "--role", "Cashier", "--division", "9"], "a quiet river at dawn", 1, "no such division"),
        (["add-user", "cashier", "--role", "Cashier", "--division", "1726901"], "a quiet river at dawn", 1, "there is a user"),
        (["set-password", "nobody"], "a quiet river at dawn", 1, "no such user"),
        (["set-password", "cashier"], "Buxoro_Energo_1", 1, "words of the company"),
        (["reset-totp", "nobody"], "", 1, "no such user"),
    ],
)
def test_commands_keep_to_the_same_rules(
    app: Flask, demo_database: psycopg.Connection, arguments: list[str], typed: str, code: int, message: str
) -> None:
    answer = app.test_cli_runner().invoke(args=["access", *arguments], input=f"{typed}\n")

    assert (answer.exit_code, message in answer.output) == (code, True), answer.output
    if code == 0:
        assert enter(app, arguments[1], typed).get(PAGE).location == "/resetmypassword/form"
        demo_database.execute("DELETE FROM division_access USING ab_user u WHERE u.id = user_id AND u.username = %s", (arguments[1],))
        demo_database.execute("DELETE FROM ab_user WHERE username = %s", (arguments[1],))


def test_owner_gets_in_from_where_he_works_while_others_try(app: Flask) -> None:
    assert enter(app, address="198.51.100.7").get(PAGE).status_code == 200

    tries = [try_login(app.test_client(), "wrong", f"192.0.2.{number}") for number in range(11)]

    assert tries == [302] * 10 + [429]
    assert try_login(app.test_client(), PASSWORD, "198.51.100.7") == 302
    assert try_login(app.test_client(), PASSWORD, "198.51.100.8") == 429


EVIL = (
    "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example", "/\\/evil.example",
    "https://evil.example", "http://evil.example", "HTTPS://EVIL.EXAMPLE", "https:evil.example", "https:/evil.example",
    "https:///evil.example",
    "https:\\\\evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd",
    "ftp://evil.example", "//evil.example/%2f..", "//localhost@evil.example", "https://localhost@evil.example",
    "https://localhost.evil.example",
    "//evil.example:80", "/\t/evil.example", "/\n/evil.example", "/\r/evil.example", "\t//evil.example", " //evil.example",
    "\x00//evil.example",
    "/%0d%0aLocation:https://evil.example", "/\r\nLocation: https://evil.example", "/\r\n\r\n<script>",
    "//[::1]", "//[evil",
    "https://evil.example#@localhost",
    "https://evil.example?localhost", "//evil。example", "/ /evil.example", ".//evil.example", "/..//evil.example",
)  # fmt: skip


def stays(location: str) -> bool:
    """Tell whether a browser that follows an answer of the login stays on the host."""
    seen = re.sub(r"[\t\r\n]", "", location).strip().replace("\\", "/")
    return "\n" not in location and "\r" not in location and urlsplit(urljoin("http://localhost/login/", seen))[:2] == ("http", "localhost")


@pytest.mark.parametrize("back", EVIL)
def test_login_never_leads_off_the_host(app: Flask, demo_database: psycopg.Connection, back: str) -> None:
    client, given = app.test_client(), {"next": back}
    form = {"username": MEMBER, "password": PASSWORD, "csrf_token": token(client.get("/login/").text)}

    wrong = client.post("/login/", query_string=given, data=form | {"password": "wrong"})
    right = client.post("/login/", query_string=given, data=form)
    again = client.get("/login/", query_string=given)
    device, other = give_device(demo_database), enter(app)
    made = token(other.get("/login-code/").text)
    coded = other.post("/login-code/", query_string=given, data={"code": code_at(device), "csrf_token": made})

    answers = [wrong, right, again, coded]
    assert {answer.status_code for answer in answers} <= ({302} if back.isprintable() else {302, 400})
    assert [answer.location for answer in answers if not stays(answer.location or "/")] == []


def test_forged_host_does_not_open_the_redirect(app: Flask) -> None:
    client = app.test_client()
    made = token(client.get("/login/").text)
    form = {"username": MEMBER, "password": PASSWORD, "csrf_token": made}

    answer = client.post("/login/", query_string={"next": "http://evil.example/x"}, data=form, headers={"Host": "evil.example"})

    assert "evil" not in answer.headers.get("Location", "")
