"""How quickly the list of bills answers at ten million of them, under row-level security of a district and of the republic.

``make bench-lists BILLS=10000000`` makes the bills set-wise, asks for the pages as a browser would, in one process and warm, and prints the
median of five, the limit and the ratio of both; the last line is JSON.
"""

import os
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import psycopg
from flask.testing import FlaskClient

import config
from app.cli import access, schema
from app.factory import create_app
from bench.billing import VAR, Cluster, _database, _url, keep

DISTRICTS, MONTHS, TIMES = 200, 40, 5
PAGE_MS, FIRST_BYTE_MS = 300, 1000
PASSWORD = "quiet-River-72-stone"

_STATEMENTS = (
    """
    INSERT INTO division (level, code, branch_code, name, path, parent_id)
    SELECT 'DISTRICT', r.code || lpad(n::text, 3, '0'), lpad((60000 + n)::text, 5, '0'), 'District ' || n,
           r.path || r.code || lpad(n::text, 3, '0') || '/', r.id
    FROM generate_series(1, {districts}) n
    JOIN (SELECT id, code, path, row_number() OVER (ORDER BY code) - 1 AS place, count(*) OVER () AS regions
          FROM division WHERE level = 'REGION') r ON r.place = (n - 1) * r.regions / {districts}
    """,
    """
    CREATE TABLE bench_account AS
    SELECT n AS id, d.id AS division_id FROM generate_series(1, {accounts}) n
    JOIN (SELECT id, row_number() OVER (ORDER BY code) - 1 AS place FROM division WHERE level = 'DISTRICT') d
        ON d.place = (n - 1) * {districts}::bigint / {accounts}
    """,
    "INSERT INTO consumer (id, division_id, kind, name) SELECT id, division_id, 'HOUSEHOLD', 'Consumer ' || id FROM bench_account",
    """INSERT INTO account (id, division_id, number, consumer_id, opened_on)
       SELECT id, division_id, lpad(id::text, 12, '0'), id, '2020-01-01' FROM bench_account""",
    """INSERT INTO bill_run (division_id, billing_month, status)
       SELECT id, DATE '2026-10-01', 'POSTED' FROM division WHERE parent_id IS NULL""",
    # As runs write them: month by month, district by district.
    """
    INSERT INTO bill (id, division_id, account_id, bill_run_id, public_id, billing_month, period_from, period_to, quality,
                      quantity_milli, amount_tiyin, vat_tiyin, issued_on, due_on)
    SELECT id, division_id, account_id, run, lpad(to_hex(id), 32, '0')::uuid, month, month, month + 28,
           CASE WHEN account_id % 20 = 0 THEN 'ESTIMATED' ELSE 'ACTUAL' END, account_id * 7919 % 900000,
           account_id * 7919 % 9000000, account_id * 7919 % 9000000 * 12 / 112, month + 30, month + 40
    FROM (SELECT row_number() OVER () AS id, b.id AS account_id, b.division_id, (SELECT max(id) FROM bill_run) AS run,
                 (DATE '2026-10-01' - make_interval(months => {months} - n))::date AS month
          FROM generate_series(1, {months}) n CROSS JOIN bench_account b) x
    """,
    """
    INSERT INTO debt (bill_id, billing_month, account_id, division_id, due_on, remaining_tiyin)
    SELECT id, billing_month, account_id, division_id, due_on, 100 FROM bill WHERE id % 10 = 0
    """,
    "DROP TABLE bench_account",
)
#: What is asked of the list; {number} is an account's, {first} an order's first argument.
PAGES = {
    "first page": "",
    "filter by account": "?_q={number}",
    "filter by month": "?_flt_{equal}_billing_month=2026-09-01",
    "sort by month, oldest first": "?_oc_BillView=billing_month&_od_BillView=asc",
    "sort one month by amount": "?_flt_{equal}_billing_month=2026-09-01&_oc_BillView=amount_tiyin&_od_BillView=desc",
    "page 1,000": "?page_BillView=999",
    "page 10,000": "?page_BillView=9999",
}


