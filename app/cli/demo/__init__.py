"""Demonstration data, and what one needs to know to use it."""

import csv
import hashlib
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psycopg
from flask import current_app
from numpy.random import Generator
from sqlalchemy import text

from app import clock
from app.cli import access
from app.cli.demo import telemetry, verifying, watching
from app.cli.demo.examples import accounts_to_try
from app.documents import ledger
from app.documents.billing import invoices
from app.documents.reports import REPORTS
from app.domain.administration import DivisionLevel, JobKind, JobStatus
from app.domain.calendar import month_period, months_after
from app.domain.ledger.proofs import CheckCause
from app.domain.payments.channels import Channel
from app.domain.runs import RunEvent
from app.extensions import Scope, db, set_scope, transaction
from app.jobs import metering as _metering_jobs  # noqa: F401 - registers its work
from app.jobs import payments as _payment_jobs  # noqa: F401 - registers its work
from app.jobs import runner
from app.jobs.ledger import NAMED
from app.jobs.reports import keep
from app.queries import administration as administration_queries
from app.queries import tariffs
from app.queries.records import fetch_one, fetch_optional
from app.services import administration, billing, payments, runs
from app.services import demo as service
from app.services.administration import approvals
from app.services.demo import (
    account_acts,
    acts,
    details,
    equipment,
    field_work,
    messages,
    meters,
    office,
    organisation,
    portal,
    targets,
    telling,
)
from app.services.demo import payments as demo_payments
from app.services.demo.organisation import District
from app.services.demo.payments import PAYME_KEY, PAYME_MERCHANT
from app.services.ledger import checks
from app.services.payments import MoneyReceived

PASSWORD = "pc-billing-demo"  # noqa: S105 - a demo's password is public by design
READINGS_LOGIN = "askue-demo"
READINGS_KEY = "demo-readings-key-00000000000000000"

#: (user, first name, last name, roles, division); each holds the post of the user's name
USERS = (
    ("admin", "Aziz", "Sodiqov", ("Admin", "Administrator"), "17"),
    ("supervisor", "Dilshod", "Rahimov", ("Supervisor",), "17"),
    ("operator", "Nilufar", "Yusupova", ("Billing operator",), "1726"),
    ("cashier", "Gulnora", "Saidova", ("Cashier",), "1726"),
    ("inspector", "Bahodir", "Ergashev", ("Inspector",), "1726901"),
    ("editor", "Shahnoza", "Aliyeva", ("RNI editor",), "17"),
    ("engineer", "Rustam", "Qodirov", ("Engineer",), "1726901"),
    ("lawyer", "Kamola", "Hasanova", ("Lawyer",), "1726"),
    ("auditor", "Jasur", "Nazarov", ("Auditor",), "17"),
    ("translator", "Madina", "Ismoilova", ("Translator",), "17"),
)


class NotEmpty(Exception):
    """There are accounts in the database already."""


