"""Credit notes give money back once, and what was given is taken again."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.billing.corrections import AdjustmentKind, CorrectionKind
from app.domain.values import MAX_AMOUNT_TIYIN, AmountTooLarge
from app.models.administration import Approval
from app.models.billing.corrections import Adjustment
from app.queries import ledger
from app.services.administration import approvals
from app.services.billing import adjustments as service
from app.services.billing import corrections
from app.services.billing.adjustments import CreditNote
from app.services.billing.corrections import CorrectionRequest
from tests.builders import Home, bill_month, make_district, make_home, owed, read

JAN, FEB = date(2026, 1, 1), date(2026, 2, 1)
ON = date(2026, 2, 15)
NOW = datetime(2026, 2, 15, 9, tzinfo=UTC)


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
        with pytest.raises(service.NoteAlreadyReversed):
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
                "document_kind, document_id, document_month) "
                "SELECT division_id, account_id, debit, credit, amount_tiyin, posted_on, :month, "
                "document_kind, document_id, document_month FROM ledger_entry LIMIT 1"
            ),
            {"month": FEB},
        )


def wish(home: Home, **more: object) -> service.NoteRequest:
    fields = {"kind": AdjustmentKind.CREDIT_NOTE, "amount_tiyin": 1_120_000, "basis": "letter 7", "reference": "w"} | more
    return service.NoteRequest(account_id=home.account_id, **fields)  # type: ignore[arg-type]


def test_small_note_is_written_at_once_with_the_vat_of_its_day(session: Session) -> None:
    home = billed(session)

    note = service.adjust(session, wish(home), today=ON)

    assert isinstance(note, Adjustment)
    assert (note.amount_tiyin, note.vat_tiyin) == (1_120_000, 120_000)
    assert service.adjust(session, wish(home), today=ON) is note
    assert owed(session, home) == (4_880_000, 0)


def test_note_over_the_limit_waits_for_a_second_person(session: Session) -> None:
    home = billed(session)
    large = wish(home, amount_tiyin=100_000_001)

    asked = service.adjust(session, large, today=ON)

    assert isinstance(asked, Approval)
    assert service.adjust(session, large, today=ON) is asked
    with pytest.raises(service.ConflictingNote):
        service.adjust(session, large._replace(basis="letter 8"), today=ON)
    assert owed(session, home) == (6_000_000, 0)
    approvals.decide(session, asked.id, grant=True, by="other", remark=None, today=ON, now=NOW)
    assert owed(session, home) == (0, 94_000_001)
    undo = service.reverse_note(session, session.scalars(select(Adjustment.id)).one(), basis="letter 9", today=ON)
    assert isinstance(undo, Approval)
    approvals.decide(session, undo.id, grant=True, by="other", remark=None, today=ON, now=NOW)
    assert owed(session, home) == (6_000_000, 0)
    assert ledger.drifts(session) == []


@pytest.mark.parametrize(("amount_tiyin", "needs_another"), [(100_000_000, False), (100_000_001, True)])
def test_note_of_exactly_the_limit_is_one_person_s(session: Session, amount_tiyin: int, needs_another: bool) -> None:
    note = service.adjust(session, wish(billed(session), amount_tiyin=amount_tiyin), today=ON)

    assert isinstance(note, Approval if needs_another else Adjustment)


@pytest.mark.parametrize("kind", AdjustmentKind)
def test_largest_amount_is_written_and_a_tiyin_more_is_refused(session: Session, kind: AdjustmentKind) -> None:
    home = billed(session)
    largest = service.adjust(session, wish(home, kind=kind, amount_tiyin=MAX_AMOUNT_TIYIN), today=ON)
    more = service.adjust(session, wish(home, kind=kind, amount_tiyin=MAX_AMOUNT_TIYIN + 1, reference="more"), today=ON)

    approvals.decide(session, largest.id, grant=True, by="other", remark=None, today=ON, now=NOW)

    table = "adjustment" if kind == AdjustmentKind.CREDIT_NOTE else "billable_charge"
    assert session.scalars(text(f"SELECT amount_tiyin FROM {table}")).all() == [MAX_AMOUNT_TIYIN]
    with pytest.raises(AmountTooLarge):
        approvals.decide(session, more.id, grant=True, by="other", remark=None, today=ON, now=NOW)


def test_refused_note_changes_nothing(session: Session) -> None:
    home = billed(session)
    asked = service.adjust(session, wish(home, amount_tiyin=100_000_001), today=ON)

    approvals.decide(session, asked.id, grant=False, by="other", remark="no", today=ON, now=NOW)

    assert owed(session, home) == (6_000_000, 0)


def test_debit_note_goes_on_the_next_bill_once(session: Session) -> None:
    home = billed(session)
    debit = wish(home, kind=AdjustmentKind.DEBIT_NOTE)
    charge = service.adjust(session, debit, today=ON)

    assert service.adjust(session, debit, today=ON) is charge
    with pytest.raises(service.ConflictingNote):
        service.adjust(session, debit._replace(amount_tiyin=5), today=ON)
    assert owed(session, home) == (6_000_000, 0)
    read(session, home, date(2026, 2, 28), 1100)
    bill_month(session, home.division_id, FEB)
    assert owed(session, home) == (7_120_000, 0)
    assert ledger.drifts(session) == []


def test_debit_note_never_goes_on_a_month_before_its_own(session: Session) -> None:
    home = billed(session)
    service.adjust(session, wish(home, kind=AdjustmentKind.DEBIT_NOTE), today=ON)

    wanted = CorrectionRequest(home.division_id, JAN, CorrectionKind.REBILL, "read anew", "rebill", account_id=home.account_id)
    corrections.correct_account(session, wanted, today=ON)

    assert owed(session, home) == (6_000_000, 0)
    read(session, home, date(2026, 2, 28), 1100)
    bill_month(session, home.division_id, FEB)
    assert owed(session, home) == (7_120_000, 0)
    assert ledger.drifts(session) == []
