"""Whatever a careless or hostile hand sends to any address: refused in words, never with an error of ours.

One user who may do everything, one odd value of each kind for an address; neighbours get different ones, so every value meets every
kind of page. Half of the addresses are drawn, by the seed of the suite; ``make whole-walk`` visits all.
"""

import json
import logging
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder

from tests.access import walk
from tests.access.walk import MINE, Browser, Line, Rows
from tests.crawl import forms
from tests.databases import ROOT

#: What stands in an address in place of a number or a word.
PLACES = ("-1", "9" * 25, "9" * 18, "٣", "1e309", "a%00b", quote("𝒳😀'\"<!--"), "%ff%fe", "%ed%a0%80", "0", "1.5", "%2e%2e%2f")
#: What stands in an argument or a field; bytes, because half a letter is no text.
VALUES = (
    "1e309", "9" * 40, "-1", "a\0b", "𝒳😀 漢字 \u200f ܐ", "<!--<script></script>-->'\"\\", "0000-99-99", "\ud800", "%s %(name)s {0}",
    "NaN", "9" * 19, "9999-12-31", "0001-01-01", "٣", "", "-0", "1" + "0" * 30 + ",5", "[]", "ж" * 5000, "10000-01-01", "2026-13", "²",
)  # fmt: skip
_JSON = tuple(json.dumps(each) for each in (None, True, 7, "text", [], ["x"], [{}], {"a": 1}, "\ud800"))
#: Bodies that are no form, with their type.
BODIES = (
    *((each.encode(), "application/json") for each in _JSON),
    (b"{\xff", "application/json"),
    (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nv', "multipart/form-data; boundary=x"),
    (b"--x", "multipart/form-data"),
    (b"--x\r\nContent-Disposition: form-data; name*=utf-16''%ff; filename=\"\0\"\r\n\r\nv\r\n--x--\r\n", "multipart/form-data; boundary=x"),
    (b"a=%ff%fe&b=%zz&\xff=\xfe&%00=%00", "application/x-www-form-urlencoded"),
    (b"&".join(b"f%d=1" % number for number in range(1500)), "application/x-www-form-urlencoded"),
    (b"a=1", "application/x-www-form-urlencoded; charset=utf-7"),
    (b"_method=DELETE&action=x&rowid=1e309&rowid=x&step=do", "application/x-www-form-urlencoded"),
)
#: Arguments that pages read, found where they read them.
_READS = re.compile(r'request\.(?:args|values)(?:\.get|\.getlist)?[(\[]"(\w+)"')
ARGUMENTS = sorted({name for path in (ROOT / "app").rglob("*.py") for name in _READS.findall(path.read_text())})
#: What would end the walk's own session.
_ENDS = ("/logout/", "/portal/logout", "/my-sessions/end", "/resetmypassword/form")
#: Pages whose real rows are the walker's own session, access and rights.
_OWN = ("UserSessionView", "MySessionsView", "DivisionAccessView", "UserView", "TotpDeviceView", "SubstitutionView")


class Broken(logging.Handler):
    """Collects the errors that the application writes into its log."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(f"{record.getMessage()} {record.exc_text or record.exc_info or ''}"[-600:])


@pytest.fixture(scope="module")
def browser(app: Flask) -> Iterator[Browser]:
    """The browser of the owner of the system, whose every error is answered and not raised."""
    made = walk.browser_of(app, "admin", 240)
    with walk.every_answer(app):
        yield made


@pytest.fixture(scope="module")
def rows(demo_url: str) -> Iterator[Rows]:
    with psycopg.connect(demo_url, autocommit=True) as demo_database:
        yield Rows(demo_database, MINE, "admin")


@pytest.fixture
def broken() -> Iterator[Broken]:
    """What was logged as an error while a test ran."""
    collected = Broken()
    logging.getLogger().addHandler(collected)
    yield collected
    logging.getLogger().removeHandler(collected)


@pytest.fixture(scope="module")
def lines(app: Flask, pytestconfig: pytest.Config) -> list[Line]:
    found = [line for line in walk.lines(app) if not line.rule.rule.startswith(_ENDS) and line.rule.rule != "/readyz"]
    return walk.drawn(found, pytestconfig.getoption("randomly_seed", 1))


def asked(answers: dict[str, int], browser: Browser, method: str, address: str, **given: Any) -> Any:
    answer = browser.client.open(address, method=method, **given)
    answers[f"{method} {address[:200]} {given}"[:500]] = answer.status_code
    return answer


def nothing_broke(answers: dict[str, int], broken: Broken) -> None:
    assert len(answers) > (50 if walk.WHOLE else 25)
    assert [address for address, status in answers.items() if status >= 500] == []
    assert broken.found == []


def real(app: Flask, line: Line, rows: Rows) -> str:
    """Return the address of a row that is there, if one can be named."""
    known = set(line.rule.arguments) <= {*walk.TABLES, *walk.WORDS, "pk", "row_id", "table", "name"}
    return (walk.address_of(app, line, rows) if known else None) or walk.nowhere(app, line)


def test_odd_words_in_an_address(browser: Browser, lines: list[Line], broken: Broken) -> None:
    answers: dict[str, int] = {}
    for place, line in enumerate(line for line in lines if line.rule.arguments):
        address = re.sub(r"<[^>]+>", PLACES[place % len(PLACES)], line.rule.rule)
        asked(answers, browser, line.method, address, data=None if line.method == "GET" else {"csrf_token": browser.token}).close()

    nothing_broke(answers, broken)


def test_odd_arguments(app: Flask, browser: Browser, lines: list[Line], rows: Rows, broken: Broken) -> None:
    answers: dict[str, int] = {}
    for place, line in enumerate(line for line in lines if line.method == "GET"):
        odd = quote(VALUES[place % len(VALUES)][:300].encode("utf-8", "surrogatepass"))
        view = line.rule.endpoint.partition(".")[0]
        more = (f"page_{view}", f"psize_{view}", "page", "page_size", "sort", "search", "flt0_0") if place % 2 else ()
        query = "&".join(f"{name}={odd}" for name in (*ARGUMENTS, *more))
        asked(answers, browser, "GET", f"{real(app, line, rows).partition('?')[0]}?{query}").close()

    nothing_broke(answers, broken)


def test_odd_bodies_and_methods(app: Flask, browser: Browser, lines: list[Line], rows: Rows, broken: Broken) -> None:
    answers: dict[str, int] = {}
    for place, line in enumerate(line for line in lines if line.method != "GET"):
        headers = {"X-CSRFToken": browser.token, "_method": "DELETE", "X-HTTP-Method-Override": "PUT"}
        is_own = line.rule.endpoint.startswith(_OWN)
        address = (walk.nowhere(app, line) if is_own else real(app, line, rows)).partition("?")[0]
        body, media_type = BODIES[place % len(BODIES)]
        asked(answers, browser, line.method, f"{address}?_method=PUT", headers=headers, data=body, content_type=media_type).close()

    nothing_broke(answers, broken)


def test_body_in_chunks_of_an_unknown_length(app: Flask, browser: Browser, lines: list[Line], broken: Broken) -> None:
    answers: dict[str, int] = {}
    for line in lines[::5]:
        form = f"csrf_token={browser.token}&a=1".encode()
        sent = EnvironBuilder(
            walk.nowhere(app, line), method="POST", input_stream=BytesIO(form), content_type="application/x-www-form-urlencoded"
        )
        environ = sent.get_environ() | {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
        environ.pop("CONTENT_LENGTH", None)
        answers[f"{line.rule.rule} chunked"] = browser.client.open(environ).status_code

    nothing_broke(answers, broken)


def test_odd_values_in_every_form(app: Flask, browser: Browser, lines: list[Line], rows: Rows, broken: Broken) -> None:
    answers: dict[str, int] = {}
    tried: set[str] = set()
    for line in lines:
        if line.method != "GET" or line.rule.endpoint.startswith("portal") or "POST" not in (line.rule.methods or ()):
            continue
        answer = browser.client.get(real(app, line, rows))
        found = forms.forms_of(answer.request.path, answer.text) if answer.status_code == 200 else []
        for form in found:
            if form.address in tried or form.address.startswith((*_ENDS, "/users/", "/divisionaccessview/")):
                continue
            tried.add(form.address)
            place = len(tried)
            names = [field.name for field in form.fields if field.name]
            odd = {name: VALUES[(place + number * 3) % len(VALUES)].encode("utf-8", "surrogatepass") for number, name in enumerate(names)}
            kept = {field.name: field.value for field in form.fields if field.name in forms.KEPT}
            right = {field.name: field.value for field in form.fields if field.kind == "select"} if place % 2 else {}
            asked(answers, browser, "POST", form.address, data=odd | right | kept | {"step": "do"}).close()

    nothing_broke(answers, broken)
