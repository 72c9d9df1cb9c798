"""Credit notes give money back once, and what was given is taken again."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.queries import ledger
from app.services.billing import adjustments as service
from app.services.billing.adjustments import CreditNote
from tests.builders import Home, bill_month, make_district, make_home, owed, read

JAN, FEB = date(2026, 1, 1), date(2026, 2, 1)
ON = date(2026, 2, 15)


def billed(session: Session) -> Home:
    home = make_home(session, make_district(session))
    read(session, home, date(2026, 1, 31), 1100)
    bill_month(session, home.division_id, JAN)
    return home


@pytest.mark.parametrize(("amount", "expected"), [(1_120_000, (4_880_000, 0)), (6_000_000, (0, 0)), (11_200_000, (0, 5_200_000))])
def test_credit_note_pays_debts_and_leaves_the_rest_as_an_advance(session: Session, amount: int, expected: tuple[int, int]) -> None:
    home = billed(session)

    note = service.credit(session, CreditNote(home.account_id, amount, amount // 10, "letter 7", "a"), posted_on=ON)

    assert owed(session, home) == expected
    adjusted = text("SELECT adjusted_tiyin FROM account_balance WHERE account_id = :id AND billing_month = :month")
    assert session.scalar(adjusted, {"id": home.account_id, "month": FEB}) == -amount
    assert ledger.drifts(session) == []
    service.reverse(session, note.id, basis="letter 8", posted_on=ON)
    assert owed(session, home) == (6_000_000, 0)
    assert ledger.drifts(session) == []


def test_repeat_gives_nothing_more_and_other_contents_are_refused(session: Session) -> None:
    home = billed(session)
    note = CreditNote(home.account_id, 1000, 100, "letter 7", "a")
    first = service.credit(session, note, posted_on=ON)

    assert service.credit(session, note, posted_on=ON).id == first.id
    assert owed(session, home) == (5_999_000, 0)
    with pytest.raises(service.ConflictingNote):
        service.credit(session, note._replace(amount_tiyin=2000), posted_on=ON)


def test_note_is_reversed_once(session: Session) -> None:
    home = billed(session)
    note = service.credit(session, CreditNote(home.account_id, 1000, 100, "letter 7", "a"), posted_on=ON)
    undone = service.reverse(session, note.id, basis="letter 8", posted_on=ON)

    for each in (note, undone):
        with pytest.raises(service.AlreadyReversed):
            service.reverse(session, each.id, basis="letter 9", posted_on=ON)


def test_closed_month_takes_nothing_and_a_note_counts_for_the_first_open_one(session: Session) -> None:
    home = billed(session)
    session.execute(
        text(
            "INSERT INTO accounting_period (division_id, billing_month, status, decided_by, decided_at) "
            "VALUES (:division, :month, 'CLOSED', 'anna', now())"
        ),
        {"division": home.division_id, "month": FEB},
    )

    service.credit(session, CreditNote(home.account_id, 1000, 100, "letter 7", "a"), posted_on=ON)

    months = session.scalars(text("SELECT DISTINCT billing_month FROM ledger_entry WHERE document_kind = 'ADJUSTMENT'"))
    assert list(months) == [date(2026, 3, 1)]
    assert ledger.drifts(session) == []
    with pytest.raises(Exception, match="is closed"), session.begin_nested():
        session.execute(
            text(
                "INSERT INTO ledger_entry (division_id, account_id, debit, credit, amount_tiyin, posted_on, billing_month, "
                "document_kind, document_id) SELECT division_id, account_id, debit, credit, amount_tiyin, posted_on, :month, "
                "document_kind, document_id FROM ledger_entry LIMIT 1"
            ),
            {"month": FEB},
        )
