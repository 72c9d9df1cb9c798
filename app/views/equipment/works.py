"""Works on devices and the orders to carry them out: lists, cards, and one page for each step."""

from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import FileField, SelectField, StringField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from app import clock, labels
from app.documents import downloads
from app.documents import maintenance as papers
from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.domain.documents import LARGEST_PICTURE_BYTES, PictureRefused
from app.domain.equipment.maintenance import MaintenanceFault, MaintenanceRefused, MaintenanceStatus
from app.extensions import db, set_change_reason, transaction
from app.gateways.pictures import drawn_anew
from app.models.equipment import StockPlace
from app.models.maintenance import MaintenanceOrder, MaintenanceRecord, MaintenanceWork
from app.models.reference import Brigade
from app.queries import maintenance as queries
from app.services.administration import store_file
from app.services.equipment import maintenance as service
from app.views import fields, menu
from app.views.base import FactView
from app.views.refusals import FormRefused, show_refusal
from app.views.stored_files import sent_file

#: Works that one page offers for an order, and how far ahead at first.
MOST_OFFERED = 200
_AHEAD = timedelta(days=31)
_COLUMNS = labels.COLUMN_LABELS


def _reason() -> StringField:
    return StringField(_COLUMNS["reason"], [DataRequired(), Length(max=300)])


class _ReasonForm(FlaskForm):
    """Why a step is taken."""

    reason = _reason()


class _PostponeForm(FlaskForm):
    """Up to when a work is put off, and why."""

    term_on = fields.day_field(_l("Put off to"), [InputRequired()])
    reason = _reason()


class _OneWorkForm(FlaskForm):
    """A work that stands in no plan of a year."""

    serial_number = StringField(_COLUMNS["serial_number"], [DataRequired(), Length(max=32)])
    maintenance_kind = SelectField(_COLUMNS["maintenance_kind"], [InputRequired()], coerce=int, choices=lambda: _kinds(is_optional=False))
    term_on = fields.day_field(_COLUMNS["term_on"], [InputRequired()])
    reason = _reason()


class _CarriedOutForm(FlaskForm):
    """When a work was done, how long it took, and what was used up: a field a material, added by ``form_of``."""

    done_on = fields.day_field(_l("Done on"), [InputRequired()])
    hours_milli = fields.quantity_field(_COLUMNS["hours_milli"], [InputRequired()], description=_l("Of all who worked, together."))
    stock_place = SelectField(_l("Materials came from"), coerce=fields.optional_number)
    remark = StringField(_l("What was found and done"), [Length(max=300)])
    photo = FileField(_l("Photograph"), description=_l("JPEG or PNG, up to 10 MB; what the phone wrote into it is left out."))

    def validate_photo(self, field: Any) -> None:
        """Draw the photograph anew, or say what is wrong with it."""
        if not field.data or not field.data.filename:
            field.data = None
            return
        try:
            field.data = drawn_anew(field.data.read(LARGEST_PICTURE_BYTES + 1))
        except PictureRefused as refused:
            raise ValidationError(labels.member(refused.fault)) from None


class _OfferForm(FlaskForm):
    """Which works are offered for an order."""

    class Meta:
        csrf = False

    division = fields.division_field([InputRequired()])
    until = fields.day_field(_l("Due up to"), [InputRequired()])
    maintenance_kind = SelectField(_COLUMNS["maintenance_kind"], coerce=fields.optional_number, choices=lambda: _kinds(is_optional=True))


class _WorkOrderForm(FlaskForm):
    """Who carries which works out, and when."""

    brigade = SelectField(_COLUMNS["brigade"], [InputRequired()], coerce=fields.optional_number)
    work_on = fields.day_field(_COLUMNS["work_on"], [InputRequired()])
    note = StringField(_COLUMNS["note"], [Length(max=300)])
    works = fields.ChecksField(_l("Works"), choices=[])


