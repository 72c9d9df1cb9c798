"""The card of an account: every detail, what waits, signs and struck rows in the time line, documents that do no harm."""

import io
import re
from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask

from app.domain.accounts.attachments import LARGEST_BYTES, AttachmentFault, AttachmentRefused, media_type_of
from tests.browsers import Browser, log_in

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32


@pytest.fixture
def operator(app: Flask) -> Browser:
    return log_in(app, "operator")


@pytest.fixture
def household(demo_database: psycopg.Connection) -> int:
    """An account of a household in the operator's region, with bills."""
    return one(demo_database, "HOUSEHOLD")


def one(demo_database: psycopg.Connection, kind: str) -> int:
    row = demo_database.execute(
        "SELECT a.id FROM account a JOIN consumer c ON c.id = a.consumer_id AND c.kind = %s JOIN division d ON d.id = a.division_id "
        "WHERE d.code LIKE '1726%%' AND EXISTS (SELECT 1 FROM bill b WHERE b.account_id = a.id) AND a.closed_on IS NULL "
        "AND EXISTS (SELECT 1 FROM supply s WHERE s.account_id = a.id) ORDER BY a.id LIMIT 1",
        (kind,),
    ).fetchone()
    assert row is not None
    return int(row[0])


def attach(browser: Browser, account_id: int, name: str, content: bytes) -> tuple[int, str]:
    form = {"csrf_token": browser.token, "title": "A deed", "file": (io.BytesIO(content), name)}
    answer = browser.client.post(f"/account-documents/attach/{account_id}", data=form, content_type="multipart/form-data")
    return answer.status_code, answer.text


def test_card_of_a_household_says_who_lives_there_and_how(operator: Browser, demo_database: psycopg.Connection, household: int) -> None:
    demo_database.execute(
        "UPDATE service_point SET cadastre_number = '10:05:11', heating = 'ELECTRIC', stove = 'GAS' WHERE id = "
        "(SELECT service_point_id FROM supply WHERE account_id = %s ORDER BY valid_from DESC LIMIT 1)",
        (household,),
    )
    demo_database.execute(
        "INSERT INTO supply_term (division_id, account_id, kind, value_milli, valid_from, basis) "
        "SELECT division_id, id, 'RESIDENTS', 5000, opened_on, 'letter 7' FROM account WHERE id = %s "
        "AND NOT EXISTS (SELECT 1 FROM supply_term t WHERE t.account_id = account.id AND t.kind = 'RESIDENTS')",
        (household,),
    )

    page = operator.text(f"/accountview/show/{household}")

    for word in ("10:05:11", "Electric", "Residents", "JSHSHIR", "Connected capacity", "Contract", "Terms and benefits"):
        assert word in page


def test_card_of_a_firm_has_its_bank_and_tax_number(operator: Browser, demo_database: psycopg.Connection) -> None:
    account_id = one(demo_database, "LEGAL")
    row = demo_database.execute(
        "SELECT c.stir FROM account a JOIN consumer c ON c.id = a.consumer_id WHERE a.id = %s", (account_id,)
    ).fetchone()

    page = operator.text(f"/accountview/show/{account_id}")

    assert row is not None
    assert row[0] in page
    for word in ("Settlement account", "VAT registration code", "Director", "Energy ordered a month"):
        assert word in page


@pytest.fixture
def held(demo_database: psycopg.Connection, household: int) -> Iterator[int]:
    """A bill of the household that waits, and a request about it."""
    row = demo_database.execute(
        "INSERT INTO bill_hold (division_id, account_id, billing_month, bill_run_id, reason, amount_tiyin) "
        "SELECT b.division_id, b.account_id, DATE '2031-01-01', b.bill_run_id, 'TOO_LARGE', 700 FROM bill b WHERE b.account_id = %s "
        "ORDER BY 1 LIMIT 1 RETURNING id",
        (household,),
    ).fetchone()
    request = demo_database.execute(
        "INSERT INTO approval (kind, division_id, subject, contents) SELECT 'ADJUSTMENT', division_id, 'Give back 700', "
        "jsonb_build_object('account_id', id, 'amount_tiyin', 700) FROM account WHERE id = %s RETURNING id",
        (household,),
    ).fetchone()
    assert row is not None
    assert request is not None
    yield row[0]
    demo_database.execute("DELETE FROM bill_hold WHERE id = %s", (row[0],))
    demo_database.execute("DELETE FROM approval WHERE id = %s", (request[0],))


@pytest.mark.usefixtures("held")
def test_card_shows_what_waits(operator: Browser, household: int) -> None:
    page = operator.text(f"/accountview/show/{household}")

    assert "Give back 700" in page
    assert "waits for a person" in page


def test_credit_notes_stand_in_the_time_line_with_their_sign(operator: Browser, demo_database: psycopg.Connection) -> None:
    row = demo_database.execute(
        "SELECT n.account_id FROM adjustment n JOIN division d ON d.id = n.division_id WHERE d.code LIKE '1726%' ORDER BY 1 LIMIT 1"
    ).fetchone()
    if row is None:
        pytest.skip("no credit note in the operator's region")

    page = operator.text(f"/accountview/show/{row[0]}")

    assert re.search(r"Credit note: <span>[-−]", page)


