"""What consumers are told, on the screen: campaigns, planned outages, words of messages, contracts, wishes and numbers without SMS."""

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from flask import Flask

from app import clock
from app.domain.notices import NoticeKind
from app.extensions import Scope, set_scope, transaction
from app.services import notices
from tests.browsers import FOREIGN, MINE, Browser, log_in, one, perform_latest
from tests.loopback import agreed_gateway


@pytest.fixture(autouse=True)
def tidy(demo_database: psycopg.Connection) -> Iterator[None]:
    last = one(demo_database, "SELECT coalesce(max(id), 0) FROM notice")
    yield
    demo_database.execute(f"DELETE FROM notice WHERE id > {last}")


@pytest.fixture
def division(demo_database: psycopg.Connection) -> str:
    return one(demo_database, f"SELECT id FROM division WHERE code = '{MINE}'")


@pytest.fixture
def chief(app: Flask) -> Browser:
    return log_in(app, "supervisor")


def campaign(app: Flask, demo_database: psycopg.Connection, chief: Browser, division: str, **given: str) -> str:
    """Ask for a campaign, let its preview be made, and return its page."""
    form = {"division": division, "notice_kind": "ANNOUNCEMENT", "basis": "letter 7", "words_uz": "Salom"} | given
    assert chief.post("/campaignview/open", **form) == 302
    perform_latest(app, demo_database)
    return f"/campaignview/show/{one(demo_database, 'SELECT max(id) FROM campaign')}"


def test_campaign_is_previewed_sent_by_a_job_and_what_waits_is_withdrawn(
    app: Flask, demo_database: psycopg.Connection, chief: Browser, division: str
) -> None:
    page = campaign(app, demo_database, chief, division)
    pk = page.rpartition("/")[2]
    previewed = chief.text(page)
    assert one(demo_database, f"SELECT count(*) FROM notice WHERE campaign_id = {pk}") == "0"
    assert all(word in previewed for word in ("Salom", "letter 7", "Without SMS", "No telephone"))

    assert chief.post(f"/campaignview/post/{pk}") == 302
    perform_latest(app, demo_database)
    assert "Withdraw the messages that wait" in chief.text(page)
    waiting = one(demo_database, f"SELECT count(*) FROM notice WHERE campaign_id = {pk} AND status = 'QUEUED'")
    assert waiting == one(demo_database, f"SELECT messages FROM campaign WHERE id = {pk}") != "0"

    assert chief.post(f"/campaignview/withdraw/{pk}") == 302
    assert one(demo_database, f"SELECT count(*) FROM notice WHERE campaign_id = {pk} AND status = 'QUEUED'") == "0"
    assert "Withdraw the messages that wait" not in chief.text(page)
    assert chief.post(f"/campaignview/post/{pk}") == 302
    assert one(demo_database, f"SELECT count(*) FROM notice WHERE campaign_id = {pk} AND status = 'QUEUED'") == "0"


@pytest.fixture
def costly(demo_database: psycopg.Connection) -> Iterator[None]:
    """A part of an SMS costs 95 soʻm, and a campaign that costs anything waits for a second person."""
    limit = ("notices.campaign_limit_som", "2020-01-01", "0", "order")
    demo_database.execute("INSERT INTO operating_parameter (code, valid_from, value, source) VALUES (%s, %s, %s, %s)", limit)
    with agreed_gateway(demo_database) as contract_id:
        demo_database.execute("UPDATE message_contract SET part_price_tiyin = 9500 WHERE id = %s", (contract_id,))
        yield
    demo_database.execute("DELETE FROM operating_parameter WHERE code = 'notices.campaign_limit_som'")
    demo_database.execute("DELETE FROM approval WHERE kind = 'CAMPAIGN'")


def latest_request(demo_database: psycopg.Connection) -> str:
    return one(demo_database, "SELECT max(id) FROM approval")


def decide(browser: Browser, request: str, decision: str = "approve") -> int:
    return browser.post(f"/approvalview/decide/{request}", decision=decision, remark="seen")


