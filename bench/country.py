"""A country to bill, made set-wise in SQL: 200 districts, four blocks, a tariff that changes in mid-month, missed readings, exchanges.

Consumers have names in both scripts and live on streets that are called alike in every district. Before the month that is billed lie as
many as one asks for, billed and paid (``history``).
"""

import itertools
from datetime import date

import psycopg

from app.domain.calendar import months_after
from app.domain.transliteration import to_cyrillic
from bench import history as earlier

MONTH = "2026-01-01"
DISTRICTS, STREETS = 200, 50
_SURNAMES = """
    Karimov Rahimov Yusupov Abdullayev Ergashev Gʻofurov Xodjayev Oʻktamov Axmedov Valiyev Qodirov Toshmatov
    Sodiqov Ismoilov Nazarov Saidov Umarov Usmonov Yoʻldoshev Xolmatov Boboyev Haydarov Jumayev Mirzayev Normatov
    Olimov Pulatov Rustamov Sharipov Tursunov Zokirov Li Kim Ibragimov Eshonqulov Hamidov Gʻaniyev Choriyev
    Shodiyev Berdiyev
""".split()
_NAMES = """
    Anvar Botir Dilshod Eldor Farhod Gʻayrat Hilola Ikrom Jamshid Kamola Lola Malika Nodira Oygul Pulat Qahramon
    Ravshan Sardor Temur Ulugʻbek Vera Xurshid Yulduz Zulfiya Shahnoza Chori Aziz Bahrom Umida Otabek
""".split()
_STREETS = [
    *"Navoiy Bobur Istiqlol Mustaqillik Doʻstlik Oʻzbekiston Bunyodkor Guliston Bogʻiston Chilonzor Beruniy".split(),
    *"Karimov Umarov Zulfiya Paxtakor Tinchlik Nurafshon Sharq Gʻalaba Mirobod Uchqun Oqtepa".split(),
    "Amir Temur", "Yangi hayot", "Ibn Sino",
]  # fmt: skip

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
    "CREATE TABLE bench_name AS SELECT * FROM unnest('{names}'::text[]) WITH ORDINALITY n (name, place)",
    """INSERT INTO mahalla (id, division_id, name)
       SELECT d.place * {mahallas} + m, d.id, s.name || ' MFY' FROM bench_district d CROSS JOIN generate_series(1, {mahallas}) m
       JOIN unnest('{street_names}'::text[]) WITH ORDINALITY s (name, place) ON s.place = m""",
    """INSERT INTO street (id, division_id, mahalla_id, name)
       SELECT d.place * {streets} + s.place, d.id, d.place * {mahallas} + 1 + s.place % {mahallas}, s.name || ' koʻchasi'
       FROM bench_district d CROSS JOIN unnest('{street_names}'::text[]) WITH ORDINALITY s (name, place)""",
    "INSERT INTO device_model (name, resource_id) SELECT 'Bench', id FROM resource WHERE code = 'ELECTRICITY'",
    """
    CREATE TABLE bench_account AS
    SELECT n AS id, d.id AS division_id, d.place * {streets} + 1 + n % {streets} AS street_id, n % 100 < 5 AS missed,
           n % 100 BETWEEN 50 AND 52 AS exchanged, {dial} + n % 50000 AS dial, (20 + ((n::bigint * 7919) % 1000) ^ 3 / 1200000)::int AS used
    FROM generate_series(1, {accounts}) n
    JOIN bench_district d ON d.place = (n - 1)::bigint * (SELECT count(*) FROM bench_district) / {accounts}
    """,
    """INSERT INTO consumer (id, division_id, kind, name, phone)
       SELECT b.id, b.division_id, 'HOUSEHOLD', n.name, '+998' || lpad((b.id::bigint * 7919 % 1000000007)::text, 9, '0')
       FROM bench_account b JOIN bench_name n ON n.place = 1 + (b.id::bigint * 48271 % 2147483647) % (SELECT count(*) FROM bench_name)""",
    """INSERT INTO account (id, division_id, number, consumer_id, opened_on)
       SELECT id, division_id, lpad(id::text, 12, '0'), id, '{since}' FROM bench_account""",
    """INSERT INTO account_position (account_id, division_id, billed_to, actual_to, billed_month)
       SELECT id, division_id, DATE '{month}', DATE '{month}', DATE '{before}' FROM bench_account""",
    """INSERT INTO service_point (id, division_id, resource_id, street_id, house, flat, capacity_milli)
       SELECT b.id, b.division_id, r.id, b.street_id, 1 + b.id / {streets} % 60, CASE WHEN b.id % 2 = 0 THEN b.id % 40 END, 10000
       FROM bench_account b, resource r WHERE r.code = 'ELECTRICITY'""",
    """INSERT INTO supply (division_id, account_id, service_point_id, tariff_group_id, valid_from)
       SELECT b.division_id, b.id, b.id, g.id, '{since}' FROM bench_account b, tariff_group g WHERE g.code = 'HOUSEHOLD'""",
    """INSERT INTO account_benefit (division_id, account_id, benefit_id, valid_from)
       SELECT division_id, id, (SELECT min(id) FROM benefit), '{since}' FROM bench_account WHERE id % 50 = 0""",
    """INSERT INTO device (id, division_id, model_id, serial_number)
       SELECT b.id, b.division_id, m.id, lpad((b.id::bigint * 104729 % 100000007)::text, 8, '0') || b.id % 7 FROM (
           SELECT id, division_id FROM bench_account
           UNION ALL SELECT id + {accounts}, division_id FROM bench_account WHERE exchanged
       ) b, (SELECT max(id) AS id FROM device_model) m""",
    "INSERT INTO register (id, meter_id, code, digits) SELECT id, id, 'TOTAL', 6 FROM device",
    """INSERT INTO meter_installation (id, division_id, meter_id, service_point_id, valid_from, valid_to)
       SELECT id, division_id, id, id, DATE '{since}', CASE WHEN exchanged THEN DATE '{month}' + 11 END FROM bench_account
       UNION ALL SELECT id + {accounts}, division_id, id + {accounts}, id, DATE '{month}' + 11, NULL FROM bench_account WHERE exchanged""",
    """INSERT INTO reading (division_id, account_id, meter_installation_id, register_id, read_on, dial_milli, kind, source)
       SELECT division_id, id, meter, meter, read_on, dial * 1000, kind, 'CONTROLLER' FROM (
           SELECT division_id, id, id AS meter, DATE '{month}' AS read_on, dial, '{kind}' AS kind FROM bench_account
           UNION ALL SELECT division_id, id, id, DATE '{month}' + 11, dial + used / 3, 'FINAL' FROM bench_account WHERE exchanged
           UNION ALL SELECT division_id, id, id + {accounts}, DATE '{month}' + 11, 0, 'INITIAL' FROM bench_account WHERE exchanged
           UNION ALL SELECT division_id, id, CASE WHEN exchanged THEN id + {accounts} ELSE id END, DATE '{month}' + 26,
                            CASE WHEN exchanged THEN used - used / 3 ELSE dial + used END, 'PERIODIC' FROM bench_account WHERE NOT missed
       ) r ORDER BY id, read_on""",
    """CREATE TABLE bench_tariff AS SELECT t.id FROM tariff t JOIN tariff_group g ON g.id = t.tariff_group_id
       JOIN resource r ON r.id = t.resource_id WHERE g.code = 'HOUSEHOLD' AND r.code = 'ELECTRICITY'""",
    "DELETE FROM tariff_block WHERE version_id IN (SELECT id FROM tariff_version WHERE tariff_id = (SELECT id FROM bench_tariff))",
    "DELETE FROM tariff_version WHERE tariff_id = (SELECT id FROM bench_tariff)",
    """INSERT INTO tariff_version (tariff_id, source, valid_from, valid_to)
       SELECT id, 'bench', f, t FROM bench_tariff, (VALUES (DATE '{since}', DATE '{month}' + 15), (DATE '{month}' + 15, NULL)) v (f, t)""",
    """INSERT INTO tariff_block (version_id, block_no, upper_milli, rate)
       SELECT v.id, n, upper, rate + CASE WHEN v.valid_to IS NULL THEN 50 ELSE 0 END FROM tariff_version v,
           (VALUES (1, 200000, 450), (2, 400000, 600), (3, 600000, 800), (4, NULL::int, 1000)) b (n, upper, rate)
       WHERE v.tariff_id = (SELECT id FROM bench_tariff)""",
    """INSERT INTO bill_run (division_id, billing_month, status)
       SELECT DISTINCT d.parent_id, DATE '{month}', 'PREVIEWED' FROM division d JOIN bench_district b ON b.id = d.id""",
    "INSERT INTO job_run (division_id, kind, subject_id) SELECT division_id, 'BILL_POST', id FROM bill_run WHERE status = 'PREVIEWED'",
)


