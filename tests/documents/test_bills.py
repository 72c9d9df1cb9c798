"""Bills on paper: every letter and amount is on the page, and nothing a name brings along is obeyed. Links, and files for spreadsheets."""

import csv
import io
import re
import shutil
import subprocess
import zipfile
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal

import psycopg
import pytest
import python_calamine
from flask import Flask
from pypdf import PdfReader
from sqlalchemy.orm import Session

from app.documents import downloads
from app.documents.billing import bills
from app.extensions import Scope, db, set_scope
from app.queries import billing
from app.services.demo.payments import PAYME_MERCHANT

TODAY = date(2026, 3, 1)
PDFTOTEXT = shutil.which("pdftotext")
#: Language → what stands between thousands, and before hundredths.
SEPARATORS = {"uz": (" ", ","), "uz_Cyrl": (" ", ","), "ru": (" ", ","), "kaa": (" ", ","), "en": (",", ".")}

Bill = tuple[int, str]  # id and account number
Print = Callable[[str, str], bytes]


@contextmanager
def scoped(app: Flask) -> Iterator[Session]:
    """Work as a request that may see every division."""
    with app.test_request_context():
        set_scope(Scope(actor="test", today=TODAY, everywhere=True))
        yield db.session()
        db.session.remove()


@pytest.fixture(scope="module")
def bill(demo_url: str) -> Bill:
    """The household bill with the most lines."""
    with psycopg.connect(demo_url) as demo_database:
        row = demo_database.execute(
            "SELECT b.id, a.number FROM bill b JOIN account a ON a.id = b.account_id JOIN consumer c ON c.id = a.consumer_id "
            "WHERE c.kind = 'HOUSEHOLD' ORDER BY (SELECT count(*) FROM bill_line l WHERE l.bill_id = b.id) DESC, b.id LIMIT 1"
        ).fetchone()
    assert row is not None
    return row[0], row[1]


@pytest.fixture
def printed(app: Flask, demo_database: psycopg.Connection, bill: Bill) -> Iterator[Print]:
    """Give the PDF of the bill as if the consumer had this name and language."""
    its_consumer = "SELECT c.id, c.name, c.language FROM consumer c JOIN account a ON a.consumer_id = c.id WHERE a.number = %s"
    before = demo_database.execute(its_consumer, (bill[1],)).fetchone()
    assert before is not None
    change = "UPDATE consumer SET name = %s, language = %s WHERE id = %s"

    # What is changed behind the back of the triggers leaves no earlier version, so the bill has the name as if from the beginning.
    demo_database.execute("SET session_replication_role = replica")

    def render(name: str, language: str) -> bytes:
        demo_database.execute(change, (name, language, before[0]))
        with scoped(app) as session:
            head = billing.bill_head(session, bill[0])
            assert head is not None
            return bills.bill_pdf(session, head, copy_of=None)

    yield render
    demo_database.execute(change, (before[1], before[2], before[0]))
    demo_database.execute("SET session_replication_role = origin")


def words(paper: bytes) -> str:
    """Return the text of a PDF with single blanks, as another program reads it."""
    if PDFTOTEXT is None:
        pytest.skip("no pdftotext here: apt-get install poppler-utils")
    done = subprocess.run([PDFTOTEXT, "-enc", "UTF-8", "-layout", "-", "-"], input=paper, capture_output=True, check=True)
    return re.sub(r"\s+", " ", done.stdout.decode())


def som(tiyin: int, language: str) -> str:
    thousands, point = SEPARATORS[language]
    return f"{Decimal(tiyin) / 100:,.2f}".replace(".", "!").replace(",", thousands).replace("!", point)


