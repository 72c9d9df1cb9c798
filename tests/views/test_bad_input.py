"""What a careless or a hostile hand sends to the back office: refused in words, never with an error of ours."""

import re
from collections.abc import Callable
from html import unescape

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from app.extensions import appbuilder
from app.views.base import EntityView
from tests.access import walk
from tests.browsers import token
from tests.databases import PASSWORD

#: Arguments no list may take; {view} is its name, {column} the column with the fewest filters, {beyond} the number after its last.
ARGUMENTS = {
    "page that is no number": "page_{view}=abc",
    "size below zero": "psize_{view}=-1",
    "huge size": "psize_{view}=100000",
    "order by no column": "_oc_{view}=nonsense&_od_{view}=asc",
    "filter beyond the last": "_flt_{beyond}_{column}=x",
    "NUL in a filter": "_flt_0_{column}=a%00b",
}
MORE_ARGUMENTS = (
    "page_AccountView=-1",
    "page_AccountView=99999999999999999999",
    "page_JobView=x",
    "psize_AccountView=1e3",
    "psize_AccountView=",
    "_oc_AccountView=consumer_id",
    "_oc_AccountView=number;DROP+TABLE+bill",
    "_oc_AccountView=__class__",
)

#: Arguments of addresses that are one of a few words.
WORDS = {"what": "rename"}

Form = dict[str, str]
Visitor = Callable[[str], FlaskClient]


def log_in(client: FlaskClient, user: str, password: str = PASSWORD, address: str = "127.0.0.1") -> int:
    """Log in through the form from an address; return the status."""
    where = {"REMOTE_ADDR": address}
    form = {"username": user, "password": password, "csrf_token": token(client.get("/login/", environ_base=where).text)}
    return client.post("/login/", data=form, environ_base=where).status_code


@pytest.fixture
def visitor(client: FlaskClient) -> Visitor:
    """Give a browser in which a demo user is logged in."""

    def enter(user: str) -> FlaskClient:
        assert log_in(client, user) == 302
        return client

    return enter


