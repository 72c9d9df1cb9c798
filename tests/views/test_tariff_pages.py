"""The editor of tariffs on the screen: any number of steps, a column a zone, the version in force beside, the effect on the bills."""

import re

import psycopg
import pytest
from flask import Flask

from tests.browsers import Browser, log_in, one, perform_latest

DAY = "2031-01-01"


@pytest.fixture(autouse=True)
def tidy(demo_database: psycopg.Connection) -> None:
    for table in ("shadow_result", "shadow_run", "reference_change", "approval"):
        demo_database.execute(f"DELETE FROM {table}")


@pytest.fixture
def tariff(demo_database: psycopg.Connection) -> str:
    return one(
        demo_database,
        "SELECT min(t.id) FROM tariff t JOIN tariff_group g ON g.id = t.tariff_group_id WHERE g.code = 'HOUSEHOLD'",
    )


def send(browser: Browser, tariff: str, *blocks: str, **more: str) -> tuple[int, str]:
    form = {"tariff": tariff, "valid_from": DAY, "valid_to": "", "source": "no. 9", "basis": "", "csrf_token": browser.token} | more
    answer = browser.client.post("/tariffversionview/add", data=form | {"blocks": [*blocks]})
    return answer.status_code, answer.text


def inputs(page: str) -> list[str]:
    return re.findall(r'name="blocks" value="([^"]*)"', page)


def steps_in_force(browser: Browser, tariff: str) -> list[str]:
    """Return the cells that a new version begins with, without the empty rows."""
    zones, *cells = inputs(browser.text(f"/tariffversionview/add?tariff={tariff}"))
    rows = [cells[start : start + 2] for start in range(0, len(cells), 2)]
    return [zones, *(cell for row in rows if any(row) for cell in row)]


def test_every_step_is_kept_however_many_there_are(app: Flask, demo_database: psycopg.Connection, tariff: str) -> None:
    editor = log_in(app, "editor")
    steps = [cell for number in range(1, 16) for cell in (str(number * 100), str(500 + number))]

    status, _page = send(editor, tariff, "TOTAL", *steps, "", "999", lost_seen="1")

    assert status == 302
    drafted = one(demo_database, "SELECT contents ->> 'blocks' FROM reference_change ORDER BY id DESC LIMIT 1")
    assert drafted == "; ".join([*(f"{number * 100}={500 + number}" for number in range(1, 16)), "=999"])


def test_version_in_force_is_offered_with_room_for_more(app: Flask, tariff: str) -> None:
    zones, *cells = inputs(log_in(app, "editor").text(f"/tariffversionview/add?tariff={tariff}"))

    assert zones == "TOTAL"
    assert cells.count("") >= 4
    assert any(cells)


@pytest.mark.parametrize("action", ["rows", "zone", "compare", "take"])
def test_buttons_of_the_grid_store_nothing(app: Flask, demo_database: psycopg.Connection, tariff: str, action: str) -> None:
    editor = log_in(app, "editor")

    status, page = send(editor, tariff, "TOTAL", "100", "500", "", "900", grid=action, zone="NIGHT")

    assert status == 200
    assert one(demo_database, "SELECT count(*) FROM reference_change") == "0"
    assert (inputs(page)[0] == "TOTAL,NIGHT") == (action == "zone")
    assert action == "take" or "500" in inputs(page)


def test_grid_of_a_version_that_is_changed_stores_nothing(app: Flask, demo_database: psycopg.Connection, tariff: str) -> None:
    editor = log_in(app, "editor")
    version = one(demo_database, f"SELECT max(id) FROM tariff_version WHERE tariff_id = {tariff}")
    address = f"/tariffversionview/edit/{version}"
    form = {"tariff": tariff, "valid_from": DAY, "source": "x", "grid": "zone", "zone": "NIGHT", "csrf_token": editor.token}

    before = editor.text(address)
    answer = editor.client.post(address, data=form | {"blocks": ["TOTAL", "", "900"]})

    assert "Two versions side by side" in before
    assert answer.status_code == 200
    assert inputs(answer.text)[0] == "TOTAL,NIGHT"
    assert one(demo_database, "SELECT count(*) FROM reference_change") == "0"


def test_prices_of_a_zone_are_a_column_of_their_own(app: Flask, demo_database: psycopg.Connection, tariff: str) -> None:
    cells = ("TOTAL,NIGHT", "200", "700", "", "", "900", "400")

    status, _page = send(log_in(app, "editor"), tariff, *cells, lost_seen="1")

    assert status == 302
    drafted = one(demo_database, "SELECT contents ->> 'blocks' FROM reference_change ORDER BY id DESC LIMIT 1")
    assert drafted == "TOTAL: 200=700; =900 | NIGHT: =400"


