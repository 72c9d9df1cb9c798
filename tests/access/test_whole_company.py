"""What belongs to no division is changed, and what is secret of it read, only by those who work in the whole company."""

import psycopg
import pytest
from flask import Flask
from flask_appbuilder import ModelView
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.cli import access
from app.domain.administration.roles import ROLES
from app.extensions import appbuilder
from tests.access import walk
from tests.access.walk import MINE, Browser
from tests.browsers import log_in
from tests.databases import PASSWORD

#: Pages of tables without a division that are no whole company's, and whose they are.
OF_PEOPLE = {
    "UserView": "a user's divisions are those of his grants; check_giver looks at all of them",
    "UserSessionView": "sessions are their users'",
    "TotpDeviceView": "second factors are their users'",
    "DivisionView": "a division is its own; the page refuses others",
}

#: Tables with guards, and what reads them as whoever asks.
GUARDED = """
    SELECT relname FROM pg_class
    WHERE relkind = 'r' AND relrowsecurity
        OR relkind = 'v' AND relnamespace = 'public'::regnamespace AND 'security_invoker=true' = ANY (reloptions)
"""


@pytest.fixture(scope="module")
def regional(app: Flask, demo_url: str) -> Browser:
    """A browser of somebody who holds every role, in one district."""
    with app.app_context(), psycopg.connect(demo_url) as demo_database:
        user_id = access.add_user(username="regional", first_name="R", last_name="C", role_names=["Admin", *ROLES], password=PASSWORD)
        demo_database.execute(
            "INSERT INTO division_access (user_id, division_id, valid_from) SELECT %s, id, '2020-01-01' FROM division WHERE code = %s",
            (user_id, MINE),
        )
    return walk.browser_of(app, "regional", 235)


def test_every_page_of_a_table_without_a_division_names_what_is_open_to_all(app: Flask, session: Session) -> None:
    guarded = set(session.scalars(text(GUARDED)))
    with app.app_context():
        views = {type(view).__name__: view.datamodel.obj.__tablename__ for view in appbuilder.baseviews if isinstance(view, ModelView)}

    unguarded = {name for name, table in views.items() if table not in guarded}
    company_wide = {name for name, page in app.extensions["pages"].items() if page.company_wide is not None}

    assert unguarded - company_wide - set(OF_PEOPLE) == set()
    assert company_wide - unguarded == {"Console", "DivisionFileView", "NodesView", "ParameterView", "ReadingRuleView", "TranslationView"}


@pytest.mark.parametrize(
    "address",
    [
        "/paymentcontractview/add", "/paymentcontractview/edit/1", "/paymentfilelayoutview/lay_out/", "/devicemodelview/add",
        "/postview/add", "/roles/add", "/groups/add", "/tariffview/add", "/bankview/add", "/vatrateview/add", "/division-file/load",
    ],
)  # fmt: skip
def test_page_that_changes_it_is_closed_to_those_of_a_district(app: Flask, regional: Browser, address: str) -> None:
    assert regional.status("GET", address) == "FORBIDDEN"
    assert log_in(app, "admin").status(address) == 200


@pytest.mark.parametrize("address", ["/parameters/billing.due_day/set", "/translations/save", "/nodes/settle", "/paymentcontractview/add"])
def test_what_is_sent_is_refused_to_those_of_a_district(regional: Browser, address: str) -> None:
    assert regional.status("POST", address, code="billing.due_day", value="1") == "FORBIDDEN"


def test_calls_of_providers_are_read_in_the_whole_company_only(app: Flask, regional: Browser) -> None:
    assert regional.client.get("/console/gateway_call/").status_code == 403
    assert log_in(app, "auditor").status("/console/gateway_call/") == 200


def test_lists_stay_open_without_buttons_that_would_be_refused(regional: Browser) -> None:
    page = regional.client.get("/paymentcontractview/list/")

    assert page.status_code == 200
    assert "/paymentcontractview/add" not in page.text
