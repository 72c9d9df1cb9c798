"""What the page of a request about prices shows: the version in force beside the proposed one, and the effect on last month's bills."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from flask_babel import gettext as _

from app import labels
from app.domain.administration import ApprovalStatus
from app.domain.reference import ChangeKind
from app.domain.runs import RunStatus
from app.domain.tariffs import blocks_of
from app.extensions import appbuilder, db
from app.models.administration import Approval
from app.models.billing.shadow import ShadowRun
from app.models.tariffs import Tariff
from app.queries import administration
from app.queries import reference as queries
from app.services.billing import shadow
from app.views.billing import shadow_findings
from app.views.runs import RunTable
from app.views.tariffs.comparison import ComparedVersions, compare, gap_after


class DraftedPrices(NamedTuple):
    """A draft of prices with its effect, as far as that is known."""

    name: str
    compared: ComparedVersions
    run: ShadowRun | None
    job_id: int | None
    figures: Sequence[tuple[str, str]]
    tables: Sequence[RunTable]


def show_prices(request: Approval) -> Mapping[str, object]:
    """Return the drafts of prices in a request, and whether the reader may have an effect computed that is not known."""
    if request.contents.get("table") != "tariff_version":
        return {}
    changes = queries.changes_of(db.session(), request.id, limit=shadow.MAX_EFFECTS)
    prices = [each for each in map(_drafted, changes) if each is not None]
    unknown = [each for each in prices if each.run is None or each.run.status in (RunStatus.FAILED, RunStatus.CANCELLED)]
    may_compute = request.status == ApprovalStatus.PENDING and appbuilder.sm.has_access("can_effect", "TariffVersionView")
    return {"prices": prices, "may_compute": bool(unknown and may_compute)}


def _drafted(change: queries.ChangeRecord) -> DraftedPrices | None:
    """Return what a change does to prices; None if it is about something else."""
    held = queries.row_texts(db.session(), change.table_name, change.row_id) if change.row_id else {}
    wanted = {**held, **change.contents}
    tariff = db.session.get(Tariff, int(wanted["tariff_id"] or 0))
    if tariff is None:
        return None
    if change.kind == ChangeKind.RETIRE:
        return DraftedPrices(tariff.name, _ended(tariff.id, held, change.valid_from), None, None, (), ())
    if "blocks" not in change.contents:
        return None
    begins, ends = (date.fromisoformat(day) if (day := wanted.get(name)) else None for name in ("valid_from", "valid_to"))
    compared = compare(tariff.id, blocks_of(wanted["blocks"] or ""), begins=begins or change.valid_from, ends=ends)
    run = shadow.effect_of(db.session(), change.id)
    if run is None:
        return DraftedPrices(tariff.name, compared, None, None, (), ())
    job = administration.latest_job_of(db.session(), run.id, [*shadow.RUN.jobs])
    if run.status != RunStatus.PREVIEWED:
        return DraftedPrices(tariff.name, compared, run, job.id if job else None, (), ())
    return DraftedPrices(tariff.name, compared, run, job.id if job else None, _figures(run), shadow_findings.summary(run))


def _ended(tariff_id: int, held: queries.TextsByLanguage, day: date) -> ComparedVersions:
    begins = date.fromisoformat(held.get("valid_from") or day.isoformat())
    return ComparedVersions(begins, held.get("source") or "", [], [], gap_after(tariff_id, begins, day))


def _figures(run: ShadowRun) -> list[tuple[str, Any]]:
    now, proposed = run.amount_now_tiyin, run.amount_proposed_tiyin
    return [
        (_("Bills"), labels.number(run.bills)),
        (_("Billed"), labels.money(now)),
        (_("Proposed"), labels.money(proposed)),
        (_("Difference"), labels.money(proposed - now)),
        ("%", shadow_findings.percent(now, proposed)),
        (_("Bills that cannot be priced"), labels.number(run.left_out)),
    ]