@pytest.mark.usefixtures("costly")
def test_campaign_above_the_limit_is_sent_once_a_second_person_agrees(
    app: Flask, demo_database: psycopg.Connection, chief: Browser, division: str
) -> None:
    operator = log_in(app, "operator")
    page = campaign(app, demo_database, operator, division)
    pk = page.rpartition("/")[2]
    written = f"SELECT count(*) FROM notice WHERE campaign_id = {pk}"
    messages, parts = (one(demo_database, f"SELECT {column} FROM campaign WHERE id = {pk}") for column in ("messages", "parts"))
    assert int(parts) >= int(messages) > 0
    assert f"Send {int(messages):,} SMS of {int(parts):,} parts".replace(",", "\u00a0") in operator.text(page).replace("\u202f", "\u00a0")

    assert operator.post(f"/campaignview/post/{pk}") == 302
    request = latest_request(demo_database)
    asked = one(demo_database, f"SELECT (contents ->> 'cost_tiyin') || ' ' || (contents ->> 'parts') FROM approval WHERE id = {request}")
    assert (asked, one(demo_database, written)) == (f"{int(parts) * 9500} {parts}", "0")
    waiting = operator.text(page)
    assert ("A second person decides about this." in waiting, f"/campaignview/post/{pk}" in waiting) == (True, False)
    assert operator.post(f"/campaignview/post/{pk}") == 302
    assert latest_request(demo_database) == request
    assert decide(operator, request) == 403
    shown = chief.text(f"/approvalview/show/{request}")
    assert all(word in shown for word in ("Salom", "letter 7", f"/campaignview/show/{pk}"))

    assert decide(chief, request) == 302
    perform_latest(app, demo_database)
    assert one(demo_database, f"SELECT status FROM campaign WHERE id = {pk}") == "POSTED"
    assert one(demo_database, f"{written} AND channel = 'SMS' AND status = 'QUEUED'") == messages
    assert one(demo_database, "SELECT done = total AND total > 0 FROM job_run ORDER BY id DESC LIMIT 1") == "True"
    assert decide(chief, request) == 302
    assert one(demo_database, f"{written} AND channel = 'SMS'") == messages


@pytest.mark.usefixtures("costly")
@pytest.mark.parametrize("is_cancelled", [True, False])
def test_campaign_that_was_cancelled_or_refused_is_not_sent(
    app: Flask, demo_database: psycopg.Connection, chief: Browser, division: str, is_cancelled: bool
) -> None:
    operator = log_in(app, "operator")
    page = campaign(app, demo_database, operator, division)
    pk = page.rpartition("/")[2]
    assert operator.post(f"/campaignview/post/{pk}") == 302
    request = latest_request(demo_database)
    if is_cancelled:
        assert operator.post(f"/campaignview/cancel/{pk}") == 302

    assert decide(chief, request, "approve" if is_cancelled else "refuse") == 302

    assert one(demo_database, f"SELECT count(*) FROM notice WHERE campaign_id = {pk}") == "0"
    states = f"SELECT c.status || ' ' || a.status FROM campaign c, approval a WHERE c.id = {pk} AND a.id = {request}"
    assert one(demo_database, states) == ("CANCELLED PENDING" if is_cancelled else "PREVIEWED REFUSED")
    # Who asked may ask again once it was refused.
    assert operator.post(f"/campaignview/post/{pk}") == 302
    assert (latest_request(demo_database) == request) is is_cancelled


@pytest.mark.parametrize(
    ("given", "said"),
    [({"words_uz": ""}, "An announcement needs its words in Uzbek."), ({"notice_kind": "DEBT"}, "say from what sum on")],
    ids=str,
)
def test_campaign_that_says_nothing_or_goes_to_everybody_is_refused(
    chief: Browser, division: str, given: dict[str, str], said: str
) -> None:
    form = {"division": division, "notice_kind": "ANNOUNCEMENT", "basis": "letter 7", "words_uz": "Salom"} | given
    answer = chief.client.post("/campaignview/open", data=form | {"csrf_token": chief.token})

    assert (answer.status_code, said in answer.text) == (200, True)


def outage_form(division: str, **given: str) -> dict[str, str]:
    day = (clock.today() + timedelta(days=2)).isoformat()
    form = {"division": division, "begins_on": day, "begins_hour": "09:00", "ends_on": day, "ends_hour": "18:00", "outage_reason": "repair"}
    return form | given


