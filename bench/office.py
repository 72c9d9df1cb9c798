"""The database that lists, searches and pages are measured on: a country with the bills, readings and payments of ten months.

It is made once and kept (``var/bench/office``): 1,000,000 accounts with 10,000,000 bills are 18 GB, 50 minutes on a busy machine.
``MADE_ANEW=1`` makes it again; the schema of a kept one is brought up to date.
"""

import os
from typing import Any

import psycopg

import config
from app import clock
from app.cli import schema
from app.cli.servers import Servers
from bench import country
from bench.billing import VAR, Cluster, _database, _scalar, _url

MONTHS = 10
#: Months whose bills have lines, consumption and entries of the ledger: cards show the latest.
DETAILED = 3
#: Users who look at accounts, and how often they did in this month.
READERS, READ = 200, 1_000_000

#: What waits for somebody, what each district was billed and paid, and who looked at what.
_WORK = (
    """INSERT INTO bill_exception (division_id, bill_run_id, account_id, reason, parked)
       SELECT a.division_id, r.id, a.id, CASE a.id % 300 WHEN 0 THEN 'HIGH' ELSE 'NO_TARIFF' END, true
       FROM account a JOIN division d ON d.id = a.division_id
       JOIN bill_run r ON r.division_id = d.parent_id AND r.status = 'PREVIEWED' WHERE a.id % 100 = 0""",
    """INSERT INTO bill_hold (division_id, account_id, billing_month, bill_run_id, reason, quantity_milli, amount_tiyin)
       SELECT a.division_id, a.id, r.billing_month, r.id, 'HIGH', 900000, 90000000 FROM account a JOIN division d ON d.id = a.division_id
       JOIN bill_run r ON r.division_id = d.parent_id AND r.status = 'PREVIEWED' WHERE a.id % 200 = 1""",
    """INSERT INTO debt_work (division_id, account_id, stage, newest_due_on)
       SELECT division_id, account_id, 'CONTACTED', max(due_on) FROM debt WHERE account_id % 20 = 7 GROUP BY 1, 2""",
    """INSERT INTO division_turnover (division_id, billing_month, charged_tiyin, paid_tiyin, debt_change_tiyin, advance_change_tiyin)
       SELECT division_id, billing_month, c, p, c - p, 0 FROM (
           SELECT b.division_id, b.billing_month, sum(b.amount_tiyin) AS c, sum(b.amount_tiyin - coalesce(d.remaining_tiyin, 0)) AS p
           FROM bill b LEFT JOIN debt d ON d.bill_id = b.id GROUP BY 1, 2) x""",
    """INSERT INTO audit_entry (happened_at, division_id, actor, table_name, row_id, operation, after)
       SELECT greatest(now() - n * interval '2 seconds', date_trunc('month', now())), a.division_id, 'bench-' || n % {readers}, 'account',
              a.id, 'READ', '{{"page": "AccountView.show"}}'
       FROM generate_series(1, {read}) n JOIN account a ON a.id = 1 + n::bigint * 7919 % {accounts}""",
    "VACUUM ANALYZE",
)


def cluster() -> Servers:
    """Start PostgreSQL and Valkey; what is written at once is kept small on the disk."""
    return _Servers(VAR / "office").ensure()


class _Servers(Servers):
    settings = (*Cluster.settings, "max_wal_size=3GB", "wal_level=minimal", "max_wal_senders=0")


def make(base: str, accounts: int, months: int = MONTHS) -> str:
    """Return the address of the database of a country, which is made if it is not there; ``base`` is of any database of the server."""
    url = _url(base, f"bench_office_{accounts}")
    is_there = _scalar(base, f"SELECT count(*) FROM pg_database WHERE datname = 'bench_office_{accounts}'")
    if is_there and "MADE_ANEW" not in os.environ:
        schema.upgrade(config.database_url(url))
        return url
    raw = f"{url.partition('?')[0]}_raw?{url.partition('?')[2]}"
    name = f"bench_office_{accounts}"
    _database(base, f"{name}_raw")
    schema.upgrade(config.database_url(raw))
    to_bill = clock.today().replace(day=1)
    country.make(raw, accounts, months, month=to_bill.isoformat(), detailed=min(DETAILED, months))
    with psycopg.connect(raw, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in _WORK:
            connection.execute(statement.format(readers=READERS, read=min(READ, 100 * accounts), accounts=accounts))
    with psycopg.connect(base, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"ALTER DATABASE {name}_raw RENAME TO {name}")
    return url


def show(asked: dict[str, dict[str, Any]]) -> None:
    """Print what was asked as a table."""
    names = list(dict.fromkeys(name for told in asked.values() for name in told))
    print(f"{'':50}" + "".join(f"{name:>13}" for name in names))
    for title, told in asked.items():
        print(f"{title:50}" + "".join(f"{told.get(name, ''):>13}" for name in names))
