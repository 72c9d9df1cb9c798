"""People of elsewhere, their sessions, files and jobs: what an administrator or a clerk of one district cannot reach."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask

from app.cli import access
from app.cli.servers import keep_private
from app.documents.downloads import attachment, inline
from app.domain.administration import JobKind
from app.domain.reference.addresses import PROVIDER_HOSTS, is_listed
from app.jobs.kinds import JOBS
from app.queries.administration import file_columns
from app.views.administration.jobs import READERS
from tests.access.walk import FOREIGN, MINE
from tests.browsers import Browser, log_in, one
from tests.databases import PASSWORD

#: Username → role, and his grants: division, first day and day after the last.
PEOPLE: dict[str, tuple[str, list[tuple[str, str, str | None]]]] = {
    "reach_admin": ("Administrator", [(MINE, "2020-01-01", None)]),
    "reach_near": ("Cashier", [(MINE, "2020-01-01", None)]),
    "reach_clerk": ("Cashier", [(MINE, "2020-01-01", None)]),
    "reach_coming": ("Cashier", [(MINE, "2020-01-01", None), (FOREIGN, "2099-01-01", None)]),
    "reach_former": ("Supervisor", [("17", "2020-01-01", "2021-01-01")]),
    "reach_far": ("Cashier", [(FOREIGN, "2020-01-01", None)]),
    "reach_nobody": ("Cashier", []),
}


@pytest.fixture(scope="module", autouse=True)
def people(app: Flask, demo_url: str) -> None:
    """Users of here and of elsewhere."""
    with app.app_context(), psycopg.connect(demo_url, autocommit=True) as demo_database:
        for name, (role, grants) in PEOPLE.items():
            user_id = access.add_user(username=name, first_name=name, last_name="T", role_names=[role], password=PASSWORD)
            for code, since, until in grants:
                demo_database.execute(
                    "INSERT INTO division_access (user_id, division_id, valid_from, valid_to) "
                    "SELECT %s, id, %s, %s FROM division WHERE code = %s",
                    (user_id, since, until, code),
                )


def user(demo_database: psycopg.Connection, name: str) -> str:
    return one(demo_database, f"SELECT id FROM ab_user WHERE username = '{name}'")


@pytest.mark.parametrize(
    ("name", "is_reached"),
    [("reach_near", True), ("reach_coming", False), ("reach_former", False), ("reach_far", False), ("reach_nobody", False)],
)
def test_password_is_set_for_people_whose_every_grant_is_ones_own(
    app: Flask, demo_database: psycopg.Connection, name: str, is_reached: bool
) -> None:
    stored = f"SELECT password FROM ab_user WHERE username = '{name}'"
    before = one(demo_database, stored)

    log_in(app, "reach_admin").post(
        f"/users/reset/{user(demo_database, name)}", password="quite another words", password_again="quite another words"
    )

    assert (one(demo_database, stored) != before) is is_reached


def test_former_user_of_elsewhere_is_not_taken_over_by_giving_him_access(app: Flask, demo_database: psycopg.Connection) -> None:
    district = one(demo_database, f"SELECT id FROM division WHERE code = '{MINE}'")
    grant = {"user": user(demo_database, "reach_former"), "division": district, "valid_from": "2026-01-01", "basis": "Order"}

    log_in(app, "reach_admin").post("/divisionaccessview/add", **grant)

    assert one(demo_database, f"SELECT count(*) FROM division_access WHERE user_id = {grant['user']}") == "1"


def test_grants_of_other_divisions_are_not_there(app: Flask, demo_database: psycopg.Connection) -> None:
    browser = log_in(app, "reach_admin")
    own, foreign = (
        one(demo_database, f"SELECT id FROM division_access WHERE user_id = {user(demo_database, name)}")
        for name in ("reach_near", "reach_far")
    )

    assert browser.status(f"/divisionaccessview/show/{own}") == 200
    assert browser.status(f"/divisionaccessview/show/{foreign}") == 404
    assert browser.post(f"/divisionaccessview/end/{foreign}") == 404


def test_whoever_works_in_a_division_sees_who_else_may_also_from_above(app: Flask, demo_database: psycopg.Connection) -> None:
    district = one(demo_database, f"SELECT id FROM division WHERE code = '{MINE}'")

    page = log_in(app, "reach_admin").text(f"/access-today/?division={district}")

    assert "reach_near" in page
    assert "supervisor" in page
    assert "reach_far" not in page


def test_sessions_are_those_of_people_of_ones_divisions(app: Flask, demo_database: psycopg.Connection) -> None:
    for name in ("reach_clerk", "reach_far", "supervisor"):
        log_in(app, name)
    browser = log_in(app, "reach_admin")
    near, far, above = (
        one(demo_database, f"SELECT max(id) FROM user_session WHERE user_id = {user(demo_database, name)}")
        for name in ("reach_clerk", "reach_far", "supervisor")
    )

    statuses = [browser.status(f"/usersessionview/show/{key}") for key in (near, far, above)]
    page = browser.text("/usersessionview/list/?psize_UserSessionView=100")

    assert statuses == [200, 404, 404]
    assert f"/usersessionview/show/{far}" not in page
    assert browser.post("/usersessionview/action_post", action="end_sessions", rowid=far) == 404
    assert log_in(app, "admin").status(f"/usersessionview/show/{far}") == 200


@pytest.fixture
def files(demo_database: psycopg.Connection) -> Iterator[dict[str, str]]:
    """A file of readings, a printed paper of a job, and a file of nothing, in one district; none of them the cashier's."""
    division = one(demo_database, f"SELECT id FROM division WHERE code = '{MINE}'")
    made = {
        name: one(
            demo_database,
            "INSERT INTO stored_file (division_id, name, media_type, sha256, content, created_by) "
            f"VALUES ({division}, '{name}.csv', 'text/csv', 'none', 'x', '{by}') RETURNING id",
        )
        for name, by in (("readings", "inspector"), ("papers", "operator"), ("loose", "operator"), ("own", "reach_clerk"))
    }
    demo_database.execute(
        f"INSERT INTO reading_import (division_id, stored_file_id, status) VALUES ({division}, {made['readings']}, 'CHECKED')"
    )
    job = one(
        demo_database,
        "INSERT INTO job_run (division_id, kind, status, checkpoint, created_by) VALUES "
        f"({division}, 'BILL_PRINT', 'QUEUED', '{{\"files\": [[{made['papers']}, \"p.pdf\", 3]]}}', 'operator') RETURNING id",
    )
    yield made | {"job": job}
    demo_database.execute(f"DELETE FROM job_run WHERE id = {job}")
    demo_database.execute(f"DELETE FROM reading_import WHERE stored_file_id = {made['readings']}")


