"""Fixed forms: one record, two ways of printing with the same words; whole pages, no signature alone, a form for ever."""

import io
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import cycle

import psycopg
import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.documents.billing import bills, invoices
from app.documents.sheets import Cell, Row, Rule, Sheet, SheetForm, Table, drawing, figures, head, html, layout, line, signatures
from app.documents.sheets.record import FACES
from app.domain.documents import FIRST_FORM, FORM, PrintedKind
from app.extensions import Scope, db, set_scope
from app.queries import billing
from app.services import documents as papers

LANGUAGES = ("uz", "uz_Cyrl", "ru", "kaa", "en")
#: Papers printed both ways; ``SHEETS=10000`` takes all (a fifth of a second each).
MOST = int(os.environ.get("SHEETS", "20"))
PDFTOTEXT = shutil.which("pdftotext")


def words(paper: bytes) -> Counter[str]:
    """Return the words and figures of a PDF, as another program reads them."""
    if PDFTOTEXT is None:
        pytest.skip("no pdftotext here: apt-get install poppler-utils")
    done = subprocess.run([PDFTOTEXT, "-enc", "UTF-8", "-", "-"], input=paper, capture_output=True, check=True)
    return Counter(done.stdout.decode().split())


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """Work as a request that may see every division."""
    with app.test_request_context():
        set_scope(Scope(actor="test", today=date(2026, 3, 1), everywhere=True))
        yield db.session()
        db.session.remove()


@pytest.fixture
def spoken(demo_database: psycopg.Connection) -> None:
    """Let the consumers of the town speak all languages, one after another; behind the triggers, as if from the beginning."""
    demo_database.execute("SET session_replication_role = replica")
    consumers = demo_database.execute("SELECT id FROM consumer ORDER BY id").fetchall()
    for (consumer_id,), language in zip(consumers, cycle(LANGUAGES), strict=False):
        demo_database.execute("UPDATE consumer SET language = %s WHERE id = %s", (language, consumer_id))
    demo_database.execute("SET session_replication_role = origin")


def sheets(session: Session) -> list[Sheet]:
    found = [*bills.bill_sheets(session, list(session.scalars(text("SELECT id FROM bill ORDER BY id"))), {})]
    return found + invoices.invoice_sheets(session, list(session.scalars(text("SELECT id FROM tax_invoice ORDER BY id"))), {})


@pytest.mark.usefixtures("spoken")
def test_every_paper_is_drawn_with_the_words_and_figures_of_its_record(session: Session) -> None:
    made = sheets(session)

    differing = [sheet.title for sheet in made if words(drawing.drawn([sheet])) != recorded(sheet)]

    assert {sheet.language for sheet in made} == {*LANGUAGES}
    assert differing == []


@pytest.mark.usefixtures("spoken")
def test_both_ways_of_printing_bear_the_same_words_and_figures(session: Session) -> None:
    of_shape = {
        (sheet.language, sheet.size, len(sheet.codes), sum(len(page.rows) for page in sheet.pages)): sheet for sheet in sheets(session)
    }
    made = [*of_shape.values()][:MOST]

    differing = [sheet.title for sheet in made if words(html.printed(sheet)) != words(drawing.drawn([sheet]))]

    assert {sheet.language for sheet in made} == {*LANGUAGES}
    assert differing == []


def recorded(sheet: Sheet) -> Counter[str]:
    captions = [code.caption for code in sheet.codes]
    return Counter(" ".join([*texts(sheet), *captions, *(page.foot for page in sheet.pages)]).split())


def test_bill_bears_company_telephones_address_and_sum_on_one_page(session: Session) -> None:
    numbers = list(session.scalars(text("SELECT id FROM bill WHERE cancels_id IS NULL ORDER BY id DESC LIMIT 40")))
    heads = {bill_id: bill for bill_id, bill in billing.bill_heads(session, numbers).items() if bill.seller_stir}
    numbers = [*heads]

    made = dict(zip(numbers, bills.bill_sheets(session, numbers, {}), strict=True))

    assert sum(len(sheet.pages) for sheet in made.values()) <= len(made) + 2
    assert made
    for bill_id, sheet in made.items():
        bill, shown = heads[bill_id], " ".join(texts(sheet))
        wanted = (bill.seller, bill.seller_stir, bill.seller_account, bill.seller_mfo, bill.seller_phone, bill.account_number)
        assert [each for each in wanted if not each or each not in shown] == []
        assert all(part in shown for part in bill.full_address.split(", "))


