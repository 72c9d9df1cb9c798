"""Rounds of inspectors: planned in the office, walked with a page that works without a link, and proposals decided by staff."""

import base64
import binascii
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Any

from flask import Response, current_app, flash, g, jsonify, redirect, request, send_from_directory, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.csrf import generate_csrf
from sqlalchemy import select
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from app import clock, labels
from app.domain.acts import ActRefused
from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.domain.documents import LARGEST_PICTURE_BYTES, PictureRefused
from app.domain.equipment.maintenance import MaintenanceRefused
from app.domain.field_work import MOST_CARRIED, MOST_SEALS_CARRIED, FieldFault, FieldRefused, ProposalStatus, RoundReason, moment, read_act
from app.domain.seals import SealedPart, SealRefused
from app.domain.supply import Consent, SupplyOrderKind
from app.extensions import appbuilder, db, record_disclosure, set_change_reason, transaction
from app.gateways.pictures import drawn_anew
from app.models.administration import Department
from app.models.field_work import FieldProposal, FieldRound
from app.models.maintenance import MaintenanceWork
from app.models.reference import Brigade, Street
from app.queries import administration as files
from app.queries import field_work as queries
from app.queries import metering as registers
from app.queries import seals
from app.queries.maintenance import WorkAtPoint, works_at
from app.services import field_work as service
from app.services import metering
from app.services.metering.judging import limits_on
from app.views import fields, menu
from app.views.base import FactView
from app.views.stored_files import sent_file

#: Days of earlier rounds that a phone still shows.
_BEFORE = timedelta(days=7)
_STAFF = (roles.ENGINEER, *roles.BILLING_STAFF)
_WALKERS = (roles.INSPECTOR, roles.ENGINEER)


class PlanForm(FlaskForm):
    """Who goes where, why and when."""

    division = fields.division_field()
    round_reason = fields.enum_field(labels.COLUMN_LABELS["round_reason"], RoundReason, [InputRequired()])
    street = fields.LookupField(
        labels.COLUMN_LABELS["street"],
        [Optional()],
        model=Street,
        description=_l("Empty: all of the division; of inspections, the places whose inspection is open."),
    )
    round_on = fields.day_field(labels.COLUMN_LABELS["round_on"], [InputRequired()])
    inspector = SelectField(labels.COLUMN_LABELS["inspector"], [InputRequired()], coerce=int)
    department = SelectField(labels.COLUMN_LABELS["department"], coerce=fields.optional_number)
    brigade = SelectField(labels.COLUMN_LABELS["brigade"], coerce=fields.optional_number, description=_l("Whose seals are taken along."))
    title = StringField(labels.COLUMN_LABELS["title"], [DataRequired(), Length(max=200)])

    def prepare(self, today: date) -> None:
        """Offer inspectors and departments."""
        self.inspector.choices = [(each.id, each.name) for each in queries.inspectors(db.session(), _WALKERS)]
        offered = select(Department).where(Department.valid_to.is_(None) | (Department.valid_to > today)).order_by(Department.id)
        self.department.choices = [("", ""), *((row.id, labels.row_name(row)) for row in db.session.scalars(offered))]
        here = [each.id for each in files.divisions_here(db.session())]
        brigades = select(Brigade).where(Brigade.division_id.in_(here), Brigade.retired_on.is_(None) | (Brigade.retired_on > today))
        rows = db.session.scalars(brigades.order_by(Brigade.name, Brigade.id))
        self.brigade.choices = [("", ""), *((row.id, f"{row.name} · {row.division}") for row in rows)]


