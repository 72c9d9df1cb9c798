"""Tasks on the screen: given, taken up, handed over, given back, done; escalated to the substitute; and the page of all that is late."""

import re
from datetime import timedelta

import psycopg
import pytest
from flask import Flask

from app import clock
from app.extensions import Scope, db, set_scope
from app.jobs import tasks
from tests.browsers import Browser, log_in, one


def user(database: psycopg.Connection, name: str) -> str:
    return one(database, f"SELECT id FROM ab_user WHERE username = '{name}'")


def status(database: psycopg.Connection, task: str) -> str:
    return one(
        database, f"SELECT status || ' ' || (SELECT username FROM ab_user u WHERE u.id = t.assignee_id) FROM task t WHERE id = {task}"
    )


@pytest.fixture
def operator(app: Flask) -> Browser:
    return log_in(app, "operator")


def give(browser: Browser, database: psycopg.Connection, assignee: str, *, days: int = 3) -> str:
    form = {
        "title": "Look at the exceptions", "assignee": user(database, assignee), "page": "/billexceptionview/list/",
        "division": one(database, "SELECT id FROM division WHERE code = '1726'"),
        "term_on": (clock.today() + timedelta(days=days)).isoformat(), "csrf_token": browser.token,
    }  # fmt: skip
    answer = browser.client.post("/tasks/give", data=form)
    return answer.location.rpartition("/")[2] if answer.status_code == 302 else ""


def act(browser: Browser, task: str, event: str, **more: str) -> int:
    form = {"event": event, "csrf_token": browser.token, **more}
    return browser.client.post(f"/tasks/{task}/act", data=form).status_code


def test_task_goes_its_way_and_each_step_is_kept(supervisor: Browser, operator: Browser, demo_database: psycopg.Connection) -> None:
    before = one(demo_database, "SELECT coalesce(max(id), 0) FROM notice")
    task = give(supervisor, demo_database, "operator")

    assert act(operator, task, "TAKE") == 302
    assert act(operator, task, "HAND_OVER", assignee=user(demo_database, "lawyer")) == 302
    assert status(demo_database, task) == "TAKEN operator", "a task is handed over with a reason"
    act(operator, task, "HAND_OVER", assignee=user(demo_database, "lawyer"), reason="debts are the lawyer's")

    assert status(demo_database, task) == "GIVEN lawyer"
    assert act(operator, task, "FINISH") == 403
    found = demo_database.execute(f"SELECT event, created_by, reason FROM task_step WHERE task_id = {task} ORDER BY id").fetchall()
    assert found == [("GIVE", "supervisor", ""), ("TAKE", "operator", ""), ("HAND_OVER", "operator", "debts are the lawyer's")]
    letters = demo_database.execute(f"SELECT email FROM notice WHERE id > {before} ORDER BY id").fetchall()
    assert [row[0].partition("@")[0] for row in letters] == ["operator", "lawyer"]
    audited = one(demo_database, f"SELECT count(*) FROM audit_entry WHERE table_name = 'task' AND row_id = {task}")
    assert int(audited) >= 3


def test_task_is_given_to_nobody_who_works_elsewhere(supervisor: Browser, demo_database: psycopg.Connection) -> None:
    assert give(supervisor, demo_database, "engineer") == ""


def test_late_task_of_an_absent_person_goes_to_the_substitute_once(
    app: Flask, supervisor: Browser, operator: Browser, demo_database: psycopg.Connection
) -> None:
    task = give(supervisor, demo_database, "lawyer", days=-1)
    demo_database.execute(
        """
        INSERT INTO substitution (division_id, absent_id, substitute_id, valid_from, valid_to, basis)
        SELECT a.division_id, a.id, s.id, current_date - 2, current_date + 5, 'order' FROM staff_member a, staff_member s
        WHERE a.user_id = (SELECT id FROM ab_user WHERE username = 'lawyer')
          AND s.user_id = (SELECT id FROM ab_user WHERE username = 'operator')
        """
    )
    with app.app_context():
        set_scope(Scope(actor="scheduler", today=clock.today(), everywhere=True))
        tasks.escalate()
        again = tasks.escalate()
        db.session.remove()

    assert again == 0
    assert status(demo_database, task) == "GIVEN operator"
    told = demo_database.execute(f"SELECT email FROM notice WHERE text LIKE '%/tasks/{task}' AND created_by = 'scheduler'").fetchall()
    assert sorted(row[0].partition("@")[0] for row in told) == ["lawyer", "operator", "supervisor"]
    assert "Look at the exceptions" in operator.client.get("/tasks/").text
    demo_database.execute("DELETE FROM substitution WHERE basis = 'order'")


def test_late_work_leads_to_its_rows(supervisor: Browser, demo_database: psycopg.Connection) -> None:
    give(supervisor, demo_database, "operator", days=-9)
    demo_database.execute("UPDATE bill_run SET created_at = now() - interval '60 days'")
    demo_database.execute("UPDATE bill_exception SET status = 'OPEN'")
    run, count = demo_database.execute(
        "SELECT bill_run_id, count(DISTINCT account_id) FROM bill_exception GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1"
    ).fetchone() or (0, 0)  # fmt: skip

    page = supervisor.client.get("/late-work/?_l_=en")

    assert "Tasks whose term is over" in page.text
    assert "Look at the exceptions" in supervisor.client.get("/tasks/?of=late").text
    address = next(part for part in re.findall(r'href="([^"]+)"', page.text) if part.endswith(f"_bill_run={run}"))
    assert f">{count}<" in page.text
    rows = supervisor.client.get(address.replace("&amp;", "&") + "&psize_BillExceptionView=100")
    assert rows.status_code == 200
    assert rows.text.count('name="rowid"') == min(count, 100)


def test_only_supervisors_see_what_is_late(operator: Browser) -> None:
    assert operator.client.get("/late-work/").status_code in {302, 403}
    assert operator.client.get("/tasks/?of=late").status_code == 404
    assert operator.client.get("/reports/work").status_code == 403