def _kinds(*, is_optional: bool) -> list[tuple[int | str, str]]:
    found: list[tuple[int | str, str]] = [(each.id, each.name) for each in queries.kinds(db.session())]
    return [("", ""), *found] if is_optional else found


def _kept_there(model: type[Brigade | StockPlace], division_id: int) -> list[tuple[int | str, str]]:
    """Return the brigades, or the warehouses and brigades, of a division."""
    found = select(model).where(model.division_id == division_id, model.retired_on.is_(None)).order_by(model.name, model.id)
    return [("", ""), *((row.id, row.name) for row in db.session.scalars(found))]


def _form_of(work: MaintenanceWork, materials: list[queries.NormedMaterial]) -> _CarriedOutForm:
    """Return the form of a work that was done, with a field for each material that is offered."""
    made = {
        f"material_{each.id}": fields.quantity_field(
            f"{each.name}, {each.unit}", [Optional()],
            description=_("By norm: %(quantity)s", quantity=labels.quantity(each.norm_milli)) if each.norm_milli else "",
        )
        for each in materials
    }  # fmt: skip
    form: _CarriedOutForm = type("WorkDoneForm", (_CarriedOutForm,), made)()
    form.stock_place.choices = _kept_there(StockPlace, work.division_id)
    if request.method == "GET":
        form.done_on.data, form.hours_milli.data = clock.today(), work.maintenance_kind.norm_hours_milli
        for each in materials:
            form[f"material_{each.id}"].data = each.norm_milli
    return form


def _stored(session: Any, work: MaintenanceWork, photo: bytes | None) -> int | None:
    """Keep a photograph of a work and return the number of its file."""
    if not photo:
        return None
    name = f"maintenance-{work.id}.jpg"
    stored: int = store_file(session, division_id=work.division_id, name=name, media_type="image/jpeg", content=photo).id
    return stored


def _show(form: FlaskForm, refused: MaintenanceRefused) -> None:
    column = refused.column if refused.column and refused.column in form else None
    show_refusal(form, FormRefused(labels.maintenance_refusal(refused), column))


