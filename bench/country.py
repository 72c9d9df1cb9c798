"""A country to bill, made set-wise in SQL: 200 districts, four blocks, a tariff that changes in mid-month, missed readings, exchanges.

Before the month that is billed lie as many as one asks for, billed and paid (``history``).
"""

from datetime import date

import psycopg

from app.domain.calendar import months_after
from bench import history as earlier

MONTH = "2026-01-01"
DISTRICTS = 200

_STATEMENTS = (
    """
    INSERT INTO division (level, code, branch_code, name, path, parent_id)
    SELECT 'DISTRICT', r.code || lpad(n::text, 3, '0'), lpad((60000 + n)::text, 5, '0'), 'District ' || n,
           r.path || r.code || lpad(n::text, 3, '0') || '/', r.id
    FROM generate_series(1, {districts}) n
    JOIN (SELECT id, code, path, row_number() OVER (ORDER BY code) - 1 AS place, count(*) OVER () AS regions
          FROM division WHERE level = 'REGION') r ON r.place = (n - 1) * r.regions / {districts}
    """,
    "CREATE TABLE bench_district AS SELECT id, row_number() OVER (ORDER BY code) - 1 AS place FROM division WHERE level = 'DISTRICT'",
    "INSERT INTO street (division_id, name) SELECT id, 'Navoiy' FROM bench_district",
    "INSERT INTO meter_model (name, resource_id) SELECT 'Bench', id FROM resource WHERE code = 'ELECTRICITY'",
    """
    CREATE TABLE bench_account AS
    SELECT n AS id, d.id AS division_id, s.id AS street_id, n % 100 < 5 AS missed, n % 100 BETWEEN 50 AND 52 AS exchanged,
           {dial} + n % 50000 AS dial, (20 + ((n::bigint * 7919) % 1000) ^ 3 / 1200000)::int AS used
    FROM generate_series(1, {accounts}) n
    JOIN bench_district d ON d.place = (n - 1) * (SELECT count(*) FROM bench_district) / {accounts}
    JOIN street s ON s.division_id = d.id
    """,
    "INSERT INTO consumer (id, division_id, kind, name) SELECT id, division_id, 'HOUSEHOLD', 'Consumer ' || id FROM bench_account",
    """INSERT INTO account (id, division_id, number, consumer_id, opened_on)
       SELECT id, division_id, lpad(id::text, 12, '0'), id, '{since}' FROM bench_account""",
    """INSERT INTO account_position (account_id, division_id, billed_to, actual_to, billed_month)
       SELECT id, division_id, '2026-01-01', '2026-01-01', '2025-12-01' FROM bench_account""",
    """INSERT INTO service_point (id, division_id, resource_id, street_id, house, capacity_milli)
       SELECT b.id, b.division_id, r.id, b.street_id, b.id::text, 10000 FROM bench_account b, resource r WHERE r.code = 'ELECTRICITY'""",
    """INSERT INTO supply (division_id, account_id, service_point_id, tariff_group_id, valid_from)
       SELECT b.division_id, b.id, b.id, g.id, '{since}' FROM bench_account b, tariff_group g WHERE g.code = 'HOUSEHOLD'""",
    """INSERT INTO account_benefit (division_id, account_id, benefit_id, valid_from)
       SELECT division_id, id, (SELECT min(id) FROM benefit), '{since}' FROM bench_account WHERE id % 50 = 0""",
    """INSERT INTO meter (id, division_id, model_id, serial_number)
       SELECT b.id, b.division_id, m.id, b.id::text FROM (
           SELECT id, division_id FROM bench_account
           UNION ALL SELECT id + {accounts}, division_id FROM bench_account WHERE exchanged
       ) b, (SELECT max(id) AS id FROM meter_model) m""",
    "INSERT INTO register (id, meter_id, code, digits) SELECT id, id, 'TOTAL', 6 FROM meter",
    """INSERT INTO meter_installation (id, division_id, meter_id, service_point_id, valid_from, valid_to)
       SELECT id, division_id, id, id, DATE '{since}', CASE WHEN exchanged THEN DATE '2026-01-12' END FROM bench_account
       UNION ALL SELECT id + {accounts}, division_id, id + {accounts}, id, '2026-01-12', NULL FROM bench_account WHERE exchanged""",
    """INSERT INTO reading (division_id, account_id, meter_installation_id, register_id, read_on, dial_milli, kind, source)
       SELECT division_id, id, meter, meter, read_on, dial * 1000, kind, 'CONTROLLER' FROM (
           SELECT division_id, id, id AS meter, DATE '2026-01-01' AS read_on, dial, '{kind}' AS kind FROM bench_account
           UNION ALL SELECT division_id, id, id, DATE '2026-01-12', dial + used / 3, 'FINAL' FROM bench_account WHERE exchanged
           UNION ALL SELECT division_id, id, id + {accounts}, DATE '2026-01-12', 0, 'INITIAL' FROM bench_account WHERE exchanged
           UNION ALL SELECT division_id, id, CASE WHEN exchanged THEN id + {accounts} ELSE id END, DATE '2026-01-27',
                            CASE WHEN exchanged THEN used - used / 3 ELSE dial + used END, 'PERIODIC' FROM bench_account WHERE NOT missed
       ) r ORDER BY id, read_on""",
    """CREATE TABLE bench_tariff AS SELECT t.id FROM tariff t JOIN tariff_group g ON g.id = t.tariff_group_id
       JOIN resource r ON r.id = t.resource_id WHERE g.code = 'HOUSEHOLD' AND r.code = 'ELECTRICITY'""",
    "DELETE FROM tariff_block WHERE version_id IN (SELECT id FROM tariff_version WHERE tariff_id = (SELECT id FROM bench_tariff))",
    "DELETE FROM tariff_version WHERE tariff_id = (SELECT id FROM bench_tariff)",
    """INSERT INTO tariff_version (tariff_id, source, valid_from, valid_to)
       SELECT id, 'bench', f::date, t::date FROM bench_tariff, (VALUES ('{since}', '2026-01-16'), ('2026-01-16', NULL)) v (f, t)""",
    """INSERT INTO tariff_block (version_id, block_no, upper_milli, rate)
       SELECT v.id, n, upper, rate + CASE WHEN v.valid_to IS NULL THEN 50 ELSE 0 END FROM tariff_version v,
           (VALUES (1, 200000, 450), (2, 400000, 600), (3, 600000, 800), (4, NULL::int, 1000)) b (n, upper, rate)
       WHERE v.tariff_id = (SELECT id FROM bench_tariff)""",
    f"""INSERT INTO bill_run (division_id, billing_month, status)
        SELECT DISTINCT d.parent_id, DATE '{MONTH}', 'PREVIEWED' FROM division d JOIN bench_district b ON b.id = d.id""",
    "INSERT INTO job_run (division_id, kind, subject_id) SELECT division_id, 'BILL_POST', id FROM bill_run WHERE status = 'PREVIEWED'",
)


def make(url: str, accounts: int, history: int = 0) -> None:
    """Fill an empty database that has the schema; as a superuser, past the triggers that write the trail.

    :param history: months that were billed before
    """
    month = date.fromisoformat(MONTH)
    given = {
        "accounts": accounts,
        "districts": DISTRICTS,
        "since": months_after(month, -max(history, 1)),
        "dial": 1000 * max(history, 1),
        "kind": "PERIODIC" if history else "INITIAL",
    }
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in _STATEMENTS:
            connection.execute(statement.format(**given))
        earlier.make(connection, accounts, history, month)
        connection.execute("DROP TABLE bench_account, bench_district, bench_tariff")
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
