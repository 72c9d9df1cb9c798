"""The language of a screen: the browser's at first, then the user's own on every device; one without all texts says so."""

import re

import psycopg
import pytest
from flask import Flask
from flask_appbuilder.security.forms import LoginForm_db
from flask_babel import force_locale

from app.extensions import appbuilder
from app.gateways import catalogs
from app.views.administration.translations import CorrectedDomain
from tests.browsers import Browser, log_in
from tests.databases import ROOT

LANGUAGES = {"uz": "Oʻzbekcha", "uz_Cyrl": "Ўзбекча", "ru": "Русский", "kaa": "Qaraqalpaqsha"}


#: Of a constant, Jinja keeps what a filter gave in the language of the first reader; a call of ``labels.…`` is made each time.
CONSTANT = re.compile(r"""(["'])[^"']*\1 \| (actor|badge|day|moment|money|month|number|quantity|register|word)\b""")


def test_no_template_has_a_constant_in_the_language_of_its_first_reader() -> None:
    templates = (ROOT / "app" / "templates").rglob("*.html")

    assert [f"{path.name}: {found[0]}" for path in templates for found in CONSTANT.finditer(path.read_text())] == []


def spoken(page: str) -> str:
    found = re.search(r'<html lang="([^"]+)"', page)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("uz-UZ,uz;q=0.9,en;q=0.1", "uz"),
        ("uz-Cyrl", "uz-Cyrl"),
        ("ru-RU,ru;q=0.9", "ru"),
        ("kaa,uz;q=0.5", "kaa"),
        ("uz-Cyrl-UZ,uz;q=0.9", "uz-Cyrl"),
        ("uz-Latn-UZ,ru;q=0.9", "uz"),
        ("kaa-Latn-UZ,ru;q=0.9", "kaa"),
        ("ru;q=0,uz-cyrl;q=0.5", "uz-Cyrl"),
        ("de-DE,ru;q=0.3", "ru"),
        ("de", "en"),
        ("", "en"),
    ],
)
def test_first_page_speaks_the_language_of_the_browser(app: Flask, asked: str, language: str) -> None:
    assert spoken(app.test_client().get("/login/", headers={"Accept-Language": asked}).text) == language


def test_language_that_was_chosen_belongs_to_the_user_wherever_he_logs_in(app: Flask) -> None:
    here = log_in(app, "inspector")
    assert here.client.get("/language/ru").status_code == 302

    elsewhere = log_in(app, "inspector")
    other = log_in(app, "operator")

    assert spoken(elsewhere.text("/")) == "ru"
    assert spoken(other.text("/")) == "en"
    assert elsewhere.client.get("/language/uz_Cyrl").status_code == 302
    assert spoken(log_in(app, "inspector").text("/")) == "uz-Cyrl"


def test_language_without_all_texts_says_so(app: Flask, lacking: list[str]) -> None:
    page = app.test_client().get("/login/").text

    assert lacking
    assert "Qaraqalpaqsha (not complete)" in page
    assert re.findall(r"(?:Русский|Oʻzbekcha|Ўзбекча) \(", page) == []


def test_language_with_all_texts_says_nothing_of_it(app: Flask) -> None:
    missing = {code: sum(each.is_missing for each in catalogs.entries(ROOT / "translations", code)) for code in LANGUAGES}

    page = app.test_client().get("/login/").text

    assert {code for code, name in LANGUAGES.items() if f"{name} (not complete)" in page} == {code for code in LANGUAGES if missing[code]}


def test_text_that_karakalpak_lacks_is_shown_in_uzbek(app: Flask, lacking: list[str]) -> None:
    domain = CorrectedDomain()
    domain._translation_directories = [app.config["BABEL_TRANSLATION_DIRECTORIES"]]

    with app.test_request_context():
        with force_locale("uz"):
            uzbek = [domain.gettext(each) for each in lacking]
        with force_locale("kaa"):
            shown, save = [domain.gettext(each) for each in lacking], domain.gettext("Save")

    assert save == "Saqlaw"
    assert shown == uzbek
    assert not {*shown} & {*lacking}


def test_names_are_shown_in_the_readers_language(app: Flask, demo_database: psycopg.Connection) -> None:
    row = demo_database.execute(
        "SELECT d.name, d.name_ru, g.name, g.name_ru, a.id FROM account a JOIN division d ON d.id = a.division_id "
        "JOIN supply s ON s.account_id = a.id JOIN tariff_group g ON g.id = s.tariff_group_id "
        "WHERE d.name_ru IS NOT NULL AND d.code LIKE '1726%' ORDER BY a.id LIMIT 1"
    ).fetchone()
    assert row is not None
    operator = log_in(app, "operator")

    card = operator.text(f"/accountview/show/{row[4]}")
    operator.client.get("/language/ru")
    card_ru, bills = operator.text(f"/accountview/show/{row[4]}"), operator.text("/billview/list/")
    lists = [operator.text(address) for address in ("/debts-by-age/", "/periods/")]
    operator.client.get("/language/en")

    assert row[0] in card
    assert row[1] in card_ru
    assert row[1] in bills
    assert all(row[1] in page and row[0] not in page for page in lists)
    assert row[3] in card_ru


def test_departments_and_payment_contracts_are_named_in_the_readers_language(app: Flask, demo_database: psycopg.Connection) -> None:
    demo_database.execute("UPDATE department SET name_ru = 'Абонентский отдел'")
    demo_database.execute("UPDATE payment_contract SET name_ru = 'Договор ' || id")
    admin = log_in(app, "admin")
    admin.client.get("/language/ru")

    pages = {address: admin.text(address) for address in ("/departmentview/list/", "/staffmemberview/list/", "/paymentcontractview/list/")}

    assert "Абонентский отдел" in pages["/departmentview/list/"]
    assert "Абонентский отдел" in pages["/staffmemberview/list/"]
    assert "Договор 1" in pages["/paymentcontractview/list/"]


@pytest.mark.parametrize("page", ["login_ldap.html", "login_oauth.html"])
def test_login_by_directory_or_provider_is_a_page_of_ours(app: Flask, page: str) -> None:
    with app.test_request_context("/login/?next=/billview/list/"):
        form = LoginForm_db()
        view = appbuilder.sm.auth_view
        providers = [{"name": "google", "icon": "fa-google"}]
        shown = view.render_template(
            f"appbuilder/general/security/{page}", title="Login", form=form, providers=providers, appbuilder=appbuilder
        )

    assert "btn-block" not in shown
    assert "panel" not in shown
    assert "fa-" not in shown
    assert 'class="login"' in shown


def test_change_of_owner_offers_the_companys_language_first(app: Flask, demo_database: psycopg.Connection) -> None:
    row = demo_database.execute(
        "SELECT a.id FROM account a JOIN division d ON d.id = a.division_id "
        "WHERE a.status = 'OPEN' AND d.code LIKE '1726%' ORDER BY a.id LIMIT 1"
    ).fetchone()
    assert row is not None
    demo_database.execute("UPDATE consumer SET language = 'kaa' WHERE id = (SELECT consumer_id FROM account WHERE id = %s)", row)
    operator: Browser = log_in(app, "operator")

    page = operator.text(f"/acts/change-owner/{row[0]}")

    field = page.split('name="language"')[1].split("</select>")[0]
    chosen = re.findall(r"<option selected value=\"(\w+)\"", field) or re.findall(r'value="(\w+)"', field)
    assert chosen[0] == "uz"
