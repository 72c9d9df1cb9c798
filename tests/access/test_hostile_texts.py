"""Texts of translators are text: whatever one writes, no page and no paper takes it for markup or for a script."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask, render_template_string
from flask_babel import force_locale
from markupsafe import Markup
from xhtml2pdf import pisa

from app.domain.administration.translations import HoldsMarkup, check_texts, holds_markup
from app.extensions import appbuilder
from app.gateways import catalogs
from tests.access import walk
from tests.access.walk import Line, Rows
from tests.databases import ROOT
from tests.portal.consumers import consumer, enter

LANGUAGE = "ru"
#: Papers speak the language their consumer had when they were made.
OF_PAPERS = "uz"
_PLACE = re.compile(r"%\(\w+\)[a-z]")
#: A tag, a closed attribute in both quotes, an entity, a closed script, and a backslash that opens the next text of a script.
HOSTILE = "\"'><hostile-tag hostile-attribute=1>&lt;hostile-entity></script><hostile-script>\\"


class Found(HTMLParser):
    """What a browser makes of a page: the tags and attributes that only a translation could have brought in."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.hostile: list[str] = []
        self.is_script = False
        self.scripts: list[tuple[dict[str, str | None], str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hostile += [f"<{tag} {attrs}>"] if any("hostile" in name for name in (tag, *(name for name, _value in attrs))) else []
        self.is_script = tag == "script"
        if self.is_script:
            self.scripts.append((dict(attrs), ""))

    def handle_endtag(self, _tag: str) -> None:
        self.is_script = False

    def handle_data(self, data: str) -> None:
        if self.is_script and self.scripts:
            attributes, text = self.scripts[-1]
            self.scripts[-1] = (attributes, text + data)


def found_in(page: str) -> list[str]:
    parser = Found()
    parser.feed(page)
    broken = [text for attributes, text in parser.scripts if not _is_whole(attributes, text)]
    return parser.hostile + broken


def _is_whole(attributes: dict[str, str | None], text: str) -> bool:
    """Tell whether the texts of a script are texts still: JSON parses, and no text of ours ends in a backslash of its own."""
    if attributes.get("type") == "application/json":
        return bool(json.loads(text) is not None)
    return not re.search(r"(?<!\\)(\\\\)*\\['\"]\s*[,)]", text)


@pytest.fixture(scope="module")
def hostile_texts(demo_url: str) -> int:
    """Every message of the program with a hostile text in two languages, past every check, as somebody with the database could."""
    rows = []
    for language in (LANGUAGE, OF_PAPERS):
        for entry in catalogs.entries(ROOT / "translations", language):
            places = "".join(sorted(set().union(*(_PLACE.findall(text) for text in entry.source))))
            rows.append((language, entry.message, json.dumps([HOSTILE + places] * len(entry.texts))))
    domain: Any = appbuilder.bm.babel.domain_instance
    with psycopg.connect(demo_url, autocommit=True) as demo_database:
        demo_database.execute("DELETE FROM translation")
        demo_database.cursor().executemany("INSERT INTO translation (language, message, texts) VALUES (%s, %s, %s)", rows)
    domain.asked_at = None
    return len(rows)


@pytest.fixture(scope="module")
def papers() -> Iterator[list[str]]:
    """What is handed to the maker of PDFs while the pages are walked."""
    taken: list[str] = []
    make = pisa.CreatePDF

    def spy(source: str, *args: Any, **kwargs: Any) -> Any:
        taken.append(source)
        return make(source, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pisa, "CreatePDF", spy)
        yield taken


@pytest.fixture(scope="module")
def walked(app: Flask, demo_url: str, hostile_texts: int, papers: list[str], pytestconfig: pytest.Config) -> dict[str, tuple[int, str]]:
    assert hostile_texts
    assert papers == []
    lines = walk.lines(app)
    chosen = {line.key for line in walk.drawn(lines, pytestconfig.getoption("randomly_seed", 1))}
    return _walked(app, demo_url, [line for line in lines if line.key in chosen or "pdf" in line.shown])


def _walked(app: Flask, demo_url: str, lines: list[Line]) -> dict[str, tuple[int, str]]:
    """Pages the owner of the system may open and pages of the portal, in the hostile language; half of them, and all papers."""
    pages: dict[str, tuple[int, str]] = {}
    with walk.every_answer(app), psycopg.connect(demo_url, autocommit=True) as demo_database:
        browser = walk.browser_of(app, "admin", 230)
        browser.client.get(f"/language/{LANGUAGE}")
        rows = Rows(demo_database, walk.MINE, "admin")
        for line in lines:
            address = _address(app, line, rows)
            if address is not None:
                answer = browser.client.get(address)
                pages[line.shown] = (answer.status_code, answer.text if "html" in answer.content_type else "")
                answer.close()
    return pages


def _address(app: Flask, line: Line, rows: Rows) -> str | None:
    skipped = ("/logout", "/language/", "/lang/", "/api/", "/portal/logout", "/portal/language")
    if line.method != "GET" or line.shown.startswith(skipped):
        return None
    return walk.address_of(app, line, rows)


def test_no_page_takes_a_translation_for_markup(walked: dict[str, tuple[int, str]], hostile_texts: int) -> None:
    hostile = {address: found_in(page)[:3] for address, (_status, page) in walked.items() if found_in(page)}

    assert hostile == {}
    assert hostile_texts > 1000
    shown = [address for address, (status, page) in walked.items() if status == 200 and "hostile-tag" in page]
    assert len(shown) > (150 if walk.WHOLE else 60), "the walk saw the texts"
    assert [address for address, (status, _page) in walked.items() if status == 500] == []


def test_no_paper_takes_a_translation_for_markup(walked: dict[str, tuple[int, str]], papers: list[str]) -> None:
    assert walked
    assert len(papers) > 1
    assert any("hostile-tag" in page for page in papers)
    assert [found_in(page)[:3] for page in papers if found_in(page)] == []


@pytest.mark.usefixtures("hostile_texts")
def test_portal_takes_no_translation_for_markup(app: Flask, demo_database: psycopg.Connection) -> None:
    demo_database.execute("DELETE FROM portal_code")
    account, browser = consumer(demo_database), app.test_client()
    browser.get(f"/portal/language/{LANGUAGE}")
    enter(browser, demo_database, account)

    pages = {address: browser.get(address).text for address in ("/portal/home", "/portal/calculator")}

    assert {address: found_in(page)[:3] for address, page in pages.items() if found_in(page)} == {}
    assert all("hostile-tag" in page for page in pages.values())


@pytest.mark.usefixtures("hostile_texts")
def test_form_that_is_refused_shows_translated_reasons_as_text(app: Flask) -> None:
    browser = walk.browser_of(app, "admin", 231)
    browser.client.get(f"/language/{LANGUAGE}")
    for address in ("/paymentcontractview/add", "/users/add", "/divisionview/add", "/departmentview/add", "/my-sessions/end"):
        page = browser.client.post(address, data={"csrf_token": browser.token}, follow_redirects=True).text
        assert found_in(page) == [], address


@pytest.mark.usefixtures("hostile_texts")
def test_place_filled_with_markup_of_our_own_keeps_it_and_nothing_else(app: Flask) -> None:
    with app.test_request_context(), force_locale(LANGUAGE):
        made = render_template_string(
            "{{ _('Page %(page)s', page=own) }}|{{ _('Page %(page)s', page=typed) }}", own=Markup("<b>1</b>"), typed="<i>"
        )

    own, typed = made.split("|")
    assert "<b>1</b>" in own
    assert "&lt;i&gt;" in typed
    assert "<hostile" not in made


@pytest.mark.parametrize("text", ["<b>", "a > b", "&lt;", "&#60;", "&amp", "back\\slash", "</script>"])
def test_markup_in_a_correction_is_refused(text: str) -> None:
    if text == "&amp":
        check_texts(["Rows"], [text])  # no entity without its semicolon, and shown as it stands
        return
    with pytest.raises(HoldsMarkup):
        check_texts(["Rows"], [text])


@pytest.mark.parametrize("path", sorted((ROOT / "translations").glob("*/LC_MESSAGES/messages.po")), ids=lambda path: path.parts[-3])
def test_shipped_catalog_holds_no_markup(path: Path) -> None:
    held = catalogs.entries(ROOT / "translations", path.parts[-3])

    assert [entry.message for entry in held if any(map(holds_markup, (*entry.source, *entry.texts)))] == []


def test_every_template_is_escaped_and_none_calls_a_text_safe() -> None:
    """Widgets and sub-views of the framework are rendered pages; nothing else is taken as it stands."""
    rendered = re.compile(r"widgets\.get\([^|]*\|\s*safe\b")
    paths = sorted((ROOT / "app" / "templates").rglob("*.*"))

    assert [path.name for path in paths if path.suffix != ".html"] == []
    lines = [line for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
    assert [line for line in lines if re.search(r"\|\s*safe\b|autoescape", rendered.sub("", line))] == []
