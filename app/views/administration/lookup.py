"""The look-up behind related fields."""

from typing import Any

from flask import Response, abort, g, jsonify, request
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import cast, func, select
from sqlalchemy.dialects.postgresql import TSQUERY

from app import clock, labels
from app.domain.accounts.search import matches, words
from app.domain.administration import roles
from app.domain.administration.pages import Page
from app.domain.transliteration import fold
from app.extensions import PERSONAL_TABLES, db, record_disclosure, record_disclosures
from app.labels import personal
from app.models.administration import Department, StaffMember
from app.models.tariffs import TariffVersion
from app.queries import administration as queries
from app.queries.accounts import search


class LookupView(BaseView):
    """Rows offered while one types in a related field; row-level security decides what is there."""

    page = Page(_l("Rows offered in forms"), {"can_find": roles.OFFICE})
    route_base = "/lookup"
    #: table → columns that are searched; others have no look-up
    SEARCHED: dict[str, tuple[Any, tuple[str, ...]]] = {
        "department": (Department, ("name", "code")),
        "staff_member": (StaffMember, ("name", "personnel_number")),
        "tariff_version": (TariffVersion, ("source",)),
    }
    MOST = 20

    @expose("/<name>")
    @has_access
    def find(self, name: str) -> Response:
        """Answer with up to twenty rows that match what was typed."""
        if name == "ab_user":
            return self._users()
        if name == "ab_role":
            return self._roles()
        if name == "division":
            return self._divisions()
        word = request.args.get("q", "")[:100].replace("\0", "").strip()
        if name in search.OFFERED:
            offered = search.offers(db.session(), name, word, personal=personal.may_read(), today=clock.today(), limit=self.MOST)
            if name in PERSONAL_TABLES:
                record_disclosure(name, [each.id for each in offered])
            return jsonify(results=[each._asdict() for each in offered])
        if name not in self.SEARCHED:
            abort(404)
        return self._small(*self.SEARCHED[name], word)

    def _small(self, model: Any, columns: tuple[str, ...], word: str) -> Response:
        """Answer with rows of a small table, whose words are compared one by one."""
        statement = select(model).order_by(model.id).limit(self.MOST)
        if hasattr(model, "retired_on"):
            statement = statement.where(model.retired_on.is_(None) | (model.retired_on > clock.today()))
        if word:
            asked = cast(matches(words(word)), TSQUERY)
            texts = func.concat_ws(" ", *(getattr(model, column) for column in columns))
            statement = statement.where(func.folded_words(texts).bool_op("@@")(asked))
        rows = db.session.scalars(statement).all()
        record_disclosures(rows)
        return jsonify(results=[{"id": row.id, "text": labels.row_name(row)} for row in rows])

    def _divisions(self) -> Response:
        """Find a division of the user's by its name or code: those he was given first, then those below them.

        The second line is what a division lies in. The switch finds those outside the one he looks at too, a form does not.
        """
        session, word = db.session(), fold(request.args.get("q", "")[:100])
        mine = queries.divisions_here(session) if "here" in request.args else queries.divisions_of_user(session, g.user.id, clock.today())
        names = {each.id: each.name for each in mine}
        given = queries.granted_divisions(session, g.user.id, clock.today())
        found = sorted((each for each in mine if word in fold(f"{each.code} {each.name}")), key=lambda each: each.id not in given)
        groups = {True: _("Mine"), False: _("Below mine")}
        rows = [
            {"id": each.id, "text": each.name, "more": names.get(each.parent_id or 0, ""), "group": groups[each.id in given]}
            for each in found
        ]
        return jsonify(results=rows[: self.MOST])

    def _roles(self) -> Response:
        """Find a role that a view of a list can be shared with, by its name in the reader's language."""
        if not self.appbuilder.sm.has_access("can_share", "ListViewsView"):
            abort(403)
        word = fold(request.args.get("q", "")[:100])
        names = sorted((labels.role(role.name), role.id) for role in self.appbuilder.sm.get_all_roles())
        return jsonify(results=[{"id": key, "text": name} for name, key in names if word in fold(name)][: self.MOST])

    def _users(self) -> Response:
        if not any(self.appbuilder.sm.has_access("can_add", view) for view in ("DivisionAccessView", "StaffMemberView")):
            abort(403)
        model = self.appbuilder.sm.user_model
        word = request.args.get("q", "")[:100].replace("\0", "")
        names = func.concat_ws(" ", model.username, model.first_name, model.last_name)
        rows = db.session.scalars(select(model).where(names.icontains(word, autoescape=True)).order_by(model.id).limit(self.MOST))
        return jsonify(results=[{"id": row.id, "text": str(row)} for row in rows])
