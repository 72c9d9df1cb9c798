"""What the database's catalogue says."""

from sqlalchemy import text
from sqlalchemy.orm import Session


def checked_references(session: Session) -> set[tuple[str, str, str]]:
    """Return (table, column, parent) of the references that triggers check, from the catalogue."""
    rows = session.execute(
        text(
            "SELECT tgrelid::regclass::text, string_to_array(encode(tgargs, 'escape'), '\\000') FROM pg_trigger "
            "WHERE tgname = tgrelid::regclass || '_references' AND tgenabled = 'O' AND tgnewtable = 'added'"
        )
    )
    return {(table, column, parent) for table, given in rows for column, parent in zip(given[:-1:2], given[1::2], strict=True)}
