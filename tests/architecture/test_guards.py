"""The guards of the database, found from its catalogue: a new table without them fails here."""

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.builders import make_district, make_home


def test_every_table_with_a_division_is_under_row_level_security(session: Session) -> None:
    rows = session.execute(
        text(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'division_id' "
            "WHERE c.relkind = 'r' AND NOT (c.relrowsecurity AND c.relforcerowsecurity)"
        )
    )

    assert [row[0] for row in rows] == []


@pytest.mark.parametrize("setting", ["", "{}", "{999999}"])
def test_without_a_division_no_row_is_visible(session: Session, setting: str) -> None:
    make_home(session, make_district(session))
    session.execute(text("SET LOCAL ROLE pcb_web"))

    session.execute(text("SELECT set_config('app.divisions', :setting, true)"), {"setting": setting})

    assert session.scalar(text("SELECT count(*) FROM account")) == 0
    assert session.scalar(text("SELECT count(*) FROM consumer")) == 0


def test_row_cannot_be_moved_to_a_foreign_division(session: Session) -> None:
    mine, foreign = make_district(session, "1726998"), make_district(session, "1726999")
    home = make_home(session, mine)
    session.execute(text("SET LOCAL ROLE pcb_web"))
    session.execute(text("SELECT set_config('app.divisions', :ids, true)"), {"ids": f"{{{mine.id}}}"})

    with pytest.raises(Exception, match="row-level security"), session.begin_nested():
        session.execute(text("UPDATE account SET division_id = :foreign WHERE id = :id"), {"foreign": foreign.id, "id": home.account_id})


def test_change_of_a_catalogue_leaves_an_audit_row(session: Session) -> None:
    home = make_home(session, make_district(session))
    session.execute(text("SELECT set_config('app.actor', 'user:tester', true)"))

    session.execute(text("UPDATE account SET status = 'CLOSED' WHERE id = :id"), {"id": home.account_id})

    row = session.execute(
        text(
            "SELECT actor, operation, before ->> 'status', after ->> 'status' FROM audit_entry "
            "WHERE table_name = 'account' ORDER BY id DESC LIMIT 1"
        )
    ).one()
    assert tuple(row) == ("user:tester", "UPDATE", "OPEN", "CLOSED")


def test_web_role_can_neither_change_facts_nor_write_the_audit_trail(demo_url: str) -> None:
    with psycopg.connect(demo_url) as connection:
        connection.execute("SET ROLE pcb_web")
        for statement in ("UPDATE bill SET amount_tiyin = 0", "DELETE FROM payment", "INSERT INTO audit_entry (actor) VALUES ('x')"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(statement)
