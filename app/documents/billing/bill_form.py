"""The form of a bill: the sum at the top, then where it came from; one page for all but long corrections."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import gettext as _

from app import labels
from app.documents.sheets import Cell, Code, Row, Rule, Sheet, SheetForm, Table, copy_line, figures, head, layout, line, pairs
from app.documents.sheets.html import foot
from app.domain.billing import Component, LineKind
from app.domain.billing.explanation import ExplanationLine
from app.domain.documents import BalanceAfter
from app.domain.metering import Quality, RegisterCode
from app.queries.billing import BillHead

_GAP = 7
#: Registers whose name says nothing more about a line.
_UNNAMED = {RegisterCode.TOTAL, RegisterCode.REACTIVE, RegisterCode.DEMAND}


class PayingCode(NamedTuple):
    """A code that a bill bears, and what it opens: a provider's page, or (without a name) the portal."""

    name: str
    opens: str
    part_tiyin: int | None


class BillPaper(NamedTuple):
    """What a bill shows."""

    bill: BillHead
    lines: Sequence[Any]
    readings: Sequence[Any]
    explanation: Sequence[ExplanationLine]
    balance: BalanceAfter
    codes: Sequence[PayingCode]
    copy_of: datetime | None


def bill_sheet(paper: BillPaper) -> Sheet:
    """Return a bill laid out, in the language that is spoken."""
    bill = paper.bill
    form = SheetForm(
        title=_("Bill for %(month)s", month=labels.month(bill.billing_month)) + f" · {bill.account_number}",
        language=bill.language,
        top=(*_company(bill), *_sum(paper), _whom(bill)),
        codes=tuple(Code(code.name or _("Portal of consumers"), code.opens) for code in paper.codes),
        tables=(*_account(paper), *_readings(paper), *_charges(paper), *_how(paper), *_notes(paper)),
    )
    return layout.laid(form, foot)


def _company(bill: BillHead) -> list[Table]:
    money = [
        (_("STIR"), bill.seller_stir), (_("Settlement account"), bill.seller_account), (_("MFO"), bill.seller_mfo), ("", bill.seller_bank),
    ]  # fmt: skip
    phones = " · ".join(dict.fromkeys(filter(None, (bill.division_phone, bill.seller_phone))))
    lines = [
        line(bill.seller or bill.division_named, "bold"),
        line(" · ".join(f"{name} {text}".strip() for name, text in money if text), "note"),
        line(" · ".join(filter(None, (bill.seller_address, phones and f"{_('Telephone')}: {phones}"))), "note"),
        line(bill.division_named if bill.seller else "", "note"),
    ]
    return [each for each in lines if each.rows[0].cells[0].text]


def _sum(paper: BillPaper) -> list[Table]:
    """Return the head of the bill: what it is, what is to be paid, and by when."""
    bill = paper.bill
    named = f"№ {bill.id} · {_('Issued on')} {labels.day(bill.issued_on)}"
    made = [
        *copy_line(paper.copy_of),
        line(_("Bill for %(month)s", month=labels.month(bill.billing_month)), "title", gap=5),
        line(named, "small"),
    ]
    made.append(line(_to_pay(paper), "total", gap=3))
    earlier = max(max(paper.balance.after_tiyin, 0) - max(bill.amount_tiyin, 0), 0)
    if earlier and bill.amount_tiyin > 0:
        said = _("Of it from earlier bills, whose own days for paying hold: %(sum)s", sum=labels.money(earlier))
        made.append(line(said, "note"))
    return made


def _to_pay(paper: BillPaper) -> str:
    after = paper.balance.after_tiyin
    if after > 0 and paper.bill.amount_tiyin > 0:
        return _("To pay by %(day)s: %(sum)s", day=labels.day(paper.bill.due_on), sum=labels.money(after))
    if after > 0:
        return _("To pay: %(sum)s", sum=labels.money(after))
    return _("Nothing to pay. Paid ahead: %(sum)s", sum=labels.money(-after)) if after else _("Nothing to pay.")


def _whom(bill: BillHead) -> Table:
    contract = f"№ {bill.contract_number}, {labels.day(bill.contract_signed_on)}" if bill.contract_number else ""
    period = f"{_days(bill)} ({labels.member_of(Quality, bill.quality)})"
    number = _("Account number")
    return pairs(
        [
            (number, bill.account_number), (_("Consumer"), bill.consumer_name), (_("Address"), bill.full_address),
            (_("Contract"), contract), (_("Period"), period),
        ],
        bold=number,
    )._replace(gap=4)  # fmt: skip


