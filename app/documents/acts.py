"""The document of an act, from what was stored with it: in the consumer's language and in Russian."""

from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from app import labels
from app.documents import pdf
from app.documents.sheets import Rule, Sheet, SheetForm, Table, drawing, figures, head, layout, line, pairs, signatures, staying
from app.documents.sheets.html import foot
from app.domain.acts import ActKind
from app.domain.documents import FIRST_FORM
from app.domain.metering import Quality
from app.domain.reference import Names

_RUSSIAN = "ru"
_PLACE = "______________________"


def act_pdf(act: Any, approval: Any, division: Names) -> bytes:
    """Return the document of an act as PDF in the form it was made in, a leaf for each language.

    :param act: the stored act
    :param approval: who agreed, if a second person decided
    :param division: what the division was called when the act was recorded
    """
    language = (act.result.get("language") or _RUSSIAN) if act.result else _RUSSIAN
    languages = dict.fromkeys((language, _RUSSIAN))
    if act.form == FIRST_FORM:
        template = "documents/first_form/act_document.html"
        return pdf.joined([pdf.page(template, each, act=act, approval=approval, labels=labels) for each in languages])
    return drawing.drawn([act_sheet(act, approval, division, each) for each in languages])


def act_sheet(act: Any, approval: Any, division: Names, language: str) -> Sheet:
    """Return the document of an act laid out in a language."""
    with force_locale(language):
        title = _("Act № %(number)s of %(day)s", number=act.id, day=labels.day(act.effective_on))
        tables = (
            line(title, "title", stays=True), line(_kind(act), "headline", stays=True), line(division.in_language(language)),
            pairs([*labels.act_lines(act.result.get("details", [])), (_("Reason"), act.reason)])._replace(gap=6),
            *_registers(act.result.get("counted") or []), *_energy(act.result.get("energy") or []),
            *_bills(act.result.get("bills") or []), *_positions(act.result.get("positions") or []),
        )  # fmt: skip
        form = SheetForm(title, language, (), (), (*staying(tables), _signed(act, approval)))
        return layout.laid(form, foot)


def statement_pdf(act: Any, account: Any, division: Names) -> bytes:
    """Return as PDF what the consumer is told of an act about meters: what the dials showed, the energy of each meter, what was owed.

    :param account: its number, the consumer's name and the address
    """
    return drawing.drawn([statement_sheet(act, account, division, act.result.get("language") or _RUSSIAN)])


def statement_sheet(act: Any, account: Any, division: Names, language: str) -> Sheet:
    """Return the statement of an act about meters laid out in a language."""
    with force_locale(language):
        title = _("Statement to act № %(number)s of %(day)s", number=act.id, day=labels.day(act.effective_on))
        about = pairs([(_("Account"), account.number), (_("Consumer"), account.consumer_name), (_("Address"), account.address)])
        tables = (
            line(title, "title", stays=True), line(_kind(act), "headline", stays=True), line(division.in_language(language)),
            about._replace(gap=6), *_registers(act.result.get("counted") or []), *_energy(act.result.get("energy") or []),
            *_positions(act.result.get("positions") or []),
        )  # fmt: skip
        drawn_up = {"name": labels.actor(act.created_by), "moment": labels.moment(act.created_at)}
        form = SheetForm(title, language, (), (), (*tables, line(_("Drawn up by %(name)s, %(moment)s", **drawn_up), gap=10)))
        return layout.laid(form, foot)


def _registers(counted: list[dict[str, Any]]) -> list[Table]:
    """Return what the registers showed before and on the day of an act about meters."""
    if not counted:
        return []
    names = (_("Meter"), _("Register"), _("Ratio"), _("Read before"), _("Dial then"), _("Dial on the day"), _("Energy"))
    rows = [figures(_register(each), (4, 5, 6)) for each in counted]
    return [
        line(_("Registers"), "headline", gap=8, stays=True),
        Table((21, 16, 13, 14, 12, 12, 12), (head(names, (4, 5, 6)), *rows), Rule.BELOW),
    ]