@pytest.mark.parametrize(
    ("name", "fetched"),
    [("reach_clerk", {"own"}), ("inspector", {"readings"}), ("operator", {"readings", "papers", "loose"}), ("reach_far", set())],
)
def test_file_is_fetched_by_its_owner_and_by_those_whose_work_it_is_of(
    app: Flask, files: dict[str, str], name: str, fetched: set[str]
) -> None:
    browser = log_in(app, name)

    assert {each for each in ("readings", "papers", "loose", "own") if browser.status(f"/files/{files[each]}") == 200} == fetched


def test_job_of_another_person_is_stopped_only_by_those_whose_work_it_is(
    app: Flask, demo_database: psycopg.Connection, files: dict[str, str]
) -> None:
    asked = f"SELECT cancel_requested FROM job_run WHERE id = {files['job']}"

    refused = [log_in(app, name).post(f"/jobview/cancel/{files['job']}") for name in ("reach_clerk", "reach_far", "supervisor")]
    before = one(demo_database, asked)
    done = log_in(app, "operator").post(f"/jobview/cancel/{files['job']}")

    assert refused == [403, 403, 403]
    assert (before, done, one(demo_database, asked)) == ("False", 302, "True")


def test_job_that_is_not_there_is_said_to_be_so(app: Flask) -> None:
    browser = log_in(app, "operator")

    assert [browser.post(f"/jobview/cancel/{key}") for key in ("999999999", "x", "9" * 30)] == [404, 404, 404]