def test_outage_is_planned_told_and_cancelled(app: Flask, demo_database: psycopg.Connection, chief: Browser, division: str) -> None:
    street = one(
        demo_database,
        "SELECT s.name FROM street s JOIN service_point p ON p.street_id = s.id JOIN supply u ON u.service_point_id = p.id "
        f"WHERE p.division_id = {division} AND u.valid_to IS NULL ORDER BY s.id LIMIT 1",
    )
    assert chief.post("/plannedoutageview/plan", **outage_form(division, streets=street)) == 302
    perform_latest(app, demo_database)
    pk = one(demo_database, "SELECT max(id) FROM planned_outage")
    assert one(demo_database, f"SELECT told > 0 FROM planned_outage WHERE id = {pk}") == "True"
    assert street in chief.text(f"/plannedoutageview/show/{pk}")

    assert chief.post(f"/plannedoutageview/cancel/{pk}", cancel_reason="") == 302
    assert one(demo_database, f"SELECT status FROM planned_outage WHERE id = {pk}") == "PLANNED"
    assert chief.post(f"/plannedoutageview/cancel/{pk}", cancel_reason="moved") == 302
    perform_latest(app, demo_database)
    assert one(demo_database, f"SELECT status FROM planned_outage WHERE id = {pk}") == "CANCELLED"
    assert one(demo_database, "SELECT count(*) > 0 FROM notice WHERE kind = 'OUTAGE_CANCELLED'") == "True"
    assert "moved" in chief.text(f"/plannedoutageview/show/{pk}")


@pytest.mark.parametrize(
    ("given", "field"), [({"ends_hour": "08:00", "feeder": "F-1"}, "ends_on"), ({}, "feeder"), ({"streets": "Nowhere"}, "streets")], ids=str
)
def test_outage_that_makes_no_sense_is_refused_beside_its_field(chief: Browser, division: str, given: dict[str, str], field: str) -> None:
    answer = chief.client.post("/plannedoutageview/plan", data=outage_form(division, **given) | {"csrf_token": chief.token})

    assert (answer.status_code, "field-error" in answer.text.split(f'id="{field}"')[1].split("<label")[0]) == (200, True)


def test_who_may_only_look_plans_no_outage_and_sends_no_campaign(app: Flask, division: str) -> None:
    auditor = log_in(app, "auditor")

    assert auditor.status("/plannedoutageview/list/") == 200
    assert auditor.post("/plannedoutageview/plan", **outage_form(division, feeder="F-1")) in {302, 403}
    assert auditor.status("/campaignview/open") in {302, 403}


def test_words_are_shown_filled_in_with_a_real_account(chief: Browser, demo_database: psycopg.Connection) -> None:
    pk = one(demo_database, "SELECT id FROM notice_template WHERE notice_kind = 'DEBT' AND language = 'uz' ORDER BY id LIMIT 1")
    number = one(demo_database, "SELECT min(number) FROM account")

    sample, real, wrong = (chief.text(f"/noticetemplateview/show/{pk}{query}") for query in ("", f"?account={number}", "?account=1"))

    assert (number in real, number in sample, "There is no such account." in wrong) == (True, False, True)
    assert "{debt}" in sample
    assert "<h1>Debt · Oʻzbekcha" in sample or "Debt · Oʻzbekcha</h1>" in sample


@pytest.mark.parametrize("words", ["Hisob {account}: {debt} {nothing}", "Hisob {account}"])
def test_words_that_would_not_come_out_whole_are_refused(app: Flask, demo_database: psycopg.Connection, words: str) -> None:
    editor, count = log_in(app, "admin"), "SELECT count(*) FROM notice_template"
    before = one(demo_database, count)
    form = {"notice_kind": "DEBT", "language": "uz", "valid_from": "2030-01-01", "template_text": words, "source": "letter 7"}

    assert editor.post("/noticetemplateview/add", **form) in {200, 403}
    assert one(demo_database, count) == before


def test_words_are_used_once_a_second_person_agrees(app: Flask, demo_database: psycopg.Connection, chief: Browser) -> None:
    editor = log_in(app, "editor")
    form = {"notice_kind": "DEBT", "language": "uz", "valid_from": clock.today().isoformat(), "source": "letter 7"}
    form |= {"template_text": "Hisob {account}: {debt} sinov", "basis": "letter 7"}
    assert editor.post("/noticetemplateview/add", **form) == 302
    request, found = latest_request(demo_database), "SELECT max(id) FROM notice_template WHERE template_text LIKE '%sinov'"
    assert one(demo_database, found) == "None"
    assert "Hisob {account}: {debt} sinov" in chief.text(f"/approvalview/show/{request}")
    assert decide(editor, request) == 403

    assert decide(chief, request) == 302

    pk = one(demo_database, found)
    account = one(
        demo_database,
        "SELECT min(a.id) FROM account a JOIN consumer c ON c.id = a.consumer_id WHERE a.status = 'OPEN' AND c.language = 'uz' "
        "AND c.phone IS NOT NULL AND NOT EXISTS (SELECT FROM notice_preference p WHERE p.account_id = a.id)",
    )
    with app.app_context():
        set_scope(Scope(actor="test", today=clock.today(), everywhere=True))
        with transaction() as session:
            notices.notify(session, int(account), NoticeKind.DEBT, {"debt": 100, "due": clock.today()}, now=clock.now())
    assert one(demo_database, "SELECT text LIKE '%sinov' FROM notice WHERE kind = 'DEBT' ORDER BY id DESC LIMIT 1") == "True"
    demo_database.execute(f"UPDATE notice_template SET retired_on = valid_from WHERE id = {pk}")


