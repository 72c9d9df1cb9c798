"""Papers of contracts, in the consumer's language and in Russian; the register of a day as a file."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from flask_babel import force_locale
from flask_babel import gettext as _

from app import labels
from app.documents import downloads, fonts, pdf
from app.documents.sheets import A4, MM, Sheet, SheetForm, Table, drawing, layout, line
from app.documents.sheets.html import foot
from app.domain.contracts import ContractPaperKind
from app.domain.documents import FIRST_FORM, FORM
from app.queries.contracts import PaperRow, RegisterRow

#: The margin of a paper; lines of a paragraph that stay together; paragraphs behind the last clause that may name who signs.
_MARGIN, _LINES, _SIGNERS = 18 * MM, 20, 8


class Paragraph(NamedTuple):
    """A paragraph of a paper; a level of 0 is plain text."""

    level: int
    text: str


def paragraphs(text: str) -> list[Paragraph]:
    """Return the paragraphs of a paper's text; # and ## begin headlines.

    >>> paragraphs("# Contract\\n\\nText")
    [Paragraph(level=1, text='Contract'), Paragraph(level=0, text='Text')]
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return [Paragraph(len(line) - len(line.lstrip("#")), line.lstrip("#").strip()) for line in lines]


def paper_pdf(texts: Mapping[str, str], *, form: int = FORM, is_draft: bool = False) -> bytes:
    """Return a paper as PDF in the form it was made in, one language after another, the consumer's first.

    :param is_draft: says on each page that nobody has signed it
    """
    order = sorted(texts, key=lambda each: (each == "ru", each))
    if form == FIRST_FORM:
        template = "documents/first_form/contract.html"
        return pdf.joined([pdf.page(template, each, paragraphs=paragraphs(texts[each]), is_draft=is_draft) for each in order])
    return drawing.drawn([paper_sheet(texts[each], each, is_draft=is_draft) for each in order])


def paper_sheet(text: str, language: str, *, is_draft: bool = False) -> Sheet:
    """Return a paper laid out in a language; who signs stands on the page of the last paragraph."""
    fonts.register()
    with force_locale(language):
        found, draft = paragraphs(text.replace("№ ", "№\u00a0")), _("Draft: not signed") if is_draft else ""
        title = next((each.text for each in found if each.level), draft)
        last = _last_clause(found)
        tables = [table for place, each in enumerate(found) for table in _tables(each, stays=last <= place < len(found) - 1)]
        form = SheetForm(title, language, (), (), (*([line(draft, "bold", side="center")] if draft else []), *tables), margin=_MARGIN)
        return layout.laid(form, lambda number, count: " · ".join(filter(None, (draft, foot(number, count)))))


def _last_clause(found: Sequence[Paragraph]) -> int:
    """Return the place of the last numbered paragraph, behind which stands who signs; of the last but one where none is near the end."""
    numbered = [place for place, each in enumerate(found) if not each.level and each.text[:1].isdigit()]
    return numbered[-1] if numbered and len(found) - numbered[-1] <= _SIGNERS else len(found) - 2


def _tables(paragraph: Paragraph, *, stays: bool) -> list[Table]:
    """Return a paragraph as rows of some lines each, so that a long one goes on on the next page; a headline stays with what follows."""
    if paragraph.level:
        face, side = ("title", "center") if paragraph.level == 1 else ("headline", "left")
        return [line(paragraph.text, face, side=side, gap=6, stays=True)]
    lines = layout.wrapped(paragraph.text, "text", A4[0] - 2 * _MARGIN - 2 * layout.PAD_X - 1)
    pieces = ["\n".join(lines[start : start + _LINES]) for start in range(0, len(lines), _LINES)]
    return [line(piece, "text", gap=0 if place else 3, stays=stays) for place, piece in enumerate(pieces)]


def paper_name(number: str, paper: PaperRow | None) -> str:
    """Return the name of a paper's file."""
    plain = number.replace("/", "-")
    if paper is None or paper.kind in {ContractPaperKind.OFFER, ContractPaperKind.SUPPLY}:
        return f"{plain}.pdf"
    return f"{plain}-{paper.kind.lower()}-{paper.number}.pdf"


def register_table(rows: Iterable[RegisterRow]) -> tuple[list[str], list[Sequence[object]]]:
    """Return the head and the rows of the register for a file."""
    columns = "number kind state consumer stir division signed_on valid_from valid_to accounts".split()
    head = [str(labels.COLUMN_LABELS[column]) for column in columns]
    return head, [
        [row.number, labels.member_of(type(row.kind), row.kind), labels.member_of(type(row.state), row.state), row.consumer,
         labels.personal.shown(row.stir, "stir") if row.stir else "",
         row.division, _iso(row.signed_on), row.valid_from.isoformat(), _iso(row.valid_to), row.accounts]
        for row in rows
    ]  # fmt: skip


def register_file(rows: Iterable[RegisterRow], kind: str) -> bytes:
    """Return the register as CSV or XLSX."""
    head, table = register_table(rows)
    return downloads.csv_bytes(head, table) if kind == "csv" else downloads.xlsx_bytes(head, table)


def _iso(day: date | None) -> str:
    return "" if day is None else day.isoformat()
