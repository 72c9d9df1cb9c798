"""Measure a penalty run over a made-up district: ``python -m bench.penalty --accounts 200000 --late 25``.

Every account has a year of bills, paid; ``--late`` percent of them owe three of these and paid one late. Ends with one JSON line.
"""

import argparse
import json
import resource
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from sqlalchemy import create_engine, event, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

import config
from app.cli import schema
from app.cli.servers import Servers
from app.domain.runs import RunEvent
from app.queries import claims as queries
from app.services import runs
from app.services.claims import penalties

ROOT = Path(__file__).resolve().parent.parent
FROM, TO = date(2026, 1, 1), date(2026, 2, 1)

#: Bills 1 … 12 of an account are those of 2025; debts stand on the last three of the late ones, and the ninth was paid late.
_MADE = """
SET session_replication_role = replica;
INSERT INTO consumer (id, division_id, kind, name)
    SELECT n, {division}, 'HOUSEHOLD', 'Consumer ' || n FROM generate_series(1, {accounts}) n;
INSERT INTO account (id, division_id, number, consumer_id, opened_on)
    SELECT n, {division}, '26901' || lpad(n::text, 8, '0'), n, '2025-01-01' FROM generate_series(1, {accounts}) n;
INSERT INTO bill (id, division_id, account_id, bill_run_id, billing_month, period_from, period_to, quality, quantity_milli, amount_tiyin,
                  vat_tiyin, issued_on, due_on)
    SELECT n * 12 + m, {division}, n, 1, d, d, (d + interval '1 month')::date, 'ACTUAL', 200000, 12000000 + n % 1000, 1285714,
           (d + interval '1 month')::date, (d + interval '1 month 9 days')::date
    FROM generate_series(1, {accounts}) n, generate_series(0, 11) m,
         LATERAL (SELECT (DATE '2025-01-01' + m * interval '1 month')::date AS d) x;
INSERT INTO bill_line (bill_id, billing_month, line_no, division_id, account_id, kind, for_month, period_from, period_to, block_no,
                       quantity_milli, rate, amount_tiyin, vat_tiyin)
    SELECT id, billing_month, 1, division_id, account_id, 'CHARGE', billing_month, period_from, period_to, 1, quantity_milli, 600,
           amount_tiyin, vat_tiyin
    FROM bill;
INSERT INTO debt (bill_id, billing_month, account_id, division_id, due_on, remaining_tiyin)
    SELECT id, billing_month, account_id, division_id, due_on, amount_tiyin FROM bill
    WHERE account_id % 100 < {late} AND id - account_id * 12 > 8;
INSERT INTO allocation (division_id, account_id, bill_id, bill_month, amount_tiyin, allocated_on)
    SELECT division_id, account_id, id, billing_month, amount_tiyin,
           CASE WHEN account_id % 100 < {late} AND id - account_id * 12 = 8 THEN DATE '2026-01-15' ELSE due_on - 5 END
    FROM bill WHERE NOT (account_id % 100 < {late} AND id - account_id * 12 > 8);
SET session_replication_role = DEFAULT;
ANALYZE
"""


def make(url: str, accounts: int, late: int) -> str:
    """Return the address of a new database that holds the district."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS pc_billing_penalty WITH (FORCE)")
        connection.execute("CREATE DATABASE pc_billing_penalty")
    made = urlunsplit(urlsplit(url)._replace(path="/pc_billing_penalty")).replace("postgresql:/p", "postgresql:///p")
    schema.upgrade(config.database_url(made))
    with psycopg.connect(made, autocommit=True) as connection:
        row = connection.execute("SELECT id FROM division WHERE level = 'REGION' ORDER BY id LIMIT 1").fetchone()
        assert row is not None
        for statement in _MADE.format(division=row[0], accounts=accounts, late=late).split(";\n"):
            connection.execute(statement.encode())
    return made


def walk(session: Session, run_id: int, step: Callable[[queries.PenaltyWindow], None]) -> float:
    """Go through the windows of a run, a transaction each; return the seconds it took."""
    started = time.perf_counter()
    after = 0
    division_id = runs.run_of(session, penalties.RUN, run_id).division_id
    while window := queries.window(session, division_id=division_id, after=after, limit=penalties.WINDOW):
        step(window)
        session.commit()
        after = window.last_id
    return time.perf_counter() - started


def measure(session: Session) -> dict[str, float]:
    """Preview and post a month's penalty; return the seconds and what was charged."""
    division_id = session.scalar(text("SELECT min(division_id) FROM account"))
    run = penalties.open_run(session, division_id=division_id, period_from=FROM, period_to=TO, today=TO)
    rules, found = penalties.rules_of(session, run), [penalties.PenaltyRunTotals()]

    def preview(window: queries.PenaltyWindow) -> None:
        found[0] = penalties.preview_window(session, run, rules, window, found[0])

    previewed = walk(session, run.id, preview)
    penalties.finish_preview(session, run, found[0])
    penalties.begin_posting(session, run.id)
    posted = walk(session, run.id, lambda window: penalties.post_window(session, run, rules, window))
    assert run.amount_tiyin == found[0].amount_tiyin > 0
    runs.close_run(session, penalties.RUN, run.id, RunEvent.CLOSE)
    session.commit()
    return {"preview_s": previewed, "post_s": posted, "charged": run.accounts, "bills": run.bills}


def main() -> None:
    """Make the district, measure, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--accounts", type=int, default=200_000)
    parser.add_argument("--late", type=int, default=25, help="percent of accounts in arrears")
    given = parser.parse_args()
    url = make(Servers(ROOT / "var" / "bench").ensure().database_url, given.accounts, given.late)
    engine = create_engine(config.database_url(url), poolclass=NullPool)
    event.listen(engine, "connect", lambda connection, _: (connection.execute("SET ROLE pcb_worker"), connection.commit()))
    with Session(engine) as session:
        found = measure(session)
    engine.dispose()
    rates = {
        "accounts_per_s": round(given.accounts / found["post_s"]),
        "late_accounts_per_s": round(found["charged"] / found["post_s"]),
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps({"accounts": given.accounts, **{name: round(value, 2) for name, value in found.items()}, **rates}))


if __name__ == "__main__":
    main()
