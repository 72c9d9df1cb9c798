"""What the portal sends to a telephone: little at first, almost nothing later."""

import re

import psycopg
import pytest
from flask.testing import FlaskClient

from tests.portal.consumers import consumer, enter, forget_everybody

FIRST_BYTES, WARM_BYTES = 60_000, 10_000
PACKED = {"Accept-Encoding": "gzip", "Sec-Fetch-Site": "none"}
PAGES = ("home", "bills", "payments", "pay", "consumption", "readings", "account", "notices", "settings", "accounts", "tariffs", "contacts")


@pytest.fixture
def entered(client: FlaskClient, demo_database: psycopg.Connection) -> FlaskClient:
    forget_everybody(demo_database)
    return enter(client, demo_database, consumer(demo_database))


def weight(client: FlaskClient, address: str) -> tuple[int, dict[str, str]]:
    answer = client.get(address, headers=PACKED)
    assert answer.status_code == 200, address
    return len(answer.get_data()), dict(answer.headers)


def parts_of(page: str) -> list[str]:
    return [address.replace("&amp;", "&") for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', page)]


@pytest.mark.parametrize("page", PAGES)
def test_first_page_and_each_later_one_are_light(entered: FlaskClient, page: str) -> None:
    address = f"/portal/{page}"
    warm, headers = weight(entered, address)
    parts = parts_of(entered.get(address).text)

    files = [weight(entered, part) for part in parts]

    assert headers["Content-Encoding"] == "gzip"
    assert warm <= WARM_BYTES
    assert warm + sum(size for size, _headers in files) <= FIRST_BYTES
    assert all("immutable" in sent["Cache-Control"] and "max-age=31536000" in sent["Cache-Control"] for _size, sent in files)


def test_page_loads_the_portals_own_style_alone(entered: FlaskClient) -> None:
    parts = [re.sub(r"\?.*", "", part) for part in parts_of(entered.get("/portal/home").text)]

    assert parts == ["/static/favicon.svg", "/static/css/portal.css", "/static/js/portal.js"]
