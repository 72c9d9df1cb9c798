"""Every table is audited, or named here with the reason why not; found from the database's catalogue."""

import re
from datetime import date

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.administration.audit import NOT_AUDITED
from app.labels import TITLES
from tests.builders import bill_month, make_district, make_home, read

_SECRET = re.compile(r"passw|secret|totp|otp_|recovery|token|_hash$|(key|code)_sha256|^content$")
#: Looks like a secret and is none.
_NO_SECRET = {("audit_seal", "hash")}


def covered(session: Session) -> dict[str, set[str]]:
    """Return for each table the events that leave an audit row."""
    rows = session.execute(
        text(
            """
            SELECT c.relname, coalesce(array_agg(t.tgtype::int) FILTER (WHERE p.proname IN ('write_audit', 'write_statement')), '{}')
            FROM pg_class c LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled = 'O'
            LEFT JOIN pg_proc p ON p.oid = t.tgfoid
            WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace GROUP BY c.relname
            """
        )
    )
    bits = {4: "INSERT", 8: "DELETE", 16: "UPDATE"}
    return {table: {event for kind in kinds for bit, event in bits.items() if kind & bit} for table, kinds in rows}


def test_every_table_is_audited_or_named_with_a_reason(session: Session) -> None:
    found = covered(session)

    assert {table for table, events in found.items() if events != {"INSERT", "UPDATE", "DELETE"}} == set(NOT_AUDITED)
    assert {table for table in found if table not in NOT_AUDITED and table not in TITLES} == set()


def test_columns_that_look_like_secrets_are_hidden(session: Session) -> None:
    hidden = set(session.scalar(text("SELECT audit_secrets()")) or ())
    columns = session.execute(
        text("SELECT table_name::text, column_name::text FROM information_schema.columns WHERE table_schema = 'public'")
    )

    suspicious = {(table, column) for table, column in columns if _SECRET.search(column)} - _NO_SECRET

    assert len(suspicious) > 5
    assert {(table, column) for table, column in suspicious if column not in hidden} == set()


def test_security_definers_have_a_fixed_search_path_and_are_not_everybodys(session: Session) -> None:
    rows = session.execute(
        text(
            """
            SELECT p.proname, p.proconfig,
                   EXISTS (SELECT 1 FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0)
            FROM pg_proc p WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace
            """
        )
    ).all()

    assert {row[0] for row in rows} >= {"write_audit", "write_statement", "write_reading"}
    assert [name for name, settings, _public in rows if not any(each.startswith("search_path=") for each in settings or ())] == []
    assert [name for name, _settings, public in rows if public] == []


def last(session: Session, table: str) -> tuple[object, ...]:
    row = session.execute(
        text(
            "SELECT operation, actor, address, reason, before, after, row_id, division_id FROM audit_entry "
            "WHERE table_name = :table ORDER BY id DESC LIMIT 1"
        ),
        {"table": table},
    ).one()
    return tuple(row)


def test_change_tells_who_from_where_and_why(session: Session) -> None:
    home = make_home(session, make_district(session))
    session.execute(
        text(
            "SELECT set_config('app.actor', 'anna', true), set_config('app.address', '10.0.0.7', true), "
            "set_config('app.reason', 'letter 5', true)"
        )
    )

    session.execute(text("UPDATE account SET status = 'CLOSED' WHERE id = :id"), {"id": home.account_id})

    assert last(session, "account")[:4] == ("UPDATE", "anna", "10.0.0.7", "letter 5")


def test_secret_leaves_a_trace_but_not_itself(session: Session) -> None:
    session.execute(
        text(
            "INSERT INTO ab_user (id, first_name, last_name, username, email, password) "
            "VALUES (990, 'a', 'b', 'ab', 'a@b.uz', 'scrypt:marker1')"
        )
    )
    inserted = last(session, "ab_user")
    session.execute(text("UPDATE ab_user SET password = 'scrypt:marker2' WHERE id = 990"))
    changed = last(session, "ab_user")
    session.execute(text("UPDATE ab_user SET first_name = 'c' WHERE id = 990"))
    renamed = last(session, "ab_user")

    everything = str((inserted, changed, renamed))
    assert "marker" not in everything
    assert (changed[4]["password"], changed[5]["password"]) == ("***", "*** changed")  # type: ignore[index]
    assert (renamed[4]["password"], renamed[5]["password"]) == ("***", "***")  # type: ignore[index]


def test_key_of_a_payment_contract_is_hidden(session: Session) -> None:
    session.execute(text("INSERT INTO payment_contract (channel, name, merchant_number, key_sha256) VALUES ('PAYME', 'n', 'm', 'marker')"))

    assert last(session, "payment_contract")[5]["key_sha256"] == "***"  # type: ignore[index]


def test_statement_on_facts_leaves_one_row_with_its_count(session: Session) -> None:
    district = make_district(session)
    for serial in (1, 2, 3):
        read(session, make_home(session, district, serial), date(2026, 1, 31), 1100)

    bill_month(session, district.id, date(2026, 1, 1))

    assert last(session, "bill")[0] == "INSERT"
    assert last(session, "bill")[5:] == ({"rows": 3}, None, district.id)
    assert last(session, "ledger_entry")[5]["rows"] >= 3  # type: ignore[index]
    assert last(session, "reading")[6] is not None


def test_progress_of_a_job_is_no_change_but_its_end_is(session: Session) -> None:
    district = make_district(session)
    job_id = session.scalar(text("INSERT INTO job_run (division_id, kind) VALUES (:id, 'NOTICE_SEND') RETURNING id"), {"id": district.id})
    session.execute(text("UPDATE job_run SET done = 5, total = 9, seen_at = now() WHERE id = :id"), {"id": job_id})
    before = last(session, "job_run")
    session.execute(text("UPDATE job_run SET status = 'DONE' WHERE id = :id"), {"id": job_id})

    assert before[0] == "INSERT"
    assert last(session, "job_run")[0] == "UPDATE"


def test_web_role_can_neither_forge_nor_seal_nor_unseal(demo_url: str) -> None:
    forging = [
        "INSERT INTO audit_pending VALUES (1)",
        "DELETE FROM audit_pending",
        "INSERT INTO audit_seal VALUES (1, 1, '')",
        (
            "CREATE TEMP TABLE account (id bigint); "
            "CREATE TRIGGER t AFTER INSERT ON account FOR EACH ROW EXECUTE FUNCTION public.write_audit()"
        ),
    ]
    with psycopg.connect(demo_url) as connection:
        connection.execute("SET ROLE pcb_web")
        for statement in forging:
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(statement)


def test_reading_of_an_unknown_table_is_refused(session: Session) -> None:
    statement = "SELECT write_reading('p', '{}', ARRAY[:table], ARRAY[1::bigint])"

    with pytest.raises(Exception, match="are not recorded"), session.begin_nested():
        session.execute(text(statement), {"table": "ab_user"})


@pytest.mark.parametrize("table", ["audit_seal", "audit_check"])
def test_seals_and_verifications_are_never_changed(demo_url: str, table: str) -> None:
    with psycopg.connect(demo_url) as connection:
        connection.execute("INSERT INTO audit_check (sealed, pending) VALUES (0, 0)")
        connection.execute("INSERT INTO audit_seal VALUES (-1, -1, sha256('a'))")
        for statement in (f"DELETE FROM {table}", f"TRUNCATE {table}"):
            with pytest.raises(psycopg.errors.RestrictViolation), connection.transaction():
                connection.execute(statement)
        connection.rollback()
