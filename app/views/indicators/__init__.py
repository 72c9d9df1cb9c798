"""Indicators: what they count, how divisions compare, the rows behind each figure, and targets."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import clock, labels
from app.documents.indicators import INDICATORS, IndicatorSpec, figures
from app.documents.indicators.figures import Figures, Ranked
from app.documents.reports import cells
from app.domain import readers
from app.domain.administration import DivisionLevel, JobKind, roles
from app.domain.administration.pages import Page
from app.domain.calendar import latest_months, month_start, months_after
from app.domain.indicators import PLACES, Direction, IndicatorSpan, read_figure
from app.domain.reports import ReportSums, filled, parts_of
from app.extensions import appbuilder, db, set_change_reason, transaction
from app.gateways.targets_file import TARGETS
from app.jobs import runner
from app.queries import indicators as queries
from app.queries.administration import DivisionRecord
from app.queries.reports import ReportRequest
from app.services import indicators as service
from app.services.administration import start_job
from app.views import menu
from app.views.administration import division_asked, divisions_above, my_divisions
from app.views.reports.links import cell_links
from app.views.reports.shown import shown_table
from app.views.uploads import FileForm, LoadsFiles

#: Months offered.
MONTHS = 14


def permitted() -> list[IndicatorSpec]:
    """Return the indicators the reader may see: those whose rows he may look at."""
    return [spec for spec in INDICATORS.values() if appbuilder.sm.has_access(*spec.report.permission)]


def last_month() -> date:
    """Return the last month that is over."""
    return months_after(clock.today(), -1)


def rows_address(spec: IndicatorSpec, division_id: int, month: date) -> str:
    """Return the page with the rows that sum to a figure."""
    return url_for("IndicatorsView.rows", name=spec.name, division=division_id, month=month.isoformat())


class IndicatorsView(BaseView):
    """Figures that divisions are measured by."""

    page = Page(
        _l("Indicators"),
        {"can_catalogue can_ranking can_rows": roles.ACCOUNT_READERS, "can_change": (roles.RNI_EDITOR, roles.ADMINISTRATOR)},
        menu.MONITORING.at(12, "Indicators"),
    )
    route_base = "/indicators"
    default_view = "catalogue"
    base_permissions = ["can_catalogue", "can_ranking", "can_rows", "can_change"]

    @expose("/")
    @has_access
    def catalogue(self) -> Any:
        """Show what each indicator counts, in which unit, which way is better, and who answers for it."""
        words = {row.name: row for row in queries.own_words(db.session())}
        return self.render_template("indicators.html", rows=[Described.of(spec, words.get(spec.name)) for spec in permitted()])

    @expose("/<name>/change", methods=["GET", "POST"])
    @has_access
    def change(self, name: str) -> Any:
        """Say of an indicator what the company says of it."""
        spec = INDICATORS.get(name) or abort(404)
        words = {row.name: row for row in queries.own_words(db.session())}.get(name)
        if request.method == "GET":
            directions = [(each.value, labels.member(each)) for each in Direction]
            return self.render_template("indicator_words.html", spec=spec, words=words, directions=directions)
        given = {key: request.form.get(key, "").strip()[:most] for key, most in (("definition", 500), ("source", 300), ("owner", 200))}
        direction = request.form.get("direction", "")
        if direction not in {"", *Direction}:
            abort(400)
        set_change_reason(request.form.get("change_reason", ""))
        with transaction() as session:
            service.set_words(session, name, **given, direction=Direction(direction) if direction else None)
        flash(_("The row was changed."), "success")
        return redirect(url_for("IndicatorsView.catalogue"))

    @expose("/<name>")
    @has_access
    def ranking(self, name: str) -> Any:
        """Show how the parts of a division compare by an indicator, the best first."""
        asked = IndicatorRequest.of(name)
        level = DivisionLevel.DISTRICT if request.args.get("level") == DivisionLevel.DISTRICT else None
        inside, parts = asked.parts(level)
        found = asked.read(inside, parts)
        own = found.parts[name].get(asked.division.id)
        shown = {key: each for key, each in found.parts[name].items() if each is not own or own.value or len(found.parts[name]) == 1}
        rows = figures.ranked(shown, asked.names)
        links = [self._link(asked, row, has_parts=level is None) for row in rows]
        return self.render_template(
            "indicator_ranking.html",
            asked=asked,
            level=level,
            parents=divisions_above(asked.mine, asked.division),
            specs=permitted(),
            months=latest_months(clock.today(), MONTHS),
            whole=found.whole[name],
            rows=list(zip(rows, links, strict=True)),
            chart=figures.chart_of(rows, asked.spec, links),
        )

    def _link(self, asked: "IndicatorRequest", row: Ranked, *, has_parts: bool) -> str:
        """Return where a part leads: to its own parts, or to the rows that sum to its figure."""
        if has_parts and row.division_id != asked.division.id and any(each.parent_id == row.division_id for each in asked.mine):
            return url_for("IndicatorsView.ranking", name=asked.spec.name, division=row.division_id, month=asked.month.isoformat())
        return rows_address(asked.spec, row.division_id, asked.month)

    @expose("/<name>/rows")
    @has_access
    def rows(self, name: str) -> Any:
        """Show the rows that sum to an indicator of a division."""
        asked = IndicatorRequest.of(name)
        spec, report = asked.spec, asked.spec.report
        period = spec.period(asked.month, clock.today())
        inside, parts = parts_of(asked.mine, asked.division)
        counted = [row for row in report.rows(db.session(), ReportRequest(inside, parts, period)) if spec.counts(row)]
        columns = report.columns
        sums, rows = ReportSums(columns), [filled(columns, row) for row in counted]
        for row in rows:
            sums.add(row)
        links = ["" if row[0] == asked.division.id else rows_address(spec, row[0], asked.month) for row in rows]
        arguments = {"division": asked.division.id, "first": period.start.isoformat(), "last": period.last.isoformat()}
        return self.render_template(
            "indicator_rows.html",
            asked=asked,
            parents=divisions_above(asked.mine, asked.division),
            period=cells.period_text(report.period, period),
            table=shown_table(columns, rows, sums, asked.names, links, [cell_links(report, arguments, row) for row in rows]),
            report_arguments=arguments,
            months=latest_months(clock.today(), MONTHS) if spec.span == IndicatorSpan.MONTH else [],
        )


class Described(NamedTuple):
    """An indicator in the company's words, or as it was declared."""

    spec: IndicatorSpec
    definition: Any
    unit: str
    direction: str
    owner: Any
    source: Any

    @classmethod
    def of(cls, spec: IndicatorSpec, words: queries.OwnWords | None) -> "Described":
        """Return how an indicator is told."""
        direction = Direction((words and words.direction) or spec.direction)
        return cls(
            spec,
            (words and words.definition) or spec.definition,
            labels.member(spec.unit),
            labels.member(direction),
            (words and words.owner) or spec.owner,
            (words and words.source) or spec.report.title,
        )


