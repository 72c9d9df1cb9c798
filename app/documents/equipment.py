"""The paper of a document of equipment, from what was stored with it: in Uzbek and in Russian."""

from collections.abc import Sequence
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from app import labels
from app.documents.sheets import Rule, Sheet, SheetForm, Table, drawing, figures, head, layout, line, pairs, signatures, staying
from app.documents.sheets.html import foot
from app.domain.equipment import DeviceState, EquipmentDocumentKind
from app.domain.reference import Names

_LANGUAGES = ("uz", "ru")
_PLACE = "______________________"


def document_pdf(document: Any, signers: Sequence[str], division: Names) -> bytes:
    """Return the paper of a document as PDF, a leaf for each language.

    :param division: what the division was called when the document was drawn up
    """
    return drawing.drawn([document_sheet(document, signers, division, each) for each in _LANGUAGES])


def file_name(document: Any) -> str:
    """Return the name of the file."""
    return f"equipment-{document.id}.pdf"


def document_sheet(document: Any, signers: Sequence[str], division: Names, language: str) -> Sheet:
    """Return the paper of a document laid out in a language."""
    with force_locale(language):
        title = _("Document № %(number)s of %(day)s", number=document.id, day=labels.day(document.document_on))
        tables = (
            line(title, "title", stays=True), line(_kind(document), "headline", stays=True), line(division.in_language(language)),
            pairs(list(_facts(document)))._replace(gap=6), *_things(document), *_lists(document.result),
        )  # fmt: skip
        signed = signatures([(f"{labels.actor(each)} {_PLACE}",) for each in signers])
        return layout.laid(SheetForm(title, language, (), (), (*staying(tables), signed)), foot)


def _things(document: Any) -> list[Table]:
    """Return what a document is about: its devices, or its seals with the numbers that were left out."""
    found = document.result.get("seals")
    if not found:
        return [_devices(document.result.get("devices") or [])]
    lines = [f"{_('Seals: %(number)s', number=labels.number(found['seals_count']))}: {', '.join(found['ranges'])}"]
    if found.get("doubles_count"):
        left_out = _("Left out, because they stand in the register or twice here: %(number)s", number=labels.number(found["doubles_count"]))
        lines.append(f"{left_out}: {', '.join(each['number'] for each in found['doubles'])}")
    return [line(text, gap=6) for text in lines]


def _kind(document: Any) -> str:
    kind = labels.member_of(EquipmentDocumentKind, document.kind)
    return f"{kind}: {_('reverses document № %(number)s', number=document.reverses_id)}" if document.reverses_id else kind


def _facts(document: Any) -> list[tuple[str, str]]:
    given = document.parameters
    found = [
        (_("Number of the document"), document.document_number), (_("Reason"), document.reason),
        (_("Warehouse or brigade"), str(document.stock_place or "")), (_("To the division"), str(document.to_division or "")),
        (_("Number of the certificate"), given.get("certificate_number", "")), (_("Issued by"), given.get("organisation", "")),
        (_("Issued on"), labels.iso_day(given["issued_on"]) if given.get("issued_on") else ""),
        (_("Verified to"), labels.iso_day(given["verified_to"]) if given.get("verified_to") else ""),
        (_("Account number"), given.get("account_number", "")), (_("Supplier"), given.get("supplier", "")),
        (_("Kind of seal"), (document.result.get("seals") or {}).get("kind", "")),
    ]  # fmt: skip
    return [(word, value) for word, value in found if value]


def _devices(devices: Sequence[dict[str, Any]]) -> Table:
    names = ("№", _("Model"), _("Serial number"), _("State after"), _("Seals"))
    rows = [
        figures((str(place), each["model"], each["serial_number"], _state(each["after"]), ", ".join(each["seals"])))
        for place, each in enumerate(devices, 1)
    ]
    return Table((6, 30, 24, 24, 16), (head(names, ()), *rows), Rule.BELOW, gap=8)


def _state(state: str | None) -> str:
    return labels.member_of(DeviceState, state) if state else "—"


def _lists(result: dict[str, Any]) -> list[Table]:
    """Return what an inventory found different."""
    named = (
        (_("Missing in the count"), "missing"),
        (_("Surplus"), "surplus"),
        (_("Kept elsewhere"), "elsewhere"),
        (_("Not known"), "unknown"),
    )
    return [line(f"{word}: {', '.join(result[name])}", gap=4) for word, name in named if result.get(name)]
