"""Documents of equipment: the list, a card with its paper, signatures and counter-document, and one page to draw up each kind."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy.exc import DataError, IntegrityError
from wtforms import HiddenField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from app import clock, labels
from app.documents import downloads
from app.documents import equipment as papers
from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.domain.applications import ApplicationRefused
from app.domain.equipment import OF_SEALS, DocumentStatus, EquipmentDocumentKind, MovementRefused
from app.extensions import db, set_change_reason, transaction
from app.gateways.seals_file import SEALS
from app.models.equipment import EquipmentDocument
from app.queries import documents as named
from app.queries import equipment as queries
from app.services import equipment as service
from app.services.equipment import DocumentRequest
from app.views import for_application, menu
from app.views.base import FactView
from app.views.equipment.forms import ASKED, form_of
from app.views.refusals import FormRefused, explained, show_refusal
from app.views.uploads import LoadsFiles

_SIGNERS = (roles.ENGINEER, roles.BILLING_OPERATOR, roles.SUPERVISOR)


class _ReverseForm(FlaskForm):
    """Why a document is undone."""

    reason = StringField(labels.COLUMN_LABELS["act_reason"], [DataRequired(), Length(max=300)])
    reference = HiddenField(validators=[InputRequired(), Length(max=70)])


class EquipmentDocumentView(FactView):
    page = Page(
        _l("Documents of equipment"),
        {LOOK: roles.EQUIPMENT_READERS, "can_pdf": roles.EQUIPMENT_READERS, "can_sign": _SIGNERS, "can_reverse_document": _SIGNERS},
        menu.EQUIPMENT.at(44, "Documents of equipment"),
    )
    datamodel = SQLAInterface(EquipmentDocument)
    list_columns = [
        "id", "document_on", "kind", "document_number", "status", "stock_place", "reason",
    ]  # fmt: skip
    show_columns = [*list_columns, "division", "created_by", "to_division", "reverses_id", "inventory_id"]
    search_columns = ["kind", "status", "document_on", "stock_place", "division", "document_number", "reason"]
    base_order = ("id", "desc")
    searched = ("id",)
    base_permissions = ["can_list", "can_show", "can_pdf", "can_sign", "can_reverse_document"]

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show a document with its devices, who signed it, and what takes it back."""
        document = self.found(pk)
        signers = queries.signers(db.session(), document.id)
        return self.render_template(
            "equipment_document.html", document=document, signers=signers, undone_by=queries.undone_by(db.session(), document.id),
            may_sign=document.status == DocumentStatus.REQUESTED, differences=queries.differences(db.session(), document.id),
        )  # fmt: skip

    @expose("/pdf/<pk>", methods=["GET"])
    @has_access
    def pdf(self, pk: str) -> Any:
        """Send the paper of a document in Uzbek and in Russian, as it was performed."""
        document = self.found(pk)
        if document.status == DocumentStatus.REQUESTED:
            abort(404)
        division = named.division_names(db.session(), document.division_id, document.created_at)
        paper = papers.document_pdf(document, queries.signers(db.session(), document.id), division)
        return downloads.inline(paper, papers.file_name(document), "application/pdf")

    @expose("/sign/<pk>", methods=["POST"])
    @has_access
    def sign(self, pk: str) -> Any:
        """Sign a document; the last signature performs it."""
        document_id = self.found(pk).id
        try:
            with transaction() as session:
                status = service.sign(session, document_id, today=clock.today(), now=clock.now()).status
        except MovementRefused as refused:
            flash(labels.movement_refusal(refused), "danger")
        else:
            flash(_("Signed and performed.") if status == DocumentStatus.DONE else _("Signed."), "success")
        return redirect(url_for("EquipmentDocumentView.show", pk=document_id))

    @expose("/reverse/<pk>", methods=["GET", "POST"])
    @has_access
    def reverse_document(self, pk: str) -> Any:
        """Ask why, show the devices, then draw up the counter-document."""
        document, form, found = self.found(pk), _ReverseForm(), None
        if request.method == "GET":
            form.reference.data = uuid4().hex
        elif form.validate():
            wanted = service.reversal_of(document, reason=form.reason.data, reference=form.reference.data)
            answer = answered(form, wanted)
            if answer is not None and not isinstance(answer, Mapping):
                return answer
            found, document = answer, self.found(pk)
        return self.render_template(
            "equipment_new.html", form=form, kind=document.kind, undone=document, found=found, back=url_for(".show", pk=document.id)
        )