class IndicatorRequest(NamedTuple):
    """An indicator of a division and a month, as a page's address asks for it."""

    spec: IndicatorSpec
    mine: Sequence[DivisionRecord]
    division: DivisionRecord
    month: date

    @classmethod
    def of(cls, name: str) -> "IndicatorRequest":
        """Return what is asked for; 404 for what is not there, 403 for what is not the reader's."""
        spec = INDICATORS.get(name) or abort(404)
        if spec not in permitted():
            abort(403)
        mine = my_divisions()
        return cls(spec, mine, division_asked(mine), month_asked())

    @property
    def names(self) -> Mapping[int, str]:
        """Division → its name."""
        return {each.id: each.name for each in self.mine}

    def parts(self, level: DivisionLevel | None) -> tuple[list[int], list[int]]:
        """Return the divisions inside, and the part each is counted in: right below, or each district by itself."""
        if level is None:
            return parts_of(self.mine, self.division)
        inside, parts = parts_of(self.mine, self.division, each=True)
        districts = {each.id for each in self.mine if each.level == level}
        return inside, [part if part in districts else self.division.id for part in parts]

    def read(self, inside: Sequence[int], parts: Sequence[int]) -> Figures:
        """Return the indicator of the division and of its parts."""
        return figures.read(db.session(), [self.spec], inside, parts, self.division.id, month=self.month, today=clock.today())