def test_price_that_disappears_is_told_before_it_is_drafted(app: Flask, demo_database: psycopg.Connection, tariff: str) -> None:
    editor = log_in(app, "editor")

    status, page = send(editor, tariff, "NIGHT", "", "900")

    assert status == 200
    assert 'name="lost_seen"' in page
    assert "none from 1 Jan 2031 on" in page
    assert one(demo_database, "SELECT count(*) FROM reference_change") == "0"
    assert send(editor, tariff, "NIGHT", "", "900", lost_seen="1")[0] == 302


def test_new_prices_for_the_same_steps_ask_nothing(app: Flask, tariff: str) -> None:
    editor = log_in(app, "editor")
    zones, *cells = steps_in_force(editor, tariff)
    raised = [str(float(cell) * 2) if place % 2 else cell for place, cell in enumerate(cells)]

    assert send(editor, tariff, zones, *raised)[0] == 302


def test_end_without_a_version_that_follows_is_told(app: Flask, tariff: str) -> None:
    editor = log_in(app, "editor")

    status, page = send(editor, tariff, *steps_in_force(editor, tariff), valid_to="2031-06-01")

    assert status == 200
    assert "Nothing is priced from 1 Jun 2031 on" in page


def test_fault_of_the_grid_stands_beside_it_and_what_was_typed_stays(app: Flask, tariff: str) -> None:
    status, page = send(log_in(app, "editor"), tariff, "TOTAL", "100", "500", "100", "600", "", "900")

    assert status == 200
    assert "Two steps end at the same quantity." in page
    assert inputs(page)[:3] == ["TOTAL", "100", "500"]


def test_second_draft_for_the_same_day_is_refused_at_once(app: Flask, demo_database: psycopg.Connection, tariff: str) -> None:
    editor = log_in(app, "editor")
    cells = steps_in_force(editor, tariff)
    assert send(editor, tariff, *cells)[0] == 302

    status, page = send(editor, tariff, *cells)

    assert status == 200
    assert "a row with the same key, waits" in page
    assert one(demo_database, "SELECT count(*) FROM reference_change") == "1"
    asked = one(demo_database, "SELECT max(id) FROM approval")
    assert f"/approvalview/show/{asked}" in editor.text(f"/tariffversionview/add?tariff={tariff}")


def test_approval_shows_the_version_in_force_the_change_and_its_effect(app: Flask, demo_database: psycopg.Connection, tariff: str) -> None:
    editor, supervisor = log_in(app, "editor"), log_in(app, "supervisor")
    zones, *cells = steps_in_force(editor, tariff)
    send(editor, tariff, zones, *(str(float(cell) * 2) if place % 2 else cell for place, cell in enumerate(cells)))
    asked = one(demo_database, "SELECT max(id) FROM approval")

    before = supervisor.text(f"/approvalview/show/{asked}")
    perform_latest(app, demo_database)
    after = supervisor.text(f"/approvalview/show/{asked}")

    assert "In force since" in before
    assert "+100.0" in before
    assert "By block" not in before
    assert re.search(r">\+\d+\.\d\d<", after), "the change of the sum in percent"
    assert all(heading in after for heading in ("By block", "By tariff group", "By division"))
    last = "SELECT max(billing_month) FROM bill_run WHERE status = 'POSTED' AND billing_month < date_trunc('month', now() + interval '5 h')"
    assert one(demo_database, f"SELECT billing_month = ({last}) AND bills > 0 FROM shadow_run") == "True"


def test_effect_that_could_not_be_computed_is_asked_for_again(app: Flask, demo_database: psycopg.Connection, tariff: str) -> None:
    editor, supervisor, cashier = log_in(app, "editor"), log_in(app, "supervisor"), log_in(app, "cashier")
    send(editor, tariff, *steps_in_force(editor, tariff))
    asked = one(demo_database, "SELECT max(id) FROM approval")
    address = f"/tariffversionview/effect/{asked}"

    assert supervisor.post(address) == 302
    assert one(demo_database, "SELECT count(*) FROM shadow_run") == "1"
    demo_database.execute("UPDATE shadow_run SET status = 'FAILED'")
    assert address in supervisor.text(f"/approvalview/show/{asked}")
    assert cashier.post(address) == 403
    assert supervisor.post(address) == 302
    assert one(demo_database, "SELECT count(*) FROM shadow_run") == "2"


def test_enter_saves_and_does_not_press_a_button_of_the_grid(app: Flask, tariff: str) -> None:
    page = log_in(app, "editor").text(f"/tariffversionview/add?tariff={tariff}")

    form = page[page.index('id="model_form"') :]
    first = re.search(r"<button[^>]*>", form)
    assert first
    assert "name=" not in first[0]
