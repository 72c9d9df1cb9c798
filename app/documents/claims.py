"""An inspection record on paper: what was found, how the energy was counted, and room for the signatures."""

from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from app import labels
from app.documents import pdf
from app.documents.sheets import Rule, Sheet, SheetForm, Table, drawing, figures, head, layout, line, pairs, signatures, staying
from app.documents.sheets.html import foot
from app.domain.claims.inspections import EnergyMethod, ViolationKind
from app.domain.documents import FIRST_FORM
from app.queries.claims import RecordRow
from app.queries.documents import Addressee

_NUMBERS = (2, 3, 4, 5)
_PLACE = "______________________"


def record_pdf(record: RecordRow, card: Addressee) -> bytes:
    """Return an inspection record as PDF in the consumer's language, in the form it was made in."""
    if record.form == FIRST_FORM:
        template = "documents/first_form/inspection_record.html"
        return pdf.render(template, card.language, record=record, card=card, entered=_entered(record), labels=labels)
    return drawing.drawn([record_sheet(record, card)])


def record_sheet(record: RecordRow, card: Addressee) -> Sheet:
    """Return an inspection record laid out in the consumer's language."""
    with force_locale(card.language):
        title = _("Inspection record № %(number)s of %(day)s", number=record.number, day=labels.day(record.drawn_on))
        tables = (
            line(title, "title", stays=True), line(card.office), pairs(_facts(record, card))._replace(gap=6), _priced(record, card.unit),
            line(f"{labels.quantity(record.quantity_milli, card.unit)}, {labels.money(record.amount_tiyin)}", "total", gap=8, stays=True),
            line(f"{_('VAT inside')}: {labels.money(record.vat_tiyin)}",),
        )  # fmt: skip
        signed = signatures([(f"{_('Inspector')}: {record.inspector} {_PLACE}",), (f"{_('Consumer')}: {card.consumer_name} {_PLACE}",)])
        return layout.laid(SheetForm(title, card.language, (), (), (*staying(tables), signed)), foot)


def file_name(record: RecordRow) -> str:
    """Return the name of the file."""
    return f"inspection-{record.id}.pdf"


def _facts(record: RecordRow, card: Addressee) -> list[tuple[str, str]]:
    energy = record.derivation
    return [
        (_("Account"), f"{card.number}, {card.consumer_name}"), (_("Address"), card.address),
        (_("Violation"), labels.member_of(ViolationKind, record.kind)), (_("What was found"), record.findings or ""),
        (_("Window"), f"{labels.day(record.period_from)} – {labels.day(record.period_to)}"),
        (_("Method"), labels.member_of(EnergyMethod, record.method)), *_entered(record),
        (_("Energy of the window"), labels.quantity(energy["total_milli"], card.unit)),
        (_("Billed of it"), labels.quantity(energy["billed_milli"], card.unit)),
    ]  # fmt: skip


def _priced(record: RecordRow, unit: str) -> Table:
    names = (_("From"), _("To"), _("Block"), _("Consumption"), _("Rate, soʻm a unit"), _("Amount"))
    rows = [figures(_texts(each, unit), _NUMBERS) for each in record.derivation["lines"]]
    return Table((15, 15, 10, 20, 18, 22), (head(names, _NUMBERS), *rows), Rule.BELOW, gap=8)


def _texts(priced: dict[str, Any], unit: str) -> tuple[str, ...]:
    return (
        labels.iso_day(priced["period_from"]), labels.iso_day(priced["period_to"]), str(priced["block_no"]),
        labels.quantity(priced["quantity_milli"], unit), labels.rate_e4(priced["rate_e4"]), labels.money(priced["amount_tiyin"]),
    )  # fmt: skip


def _entered(record: RecordRow) -> list[tuple[str, str]]:
    """Return what the inspector entered, with the word for each."""
    found = record.derivation.get("entered", {})
    return [
        (str(labels.ENTERED_LABELS[name]), labels.quantity(value) if name == "energy_milli" else str(value))
        for name, value in found.items()
        if name in labels.ENTERED_LABELS
    ]
