"""Statements of providers and banks: the good rows are kept, each transaction once, as the newest statement tells it."""

from collections.abc import Container, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.calendar import TASHKENT
from app.domain.reconciliation import StatementSource, StatementState
from app.domain.reference import RefusedRow, RowFault, RowRefused
from app.domain.values import AmountTooLarge, NotANumber, decimal_of, tiyin_of
from app.gateways import channel_time
from app.gateways.json_bodies import is_word
from app.gateways.statement_file import StatementLine

#: Rows of one statement of SQL.
CHUNK = 5000
#: How a moment may be written; a day alone is its beginning.
_MOMENTS = (
    channel_time.ISO_LIKE, channel_time.DOTTED, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M", "%Y-%m-%d", "%d.%m.%Y",
)  # fmt: skip
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


def checked(lines: Sequence[StatementLine]) -> tuple[list[GoodRow], list[RefusedRow]]:
    """Return the good rows of a statement, and the others with their faults; of a repeated reference the first row is good."""
    good: dict[str, GoodRow] = {}
    refused = []
    for line in lines:
        try:
            row = _row_of(line, good)
        except RowRefused as fault:
            refused.append(RefusedRow(line.row_no, fault.column, fault.fault))
        else:
            good[row.reference] = row
    assert len(good) + len(refused) == len(lines)
    return list(good.values()), refused


def _row_of(line: StatementLine, known: Container[str]) -> GoodRow:
    if not is_word(line.reference):
        raise RowRefused("reference", RowFault.BREAKS_RULE if line.reference else RowFault.EMPTY)
    if line.reference in known:
        raise RowRefused("reference", RowFault.REPEATED)
    try:
        amount = tiyin_of(decimal_of(line.amount))
    except (NotANumber, AmountTooLarge):
        raise RowRefused("amount_tiyin", RowFault.NOT_A_NUMBER if line.amount else RowFault.EMPTY) from None
    if amount <= 0:
        raise RowRefused("amount_tiyin", RowFault.BREAKS_RULE)
    state = _STATES.get(line.state.casefold())
    if state is None:
        raise RowRefused("state", RowFault.NOT_A_MEMBER if line.state else RowFault.EMPTY)
    moment = channel_time.read(line.moment, *_MOMENTS)
    if moment is None:
        raise RowRefused("happened_at", RowFault.NOT_A_MOMENT if line.moment else RowFault.EMPTY)
    return GoodRow(line.reference, amount, state, moment, moment.astimezone(TASHKENT).date())


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