def _account(paper: BillPaper) -> list[Table]:
    balance = paper.balance
    moves = [
        (_("After the bill before"), balance.previous_tiyin), (_("Paid since then"), -balance.paid_tiyin),
        *([(_("Corrected since then"), balance.adjusted_tiyin)] if balance.adjusted_tiyin else []),
        (_("This bill"), paper.bill.amount_tiyin),
    ]  # fmt: skip
    rows = [figures((name, labels.money(sum_)), [1]) for name, sum_ in moves]
    rows.append(figures((_("After this bill"), labels.money(balance.after_tiyin)), [1], face="bold figures"))
    return [_headline(_("Your account")), Table((70, 30), tuple(rows), Rule.BELOW)]


def _readings(paper: BillPaper) -> list[Table]:
    names = (_("Period"), _("Meter"), _("Before"), _("After"), _("Multiplier"), _("Consumption"), _("Quality"))
    rows = [figures(_reading(row, paper.bill.unit), _READING_NUMBERS) for row in paper.readings]
    return [
        _headline(_("Readings it is made of")),
        Table((22, 15, 10, 10, 13, 15, 15), (head(names, _READING_NUMBERS), *rows), Rule.BELOW),
    ]


_READING_NUMBERS = (2, 3, 4, 5)


def _reading(row: Any, unit: str) -> tuple[str, ...]:
    zone = "" if row.zone == RegisterCode.TOTAL else f"\n{labels.register(row.zone)}"
    return (
        _days(row), f"{row.meter or '—'}{zone}", labels.quantity(row.earlier_milli), labels.quantity(row.later_milli),
        "" if row.multiplier is None else labels.number(row.multiplier),
        labels.quantity(row.quantity_milli, labels.line_unit(row.zone, unit)), labels.member_of(Quality, row.quality),
    )  # fmt: skip


_CHARGE_NUMBERS = (2, 3, 4, 5)


def _charges(paper: BillPaper) -> list[Table]:
    bill = paper.bill
    names = (_("Period"), _("Charge"), _("Block"), _("Consumption"), _("Rate, soʻm a unit"), _("Amount"))
    rows = [figures(_charge(each, bill.unit), _CHARGE_NUMBERS) for each in paper.lines]
    total = f"{_('Total')} ({_('VAT inside')} {labels.money(bill.vat_tiyin)})"
    last = (
        Cell(total, "bold figures", columns=3), Cell(labels.quantity(bill.quantity_milli, bill.unit), "bold figures", "right"),
        Cell(labels.money(bill.amount_tiyin), "bold figures", "right", columns=2),
    )  # fmt: skip
    rows = [*rows[:-1], *(row._replace(stays=True) for row in rows[-1:]), Row(last)]
    table = Table((22, 26, 8, 15, 12, 17), (head(names, _CHARGE_NUMBERS), *rows), Rule.BELOW)
    sources = dict.fromkeys(each.source for each in paper.lines if each.source)
    return [_headline(_("How it was counted")), table, *(line(f"{_('Tariff')}: {source}", "note") for source in sources)]


def _charge(row: Any, unit: str) -> tuple[str, ...]:
    is_energy = row.component == Component.ENERGY
    charge = labels.member_of(LineKind, row.kind) if is_energy else labels.member_of(Component, row.component)
    zone = "" if row.zone in _UNNAMED else f": {labels.register(row.zone)}"
    counted = row.quantity_milli or row.rate
    return (
        _days(row), f"{charge}{zone}", str(row.block_no or ""),
        labels.quantity(row.quantity_milli, labels.line_unit(row.component, unit)) if counted else "",
        labels.number(row.rate) if row.rate else "", labels.money(row.amount_tiyin),
    )  # fmt: skip


def _how(paper: BillPaper) -> list[Table]:
    told = tuple(Row((Cell(labels.sentence(each, paper.bill.unit), "note"),)) for each in paper.explanation)
    return [_headline(_("How it came about")), Table((100,), told)]


def _notes(paper: BillPaper) -> list[Table]:
    parts = [
        _("%(name)s takes at most %(sum)s in one payment; the rest is to be paid by further ones.", name=code.name,
          sum=labels.money(code.part_tiyin))
        for code in paper.codes if code.part_tiyin is not None
    ]  # fmt: skip
    scan = _("Scan a code with a telephone to pay.")
    as_of = _("As of %(day)s. Payments made later are not shown.", day=labels.day(paper.bill.issued_on))
    texts = [scan, *parts, as_of]
    return [line(text, "note", gap=_GAP if place == 0 else 0, stays=place < len(texts) - 1) for place, text in enumerate(texts)]


def _headline(text: str) -> Table:
    return line(text, "headline", gap=_GAP, stays=True)


def _days(row: Any) -> str:
    return f"{labels.day(row.period_from)} – {labels.day(row.period_to)}"