def make(url: str, bills: int) -> None:
    """Fill an empty database that has the schema; indexes of bills are made behind them."""
    given = {"districts": DISTRICTS, "months": MONTHS, "accounts": max(bills // MONTHS, DISTRICTS)}
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET maintenance_work_mem = '1GB'")
        indexes = connection.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
            "WHERE indrelid = 'bill'::regclass AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)"
        ).fetchall()
        for name, _definition in indexes:
            connection.execute(f"DROP INDEX {name}")
        for statement in _STATEMENTS:
            connection.execute(statement.format(**given))
        for _name, definition in indexes:
            connection.execute(definition)
        connection.execute("VACUUM ANALYZE")


def run(bills: int, base: str) -> dict[str, Any]:
    """Measure on a server and return the figures; ``base`` is the address of any database of it."""
    url = _url(base, "bench_lists")
    if "KEPT" not in os.environ:
        _database(base, "bench_lists")
        schema.upgrade(config.database_url(url))
        make(url, bills)
    settings = config.settings({**os.environ, "DATABASE_URL": url, "REDIS_URL": "redis://127.0.0.1:1/0", "SECRET_KEY": "b" * 40})
    settings |= {"TESTING": True, "DATABASE_ROLE": "pcb_web", "RATELIMIT_ENABLED": False, "RATELIMIT_STORAGE_URI": "memory://",
                 "SERVER_NAME": "localhost"}  # fmt: skip
    app = create_app(settings)
    figures: dict[str, Any] = {"bills": bills}
    with app.app_context():
        access.sync()
    for name, where in (("district", "level = 'DISTRICT'"), ("region", "level = 'REGION'"), ("republic", "parent_id IS NULL")):
        with app.app_context():
            add = partial(access.add_user, first_name="B", last_name=name, role_names=["Supervisor"], password=PASSWORD)
            number = _given_access(url, add(username=f"bench-{name}"), where)
        figures |= {f"{name}: {title}": value for title, value in measured(app.test_client(), f"bench-{name}", number)}
    ratios = [value / (FIRST_BYTE_MS if "first byte" in title else PAGE_MS) for title, value in figures.items() if title != "bills"]
    return figures | {"worst ratio to its limit": round(max(ratios), 2)}


def _given_access(url: str, user_id: int, where: str) -> str:
    """Let a user work in a division and below it, and return the number of an account there."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        given = f"SELECT %s, max(id), '2020-01-01' FROM division WHERE {where} ON CONFLICT DO NOTHING"
        connection.execute(f"INSERT INTO division_access (user_id, division_id, valid_from) {given}", (user_id,))
        row = connection.execute(
            "SELECT a.number FROM account a JOIN division d ON d.id = a.division_id JOIN division t ON starts_with(d.path, t.path) "
            f"WHERE t.id = (SELECT max(id) FROM division WHERE {where}) LIMIT 1"
        ).fetchone()
    assert row is not None
    return str(row[0])


def measured(client: FlaskClient, user: str, number: str) -> Iterator[tuple[str, float]]:
    """Return what was asked of the list and the milliseconds it took."""
    token = client.get("/login/").text.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    assert client.post("/login/", data={"username": user, "password": PASSWORD, "csrf_token": token}).status_code == 302
    page = client.get("/billview/list/").text
    equal = page.partition("_billing_month")[0].rpartition("_flt_")[2]
    for title, query in PAGES.items():
        times = []
        for _time in range(TIMES):
            with clocked(times):
                answer = client.get(f"/billview/list/{query.format(number=number, equal=equal)}")
            assert answer.status_code == 200, (title, answer.status_code)
            assert "<tbody>" in answer.text or title.startswith("page"), title
        yield title, round(statistics.median(times), 1)
    times = []
    for _time in range(TIMES):
        with clocked(times):
            answer = client.get("/billview/export.csv", buffered=False)
            parts = answer.iter_encoded()
            assert len(next(parts)) + len(next(parts)) > 100
        answer.close()
    yield "first byte of CSV", round(statistics.median(times), 1)


@contextmanager
def clocked(times: list[float]) -> Iterator[None]:
    """Add the milliseconds of what is done inside to a list."""
    began = time.perf_counter()
    yield
    times.append((time.perf_counter() - began) * 1000)


if __name__ == "__main__":
    keep("lists", run(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000, Cluster(VAR).ensure().database_url))
