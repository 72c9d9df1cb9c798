"""Pages of every dictionary: in force on a day, differences, history, uses, export and import."""

from datetime import date
from typing import Any

from flask import Response, abort, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from app import clock, labels
from app.documents import downloads, tables
from app.domain.administration import JobKind, roles
from app.domain.administration.pages import Page
from app.domain.reference import DICTIONARIES
from app.extensions import appbuilder, db, transaction
from app.gateways.reference_file import DICTIONARIES as FILE
from app.jobs import runner
from app.queries import reference as queries
from app.services import administration as jobs
from app.views.administration import my_divisions
from app.views.fields import day_field
from app.views.reference.base import ReferenceView
from app.views.uploads import FileForm, upload_page
from app.views.values import ValueFormatter, label_of

SHOWN_ROWS = 200


class ReferenceFileForm(FileForm):
    """A file of a dictionary."""

    in_force_from = day_field(labels.COLUMN_LABELS["in_force_from"], [InputRequired()])
    basis = StringField(labels.COLUMN_LABELS["basis"], [Length(max=300)], description=_l("Document, number, day"))


class DictionaryView(BaseView):
    """What a dictionary held, what it becomes, who uses it; whoever may see its list may look here."""

    page = Page(
        _l("Pages of dictionaries"),
        {"can_difference can_export can_history can_on can_uses": roles.DOCUMENT_READERS, "can_load": roles.REFERENCE_EDITORS},
    )
    route_base = "/reference"

    @expose("/<table>/on")
    @has_access
    def on(self, table: str) -> Any:
        """Show the rows in force on a day."""
        _listed(table)
        day, words = _day("day", clock.today()), ValueFormatter()
        rows = queries.rows_on(db.session(), table, day, limit=SHOWN_ROWS + 1)
        shown = [(row_id, words.cells(table, held)) for row_id, held in rows[:SHOWN_ROWS]]
        return self._page(table, "reference_on.html", day=day, rows=shown, more=len(rows) > SHOWN_ROWS)

    @expose("/<table>/difference")
    @has_access
    def difference(self, table: str) -> Any:
        """Show what differs between two days."""
        _listed(table)
        later = _day("later", clock.today())
        earlier = _day("earlier", later.replace(day=1))
        words = ValueFormatter()
        rows = [
            (each, {"id": row_id, "name": words.name(table, after or before or {}), "is_new": before is None, "is_over": after is None})
            for row_id, before, after in queries.difference(db.session(), table, earlier, later)[:SHOWN_ROWS]
            for each in words.differing(table, before or {}, after or {})
        ]
        return self._page(table, "reference_difference.html", earlier=earlier, later=later, rows=rows)

    @expose("/<table>/<int:row_id>/history")
    @has_access
    def history(self, table: str, row_id: int) -> Any:
        """Show what a row held from when to when, and the changes that wait."""
        _listed(table)
        session, words = db.session(), ValueFormatter()
        versions = queries.versions_of(session, table, row_id)
        if not versions:
            abort(404)
        older = [version.contents for version in versions[1:]] + [{}]
        shown = [(version, words.differing(table, before, version.contents)) for version, before in zip(versions, older, strict=True)]
        changes = queries.changes_of_row(session, table, row_id)
        return self._page(
            table, "reference_history.html", name=words.name(table, versions[0].contents), versions=shown, changes=changes, row_id=row_id
        )

    @expose("/<table>/<int:row_id>/uses")
    @has_access
    def uses(self, table: str, row_id: int) -> Any:
        """Show which tables refer to a row, and how often."""
        _listed(table)
        versions = queries.versions_of(db.session(), table, row_id)
        if not versions:
            abort(404)
        rows = [
            (labels.TITLES.get(each.table_name, each.table_name), label_of(each.column), each.times)
            for each in queries.usages(db.session(), table, row_id)
        ]
        name = ValueFormatter().name(table, versions[0].contents)
        return self._page(table, "reference_uses.html", name=name, rows=rows, many=queries.MANY, row_id=row_id)

    @expose("/<table>/export.xlsx")
    @has_access
    def export(self, table: str) -> Response:
        """Send the dictionary as it is, or as it was on a day, as a workbook that ``load`` reads."""
        _listed(table)
        day = _day("day", None) if request.args.get("day") else None
        columns, related = DICTIONARIES[table].columns, {}  # type: ignore[var-annotated]
        rows = [queries.named(db.session(), table, held, columns, related) for _row_id, held in queries.rows_on(db.session(), table, day)]
        name = f"{table}-{day or clock.today()}.xlsx"
        return downloads.attachment(downloads.xlsx_bytes(columns, rows), name, tables.XLSX)

    @expose("/<table>/load", methods=["GET", "POST"])
    @has_access
    def load(self, table: str) -> Any:
        """Take in a file; its good rows become one request for approval."""
        view = _listed(table)
        if not view.appbuilder.sm.has_access("can_add", type(view).__name__):
            abort(403)
        form, divisions = ReferenceFileForm(), my_divisions()
        if request.method == "GET":
            form.in_force_from.data = clock.today()
        if not form.validate_on_submit() or not divisions:
            texts = {"dictionary": str(view.title), "columns": ", ".join(DICTIONARIES[table].columns)}
            example = url_for("DictionaryView.export", table=table)
            return upload_page(FILE, form, back=url_for(f"{view.endpoint}.list"), example=example, **texts)
        with transaction() as session:
            stored = form.stored(session, divisions[0].id)
            wanted = {
                "table": table, "file_id": stored.id, "valid_from": form.in_force_from.data.isoformat(), "basis": form.basis.data,
                "subject": stored.name, "divisions": [each.id for each in divisions],
            }  # fmt: skip
            job_id = jobs.start_job(session, JobKind.REFERENCE_IMPORT, division_id=divisions[0].id, parameters=wanted)
        runner.enqueue(job_id)
        return redirect(url_for("JobView.show", pk=job_id))

    def _page(self, table: str, template: str, **context: Any) -> Any:
        view = _listed(table)
        places = queries.columns_of(table).values()
        return self.render_template(
            template,
            table=table,
            view=view,
            heading=view.title,
            columns=[(f"1.{place}", label_of(name)) for place, name in enumerate(places)],
            **context,
        )


def _listed(table: str) -> ReferenceView:
    """Return the view of a dictionary the user may list."""
    view = next((each for each in appbuilder.baseviews if isinstance(each, ReferenceView) and each.table == table), None)
    if view is None:
        abort(404)
    if not appbuilder.sm.has_access("can_list", type(view).__name__):
        abort(403)
    return view


def _day(name: str, otherwise: date | None) -> date:
    try:
        return date.fromisoformat(request.args[name]) if request.args.get(name) else otherwise  # type: ignore[return-value]
    except ValueError:
        abort(400, _("This is no day."))
