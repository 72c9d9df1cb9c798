"""Papers that are signed: acts, inspection records, contracts. Whole pages with their numbers, no signature alone, a form for ever."""

import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.documents import acts, claims, contracts, payments
from app.documents.sheets import Sheet
from app.domain.acts import ActKind
from app.domain.documents import FIRST_FORM, FORM, PrintedKind
from app.domain.reference import Names
from app.extensions import Scope, db, set_scope
from app.models.acts import Act
from app.queries import payments as queries
from app.queries.claims import RecordRow
from app.queries.documents import Addressee
from app.services import documents as papers

DIVISION = Names("Namuna tumani", "Намуна тумани", "Намунинский район")
CARD = Addressee("269010000001", "Karimov Anvar 漢字 ܐ", "ru", "ул. Навои, 1", "Namuna tumani", "Намунинский район", "kWh")


def act(count: int, form: int = FORM) -> Act:
    """Return a performed act that changed so many bills."""
    bills = [
        {"month": "2026-01-01", "account": f"26901{place:07}", "period_from": "2026-01-01", "period_to": "2026-02-01",
         "amount_tiyin": place * 100, "cancels_id": None}
        for place in range(1, count + 1)
    ]  # fmt: skip
    return Act(
        id=7, kind=ActKind.CORRECT_READING, effective_on=date(2026, 1, 31), reason="x" * 160, reverses_id=None, created_by="job:15",
        created_at=datetime(2026, 2, 1, 19, 30, tzinfo=UTC), form=form, result={"language": "uz", "details": [], "bills": bills},
    )  # fmt: skip


def record(count: int, form: int = FORM) -> RecordRow:
    """Return an inspection record whose energy is priced in so many lines."""
    lines = [
        {"period_from": "2026-01-01", "period_to": "2026-02-01", "block_no": place, "quantity_milli": place * 1000, "rate_e4": 10_000_000,
         "amount_tiyin": place * 100} for place in range(1, count + 1)
    ]  # fmt: skip
    derivation = {"total_milli": 9_000, "billed_milli": 0, "lines": lines, "entered": {}}
    days = {"drawn_on": date(2026, 2, 1), "period_from": date(2026, 1, 1), "period_to": date(2026, 2, 1)}
    return RecordRow(
        id=3, account_id=1, number="N-3", kind="UNMETERED", inspector="Ergashev B.", method="APPLIANCES", findings="y" * 160,
        derivation=derivation, quantity_milli=9_000, amount_tiyin=100, vat_tiyin=10, status="ASKED", charge_id=None, form=form, **days,
    )  # fmt: skip


def contract(count: int) -> str:
    clauses = [f"{place}. Taraflar kelishuvi {place}" for place in range(1, count + 1)]
    return "\n".join(["# Shartnoma № 1", *clauses, "Taʼminotchi: ________", "Isteʼmolchi: ________"])


class Signed(NamedTuple):
    """A kind of paper, laid out with so many rows, and the texts that stand together at its end."""

    sheet: Callable[[int], Sheet]
    last: Callable[[int], tuple[str, ...]]


SIGNED = {
    "act": Signed(
        lambda count: acts.act_sheet(act(count), None, DIVISION, "ru"),
        lambda count: (f"26901{count:07}", "Потребитель ______________________"),
    ),
    "inspection record": Signed(
        lambda count: claims.record_sheet(record(count), CARD), lambda _count: ("9\u00a0кВт·ч, 1,00\u00a0сум", "Контролёр: Ergashev B.")
    ),
    "contract": Signed(
        lambda count: contracts.paper_sheet(contract(count), "uz"),
        lambda count: (f"{count}. Taraflar kelishuvi {count}", "Taʼminotchi: ________", "Isteʼmolchi: ________"),
    ),
}


def texts(sheet: Sheet) -> list[list[str]]:
    return [[" ".join(cell.lines) for row in page.rows for cell in row.cells] for page in sheet.pages]


@pytest.mark.parametrize("kind", SIGNED)
@pytest.mark.parametrize("count", range(30, 62, 3))
def test_no_signature_stands_alone_on_a_page(app: Flask, kind: str, count: int) -> None:
    with app.test_request_context():
        sheet = SIGNED[kind].sheet(count)

    shown = texts(sheet)
    assert all(any(each.startswith(wanted) for each in shown[-1]) for wanted in SIGNED[kind].last(count)), shown[-1]
    assert [str(place) in page.foot and str(len(shown)) in page.foot for place, page in enumerate(sheet.pages, 1)] == [True] * len(shown)
    assert all(sum(row.gap + row.height for row in page.rows) < sheet.size[1] - 2 * sheet.margin for page in sheet.pages)