def month_asked() -> date:
    """Return the month a page's address asks for; the last full one, if it asks for none."""
    text = request.args.get("month", "")
    try:
        return month_start(date.fromisoformat(text)) if text else last_month()
    except ValueError:
        abort(400)


class TargetsView(LoadsFiles, BaseView):
    """What the divisions below one are to reach in a month."""

    page = Page(
        _l("Targets"),
        {"can_targets": roles.CORRECTION_READERS, "can_load can_set": (roles.SUPERVISOR,)},
        menu.MONITORING.at(13, "Targets"),
    )
    route_base = "/targets"
    default_view = "targets"
    base_permissions = ["can_targets", "can_set", "can_load"]
    file_spec = TARGETS

    @expose("/")
    @has_access
    def targets(self) -> Any:
        """Show the targets of a division's parts beside what they reached."""
        asked = self._asked()
        found = asked.read(*asked.parts(None))
        rows = [(each, found.parts[asked.spec.name].get(each.id)) for each in self._set_here(asked)]
        return self.render_template(
            "targets.html",
            asked=asked,
            parents=divisions_above(asked.mine, asked.division),
            specs=self._specs(),
            months=latest_months(months_after(clock.today(), 3), MONTHS + 3),
            whole=found.whole[asked.spec.name],
            rows=[(each, found.whole[asked.spec.name] if each.id == asked.division.id else figure) for each, figure in rows],
            written=_written,
        )

    @expose("/set", methods=["POST"])
    @has_access
    def set(self) -> Any:
        """Set the targets of a division's parts."""
        asked = self._asked()
        try:
            fields = {each.id: request.form.get(f"target_{each.id}", "") for each in self._set_here(asked)}
            given = {(division_id, asked.spec.name): _target(text, asked.spec) for division_id, text in fields.items()}
        except readers.Misread as misread:
            flash(labels.member(misread.fault), "danger")
        else:
            set_change_reason(request.form.get("change_reason", ""))
            with transaction() as session:
                changed = service.set_targets(session, asked.month, given)
            flash(_("Targets changed: %(count)s", count=changed), "success")
        return redirect(
            url_for("TargetsView.targets", indicator=asked.spec.name, division=asked.division.id, month=asked.month.isoformat())
        )

    @expose("/load", methods=["GET", "POST"])
    @has_access
    def load(self) -> Any:
        """Take in a file of targets and start its import."""
        form, top = FileForm(), my_divisions()
        if not form.validate_on_submit():
            return self.file_page(form, back=url_for("TargetsView.targets"))
        if not top:
            abort(403)
        with transaction() as session:
            given = {"file_id": form.stored(session, top[0].id).id, "user_id": g.user.id}
            job_id = start_job(session, JobKind.TARGET_IMPORT, division_id=top[0].id, parameters=given)
        runner.enqueue(job_id)
        return redirect(url_for("JobView.show", pk=job_id))

    def _asked(self) -> IndicatorRequest:
        specs = self._specs()
        name = request.args.get("indicator", "")
        spec = next((each for each in specs if not name or each.name == name), None) or abort(404)
        mine = my_divisions()
        return IndicatorRequest(spec, mine, division_asked(mine), month_asked())

    def _specs(self) -> list[IndicatorSpec]:
        """Return the indicators that targets are set for: not those of a single day."""
        return [spec for spec in permitted() if spec.span != IndicatorSpan.TODAY]

    def _set_here(self, asked: IndicatorRequest) -> list[DivisionRecord]:
        """Return the divisions whose targets are set on this page: the parts, and the company by who works in all of it."""
        own = [asked.division] if asked.division.level == DivisionLevel.REPUBLIC else []
        return own + [each for each in asked.mine if each.parent_id == asked.division.id]


def _target(text: str, spec: IndicatorSpec) -> int | None:
    """Return a target as it is kept; None: the field is empty.

    :raises readers.Misread: if it is no number, or below zero
    """
    return read_figure(text, spec.unit, least=0) if text.strip() else None


def _written(target: int | None, spec: IndicatorSpec) -> str:
    """Return a target as its field holds it."""
    return "" if target is None else readers.number_text(target, PLACES[spec.unit])


#: The pages of this area.
VIEWS = (IndicatorsView, TargetsView)