@pytest.mark.parametrize("language", SEPARATORS)
def test_bill_shows_account_name_and_every_amount_in_each_language(
    printed: Print, demo_database: psycopg.Connection, bill: Bill, language: str
) -> None:
    lines = demo_database.execute("SELECT amount_tiyin FROM bill_line WHERE bill_id = %s", (bill[0],)).fetchall()
    total = demo_database.execute("SELECT amount_tiyin, vat_tiyin FROM bill WHERE id = %s", (bill[0],)).fetchone()
    assert len(lines) > 1
    assert total is not None

    text = words(printed("Oʻktam Gʻulomov", language))

    assert bill[1] in text
    assert "Oʻktam Gʻulomov" in text
    assert [amount for (amount,) in [*lines, *((each,) for each in total)] if som(amount, language) not in text] == []


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("Oʻgʻiloy Toʻlqinova Gʻayrat qizi", "uz"),
        ("Maʼmura Sanʼatova", "uz"),
        ("Ўткир Қодиров Ғанижон ўғли Ҳамид", "uz_Cyrl"),
        ("Ёкубжон Щербаков Эъзоз", "ru"),
        ("Áziz Ǵárezsiz ıqlas Ńúris óz ústi", "kaa"),
        ("Әбдир Өтеген Үсен Ңырым ә ө ү ң", "kaa"),
        ("“Gʻuncha & Co” MChJ № 5", "en"),
    ],
)
def test_every_letter_of_a_name_comes_out_of_the_pdf_as_it_went_in(printed: Print, name: str, language: str) -> None:
    assert name in words(printed(name, language))


@pytest.mark.parametrize(
    "name",
    [
        "<img src=file:///etc/passwd>",
        "<img src=/etc/passwd>",
        "<img src=http://127.0.0.1:9/x.png>",
        "<b>Karim</b>",
        "</td></tr></table><h1>Karim",
        "<link rel=stylesheet href=x.css>",
        "<pdf:barcode value=1>",
        "&lt;b&gt; &amp; &#65;",
        "{{ 7 * 7 }} {% raw %}",
    ],
)
def test_name_that_looks_like_a_command_is_shown_and_not_obeyed(printed: Print, name: str) -> None:
    plain = PdfReader(io.BytesIO(printed("Karim", "uz")))

    paper = printed(name, "uz")

    reader = PdfReader(io.BytesIO(paper))
    assert [len(page.images) for page in reader.pages] == [len(page.images) for page in plain.pages]
    assert dict(reader.attachments) == {}
    assert "root:" not in words(paper)
    assert name in words(paper)


def test_longest_name_is_printed_whole(printed: Print) -> None:
    name = " ".join(f"Abdurahmon{number}" for number in range(10, 25))

    letters = words(printed(name, "uz"))

    assert len(name) > 190
    assert [word for word in name.split() if word not in letters] == []


@pytest.mark.parametrize(
    ("debt", "asked"), [(50_000, 50_000), (12_345_678, 12_345_678), (300_000_000, 300_000_000), (300_000_001, 300_000_000)]
)
def test_payment_link_asks_for_the_debt_within_the_limits_of_the_contract(app: Flask, debt: int, asked: int) -> None:
    with scoped(app) as session:
        ways = {way.name: way.link for way in bills.paying_ways(session, "269010000001", debt)}

    address, _, fields = ways["Payme"].rpartition("/")
    assert address == "https://checkout.paycom.uz"
    assert b64decode(fields).decode() == f"m={PAYME_MERCHANT};ac.account=269010000001;a={asked}"
    assert f"amount={asked // 100}.{asked % 100:02d}&transaction_param=269010000001" in ways["Click"]


def test_link_that_asks_for_a_part_says_so(app: Flask) -> None:
    with scoped(app) as session:
        whole, part = (bills.paying_ways(session, "269010000001", debt) for debt in (300_000_000, 3_583_993_600))

    assert [(way.amount_tiyin, way.is_part) for way in whole] == [(300_000_000, False)] * 2
    assert [(way.amount_tiyin, way.is_part) for way in part] == [(300_000_000, True)] * 2


@pytest.mark.parametrize("debt", [0, 49_999])
def test_debt_below_the_smallest_payment_opens_no_provider(app: Flask, debt: int) -> None:
    with scoped(app) as session:
        assert bills.paying_ways(session, "269010000001", debt) == []