def pdfs(form: int) -> dict[str, bytes]:
    texts_ = {"uz": contract(3), "ru": contract(3)}
    return {
        "act": acts.act_pdf(act(2, form), None, DIVISION),
        "inspection record": claims.record_pdf(record(2, form), CARD),
        "contract": contracts.paper_pdf(texts_, form=form),
    }


def read(paper: bytes) -> str:
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages))


def test_paper_bears_title_language_and_numbers_of_pages(app: Flask) -> None:
    with app.test_request_context():
        made = pdfs(FORM)

    for kind, language in {"act": "uz", "inspection record": "ru", "contract": "uz"}.items():
        reader: Any = PdfReader(io.BytesIO(made[kind]))
        assert reader.metadata.title
        assert reader.trailer["/Root"]["/Lang"] == language
    assert "1 sahifadan 1-si" in read(made["contract"])
    assert "漢字 ܐ" in read(made["inspection record"])
    assert "x" * 160 in read(made["act"]).replace(" ", "")
    assert "job:15" not in read(made["act"])


def test_paper_made_before_is_printed_in_its_first_form(app: Flask) -> None:
    with app.test_request_context():
        before, now = pdfs(FIRST_FORM), pdfs(FORM)

    for kind in SIGNED:
        assert "sahifa" not in read(before[kind])
        assert read(before[kind]) != read(now[kind])
    assert "job:15" in read(before["act"])


def test_act_made_before_registers_had_words_prints_their_codes_for_ever(app: Flask) -> None:
    with app.test_request_context():
        before, now = act(1, FIRST_FORM), act(1)
        for each in (before, now):
            each.result = {**each.result, "details": [["dials", ["M-1 DAY: 12.500", "M-1 NIGHT: 7.000"]]]}
        old, new = read(acts.act_pdf(before, None, DIVISION)), read(acts.act_pdf(now, None, DIVISION))

    assert "M-1 DAY: 12.500, M-1 NIGHT: 7.000" in old
    assert "DAY" not in new + old.replace("M-1 DAY", "")
    assert "M-1 Дневная зона: 12,5" in new


def test_draft_says_on_each_page_that_nobody_signed_it(app: Flask) -> None:
    with app.test_request_context():
        sheet = contracts.paper_sheet(contract(120), "uz", is_draft=True)

    assert len(sheet.pages) > 1
    assert all(page.foot.startswith("Loyiha") for page in sheet.pages)


@pytest.fixture
def session(app: Flask) -> Any:
    """Work as a request that may see every division; nothing of it stays."""
    with app.test_request_context():
        set_scope(Scope(actor="test", today=date(2026, 3, 1), everywhere=True))
        yield db.session()
        db.session.rollback()
        db.session.remove()


def test_receipt_printed_before_keeps_its_form_and_a_new_one_speaks_the_consumers_language(session: Session) -> None:
    wanted = (
        "SELECT p.id, p.division_id FROM payment p WHERE p.channel = 'CASHIER' AND NOT EXISTS "
        "(SELECT FROM paper_print r WHERE r.kind = 'RECEIPT' AND r.document_id = p.id) ORDER BY p.id LIMIT 1"
    )
    payment = session.execute(text(wanted)).one()
    statement = "INSERT INTO paper_print (division_id, kind, document_id, form) VALUES (:division, 'RECEIPT', :id, :form)"
    session.execute(text(statement), {"division": payment.division_id, "id": payment.id, "form": FIRST_FORM})
    receipt = queries.receipt(session, payment.id)
    assert receipt is not None

    copy = read(payments.receipt_pdf(session, receipt, copy_of=papers.record_print(session, PrintedKind.RECEIPT, payment.id)))
    now = read(payments.receipt_pdf(session, receipt._replace(language="ru", office="Намунинский район"), copy_of=None))

    assert "Fiscal sign" not in copy
    assert "Фискальный признак" in now
    assert "Намунинский район" in now
    assert receipt.cashier in now
