"""Statements of providers and banks: the good rows are kept, each transaction once, as the newest statement tells it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain import readers
from app.domain.calendar import TASHKENT
from app.domain.payments.reconciliation import StatementSource, StatementState
from app.domain.reference import RefusedRow, RowFault, RowRefused, value_of
from app.gateways.json_bodies import is_short_text
from app.gateways.statement_file import ProviderStatementLine

#: Rows of one statement of SQL.
CHUNK = 5000
#: The words of our own and of the providers' protocols; a statement with other words names them in its refused rows.
_WORDS = {
    StatementState.PERFORMED: "performed success successful paid confirmed completed ok проведен проведён успешно оплачен bajarildi",
    StatementState.CANCELLED: "cancelled canceled reversed failed error отменен отменён возврат ошибка bekor",
    StatementState.PENDING: "pending created processing waiting создан обработка ожидание kutilmoqda",
}
_STATES = {word: state for state, words in _WORDS.items() for word in words.split()}


class GoodRow(NamedTuple):
    """A row of a statement that can be kept."""

    reference: str
    amount_tiyin: int
    state: StatementState
    happened_at: datetime
    business_day: date


def checked(lines: Sequence[ProviderStatementLine]) -> tuple[list[GoodRow], list[RefusedRow]]:
    """Return the good rows of a statement, and the others with their faults; of a repeated reference the first row is good."""
    good: dict[str, GoodRow] = {}
    rows: dict[str, int] = {}
    refused = []
    for line in lines:
        try:
            row = _row_of(line, rows)
        except RowRefused as fault:
            refused.append(fault.of(line.row_no))
        else:
            good[row.reference] = row
            rows[row.reference] = line.row_no
    assert len(good) + len(refused) == len(lines)
    return list(good.values()), refused


def _row_of(line: ProviderStatementLine, rows: Mapping[str, int]) -> GoodRow:
    if line.refusal:
        raise RowRefused(line.refusal.column, line.refusal.fault, line.refusal.value)
    reference = value_of("reference", line.reference, readers.code)
    if not is_short_text(reference):
        raise RowRefused("reference", RowFault.BREAKS_RULE if reference else RowFault.EMPTY, reference)
    if reference in rows:
        raise RowRefused("reference", RowFault.REPEATED, reference, rows[reference])
    amount = value_of("amount_tiyin", line.amount, readers.money)
    if amount <= 0:
        raise RowRefused("amount_tiyin", RowFault.BREAKS_RULE, line.amount)
    state = _STATES.get(line.state.casefold())
    if state is None:
        raise RowRefused("state", RowFault.NOT_A_MEMBER if line.state else RowFault.EMPTY, line.state)
    moment = value_of("happened_at", line.moment, readers.moment)
    return GoodRow(reference, amount, state, moment, moment.astimezone(TASHKENT).date())


_KEEP = text(
    """
    INSERT INTO statement_row (division_id, payment_contract_id, source, business_day, reference, amount_tiyin, state, happened_at)
    SELECT (SELECT id FROM division WHERE parent_id IS NULL), :contract_id, :source, u.business_day, u.reference, u.amount, u.state,
           u.happened_at
    FROM unnest(CAST(:references AS text[]), CAST(:amounts AS bigint[]), CAST(:states AS text[]), CAST(:moments AS timestamptz[]),
                CAST(:days AS date[])) AS u (reference, amount, state, happened_at, business_day)
    ON CONFLICT (payment_contract_id, source, reference) DO UPDATE SET
        business_day = excluded.business_day, amount_tiyin = excluded.amount_tiyin, state = excluded.state,
        happened_at = excluded.happened_at
    WHERE (statement_row.business_day, statement_row.amount_tiyin, statement_row.state, statement_row.happened_at)
       IS DISTINCT FROM (excluded.business_day, excluded.amount_tiyin, excluded.state, excluded.happened_at)
    """
)


def keep(session: Session, contract_id: int, source: StatementSource, rows: Sequence[GoodRow]) -> None:
    """Keep rows of a statement; a transaction known from an earlier statement is as the newer one tells it."""
    session.execute(_KEEP, {
        "contract_id": contract_id, "source": source, "references": [row.reference for row in rows],
        "amounts": [row.amount_tiyin for row in rows], "states": [row.state for row in rows],
        "moments": [row.happened_at for row in rows], "days": [row.business_day for row in rows],
    })  # fmt: skip
