"""A translator takes the texts of a language to a program of his own and brings them back; words agreed on stand beside each text."""

from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import faults, log_in, picture
from tests.browsers import one

pytestmark = pytest.mark.browser


def test_texts_go_out_as_a_file_and_come_back_as_one_request(page: Page, tmp_path: Path, demo_database: psycopg.Connection) -> None:
    log_in(page, "translator")
    page.goto("/translations/?language=ru")
    with page.expect_download() as sent:
        page.click("main a[href$='/translations/file/ru.po']")
    texts = Path(sent.value.path()).read_text(encoding="utf-8")
    changed = tmp_path / "ru.po"
    changed.write_text(texts.replace("Перейти к содержанию", "Сразу к делу"), encoding="utf-8")

    page.set_input_files("main input[type=file]", changed)
    page.click("main form:has(input[type=file]) button[type=submit]")

    assert "1 text" in page.inner_text("main")
    waiting = "SELECT count(*) FROM approval WHERE kind = 'TRANSLATION' AND status = 'PENDING'"
    assert one(demo_database, waiting) == "1"
    assert faults(page) == []


def test_glossary_and_other_languages_stand_beside_the_field(page: Page) -> None:
    log_in(page, "translator")
    page.goto("/translations/")

    page.select_option("main select[name=language]", "ru")
    page.fill("#q", "tariff group")
    page.click("main form[method=get] button[type=submit]")

    entry = page.locator("main form:has(textarea)").filter(has=page.get_by_text("Change the tariff group", exact=True)).first
    entry.locator("textarea:visible").first.click()
    beside = entry.inner_text()
    assert "tariff group: тарифная группа, tarif guruhi" in beside
    assert "Tarif guruhini" in beside
    assert ".py" in beside or ".html" in beside
    picture(page, "translations")
