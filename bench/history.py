"""Months that were billed and paid before the one that is measured, made set-wise, a month after the other, as they are in a year.

Five accounts of a hundred were estimated in a month (never in the last one) and read for two months in the next. Bills are paid in
their month; four of ten owe the last one, one of ten the one before it, too. Tenders are left out: no bill run reads them.
"""

from datetime import date

import psycopg

from app.domain.calendar import months_after

#: Indexes of these are made when all rows are there.
_TABLES = ("bill", "bill_line", "consumption", "debt", "allocation", "ledger_entry", "account_balance", "payment", "reading")
#: Every account of the bench with what holds for it in month ``place`` of ``months``; ids are counted up from month to month.
_MONTH = """
    SELECT b.*, DATE '{month}' AS month, (DATE '{month}' + interval '1 month')::date AS month_to,
           {first} + b.id AS row_id, b.used * 50000::bigint AS amount, b.used * 50000::bigint * 12 / 112 AS vat,
           {place} < {months} AND (b.id * 31 + {place} * 17) % 100 < 5 AS estimated,
           {place} > 1 AND (b.id * 31 + ({place} - 1) * 17) % 100 < 5 AS estimated_before,
           CASE {months} - {place} WHEN 0 THEN b.id % 10 < 6 WHEN 1 THEN b.id % 10 <> 7 ELSE true END AS paid,
           {place} = {months} AND {months} > 1 AND b.id % 10 = 7 AS owes
    FROM bench_account b
"""
_STATEMENTS = (
    """INSERT INTO bill_run (division_id, billing_month, status)
       SELECT DISTINCT d.parent_id, DATE '{month}', 'POSTED' FROM bench_district b JOIN division d ON d.id = b.id""",
    """INSERT INTO reading (id, division_id, account_id, meter_installation_id, register_id, read_on, dial_milli, kind, source)
       SELECT {readings} + row_id, division_id, id, id, id, month, (dial - used * ({months} - {place} + 1)) * 1000,
              CASE WHEN {place} = 1 THEN 'INITIAL' ELSE 'PERIODIC' END, 'CONTROLLER' FROM m WHERE NOT estimated_before""",
    """INSERT INTO bill (id, division_id, account_id, bill_run_id, public_id, billing_month, period_from, period_to, quality,
                         quantity_milli, amount_tiyin, vat_tiyin, issued_on, due_on)
       SELECT m.row_id, m.division_id, m.id, r.id, lpad(to_hex(m.row_id), 32, '0')::uuid, month, month, month_to,
              CASE WHEN estimated THEN 'ESTIMATED' ELSE 'ACTUAL' END, used * 1000, amount, vat, month_to, month_to + 9
       FROM m JOIN division d ON d.id = m.division_id JOIN bill_run r ON r.division_id = d.parent_id AND r.billing_month = month
       ORDER BY m.id""",
    """INSERT INTO bill_line (bill_id, billing_month, line_no, division_id, account_id, kind, for_month, period_from, period_to,
                              tariff_version_id, block_no, quantity_milli, rate, amount_tiyin, vat_tiyin)
       SELECT row_id, month, n, division_id, id, 'CHARGE', month, month, month_to, (SELECT min(id) FROM tariff_version v
              WHERE v.tariff_id = (SELECT id FROM bench_tariff)), n, part * 1000, 500, part * 50000, part * 50000 * 12 / 112
       FROM m CROSS JOIN LATERAL (VALUES (1, least(used, 200)), (2, used - 200)) b (n, part) WHERE part > 0 ORDER BY row_id, n""",
    """INSERT INTO consumption (id, division_id, account_id, bill_id, period_from, period_to, quantity_milli, quality, earlier_reading_id,
                                later_reading_id, rolled_over, multiplier_numerator, multiplier_denominator, billing_month)
       SELECT row_id, division_id, id, row_id, CASE WHEN estimated_before THEN (month - interval '1 month')::date ELSE month END, month_to,
              used * CASE WHEN estimated_before THEN 2000 ELSE 1000 END, CASE WHEN estimated THEN 'ESTIMATED' ELSE 'ACTUAL' END,
              CASE WHEN NOT estimated THEN {readings} + row_id - CASE WHEN estimated_before THEN {accounts} ELSE 0 END END,
              CASE WHEN NOT estimated AND {place} < {months} THEN {readings} + row_id + {accounts} END, false, 1, 1, month
       FROM m ORDER BY id""",
    """INSERT INTO ledger_entry (id, division_id, account_id, debit, credit, amount_tiyin, posted_on, billing_month, document_kind,
                                 document_id, document_month)
       SELECT 3 * row_id + n, division_id, id, debit, credit, part, month_to, month, kind, row_id,
              CASE kind WHEN 'BILL' THEN month ELSE date_trunc('month', month_to + 5)::date END
       FROM m CROSS JOIN LATERAL (VALUES (0, 'RECEIVABLE', 'REVENUE', amount - vat, 'BILL'), (1, 'RECEIVABLE', 'VAT', vat, 'BILL'),
                                         (2, 'PROVIDER', 'RECEIVABLE', CASE WHEN paid THEN amount ELSE 0 END, 'PAYMENT'))
           e (n, debit, credit, part, kind) WHERE part > 0 ORDER BY 1""",
    """INSERT INTO payment (id, division_id, account_id, channel, reference, contents_sha256, amount_tiyin, received_on)
       SELECT row_id, division_id, id, 'PAYNET', lpad(row_id::text, 12, '0'), '', amount, month_to + 5 FROM m WHERE paid ORDER BY id""",
    """INSERT INTO allocation (id, division_id, account_id, bill_id, bill_month, payment_id, amount_tiyin, allocated_on)
       SELECT row_id, division_id, id, row_id, month, row_id, amount, month_to + 5 FROM m WHERE paid ORDER BY id""",
    """INSERT INTO debt (bill_id, billing_month, account_id, division_id, due_on, remaining_tiyin)
       SELECT row_id, month, id, division_id, month_to + 9, amount FROM m WHERE NOT paid ORDER BY id""",
    """INSERT INTO account_balance (account_id, billing_month, division_id, opening_tiyin, charged_tiyin, paid_tiyin, closing_tiyin)
       SELECT id, month, division_id, o, amount, p, o + amount - p FROM m CROSS JOIN LATERAL
           (SELECT CASE WHEN owes THEN amount ELSE 0 END, CASE WHEN paid THEN amount ELSE 0 END) s (o, p) ORDER BY id""",
)
_POSITIONS = """UPDATE account_position p SET debt_tiyin = d.owed
                FROM (SELECT account_id, sum(remaining_tiyin) AS owed FROM debt GROUP BY account_id) d WHERE d.account_id = p.account_id"""