def make(url: str, accounts: int, history: int = 0, *, month: str = MONTH, detailed: int | None = None) -> None:
    """Fill an empty database that has the schema; as a superuser, past the triggers that write the trail.

    :param history: months that were billed before
    :param month: the one that is to be billed
    :param detailed: of how many months bills have lines, consumption and entries; all
    """
    to_bill = date.fromisoformat(month)
    streets = [f"{name} {place // len(_STREETS) or ''}".strip() for place, name in zip(range(STREETS), itertools.cycle(_STREETS))]
    names = [f"{surname} {name}" for surname, name in itertools.product(_SURNAMES, _NAMES)]
    names = [to_cyrillic(name) if place % 3 == 0 else name for place, name in enumerate(names)]
    given = {
        "accounts": accounts,
        "districts": DISTRICTS,
        "month": month,
        "before": months_after(to_bill, -1),
        "since": months_after(to_bill, -max(history, 1)),
        "dial": 1000 * max(history, 1),
        "kind": "PERIODIC" if history else "INITIAL",
        "streets": STREETS,
        "mahallas": len(_STREETS),
        "street_names": "{" + ",".join(streets) + "}",
        "names": "{" + ",".join(names) + "}",
    }
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in _STATEMENTS:
            connection.execute(statement.format(**given))
        earlier.make(connection, accounts, history, to_bill, history if detailed is None else detailed)
        for table in ("street", "mahalla", "consumer", "account", "service_point", "device", "meter_installation", "register"):
            connection.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
        connection.execute("DROP TABLE bench_account, bench_district, bench_name, bench_tariff")
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