def _register(row: dict[str, Any]) -> tuple[str, ...]:
    before_on = labels.iso_day(row["before_on"]) if row["before_on"] else ""
    shown = [labels.quantity(row[name]) if row[name] is not None else "" for name in ("before_milli", "dial_milli", "quantity_milli")]
    return row["meter"], labels.register(row["register"]), row["multiplier"], before_on, *shown


def _energy(months: list[dict[str, Any]]) -> list[Table]:
    """Return the energy of the months of an act by the meters that counted it, and what it costs."""
    return [table for each in months for table in _month(each)]


def _month(month: dict[str, Any]) -> list[Table]:
    headline = _("Energy of %(month)s by meters", month=labels.iso_month(month["month"]))
    names = (_("Meter"), _("Register"), _("Period"), _("How it is known"), _("Energy"), _("Costs"))
    rows = [figures(_part(each), (4, 5)) for each in month["parts"]]
    known = _("As billed") if month["is_billed"] else _("As it would be billed today")
    whole = figures((known, "", "", "", labels.quantity(month["quantity_milli"]), labels.money(month["amount_tiyin"])), (4, 5), face="bold")
    return [
        line(headline, "headline", gap=8, stays=True), Table((20, 16, 24, 16, 10, 14), (head(names, (4, 5)), *rows, whole), Rule.BELOW)
    ]  # fmt: skip


def _part(part: dict[str, Any]) -> tuple[str, ...]:
    period = f"{labels.iso_day(part['period_from'])} – {labels.iso_day(part['period_to'])}"
    quality = labels.member_of(Quality, part["quality"])
    energy, costs = labels.quantity(part["quantity_milli"]), labels.money(part["amount_tiyin"])
    return part["meter"] or _("no meter"), labels.register(part["register"]), period, quality, energy, costs


def file_name(act: Any) -> str:
    """Return the name of the file."""
    return f"act-{act.id}.pdf"


def _kind(act: Any) -> str:
    kind = labels.member_of(ActKind, act.kind)
    return f"{kind}: {_('reverses act № %(number)s', number=act.reverses_id)}" if act.reverses_id else kind


def _bills(bills: list[dict[str, Any]]) -> list[Table]:
    if not bills:
        return []
    names = (_("Billing month"), _("Account"), _("Period"), _("Amount"), "")
    rows = [figures(_bill(each), (3,)) for each in bills]
    return [line(_("Bills"), "headline", gap=8, stays=True), Table((12, 18, 24, 20, 26), (head(names, (3,)), *rows), Rule.BELOW)]


def _bill(bill: dict[str, Any]) -> tuple[str, ...]:
    taken_back = _("takes back bill № %(number)s", number=bill["cancels_id"]) if bill["cancels_id"] else ""
    period = f"{labels.iso_day(bill['period_from'])} – {labels.iso_day(bill['period_to'])}"
    return labels.iso_month(bill["month"]), bill["account"], period, labels.money(bill["amount_tiyin"]), taken_back


def _positions(positions: list[dict[str, Any]]) -> list[Table]:
    if not positions:
        return []
    rows = [figures((each["account"], labels.money(each["before_tiyin"]), labels.money(each["after_tiyin"])), (1, 2)) for each in positions]
    return [Table((40, 30, 30), (head((_("Account"), _("Owed before"), _("Owed after")), (1, 2)), *rows), Rule.BELOW, gap=8)]


def _signed(act: Any, approval: Any) -> Table:
    lines = [_("Drawn up by %(name)s, %(moment)s", name=labels.actor(act.created_by), moment=labels.moment(act.created_at))]
    if approval and approval.decided_by:
        approved = {"name": labels.actor(approval.decided_by), "moment": labels.moment(approval.decided_at)}
        lines.append(_("Approved by %(name)s, %(moment)s", **approved))
    given = dict(act.result.get("details", []))
    witnesses = [_("Witness: %(name)s", name=given[name]) for name in ("witness_1", "witness_2") if given.get(name)]
    return signatures([(f"{each} {_PLACE}",) for each in (*lines, _("Consumer"), *witnesses)])
