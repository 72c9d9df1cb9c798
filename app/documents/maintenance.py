"""Papers of maintenance and of verification: plans of a year and work orders, in the reader's language."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _

from app import labels
from app.documents.sheets import Rule, SheetForm, Table, drawing, figures, head, layout, line, pairs, signatures, staying
from app.documents.sheets.html import foot
from app.domain.administration import ApprovalStatus

#: Rows that a plan's paper names; what it leaves out it counts.
MOST_ON_PAPER = 2000
_PLACE = "______________________"


def verification_plan_pdf(plan: Any, state: Any, months: Sequence[Any], rows: Sequence[Any]) -> bytes:
    """Return the paper of a plan of verification: devices by month, and each with the day its verification ends."""
    by_month = _table(
        (40, 24, 18, 18), (_("Division"), _("Month"), _("Devices"), _("Verified since")),
        [(each.division, labels.month(each.month), str(each.devices), str(each.verified)) for each in months], (2, 3),
    )  # fmt: skip
    listed = _table(
        (7, 17, 38, 38), ("№", _("Verification ends"), _("Device"), _("Place")),
        [(str(place), labels.day(each.ends_on), each.device, each.address) for place, each in enumerate(rows, 1)],
    )  # fmt: skip
    return _plan(_("Plan of verification"), plan, (by_month, listed), state.devices - len(rows))


def maintenance_plan_pdf(plan: Any, state: Any, months: Sequence[Any], rows: Sequence[Any]) -> bytes:
    """Return the paper of a plan of works: works by month and kind with the norm of hours, and each with its device."""
    by_month = _table(
        (28, 18, 30, 10, 14), (_("Division"), _("Month"), _("Kind of work"), _("Works"), _("Hours by norm")),
        [
            (each.division, labels.month(each.month), each.kind, str(each.works), labels.quantity(each.norm_hours_milli))
            for each in months
        ], (3, 4),
    )  # fmt: skip
    return _plan(_("Plan of works"), plan, (by_month, _works(rows)), state.works - len(rows))


def order_pdf(order: Any, works: Sequence[Any], materials: Sequence[Any]) -> bytes:
    """Return the paper of a work order, with room for what the brigade did."""
    title = _("Work order № %(number)s", number=order.id)
    known = [
        (_("Division"), str(order.division)), (_("Brigade"), str(order.brigade)), (_("Day"), labels.day(order.work_on)),
        (_("Note"), order.note), (_("Drawn up by"), labels.actor(order.created_by)),
    ]  # fmt: skip
    needed = _table(
        (60, 20, 20), (_("Material"), _("Unit"), _("By norm")),
        [(each.name, each.unit, labels.quantity(each.norm_milli)) for each in materials], (2,),
    )  # fmt: skip
    tables = (line(title, "title", stays=True), pairs(known)._replace(gap=6), _works(works), *([needed] if materials else ()))
    signed = signatures([(_to_sign(_("Handed out by")), _to_sign(_("Taken by"))), (_to_sign(_("Done")), _to_sign(_("Hours")))])
    return _drawn(title, (*staying(tables), signed))


def _to_sign(word: str) -> str:
    return f"{word} {_PLACE}"


def _plan(name: str, plan: Any, tables: Sequence[Table], left_out: int) -> bytes:
    title = f"{name}, {plan.plan_year}"
    known = [
        (_("Division"), str(plan.division)), (_("Basis"), plan.basis),
        (_("State"), str(labels.member_of(ApprovalStatus, plan.status))), (_("Drawn up by"), labels.actor(plan.created_by)),
        (_("Decided by"), labels.actor(plan.decided_by)),
    ]  # fmt: skip
    more = [line(_("%(count)s more rows are not printed; the list has them.", count=left_out), "small")] if left_out > 0 else []
    body = (line(title, "title", stays=True), pairs(known)._replace(gap=6), *tables, *more)
    signed = signatures([(_to_sign(_("Drawn up by")), _to_sign(_("Approved by")))])
    return _drawn(title, (*staying(body), signed))


def _works(rows: Sequence[Any]) -> Table:
    return _table(
        (6, 13, 24, 25, 22, 10), ("№", _("Due"), _("Kind of work"), _("Device"), _("Place"), _("Hours by norm")),
        [
            (str(place), labels.day(each.term_on), each.kind, each.device, each.address, labels.quantity(each.norm_hours_milli))
            for place, each in enumerate(rows, 1)
        ], (5,),
    )  # fmt: skip


def _table(widths: tuple[int, ...], names: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int] = ()) -> Table:
    return Table(widths, (head(names, numbers), *(figures(each, numbers) for each in rows)), Rule.BELOW, gap=8)


def _drawn(title: str, tables: Sequence[Table]) -> bytes:
    return drawing.drawn([layout.laid(SheetForm(title, labels.locale_code(), (), (), tuple(tables)), foot)])
