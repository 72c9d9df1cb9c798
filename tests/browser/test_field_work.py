"""An inspector's phone goes offline and comes back: what was entered without a link is kept, sent once, and accepted by the office."""

import os
from pathlib import Path

import psycopg
import pytest
from PIL import Image
from playwright.sync_api import Page

from tests.browser.conftest import faults, log_in, picture
from tests.browsers import MINE, one

pytestmark = pytest.mark.browser

#: Points that a phone holds, and at how many of them something is done; all of them where it is asked for by name.
POINTS = 300
VISITED = POINTS if os.environ.get("FIELD_STORM") else 40
_OF_INSPECTOR = """
    SELECT p.id FROM round_point p JOIN field_round r ON r.id = p.field_round_id
    JOIN ab_user u ON u.id = r.inspector_id AND u.username = 'inspector'
"""
_ORDERED = f"{_OF_INSPECTOR} JOIN supply_order o ON o.id = p.supply_order_id AND o.status = 'ISSUED' ORDER BY p.id LIMIT 1"
#: Where a meter bears a seal, on a round for which a brigade gave seals.
_SEALED = f"""
    {_OF_INSPECTOR} JOIN meter_installation i ON i.service_point_id = p.service_point_id AND i.valid_to IS NULL
    JOIN seal s ON s.device_id = i.meter_id AND s.state = 'APPLIED'
    WHERE r.brigade_id IS NOT NULL AND p.supply_order_id IS NULL ORDER BY p.id LIMIT 1
"""


def test_round_is_walked_without_a_link_and_sent_when_it_is_back(page: Page, demo_database: psycopg.Connection) -> None:
    page.set_viewport_size({"width": 360, "height": 780})
    log_in(page, "inspector")

    page.goto("/field/")
    page.wait_for_selector("html[data-offline=ready]")
    page.wait_for_selector("#points button")
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    picture(page, "field-list")

    page.context.set_offline(True)
    page.reload()
    page.wait_for_selector("#link.bad")
    page.click("#points li:last-child button")
    dial = page.locator("#dials input").first
    dial.fill("0")
    page.click("#save")
    page.wait_for_selector("#doubt:not([hidden])")
    assert faults(page) == []
    picture(page, "field-point")
    dial.fill("")
    page.fill("#remark", "nobody at home")
    page.click("#save")
    page.wait_for_function("() => document.querySelector('#counts').textContent.endsWith(' 1')")
    page.reload()
    page.wait_for_selector("#points button")
    assert one(demo_database, "SELECT count(*) FROM field_proposal WHERE contents ->> 'remark' = 'nobody at home'") == "0"

    page.context.set_offline(False)
    page.wait_for_function("() => document.querySelector('#counts').textContent.endsWith(' 0')")
    page.wait_for_selector("#link.good")

    assert one(demo_database, "SELECT count(*) FROM field_proposal WHERE contents ->> 'remark' = 'nobody at home'") == "1"


#: What the inspector does at all points, in the page itself: the remark of each is its number.
_VISIT = """
async (most) => {
  const until = async (done) => { while (!done()) await new Promise((next) => setTimeout(next, 5)); };
  const ids = [...document.querySelectorAll("#points button")].map((each) => each.dataset.point).slice(0, most);
  for (const id of ids) {
    document.querySelector(`#points button[data-point="${id}"]`).click();
    await until(() => !document.getElementById("point").hidden);
    document.getElementById("remark").value = "point " + id;
    document.getElementById("save").click();
    await until(() => !document.getElementById("list").hidden);
  }
  return ids.length;
}
"""
#: Rounds to each metered account of the inspector's district, until there are as many points as one phone is to hold.
_ROUNDS = f"""
    WITH place AS (
        SELECT s.account_id, s.service_point_id, a.division_id FROM supply s JOIN account a ON a.id = s.account_id
        JOIN division d ON d.id = a.division_id AND d.code = '{MINE}' WHERE s.valid_to IS NULL AND a.status = 'OPEN'
    ), made AS (
        INSERT INTO field_round (division_id, inspector_id, round_reason, round_on, title)
        SELECT (SELECT max(division_id) FROM place), u.id, 'READING', (now() AT TIME ZONE 'Asia/Tashkent')::date, 'Round ' || n
        FROM ab_user u, generate_series(0, {POINTS} / (SELECT count(*) FROM place)) n
        WHERE u.username = 'inspector' RETURNING id, division_id
    )
    INSERT INTO round_point (division_id, field_round_id, account_id, service_point_id, place)
    SELECT m.division_id, m.id, p.account_id, p.service_point_id, row_number() OVER (PARTITION BY m.id ORDER BY p.account_id)
    FROM made m CROSS JOIN place p
"""


