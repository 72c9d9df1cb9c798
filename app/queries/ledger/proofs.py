"""The re-summing of the books: each stored figure against what its documents and entries add up to."""

from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.ledger.proofs import RULES, ProofArea
from app.queries.live import live
from app.queries.records import fetch_all, fetch_one
from app.queries.seals import MOVED_PROOFS


class Drift(NamedTuple):
    """A stored figure that differs from what its documents and entries add up to."""

    rule: str
    row: str
    stored: int
    computed: int


def _net(plus: str, minus: str, ledger_accounts: str, only: str = "true") -> str:
    """Return the SQL of what entries add to ledger accounts on one side, less what they take on the other."""
    return (
        f"sum(CASE WHEN {only} AND {plus} IN ({ledger_accounts}) THEN amount_tiyin ELSE 0 END) "
        f"- sum(CASE WHEN {only} AND {minus} IN ({ledger_accounts}) THEN amount_tiyin ELSE 0 END)"
    )


#: Each proof selects (row, stored, computed) where the two differ.
_PROOFS: dict[str, str] = {
    "bill amount = sum of its lines": """
        SELECT 'bill ' || b.id, b.amount_tiyin, coalesce(l.amount, 0)
        FROM bill b LEFT JOIN (
            SELECT bill_id, billing_month, sum(amount_tiyin) AS amount FROM bill_line GROUP BY bill_id, billing_month
        ) l ON l.bill_id = b.id AND l.billing_month = b.billing_month
        WHERE b.amount_tiyin IS DISTINCT FROM coalesce(l.amount, 0)""",
    "bill VAT = sum of its lines": """
        SELECT 'bill ' || b.id, b.vat_tiyin, coalesce(l.vat, 0)
        FROM bill b LEFT JOIN (
            SELECT bill_id, billing_month, sum(vat_tiyin) AS vat FROM bill_line GROUP BY bill_id, billing_month
        ) l ON l.bill_id = b.id AND l.billing_month = b.billing_month
        WHERE b.vat_tiyin IS DISTINCT FROM coalesce(l.vat, 0)""",
    "bill energy = sum of its lines": """
        SELECT 'bill ' || b.id, b.quantity_milli, coalesce(l.quantity, 0)
        FROM bill b
        LEFT JOIN (
            SELECT bill_id, billing_month, sum(quantity_milli) AS quantity FROM bill_line WHERE component = 'ENERGY'
            GROUP BY bill_id, billing_month
        ) l ON l.bill_id = b.id AND l.billing_month = b.billing_month
        WHERE b.quantity_milli IS DISTINCT FROM coalesce(l.quantity, 0)""",
    "bill amount = its ledger entries": """
        SELECT 'bill ' || b.id, b.amount_tiyin, coalesce(e.amount, 0)
        FROM bill b LEFT JOIN (
            SELECT document_id, document_month, sum(CASE WHEN credit IN ('REVENUE', 'VAT') THEN amount_tiyin ELSE 0 END)
                                              - sum(CASE WHEN debit IN ('REVENUE', 'VAT') THEN amount_tiyin ELSE 0 END) AS amount
            FROM ledger_entry WHERE document_kind IN ('BILL', 'BILL_CANCELLATION') GROUP BY document_id, document_month
        ) e ON e.document_id = b.id AND e.document_month = b.billing_month
        WHERE b.amount_tiyin IS DISTINCT FROM coalesce(e.amount, 0)""",
    "payment amount = its ledger entries": """
        SELECT 'payment ' || p.id, p.amount_tiyin, coalesce(e.amount, 0)
        FROM payment p LEFT JOIN (
            SELECT document_id, document_kind, sum(amount_tiyin) AS amount FROM ledger_entry
            WHERE document_kind IN ('PAYMENT', 'PAYMENT_REVERSAL') AND (debit IN ('CASH', 'PROVIDER') OR credit IN ('CASH', 'PROVIDER'))
            GROUP BY document_id, document_kind
        ) e ON e.document_id = p.id AND (e.document_kind = 'PAYMENT') = (p.reverses_id IS NULL)
        WHERE p.amount_tiyin IS DISTINCT FROM coalesce(e.amount, 0)""",
    "entry has its document": """
        SELECT 'ledger_entry ' || e.id, e.amount_tiyin, 0 FROM ledger_entry e
        WHERE (e.document_kind IN ('BILL', 'ADVANCE_USE', 'BILL_CANCELLATION')
               AND NOT EXISTS (SELECT 1 FROM bill b WHERE b.id = e.document_id AND b.billing_month = e.document_month))
           OR (e.document_kind = 'ADJUSTMENT' AND NOT EXISTS (
               SELECT 1 FROM adjustment a WHERE a.id = e.document_id AND date_trunc('month', a.posted_on) = e.document_month))
           OR (e.document_kind IN ('PAYMENT', 'PAYMENT_REVERSAL') AND NOT EXISTS (
               SELECT 1 FROM payment p WHERE p.id = e.document_id AND date_trunc('month', p.received_on) = e.document_month))""",
    "entry is of its document's division": """
        SELECT 'ledger_entry ' || e.id || ' of ' || lower(e.document_kind) || ' ' || e.document_id, e.amount_tiyin, 0
        FROM ledger_entry e
        LEFT JOIN bill b ON b.id = e.document_id AND b.billing_month = e.document_month
            AND e.document_kind IN ('BILL', 'ADVANCE_USE', 'BILL_CANCELLATION')
        LEFT JOIN payment p ON p.id = e.document_id AND e.document_kind IN ('PAYMENT', 'PAYMENT_REVERSAL')
        LEFT JOIN adjustment a ON a.id = e.document_id AND e.document_kind = 'ADJUSTMENT'
        WHERE e.division_id <> coalesce(b.division_id, p.division_id, a.division_id)""",
    "what is of a bill is of its division": """
        SELECT x.name || ' of bill ' || x.bill_id, count(*), 0
        FROM (
            SELECT 'bill_line' AS name, bill_id, billing_month, division_id FROM bill_line
            UNION ALL SELECT 'consumption', bill_id, billing_month, division_id FROM consumption
            UNION ALL SELECT 'debt', bill_id, billing_month, division_id FROM debt
        ) x
        JOIN bill b ON b.id = x.bill_id AND b.billing_month = x.billing_month
        WHERE x.division_id <> b.division_id
        GROUP BY x.name, x.bill_id""",
    "what is of a bill has its month": """
        SELECT x.name || ' of bill ' || x.bill_id, count(*), 0
        FROM (
            SELECT 'bill_line' AS name, bill_id, billing_month FROM bill_line
            UNION ALL SELECT 'consumption', bill_id, billing_month FROM consumption
            UNION ALL SELECT 'debt', bill_id, billing_month FROM debt
            UNION ALL SELECT 'allocation', bill_id, bill_month FROM allocation
        ) x
        WHERE NOT EXISTS (SELECT 1 FROM bill b WHERE b.id = x.bill_id AND b.billing_month = x.billing_month)
        GROUP BY x.name, x.bill_id""",
    "debt = bill − allocations": """
        SELECT 'bill ' || b.id, coalesce(d.remaining_tiyin, 0), o.amount - coalesce(a.amount, 0)
        FROM bill b LEFT JOIN debt d ON d.bill_id = b.id AND d.billing_month = b.billing_month
        LEFT JOIN bill c ON c.cancels_id = b.id AND c.billing_month = b.billing_month
        LEFT JOIN (
            SELECT bill_id, bill_month, sum(amount_tiyin) AS amount FROM allocation GROUP BY bill_id, bill_month
        ) a ON a.bill_id = b.id AND a.bill_month = b.billing_month
        CROSS JOIN LATERAL (
            SELECT CASE WHEN b.cancels_id IS NULL AND c.id IS NULL THEN greatest(b.amount_tiyin, 0) ELSE 0 END AS amount
        ) o
        WHERE coalesce(d.remaining_tiyin, 0) IS DISTINCT FROM o.amount - coalesce(a.amount, 0)""",
    "position debt = receivable entries": """
        SELECT 'account ' || p.account_id, p.debt_tiyin, coalesce(e.amount, 0)
        FROM account_position p LEFT JOIN (
            SELECT account_id, sum(CASE WHEN debit = 'RECEIVABLE' THEN amount_tiyin ELSE 0 END)
                             - sum(CASE WHEN credit = 'RECEIVABLE' THEN amount_tiyin ELSE 0 END) AS amount
            FROM ledger_entry GROUP BY account_id
        ) e ON e.account_id = p.account_id
        WHERE p.debt_tiyin IS DISTINCT FROM coalesce(e.amount, 0)""",
    "position debt = open debts": """
        SELECT 'account ' || p.account_id, p.debt_tiyin, coalesce(d.amount, 0)
        FROM account_position p LEFT JOIN (SELECT account_id, sum(remaining_tiyin) AS amount FROM debt GROUP BY account_id) d
             ON d.account_id = p.account_id
        WHERE p.debt_tiyin IS DISTINCT FROM coalesce(d.amount, 0)""",
    "debts by due day = open debts": """
        SELECT 'debt_total ' || coalesce(t.division_id, d.division_id) || ' ' || coalesce(t.consumer_kind, d.consumer_kind)
                   || ' ' || coalesce(t.due_on, d.due_on),
               CASE WHEN coalesce(t.amount, 0) = coalesce(d.amount, 0) THEN t.debts ELSE t.amount END,
               CASE WHEN coalesce(t.amount, 0) = coalesce(d.amount, 0) THEN d.debts ELSE d.amount END
        FROM (
            SELECT division_id, consumer_kind, due_on, sum(remaining_tiyin) AS amount, sum(debts) AS debts FROM debt_total
            GROUP BY division_id, consumer_kind, due_on
        ) t FULL JOIN (
            SELECT d.division_id, c.kind AS consumer_kind, d.due_on, sum(d.remaining_tiyin) AS amount, count(*) AS debts
            FROM debt d JOIN account a ON a.id = d.account_id JOIN consumer c ON c.id = a.consumer_id
            GROUP BY d.division_id, c.kind, d.due_on
        ) d USING (division_id, consumer_kind, due_on)
        WHERE (coalesce(t.amount, 0), coalesce(t.debts, 0)) IS DISTINCT FROM (coalesce(d.amount, 0), coalesce(d.debts, 0))""",
    "position advance = advance entries": """
        SELECT 'account ' || p.account_id, p.advance_tiyin, coalesce(e.amount, 0)
        FROM account_position p LEFT JOIN (
            SELECT account_id, sum(CASE WHEN credit = 'ADVANCE' THEN amount_tiyin ELSE 0 END)
                             - sum(CASE WHEN debit = 'ADVANCE' THEN amount_tiyin ELSE 0 END) AS amount
            FROM ledger_entry GROUP BY account_id
        ) e ON e.account_id = p.account_id
        WHERE p.advance_tiyin IS DISTINCT FROM coalesce(e.amount, 0)""",
    "month's charges = entries": """
        SELECT 'account_balance ' || b.account_id || ' ' || b.billing_month, b.charged_tiyin, coalesce(e.amount, 0)
        FROM account_balance b LEFT JOIN (
            SELECT account_id, billing_month, sum(CASE WHEN credit IN ('REVENUE', 'VAT') THEN amount_tiyin ELSE 0 END)
                                            - sum(CASE WHEN debit IN ('REVENUE', 'VAT') THEN amount_tiyin ELSE 0 END) AS amount
            FROM ledger_entry WHERE document_kind <> 'ADJUSTMENT' GROUP BY account_id, billing_month
        ) e USING (account_id, billing_month)
        WHERE b.charged_tiyin IS DISTINCT FROM coalesce(e.amount, 0)""",
    "month's payments = entries": """
        SELECT 'account_balance ' || b.account_id || ' ' || b.billing_month, b.paid_tiyin, coalesce(e.amount, 0)
        FROM account_balance b LEFT JOIN (
            SELECT account_id, billing_month, sum(CASE WHEN debit IN ('CASH', 'PROVIDER') THEN amount_tiyin ELSE 0 END)
                                            - sum(CASE WHEN credit IN ('CASH', 'PROVIDER') THEN amount_tiyin ELSE 0 END) AS amount
            FROM ledger_entry GROUP BY account_id, billing_month
        ) e USING (account_id, billing_month)
        WHERE b.paid_tiyin IS DISTINCT FROM coalesce(e.amount, 0)""",
    "entries have their month": """
        SELECT 'account_balance ' || e.account_id || ' ' || e.billing_month, 0, count(*) FROM ledger_entry e
        WHERE NOT EXISTS (SELECT 1 FROM account_balance b
                          WHERE b.account_id = e.account_id AND b.billing_month = e.billing_month)
        GROUP BY e.account_id, e.billing_month""",
    "opening = closing of the month before": """
        SELECT 'account_balance ' || account_id || ' ' || billing_month, opening_tiyin, before FROM (
            SELECT *, coalesce(lag(closing_tiyin) OVER (PARTITION BY account_id ORDER BY billing_month), 0) AS before
            FROM account_balance) b
        WHERE opening_tiyin IS DISTINCT FROM before""",
    "last closing = debt − advance": """
        SELECT 'account ' || p.account_id, p.debt_tiyin - p.advance_tiyin, coalesce(b.closing_tiyin, 0)
        FROM account_position p LEFT JOIN (
            SELECT DISTINCT ON (account_id) account_id, closing_tiyin FROM account_balance ORDER BY account_id, billing_month DESC
        ) b USING (account_id)
        WHERE p.debt_tiyin - p.advance_tiyin IS DISTINCT FROM coalesce(b.closing_tiyin, 0)""",
    "bill VAT = its ledger entries": """
        SELECT 'bill ' || b.id, b.vat_tiyin, coalesce(e.amount, 0)
        FROM bill b LEFT JOIN (
            SELECT document_id, document_month, sum(CASE WHEN credit = 'VAT' THEN amount_tiyin ELSE 0 END)
                                              - sum(CASE WHEN debit = 'VAT' THEN amount_tiyin ELSE 0 END) AS amount
            FROM ledger_entry WHERE document_kind IN ('BILL', 'BILL_CANCELLATION') GROUP BY document_id, document_month
        ) e ON e.document_id = b.id AND e.document_month = b.billing_month
        WHERE b.vat_tiyin IS DISTINCT FROM coalesce(e.amount, 0)""",
    "allocations of a payment = its receivable entries": """
        SELECT 'payment ' || p.id, coalesce(a.amount, 0), coalesce(e.amount, 0)
        FROM payment p LEFT JOIN (
            SELECT payment_id, sum(amount_tiyin) AS amount FROM allocation WHERE payment_id IS NOT NULL GROUP BY payment_id
        ) a ON a.payment_id = p.id
        LEFT JOIN (
            SELECT document_id, sum(CASE WHEN credit = 'RECEIVABLE' THEN amount_tiyin ELSE 0 END)
                              - sum(CASE WHEN debit = 'RECEIVABLE' THEN amount_tiyin ELSE 0 END) AS amount
            FROM ledger_entry WHERE document_kind IN ('PAYMENT', 'PAYMENT_REVERSAL') GROUP BY document_id
        ) e ON e.document_id = p.id
        WHERE coalesce(a.amount, 0) IS DISTINCT FROM coalesce(e.amount, 0)""",
    "month's adjustments = entries": f"""
        SELECT 'account_balance ' || b.account_id || ' ' || b.billing_month, b.adjusted_tiyin, coalesce(e.amount, 0)
        FROM account_balance b LEFT JOIN (
            SELECT account_id, billing_month, {_net("credit", "debit", "'REVENUE', 'VAT'")} AS amount
            FROM ledger_entry WHERE document_kind = 'ADJUSTMENT' GROUP BY account_id, billing_month
        ) e USING (account_id, billing_month)
        WHERE b.adjusted_tiyin IS DISTINCT FROM coalesce(e.amount, 0)""",
    "adjustment = its ledger entries": f"""
        SELECT 'adjustment ' || a.id, a.amount_tiyin, coalesce(e.amount, 0)
        FROM adjustment a LEFT JOIN (
            SELECT document_id, abs({_net("debit", "credit", "'REVENUE', 'VAT'")}) AS amount
            FROM ledger_entry WHERE document_kind = 'ADJUSTMENT' GROUP BY document_id
        ) e ON e.document_id = a.id
        WHERE a.amount_tiyin IS DISTINCT FROM coalesce(e.amount, 0)""",
    "allocations of advances = their receivable entries": f"""
        SELECT 'bill ' || coalesce(a.bill_id, e.document_id), coalesce(a.amount, 0), coalesce(e.amount, 0)
        FROM (
            SELECT bill_id, bill_month, sum(amount_tiyin) AS amount FROM allocation WHERE payment_id IS NULL GROUP BY bill_id, bill_month
        ) a
        FULL JOIN (
            SELECT document_id, document_month, {_net("credit", "debit", "'RECEIVABLE'")} AS amount
            FROM ledger_entry WHERE document_kind = 'ADVANCE_USE' GROUP BY document_id, document_month
        ) e ON e.document_id = a.bill_id AND e.document_month = a.bill_month
        WHERE coalesce(a.amount, 0) IS DISTINCT FROM coalesce(e.amount, 0)""",
    "cancellation negates its bill": """
        SELECT 'bill ' || c.id, c.amount_tiyin, -b.amount_tiyin
        FROM bill c LEFT JOIN bill b ON b.id = c.cancels_id AND b.billing_month = c.billing_month
        WHERE c.cancels_id IS NOT NULL AND (
            (c.account_id, c.period_from, c.period_to, c.revision, c.quantity_milli, c.amount_tiyin, c.vat_tiyin)
            IS DISTINCT FROM (b.account_id, b.period_from, b.period_to, b.revision, -b.quantity_milli, -b.amount_tiyin, -b.vat_tiyin)
            OR b.cancels_id IS NOT NULL)""",
    "cancellation negates each line": """
        SELECT 'bill ' || c.id || ' line ' || n.line_no, coalesce(n.amount, 0), coalesce(n.wanted, 0)
        FROM bill c
        CROSS JOIN LATERAL (
            SELECT line_no, l.amount_tiyin AS amount, -m.amount_tiyin AS wanted,
                   (l.kind, l.component, l.quantity_milli, l.amount_tiyin, l.vat_tiyin)
                   IS DISTINCT FROM ('REVERSAL', m.component, -m.quantity_milli, -m.amount_tiyin, -m.vat_tiyin) AS differs
            FROM (SELECT * FROM bill_line WHERE bill_id = c.id AND billing_month = c.billing_month) l
            FULL JOIN (SELECT * FROM bill_line WHERE bill_id = c.cancels_id AND billing_month = c.billing_month) m USING (line_no)
        ) n
        WHERE c.cancels_id IS NOT NULL AND n.differs""",
    "multiplier of a bill's energy = its meter installation's": """
        SELECT 'bill ' || c.bill_id, c.multiplier_numerator * i.ct_secondary * i.vt_secondary,
               i.ct_primary::bigint * i.vt_primary * c.multiplier_denominator
        FROM consumption c JOIN reading r ON r.id = c.later_reading_id JOIN meter_installation i ON i.id = r.meter_installation_id
        WHERE c.multiplier_numerator * i.ct_secondary * i.vt_secondary
              IS DISTINCT FROM i.ct_primary::bigint * i.vt_primary * c.multiplier_denominator
          AND NOT EXISTS (SELECT 1 FROM bill x WHERE x.cancels_id = c.bill_id AND x.billing_month = c.billing_month)""",
    "one live bill a month": f"""
        SELECT 'account ' || b.account_id || ' ' || b.billing_month, count(*), 1
        FROM bill b WHERE {live("b")}
        GROUP BY b.account_id, b.billing_month HAVING count(*) > 1""",
    "position = newest live bill": f"""
        SELECT 'account ' || p.account_id, coalesce(p.billed_to - DATE '1970-01-01', 0), coalesce(b.period_to - DATE '1970-01-01', 0)
        FROM account_position p LEFT JOIN (
            SELECT DISTINCT ON (account_id) account_id, period_to, billing_month FROM bill b
            WHERE {live("b")}
            ORDER BY account_id, billing_month DESC
        ) b USING (account_id)
        WHERE (p.billed_to, p.billed_month) IS DISTINCT FROM (b.period_to, b.billing_month)""",
    "account with entries has a position": """
        SELECT 'account ' || e.account_id, 0, count(*) FROM ledger_entry e
        WHERE NOT EXISTS (SELECT 1 FROM account_position p WHERE p.account_id = e.account_id) GROUP BY e.account_id""",
    "turnover = entries": f"""
        SELECT 'division_turnover ' || coalesce(t.division_id, e.division_id) || ' ' || coalesce(t.billing_month, e.billing_month),
               coalesce(t.charged_tiyin, 0) + coalesce(t.adjusted_tiyin, 0) - coalesce(t.paid_tiyin, 0),
               coalesce(e.charged, 0) + coalesce(e.adjusted, 0) - coalesce(e.paid, 0)
        FROM division_turnover t FULL JOIN (
            SELECT division_id, billing_month, {_net("credit", "debit", "'REVENUE', 'VAT'", "document_kind <> 'ADJUSTMENT'")} AS charged,
                   {_net("credit", "debit", "'REVENUE', 'VAT'", "document_kind = 'ADJUSTMENT'")} AS adjusted,
                   {_net("debit", "credit", "'CASH', 'PROVIDER'")} AS paid, {_net("debit", "credit", "'RECEIVABLE'")} AS debt,
                   {_net("credit", "debit", "'ADVANCE'")} AS advance
            FROM ledger_entry GROUP BY division_id, billing_month
        ) e USING (division_id, billing_month)
        WHERE coalesce(t.charged_tiyin, 0) IS DISTINCT FROM coalesce(e.charged, 0)
           OR coalesce(t.adjusted_tiyin, 0) IS DISTINCT FROM coalesce(e.adjusted, 0)
           OR coalesce(t.paid_tiyin, 0) IS DISTINCT FROM coalesce(e.paid, 0)
           OR coalesce(t.debt_change_tiyin, 0) IS DISTINCT FROM coalesce(e.debt, 0)
           OR coalesce(t.advance_change_tiyin, 0) IS DISTINCT FROM coalesce(e.advance, 0)""",
    "credited tender = the payment that stands": """
        SELECT 'tender ' || t.id, coalesce(p.amount, 0), x.amount
        FROM tender t LEFT JOIN (
            SELECT p.tender_id, sum(p.amount_tiyin) AS amount, min(p.account_id) AS first, max(p.account_id) AS last FROM payment p
            WHERE p.tender_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM payment r WHERE r.reverses_id = p.id)
            GROUP BY p.tender_id
        ) p ON p.tender_id = t.id
        CROSS JOIN LATERAL (
            SELECT CASE WHEN t.account_id IS NOT NULL AND (t.status = 'PERFORMED' AND NOT t.waiting OR t.status = 'REVERSED' AND t.waiting)
                        THEN t.amount_tiyin ELSE 0 END AS amount
        ) x
        WHERE coalesce(p.amount, 0) <> x.amount OR (p.first, p.last) <> (t.account_id, t.account_id) AND NOT EXISTS (
            SELECT 1 FROM contract k WHERE k.number = t.account_number)""",
    "money in suspense = its entries": """
        SELECT 'tender ' || t.id, coalesce(e.amount, 0), x.amount
        FROM tender t LEFT JOIN (
            SELECT tender_id, sum(CASE credit WHEN 'SUSPENSE' THEN amount_tiyin ELSE -amount_tiyin END) AS amount FROM control_entry
            WHERE tender_id IS NOT NULL AND 'SUSPENSE' IN (debit, credit) GROUP BY tender_id
        ) e ON e.tender_id = t.id
        CROSS JOIN LATERAL (SELECT CASE WHEN t.account_id IS NULL AND t.status = 'PERFORMED' THEN t.amount_tiyin ELSE 0 END AS amount) x
        WHERE coalesce(e.amount, 0) <> x.amount""",
    "closed control = its tenders": """
        SELECT 'payment_control ' || c.id, c.received_tiyin, coalesce(t.amount, 0) - coalesce(r.amount, 0)
        FROM payment_control c
        LEFT JOIN (SELECT payment_control_id, count(*) AS rows, sum(amount_tiyin) AS amount FROM tender GROUP BY payment_control_id) t
            ON t.payment_control_id = c.id
        LEFT JOIN (SELECT reversal_control_id, sum(amount_tiyin) AS amount FROM tender GROUP BY reversal_control_id) r
            ON r.reversal_control_id = c.id
        WHERE c.status = 'CLOSED'
          AND (c.tenders, c.received_tiyin) IS DISTINCT FROM (coalesce(t.rows, 0), coalesce(t.amount, 0) - coalesce(r.amount, 0))""",
    **MOVED_PROOFS,
    "stored report = its fingerprint": """
        SELECT 'stored_report ' || r.id, 0, 1 FROM stored_report r WHERE encode(sha256(r.contents), 'hex') <> r.sha256""",
    "closed control = what was counted": """
        SELECT 'payment_control ' || c.id, c.counted_tiyin, x.amount
        FROM payment_control c
        CROSS JOIN LATERAL (
            SELECT c.float_tiyin + c.received_tiyin
                   + coalesce(sum(CASE e.credit WHEN n.name THEN e.amount_tiyin ELSE -e.amount_tiyin END), 0) AS amount
            FROM control_entry e
            JOIN (VALUES ('OVER_SHORT'), ('COMMISSION')) n (name) ON n.name IN (e.debit, e.credit)
                AND (n.name = 'OVER_SHORT' OR c.kind = 'GATEWAY_DAY' OR e.reason = 'bank charges')
            WHERE e.payment_control_id = c.id
        ) x
        WHERE c.status = 'CLOSED' AND c.counted_tiyin IS DISTINCT FROM x.amount""",
}

