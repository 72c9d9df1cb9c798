"""Views of lists on the page: those offered, the one that is open, and what can be done with them."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from app import clock
from app.domain.administration import roles
from app.domain.administration.pages import Page
from app.extensions import appbuilder, db, transaction
from app.queries import administration as queries
from app.queries.administration import SavedView
from app.services.administration import list_views as service
from app.services.administration.list_views import Owner
from app.views.lists.state import kept_arguments

LONGEST_NAME, LONGEST_QUERY = 80, 2000
#: An address that asks for the list as it is, where it would open with a view.
PLAIN = "_plain=1"


def offered(list_name: str) -> list[SavedView]:
    """Return the views of a list that the user of this request may open; asked once a request."""
    kept = g.setdefault("list_views", {})
    if list_name not in kept:
        kept[list_name] = queries.list_views(db.session(), list_name, user_id=g.user.id, on=clock.today())
    return list(kept[list_name])


def opened(list_name: str) -> SavedView | None:
    """Return the view that the address of this request names."""
    wanted = request.args.get("_view", "")
    return next((each for each in offered(list_name) if str(each.id) == wanted), None)


def is_changed(view: SavedView) -> bool:
    """Tell whether the address of this request asks for something else than the view holds."""
    return kept_arguments() != kept_arguments(MultiDict(parse_qsl(view.query)))


def address_of(view: SavedView) -> str:
    """Return the address of a list with a view."""
    kept = [(key, value) for key, value in parse_qsl(view.query) if key != "_view"]
    return f"{url_for(f'{view.list_name}.list')}?{urlencode([*kept, ('_view', str(view.id))])}"


def default_address(list_name: str) -> str | None:
    """Return the address a list opens with where nothing is asked: the user's own default view, else the nearest of a role's."""
    found = next((each for each in offered(list_name) if each.is_default), None)
    return address_of(found) if found else None


def plain_address(list_name: str) -> str:
    """Return the address of a list as it is."""
    path = url_for(f"{list_name}.list")
    return f"{path}?{PLAIN}" if default_address(list_name) else path


def may_change(view: SavedView) -> bool:
    """Tell whether a view is the user's own, or one that he may share and of a division of his."""
    if view.role_name is None:
        return bool(appbuilder.sm.has_access("can_save", "ListViewsView"))
    return may_share() and view.division_id in _division_ids()


def may_share() -> bool:
    """Tell whether the user may share views with roles."""
    return bool(appbuilder.sm.has_access("can_share", "ListViewsView"))


def _division_ids() -> set[int]:
    return {each.id for each in queries.divisions_of_user(db.session(), g.user.id, clock.today())}


class ListViewsView(BaseView):
    """What is done with views of lists; the lists themselves show the buttons."""

    page = Page(_l("Views of lists"), {"can_save": roles.ROLES, "can_share": roles.MANAGERS})
    route_base = "/list-views"

    @expose("/save", methods=["POST"])
    @has_access
    def save(self) -> Any:
        """Keep what a list shows as a view of the user's own."""
        return self._kept(Owner(user_id=g.user.id))

    @expose("/share", methods=["POST"])
    @has_access
    def share(self) -> Any:
        """Keep what a list shows as a view for those who hold a role in a division of the user's or below it."""
        role, division = request.form.get("role", ""), request.form.get("division", "")
        if not role or not division:
            return self._kept(None)
        if role not in {str(each.id) for each in appbuilder.sm.get_all_roles()} or division not in {str(each) for each in _division_ids()}:
            abort(400)
        return self._kept(Owner(role_id=int(role), division_id=int(division)))

    def _kept(self, owner: Owner | None) -> Any:
        list_name, name = request.form.get("list", ""), _name()
        if not appbuilder.sm.has_access("can_list", list_name) or f"{list_name}.list" not in _endpoints():
            abort(404)
        if owner is None:
            flash(_("Choose the role and the division the view is for."), "warning")
            return redirect(url_for(f"{list_name}.list"))
        query = urlencode(kept_arguments(MultiDict(parse_qsl(request.form.get("query", "")))))
        if not name or len(query) > LONGEST_QUERY:
            flash(_("A view needs a name, and not too many filters and columns."), "warning")
            return redirect(url_for(f"{list_name}.list"))
        with transaction() as session:
            is_default = bool(request.form.get("is_default"))
            kept = service.save(session, owner, list_name=list_name, name=name, query=query, is_default=is_default)
        flash(_("The view “%(name)s” was saved.", name=name), "success")
        return redirect(address_of(SavedView(kept, list_name, name, query, is_default, None, None)))

    @expose("/<int:view_id>/<any(rename,default,delete):what>", methods=["POST"])
    @has_access
    @permission_name("save")
    def save_changes(self, view_id: int, what: str) -> Any:
        """Rename a view, make it the one a list opens with or not, or delete it."""
        found = queries.list_view(db.session(), view_id, user_id=g.user.id, on=clock.today()) or abort(404)
        if not may_change(found):
            abort(403)
        try:
            with transaction() as session:
                if what == "rename":
                    service.rename(session, view_id, _name() or found.name)
                elif what == "default":
                    service.set_default(session, view_id, is_default=not found.is_default)
                else:
                    service.delete(session, view_id)
        except service.NameTaken:
            flash(_("There is a view of this name already."), "warning")
        return redirect(plain_address(found.list_name) if what == "delete" else address_of(found))


def _name() -> str:
    return " ".join(request.form.get("name", "").replace("\0", "").split())[:LONGEST_NAME]


def _endpoints() -> set[str]:
    return {f"{type(view).__name__}.list" for view in appbuilder.baseviews}
