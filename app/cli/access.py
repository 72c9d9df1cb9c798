"""Users, and the roles that are filled with what the pages say about them."""

import sys
from getpass import getpass
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from app import clock, labels
from app.domain.administration import EVERYBODYS
from app.domain.administration.nodes import CENTRE
from app.domain.administration.pages import permissions_of
from app.domain.administration.roles import ROLES
from app.extensions import Scope, appbuilder, db, menus_by_view, set_scope, transaction
from app.queries import administration as queries
from app.queries.administration import nodes
from app.services import administration as service
from app.services.administration import permissions


class NoUser(Exception):
    """There is no user of this name."""


def rights() -> dict[str, list[tuple[str, str]]]:
    """Return what each role may do: (permission, view) pairs, as the pages say."""
    held: dict[str, list[tuple[str, str]]] = {role: [] for role in ROLES}
    for view, page in current_app.extensions["pages"].items():
        for permission, role in permissions_of(page):
            held[role].append((permission, view))
    return held


def sync() -> None:
    """Create every view's permissions and fill the roles; permissions an office added to a role stay. A node has the centre's."""
    if nodes.own_number(db.session()) != CENTRE:
        return
    menus = menus_by_view()
    almighty = current_app.config.get("AUTH_ROLE_ADMIN", "Admin")
    pages: dict[str, set[str]] = {}
    for view in appbuilder.baseviews:
        pages.setdefault(view.class_permission_name, set()).update(view.base_permissions or ())
    entries = {entry for category in appbuilder.menu.get_list() for entry in (category.name, *(each.name for each in category.childs))}
    offered = {(permission, page) for page, allowed in pages.items() for permission in allowed}
    offered |= {("menu_access", entry) for entry in entries}
    roles = {name: [*wanted, *_menu(wanted, menus), *EVERYBODYS] for name, wanted in rights().items()}
    with transaction() as session:
        permissions.write(session, offered=offered, pages=pages, roles=roles | {"Public": []}, almighty=almighty)
    db.session.expire_all()


def _menu(wanted: list[tuple[str, str]], menus: dict[str, tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the entries of the menu that lead to what a role may do."""
    return [("menu_access", entry) for entry in sorted({entry for _, view in wanted for entry in menus.get(view, ())})]


def add_user(*, username: str, first_name: str, last_name: str, role_names: list[str], password: str) -> int:
    """Add a user and return his id; one that is there stays as he is."""
    manager = appbuilder.sm
    user = manager.find_user(username=username)
    if not user:
        roles = [manager.find_role(name) for name in role_names]
        user = manager.add_user(username, first_name, last_name, f"{username}@example.uz", roles, password)
    assert user, f"user {username} could not be added"
    return int(user.id)


def set_password(username: str, password: str) -> None:
    """Set a user's password; his sessions end, and at the next sign-in he chooses another.

    :raises NoUser: if there is no such user
    :raises WeakPassword: if the password is refused
    """
    appbuilder.sm.reset_password(_user(username).id, password)


def reset_totp(username: str) -> bool:
    """Take a user's generator of one-time codes away; tell whether he had one.

    :raises NoUser: if there is no such user
    """
    with transaction() as session:
        return service.reset_device(session, [_user(username).id]) > 0


def register(group: AppGroup) -> None:
    """Add the commands about users."""
    for command in (_add_user, _set_password, _reset_totp):
        group.add_command(command)


@click.command("add-user")
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True, help="A role; may be given several times.")
@click.option("--division", required=True, help="Code of the division he may work in.")
@click.option("--first-name", default="", help="The user's name, if it is another.")
@click.option("--last-name", default="")
@with_appcontext
def _add_user(name: str, roles: tuple[str, ...], division: str, first_name: str, last_name: str) -> None:
    """Add a user who may work in a division; the password is asked for, or read from the input. At the first sign-in he chooses another."""
    _enter()
    sync()
    unknown = [role for role in roles if not appbuilder.sm.find_role(role)]
    if unknown:
        raise click.ClickException(f"no such role: {', '.join(unknown)}")
    if appbuilder.sm.find_user(username=name):
        raise click.ClickException(f"there is a user {name} already")
    place = queries.division_by_code(db.session(), division)
    if place is None:
        raise click.ClickException(f"no such division: {division}")
    password = _asked_password(name)
    user_id = add_user(username=name, first_name=first_name or name, last_name=last_name, role_names=list(roles), password=password)
    with transaction() as session:
        service.mark_given(session, user_id, by="operator", now=clock.now())
        service.grant(
            session, user_id=user_id, division_ids=[place.id], valid_from=clock.today(), valid_to=None, basis="flask access add-user"
        )
    click.echo(f"{name} may log in and works in {place.name}")


@click.command("set-password")
@click.argument("name")
@with_appcontext
def _set_password(name: str) -> None:
    """Set a user's password; it is asked for, or read from the input. His sessions end, and he chooses another at the next sign-in."""
    _enter()
    try:
        _user(name)
        set_password(name, _asked_password(name))
    except NoUser:
        raise click.ClickException(f"no such user: {name}") from None
    click.echo(f"the password of {name} was set; his sessions have ended")


@click.command("reset-totp")
@click.argument("name")
@with_appcontext
def _reset_totp(name: str) -> None:
    """Take a user's second factor away, so that he can set up a new one."""
    _enter()
    try:
        had = reset_totp(name)
    except NoUser:
        raise click.ClickException(f"no such user: {name}") from None
    click.echo(f"the second factor of {name} was reset" if had else f"{name} has no second factor")


def _enter() -> None:
    set_scope(Scope(actor="operator", today=clock.today(), everywhere=True))


def _user(username: str) -> Any:
    user = appbuilder.sm.find_user(username=username)
    if not user:
        raise NoUser(username)
    return user


def _asked_password(username: str) -> str:
    """Return a good password from the terminal, or from the input if that is none."""
    typed = getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    if sys.stdin.isatty() and getpass("Password again: ") != typed:
        raise click.ClickException("the two passwords differ")
    try:
        service.check_password(typed, username=username)
    except service.WeakPassword as weak:
        raise click.ClickException(str(labels.member(weak.problem))) from None
    return typed
