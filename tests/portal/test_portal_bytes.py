"""What the portal sends to a telephone: little at first, almost nothing later."""

import re

import psycopg
import pytest
from flask.testing import FlaskClient

from tests.portal.consumers import consumer, enter, forget_everybody

FIRST_BYTES, WARM_BYTES = 60_000, 10_000
PACKED = {"Accept-Encoding": "gzip", "Sec-Fetch-Site": "none"}
PUBLIC = ("", "calculator", "tariffs", "how-to-pay", "terms", "outages", "contacts", "disclosure", "telephone", "l/none")
OWN = (
    "home", "bills", "payments", "pay", "consumption", "readings", "account", "notices", "settings", "accounts", "users", "devices",
    "applications", "applications/new/COMPLAINT", "applications/new/OWNER_CHANGE",
)  # fmt: skip
OF_FIRM = ("contract", "tax-invoices", "statements")


@pytest.fixture
def entered(client: FlaskClient, demo_database: psycopg.Connection) -> FlaskClient:
    """The browser of a firm, which sees the most pages."""
    forget_everybody(demo_database)
    return enter(client, demo_database, consumer(demo_database, "c.kind = 'LEGAL'"))


def weight(client: FlaskClient, address: str) -> tuple[int, dict[str, str]]:
    answer = client.get(address, headers=PACKED)
    assert answer.status_code == (404 if address == "/portal/l/none" else 200), address
    return len(answer.get_data()), dict(answer.headers)


def parts_of(page: str) -> list[str]:
    return [address.replace("&amp;", "&") for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', page)]


@pytest.mark.parametrize("page", PUBLIC)
def test_page_for_everybody_is_light(client: FlaskClient, page: str) -> None:
    expect_light(client, page)


@pytest.mark.parametrize("page", [*OWN, *OF_FIRM])
def test_page_of_an_account_is_light(entered: FlaskClient, page: str) -> None:
    expect_light(entered, page)


def expect_light(client: FlaskClient, page: str) -> None:
    """Require that a page is light when it is the first, and lighter still when its style and script are there already."""
    address = f"/portal/{page}"
    warm, headers = weight(client, address)
    parts = parts_of(client.get(address).text)

    files = [weight(client, part) for part in parts]

    assert headers["Content-Encoding"] == "gzip"
    assert warm <= WARM_BYTES
    assert warm + sum(size for size, _headers in files) <= FIRST_BYTES
    assert all("immutable" in sent["Cache-Control"] and "max-age=31536000" in sent["Cache-Control"] for _size, sent in files)


def test_page_loads_the_portals_own_style_alone(entered: FlaskClient) -> None:
    parts = [re.sub(r"\?.*", "", part) for part in parts_of(entered.get("/portal/home").text)]

    assert parts == ["/static/favicon.svg", "/static/css/portal.css", "/static/js/portal.js"]