_DIFFERING = """
    {1} SELECT coalesce(q.row, '') AS row, coalesce(q.stored, 0)::bigint AS stored, coalesce(q.computed, 0)::bigint AS computed
    FROM ({0} LIMIT :limit) q (row, stored, computed)
"""
#: What was looked at, for the report.
_COUNTS = """
    SELECT (SELECT count(*) FROM bill) AS bills, (SELECT count(*) FROM bill_line) AS bill_lines,
           (SELECT count(*) FROM payment) AS payments, (SELECT count(*) FROM ledger_entry) AS entries,
           (SELECT count(*) FROM account_position) AS accounts
"""


class _ProofSize(NamedTuple):
    bills: int
    bill_lines: int
    payments: int
    entries: int
    accounts: int


class _Difference(NamedTuple):
    row: str
    stored: int
    computed: int


class BilledDivision(NamedTuple):
    """What a bill run touched."""

    division_id: int
    month: date


def _only(tables: str, condition: str) -> str:
    """Return the SQL that lets the names of tables mean a part of their rows in the statement that follows."""
    return ", ".join(f"{table} AS NOT MATERIALIZED (SELECT * FROM public.{table} WHERE {condition})" for table in tables.split())


_MONTH = "division_id = :division_id AND billing_month = :month"
#: What a rule reads after a bill run: documents of the division's month, the accounts of the division, or the division.
_BILLS = f"WITH {_only('bill', _MONTH)}, " + _only(
    "bill_line consumption debt allocation", f"bill_id IN (SELECT id FROM public.bill WHERE {_MONTH})"
)
_ACCOUNTS = "WITH " + _only(
    "bill ledger_entry payment adjustment allocation debt account_position account_balance",
    "account_id IN (SELECT id FROM public.account WHERE division_id = :division_id)",
)
_DIVISION = "WITH " + _only("ledger_entry debt debt_total division_turnover", "division_id = :division_id")
_SCOPES = {
    ProofArea.LINES: _BILLS, ProofArea.COMPUTED: _BILLS, ProofArea.SUMMARIES: _DIVISION,
    **dict.fromkeys((ProofArea.ENTRIES, ProofArea.DEBTS, ProofArea.BALANCES), _ACCOUNTS),
}  # fmt: skip


def drifts(session: Session, *, limit: int = 100, billed: BilledDivision | None = None) -> list[Drift]:
    """Re-sum all documents and entries and return every stored figure that differs, at most so many a rule.

    :param billed: only what a bill run touched; rules about money received and about reports are left out
    """
    found, given = list[Drift](), billed._asdict() if billed else {}
    for rule, proof in _PROOFS.items():
        scope = "" if billed is None else _SCOPES.get(RULES[rule].area)
        if scope is None:
            continue
        differing = _DIFFERING.format(proof, scope)
        found += [Drift(rule, *each) for each in fetch_all(session, differing, _Difference, limit=limit, **given)]
    return found


def proof_size(session: Session) -> dict[str, int]:
    """Return how many documents, entries and accounts the proof covers, and how many rules it checks."""
    return {"rules": len(_PROOFS), **fetch_one(session, _COUNTS, _ProofSize)._asdict()}
