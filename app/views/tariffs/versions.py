"""Versions of tariffs: drafted as a grid beside the version in force, with a warning of each price that disappears."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_appbuilder.widgets import FormWidget
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock, labels
from app.domain.administration import roles
from app.domain.administration.pages import EDIT, LOOK, Page
from app.domain.calendar import months_after
from app.extensions import db, transaction
from app.jobs import runner
from app.labels import COLUMN_LABELS
from app.models.administration import Approval
from app.models.tariffs import Tariff, TariffBlock, TariffVersion
from app.queries import tariffs as queries
from app.services.billing import shadow
from app.views import menu
from app.views.base import FactView
from app.views.reference import ReferenceView
from app.views.tariffs.comparison import ComparedVersions, compare
from app.views.tariffs.fields import GridField


class TariffBlockView(FactView):
    page = Page(_l("Tariff blocks"), {LOOK: roles.DOCUMENT_READERS}, menu.REFERENCE.at(30, "Tariff blocks"), company_wide=LOOK)
    datamodel = SQLAInterface(TariffBlock)
    list_columns = ["version", "zone", "block_no", "upper_milli", "rate"]
    show_columns = list_columns
    formatters_columns = {"zone": labels.register}
    base_order = ("id", "asc")


class VersionForm(FormWidget):
    """The form of a version: its data, the grid, and what it is compared with."""

    template = "widgets/tariff_version.html"


class TariffVersionView(ReferenceView):
    page = Page(
        _l("Tariff versions"),
        {LOOK: roles.DOCUMENT_READERS, f"{EDIT} can_effect": roles.REFERENCE_EDITORS, "can_effect": (roles.SUPERVISOR,)},
        menu.REFERENCE.at(20, "Tariff versions"),
        company_wide=LOOK,
    )
    datamodel = SQLAInterface(TariffVersion)
    base_permissions = ["can_list", "can_show", "can_add", "can_edit", "can_delete", "can_effect"]
    list_columns = form_columns = ["tariff", "valid_from", "valid_to", "source"]
    base_order = ("id", "asc")
    searched = ("tariff", "source")
    related_views = [TariffBlockView]
    show_template = "tariff_version.html"
    add_widget = edit_widget = VersionForm
    add_form_extra_fields = {"blocks": GridField(COLUMN_LABELS["blocks"])}
    edit_form_extra_fields = add_form_extra_fields

    def proposed(self, session: Session, asked: Approval) -> list[int]:
        """Start to compute what a draft does to the bills of the last month."""
        return shadow.start_effects(session, asked.id, today=clock.today())

    @expose("/effect/<int:approval_id>", methods=["POST"])
    @has_access
    def effect(self, approval_id: int) -> Any:
        """Compute what the drafts of a request do to the bills of the last month, where that is not known."""
        asked = db.session.get(Approval, approval_id) if approval_id < 10**18 else None
        if asked is None:
            abort(404)
        with transaction() as session:
            jobs = shadow.start_effects(session, asked.id, today=clock.today())
        for job_id in jobs:
            runner.enqueue(job_id)
        flash(
            _("The effect is being computed.") if jobs else _("There is nothing to compute: no month was posted, or the effect is known."),
            "info",
        )
        return redirect(url_for("ApprovalView.show", pk=asked.id))

    def _add(self) -> Any:
        if "grid" in request.form:
            return self._get_add_widget(form=self._reworked(self.add_form.refresh()))
        return super()._add()

    def _edit(self, pk: Any) -> Any:
        if "grid" in request.form:
            item = self.datamodel.get(pk, self._base_filters) or abort(404)
            form = self._reworked(self.edit_form.refresh())
            form._id = self.datamodel.get_pk_value(item)  # noqa: SLF001 - the framework's own mark for its unique check
            return self._get_edit_widget(form=form)
        return super()._edit(pk)

    def _prefill(self, form: Any) -> None:
        """Begin with the version in force of the tariff that the address names, from the next month on."""
        super()._prefill(form)
        form.valid_from.data = months_after(clock.today(), 1)
        wanted = request.args.get("tariff", "")
        form.tariff.data = db.session.get(Tariff, int(wanted)) if wanted.isdecimal() and len(wanted) < 10 else None
        self._take(form)

    def _reworked(self, form: Any) -> Any:
        """Return a form whose grid was given rows, a zone or the prices in force; nothing is stored."""
        action = request.form["grid"]
        if action == "zone":
            form.blocks.add_zone(request.form.get("zone", ""))
        elif action == "take":
            self._take(form)
        elif action == "rows":
            form.blocks.add_rows()
        return form

    def _take(self, form: Any) -> None:
        held = queries.version_before(db.session(), form.tariff.data.id, form.valid_from.data) if _is_about_prices(form) else None
        form.blocks.take(held.blocks if held else ())

    def _stored(self, form: Any, item: Any, *, is_new: bool) -> bool:
        """Put a version into the inbox; prices that disappear are told first."""
        compared = _compared(form)
        if compared and compared.warnings and request.form.get("lost_seen") != "1":
            flash(_("Prices disappear: read the warnings below the grid, and say that you have."), "warning")
            db.session.rollback()
            return False
        return super()._stored(form, item, is_new=is_new)

    def _get_add_widget(self, form: Any, exclude_cols: Any = None, widgets: Any = None) -> Any:
        return _with_comparison(super()._get_add_widget(form, exclude_cols, widgets), "add", form)

    def _get_edit_widget(self, form: Any, exclude_cols: Any = None, widgets: Any = None) -> Any:
        return _with_comparison(super()._get_edit_widget(form, exclude_cols, widgets), "edit", form)

    def render_template(self, template: str, **kwargs: Any) -> Any:
        """Render a page; that of a version shows it beside the one before."""
        if template == self.show_template and (version := db.session.get(TariffVersion, int(kwargs["pk"]))):
            blocks = queries.version_from(db.session(), version.tariff_id, version.valid_from)
            kwargs["compared"] = compare(
                version.tariff_id, blocks.blocks if blocks else (), begins=version.valid_from, ends=version.valid_to
            )
        return super().render_template(template, **kwargs)


def _is_about_prices(form: Any) -> bool:
    return form.tariff.data is not None and isinstance(form.valid_from.data, date)


def _compared(form: Any) -> ComparedVersions | None:
    """Return what a form would make beside the version in force; None while it does not say enough."""
    if not _is_about_prices(form) or not form.blocks.blocks():
        return None
    return compare(form.tariff.data.id, form.blocks.blocks(), begins=form.valid_from.data, ends=form.valid_to.data)


def _with_comparison(widgets: Any, name: str, form: Any) -> Any:
    given: dict[str, Any] = {"compared": _compared(form), "waiting_drafts": []}
    if form.tariff.data is not None:
        given["waiting_drafts"] = queries.waiting_drafts(db.session(), form.tariff.data.id)
    args: Mapping[str, Any] = widgets[name].template_args
    widgets[name].template_args = {**args, **given}
    return widgets
