"""What the page of a shadow run shows: by step, tariff group and division, and the accounts that change most."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app import labels
from app.documents import monitoring
from app.domain.billing import Component
from app.domain.runs import RunStatus
from app.extensions import appbuilder, db, record_disclosure
from app.models.billing.shadow import ShadowRun
from app.queries import billing as bills
from app.queries.billing import shadow as queries
from app.views.runs import LinkedText, RunFindings, RunTable, account_link


def findings(run: ShadowRun, division_id: int | None) -> RunFindings:
    """Return what a shadow run found.

    :param division_id: the only division to show; None: all
    """
    divisions = queries.by_division(db.session(), run.id, division_id)
    part = divisions[0] if division_id and divisions else None
    named = {"division": run.division.shown_name, "month": labels.month(run.billing_month)}
    title = _("Shadow run of %(division)s, %(month)s", **named)
    if part:
        title = _("Shadow run of %(division)s, %(month)s: %(part)s", **named, part=part.name)
    lines = [LinkedText(f"{run.tariff.name}: {run.blocks}")]
    if part:
        lines.append(LinkedText(_("All divisions of the run"), url_for("ShadowRunView.show", pk=run.id)))
    if run.status != RunStatus.PREVIEWED:
        return RunFindings(title, lines=lines)
    links = [url_for("ShadowRunView.show", pk=run.id, division=each.id) for each in divisions]
    caption = _("Billed and proposed by division; a bar opens the rows behind it")
    tables = (_steps(run, division_id), _groups(run, division_id), _divisions(divisions, links), _largest(run, division_id))
    return RunFindings(
        title, _figures(run), [table for table in tables if table.rows], lines=lines, chart=(monitoring.proposed(divisions, links), caption)
    )


def _figures(run: ShadowRun) -> list[tuple[str, LinkedText]]:
    difference = run.amount_proposed_tiyin - run.amount_now_tiyin
    return [
        (_("Bills"), LinkedText(labels.number(run.bills), "#divisions")),
        (_("Billed"), LinkedText(labels.money(run.amount_now_tiyin), "#steps")),
        (_("Proposed"), LinkedText(labels.money(run.amount_proposed_tiyin), "#steps")),
        (_("Difference"), LinkedText(labels.money(difference), "#largest")),
        (_("Bills that cannot be priced"), LinkedText(labels.number(run.left_out))),
    ]


def _heads(*texts: tuple[str, bool]) -> list[tuple[Any, bool]]:
    return [*texts, (_("Billed"), True), (_("Proposed"), True), (_("Difference"), True), ("%", True)]


def _difference(now: int, proposed: int) -> list[LinkedText]:
    return [
        LinkedText(labels.money(now)),
        LinkedText(labels.money(proposed)),
        LinkedText(labels.money(proposed - now)),
        LinkedText(percent(now, proposed)),
    ]


def percent(now: int, proposed: int) -> str:
    """Return by how many percent an amount changes."""
    return labels.number(Decimal(proposed - now) * 100 / abs(now), "+#,##0.00;-#,##0.00") if now else "—"


def summary(run: ShadowRun) -> list[RunTable]:
    """Return what a shadow run found by block, tariff group and division; no accounts."""
    divisions = queries.by_division(db.session(), run.id)
    may_show = appbuilder.sm.has_access("can_show", "ShadowRunView")
    links = [url_for("ShadowRunView.show", pk=run.id, division=each.id) if may_show else "" for each in divisions]
    tables = (_steps(run, None), _groups(run, None), _divisions(divisions, links))
    return [table._replace(anchor=f"{table.anchor}-{run.id}" if table.anchor else "") for table in tables if table.rows]


def _steps(run: ShadowRun, division_id: int | None) -> RunTable:
    heads = [(_("Component"), False), (_("Zone"), False), (_("Block"), True), (_("Quantity"), True)]
    heads += [(_("Quantity, proposed"), True), (_("Bills"), True)]
    rows = [
        [
            LinkedText(labels.member_of(Component, row.component)),
            LinkedText(labels.register(row.zone)),
            LinkedText(row.block_no),
            LinkedText(labels.quantity(row.quantity_now_milli)),
            LinkedText(labels.quantity(row.quantity_proposed_milli)),
            LinkedText(labels.number(row.bills)),
            *_difference(row.amount_now_tiyin, row.amount_proposed_tiyin),
        ]
        for row in queries.by_step(db.session(), run.id, division_id)
    ]
    return RunTable(_("By block"), _heads(*heads), rows, "steps")


def _groups(run: ShadowRun, division_id: int | None) -> RunTable:
    rows = [
        [LinkedText(row.name), *_difference(row.amount_now_tiyin, row.amount_proposed_tiyin)]
        for row in queries.by_group(db.session(), run.id, division_id)
    ]
    return RunTable(_("By tariff group"), _heads((_("Tariff group"), False)), rows)


def _divisions(divisions: Iterable[queries.PartSums], links: Iterable[str]) -> RunTable:
    rows = [
        [LinkedText(row.name, link), *_difference(row.amount_now_tiyin, row.amount_proposed_tiyin)]
        for row, link in zip(divisions, links, strict=True)
    ]
    return RunTable(_("By division"), _heads((_("Division"), False)), rows, "divisions")


def _largest(run: ShadowRun, division_id: int | None) -> RunTable:
    changes = [each for each in run.largest if division_id in (None, each[1])]
    record_disclosure("account", [account_id for account_id, *_rest in changes])
    numbers = bills.account_numbers(db.session(), [account_id for account_id, *_rest in changes])
    rows = [
        [account_link(account_id, numbers.get(account_id)), *_difference(now, proposed)]
        for account_id, _division_id, now, proposed in changes
    ]
    return RunTable(_("The largest changes"), _heads((_("Account"), False)), rows, "largest")