def test_document_is_attached_and_given_out_by_its_record(operator: Browser, demo_database: psycopg.Connection, household: int) -> None:
    status, _page = attach(operator, household, "deed.png", PNG)

    row = demo_database.execute("SELECT id FROM account_document WHERE account_id = %s ORDER BY id DESC LIMIT 1", (household,)).fetchone()
    assert status == 302
    assert row is not None
    answer = operator.client.get(f"/account-documents/{row[0]}")
    assert (answer.status_code, answer.data, answer.mimetype) == (200, PNG, "image/png")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "A deed" in operator.text(f"/accountview/show/{household}")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.png", b"", "empty"),
        ("a.html", b"<html><script>1</script></html>", "Only PDF, PNG and JPEG"),
        ("a.exe", b"MZ" + b"\0" * 50, "Only PDF, PNG and JPEG"),
        ("a.svg", b"<svg onload='1'/>", "Only PDF, PNG and JPEG"),
        ("a.html", PNG, "another kind"),
        ("a.pdf", b"%PDF-1.7 1 0 obj << /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>", "runs something"),
        ("a.pdf", b"%PDF-1.7 << /Type /EmbeddedFile >>", "runs something"),
    ],
)
def test_file_that_could_do_harm_is_refused_in_words(operator: Browser, household: int, name: str, content: bytes, said: str) -> None:
    status, page = attach(operator, household, name, content)

    assert status == 200
    assert said in page


def test_who_may_not_read_personal_data_gets_no_document(
    app: Flask, operator: Browser, demo_database: psycopg.Connection, household: int
) -> None:
    attach(operator, household, "deed.png", PNG)
    row = demo_database.execute("SELECT id FROM account_document WHERE account_id = %s ORDER BY id DESC LIMIT 1", (household,)).fetchone()
    assert row is not None

    cashier = log_in(app, "cashier")

    assert cashier.client.get(f"/account-documents/{row[0]}").status_code in {302, 403, 404}
    assert f"/account-documents/{row[0]}" not in cashier.text(f"/accountview/show/{household}")


def test_document_of_another_division_is_not_there(operator: Browser, demo_database: psycopg.Connection) -> None:
    row = demo_database.execute(
        "INSERT INTO stored_file (division_id, name, media_type, sha256, content) "
        "SELECT id, 'x.png', 'image/png', 'x', 'x' FROM division WHERE parent_id IS NOT NULL AND code NOT LIKE '1726%' "
        "AND EXISTS (SELECT 1 FROM account a WHERE a.division_id = division.id) ORDER BY 1 LIMIT 1 RETURNING id, division_id"
    ).fetchone()
    if row is None:
        pytest.skip("all accounts are the operator's")
    document = demo_database.execute(
        "INSERT INTO account_document (division_id, account_id, stored_file_id, title) "
        "SELECT %s, min(id), %s, 'x' FROM account WHERE division_id = %s RETURNING id",
        (row[1], row[0], row[1]),
    ).fetchone()
    assert document is not None

    assert operator.client.get(f"/account-documents/{document[0]}").status_code == 404


def test_columns_of_balances_name_the_sum_they_make(operator: Browser, household: int) -> None:
    page = operator.text(f"/accountview/show/{household}")

    heads = re.findall(r'<th scope="col" class="num">([+−=][^<]*)</th>', page)
    assert heads == ["+ Charged", "+ Notes and adjustments", "− Paid", "= At the end"]


def test_file_of_more_than_the_limit_is_refused() -> None:
    content = PNG.ljust(LARGEST_BYTES, b"\0")

    assert media_type_of("a.png", content) == "image/png"
    with pytest.raises(AttachmentRefused) as refused:
        media_type_of("a.png", content + b"\0")
    assert refused.value.fault == AttachmentFault.TOO_LARGE


def test_remark_is_edited_by_a_form_that_changes_nothing_else(app: Flask, operator: Browser, demo_database: psycopg.Connection) -> None:
    account = demo_database.execute(
        "SELECT id, number, status FROM account WHERE division_id IN "
        "(SELECT id FROM division WHERE code = '1726901') ORDER BY id DESC LIMIT 1"
    ).fetchone()
    assert account is not None

    form = operator.text(f"/accountview/edit/{account[0]}")
    answer = operator.post(f"/accountview/edit/{account[0]}", remark="A dog in the yard", change_reason="call", number="1", status="CLOSED")

    assert 'name="remark"' in form
    assert 'name="number"' not in form
    assert answer == 302
    kept = demo_database.execute("SELECT id, number, status, remark FROM account WHERE id = %s", (account[0],)).fetchone()
    assert kept == (*account, "A dog in the yard")
    assert "A dog in the yard" in operator.text(f"/accountview/show/{account[0]}")
    assert "A dog in the yard" in operator.text("/accountview/list/?_flt_2_remark=dog")
    assert log_in(app, "cashier").status(f"/accountview/edit/{account[0]}") in {302, 403}


def test_card_has_a_few_acts_as_buttons_and_the_rest_in_a_menu(operator: Browser, household: int) -> None:
    bar = operator.text(f"/accountview/show/{household}").split("act-bar")[1].split("</div>\n")[0]

    buttons, menu = bar.split("More acts")

    assert 1 <= buttons.count("<a ") <= 3
    assert [text for text in ("Correct bills", "Credit or debit note", "Change of owner", "Edit") if text not in menu] == []
