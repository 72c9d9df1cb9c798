"""Legal consumers in the portal: what a month ahead is to be paid, and their answers to reconciliation statements.

Source: advance payment of legal consumers, resolution of the Cabinet of Ministers no. 319 of 2024-05-31 (its text was not read): percent
and day are dated parameters, to be confirmed by the company.
"""

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.accounts.attachments import media_type_of
from app.domain.administration import roles
from app.domain.calendar import month_start
from app.domain.documents import Agreement
from app.domain.values import half_up
from app.models.documents import AccountStatement, StatementAnswer
from app.queries import administration, contracts, locks
from app.queries import legal_consumers as queries
from app.queries import tasks as task_queries
from app.queries.legal_consumers import EnergySoFar
from app.queries.locks import Lock
from app.services import tasks
from app.services.administration import store_file
from app.services.billing import calculator
from app.services.billing.calculator import CalculatorRequest

#: Percent of a whole.
_WHOLE = 100


class AdvanceDue(NamedTuple):
    """What is to be paid ahead for a month, in tiyin."""

    due_tiyin: int
    by: date
    #: what stands on the account ahead of all debts
    paid_tiyin: int

    @property
    def left_tiyin(self) -> int:
        """What is still to be paid."""
        return max(self.due_tiyin - self.paid_tiyin, 0)


class MonthUnderContract(NamedTuple):
    """Where an account stands in the month of a day.

    :ivar limit_milli: ordered for the month; None: nothing is ordered
    :ivar advance: None: nothing is ordered, or there is no price for it
    """

    limit_milli: int | None
    demand_milli: int | None
    used: EnergySoFar
    advance: AdvanceDue | None


def month_of(session: Session, account_id: int, *, advance_tiyin: int, today: date) -> MonthUnderContract:
    """Return the limit of the month of today, what is used of it, and what is to be paid ahead for it.

    :param advance_tiyin: what stands on the account ahead of all debts
    """
    limit, demand = _ordered(session, account_id, today)
    used = queries.energy_since(session, account_id, month_start(today))
    return MonthUnderContract(limit, demand, used, _advance(session, account_id, limit, advance_tiyin, today) if limit else None)


def _ordered(session: Session, account_id: int, today: date) -> tuple[int | None, int | None]:
    found = contracts.contract_of_account(session, account_id, on=today)
    rows = contracts.accounts_of(session, found.id, on=today) if found else []
    mine = next((row for row in rows if row.id == account_id), None)
    return (mine.limit_milli, mine.demand_milli) if mine else (None, None)


def _advance(session: Session, account_id: int, limit_milli: int, advance_tiyin: int, today: date) -> AdvanceDue | None:
    sold = queries.tariff_of_account(session, account_id)
    try:
        cost = calculator.calculate(session, CalculatorRequest(*sold, limit_milli, today)).amount_tiyin if sold else None
    except (calculator.UnknownTariff, calculator.NoPrice, calculator.CalculatorOutOfRange):
        cost = None
    if cost is None:
        return None
    percent = administration.value_on(session, "contracts.advance_percent", today)
    by = month_start(today) + timedelta(days=administration.value_on(session, "contracts.advance_day", today) - 1)
    return AdvanceDue(half_up(Fraction(cost * percent, _WHOLE)), by, advance_tiyin)


class AlreadyAgreed(Exception):
    """A statement was agreed to: there is no further answer to it."""


class NoObjection(Exception):
    """Who objects says to what."""


class NotInTime(Exception):
    """A paper bears a day before the statement's months were over, or one that is to come."""


class PaperReply(NamedTuple):
    """The paper on which an answer came.

    :ivar answered_on: the day it bears
    """

    answered_on: date
    name: str
    content: bytes


class StatementReply(NamedTuple):
    """What is answered to a statement.

    :ivar person: who answers for the consumer, in full
    :ivar objection: empty for an agreement
    """

    agreement: Agreement
    person: str
    objection: str = ""


def answer_statement(
    session: Session,
    statement_id: int,
    reply: StatementReply,
    *,
    title_in: Callable[[str | None], str],
    today: date,
    paper: PaperReply | None = None,
) -> int:
    """Keep a consumer's answer to a statement and return it; an objection is given to somebody of the office as a task.

    The same answer again is the one that stands.

    :param title_in: what the task is called in a language; None: in that of the company
    :param paper: staff record what came on paper; None: the consumer answers in person
    :raises AlreadyAgreed: if the statement was agreed to
    :raises NoObjection: if an objection has no words
    :raises NotInTime: if the day of the paper cannot be
    :raises AttachmentRefused: if the paper is no PDF or picture, or does something by itself
    """
    locks.acquire(session, Lock.KEY, "answer to a statement", str(statement_id))
    found = session.get_one(AccountStatement, statement_id)
    reply = reply._replace(person=reply.person.strip(), objection=reply.objection.strip() if reply.agreement == Agreement.OBJECTED else "")
    if reply.agreement == Agreement.OBJECTED and not reply.objection:
        raise NoObjection
    newest = _newest(session, statement_id)
    if newest is not None and StatementReply(newest.agreement, newest.person, newest.objection) == reply:
        return newest.id
    if newest is not None and newest.agreement == Agreement.AGREED:
        raise AlreadyAgreed
    made = StatementAnswer(
        division_id=found.division_id, account_id=found.account_id, account_statement_id=found.id,
        answered_on=paper.answered_on if paper else today, stored_file_id=_keep_paper(session, found, paper, today) if paper else None,
        task_id=_give_task(session, found, title_in, today) if reply.agreement == Agreement.OBJECTED else None, **reply._asdict(),
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made.id


def _newest(session: Session, statement_id: int) -> StatementAnswer | None:
    """Return the answer to a statement that counts."""
    answers = select(StatementAnswer).where(StatementAnswer.account_statement_id == statement_id)
    return session.scalars(answers.order_by(StatementAnswer.id.desc()).limit(1)).first()


def _keep_paper(session: Session, found: AccountStatement, paper: PaperReply, today: date) -> int:
    """Keep the paper of an answer and return its file."""
    if not found.period_to <= paper.answered_on <= today:
        raise NotInTime
    media_type = media_type_of(paper.name, paper.content)
    kept = store_file(session, division_id=found.division_id, name=paper.name[-200:], media_type=media_type, content=paper.content)
    return int(kept.id)


def _give_task(session: Session, found: AccountStatement, title_in: Callable[[str | None], str], today: date) -> int | None:
    """Give an objection to the nearest operator of billing, by his supervisor; return None where there is none."""
    doer = task_queries.nearest_worker(session, found.division_id, roles.BILLING_OPERATOR, today)
    if doer is None:
        return None
    giver = task_queries.nearest_worker(session, found.division_id, roles.SUPERVISOR, today)
    term = today + timedelta(days=administration.value_on(session, "contracts.objection_days", today))
    title = title_in(administration.language_of_user(session, doer))[:200]
    page = f"/accounts/show/{found.account_id}"
    return tasks.give(session, tasks.NewTask(found.division_id, title, page, doer, giver or doer, term), today=today)