def is_empty(url: str) -> bool:
    """Tell whether a database has no accounts and is no node, which gets its contents from the centre."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("SET ROLE pcb_owner")
        return fetch_optional(connection, "SELECT 1 FROM account UNION ALL SELECT 1 FROM node_setting LIMIT 1", int) is None


def load(*, accounts: int, months: int, seed: int, report: Callable[[str], None]) -> dict[str, int]:
    """Make districts with accounts, bill and pay so many months up to the last full one.

    :raises NotEmpty: if there are accounts already
    """
    if fetch_optional(db.session(), "SELECT 1 FROM account LIMIT 1", int):
        raise NotEmpty
    rng = np.random.default_rng(seed)
    first = months_after(clock.today(), -months)
    districts, people = _make(accounts, first, months, rng)
    for number in range(months):
        month, is_last = months_after(first, number), number == months - 1
        for district in districts:
            if district.code == organisation.LEFT_TO_USER and is_last:
                _leave_to_user(people[district.id], month, rng)
            else:
                _live(district, people[district.id], month, number, rng, holds=is_last and district is districts[-1])
        report(f"{month:%Y-%m} read, billed and paid")
    with transaction() as session:
        equipment.take_over(session, [each.id for each in districts])
        equipment.make_stock(session, districts[0].id, today=clock.today())
    _act(districts, months_after(first, months - 2))
    verifying.verify(districts[0].id)
    with transaction() as session:
        details.make_details(session, today=clock.today())
        details.share_views(session)
        messages.make_messages(session, now=clock.now())
        telling.tell_consumers(session, now=clock.now())
    _bring_payments()
    _work(districts, months_after(first, months - 1))
    _keep_reports(first)
    with transaction() as session:
        targets.set_targets(session, [each.id for each in districts], months_after(first, months - 1))
    _ask_second_persons()
    with transaction() as session:
        checks.keep(session, CheckCause.COMMAND, checks.find(session, limit=NAMED))
    watching.watch(districts[0].id)
    return _counts()


def _bring_payments() -> None:
    """Load the files that providers brought."""
    with transaction() as session:
        brought = demo_payments.bring_files(session, today=clock.today())
    for job_id in brought:
        runner.perform(job_id)


def _keep_reports(month: date) -> None:
    """Keep the monthly reports of each district, to be signed once the month is closed."""
    with transaction() as session:
        divisions = administration_queries.divisions(session)
        for division in divisions:
            if division.level == DivisionLevel.DISTRICT:
                for spec in REPORTS.values():
                    if spec.is_submitted:
                        keep(session, spec, division.id, spec.request(divisions, division, month_period(month)))


def _ask_second_persons() -> None:
    """Let a value of a parameter wait for the supervisor, and show a correction of a translation that was refused."""
    today = clock.today()
    set_scope(Scope(actor="admin", today=today, everywhere=True))
    with transaction() as session:
        administration.propose_parameter(
            session, code="payments.confirm_above_som", value="3000000", source="Order 12", valid_from=months_after(today, 1), today=today
        )
    set_scope(Scope(actor="editor", today=today, everywhere=True))
    with transaction() as session:
        effects = office.draft_prices(session, today=today, valid_from=months_after(today, 2))
    for job_id in effects:
        runner.perform(job_id)
    set_scope(Scope(actor="translator", today=today, everywhere=True))
    with transaction() as session:
        texts = {"source": ["Skip to the content"], "before": ["К содержанию"], "texts": ["Дальше"]}
        asked = administration.propose_text(session, language="ru", **texts)
        approvals.decide(session, asked.id, grant=False, by="editor", remark="Say where it leads.", today=today, now=clock.now())
    set_scope(Scope(actor="operator", today=today, everywhere=True))


def info(address: str) -> dict[str, Any]:
    """Return the address, the users, ten account numbers of different kinds and the channels' credentials."""
    return {
        "address": address,
        "portal": f"{address}/portal/",
        "console": f"{address}/console/",
        "users": [
            {"username": name, "password": PASSWORD, "roles": list(roles), "division": division} for name, _, _, roles, division in USERS
        ],
        "accounts": accounts_to_try(),
        "channels": demo_payments.providers(address)
        | {
            "payme": {
                "url": f"{address}/api/payme",
                "login": "Paycom",
                "key": PAYME_KEY,
                "merchant": PAYME_MERCHANT,
                "account_field": "account",
                "smallest_tiyin": 50_000,
                "largest_tiyin": 300_000_000,
            },
            "readings": {"url": f"{address}/api/readings", "login": READINGS_LOGIN, "key": READINGS_KEY},
            "sms": {"outbox": f"{address}/console/notice/", "command": "flask --app run demo sms ACCOUNT"},
            "links": {"command": "flask --app run demo link [ACCOUNT] [--for READING]"},
        },
        "readings_file": str(_readings_path()),
    }


def greeting(port: str) -> str:
    """Return what the first page of the terminal says."""
    lines = [
        f"PC Billing is at http://127.0.0.1:{port}/   portal: http://127.0.0.1:{port}/portal/",
        "Demo users (all with the password",
    ]
    lines[1] += f" {PASSWORD}): " + ", ".join(f"{name} ({', '.join(roles)})" for name, _, _, roles, _ in USERS)
    lines.append("A link that pays without a login: flask --app run demo link.   More: flask --app run demo info.   Ctrl-C stops it.")
    return "\n".join(lines)


def wait_until_ready(port: str, seconds: int = 120) -> None:
    """Wait until the web server answers."""
    for _ in range(seconds * 5):
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5, trust_env=False).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)


def _make(accounts: int, since: date, months: int, rng: Generator) -> tuple[list[District], dict[int, service.People]]:
    with transaction() as session:
        organisation.make_reference(session)
        demo_payments.make_contracts(session)
        organisation.make_layouts(session)
        organisation.make_source(session, login=READINGS_LOGIN, key_sha256=hashlib.sha256(READINGS_KEY.encode()).hexdigest())
        districts = organisation.make_districts(session, accounts)
        people = {each.id: service.make_people(session, each, since=since, months=months, rng=rng) for each in districts}
    for name, first_name, last_name, roles, code in USERS:
        user_id = access.add_user(username=name, first_name=first_name, last_name=last_name, role_names=list(roles), password=PASSWORD)
        with transaction() as session:
            organisation.grant_access(session, user_id, code, since)
            organisation.appoint(session, user_id=user_id, name=f"{first_name} {last_name}", post_code=name, code=code, since=since)
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("RESET ROLE"))
        connection.execute(text("ANALYZE"))
        connection.execute(text("SET ROLE pcb_worker"))
    return districts, people


def _live(district: District, people: service.People, month: date, number: int, rng: Generator, *, holds: bool) -> None:
    """Read, bill and pay a district's month, the way the office would; the largest bills may wait for a person."""
    with transaction() as session:
        service.read_month(session, people, month, number, rng)
    billed_on = months_after(month, 1)
    bill(district.id, month, billed_on, holds=holds)
    for place, day in enumerate((4, 11, 19)):
        paid_on = billed_on.replace(day=day)
        if paid_on <= clock.today():
            _pay(people, month, place, paid_on, rng)