class NewEquipmentDocumentView(LoadsFiles, BaseView):
    page = Page(
        _l("New document of equipment"),
        {"can_kinds can_draw_up can_load": (roles.ENGINEER, roles.BILLING_OPERATOR)},
        menu.EQUIPMENT.at(43, "New document of equipment"),
    )
    route_base = "/equipment-documents"
    default_view = "kinds"
    base_permissions = ["can_kinds", "can_draw_up", "can_load"]
    file_spec = SEALS

    @expose("/")
    @has_access
    def kinds(self) -> Any:
        """Show the kinds of documents in the order of a device's life."""
        of_devices, of_seals = ([kind for kind in ASKED if (kind in OF_SEALS) == is_of_seals] for is_of_seals in (False, True))
        return self.render_template("equipment_kinds.html", groups=((_("Devices"), of_devices), (_("Seals"), of_seals)))

    @expose("/new/<kind>", methods=["GET", "POST"])
    @has_access
    def draw_up(self, kind: str) -> Any:
        """Show the form of a kind, then what the document would do, then draw it up."""
        if kind not in {each.value for each in ASKED}:
            abort(404)
        event, found = EquipmentDocumentKind(kind), None
        form = form_of(event)()
        if request.method == "GET":
            form.reference.data, form.document_on.data = uuid4().hex, clock.today()
            name = "seals" if event in OF_SEALS else "devices"
            form[name].data = request.args.get(name, "")
            for_application.fill(form)
        elif form.validate():
            answer = answered(form, _wanted(form, event))
            if answer is not None and not isinstance(answer, Mapping):
                return answer
            found = answer
        return self.render_template("equipment_new.html", form=form, kind=event, undone=None, found=found, back=url_for(".kinds"))


def _wanted(form: Any, kind: EquipmentDocumentKind) -> DocumentRequest:
    return DocumentRequest(
        kind, form.division.data, form.document_on.data, (form.document_number.data or "").strip(), form.reason.data,
        form.parameters(kind), form.reference.data,
        stock_place_id=form.stock_place.data if "stock_place" in ASKED[kind] else None,
        to_division_id=form.to_division.data if "to_division" in ASKED[kind] else None,
    )  # fmt: skip


def answered(form: FlaskForm, wanted: DocumentRequest) -> Any:
    """Preview or draw up a document; return what it would do, a redirect to its card, or None if it is refused beside a field."""
    try:
        if request.form.get("step") == "do":
            return _draw_up(wanted)
        found = service.preview(db.session(), wanted, today=clock.today())
    except MovementRefused as refused:
        column = refused.column if refused.column and refused.column in form else None
        show_refusal(form, FormRefused(labels.movement_refusal(refused), column))
    except ApplicationRefused as refused_work:
        show_refusal(form, FormRefused(labels.application_refusal(refused_work)))
    except (IntegrityError, DataError) as error:
        show_refusal(form, explained(error))
    else:
        return found
    finally:
        db.session.rollback()
    return None


def _draw_up(wanted: DocumentRequest) -> Any:
    set_change_reason(wanted.reason)
    with transaction() as session:
        document = service.submit(session, wanted, today=clock.today())
        for_application.close(session, document.reference)
        document_id, waits = document.id, document.status == DocumentStatus.REQUESTED
    flash(_("Drawn up; it lacks signatures.") if waits else _("The document was performed."), "info" if waits else "success")
    return redirect(url_for("EquipmentDocumentView.show", pk=document_id))


#: The pages of documents.
VIEWS = (EquipmentDocumentView, NewEquipmentDocumentView)