@pytest.fixture
def unshielded(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer an error of ours with 500, as in production, in place of raising it in the test."""
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)


def our_views() -> list[EntityView]:
    return [view for view in appbuilder.baseviews if isinstance(view, EntityView)]


def names(view: EntityView) -> dict[str, str]:
    """Return what the arguments of a view are made of."""
    filters = view.datamodel.get_filters(view.search_columns).get_search_filters()
    column = min(filters, key=lambda each: len(filters[each]))
    return {"view": type(view).__name__, "column": column, "beyond": str(min(len(filters[column]), 9))}


def parts(page: str) -> dict[str, str]:
    """Return the part of a form's page around each field, by the field's name."""
    groups = page.split('<div class="form-group')[1:]
    return {found[1]: group for group in groups if (found := re.search(r'<label for="([^"]+)"', group))}


def reasons(part: str) -> list[str]:
    return [unescape(reason) for reason in re.findall(r'class="field-error"[^>]*>([^<]*)<', part)]


@pytest.mark.usefixtures("unshielded")
@pytest.mark.parametrize("argument", ARGUMENTS)
def test_argument_that_makes_no_sense_is_refused_by_every_list(visitor: Visitor, argument: str, pytestconfig: pytest.Config) -> None:
    admin, seed = visitor("admin"), f"{argument} {pytestconfig.getoption('randomly_seed', 1)}"

    answers = {
        type(view).__name__: admin.get(f"{view.route_base}/list/?{ARGUMENTS[argument].format(**names(view))}").status_code
        for view in walk.drawn(our_views(), seed)
        if "beyond" not in argument or names(view)["beyond"] < "9"
    }

    assert len(answers) > (30 if walk.WHOLE else 8)
    assert {name: status for name, status in answers.items() if status != 400} == {}


@pytest.mark.usefixtures("unshielded")
def test_every_other_argument_that_makes_no_sense_is_refused(visitor: Visitor) -> None:
    admin = visitor("admin")

    answers = {argument: admin.get(f"/accountview/list/?{argument}").status_code for argument in MORE_ARGUMENTS}

    assert {argument: status for argument, status in answers.items() if status != 400} == {}


@pytest.mark.usefixtures("unshielded")
@pytest.mark.parametrize("value", ["abc'%_\\", "9" * 25, "600", ""])
def test_no_value_of_a_filter_breaks_a_list(visitor: Visitor, value: str) -> None:
    admin = visitor("admin")
    one_of_each: dict[tuple[str, str], tuple[str, str]] = {}
    for view in our_views():
        columns = view.datamodel.list_columns
        for column, filters in view.datamodel.get_filters(view.search_columns).get_search_filters().items():
            kind = type(columns[column].type).__name__ if column in columns else "relation"
            for number, each in enumerate(filters):
                one_of_each.setdefault((kind, type(each).__name__), (f"{view.route_base}/list/", f"_flt_{number}_{column}"))

    answers = {
        (*kind, address): admin.get(address, query_string={name: value}).status_code for kind, (address, name) in one_of_each.items()
    }

    assert len(answers) > 20
    assert {kind: status for kind, status in answers.items() if status >= 500} == {}


def one(demo_database: psycopg.Connection, statement: str) -> str:
    row = demo_database.execute(statement).fetchone()
    assert row is not None
    return str(row[0])


def ids(demo_database: psycopg.Connection) -> Form:
    """Rows the forms refer to."""
    return {
        "division": one(demo_database, "SELECT id FROM division WHERE code = '1726901'"),
        "consumer": one(
            demo_database, "SELECT c.id FROM consumer c JOIN division d ON d.id = c.division_id WHERE d.code = '1726901' ORDER BY 1 LIMIT 1"
        ),
        "tariff": one(
            demo_database, "SELECT t.id FROM tariff t JOIN tariff_group g ON g.id = t.tariff_group_id WHERE g.code = 'HOUSEHOLD'"
        ),
    }


def send(client: FlaskClient, address: str, form: Form) -> str:
    """Send a form with its token and return the page that follows."""
    response = client.post(address, data={"csrf_token": token(client.get(address).text), **form}, follow_redirects=True)
    assert response.status_code == 200
    return response.text


LENGTH, DIGITS = "It has too many or too few digits.", "It must consist of digits only."
PREFIX = "It begins with a digit that does not occur there."
PERSON = {"division": "{division}", "name": "Gʻaniyev Oʻktam", "pinfl": "", "phone": "", "language": "uz"}
FIRM = {"division": "{division}", "name": "“Sinov” MChJ", "stir": "301234567", "bank_account": "", "phone": "", "language": "ru"}
BANK = {"mfo": "00444", "name": "Sinov bank"}
VERSION = {
    "tariff": "{tariff}",
    "valid_from": "2030-01-01",
    "valid_to": "",
    "source": "sinov",
    "blocks": ["TOTAL", "", "600"],
    "lost_seen": "1",
}
#: Whose form it is, where it is, the table behind it, and what would be taken.
FORMS = {
    "person": ("operator", "/householdconsumerview/add", "consumer", PERSON),
    "firm": ("operator", "/legalconsumerview/add", "consumer", FIRM),
    "bank": ("editor", "/bankview/add", "bank", BANK),
    "version": ("editor", "/tariffversionview/add", "tariff_version", VERSION),
}


@pytest.mark.parametrize(
    ("form", "field", "value", "reason"),
    [
        ("person", "pinfl", "30101199001233", "Its last digit does not match the others; look for a slip."),
        ("person", "pinfl", "33113199001232", "Its second to seventh digits are no date of birth."),
        ("person", "pinfl", "3010119900123", LENGTH),
        ("person", "pinfl", "3010119900123x", DIGITS),
        ("person", "pinfl", "90101199001232", PREFIX),
        ("person", "phone", "12345", LENGTH),
        ("person", "phone", "997901234567", PREFIX),
        ("person", "phone", "no number", DIGITS),
        ("person", "name", "", "This field is required."),
        ("person", "name", "x" * 201, "Field cannot be longer than 200 characters."),
        ("firm", "stir", "123456789", PREFIX),
        ("firm", "stir", "30123456", LENGTH),
        ("firm", "bank_account", "2020800000000000", LENGTH),
        ("firm", "vat_registration", "1", LENGTH),
        ("bank", "mfo", "444", LENGTH),
        ("bank", "mfo", "OO444", DIGITS),
        ("version", "valid_from", "2025-06-01", "Bills were made with this version. End it and add a further version instead."),
        ("version", "valid_to", "2029-12-31", "The end must lie after the beginning."),
    ],
)
def test_bad_value_is_refused_beside_its_field_and_what_was_typed_stays(
    visitor: Visitor, demo_database: psycopg.Connection, form: str, field: str, value: str, reason: str
) -> None:
    user, address, table, good = FORMS[form]
    known = ids(demo_database)
    typed = {name: text.format(**known) if isinstance(text, str) else text for name, text in (good | {field: value}).items()}
    before = one(demo_database, f"SELECT count(*) FROM {table}")

    shown = parts(send(visitor(user), address, typed))

    kept = {name: unescape(tag[1]) for name, part in shown.items() if (tag := re.search(r'<input[^>]* value="([^"]*)"', part))}
    assert {name: found for name, part in shown.items() if (found := reasons(part))} == {field: [reason]}
    assert {name: kept[name] for name in typed if name in kept and name != "blocks"} == {
        name: text for name, text in typed.items() if name in kept and name != "blocks"
    }
    assert field in kept
    assert one(demo_database, f"SELECT count(*) FROM {table}") == before


def test_good_values_are_stored_in_their_compact_form(visitor: Visitor, demo_database: psycopg.Connection) -> None:
    typed = PERSON | {"division": ids(demo_database)["division"], "pinfl": "3010119900 123-2", "phone": "90 123 45 67"}

    page = send(visitor("operator"), "/householdconsumerview/add", typed)

    assert "The row was added." in page
    added = demo_database.execute("SELECT name, pinfl, phone FROM consumer WHERE pinfl = '30101199001232'").fetchone()
    demo_database.execute("DELETE FROM consumer WHERE pinfl = '30101199001232'")
    assert added == ("Gʻaniyev Oʻktam", "30101199001232", "+998901234567")


def test_row_in_use_is_not_deleted_and_the_reason_is_told(visitor: Visitor, demo_database: psycopg.Connection) -> None:
    operator = visitor("operator")
    place = one(demo_database, "SELECT min(p.id) FROM stock_place p JOIN division d ON d.id = p.division_id WHERE d.code = '1726901'")
    form = {"csrf_token": token(operator.get("/stockplaceview/list/").text)}

    page = operator.post(f"/stockplaceview/delete/{place}", data=form, follow_redirects=True).text

    assert "The row is in use by others and stays." in page
    assert one(demo_database, f"SELECT count(*) FROM stock_place WHERE id = {place}") == "1"


def addresses(app: Flask, wanted: Callable[[Rule], bool]) -> list[str]:
    """Return an address for each wanted rule of ours and of the framework, about the first row there is."""
    urls = app.url_map.bind("localhost")
    rules = [rule for rule in app.url_map.iter_rules() if not rule.rule.startswith("/api/") and wanted(rule)]
    return [urls.build(rule.endpoint, {name: WORDS.get(name, "1") for name in rule.arguments}, method="POST") for rule in rules]


def test_post_without_a_token_is_refused_everywhere(app: Flask, visitor: Visitor) -> None:
    admin = visitor("admin")
    posted = addresses(app, lambda rule: "POST" in (rule.methods or ()))

    answers = {address: admin.post(address, data={"action": "x", "rowid": "1"}).status_code for address in posted}

    assert len(answers) > 150
    assert {address: status for address, status in answers.items() if status != 400} == {}


def footprint(demo_database: psycopg.Connection) -> list[tuple[object, ...]]:
    """Return figures that any change, job or user would alter."""
    counted = "audit_entry job_run reading payment bill ledger_entry ab_user ab_role ab_permission_view ab_permission_view_role".split()
    counts = ", ".join(f"(SELECT count(*) FROM {table})" for table in counted)
    return demo_database.execute(f"SELECT {counts}, (SELECT string_agg(status, ',' ORDER BY id) FROM bill_run)").fetchall()


def test_get_on_an_address_that_acts_changes_nothing(app: Flask, visitor: Visitor, demo_database: psycopg.Connection) -> None:
    admin, before = visitor("admin"), footprint(demo_database)
    acts = (".delete", ".delete_view", ".action", ".action_view", ".action_post", ".cancel", ".post", ".accept")
    unused = one(demo_database, "SELECT id FROM bank WHERE mfo = '00974'")

    answers = [admin.get(address).status_code for address in addresses(app, lambda rule: rule.endpoint.endswith(acts))]
    answers.append(admin.get(f"/bankview/delete/{unused}").status_code)

    assert len(answers) > 100
    assert set(answers) <= {302, 403, 404, 405}
    assert footprint(demo_database) == before


def test_eleventh_wrong_login_from_an_address_is_turned_away(client: FlaskClient) -> None:
    tries = [log_in(client, f"nobody-{number}", "wrong", "203.0.113.7") for number in range(11)]

    assert tries == [302] * 10 + [429]
    assert log_in(client, "operator", PASSWORD, "203.0.113.7") == 429
    assert log_in(client, "operator", PASSWORD, "203.0.113.8") == 302


def test_eleventh_wrong_password_of_a_user_is_turned_away_wherever_it_comes_from(client: FlaskClient) -> None:
    tries = [log_in(client, "Victim", f"wrong-{number}", f"203.0.113.{100 + number}") for number in range(11)]

    assert tries == [302] * 10 + [429]
    assert log_in(client, "victim", "wrong", "203.0.113.150") == 429


def test_right_logins_are_not_counted(app: Flask) -> None:
    assert [log_in(app.test_client(), "cashier", PASSWORD, "203.0.113.200") for _ in range(11)] == [302] * 11


def test_eleventh_wrong_login_through_the_interface_is_turned_away(client: FlaskClient) -> None:
    where = {"REMOTE_ADDR": "203.0.113.9"}

    tries = [
        client.post("/api/v1/security/login", json={"username": f"none-{number}", "password": "x", "provider": "db"}, environ_base=where)
        for number in range(11)
    ]

    assert [answer.status_code for answer in tries] == [401] * 10 + [429]
