"""A translator corrects a text; every screen says it, and the catalogs get it back."""

import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask

from app.extensions import appbuilder
from app.gateways import catalogs
from tests.browsers import Browser, log_in, one
from tests.databases import ROOT

MESSAGE = "Skip to the content"
WAITING = "FROM approval WHERE kind = 'TRANSLATION' AND status = 'PENDING'"


@pytest.fixture
def translator(app: Flask, demo_database: psycopg.Connection) -> Iterator[Browser]:
    yield log_in(app, "translator")
    demo_database.execute("DELETE FROM translation")
    demo_database.execute("DELETE FROM approval WHERE kind = 'TRANSLATION'")
    appbuilder.bm.babel.domain_instance.asked_at = None


def save(browser: Browser, *texts: str, message: str = MESSAGE) -> str:
    form = {"csrf_token": browser.token, "language": "ru", "message": message, "q": "", "text": list(texts)}
    answer = browser.client.post("/translations/save", data=form, follow_redirects=True)
    appbuilder.bm.babel.domain_instance.asked_at = None  # the seconds until the next look pass
    return answer.text


def agree(app: Flask, demo_database: psycopg.Connection, user: str = "editor", **form: str) -> int:
    """Decide about the newest correction."""
    request = one(demo_database, "SELECT max(id) FROM approval WHERE kind = 'TRANSLATION'")
    status = log_in(app, user).post(f"/approvalview/decide/{request}", **{"decision": "approve", "remark": "read", **form})
    appbuilder.bm.babel.domain_instance.asked_at = None
    return status


def test_corrected_text_is_shown_to_everybody_once_a_second_person_agrees(
    app: Flask, translator: Browser, demo_database: psycopg.Connection
) -> None:
    reader = log_in(app, "cashier")
    reader.client.get("/language/ru")
    before = reader.text("/")

    save(translator, "Сразу к делу")
    waiting = reader.text("/")

    assert agree(app, demo_database, "translator") == 403
    assert agree(app, demo_database) == 302
    assert "Сразу к делу" not in before + waiting
    assert "Сразу к делу" in reader.text("/")
    assert "Welcome" not in reader.text("/")  # the other texts of the language are there still
    assert one(demo_database, "SELECT actor FROM audit_entry WHERE table_name = 'translation' ORDER BY id DESC LIMIT 1") == "editor"


def test_text_corrected_twice_is_kept_once(app: Flask, translator: Browser, demo_database: psycopg.Connection) -> None:
    for text in ("Раз", "Два"):
        save(translator, text)
        agree(app, demo_database)

    assert demo_database.execute("SELECT texts FROM translation").fetchall() == [(["Два"],)]


def test_second_person_sees_both_texts_and_may_refuse(app: Flask, translator: Browser, demo_database: psycopg.Connection) -> None:
    save(translator, "Мимо")
    request = one(demo_database, "SELECT max(id) FROM approval WHERE kind = 'TRANSLATION'")
    page = log_in(app, "editor").text(f"/approvalview/show/{request}")

    assert agree(app, demo_database, decision="refuse", remark="no") == 302

    assert MESSAGE in page
    assert "Мимо" in page
    assert one(demo_database, "SELECT count(*) FROM translation") == "0"


def test_one_correction_of_a_text_waits_at_a_time(translator: Browser, demo_database: psycopg.Connection) -> None:
    save(translator, "Раз")

    assert "waits for a second person already" in save(translator, "Два")
    assert one(demo_database, f"SELECT count(*) {WAITING}") == "1"


def test_markup_is_refused_beside_its_field(translator: Browser, demo_database: psycopg.Connection) -> None:
    page = save(translator, "К <b>делу</b>")

    assert "Write plain text" in page
    assert one(demo_database, f"SELECT count(*) {WAITING}") == "0"


def test_text_that_loses_a_place_is_refused_beside_its_field(translator: Browser, demo_database: psycopg.Connection) -> None:
    page = save(translator, "Без места", message="%(column)s from")

    assert "%(column)s." in page
    assert "Без места" in page
    assert one(demo_database, "SELECT count(*) FROM translation") == "0"


