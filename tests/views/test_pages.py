"""Pages say beside the view what they are called, who may do what there and where they stand; nothing else lists them."""

import importlib
import pkgutil
from collections import Counter
from typing import Any

import pytest
from flask import Flask
from flask_appbuilder import BaseView, IndexView

import app.views
from app.cli import access
from app.domain.administration.pages import Page, permissions_of
from app.domain.administration.roles import ROLES
from app.extensions import appbuilder
from app.factory import VIEWS
from app.views import menu

#: Registered by the framework: the pages of logging in and of one's own data.
_OF_THE_FRAMEWORK = {"DatabaseLoginView", "LdapLoginView", "OAuthLoginView", "ResetMyPasswordView", "UserInfoEditView"}
_LISTED = [view for view in VIEWS if view.page.menu]


def _defined() -> set[type]:
    """Every class of pages that a module of views defines and that nothing is derived from."""
    modules = [importlib.import_module(each.name) for each in pkgutil.walk_packages(app.views.__path__, "app.views.")]
    classes = {each for module in modules for each in vars(module).values() if isinstance(each, type) and issubclass(each, BaseView)}
    ours = {each for each in classes if each.__module__.startswith("app.views.") and not issubclass(each, IndexView)}
    return {each for each in ours if not any(other is not each and issubclass(other, each) for other in ours)}


def test_every_view_is_registered_by_its_area() -> None:
    assert {view.__name__ for view in _defined()} - _OF_THE_FRAMEWORK == {view.__name__ for view in VIEWS}


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_view_declares_its_own_page(view: Any) -> None:
    page = vars(view).get("page")

    assert isinstance(page, Page)
    assert page.title is not None or not page.rights
    assert {role for _permission, role in permissions_of(page)} <= set(ROLES)


def test_roles_are_given_what_the_pages_have(app: Flask) -> None:
    offered = {(permission, type(view).__name__) for view in appbuilder.baseviews for permission in view.base_permissions or ()}
    of_pages = {view.__name__ for view in VIEWS}

    with app.app_context():
        given = {pair for pairs in access.rights().values() for pair in pairs if pair[1] in of_pages}

    assert given - offered == set()


def test_places_in_the_menu_are_taken_once() -> None:
    assert [
        place for place, count in Counter((view.page.menu.category.name, view.page.menu.order) for view in _LISTED).items() if count > 1
    ] == []
    assert [name for name, count in Counter(view.page.menu.name for view in _LISTED).items() if count > 1] == []
    assert {view.page.menu.category for view in _LISTED} == set(menu.CATEGORIES)


def test_menu_stands_in_the_declared_order(app: Flask) -> None:
    shown = [(category.name, [entry.name for entry in category.childs]) for category in appbuilder.menu.get_list()]
    declared = [
        (
            category.name,
            [view.page.menu.name for view in sorted(_LISTED, key=lambda view: view.page.menu.order) if view.page.menu.category is category],
        )
        for category in menu.CATEGORIES
    ]

    assert app
    assert shown == declared
