"""A password that somebody else gave opens one page: where its user chooses his own."""

from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.cli import access
from app.extensions import appbuilder
from tests.browsers import token
from tests.databases import PASSWORD
from tests.views.members import enter, post, try_login

NAME, GIVEN, OWN = "given-password", "a letter from the office", "my very own words"
PAGE, CHOICE = "/accountview/list/", "/resetmypassword/form"


@pytest.fixture
def user_id(app: Flask, demo_database: psycopg.Connection) -> Iterator[int]:
    """A user whose password an administrator sets."""
    appbuilder.sm.limiter.storage.reset()  # type: ignore[union-attr]
    with app.app_context():
        made = access.add_user(username=NAME, first_name="Given", last_name="Word", role_names=["Cashier"], password=PASSWORD)
    demo_database.execute(
        "INSERT INTO division_access (user_id, division_id, valid_from, basis) SELECT %s, id, '2020-01-01', 't' FROM division "
        "WHERE code = '1726901'",
        (made,),
    )
    form = {"password": GIVEN, "password_again": GIVEN}
    assert post(enter(app, "admin"), f"/users/reset/{made}", **form)[0] == 302
    yield made
    demo_database.execute("DELETE FROM notice WHERE user_id = %s", (made,))
    demo_database.execute("DELETE FROM division_access WHERE user_id = %s", (made,))
    demo_database.execute("UPDATE ab_user SET created_by_fk = NULL, changed_by_fk = NULL WHERE id = %s", (made,))
    demo_database.execute("DELETE FROM ab_user WHERE id = %s", (made,))


@pytest.fixture
def client(app: Flask, user_id: int) -> FlaskClient:
    assert user_id
    return enter(app, NAME, GIVEN)


@pytest.mark.parametrize("page", [PAGE, "/", "/profile/", "/my-sessions/", "/cashier/", "/console/", "/userinfoeditview/form"])
def test_every_page_leads_to_the_choice(client: FlaskClient, page: str) -> None:
    answer = client.get(page)

    assert (answer.status_code, answer.location) == (302, CHOICE)


@pytest.mark.parametrize("address", ["/my-sessions/end", "/cashier/", "/userinfoeditview/form", "/accountview/action_post"])
def test_nothing_is_done_before_the_choice(client: FlaskClient, address: str) -> None:
    made = token(client.get(CHOICE).text)

    assert client.post(address, data={"csrf_token": made, "id": "others"}).status_code == 403
    assert client.get(PAGE, headers={"HX-Request": "true"}).status_code == 403
    assert client.get("/lookup/account?q=1", headers={"Accept": "application/json"}).status_code == 403


def test_way_out_and_language_stay_open(client: FlaskClient) -> None:
    assert client.get("/language/ru?next=/resetmypassword/form").status_code == 302
    assert '<html lang="ru">' in client.get(CHOICE).text
    client.get("/language/en")
    assert post(client, CHOICE, "/logout/")[0] == 302


def test_given_password_gets_no_token_of_the_interface(app: Flask, user_id: int) -> None:
    assert user_id
    asked = {"username": NAME, "provider": "db", "refresh": False}

    assert app.test_client().post("/api/v1/security/login", json=asked | {"password": GIVEN}).status_code == 401


@pytest.mark.parametrize(("password", "status"), [(GIVEN, 200), (OWN, 302)])
def test_choice_is_another_password_and_opens_the_rest(
    app: Flask, client: FlaskClient, demo_database: psycopg.Connection, user_id: int, password: str, status: int
) -> None:
    form = {"old_password": GIVEN, "password": password, "password_again": password}

    assert post(client, CHOICE, **form)[0] == status

    marks = demo_database.execute("SELECT given_by FROM given_password WHERE user_id = %s", (user_id,)).fetchall()
    assert marks == ([("admin",)] if status == 200 else [])
    assert enter(app, NAME, password).get(PAGE).status_code == (302 if status == 200 else 200)


def test_giving_and_choosing_are_in_the_audit_trail_and_on_the_users_page(
    app: Flask, client: FlaskClient, demo_database: psycopg.Connection, user_id: int
) -> None:
    admin = enter(app, "admin")
    assert "was given by admin" in admin.get(f"/users/show/{user_id}").text

    post(client, CHOICE, old_password=GIVEN, password=OWN, password_again=OWN)

    assert "was given by admin" not in admin.get(f"/users/show/{user_id}").text
    trail = demo_database.execute(
        "SELECT operation, actor FROM audit_entry WHERE table_name = 'given_password' "
        "AND coalesce(after, before) ->> 'user_id' = %s ORDER BY id",
        (str(user_id),),
    ).fetchall()
    assert trail == [("INSERT", "admin"), ("DELETE", NAME)]


def test_new_user_and_one_of_the_command_line_choose_too(app: Flask, demo_database: psycopg.Connection, user_id: int) -> None:
    answer = app.test_cli_runner().invoke(args=["access", "set-password", NAME], input=f"{OWN}\n")
    assert answer.exit_code == 0, answer.output

    assert demo_database.execute("SELECT given_by FROM given_password WHERE user_id = %s", (user_id,)).fetchone() == ("operator",)
    assert enter(app, NAME, OWN).get(PAGE).location == CHOICE


def test_users_of_the_demo_are_not_asked(app: Flask) -> None:
    client = app.test_client()
    assert try_login(client, PASSWORD, user="cashier") == 302

    assert client.get(PAGE).status_code == 200
