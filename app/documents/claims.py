"""An inspection record on paper: what was found, how the energy was counted, and room for the signatures."""

from app import labels
from app.documents import pdf
from app.queries.claims import RecordRow
from app.queries.documents import Addressee


def record_pdf(record: RecordRow, card: Addressee) -> bytes:
    """Return an inspection record as PDF in the consumer's language."""
    return pdf.render("documents/inspection_record.html", card.language, record=record, card=card, entered=_entered(record), labels=labels)


def file_name(record: RecordRow) -> str:
    """Return the name of the file."""
    return f"inspection-{record.id}.pdf"


def _entered(record: RecordRow) -> list[tuple[str, str]]:
    """Return what the inspector entered, with the word for each."""
    found = record.derivation.get("entered", {})
    return [
        (str(labels.ENTERED_LABELS[name]), labels.quantity(value) if name == "energy_milli" else str(value))
        for name, value in found.items()
        if name in labels.ENTERED_LABELS
    ]
