"""The look-up behind related fields."""

from typing import Any

from flask import Response, abort, g, jsonify, request
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import lazy_gettext as _l
from sqlalchemy import String, cast, or_, select

from app import clock
from app.domain.administration import roles
from app.domain.administration.pages import Page
from app.extensions import db, record_disclosures
from app.labels import personal
from app.models.accounts import Account, Consumer, ServicePoint
from app.models.administration import Department, StaffMember
from app.models.equipment import Meter, Register
from app.models.reference import Mahalla, Street
from app.models.tariffs import TariffVersion
from app.queries import administration as queries


class LookupView(BaseView):
    """Rows offered while one types in a related field; row-level security decides what is there."""

    page = Page(_l("Rows offered in forms"), {"can_find": roles.OFFICE})
    route_base = "/lookup"
    #: table → columns that are searched; others have no look-up
    SEARCHED: dict[str, tuple[Any, tuple[str, ...]]] = {
        "account": (Account, ("number",)),
        "consumer": (Consumer, ("name", "phone")),
        "department": (Department, ("name", "code")),
        "mahalla": (Mahalla, ("name",)),
        "meter": (Meter, ("serial_number",)),
        "register": (Register, ("code",)),
        "service_point": (ServicePoint, ("house",)),
        "staff_member": (StaffMember, ("name", "personnel_number")),
        "street": (Street, ("name",)),
        "tariff_version": (TariffVersion, ("source",)),
    }
    MOST = 20

    @expose("/<name>")
    @has_access
    def find(self, name: str) -> Response:
        """Answer with up to twenty rows that match what was typed."""
        if name == "ab_user":
            return self._users()
        if name == "division":
            return self._divisions()
        if name not in self.SEARCHED:
            abort(404)
        model, columns = self.SEARCHED[name]
        word = request.args.get("q", "")[:100].replace("\0", "")
        if name == "service_point":
            return self._service_points(word)
        searched = filter(personal.may_search, columns)
        matches = [cast(getattr(model, column), String).icontains(word, autoescape=True) for column in searched]
        statement = select(model).order_by(model.id).limit(self.MOST)
        if hasattr(model, "retired_on"):
            statement = statement.where(model.retired_on.is_(None) | (model.retired_on > clock.today()))
        if model is Consumer:
            # What a joined row had is the other one's.
            statement = statement.where(Consumer.joined_to_id.is_(None))
        if word:
            statement = statement.where(or_(*matches))
        rows = db.session.scalars(statement).all()
        record_disclosures(rows)
        return jsonify(results=[{"id": row.id, "text": repr(row)} for row in rows])

    def _service_points(self, word: str) -> Response:
        """Find a place by street and house, as an address is written."""
        street, _comma, house = word.replace(",", " ").strip().rpartition(" ")
        if not any(letter.isdigit() for letter in house):
            street, house = word.strip(), ""
        statement = select(ServicePoint).join(Street, Street.id == ServicePoint.street_id).order_by(ServicePoint.id).limit(self.MOST)
        if street:
            statement = statement.where(Street.name.icontains(street.strip(), autoescape=True))
        if house:
            number, _dash, flat = house.partition("-")
            statement = statement.where(ServicePoint.house == number, *([ServicePoint.flat == flat] if flat else []))
        return jsonify(results=[{"id": row.id, "text": repr(row)} for row in db.session.scalars(statement)])

    def _divisions(self) -> Response:
        """Find a division of the user's by its name or code, also outside the one he looks at; the second line is what it lies in."""
        word = request.args.get("q", "")[:100].casefold()
        mine = queries.divisions_of_user(db.session(), g.user.id, clock.today())
        names = {each.id: each.name for each in mine}
        found = [each for each in mine if word in f"{each.code} {each.name}".casefold()]
        rows = [{"id": each.id, "text": each.name, "more": names.get(each.parent_id or 0, "")} for each in found]
        return jsonify(results=rows[: self.MOST])

    def _users(self) -> Response:
        if not any(self.appbuilder.sm.has_access("can_add", view) for view in ("DivisionAccessView", "StaffMemberView")):
            abort(403)
        model = self.appbuilder.sm.user_model
        word = request.args.get("q", "")[:100].replace("\0", "")
        rows = db.session.scalars(select(model).where(model.username.icontains(word, autoescape=True)).order_by(model.id).limit(self.MOST))
        return jsonify(results=[{"id": row.id, "text": str(row)} for row in rows])