class FieldRoundView(FactView):
    page = Page(_l("Rounds"), {LOOK: roles.EQUIPMENT_READERS, "can_plan": _STAFF}, menu.METERING.at(90, "Rounds"))
    datamodel = SQLAInterface(FieldRound)
    list_columns = ["round_on", "title", "round_reason", "inspector", "department", "division", "created_by"]
    search_columns = ["round_on", "title", "round_reason", "division"]
    base_order = ("id", "desc")
    searched = ("inspector",)
    base_permissions = ["can_list", "can_show", "can_plan"]
    list_template = "field_rounds.html"

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show a round with its points and what was proposed about each."""
        found = self.found(pk)
        points = queries.points_of(db.session(), found.id)
        record_disclosure("account", [point.account_id for point in points])
        works = works_by_point([point.service_point_id for point in points] if found.round_reason == RoundReason.MAINTENANCE else [])
        return self.render_template("field_round.html", round=found, points=points, works=works)

    @expose("/plan", methods=["GET", "POST"])
    @has_access
    def plan(self) -> Any:
        """Plan a round by street and reason."""
        form = PlanForm()
        form.prepare(clock.today())
        if form.validate_on_submit():
            street = form.street.data
            wanted = service.RoundPlan(
                form.division.data, form.department.data, form.inspector.data, form.round_reason.data, form.round_on.data,
                form.title.data.strip(), street.id if street else None, form.brigade.data or None,
            )  # fmt: skip
            try:
                with transaction() as session:
                    round_id = service.plan_round(session, wanted, today=clock.today()).id
            except FieldRefused as refused:
                form["round_on" if refused.fault == FieldFault.DAY_IS_OVER else "street"].errors = [labels.member(refused.fault)]
            else:
                flash(_("The round was planned."), "success")
                return redirect(url_for("FieldRoundView.show", pk=round_id))
        return self.render_template("field_round_plan.html", form=form)


class FieldProposalView(FactView):
    page = Page(
        _l("Proposals of inspectors"),
        {f"{LOOK} can_photo": roles.EQUIPMENT_READERS, "can_decide": _STAFF},
        menu.METERING.at(100, "Proposals of inspectors"),
    )
    datamodel = SQLAInterface(FieldProposal)
    list_columns = [
        "id", "status", "kind", "account", "inspector", "happened_at", "received_at", "is_clock_off", "is_read_already",
        "remark",
    ]  # fmt: skip
    search_columns = ["status", "kind", "account", "division", "received_at", "is_clock_off", "is_read_already", "decided_by", "remark"]
    base_order = ("id", "desc")
    searched = ("id", "account")
    base_permissions = ["can_list", "can_show", "can_decide", "can_photo"]

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show a proposal with both clocks, what registers showed before, and the photograph."""
        found = self.found(pk)
        record_disclosure("account", [found.account_id])
        rows = queries.proposed_registers(db.session(), found.account_id, [int(each) for each in found.contents["dials"]])
        return self.render_template(
            "field_proposal.html",
            proposal=found,
            registers=[(row, found.contents["dials"][str(row.register_id)]) for row in rows],
            may_decide=found.status == ProposalStatus.WAITING and appbuilder.sm.has_access("can_decide", "FieldProposalView"),
            works=_works_told(found),
            consent=Consent(found.contents["consent"]) if found.contents["consent"] else None,
            seal_fault=service.seal_fault(db.session(), found) if found.status == ProposalStatus.WAITING else None,
        )

    @expose("/decide/<int:proposal_id>", methods=["POST"])
    @has_access
    def decide(self, proposal_id: int) -> Any:
        """Accept a proposal by the office's own readings and acts, or refuse it with a reason."""
        self.found(str(proposal_id))
        reason, is_granted = request.form.get("remark", "")[:300], "accept" in request.form
        set_change_reason(reason)
        try:
            with transaction() as session:
                if is_granted:
                    service.accept(session, proposal_id, sure="sure" in request.form, by=g.user.username, now=clock.now())
                else:
                    service.refuse(session, proposal_id, reason=reason, by=g.user.username, now=clock.now())
        except (FieldRefused, ActRefused, MaintenanceRefused, SealRefused, metering.ReadingRefused, metering.Doubtful) as refused:
            flash(_told(refused), "danger")
        else:
            flash(_("The proposal was accepted.") if is_granted else _("The proposal was refused."), "success")
        return redirect(url_for("FieldProposalView.show", pk=proposal_id))

    @expose("/photo/<int:proposal_id>", methods=["GET"])
    @has_access
    def photo(self, proposal_id: int) -> Any:
        """Send the photograph of a proposal."""
        return sent_file(self.found(str(proposal_id)).stored_file_id, is_shown=True)