def test_page_counts_what_is_missing_and_says_where_a_message_stands(translator: Browser, lacking: list[str]) -> None:
    page = translator.text("/translations/?language=kaa&which=missing")
    own = translator.text(f"/translations/?language=ru&q={MESSAGE}")
    tariff = translator.text("/translations/?language=ru&q=tariff")

    assert f'which=missing">{len(lacking):,}' in page
    assert f"{len(lacking):,} messages, those without a text first" in page
    assert "templates/" in own
    assert "Glossary" in tariff
    assert 'lang="uz">tarif' in tariff


def test_every_message_is_reached_page_by_page(translator: Browser) -> None:
    def shown(address: str) -> list[str]:
        return re.findall(r'<textarea name="message"[^>]*>(.*?)</textarea>', translator.text(address), re.DOTALL)

    count = len(catalogs.entries(ROOT / "translations", "uz"))
    first, second = (shown(f"/translations/?language=uz&psize_texts=100&page_texts={page}") for page in (0, 1))
    last = shown(f"/translations/?language=uz&psize_texts=100&page_texts={(count - 1) // 100}")

    assert (len(first), len(second), len(last)) == (100, 100, (count - 1) % 100 + 1)
    assert not {*first} & {*second}


def test_file_goes_to_a_translators_program_and_comes_back_as_one_request(
    app: Flask, translator: Browser, demo_database: psycopg.Connection
) -> None:
    sent = translator.client.get("/translations/file/ru.po").data
    shipped = {each.message: each.texts for each in catalogs.entries(ROOT / "translations", "ru")}
    changed = sent.replace("Перейти к содержанию".encode(), "Сразу к делу".encode())
    assert catalogs.texts_of_file(sent) == {message: texts for message, texts in shipped.items() if all(texts)}

    page = load(translator, changed)
    request = one(demo_database, "SELECT max(id) FROM approval WHERE kind = 'TRANSLATION'")
    shown = log_in(app, "editor").text(f"/approvalview/show/{request}")
    assert agree(app, demo_database) == 302

    texts = {message: texts for message, texts in catalogs.texts_of_file(changed).items() if texts != shipped[message]}
    assert f"{len(texts)} text" in page
    assert "Сразу к делу" in shown
    assert dict(demo_database.execute("SELECT message, texts FROM translation").fetchall()) == {
        key: [*value] for key, value in texts.items()
    }
    assert "Сразу к делу".encode() in translator.client.get("/translations/file/ru.po").data


def test_text_of_a_file_that_loses_a_place_is_named_and_not_taken(translator: Browser, demo_database: psycopg.Connection) -> None:
    bad = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "%(column)s from"\nmsgstr "Без места"\n'

    page = load(translator, bad.encode())

    assert "%(column)s from" in page
    assert one(demo_database, f"SELECT count(*) {WAITING}") == "0"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no catalog", b"msgid unquoted"])
def test_file_that_is_no_catalog_is_refused_in_words(translator: Browser, content: bytes) -> None:
    assert "This is no .po file" in load(translator, content)


def load(browser: Browser, content: bytes) -> str:
    form = {"csrf_token": browser.token, "language": "ru", "file": (io.BytesIO(content), "ru.po")}
    return browser.client.post("/translations/load", data=form, content_type="multipart/form-data", follow_redirects=True).text


def test_translator_opens_nothing_else(app: Flask) -> None:
    assert log_in(app, "cashier").status("/translations/") == 403
    assert log_in(app, "translator").status("/translations/?language=kaa&q=Save") == 200
    assert log_in(app, "translator").status("/translations/?language=xx") == 404


def test_corrected_texts_are_written_back_to_the_catalog(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "translations" / "ru", tmp_path / "ru")
    before = {each.message: each.texts for each in catalogs.entries(tmp_path, "ru")}
    plural = next(each for each in catalogs.entries(tmp_path, "ru") if len(each.source) > 1)

    changed = catalogs.put(tmp_path, "ru", {MESSAGE: ["К делу"], plural.message: ["1 %(num)s", "2 %(num)s", "3 %(num)s"], "gone": ["x"]})

    after = {each.message: each.texts for each in catalogs.entries(tmp_path, "ru")}
    assert changed == 2
    assert after == before | {MESSAGE: ("К делу",), plural.message: ("1 %(num)s", "2 %(num)s", "3 %(num)s")}
