"""Each page in each language: no word of English that a person has not typed, and nothing that only a machine reads.

Half of the addresses are drawn, and one language for each, by the seed of the suite; ``make whole-walk`` reads all in all four. A page is
opened by the first of the roles that may; the home of every role is read too. What a page says is to stand as it is (``translate="no"``)
is a command, the name of a key or of a column of files, or a technical record.
"""

import csv
import io
import json
import os
import random
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient

from app.cli import access
from tests.access import shown, walk
from tests.access.walk import ANONYMOUS, MINE, Line, Rows
from tests.crawl import forms
from tests.databases import PASSWORD, ROOT
from tests.portal.consumers import consumer, enter

LANGUAGES = ("ru", "uz", "uz_Cyrl", "kaa")
#: Who opens a page: the first that may. Those who see most come first.
READERS = ("Admin", *(role for role in walk.ROLES if role != "Admin"), ANONYMOUS)
PORTAL = "portal"
#: What answers no page, or ends the session, or speaks another language afterwards.
_SKIPPED = ("/logout", "/language/", "/lang/", "/api/", "/portal/", "/readyz", "/healthz", "/back", "/divisionswitchview/")
_ENDS = ("/logout", "/portal/logout", "/my-sessions", "/resetmypassword", "/users/", "/divisionaccessview/", "/division-switch")
#: Columns whose texts people and other programs write: names, files, logins, letters.
TYPED = {
    "ab_user": "first_name last_name username email",
    "account_document": "title",
    "application": "applicant_name reference",
    "application_kind": "code form_schema",
    "application_source": "name login",
    "application_stage": "department_code",
    "application_step": "reason",
    "application_term": "source",
    "approval": "basis remark",
    "bank": "name",
    "benefit": "code",
    "bill_correction": "reason",
    "consumer": "name director",
    "contract_template": "body",
    "delivery_receipt": "reference body",
    "department": "name code",
    "division": "name code legal_name director accountant address",
    "job_run": "error",
    "mahalla": "name",
    "device": "serial_number",
    "brigade": "name",
    "meter_change_reason": "code",
    "meter_data_source": "name login",
    "device_kind": "code",
    "device_model": "name",
    "seal": "number",
    "seal_kind": "code",
    "inspection": "conclusion",
    "verification_interval": "source accuracy_class",
    "verification_plan": "basis",
    "material": "code",
    "maintenance_kind": "code source",
    "maintenance_plan": "basis",
    "maintenance_order": "note",
    "maintenance_work": "reason",
    "maintenance_record": "reason",
    "notice": "text subject email detail",
    "notice_template": "template_text source",
    "payment": "reference",
    "payment_contract": "name",
    "payment_control": "name",
    "payment_file_layout": "name",
    "post": "code name",
    "held_row": "payer",
    "reading_import_row": "account_number meter_number read_on dial",
    "reply_template": "code text_uz",
    "resource": "code name",
    "special_day": "source",
    "staff_member": "name",
    "stored_file": "name",
    "street": "name",
    "tariff": "name",
    "tariff_group": "code name",
    "tender": "payer purpose reference",
    "user_session": "agent",
}
#: Words that are the same everywhere, and why.
SAME = {
    "pc", "billing",  # the name of the program
    "payme", "paynet", "click", "uzum", "bank", "paycom", "ipak", "yoli",  # names of firms
    "csv", "xlsx", "pdf", "json", "xml", "txt", "dbf", "sms", "url", "ip", "utf", "png", "jpg", "po",  # names of formats and of nets
    "camt", "mt", "iso",  # names of standards
    "english", "hash", "sha", "totp", "excel", "ldap", "api", "id", "http", "https", "www", "uz", "example",
}  # fmt: skip
#: What only a machine reads.
MACHINE = {
    "member of an enum": re.compile(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b"),
    "name of a column": re.compile(r"\b[a-z][a-z0-9]*_[a-z0-9_]+\b"),
    "key of a job": re.compile(r"\bjob:\d+"),
    "moment of a machine": re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:|\d\d:\d\d:\d\d\.\d+|\+0\d:00|\bUTC\b"),
    "day of a machine": re.compile(r"\b\d{4}-\d\d-\d\d\b"),
    "month of a machine": re.compile(r"(?<![\d-])20\d\d-(0\d|1[0-2])(?![\d-])"),
    "value of Python": re.compile(r"\b(None|True|False|nan)\b|<[\w.]+ object|Decimal\(|\[\]|\{\}|\{['\"]|\[['\"]"),
    "place of a text": re.compile(r"%\(\w+\)|%s\b|\{\w+\}"),
    "unit of storage": re.compile(r"(?i)\btiyin\b|\bmilli\b"),
    "key of a parameter": re.compile(r"\b[a-z]+\.[a-z]+_[a-z_]+\b"),
}
_WORD = re.compile(r"[A-Za-z][A-Za-zʻʼ‘’'-]*")
_PLACE = re.compile(r"%\(\w+\)[a-z]|%[sd]|<[^>]+>|\{\w*\}")


class Page(NamedTuple):
    """A page as somebody saw it."""

    language: str
    reader: str
    address: str
    text: str


def words(text: str) -> set[str]:
    return {found.lower().strip("'’-") for found in _WORD.findall(_PLACE.sub(" ", text))}


@cache
def catalog(language: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the English words of the catalogs, and the texts of a language."""
    english: set[str] = set()
    own: set[str] = set()
    for path in (ROOT / "translations" / language / "LC_MESSAGES").glob("*.po"):
        with path.open("rb") as file:
            for message in read_po(file):
                sources = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
                found = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
                english.update(*map(words, sources))
                own.update(text for text in found if text)
    return frozenset(word for word in english if len(word) > 2), frozenset(own)


@cache
def english(language: str) -> frozenset[str]:
    """Return the words that are English and not of a language."""
    found, own = catalog(language)
    return found - frozenset().union(*map(words, own)) - SAME


@pytest.fixture(scope="module")
def readers(app: Flask, demo_url: str) -> dict[str, str]:
    """A user of each role who works in the whole company."""
    names = {role: f"reader{place}" for place, role in enumerate(walk.ROLES)}
    with app.app_context(), psycopg.connect(demo_url) as connection:
        for role, name in names.items():
            user = access.add_user(username=name, first_name="Aziza", last_name="Karimova", role_names=[role], password=PASSWORD)
            statement = (
                "INSERT INTO division_access (user_id, division_id, valid_from) SELECT %s, id, '2020-01-01' FROM division WHERE code = '17'"
            )
            connection.execute(statement, (user,))
    return names


@pytest.fixture(scope="module")
def pages(app: Flask, demo_url: str, readers: dict[str, str], pytestconfig: pytest.Config) -> list[Page]:
    """What the pages say, in each language."""
    rng = random.Random(pytestconfig.getoption("randomly_seed", 1))
    with walk.every_answer(app), psycopg.connect(demo_url, autocommit=True) as connection:
        walker = Walker(app, connection, readers)
        languages = LANGUAGES if walk.WHOLE else (rng.choice(LANGUAGES),)
        found = [page for language in languages for page in walker.walk(language, pytestconfig.getoption("randomly_seed", 1))]
        found += [page for language in languages for page in walker.send(language, pytestconfig.getoption("randomly_seed", 1))]
    if kept := os.environ.get("KEEP_PAGES"):
        Path(kept).write_text(json.dumps(found), encoding="utf-8")
    return found


class Walker:
    """Browsers of all readers, and what they see."""

    def __init__(self, app: Flask, connection: psycopg.Connection, readers: Mapping[str, str]) -> None:
        self.app, self.matrix = app, walk.read_matrix()
        self.browsers = {reader: walk.browser_of(app, readers.get(reader), 20 + place) for place, reader in enumerate(READERS)}
        self.rows = {reader: Rows(connection, MINE, readers.get(reader, "admin")) for reader in READERS}
        self.portal = app.test_client()
        self.portal.environ_base["REMOTE_ADDR"] = "10.0.0.99"
        enter(self.portal, connection, consumer(connection))

    def speak(self, language: str) -> None:
        for browser in self.browsers.values():
            browser.client.get(f"/language/{language}")
        self.portal.get(f"/portal/language/{language}")

    def walk(self, language: str, seed: int) -> Iterator[Page]:
        """Yield the pages of a language: all that are drawn, every role's home, and the portal's."""
        self.speak(language)
        for reader, address in self.addresses(seed):
            yield from self.seen(language, reader, address, self.browsers[reader].client)
        for reader in READERS[:-1]:
            for address in ("/", "/profile/", "/no-such-page") if walk.WHOLE or reader == READERS[0] else ("/",):
                yield from self.seen(language, reader, address, self.browsers[reader].client)
        for address in ("/portal/home", "/portal/calculator"):
            yield from self.seen(language, PORTAL, address, self.portal)
        stranger = self.app.test_client()
        stranger.get(f"/portal/language/{language}")
        for address in ("/portal/", "/portal/code", "/login/"):
            yield from self.seen(language, ANONYMOUS, address, stranger)

    def addresses(self, seed: int) -> Iterator[tuple[str, str]]:
        lines = [line for line in walk.lines(self.app) if line.method == "GET" and not line.shown.startswith(_SKIPPED)]
        for line in walk.drawn(lines, seed):
            reader = self.reader_of(line)
            address = walk.address_of(self.app, line, self.rows[reader]) if reader else None
            if reader and address:
                yield reader, address

    def reader_of(self, line: Line) -> str | None:
        row = self.matrix.get(line.key, {})
        return next((reader for reader in READERS if row.get(reader, "").startswith("ALLOWED")), None)

    def seen(self, language: str, reader: str, address: str, client: FlaskClient) -> Iterator[Page]:
        answer = client.get(address)
        kind = answer.content_type or ""
        if answer.status_code == 302:
            pass
        elif "html" in kind or ("csv" in kind and "/export." in address):
            yield Page(language, reader, address, answer.text)
        answer.close()

    def send(self, language: str, seed: int) -> Iterator[Page]:
        """Send the forms of the pages with nothing in them, and yield what they are answered."""
        self.speak(language)
        sent: set[str] = set()
        for reader, address in self.addresses(seed + 1):
            browser = self.browsers[reader]
            answer = browser.client.get(address)
            found = forms.forms_of(answer.request.path, answer.text) if answer.status_code == 200 and "html" in answer.content_type else []
            answer.close()
            for form in found:
                if form.address in sent or form.address.startswith(_ENDS):
                    continue
                sent.add(form.address)
                kept = {field.name: field.value for field in form.fields if field.name in forms.KEPT}
                reply = browser.client.post(form.address, data=kept | {"csrf_token": browser.token}, follow_redirects=True)
                if "html" in (reply.content_type or ""):
                    yield Page(language, reader, f"POST {form.address}", reply.text)
                reply.close()


@pytest.fixture(scope="module")
def typed(demo_url: str, pages: list[Page]) -> re.Pattern[str]:
    """What people and other programs have written, the longest first."""
    assert pages
    found: set[str] = set()
    with psycopg.connect(demo_url) as connection:
        for table, columns in TYPED.items():
            for column in columns.split():
                rows = connection.execute(f'SELECT DISTINCT "{column}" FROM "{table}" WHERE "{column}" <> \'\'').fetchall()
                found |= {" ".join(value.split()) for (value,) in rows}
        given = connection.execute("SELECT DISTINCT e.value FROM application, jsonb_each_text(given) e WHERE e.value <> ''").fetchall()
        found |= {" ".join(value.split()) for (value,) in given}
    return re.compile("|".join(r"(?<!\w)" + re.escape(each) + r"(?!\w)" for each in sorted(found, key=len, reverse=True)))


@pytest.fixture(scope="module")
def texts(pages: list[Page]) -> dict[tuple[str, str], str]:
    """The texts of each language, and on which page each stands first."""
    found: dict[tuple[str, str], str] = {}
    for page in pages:
        for text in _texts_of(page):
            if not text.startswith("/"):  # an address
                found.setdefault((page.language, text), f"{page.address} ({page.reader})")
    return found


def _without(text: str, own: frozenset[str], pattern: re.Pattern[str]) -> str:
    """Return a text without sentences of the catalogs that hold an example of what a pattern means, like a day to be written in a file."""
    for sentence in own:
        if sentence in text and pattern.search(sentence):
            text = text.replace(sentence, " ")
    return text


def _texts_of(page: Page) -> list[str]:
    if "<html" in page.text[:300]:
        return shown.texts(page.text, page.language)
    return [cell for row in csv.reader(io.StringIO(page.text.lstrip("\ufeff")), delimiter=";") for cell in row]


def test_no_page_shows_a_word_of_english(pages: list[Page], texts: dict[tuple[str, str], str], typed: re.Pattern[str]) -> None:
    suspects = {key: place for key, place in texts.items() if words(key[1]) & english(key[0])}

    found = {(*key, *(words(typed.sub(" ", key[1])) & english(key[0]))): place for key, place in suspects.items()}

    assert {key: place for key, place in found.items() if len(key) > 2} == {}
    assert len(pages) > (800 if walk.WHOLE else 130)
    assert {page.address for page in pages} >= {"/", "/no-such-page", "/portal/home"}


def test_no_page_shows_what_only_a_machine_reads(texts: dict[tuple[str, str], str], typed: re.Pattern[str]) -> None:
    found = {}
    for (language, text), place in texts.items():
        _english, own = catalog(language)
        for kind, pattern in MACHINE.items():
            if pattern.search(text) and pattern.search(_without(typed.sub(" ", text), own, pattern)):
                found[kind, text] = place

    assert found == {}


def test_the_walk_would_see_each_kind_of_fault() -> None:
    faults = "LEGAL_ZONES due_on job:12 2026-08-01T10:00 2026-08-01 2026-08 None %(name)s tiyin payments.due_day"

    page = f'<html lang="ru"><p title="Due day">{faults}</p><p translate="no">LEFT_OUT</p><p lang="en">Left out</p></html>'
    found = shown.texts(page, "ru")

    assert found == ["Due day", faults]
    assert {kind for kind, pattern in MACHINE.items() if pattern.search(faults)} == set(MACHINE)
    assert words("Due day") <= english("ru")