def _works_told(proposal: FieldProposal) -> str:
    """Return the works that a proposal says were done, with their hours."""
    given = proposal.contents.get("works") or {}
    rows = [db.session.get(MaintenanceWork, int(work)) for work in given]
    return "; ".join(f"{row} {row.device}: {given[str(row.id)]}" for row in rows if row is not None)


def _told(refused: Exception) -> str:
    """Return why a proposal is not accepted, in the reader's words."""
    if isinstance(refused, ActRefused):
        return labels.act_refusal(refused)
    if isinstance(refused, SealRefused):
        return labels.seal_refusal(refused)
    if isinstance(refused, MaintenanceRefused):
        return labels.maintenance_refusal(refused)
    if isinstance(refused, metering.Doubtful):
        return _("This is odd: %(detail)s. Tick that it is right, or refuse it.", detail=labels.member(refused.doubt))
    if isinstance(refused, metering.ReadingRefused):
        return labels.member(refused.problem)
    assert isinstance(refused, FieldRefused)
    return labels.member(refused.fault)


class FieldView(BaseView):
    """The page that inspectors take along, its service worker, and what both send and fetch."""

    page = Page(_l("My rounds"), {"can_use": _WALKERS}, menu.METERING.at(85, "My rounds"))
    route_base = "/field"
    default_view = "use"
    base_permissions = ["can_use"]

    @expose("/")
    @has_access
    def use(self) -> Any:
        """Send the page; what stands on it is fetched, and works without a link once it was."""
        return self.render_template("field.html", consents=list(Consent), parts=list(SealedPart))

    @expose("/worker.js")
    @has_access
    @permission_name("use")
    def worker(self) -> Response:
        """Send the service worker from here, so that it serves this page and no other."""
        return send_from_directory(f"{current_app.static_folder}/js", "field_worker.js", mimetype="text/javascript", max_age=0)

    @expose("/points.json")
    @has_access
    @permission_name("use")
    def points(self) -> Response:
        """Send the points of the reader's rounds, with what is needed to doubt a dial."""
        session, today = db.session(), clock.today()
        found = queries.carried_points(session, g.user.id, since=today - _BEFORE, today=today, limit=MOST_CARRIED)
        record_disclosure("account", [point.account_id for point in found])
        series: dict[int, list[registers.Series]] = {}
        for row in registers.series_by_number(session, [point.account_number for point in found]):
            if row.valid_from <= today and (row.valid_to is None or row.valid_to > today):
                series.setdefault(row.account_id, []).append(row)
        works = works_by_point([point.service_point_id for point in found if point.round_reason == RoundReason.MAINTENANCE])
        there: dict[int, list[dict[str, str]]] = {}
        for each in seals.seals_of_accounts(session, [point.account_id for point in found], today):
            there.setdefault(each.account_id, []).append({"number": each.number, "part": labels.member(SealedPart(each.sealed_part))})
        rows = [
            _carried(point, series.get(point.account_id, []), there.get(point.account_id, []), works.get(point.service_point_id, []))
            for point in found
        ]
        stock: dict[int, list[str]] = {}
        for kept in seals.carried(session, [point.brigade_id for point in found if point.brigade_id], limit=MOST_SEALS_CARRIED):
            stock.setdefault(kept.brigade_id, []).append(kept.number)
        return jsonify(
            user=g.user.username, token=generate_csrf(), now=clock.now().isoformat(), high_times=limits_on(session, today).high_times,
            points=rows, seals=stock,
        )  # fmt: skip

    @expose("/acts.json", methods=["POST"])
    @has_access
    @permission_name("use")
    def acts(self) -> Any:
        """Keep an act that a phone sends, once, and say what became of it."""
        sent = request.get_json(silent=True)
        try:
            act, sent_at, photo = _sent(sent)
            with transaction() as session:
                kept = service.receive(session, act, inspector_id=g.user.id, sent_at=sent_at, received_at=clock.now(), photo=photo)
                fault = service.seal_fault(session, kept.proposal) if kept.proposal.status == ProposalStatus.WAITING else None
                told = {
                    "is_clock_off": kept.proposal.is_clock_off, "is_read_already": kept.proposal.is_read_already,
                    "seal": labels.seal_refusal(fault) if fault else "",
                }  # fmt: skip
                answer = {"state": "REPEATED" if kept.is_repeat else "STORED", "received_at": kept.proposal.received_at.isoformat()} | told
        except FieldRefused as refused:
            answer = {"state": "REFUSED", "fault": refused.fault, "reason": refused.detail or labels.member(refused.fault)}
            return jsonify(answer), HTTPStatus.UNPROCESSABLE_ENTITY
        return jsonify(answer)


