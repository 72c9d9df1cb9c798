"""Acts on the screen: previewed, performed once, shown with their document, listed, exported, undone."""

from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask

from tests.views.test_boundary import MINE, Browser, chief, local, log_in, one

__all__ = ["chief", "local"]

pytestmark = [pytest.mark.filterwarnings("ignore:Yielding raw tuples:DeprecationWarning")]


@pytest.fixture(autouse=True)
def tidy(town: psycopg.Connection) -> Iterator[None]:
    newest = one(town, "SELECT coalesce(max(id), 0) FROM act")
    yield
    town.execute("SET session_replication_role = replica")
    town.execute(f"DELETE FROM act WHERE id > {newest}")
    town.execute("DELETE FROM approval WHERE kind = 'ACT'")
    town.execute("SET session_replication_role = DEFAULT")


@pytest.fixture
def account(town: psycopg.Connection) -> str:
    return one(
        town,
        "SELECT max(a.id) FROM account a JOIN division d ON d.id = a.division_id JOIN consumer c ON c.id = a.consumer_id "
        f"WHERE d.code = '{MINE}' AND c.kind = 'HOUSEHOLD' AND EXISTS (SELECT 1 FROM bill b WHERE b.account_id = a.id)",
    )


@pytest.fixture
def consumer(town: psycopg.Connection, account: str) -> str:
    return one(town, f"SELECT consumer_id FROM account WHERE id = {account}")


def form_key(browser: Browser, page: str) -> str:
    return browser.text(page).split('name="reference"')[1].split('value="')[1].split('"')[0]


def newest(town: psycopg.Connection) -> str:
    return one(town, "SELECT max(id) FROM act")


def test_act_is_previewed_performed_once_shown_listed_exported_and_undone(
    app: Flask, town: psycopg.Connection, account: str, consumer: str
) -> None:
    operator, cashier = log_in(app, "operator"), log_in(app, "cashier")
    page, name = f"/acts/correct-identity/{consumer}", one(town, f"SELECT name FROM consumer WHERE id = {consumer}")
    assert page in operator.text(f"/accountview/show/{account}")
    assert page not in cashier.text(f"/accountview/show/{account}")
    form = {
        "name": "Toʻxtayeva <b>Nodira</b>", "phone": "", "pinfl": "", "language": "uz", "effective_on": "2026-01-15",
        "reason": "passport AA1234567", "reference": form_key(operator, page),
    }  # fmt: skip

    assert cashier.post(page, **form, step="do") == 403
    assert operator.post(page, **form, step="preview") == 200
    assert one(town, f"SELECT count(*) FROM act WHERE consumer_id = {consumer}") == "0"
    assert operator.post(page, **form, step="do") == operator.post(page, **form, step="do") == 302

    act = newest(town)
    assert one(town, f"SELECT count(*) FROM act WHERE consumer_id = {consumer}") == "1"
    assert one(town, f"SELECT reason FROM audit_entry WHERE table_name = 'consumer' AND row_id = {consumer} ORDER BY id DESC LIMIT 1") == (
        "passport AA1234567"
    )
    shown = cashier.client.get(f"/accountactview/show/{act}").text
    assert "Toʻxtayeva &lt;b&gt;Nodira&lt;/b&gt;" in shown
    assert "<b>Nodira" not in shown
    assert f"/accountactview/show/{act}" in operator.text(f"/accountview/show/{account}")
    assert cashier.client.get(f"/accountactview/pdf/{act}").data.startswith(b"%PDF")
    assert f"/accountactview/show/{act}" in operator.text("/accountactview/list/")
    assert "passport AA1234567" in operator.text("/accountactview/export.csv?_flt_0_reason=passport")
    assert "passport AA1234567" not in operator.text("/accountactview/export.csv?_flt_0_reason=nothing")
    assert operator.status("/accountactview/export.xlsx") == 200

    undo = f"/accountactview/reverse/{act}"
    back = {"effective_on": "2026-01-16", "reason": "wrong person", "reference": form_key(operator, undo)}
    assert cashier.post(undo, **back, step="do") == 403
    assert operator.post(undo, **back, step="preview") == 200
    assert operator.post(undo, **back, step="do") == 302
    assert one(town, f"SELECT name FROM consumer WHERE id = {consumer}") == name
    assert operator.post(undo, **{**back, "reference": "another"}, step="do") == 200


def test_refusal_stands_beside_its_field(app: Flask, consumer: str) -> None:
    operator = log_in(app, "operator")
    page = f"/acts/correct-identity/{consumer}"
    form = {"name": "A", "phone": "", "pinfl": "", "language": "uz", "effective_on": "2199-01-01", "reason": "x", "reference": "future"}

    answer = operator.client.post(page, data={"csrf_token": operator.token, **form, "step": "do"})

    assert answer.status_code == 200
    assert "The day has not come yet." in answer.text