def taken_along(page: Page) -> int:
    """Fetch the rounds, and return how many points the phone holds without a link."""
    page.goto("/field/")
    page.wait_for_selector("html[data-offline=ready]")
    page.wait_for_selector("#link.good")
    page.context.set_offline(True)
    page.reload()
    page.wait_for_selector("#link.bad")
    return page.locator("#points button").count()


def test_three_hundred_points_are_walked_without_a_link(page: Page, demo_database: psycopg.Connection) -> None:
    demo_database.execute(_ROUNDS.encode())
    page.set_viewport_size({"width": 360, "height": 780})
    log_in(page, "inspector")
    held = taken_along(page)
    assert held >= POINTS

    page.fill("#filter", page.inner_text("#points li:nth-child(200) small").split(" · ")[0])
    assert 0 < page.locator("#points button").count() < held
    page.fill("#filter", "")
    visited = page.evaluate(_VISIT, VISITED)
    page.reload()
    page.wait_for_function(f"() => document.querySelector('#counts').textContent.endsWith(' {visited}')")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.context.set_offline(False)
    page.wait_for_function("() => document.querySelector('#counts').textContent.endsWith(' 0')", timeout=120_000)

    kept = demo_database.execute(
        "SELECT count(*), count(DISTINCT round_point_id) FROM field_proposal WHERE contents ->> 'remark' = 'point ' || round_point_id"
    ).fetchone()
    assert kept == (visited, visited)


def test_order_and_seals_are_done_without_a_link_and_accepted(page: Page, demo_database: psycopg.Connection, tmp_path: Path) -> None:
    order = one(demo_database, _ORDERED)
    photo = tmp_path / "photo.png"
    Image.new("RGB", (64, 48), "red").save(photo)
    page.set_viewport_size({"width": 360, "height": 780})
    log_in(page, "inspector")
    taken_along(page)

    page.click(f"#points button[data-point='{order}']")
    page.check("input[name=done][value=ORDER_DONE]")
    page.fill("#hour", "00:00")
    page.select_option("#consent", "ACCESS_REFUSED")
    page.fill("#witness_1", "Olimov Sardor")
    page.fill("#witness_2", "Qodirova Nargiza")
    seal = page.locator("#stock option").first.get_attribute("value") or ""
    page.fill("#seal", seal)
    page.select_option("#sealed_part", "SWITCH")
    page.set_input_files("#photo", photo)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert faults(page) == []
    picture(page, "field-order")
    page.click("#save")
    page.wait_for_selector("#list:not([hidden])")
    sealed = one(demo_database, _SEALED)
    page.click(f"#points button[data-point='{sealed}']")
    page.wait_for_selector("#there:not([hidden])")
    broken = page.locator("#broken input").first.get_attribute("value") or ""
    page.check("#broken input")
    page.fill("#seal", seal)
    page.click("#save")
    page.wait_for_selector("#refused:not([hidden])")
    used = page.inner_text("#refused")
    page.fill("#seal", next(value for value in page.locator("#stock option").evaluate_all("each => each.map(one => one.value)")))
    page.click("#save")
    page.wait_for_selector("#list:not([hidden])")
    page.context.set_offline(False)
    page.wait_for_function("() => document.querySelector('#counts').textContent.endsWith(' 0')")
    page.context.clear_cookies()
    page.set_viewport_size({"width": 1366, "height": 768})
    log_in(page, "operator")
    for point in (order, sealed):
        proposal = one(demo_database, f"SELECT max(id) FROM field_proposal WHERE round_point_id = {point}")
        page.goto(f"/fieldproposalview/show/{proposal}")
        page.click("button[name=accept]")
        page.wait_for_selector(".alert-success")

    assert seal in used
    state = "SELECT supply_state FROM point_state p JOIN round_point r ON r.service_point_id = p.service_point_id WHERE r.id = {} {}"
    assert one(demo_database, state.format(order, "AND p.ends_at IS NULL AND p.withdrawn_act_id IS NULL")) == "OFF"
    assert one(demo_database, f"SELECT state || ' ' || sealed_part FROM seal WHERE number = '{seal}'") == "APPLIED SWITCH"
    assert one(demo_database, f"SELECT state FROM seal WHERE number = '{broken}'") == "BROKEN"
    assert one(demo_database, f"SELECT count(*) FROM inspection i JOIN seal s ON s.id = i.seal_id WHERE s.number = '{broken}'") == "1"
    photos = f"SELECT count(stored_file_id) FROM field_proposal WHERE round_point_id = {order}"
    assert one(demo_database, photos) == "1"