def _sent(sent: Any) -> tuple[Any, datetime, bytes | None]:
    """Return an act, when it was sent by the phone's clock, and its photograph drawn anew.

    :raises FieldRefused: if it is not what a phone sends, or the photograph is none
    """
    if not isinstance(sent, dict):
        raise FieldRefused(FieldFault.MALFORMED)
    act = read_act(sent.get("act"))
    try:
        sent_at = moment(sent.get("sent_at"))
        taken = sent["act"].get("photo")
        photo = base64.b64decode(taken, validate=True) if taken else None
    except (TypeError, ValueError, binascii.Error) as error:
        raise FieldRefused(FieldFault.MALFORMED) from error
    if photo is None:
        return act, sent_at, None
    try:
        return act, sent_at, drawn_anew(photo[: LARGEST_PICTURE_BYTES + 1])
    except PictureRefused as refused:
        raise FieldRefused(FieldFault.PICTURE, labels.member(refused.fault)) from refused


def works_by_point(points: Sequence[int]) -> dict[int, list[WorkAtPoint]]:
    """Return the ordered works on devices of points."""
    found: dict[int, list[WorkAtPoint]] = {}
    for each in works_at(db.session(), points):
        found.setdefault(each.service_point_id, []).append(each)
    return found


def _carried(
    point: queries.CarriedPoint, series: list[registers.Series], there: list[dict[str, str]], works: list[WorkAtPoint]
) -> dict[str, Any]:
    """Return a point as the phone keeps it."""
    meters = [
        {
            "register": row.register_id,
            "meter": row.meter_number,
            "code": labels.register(row.register),
            "last": row.last_dial_milli,
            "last_on": row.last_read_on.isoformat() if row.last_read_on else None,
            "usual": row.history_milli * row.multiplier_denominator // (max(row.history_days, 1) * row.multiplier_numerator),
            "rolls_at": row.capacity_milli,
        }
        for row in series
    ]
    order = {"kind": labels.member(SupplyOrderKind(point.order_kind)), "term": labels.day(point.term_on)} if point.order_kind else None
    return {
        "id": point.id, "round": point.title, "reason": labels.member(RoundReason(point.round_reason)), "day": labels.day(point.round_on),
        "place": point.place, "number": point.account_number, "consumer": labels.personal.shown(point.consumer, "name"),
        "address": point.address, "meters": meters, "order": order, "state": point.proposal_status, "remark": point.remark or "",
        "brigade": point.brigade_id, "seals": there,
        "works": [{"id": each.id, "name": each.name} for each in works],
    }  # fmt: skip


#: The pages of this area.
VIEWS = (
    FieldRoundView,
    FieldView,
    FieldProposalView,
)
