"""What PostgreSQL counts of the statements it ran (``pg_stat_statements``)."""

from typing import NamedTuple

from sqlalchemy.orm import Session

from app.queries.records import fetch_all, fetch_one


class StatementCount(NamedTuple):
    """A kind of statement: how often it ran in this database, and how long that took."""

    calls: int
    total_ms: int
    mean_ms: float
    rows: int
    #: the statement with ``$1`` in the place of each value
    statement: str


def are_counted(session: Session) -> bool:
    """Return whether the server counts statements and the role may read them."""
    asked = """
        SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_stat_statements')
           AND current_setting('pg_stat_statements.track', true) IS NOT NULL
           AND pg_has_role('pg_read_all_stats', 'MEMBER')
    """
    return fetch_one(session, asked, bool)


def slowest(session: Session, *, limit: int) -> list[StatementCount]:
    """Return the statements that took the most time in all, the longest first."""
    counted = """
        SELECT calls, total_exec_time::bigint AS total_ms, round(mean_exec_time::numeric, 2)::float8 AS mean_ms, rows, query AS statement
        FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid
        WHERE datname = current_database() AND toplevel
        ORDER BY total_exec_time DESC, queryid
        LIMIT :limit
    """
    return fetch_all(session, counted, StatementCount, limit=limit)