def texts(sheet: Sheet) -> list[str]:
    rows = [row for page in sheet.pages for row in (*page.top, *page.rows)]
    return [shown for row in rows for cell in row.cells for shown in cell.lines]


def test_document_has_title_and_language(session: Session) -> None:
    bill_id = session.scalar(text("SELECT max(id) FROM bill"))
    assert bill_id is not None
    (sheet,) = bills.bill_sheets(session, [bill_id], {})

    for paper in (html.printed(sheet), drawing.drawn([sheet])):
        reader = PdfReader(io.BytesIO(paper))
        assert reader.metadata is not None
        assert reader.metadata.title == sheet.title
        assert reader.trailer["/Root"]["/Lang"] == sheet.language.replace("_", "-")


@pytest.mark.parametrize("count", range(30, 56))
def test_no_signature_and_no_total_stands_alone_on_a_page(app: Flask, count: int) -> None:
    rows = [head(("Day", "Sum"), [1]), *(figures((str(number), "1"), [1]) for number in range(count - 1))]
    rows += [figures((str(count), "1"), [1])._replace(stays=True), figures(("Total", str(count)), [1])._replace(stays=True)]
    tables = (
        Table((50, 50), tuple(rows), Rule.BELOW),
        line("All in soʻm", stays=True),
        signatures([("Director", "Buyer"), ("Seal", "Seal")]),
    )

    with app.test_request_context():
        sheet = layout.laid(SheetForm("Title", "uz", (), (), tables), html.foot)

    for page in sheet.pages:
        shown = [cell.lines[0] for row in page.rows for cell in row.cells]
        assert "Seal" not in shown or {"Director", "Total", str(count)} <= {*shown}
        assert shown[:2] == ["Day", "Sum"]
        assert sum(row.gap + row.height for row in page.rows) <= sheet.size[1] - 2 * sheet.margin - layout.FOOT
        assert str(len(sheet.pages)) in page.foot


def test_word_of_160_letters_goes_on_in_the_next_line(app: Flask) -> None:
    row = Row((Cell("x" * 160), Cell("1", side="right")))

    with app.test_request_context():
        sheet = layout.laid(SheetForm("Title", "uz", (), (), (Table((20, 80), (row,)),)), html.foot)

    (placed,) = sheet.pages[0].rows
    face = FACES["plain"]
    assert "".join(placed.cells[0].lines) == "x" * 160
    assert all(layout.width_of(each, face.font, face.size) <= placed.cells[0].width for each in placed.cells[0].lines)


def test_paper_printed_in_the_first_form_is_printed_so_for_ever(session: Session) -> None:
    bill_id = session.scalar(text("SELECT min(id) FROM bill b WHERE NOT EXISTS (SELECT FROM paper_print p WHERE p.document_id = b.id)"))
    assert bill_id is not None
    bill = billing.bill_head(session, bill_id)
    assert bill is not None
    session.execute(
        text(
            "INSERT INTO paper_print (division_id, kind, document_id, form) SELECT division_id, 'BILL', id, :form FROM bill WHERE id = :id"
        ),
        {"form": FIRST_FORM, "id": bill_id},
    )

    copy_of = papers.record_print(session, PrintedKind.BILL, bill_id)
    copy = words(bills.bill_pdf(session, bill, copy_of=copy_of))
    as_new = words(bills.bill_pdf(session, bill, copy_of=None))

    assert copy_of is not None
    assert copy != as_new
    region = bill.full_address.split()[0]
    assert region not in copy
    assert region in as_new
    session.rollback()


def test_print_of_today_is_recorded_with_the_form_of_today(session: Session) -> None:
    bill_id = session.scalar(text("SELECT min(id) FROM bill b WHERE NOT EXISTS (SELECT FROM paper_print p WHERE p.document_id = b.id)"))
    assert bill_id is not None

    assert papers.record_print(session, PrintedKind.BILL, bill_id) is None

    recorded = session.scalar(text("SELECT form FROM paper_print WHERE kind = 'BILL' AND document_id = :id"), {"id": bill_id})
    assert recorded == FORM
    session.rollback()


def test_copy_says_so_and_nothing_else(session: Session) -> None:
    bill_id = session.scalar(text("SELECT max(id) FROM bill"))
    assert bill_id is not None

    (first,), (copy,) = (
        bills.bill_sheets(session, [bill_id], {bill_id: on} if on else {}) for on in (None, datetime(2026, 3, 1, tzinfo=UTC))
    )

    more = Counter(texts(copy)) - Counter(texts(first))
    assert len(more) == 1
    assert "2026" in next(iter(more))
