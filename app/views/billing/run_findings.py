"""What the page of a bill run shows."""

from flask import url_for
from flask_babel import gettext as _

from app import labels
from app.domain.billing import ExceptionReason
from app.domain.runs import RunStatus
from app.models.billing import BillRun
from app.views.runs import LinkedText, RunFindings, RunTable, account_link


def findings(run: BillRun, *, waiting: int) -> RunFindings:
    """Return the totals, the exceptions, the blocks and the largest changes of a bill run.

    :param waiting: its bills that are on hold
    """
    asked = _("Post %(count)s bills for %(sum)s?", count=run.bills, sum=labels.money(run.amount_tiyin))
    return RunFindings(
        _("Bill run of %(division)s, %(month)s", division=run.division.shown_name, month=labels.month(run.billing_month)),
        _figures(run),
        [table for table in (_exceptions(run), _blocks(run), _changes(run)) if table.rows],
        posting=asked if run.bills else "",
        links=[LinkedText(_("Bills of the division"), url_for("BillView.list", _flt_0_division=run.division_id))],
        notices=_notices(run, waiting),
    )


def _figures(run: BillRun) -> list[tuple[str, LinkedText]]:
    figures = {
        _("Bills"): labels.number(run.bills),
        _("Parked"): labels.number(run.parked),
        _("Consumption"): labels.quantity(run.quantity_milli),
        _("Amount"): labels.money(run.amount_tiyin),
        _("VAT"): labels.money(run.vat_tiyin),
    }
    if run.reference_release:
        figures[_("Version of the reference information")] = str(run.reference_release)
    return [(label, LinkedText(value)) for label, value in figures.items()]


def _notices(run: BillRun, waiting: int) -> list[tuple[str, LinkedText]]:
    notices = []
    if run.status == RunStatus.PREVIEWED and not run.bills:
        notices.append(("info", LinkedText(_("Nothing is left to bill: every account has its bill of the month, or is parked."))))
    if waiting:
        told = _(
            "%(count)s bills are on hold. They are not posted before they are released; a further run of the month bills them.",
            count=labels.number(waiting),
        )
        notices.append(("warning", LinkedText(told, url_for("BillHoldView.list", _flt_0_bill_run=run.id))))
    return notices


def _exceptions(run: BillRun) -> RunTable:
    counts = run.preview.get("by_reason", {}).items()
    return RunTable(
        _("Worth a look"),
        [(labels.COLUMN_LABELS["reason"], False), (_("Accounts"), True)],
        [(LinkedText(labels.member_of(ExceptionReason, reason)), LinkedText(labels.number(count))) for reason, count in counts],
        further=LinkedText(_("All exceptions"), url_for("BillExceptionView.list")),
    )


def _blocks(run: BillRun) -> RunTable:
    blocks = sorted(run.preview.get("by_block", {}).items())
    return RunTable(
        _("By tariff block"),
        [(_("Block"), False), (_("Consumption"), True), (_("Amount"), True)],
        [(LinkedText(block), LinkedText(labels.quantity(milli)), LinkedText(labels.money(tiyin))) for block, (milli, tiyin) in blocks],
    )


def _changes(run: BillRun) -> RunTable:
    return RunTable(
        _("The largest changes from the month before"),
        [(_("Account"), False), (_("Month before"), True), (_("This month"), True)],
        [
            (account_link(account_id, number), LinkedText(labels.money(before)), LinkedText(labels.money(now)))
            for number, before, now, account_id in run.preview.get("changes", [])
        ],
    )
