"""Who may give which rights, and what stands in the way, in words."""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from flask import abort, current_app, flash, g, request, url_for
from flask_appbuilder.security.sqla.models import Group, PermissionView, Role
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from sqlalchemy import func, select

from app import clock, labels
from app.domain.administration import EVERYBODYS
from app.extensions import appbuilder, db, menus_by_view
from app.queries import administration as queries
from app.services import administration as service
from app.views.refusals import FormRefused, show_refusal


@contextmanager
def refusing_rights(column: str | None = None) -> Iterator[None]:
    """Turn what the services refuse about rights into words beside a field."""
    phrases = {
        service.OwnRights: _("Nobody changes his own roles, groups or access. Ask another administrator."),
        service.RoleAbove: _("Only a holder of a role above yours may give it, or change anything about those who hold it."),
        service.BeyondOwnDivisions: _("This reaches into divisions that are not yours."),
    }
    try:
        yield
    except (service.OwnRights, service.RoleAbove, service.BeyondOwnDivisions) as error:
        raise FormRefused(phrases[type(error)], column) from error


@contextmanager
def errors_on_form(form: FlaskForm) -> Iterator[None]:
    """Show what was refused inside beside its field, or above the form; the form is then shown again."""
    try:
        yield
    except FormRefused as refused:
        db.session.rollback()
        show_refusal(form, refused)


def redirect_if_forbidden(check: Callable[[], None]) -> str | None:
    """Return where to go from a form whose use is refused, with the reason told, or None."""
    try:
        check()
    except FormRefused as refused:
        flash(str(refused), "danger")
        return url_for(f"{request.blueprint}.show", pk=(request.view_args or {})["pk"])
    return None


def check_giver(user_id: int | None, roles: Sequence[str]) -> None:
    """Refuse roles that the user of this request may not give to somebody; None: to nobody yet."""
    with refusing_rights("roles"):
        service.check_giver(db.session(), giver_id=g.user.id, user_id=user_id, roles=roles, today=clock.today())


def check_group(group: Group, roles: Sequence[str]) -> None:
    """Refuse to change a group of one's own, or one that has or gets roles above one's own."""
    with refusing_rights("roles"):
        service.check_everywhere(db.session(), giver_id=g.user.id, today=clock.today())
        if any(user.id == g.user.id for user in group.users):
            raise service.OwnRights
        for name in {*roles, *(role.name for role in group.roles)}:
            if not service.may_give(db.session(), g.user.id, name):
                raise service.RoleAbove(name)


def check_role(role: Role) -> None:
    """Refuse to change a role of one's own, or one the system lives by."""
    with refusing_rights():
        service.check_everywhere(db.session(), giver_id=g.user.id, today=clock.today())
        if role.name in queries.own_roles(db.session(), g.user.id):
            raise service.OwnRights
        if role.name in {service.SUPERUSER, service.PUBLIC}:
            raise service.RoleAbove(role.name)


def rows_of(model: Any, numbers: Sequence[int] | None) -> list[Any]:
    """Return the rows of a table with these ids."""
    return list(db.session.scalars(select(model).where(model.id.in_(numbers or [])).order_by(model.id)))


def row_of(model: Any, pk: str) -> Any:
    """Return the row an address names, or answer 404."""
    row = db.session.get(model, int(pk)) if pk.isdecimal() and len(pk) < 10 else None
    return row or abort(404)


def ensure_unique_name(model: Any, name: str, own_id: int | None) -> None:
    """Refuse a name another row has, in whatever case."""
    with db.session.no_autoflush:
        other = db.session.scalar(select(model.id).where(func.lower(model.name) == name.lower()))
    if other is not None and other != own_id:
        raise FormRefused(_("There is such a row already: a value that must be unique repeats."), "name")


def page_titles() -> dict[str, Any]:
    """Return what each page is called that a role may be given, in the order of the menu."""
    return {name: page.title for name, page in current_app.extensions["pages"].items() if page.title is not None}


class MatrixRow(NamedTuple):
    """A page, and its permissions by act: their numbers and words."""

    title: str
    acts: Mapping[str, Sequence[tuple[int, str]]]


def permissions_by_page() -> dict[str, list[PermissionView]]:
    """Return the permissions of each page a role may be given, in the order of the menu; what all have, and the menu, go by themselves."""
    titles, found = page_titles(), dict[str, list[PermissionView]]()
    for each in db.session.scalars(select(PermissionView).order_by(PermissionView.id)).unique():
        name, page = each.permission.name, each.view_menu.name
        if page in titles and name != "menu_access" and (name, page) not in EVERYBODYS:
            found.setdefault(page, []).append(each)
    return {page: found[page] for page in titles if page in found}


def matrix(held: Container[int] | None = None) -> list[tuple[str, list[MatrixRow]]]:
    """Return areas with their pages, and what may be done there by act.

    :param held: only these permissions, and the pages that have one of them; None: all
    """
    areas: dict[str, list[MatrixRow]] = {}
    pages = current_app.extensions["pages"]
    for page, permissions in permissions_by_page().items():
        acts: dict[str, list[tuple[int, str]]] = {}
        for each in permissions:
            if held is None or each.id in held:
                acts.setdefault(labels.act_of(each.permission.name), []).append((each.id, labels.permission(each.permission.name)))
        if acts:
            area = str(pages[page].menu.category.label) if pages[page].menu else _("Other pages")
            row = MatrixRow(str(pages[page].title), {act: sorted(boxes, key=_word) for act, boxes in acts.items()})
            areas.setdefault(area, []).append(row)
    return list(areas.items())


def _word(box: tuple[int, str]) -> str:
    return box[1]


def permitted(role: Role, chosen: set[int]) -> list[PermissionView]:
    """Return what a role will hold: the chosen, their menu entries, one's own page, and what no form shows."""
    shown = {each.id for permissions in permissions_by_page().values() for each in permissions}
    kept = [each for each in role.permissions if each.id not in shown and each.permission.name != "menu_access"]
    picked = [each for each in rows_of(PermissionView, sorted(chosen & shown)) if each not in kept]
    menus = menus_by_view()
    entries = {entry for each in (*kept, *picked) for entry in menus.get(each.view_menu.name, ())}
    pairs = [("menu_access", entry) for entry in sorted(entries)] + list(EVERYBODYS)
    wanted = [appbuilder.sm.find_permission_view_menu(*pair) for pair in pairs]
    return list({each.id: each for each in (*kept, *picked, *filter(None, wanted))}.values())