_DEBT_TOTALS = """INSERT INTO debt_total (division_id, consumer_kind, due_on, remaining_tiyin, debts)
                  SELECT d.division_id, c.kind, d.due_on, sum(d.remaining_tiyin), count(*) FROM debt d
                  JOIN account a ON a.id = d.account_id JOIN consumer c ON c.id = a.consumer_id GROUP BY d.division_id, c.kind, d.due_on"""


def _is_plain(statement: str) -> bool:
    """Tell whether a statement writes what each month has, for those who look at lists of it alone."""
    return statement.split()[2] in {"bill_run", "reading", "bill", "payment", "debt"}


def make(connection: psycopg.Connection, accounts: int, months: int, before: date, detailed: int) -> None:
    """Bill and pay months, the last of them the one before ``before``; tables of the bench must be there.

    :param detailed: of how many months, the last ones, there is more than bills, readings and payments
    """
    indexes = connection.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i WHERE i.indrelid::regclass::text = ANY(%s) "
        "AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)",
        [list(_TABLES)],
    ).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    for place in range(1, months + 1):
        given = {"months": months, "place": place, "accounts": accounts, "first": (place - 1) * accounts, "readings": 10**9}
        month = months_after(before, place - months - 1)
        for statement in _STATEMENTS if place > months - detailed else filter(_is_plain, _STATEMENTS):
            connection.execute(f"WITH m AS ({_MONTH}) {statement}".format(month=month, **given))
    connection.execute(_POSITIONS)
    connection.execute(_DEBT_TOTALS)
    for table in ("bill", "consumption", "ledger_entry", "payment", "allocation"):
        connection.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
    for _, definition in indexes:
        connection.execute(definition)