def test_last_words_of_a_kind_are_neither_retired_nor_put_off(app: Flask, demo_database: psycopg.Connection) -> None:
    editor = log_in(app, "editor")
    row = "FROM notice_template WHERE notice_kind = 'RECONNECTION' AND language = 'uz'"
    pk, words = one(demo_database, f"SELECT id {row}"), one(demo_database, f"SELECT template_text {row}")
    before = latest_request(demo_database)
    form = {"notice_kind": "RECONNECTION", "language": "uz", "valid_from": "2030-01-01", "template_text": words, "source": "x", "basis": ""}

    refused = editor.client.post(f"/noticetemplateview/edit/{pk}", data=form | {"csrf_token": editor.token})
    assert editor.post(f"/noticetemplateview/delete/{pk}") == 302

    assert "Messages of this kind would have no words in Uzbek" in refused.text
    assert latest_request(demo_database) == before


def test_contract_names_its_addresses_and_never_its_password(app: Flask, demo_database: psycopg.Connection) -> None:
    pk = one(demo_database, "SELECT min(id) FROM message_contract")
    secret = one(demo_database, f"SELECT secret FROM message_contract WHERE id = {pk}")
    admin = log_in(app, "admin")
    page, form = admin.text(f"/messagecontractview/show/{pk}"), admin.text(f"/messagecontractview/edit/{pk}")

    assert f"/api/messages/receipts/{pk}-" in page
    assert f'value="{secret}"' not in page + form
    assert log_in(app, "operator").status(f"/messagecontractview/show/{pk}") in {302, 403, 404}


def test_contract_goes_only_to_hosts_that_are_listed(app: Flask, demo_database: psycopg.Connection) -> None:
    admin, count = log_in(app, "admin"), "SELECT count(*) FROM message_contract"
    before = one(demo_database, count)
    form = {"gateway": "ESKIZ", "name": "x", "address": "https://elsewhere.example", "login": "a", "new_password": "b", "sender": "1"}
    form |= {"part_price_tiyin": "95", "messages_a_call": "10", "rank": "1"}
    answer = admin.client.post("/messagecontractview/add", data=form | {"csrf_token": admin.token})

    assert (answer.status_code, "the operator of the machine lists" in answer.text, one(demo_database, count)) == (200, True, before)


def test_wishes_of_a_consumer_are_kept_and_foreign_accounts_are_nowhere(app: Flask, local: str, demo_database: psycopg.Connection) -> None:
    mine, foreign = (
        one(demo_database, f"SELECT min(a.id) FROM account a JOIN division d ON d.id = a.division_id WHERE d.code = '{code}'")
        for code in (MINE, FOREIGN)
    )
    operator = log_in(app, "operator")
    assert f"/noticepreferenceview/choose/{mine}" in operator.text(f"/accountview/show/{mine}")
    form = {"language": "ru", "contact_email": "a@example.uz", "basis": "by phone", "ways": "BILL_READY.SMS"}

    assert operator.post(f"/noticepreferenceview/choose/{mine}", **form) == 302

    wish = f"FROM notice_preference WHERE account_id = {mine} AND notice_kind"
    assert one(demo_database, f"SELECT by_sms AND NOT by_portal {wish} = 'BILL_READY'") == "True"
    assert one(demo_database, f"SELECT by_sms OR by_email OR by_portal {wish} = 'DEBT'") == "False"
    assert log_in(app, local).status(f"/noticepreferenceview/choose/{foreign}") == 404


def test_number_is_stopped_and_started_and_a_wrong_one_is_refused(app: Flask, demo_database: psycopg.Connection) -> None:
    operator, open_ = log_in(app, "operator"), "SELECT count(*) FROM notice_stop WHERE phone = '+998901234599' AND ended_at IS NULL"

    assert operator.post("/noticestopview/stop", phone="12", basis="asked") == 200
    assert operator.post("/noticestopview/stop", phone="+998 90 123-45-99", basis="asked") == 302
    assert one(demo_database, open_) == "1"
    assert operator.post("/noticestopview/stop", phone="+998901234599", basis="asked", step="start") == 302
    assert one(demo_database, open_) == "0"
