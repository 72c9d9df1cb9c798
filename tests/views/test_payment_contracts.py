"""Contracts with providers: two persons for every change, and keys that nobody is shown."""

import hashlib
import re
from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask

from tests.browsers import Browser, log_in, one

EDITED = {
    "name": "Click", "merchant_number": "46", "login": "", "smallest_tiyin": "500", "largest_tiyin": "3000000",
    "commission_percent": "0", "unknown_transaction": "STATE_3", "repeated_cancel": "SAME_ANSWER", "repeated_payment": "REFUSED",
    "cancel_days": "30", "ask_url": "", "ask_login": "", "is_active": "y", "change_reason": "letter 7", "networks": "",
    "new_key": "", "new_secret": "",
}  # fmt: skip


@pytest.fixture
def click(demo_database: psycopg.Connection) -> Iterator[str]:
    """The contract with Click; afterwards as it was."""
    contract = one(demo_database, "SELECT id FROM payment_contract WHERE channel = 'CLICK'")
    columns = "key_sha256, secret, networks, largest_tiyin, is_stopped, is_active, name"
    before = demo_database.execute(f"SELECT {columns} FROM payment_contract WHERE id = {contract}").fetchone()
    yield contract
    demo_database.execute(f"UPDATE payment_contract SET ({columns}) = (%s, %s, %s, %s, %s, %s, %s) WHERE id = {contract}", before)
    demo_database.execute("DELETE FROM approval WHERE kind = 'COMPANY_SETTING'")
    demo_database.execute("DELETE FROM payment_contract WHERE name = 'Another'")


def edit(browser: Browser, demo_database: psycopg.Connection, contract: str, **change: str) -> int:
    row = demo_database.execute(
        "SELECT service_number, largest_tiyin / 100, name, merchant_number FROM payment_contract WHERE id = %s", (contract,)
    ).fetchone()
    assert row is not None
    held = {"service_number": row[0], "largest_tiyin": str(row[1]), "name": row[2], "merchant_number": row[3]}
    form = {name: value for name, value in (EDITED | held | change).items() if value != "off"}
    return browser.post(f"/paymentcontractview/edit/{contract}", **form)


def latest(demo_database: psycopg.Connection) -> str:
    return one(demo_database, "SELECT max(id) FROM approval WHERE kind = 'COMPANY_SETTING'")


def approve(browser: Browser, request: str) -> int:
    return browser.post(f"/approvalview/decide/{request}", decision="approve", remark="seen")


def keys_of(demo_database: psycopg.Connection, contract: str) -> tuple[str, str]:
    row = demo_database.execute("SELECT key_sha256, secret FROM payment_contract WHERE id = %s", (contract,)).fetchone()
    assert row is not None
    return row[0], row[1]


def test_keys_hold_once_a_second_person_agrees_and_are_shown_to_nobody(app: Flask, demo_database: psycopg.Connection, click: str) -> None:
    administrator, supervisor = log_in(app, "admin"), log_in(app, "supervisor")
    before, digest = keys_of(demo_database, click), hashlib.sha256(b"a new key").hexdigest()

    assert edit(administrator, demo_database, click, networks="not a network") == 200
    assert edit(administrator, demo_database, click, new_key="a new key", new_secret="a new secret") == 302
    request = latest(demo_database)
    asked, decided = (each.text(f"/approvalview/show/{request}") for each in (administrator, supervisor))

    assert keys_of(demo_database, click) == before
    assert approve(administrator, request) == 403
    assert "Key calls are signed with" in decided
    assert approve(supervisor, request) == 302
    assert keys_of(demo_database, click) == (digest, "a new secret")
    shown = asked + decided + administrator.text(f"/paymentcontractview/edit/{click}") + supervisor.text(f"/approvalview/show/{request}")
    assert "a new secret" not in shown
    assert digest not in shown
    assert (
        one(demo_database, "SELECT count(*) FROM audit_entry WHERE after::text LIKE '%a new secret%' OR before::text LIKE '%a new secret%'")
        == "0"
    )
    assert one(demo_database, f"SELECT secret IS NULL FROM approval WHERE id = {request}") == "True"


def test_limit_and_networks_are_shown_old_beside_new_and_wait(app: Flask, demo_database: psycopg.Connection, click: str) -> None:
    administrator, supervisor = log_in(app, "admin"), log_in(app, "supervisor")
    before = one(demo_database, f"SELECT largest_tiyin FROM payment_contract WHERE id = {click}")

    assert edit(administrator, demo_database, click, largest_tiyin="9000000", networks="10.0.0.0/8") == 302
    request = latest(demo_database)
    page = supervisor.text(f"/approvalview/show/{request}")

    assert one(demo_database, f"SELECT largest_tiyin FROM payment_contract WHERE id = {click}") == before
    assert "9,000,000" in page
    assert "10.0.0.0/8" in page
    assert edit(administrator, demo_database, click, largest_tiyin="8000000") == 200, "one change of a row waits at a time"
    assert approve(supervisor, request) == 302
    assert one(demo_database, f"SELECT largest_tiyin || ' ' || networks FROM payment_contract WHERE id = {click}") == "900000000 10.0.0.0/8"