def test_every_kind_of_work_and_every_reference_to_a_file_names_its_permission() -> None:
    assert set(JOBS) == set(JobKind)
    assert set(READERS) == {column.table.name for column in file_columns()}


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("отчёт за март.pdf", "_____ __ ____.pdf"),
        ('a"; filename="b.exe', "a__ filename__b.exe"),
        ("a\r\nSet-Cookie: x=1", "a  Set-Cookie_ x_1"),
        ("../../etc/passwd", "passwd"),
        ("c:\\folder\\note.txt", "note.txt"),
        ("invoice\u202efdp.exe", "invoice fdp.exe"),
        ("\udcff\x00", "file"),
        ("…", "_"),
    ],
)
def test_name_of_a_file_is_a_name_and_nothing_else(name: str, plain: str) -> None:
    for response, kind in ((attachment(b"x", name, "text/csv\r\nX: y"), "attachment"), (inline(b"x", name, "text/csv"), "inline")):
        header = response.headers["Content-Disposition"]
        found = re.fullmatch(rf'{kind}; filename="([^"\r\n]*)"; filename\*=UTF-8\'\'[A-Za-z0-9%._~-]+', header)

        assert found is not None, header
        assert found[1] == plain
    assert attachment(b"x", name, "text/csv\r\nX: y").mimetype == "application/octet-stream"


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest/meta-data/", "https://10.0.0.1/", "http://api.click.uz/v2/", "https://api.click.uz:8443/",
        "https://api.click.uz@10.0.0.1/", "https://api.click.uz.evil.uz/", "https://[::1]/", "file:///etc/passwd", "https://127.0.0.1/",
        "https://api.click.uz:99999/", "",
    ],
)  # fmt: skip
def test_only_listed_hosts_are_asked(address: str) -> None:
    assert not is_listed(address, PROVIDER_HOSTS)


def test_address_of_another_host_is_refused_beside_its_field(app: Flask, demo_database: psycopg.Connection) -> None:
    browser: Browser = log_in(app, "admin")
    form = {
        "channel": "CLICK", "name": "Asks", "merchant_number": "46", "service_number": "78", "login": "", "networks": "", "new_key": "",
        "new_secret": "a long secret", "smallest_tiyin": "1", "largest_tiyin": "1000000", "commission_percent": "1",
        "unknown_transaction": "STATE_3", "repeated_cancel": "SAME_ANSWER", "repeated_payment": "REFUSED", "cancel_days": "30",
        "ask_url": "https://10.0.0.1/", "ask_login": "", "is_active": "y",
    }  # fmt: skip

    page = browser.client.post("/paymentcontractview/add", data=form | {"csrf_token": browser.token}).text

    assert "api.click.uz" in page
    assert one(demo_database, "SELECT count(*) FROM approval WHERE subject LIKE '%Asks%'") == "0"


def test_folder_of_keys_and_data_is_private(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    folder.mkdir(mode=0o755)
    (folder / "secret_key").write_text("x")
    (folder / "secret_key").chmod(0o644)
    (folder / "valkey").mkdir(mode=0o755)
    before = os.umask(0o022)
    try:
        keep_private(folder)
        (folder / "later").write_text("x")
    finally:
        os.umask(before)

    modes = {path.name: path.stat().st_mode & 0o777 for path in (folder, *folder.iterdir())}
    assert modes == {"var": 0o700, "secret_key": 0o600, "valkey": 0o700, "later": 0o600}
