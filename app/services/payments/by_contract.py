"""Money that names a contract and no account: set against the oldest debts of all accounts under the contract.

A file's row that bears the number of one signed contract is no money in suspense: its tender has the contract's first account,
and is credited as several payments. What is left after all debts is that first account's advance, so nothing is dropped.
"""

from datetime import date

import numpy as np
from sqlalchemy.orm import Session

from app.domain.settlement import BillAmounts, settle
from app.queries import arrays
from app.queries.records import fetch_all

#: Numbers that two contracts bear are nobody's: the money goes into suspense.
_MATCH = """
    UPDATE tender t SET account_id = f.account_id, division_id = f.division_id, waiting = true
    FROM (
        SELECT k.number, min(l.account_id) AS account_id, min(k.division_id) AS division_id
        FROM contract k JOIN contract_account l ON l.contract_id = k.id AND NOT l.is_draft AND l.valid_to IS NULL
        WHERE k.number IN (SELECT account_number FROM tender WHERE payment_control_id = :control AND account_id IS NULL)
        GROUP BY k.number HAVING count(DISTINCT k.id) = 1
    ) f
    WHERE t.payment_control_id = :control AND t.account_id IS NULL AND t.account_number = f.number
    RETURNING t.amount_tiyin
    """
_DEBTS = """
    SELECT d.bill_id, d.account_id, d.due_on - DATE '1970-01-01', d.remaining_tiyin, d.billing_month - DATE '1970-01-01'
    FROM contract k JOIN contract_account l ON l.contract_id = k.id AND NOT l.is_draft AND (l.valid_to IS NULL OR l.valid_to > :on)
    JOIN debt d ON d.account_id = l.account_id AND d.remaining_tiyin > 0
    WHERE k.number = :number AND EXISTS (
        SELECT 1 FROM contract_account own WHERE own.contract_id = k.id AND own.account_id = :account_id AND NOT own.is_draft)
    """


def match_contracts(session: Session, control_id: int) -> tuple[int, int]:
    """Give the tenders of a control that name a contract its first account, before they would go into suspense.

    :return: how many they are, and their sum in tiyin
    """
    amounts = fetch_all(session, _MATCH, int, control=control_id)
    return len(amounts), sum(amounts)


def shares(session: Session, number: str, account_id: int, amount_tiyin: int, *, on: date) -> dict[int, int]:
    """Return which account gets how much of money that names a contract, the oldest debts first; the account's own number: all to it.

    :param account_id: gets what is left
    """
    bill, account, *amounts = arrays.columns(session, _DEBTS, 5, number=number, account_id=account_id, on=on)
    if not len(bill):
        return {account_id: amount_tiyin}
    moved, left = settle(np.array([amount_tiyin]), BillAmounts(np.zeros(len(bill), dtype=np.int64), bill, *amounts))
    account_of = dict(zip(bill.tolist(), account.tolist(), strict=True))
    result: dict[int, int] = {}
    for bill_id, part in zip(moved.bill_id.tolist(), moved.amount_tiyin.tolist(), strict=True):
        result[account_of[bill_id]] = result.get(account_of[bill_id], 0) + part
    if left[0]:
        result[account_id] = result.get(account_id, 0) + int(left[0])
    assert sum(result.values()) == amount_tiyin, "money is neither lost nor made"
    return result
