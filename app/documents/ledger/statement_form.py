"""The form of a reconciliation statement: both sides, every document of the months, where they stand, and room to sign."""

from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _

from app import labels
from app.documents.sheets import Cell, Row, Rule, Sheet, SheetForm, Table, copy_line, figures, head, layout, line, signatures
from app.documents.sheets.html import foot

_NUMBERS = (2, 3)
_PLACE = "______________"


def statement_sheet(statement: Any, *, number: int, made_on: date, last_month: date, copy_of: datetime | None) -> Sheet:
    """Return a reconciliation statement laid out, in the language that is spoken.

    :param statement: the statement as it was kept
    """
    title = f"{_('Act of reconciliation')} № {number}"
    months = _("of mutual settlements for %(first)s – %(last)s", first=labels.month(statement.since), last=labels.month(last_month))
    tables = (
        *copy_line(copy_of), line(title, "title", side="center", stays=True), line(months, side="center"),
        line(f"{_('Account number')} {statement.account_number}", side="center"),
        line(_("of %(day)s", day=labels.day(made_on)), side="center"), line(_undersigned(statement), gap=6),
        _documents(statement), line(_result(statement), "headline", gap=6, stays=True), _signed(statement),
    )  # fmt: skip
    return layout.laid(SheetForm(f"{title} · {statement.account_number}", statement.language, (), (), tables), foot)


def _undersigned(statement: Any) -> str:
    seller, buyer = statement.seller, statement.buyer
    return _(
        "We, the undersigned, %(seller)s (STIR %(seller_stir)s) and %(buyer)s (STIR %(buyer_stir)s), "
        "have compared our settlements and found:",
        seller=_seller(statement),
        seller_stir=(seller.stir if seller else None) or "—",
        buyer=buyer.name,
        buyer_stir=buyer.stir or "—",
    )


def _seller(statement: Any) -> str:
    return statement.seller.name if statement.seller else "________________"


def _documents(statement: Any) -> Table:
    rows = [_turn(_("At the beginning"), max(statement.opening_tiyin, 0), max(-statement.opening_tiyin, 0))]
    rows += [
        figures((labels.day(each.posted_on), each.document, *map(_money, (each.debit_tiyin, each.credit_tiyin))), _NUMBERS)
        for each in statement.lines
    ]
    rows.append(_turn(_("Turnover"), statement.debit_tiyin, statement.credit_tiyin, zero=True)._replace(stays=True))
    rows.append(_turn(_("At the end"), max(statement.closing_tiyin, 0), max(-statement.closing_tiyin, 0))._replace(stays=True))
    names = (_("Date"), _("Document"), _("Debit"), _("Credit"))
    return Table((14, 42, 22, 22), (head(names, _NUMBERS), *rows), Rule.AROUND, gap=6)


def _turn(name: str, debit: int, credit: int, *, zero: bool = False) -> Row:
    sums = (Cell(labels.money(each) if each or zero else "", "bold figures", "right") for each in (debit, credit))
    return Row((Cell(""), Cell(name, "bold figures"), *sums))


def _money(tiyin: int) -> str:
    return labels.money(tiyin) if tiyin else ""


def _result(statement: Any) -> str:
    sides = {"day": labels.day(statement.until), "buyer": statement.buyer.name, "seller": _seller(statement)}
    if statement.closing_tiyin > 0:
        return _("On %(day)s %(buyer)s owes %(seller)s %(sum)s.", sum=labels.money(statement.closing_tiyin), **sides)
    if statement.closing_tiyin < 0:
        return _("On %(day)s %(buyer)s has paid %(seller)s %(sum)s ahead.", sum=labels.money(-statement.closing_tiyin), **sides)
    return _("On %(day)s neither side owes the other anything.", day=sides["day"])


def _signed(statement: Any) -> Table:
    sides = (statement.seller, statement.buyer)
    of = [[(getattr(side, name) or "") if side else "" for side in sides] for name in ("name", "address", "director", "accountant")]
    return signatures(
        [
            (_("Seller"), _("Buyer")), of[0], of[1],
            [f"{_('Director')}: {_PLACE} {name}" for name in of[2]],
            [f"{_('Chief accountant')}: {_PLACE} {name}" for name in of[3]],
            [_("Place for a seal")] * 2,
        ]
    )  # fmt: skip