def _act(districts: list[District], month: date) -> None:
    """Perform an example of each act: about posted months where the last one is left to the user, about accounts in the last district."""
    for district in districts:
        if district.code == organisation.LEFT_TO_USER:
            with transaction() as session:
                acts.perform_acts(session, district.id, month=month, today=clock.today())
    with transaction() as session:
        account_acts.make_acts(session, districts[-1].id, today=clock.today())
        meters.change_meters(session, districts[-1].id, today=clock.today())


def _work(districts: list[District], month: date) -> None:
    """Do an office's work in the first district: contracts, invoices, a shift, a provider's day, a file, charges, corrections."""
    now, today, division_id = clock.now(), clock.today(), districts[0].id
    with transaction() as session:
        office.make_seller(session)
        homes = office.Homes(session, division_id)
        office.change_contracts(session, division_id, today=today)
        office.issue_invoices(session, division_id, today=today, name_of=invoices.line_name)
        office.correct_a_bill(session, homes, today=today)
        office.hold_accounts(session, homes, today=today)
        office.work_lists(session, division_id)
        office.charge(session, homes, today=today)
        office.try_prices(session, division_id, month=month)
    with transaction() as session:
        office.work_a_shift(session, homes, cashier="cashier", now=now, today=today)
        office.compare_a_day(session, homes, now=now)
    with transaction() as session:
        job_id = office.receive_readings(session, homes, today=today)
        wrong_job_id, wrong_file_id = office.receive_wrong_readings(session, homes, today=today)
    set_scope(Scope(actor="operator", today=today, everywhere=True))
    with transaction() as session:
        subsidies_job_id = office.receive_subsidies(session, homes)
    for each in (job_id, wrong_job_id, subsidies_job_id):
        runner.perform(each)
    with transaction() as session:
        office.discard(session, wrong_file_id)
        field_work.work_outside(session, division_id, inspector="inspector", now=now)
        portal.sign_in_users(session, division_id, now=now)
        portal.work_as_firms(
            session, division_id, contents_of=lambda account_id, since, until: ledger.contents(
                ledger.act(session, account_id, since=since, until=until)
            ), title_of=ledger.objection_title, today=today, now=now,
        )  # fmt: skip
    telemetry.send_batch(homes.numbers[-1], (READINGS_LOGIN, READINGS_KEY))
    telemetry.send((READINGS_LOGIN, READINGS_KEY))
    set_scope(Scope(actor="operator", today=today, everywhere=True))


def bill(division_id: int, month: date, billed_on: date, *, holds: bool = False) -> None:
    """Preview and post a division's month."""
    with transaction() as session:
        run = billing.open_run(session, division_id=division_id, month=month, today=billed_on)
        run_id = run.id
        job_id = administration.start_job(session, JobKind.BILL_POST, division_id=division_id, subject_id=run_id)
        prices, policy = tariffs.prices(session), billing.policy_on(session, billed_on)
        if holds:
            policy = policy._replace(largest_bill_som=office.largest_bill_som(session, division_id, months_after(month, -1)))
        found = billing.empty_preview()
        for found, _done in billing.preview_steps(session, run, prices, policy):  # noqa: B007 - the last one is what was found
            pass
        billing.finish_preview(session, run, found)
        billing.begin_posting(session, run_id)
    after, count = 0, 1
    while count:
        with transaction() as session:
            run = runs.run_of(session, billing.RUN, run_id)
            due_on = billed_on.replace(day=10)
            after, count = billing.post_chunk(session, run, prices, policy, after=after, due_on=due_on, posted_on=billed_on)
    with transaction() as session:
        runs.close_run(session, billing.RUN, run_id, RunEvent.CLOSE)
        administration.finish_job(session, job_id, JobStatus.DONE, now=clock.now())


def _pay(people: service.People, month: date, place: int, paid_on: date, rng: Generator) -> None:
    channels = (Channel.CASHIER, Channel.PAYME, Channel.BANK)
    with transaction() as session:
        money = [
            MoneyReceived(channels[account_id % 3], f"demo-{month:%Y%m}-{place}-{account_id}", account_id, amount)
            for account_id, amount in service.payments_of(session, people, 0.55, rng)
        ]
        if money:
            payments.book_many(session, money, received_on=paid_on)


def _leave_to_user(people: service.People, month: date, rng: Generator) -> None:
    """Write the readings of a month to a file, for the user to import and bill."""
    path = _readings_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8-sig") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(["account", "meter", "date", "reading"])
        writer.writerows(service.next_readings(people, month, rng))


def _readings_path() -> Path:
    return Path(current_app.config["VAR"]).resolve() / "demo" / "readings.csv"


def _counts() -> dict[str, int]:
    set_scope(Scope(actor="operator", today=clock.today(), everywhere=True))
    tables = ("account", "bill", "payment")
    return {f"{table}s": fetch_one(db.session(), f"SELECT count(*) FROM {table}", int) for table in tables}
