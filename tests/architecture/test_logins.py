"""The logins of processes that strangers reach are one role each: whatever statement gets into them, they become nobody else."""

import psycopg
import pytest

import config
from app.cli import schema
from tests.databases import fresh_database

LOGINS = [("DATABASE_WEB_URL", "pcb_web"), ("DATABASE_INTAKE_URL", "pcb_worker")]
POWERS = ("pcb_owner", "pcb_web", "pcb_worker", "pcb_report", "postgres", "pg_read_server_files", "pg_execute_server_program")


@pytest.fixture(scope="module")
def addresses(servers: tuple[str, str]) -> dict[str, str]:
    """Addresses of the logins on a real server."""
    made = schema.make_logins(config.database_url(fresh_database(servers[0], "pc_billing_logins")))
    return {name: url.replace("+psycopg", "") for name, url in made.items()}


@pytest.mark.parametrize(("setting", "role"), LOGINS)
@pytest.mark.parametrize("before", ["SELECT 1", "RESET ROLE", "RESET SESSION AUTHORIZATION", "SET ROLE none"])
def test_login_becomes_its_role_and_no_other(addresses: dict[str, str], setting: str, role: str, before: str) -> None:
    with psycopg.connect(addresses[setting], autocommit=True) as connection:
        connection.execute(f"SET ROLE {role}")
        connection.execute(before)
        for other in POWERS:
            if other != role:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(f"SET ROLE {other}")
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(f"SET SESSION AUTHORIZATION {other}")


@pytest.mark.parametrize(("setting", "role"), LOGINS)
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE left_here (id int)",
        "ALTER TABLE payment DISABLE TRIGGER ALL",
        "DROP POLICY division_scope ON account",
        "ALTER TABLE account DISABLE ROW LEVEL SECURITY",
        "SET session_replication_role = replica",
        "CREATE ROLE another SUPERUSER",
        "ALTER ROLE pcb_web SUPERUSER",
        "GRANT pcb_owner TO pcb_web",
        "CREATE EXTENSION dblink",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "DELETE FROM audit_entry",
        "DELETE FROM alembic_version",
    ],
)
def test_login_cannot_change_the_schema_nor_its_guards(addresses: dict[str, str], setting: str, role: str, statement: str) -> None:
    with psycopg.connect(addresses[setting], autocommit=True) as connection:
        connection.execute(f"SET ROLE {role}")
        for start in ("SELECT 1", "RESET ROLE"):
            connection.execute(start)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_logins_are_made_once_and_may_ask_whether_the_schema_is_current(addresses: dict[str, str]) -> None:
    again = schema.make_logins(config.database_url(addresses["DATABASE_WEB_URL"]).replace("pcb_web_login", "postgres"))

    assert set(again) == set(addresses)
    assert all(schema.is_current(url) for url in again.values())


def test_reports_read_their_schema_and_nothing_else(addresses: dict[str, str]) -> None:
    owner = addresses["DATABASE_WEB_URL"].replace("pcb_web_login", "postgres")
    with psycopg.connect(owner, autocommit=True) as connection:
        places = connection.execute(
            "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname IN ('public', 'report') "
            "AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')"
        ).fetchall()
        connection.execute("SET ROLE pcb_report")
        read = []
        for schema_name, name in places:
            try:
                connection.execute(f'SELECT 1 FROM "{schema_name}"."{name}" LIMIT 1')
                read.append((schema_name, name))
            except psycopg.errors.InsufficientPrivilege:
                pass
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM report.account_balance")

    assert len(places) > 100
    assert sorted(read) == [("report", "account_balance"), ("report", "bill"), ("report", "payment")]


def test_requests_do_not_read_reports_which_show_every_division(addresses: dict[str, str]) -> None:
    with psycopg.connect(addresses["DATABASE_WEB_URL"], autocommit=True) as connection:
        for name in ("bill", "payment", "account_balance"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"SELECT 1 FROM report.{name}")