def test_file_of_a_bill_is_named_by_account_and_month(app: Flask, bill: Bill) -> None:
    with scoped(app) as session:
        head = billing.bill_head(session, bill[0])

        assert head is not None
        assert bills.file_name(head) == f"{bill[1]}-{head.billing_month:%Y-%m}.pdf"


FORMULAS = [
    "=1+1",
    '=HYPERLINK("http://x")',
    "-1+1",
    "@SUM(A1)",
    " =1",
    "\t=1",
    "\r=1",
    "\n=1",
    "\tx",
    "\rx",
    "＝1",
    "＋1",
    "－1",
    "＠1",
]
#: Numbers with a sign and telephones look like formulas and are none.
TEXTS = [
    "+1",
    "-12,5",
    "−12.50",
    "+998 90 123 45 67",
    "",
    "Oʻktam",
    "Ғани",
    "a=b",
    "00123",
    "1-2",
    "2026-03-01",
    'it\'s; "so"',
    "two\nlines",
    "<f>1</f>",
]
NUMBERS = [0, 7, -7, 10**12, -1.5]


@pytest.mark.parametrize("formula", FORMULAS)
def test_cell_that_begins_like_a_formula_is_made_harmless(formula: str) -> None:
    table = downloads.csv_bytes(["head"], [[formula]]).decode("utf-8-sig")
    book = downloads.xlsx_bytes(["head"], [[formula]])

    assert list(csv.reader(io.StringIO(table, newline=""), delimiter=";"))[1] == [f"'{formula}"]
    assert "<f>" not in sheet(book)
    assert str(cells(book)[1][0]).startswith("'")


def test_harmless_texts_stay_as_they_are() -> None:
    table = downloads.csv_bytes(["head"] * len(TEXTS), [TEXTS]).decode("utf-8-sig")
    book = downloads.xlsx_bytes(["head"] * len(TEXTS), [TEXTS])

    assert list(csv.reader(io.StringIO(table, newline=""), delimiter=";"))[1] == TEXTS
    assert cells(book)[1] == TEXTS
    assert "<f>" not in sheet(book)


def test_numbers_stay_numbers() -> None:
    table = downloads.csv_bytes(["head"] * len(NUMBERS), [NUMBERS]).decode("utf-8-sig")
    book = downloads.xlsx_bytes(["head"] * len(NUMBERS), [NUMBERS])

    assert table.splitlines()[1] == "0;7;-7;1000000000000;-1.5"
    assert cells(book)[1] == NUMBERS
    assert re.findall(r'<c r="[A-E]2"([^>]*)><v>', sheet(book)) == [""] * len(NUMBERS)


def test_rows_come_back_from_a_workbook_as_they_were_written(app: Flask) -> None:
    day, moment = date(2026, 3, 1), datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    rows: list[list[object]] = [
        [" before and behind ", "two\nlines & <more>", "Ғани\x01", True, None, day],
        [Decimal("-0.01"), 10**16 + 1, Decimal("1E+2"), 0, "", moment],
    ]

    with app.test_request_context():
        book = downloads.xlsx_bytes(["head"] * 6, rows)

    read = cells(book)
    assert read[1] == [" before and behind ", "two\nlines & <more>", "Ғани\x01", True, "", day]
    assert read[2] == [-0.01, "10000000000000001", 100, 0, "", moment.replace(tzinfo=None)]
    assert "15 digits" in zipfile.ZipFile(io.BytesIO(book)).read("xl/comments1.xml").decode()


def test_spreadsheet_reads_the_letters_of_a_csv_right() -> None:
    assert downloads.csv_bytes(["Ҳисобрақам"], []).startswith(b"\xef\xbb\xbf")


def sheet(book: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return archive.read("xl/worksheets/sheet1.xml").decode()


def cells(book: bytes) -> list[list[object]]:
    return list(python_calamine.load_workbook(io.BytesIO(book)).get_sheet_by_index(0).to_python())
