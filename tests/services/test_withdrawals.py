"""Bills of closed months are taken back by two persons where that changes more than the limit of notes."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.administration import ApprovalKind
from app.domain.billing.corrections import CorrectionKind
from app.models.administration import Approval
from app.models.billing.corrections import BillCorrection
from app.services.administration import approvals
from app.services.billing import corrections, withdrawals
from app.services.billing.corrections import CorrectionRequest
from tests.builders import Home, bill_month, make_district, make_home, owed, read

TODAY, NOW = date(2026, 3, 5), datetime(2026, 3, 5, 9, tzinfo=UTC)
JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)


@pytest.fixture
def home(session: Session) -> Home:
    """A household billed for January, which is closed, and for February."""
    home = make_home(session, make_district(session))
    for month, day, dial in ((JANUARY, date(2026, 1, 31), 1300), (FEBRUARY, date(2026, 2, 28), 1600)):
        read(session, home, day, dial)
        bill_month(session, home.division_id, month)
    session.execute(
        text(
            "INSERT INTO accounting_period (division_id, billing_month, status, decided_by, decided_at) "
            "VALUES (:division, '2026-01-01', 'CLOSED', 'chief', now())"
        ),
        {"division": home.division_id},
    )
    return home


def page_of(asked: Approval | BillCorrection) -> approvals.PageAddress | None:
    assert isinstance(asked, Approval)
    assert withdrawals.APPROVAL.page_of is not None
    return withdrawals.APPROVAL.page_of(asked)


def limit(session: Session, som: int) -> None:
    session.execute(
        text("INSERT INTO operating_parameter (code, value, valid_from) VALUES ('billing.adjustment_limit_som', :som, '2020-01-01')"),
        {"som": som},
    )


def wanted(home: Home, since: date, kind: CorrectionKind = CorrectionKind.CANCEL, reference: str = "form") -> CorrectionRequest:
    return CorrectionRequest(home.division_id, since, kind, "wrong meter", reference, account_id=home.account_id)


def january_som(session: Session, home: Home) -> int:
    """Return what the bill of January comes to, in soʻm."""
    statement = "SELECT amount_tiyin / 100 FROM bill WHERE account_id = :id AND billing_month = '2026-01-01'"
    return int(session.scalar(text(statement), {"id": home.account_id}) or 0)


@pytest.mark.parametrize(
    ("since", "kind", "above", "asked"),
    [
        (JANUARY, CorrectionKind.CANCEL, -1, True),
        (JANUARY, CorrectionKind.CANCEL, 0, False),
        (JANUARY, CorrectionKind.REBILL, -(10**9), False),
        (FEBRUARY, CorrectionKind.CANCEL, -(10**9), False),
    ],
    ids=["closed, a soʻm above the limit", "closed, at the limit", "closed, nothing changes", "open month"],
)
def test_second_person_is_asked_above_the_limit_of_what_closed_months_change(
    session: Session, home: Home, since: date, kind: CorrectionKind, above: int, asked: bool
) -> None:
    limit(session, max(january_som(session, home) + above, 0))
    before = owed(session, home)

    made = withdrawals.submit(session, wanted(home, since, kind), today=TODAY)

    assert isinstance(made, Approval) == asked
    if asked:
        assert owed(session, home) == before


def test_approved_correction_is_made_and_a_repeat_gives_the_same_request(session: Session, home: Home) -> None:
    limit(session, 0)
    asked = withdrawals.submit(session, wanted(home, JANUARY), today=TODAY)
    assert withdrawals.submit(session, wanted(home, JANUARY), today=TODAY) is asked
    assert page_of(asked) == ("AccountView.show", {"pk": home.account_id})

    approvals.decide(session, asked.id, grant=True, by="user:chief", remark=None, today=TODAY, now=NOW)

    assert owed(session, home) == (0, 0)
    assert session.scalar(text("SELECT count(*) FROM bill_correction WHERE reference = 'form'")) == 1
    months = session.execute(text("SELECT DISTINCT billing_month FROM ledger_entry WHERE document_kind = 'BILL_CANCELLATION' ORDER BY 1"))
    assert list(months.scalars()) == [FEBRUARY]


def test_refused_correction_changes_nothing(session: Session, home: Home) -> None:
    limit(session, 0)
    asked, before = withdrawals.submit(session, wanted(home, JANUARY), today=TODAY), owed(session, home)

    approvals.decide(session, asked.id, grant=False, by="user:chief", remark="no", today=TODAY, now=NOW)

    assert owed(session, home) == before


def test_key_of_a_request_is_not_used_for_another_correction(session: Session, home: Home) -> None:
    limit(session, 0)
    withdrawals.submit(session, wanted(home, JANUARY), today=TODAY)

    with pytest.raises(corrections.ConflictingCorrection):
        withdrawals.submit(session, wanted(home, FEBRUARY), today=TODAY)


def test_many_accounts_wait_for_a_second_person_too_and_become_a_job(session: Session, home: Home) -> None:
    limit(session, 0)
    many = wanted(home, JANUARY)._replace(account_id=None)

    asked = withdrawals.submit_many(session, many, today=TODAY)

    assert isinstance(asked, Approval)
    assert asked.kind == ApprovalKind.BILL_CORRECTION
    assert page_of(asked) == ("DivisionView.show", {"pk": home.division_id})
    approvals.decide(session, asked.id, grant=True, by="user:chief", remark=None, today=TODAY, now=NOW)
    assert session.scalar(text("SELECT count(*) FROM job_run WHERE kind = 'BILL_CORRECTION' AND status = 'QUEUED'")) == 1
    assert session.query(BillCorrection).filter_by(reference="form").count() == 1


def test_many_accounts_of_open_months_become_a_job_at_once(session: Session, home: Home) -> None:
    limit(session, 0)

    made = withdrawals.submit_many(session, wanted(home, FEBRUARY)._replace(account_id=None), today=TODAY)

    assert isinstance(made, int)
