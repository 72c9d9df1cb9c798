"""Acts on rows of a list: on chosen ones, or on all that match once it was shown what they are; as a job where they are many."""

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import action
from flask_appbuilder.urltools import get_filter_args
from flask_babel import gettext as _
from flask_babel import ngettext

from app import labels
from app.domain.administration import JobKind
from app.extensions import db, transaction
from app.jobs import lists, runner
from app.queries import administration as queries
from app.services import administration as service
from app.views.lists.rows import COUNTED, Order, RowCount, Totals

#: Acts on so many rows are done at once, and the rows that do not allow them are named beside the list; more are a job.
AT_ONCE = 100
#: Rows shown before an act.
SHOWN = 10


def act_on_all(view: Any, act: Any) -> Any:
    """Show what an act would be done on; once that was seen and nothing changed meanwhile, do it or start a job."""
    get_filter_args(view._filters)  # noqa: SLF001 - the framework's own name
    model, rows = view.datamodel, view.rows_asked(view._filters)  # noqa: SLF001
    counted = model.counted(rows, Totals(view.total_columns, view.reversals_subtract))
    if not 0 < counted.count <= COUNTED or model.is_pk_composite():
        flash(_("An act takes at least one row and at most %(count)s. Narrow the filters.", count=labels.number(COUNTED)), "warning")
        return view.back()
    order = Order(*view.base_order)
    if request.form.get("seen") != _seen(counted):
        shown = model.page(rows, order, start=0, size=SHOWN, few=counted.is_sortable, shown=view.list_columns)
        return _preview(view, act, counted, shown)
    keys = [key for (key,) in model.keys(rows, order, size=COUNTED, few=counted.is_sortable)]
    return perform(view, act.name, keys)


def bulk_act(name: str, text: Any, confirmation: Any, icon: str, *, single: bool = False) -> Any:
    """Return an act of a list on any number of its rows; what it does is declared by list and name in ``jobs.lists.ACTS``.

    :param single: it stands on the card of a row too
    """

    @action(name, text, confirmation, icon, single=single)
    def act(view: Any, items: Any) -> Any:
        chosen = items if isinstance(items, list) else [items]
        return perform(view, name, [view.datamodel.get_pk_value(each) for each in chosen])

    return act


def perform(view: Any, name: str, keys: Sequence[int]) -> Any:
    """Do an act on rows of a list: a few at once, many by a job. The rows that do not allow it are named."""
    declared, asker = f"{type(view).__name__}.{name}", lists.Asker(g.user.username, g.user.id)
    if len(keys) > AT_ONCE:
        return start_job(JobKind.BULK_ACT, {"act": declared, "keys": [*keys], "user_id": asker.user_id})
    act = lists.ACTS[declared]
    with transaction() as session:
        outcome = lists.act_on(session, act, keys, asker)
    for job_id in outcome.jobs:
        runner.enqueue(job_id)
    _tell(str(_(view.actions[name].text)), outcome, act.why)
    return redirect(url_for("JobView.list")) if outcome.jobs else view.back()


def _tell(act: str, outcome: lists.Outcome, why: str) -> None:
    if outcome.done:
        flash(ngettext("%(act)s: %(num)s row done.", "%(act)s: %(num)s rows done.", outcome.done, act=act), "success")
    if outcome.left:
        left = ngettext(
            "%(num)s row is left as it was: %(names)s.",
            "%(num)s rows are left as they were: %(names)s.",
            len(outcome.left),
            names=", ".join(outcome.left),
        )
        flash(f"{left} {_(why) if why else ''}", "warning")


def start_job(kind: JobKind, parameters: dict[str, Any]) -> Any:
    """Start a job about rows of a list and lead to its page."""
    division_id = next(iter(queries.divisions_of_scope(db.session())), None) or abort(403)
    with transaction() as session:
        job_id = service.start_job(session, kind, division_id=division_id, parameters=parameters)
    runner.enqueue(job_id)
    return redirect(url_for("JobView.show", pk=job_id))


def _seen(counted: RowCount) -> str:
    """Return what a person saw of a selection: if it says something else a moment later, other rows match now."""
    return f"{counted.count}:{sorted(counted.totals.items())}"


def _preview(view: Any, act: Any, counted: RowCount, shown: list[Any]) -> Any:
    if "seen" in request.form:
        flash(_("Other rows match now than a moment ago. Look again."), "warning")
    return view.render_template(
        "lists/preview.html",
        title=view.title,
        act=act,
        counted=counted,
        seen=_seen(counted),
        columns=view.list_columns,
        rows=view.values_of(shown, view.list_columns),
        labels_of=view.label_columns,
        formatters=view.formatters_columns,
        back=f"{url_for(f'{view.endpoint}.list')}?{request.query_string.decode(errors='replace')}",
    )