def test_change_of_a_row_that_changed_meanwhile_is_not_written(app: Flask, demo_database: psycopg.Connection, click: str) -> None:
    edit(log_in(app, "admin"), demo_database, click, largest_tiyin="9000000")
    demo_database.execute(f"UPDATE payment_contract SET largest_tiyin = 700000000 WHERE id = {click}")

    page = log_in(app, "supervisor")
    answer = page.client.post(
        f"/approvalview/decide/{latest(demo_database)}", data={"decision": "approve", "csrf_token": page.token}, follow_redirects=True
    )

    assert "The row was changed after this was drafted." in answer.text
    assert one(demo_database, f"SELECT largest_tiyin FROM payment_contract WHERE id = {click}") == "700000000"


def test_contract_is_stopped_at_once_and_started_by_two_persons(app: Flask, demo_database: psycopg.Connection, click: str) -> None:
    administrator = log_in(app, "admin")
    assert edit(administrator, demo_database, click, largest_tiyin="3000000", is_stopped="y") in {200, 302}
    stopped = one(demo_database, f"SELECT is_stopped FROM payment_contract WHERE id = {click}")

    assert edit(administrator, demo_database, click, largest_tiyin="3000000") == 302

    assert stopped == "True"
    assert one(demo_database, f"SELECT is_stopped FROM payment_contract WHERE id = {click}") == "True"
    assert one(demo_database, f"SELECT contents -> 'after' ->> 'is_stopped' FROM approval WHERE id = {latest(demo_database)}") == "false"


def test_new_contract_is_there_once_a_second_person_agrees(app: Flask, demo_database: psycopg.Connection, click: str) -> None:
    assert click
    assert log_in(app, "admin").post("/paymentcontractview/add", **CONTRACT) == 302
    before = one(demo_database, "SELECT count(*) FROM payment_contract WHERE name = 'Another'")

    assert approve(log_in(app, "supervisor"), latest(demo_database)) == 302

    assert before == "0"
    assert one(demo_database, "SELECT secret FROM payment_contract WHERE name = 'Another'") == "a long secret"


#: A new contract with Click as its form sends it.
CONTRACT = {
    "channel": "CLICK", "name": "Another", "merchant_number": "46", "service_number": "77", "login": "", "networks": "",
    "new_key": "", "new_secret": "a long secret", "smallest_tiyin": "1", "largest_tiyin": "1000000", "commission_percent": "1",
    "unknown_transaction": "STATE_3", "repeated_cancel": "SAME_ANSWER", "repeated_payment": "REFUSED", "cancel_days": "30",
    "ask_url": "", "ask_login": "", "is_active": "y", "change_reason": "test",
}  # fmt: skip


def test_contract_says_which_fields_do_not_fit_and_keeps_its_channel(app: Flask, demo_database: psycopg.Connection) -> None:
    administrator = log_in(app, "admin")
    contract = one(demo_database, "SELECT id FROM payment_contract WHERE channel = 'CLICK'")
    service = one(demo_database, f"SELECT service_number FROM payment_contract WHERE id = {contract}")
    secret = one(demo_database, f"SELECT secret FROM payment_contract WHERE id = {contract}")
    fields = CONTRACT | {"service_number": service, "new_secret": secret}

    def said(page: str, **change: str) -> str:
        return administrator.client.post(page, data={"csrf_token": administrator.token, **fields, **change}).text

    assert "Channel, Number of the service, Key that signs must not repeat." in said("/paymentcontractview/add")
    assert "Smallest sum, Largest sum: these values do not go together." in said(
        "/paymentcontractview/add", service_number="9", largest_tiyin="0,5"
    )
    assert 'name="channel"' not in administrator.text(f"/paymentcontractview/edit/{contract}")
    with pytest.raises(psycopg.errors.CheckViolation):
        demo_database.execute("UPDATE payment_contract SET channel = 'UZUM' WHERE id = %s", (contract,))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"commission_percent": "101"}, "Commission, %"),
        ({"commission_percent": "NaN"}, "Commission, %"),
        ({"networks": "50%"}, "50% is no network"),
        ({"networks": "%(x)s"}, "%(x)s is no network"),
        ({"name": "   "}, "This field is required."),
        ({"new_secret": "short"}, "A key has at least 8 characters."),
        ({"new_secret": ""}, "Without this key no call can be believed."),
        ({"channel": "PAYME", "new_key": ""}, "Without a key the provider cannot sign in."),
        ({"channel": "CASHIER"}, "There is one contract with our own cash desks"),
        ({"service_number": "abc"}, "A service has a number."),
    ],
)
def test_contract_that_cannot_work_is_refused_beside_its_field(app: Flask, change: dict[str, str], said: str) -> None:
    administrator = log_in(app, "admin")
    page = administrator.client.post("/paymentcontractview/add", data={"csrf_token": administrator.token, **CONTRACT, **change})

    assert page.status_code == 200
    assert said in page.text


def test_new_contract_is_offered_with_what_the_table_would_take(app: Flask) -> None:
    page = log_in(app, "admin").text("/paymentcontractview/add")

    assert 'name="cancel_days"' in page
    assert 'value="30"' in page
    assert re.search(r'<option selected value="REFUSED"', page)
