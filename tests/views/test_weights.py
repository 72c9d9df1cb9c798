"""How much of pages goes over the line: packed, the first time with all their files, later without those a browser keeps."""

import gzip
import re

import psycopg
import pytest
from flask import Flask

from tests.browsers import Browser, log_in, one

FIRST, WARM = 150_000, 30_000
#: As a browser asks that follows a link of the site.
FOLLOWED = {"Accept-Encoding": "gzip", "Sec-Fetch-Site": "same-origin"}
FILE = re.compile(r'<(?:link|script|img|use)[^>]*(?:href|src)="(/static/[^"#]*)')


@pytest.fixture(scope="module")
def operator(app: Flask) -> Browser:
    return log_in(app, "operator")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/billview/list/",
        "/accountview/list/",
        "/debtorview/list/?psize_DebtorView=50",
        "/accountview/show/{account}",
        "/billview/show/{bill}",
        "/search/?q=a",
    ],
)
def test_page_weighs_no_more_than_a_slow_line_carries(operator: Browser, demo_database: psycopg.Connection, path: str) -> None:
    account = one(demo_database, "SELECT account_id FROM bill GROUP BY account_id ORDER BY count(*) DESC, account_id LIMIT 1")
    bill = one(demo_database, f"SELECT max(id) FROM bill WHERE account_id = {account}")
    page, encoding, _keeping = asked(operator, path.format(account=account, bill=bill))
    assert encoding == "gzip"
    files = {each: asked(operator, each) for each in FILE.findall(gzip.decompress(page).decode())}
    assert len(files) > 5

    assert [each for each, file in files.items() if not {"max-age=31536000", "immutable"} <= {*file[2].split(", ")}] == []
    assert len(page) <= WARM
    assert len(page) + sum(len(file[0]) for file in files.values()) <= FIRST


def asked(browser: Browser, path: str) -> tuple[bytes, str, str]:
    """Return what comes over the line, how it is packed, and how long it is kept."""
    with browser.client.get(path, headers=FOLLOWED) as answer:
        return answer.data, answer.headers.get("Content-Encoding", ""), answer.headers["Cache-Control"]


@pytest.mark.parametrize("sent", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {}])
def test_page_that_another_site_led_to_is_not_packed(operator: Browser, sent: dict[str, str]) -> None:
    answer = operator.client.get("/search/?q=karimov", headers={"Accept-Encoding": "gzip", **sent})

    assert "Content-Encoding" not in answer.headers
    assert answer.data.endswith(b"</html>")