class MaintenanceWorkView(FactView):
    page = Page(
        _l("Works on devices"),
        {f"{LOOK} can_photo": roles.EQUIPMENT_READERS, "can_plan_work can_record_work": roles.EQUIPMENT_EDITORS},
        menu.EQUIPMENT.at(72, "Works on devices"),
    )
    datamodel = SQLAInterface(MaintenanceWork)
    list_template = "maintenance_works.html"
    list_columns = ["id", "term_on", "maintenance_kind", "device", "status", "maintenance_order", "maintenance_plan", "division"]
    search_columns = ["status", "term_on", "maintenance_kind", "device", "maintenance_order", "maintenance_plan", "division"]
    base_order = ("id", "desc")
    read_along = ("device.model", "maintenance_plan.division")
    searched = ("device",)
    base_permissions = ["can_list", "can_show", "can_photo", "can_plan_work", "can_record_work"]

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show a work with what happened to it, and what can be done."""
        work, session = self.found(pk), db.session()
        waits = work.status in {MaintenanceStatus.PLANNED, MaintenanceStatus.ORDERED}
        return self.render_template(
            "maintenance_work.html",
            work=work,
            steps=queries.steps_of(session, work.id),
            used=queries.materials_used(session, work.id),
            last_id=queries.last_step(session, work.id),
            late_days=(clock.today() - work.term_on).days if waits else 0,
        )

    @expose("/plan-work", methods=["GET", "POST"])
    @has_access
    def plan_work(self) -> Any:
        """Plan a work that stands in no plan of a year."""
        form = _OneWorkForm()
        if request.method == "GET":
            form.serial_number.data, form.term_on.data = request.args.get("serial", ""), clock.today()
        elif form.validate():
            try:
                with transaction() as session:
                    work_id = service.plan_one(
                        session, form.serial_number.data.strip(), form.maintenance_kind.data, term_on=form.term_on.data,
                        reason=form.reason.data.strip(), today=clock.today(),
                    ).id  # fmt: skip
            except MaintenanceRefused as refused:
                _show(form, refused)
            else:
                flash(_("The work was planned."), "success")
                return redirect(url_for(".show", pk=work_id))
        return self._page(_("Plan a work outside the plans"), form, url_for(".list"), _("Plan"))

    @expose("/carry-out/<pk>", methods=["GET", "POST"])
    @has_access
    @permission_name("record_work")
    def carry_out(self, pk: str) -> Any:
        """Record that a brigade carried a work out, with hours, materials and a photograph."""
        work = self.found(pk)
        materials = queries.materials_of(db.session(), work.maintenance_kind_id)
        form = _form_of(work, materials)

        def record(session: Any) -> None:
            used = {each.id: form[f"material_{each.id}"].data for each in materials if form[f"material_{each.id}"].data}
            done = service.CarriedOut(
                form.done_on.data, form.hours_milli.data, (form.remark.data or "").strip(), used, form.stock_place.data,
                _stored(session, work, form.photo.data),
            )  # fmt: skip
            service.carry_out(session, int(pk), done, today=clock.today())

        return self._step(work, form, record, _("Work done"), _("Record"))

    @expose("/postpone/<pk>", methods=["GET", "POST"])
    @has_access
    @permission_name("record_work")
    def postpone(self, pk: str) -> Any:
        """Put a work off to a later day."""
        work, form = self.found(pk), _PostponeForm()

        def record(session: Any) -> None:
            service.postpone(session, int(pk), to=form.term_on.data, reason=form.reason.data.strip(), today=clock.today())

        return self._step(work, form, record, _("Put the work off"), _("Put off"))

    @expose("/cancel/<pk>", methods=["GET", "POST"])
    @has_access
    @permission_name("record_work")
    def cancel_work(self, pk: str) -> Any:
        """Cancel a work that waits."""
        work, form = self.found(pk), _ReasonForm()

        def record(session: Any) -> None:
            service.cancel(session, int(pk), reason=form.reason.data.strip(), today=clock.today())

        return self._step(work, form, record, _("Cancel the work"), _("Cancel the work"))

    @expose("/undo/<pk>", methods=["GET", "POST"])
    @has_access
    @permission_name("record_work")
    def undo(self, pk: str) -> Any:
        """Take the last step of a work back by a counter-record."""
        work, form = self.found(pk), _ReasonForm()

        def record(session: Any) -> None:
            last = queries.last_step(session, int(pk))
            if last is None:
                raise MaintenanceRefused(MaintenanceFault.NOT_LAST)
            service.undo(session, last, reason=form.reason.data.strip(), today=clock.today())

        return self._step(work, form, record, _("Take the last step back"), _("Take back"))

    @expose("/photo/<int:record_id>", methods=["GET"])
    @has_access
    def photo(self, record_id: int) -> Any:
        """Send the photograph of a record."""
        record = db.session.get(MaintenanceRecord, record_id)
        return sent_file(record.stored_file_id if record else None, is_shown=True)

    def _step(self, work: MaintenanceWork, form: Any, record: Any, title: str, send: str) -> Any:
        """Ask what a step needs, and take it."""
        back = url_for("MaintenanceWorkView.show", pk=work.id)
        if request.method == "POST" and form.validate():
            set_change_reason(request.form.get("reason") or request.form.get("remark") or "")
            try:
                with transaction() as session:
                    record(session)
            except MaintenanceRefused as refused:
                _show(form, refused)
            else:
                flash(_("Recorded."), "success")
                return redirect(back)
        return self._page(f"{title}: {work}", form, back, send)

    def _page(self, title: str, form: Any, back: str, send: str) -> Any:
        return self.render_template("maintenance_step.html", title=title, form=form, back=back, send=send, file="photo" in form)


class MaintenanceOrderView(FactView):
    page = Page(
        _l("Work orders"),
        {f"{LOOK} can_pdf": roles.EQUIPMENT_READERS, "can_order_works can_withdraw_order": roles.EQUIPMENT_EDITORS},
        menu.EQUIPMENT.at(73, "Work orders"),
    )
    datamodel = SQLAInterface(MaintenanceOrder)
    list_template = "maintenance_orders.html"
    list_columns = ["id", "work_on", "brigade", "note", "division", "created_at", "created_by"]
    search_columns = ["work_on", "brigade", "division", "created_by"]
    base_order = ("id", "desc")
    searched = ("id",)
    base_permissions = ["can_list", "can_show", "can_pdf", "can_order_works", "can_withdraw_order"]

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show an order with its works and how far each is."""
        order = self.found(pk)
        works = queries.works_of_order(db.session(), order.id)
        waiting = queries.waiting_in(db.session(), order.id)
        return self.render_template("maintenance_order.html", order=order, works=works, waiting=waiting)

    @expose("/pdf/<pk>", methods=["GET"])
    @has_access
    def pdf(self, pk: str) -> Any:
        """Send the paper of an order in the reader's language."""
        order, session = self.found(pk), db.session()
        works = queries.works_of_order(session, order.id)
        paper = papers.order_pdf(order, works, queries.materials_for(session, order.id))
        return downloads.inline(paper, f"work-order-{order.id}.pdf", "application/pdf")

    @expose("/order-works", methods=["GET", "POST"])
    @has_access
    def order_works(self) -> Any:
        """Choose works that are due and order them from a brigade."""
        offer = _OfferForm(request.args)
        if not offer.until.data:
            offer.until.data = clock.today() + _AHEAD
        if not offer.division.data:
            offer.division.data = fields.division_choices()[0][0]
        form, division_id, until = _WorkOrderForm(), offer.division.data, offer.until.data
        works = queries.works_to_order(
            db.session(), division_id, until=until, kind_id=offer.maintenance_kind.data or None, limit=MOST_OFFERED
        )
        form.brigade.choices = _kept_there(Brigade, division_id)
        form.works.choices = [(each.id, _offered(each)) for each in works]
        if request.method == "GET":
            form.work_on.data = clock.today()
        elif form.validate():
            answer = self._ordered(form, division_id, clock.today())
            if answer is not None:
                return answer
        return self.render_template("maintenance_order_new.html", offer=offer, form=form, works=works, most=MOST_OFFERED)

    def _ordered(self, form: _WorkOrderForm, division_id: int, today: date) -> Any:
        wanted = service.WorkOrderRequest(
            division_id, form.brigade.data, form.work_on.data, form.works.data or [], (form.note.data or "").strip()
        )
        try:
            with transaction() as session:
                order_id = service.order_works(session, wanted, today=today).id
        except MaintenanceRefused as refused:
            _show(form, refused)
            return None
        flash(_("The works were ordered."), "success")
        return redirect(url_for(".show", pk=order_id))

    @expose("/withdraw/<pk>", methods=["GET", "POST"])
    @has_access
    @permission_name("withdraw_order")
    def withdraw(self, pk: str) -> Any:
        """Take back what an order still waits for."""
        order, form = self.found(pk), _ReasonForm()
        back = url_for(".show", pk=order.id)
        if request.method == "POST" and form.validate():
            set_change_reason(form.reason.data)
            try:
                with transaction() as session:
                    count = service.withdraw_order(session, int(pk), reason=form.reason.data.strip(), today=clock.today())
            except MaintenanceRefused as refused:
                _show(form, refused)
            else:
                flash(ngettext("%(num)s work is planned as before.", "%(num)s works are planned as before.", count), "success")
                return redirect(back)
        title = _("Withdraw work order № %(number)s", number=order.id)
        return self.render_template("maintenance_step.html", title=title, form=form, back=back, send=_("Withdraw"), file=False)


def _offered(work: queries.ListedWork) -> str:
    return " · ".join(filter(None, (labels.day(work.term_on), work.kind, work.device, work.address)))


#: The pages of works and their orders.
VIEWS = (MaintenanceWorkView, MaintenanceOrderView)
