"""Demo examples of an office's work: contracts, tax invoices, shifts and days, reconciliation, charges, notes, holds.

Each is made by the service that people's pages call; only what has no service beside its form is written as a row.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.acts import ActKind, ActRequest
from app.domain.administration import JobKind
from app.domain.billing import TermKind
from app.domain.billing.corrections import CorrectionKind
from app.domain.calendar import months_after
from app.domain.claims.inspections import EnergyMethod, ViolationKind
from app.domain.contracts import ContractStatus
from app.domain.ledger.debts import DebtStage
from app.domain.payments.cash import counted
from app.domain.payments.channels import Channel
from app.domain.payments.reconciliation import StatementSource, StatementState
from app.domain.reference import ChangeKind
from app.domain.runs import RunEvent
from app.domain.tariffs import blocks_text
from app.gateways.subsidies_file import SubsidyLine
from app.models.administration import StaffMember, Substitution
from app.models.claims import PenaltyHold
from app.models.contracts import Contract
from app.models.payments import PaymentBlock, PaymentContract
from app.models.reference import TariffGroup
from app.models.supply import PrepaidVolume
from app.models.tariffs import Tariff
from app.queries import claims as claim_queries
from app.queries import metering as readings
from app.queries import tariffs
from app.queries.records import fetch_all, fetch_one
from app.services import acts, administration, claims, metering, reference, runs
from app.services.billing import corrections, exceptions, invoices, shadow
from app.services.claims import inspections, penalties
from app.services.contracts import drafts
from app.services.ledger import debtors
from app.services.payments import cash, controls, crediting, reconciliation, statements, tenders

_BASIS = "namunaviy yozuv"
_SELLER = {
    "stir": "306350099", "vat_registration": "326060012345", "legal_name": "“Namuna energiya taʼminoti” AJ", "mfo": "00450",
    "address": "Toshkent shahri, Namuna koʻchasi, 1", "bank_account": "20208000900000001001", "phone": "+998712000000",
    "director": "Namunayev N. N.", "accountant": "Hisobchiyeva H. H.", "oked": "35140",
}  # fmt: skip
#: Of a demo only: the code of energy in the catalogue is to be entered by the customer.
_MXIK = "02716000000000000"


def make_seller(session: Session) -> None:
    """Give the company the details that its papers bear, and electricity a code of the catalogue."""
    columns = ", ".join(f"{name} = :{name}" for name in _SELLER)
    session.execute(text(f"UPDATE division SET {columns} WHERE parent_id IS NULL"), _SELLER)
    session.execute(text("UPDATE resource SET catalog_code = :code WHERE catalog_code IS NULL"), {"code": _MXIK})


class _Consumer(NamedTuple):
    consumer_id: int
    ids: list[int]


class _Contract(NamedTuple):
    id: int
    account_id: int
    billed_to: date


class _Party(NamedTuple):
    division_id: int
    consumer_id: int


class _Home(NamedTuple):
    id: int
    number: str
    bill_id: int
    first: date
    billed_to: date


def sign_contracts(session: Session, division_id: int, *, since: date) -> None:
    """Sign the contracts of a district's legal consumers but for some; the first is of several accounts, the second has expired."""
    rows = fetch_all(
        session,
        "SELECT a.consumer_id, array_agg(a.id ORDER BY a.id) AS ids FROM account a JOIN consumer c ON c.id = a.consumer_id "
             "WHERE a.division_id = :division_id AND c.kind = 'LEGAL' GROUP BY a.consumer_id ORDER BY min(a.id)",
        _Consumer, division_id=division_id,
    )  # fmt: skip
    for place, row in enumerate(rows):
        if place % 3 == 2:
            continue  # goes on being a draft
        contract = drafts.open_draft(session, row.consumer_id, division_id, on=since)
        end = months_after(since, 1) if place % 3 == 1 else months_after(since, 24)
        terms: dict[int, drafts.DraftTerms] = {
            account_id: {TermKind.CONTRACT_LIMIT: 25_000_000} if place == 0 else {} for account_id in row.ids
        }
        drafts.change_draft(session, contract.id, valid_from=since, valid_to=end, accounts=terms)
        _act(session, ActKind.SIGN_CONTRACT, contract.id, since)


def change_contracts(session: Session, division_id: int, *, today: date) -> None:
    """Change one contract of a district by an additional agreement, end another, and renew one for so few days that it asks for more."""
    rows = fetch_all(
        session,
        "SELECT k.id, min(l.account_id) AS account_id, max(coalesce(p.billed_to, k.valid_from)) AS billed_to FROM contract k "
             "JOIN contract_account l ON l.contract_id = k.id LEFT JOIN account_position p ON p.account_id = l.account_id "
             "WHERE k.division_id = :division_id AND k.kind = 'SUPPLY' AND k.status = 'SIGNED' AND k.valid_to > :today "
             "GROUP BY k.id ORDER BY k.id",
        _Contract, division_id=division_id, today=today,
    )  # fmt: skip
    if rows:
        first = rows[0]
        changes = {
            "contract_account_id": first.account_id,
            "valid_from": max(first.billed_to, today).isoformat(),
            "limit_milli": 30_000_000,
        }
        _act(session, ActKind.ANNEX_CONTRACT, first.id, today, **changes)
    if len(rows) > 1:
        _act(session, ActKind.END_CONTRACT, rows[-1].id, today, ends_on=(today + timedelta(days=30)).isoformat())
    expired = select(Contract.id).where(
        Contract.division_id == division_id, Contract.status == ContractStatus.SIGNED, Contract.valid_to <= today
    )
    for contract_id in session.scalars(expired.order_by(Contract.id.desc()).limit(1)).all():
        _act(session, ActKind.RENEW_CONTRACT, contract_id, today, valid_to=(today + timedelta(days=20)).isoformat())


def _act(session: Session, kind: ActKind, contract_id: int, on: date, **parameters: object) -> None:
    row = fetch_one(session, "SELECT division_id, consumer_id FROM contract WHERE id = :id", _Party, id=contract_id)
    given = {"contract_id": contract_id, **parameters}
    request = ActRequest(kind, row.division_id, on, _BASIS, given, f"demo-{kind}-{contract_id}", consumer_id=row.consumer_id)
    acts.submit(session, request, today=on)


class Homes:
    """Some households of a district with a debt and a bill."""

    def __init__(self, session: Session, division_id: int) -> None:
        self.division_id = division_id
        rows = fetch_all(
            session,
            "SELECT a.id, a.number, max(b.id) AS bill_id, min(b.billing_month) AS first, max(b.period_to) AS billed_to FROM account a "
                 "JOIN consumer c ON c.id = a.consumer_id AND c.kind = 'HOUSEHOLD' JOIN bill b ON b.account_id = a.id "
                 "WHERE a.division_id = :division_id AND a.closed_on IS NULL GROUP BY a.id ORDER BY a.id LIMIT 12",
            _Home, division_id=division_id,
        )  # fmt: skip
        self.ids = [row.id for row in rows]
        self.numbers = [row.number for row in rows]
        self.first_month: date = rows[0].first
        self.billed_to: date = rows[0].billed_to


def issue_invoices(session: Session, division_id: int, *, today: date, name_of: invoices.LineName) -> None:
    """Issue tax invoices of some bills of a district's legal consumers."""
    bills = fetch_all(
        session,
        "SELECT b.id FROM bill b JOIN account a ON a.id = b.account_id JOIN consumer c ON c.id = a.consumer_id "
             "WHERE b.division_id = :division_id AND c.kind = 'LEGAL' AND b.vat_tiyin > 0 AND b.amount_tiyin > 0 "
             "AND b.cancels_id IS NULL ORDER BY b.id LIMIT 3",
        int, division_id=division_id,
    )  # fmt: skip
    for bill_id in bills:
        invoices.issue(session, bill_id, invoiced_on=today, name_of=name_of)


def work_a_shift(session: Session, homes: Homes, *, cashier: str, now: datetime, today: date) -> None:
    """Take cash into a shift, count it a little short and close it by another person; begin the next one."""
    given = cash.Cashier(cashier, homes.division_id, "Gulnora Saidova")
    controls.open_shift(
        session, cashier=cashier, full_name=given.full_name, division_id=given.division_id, float_tiyin=50_000_00, today=today
    )
    for place, amount in enumerate((50_000_00, 120_000_00, 75_000_00)):
        money = cash.Cash(f"demo-cash-{place}", homes.numbers[place], amount)
        cash.take_cash(session, money, cashier=given, now=now, today=today)
    shift = controls.shift(session, cashier=cashier, division_id=homes.division_id, today=today)
    pieces = {100_000: 2, 50_000: 1, 20_000: 2, 1_000: 4}
    controls.count(session, shift.id, counted_tiyin=counted(pieces), by=cashier, today=today, pieces=pieces)
    controls.explain_difference(session, shift.id, reason="change was given from a note of 1,000 too much")
    controls.close(session, shift.id, by="supervisor", now=now, today=today)
    cash.take_cash(session, cash.Cash("demo-cash-next", homes.numbers[3], 30_000_00), cashier=given, now=now, today=today)


def compare_a_day(session: Session, homes: Homes, *, now: datetime) -> None:
    """Take a provider's day, and compare it with a statement that differs in a sum and a transaction."""
    contract_id = session.scalars(select(PaymentContract.id).where(PaymentContract.channel == Channel.PAYNET)).one()
    day, moment_ms = now.date() - timedelta(days=1), int(now.timestamp() * 1000) - 86_400_000
    control_id = tenders.day_control(session, contract_id, day)
    asked = [
        tenders.TenderRequest(contract_id, f"70{place:06d}", number, 40_000_00 + place * 1_000_00, moment_ms, True, control_id)
        for place, number in enumerate(homes.numbers[4:8])
    ]
    tenders.accept(session, asked, now_ms=moment_ms, today=day)
    after, more = 0, True
    while more:
        after, _count, _failed = crediting.credit(session, today=now.date(), after=after)
        more = after > 0
    told = [(each.reference, each.amount_tiyin) for each in asked]
    told = [(told[0][0], told[0][1] + 500_00), *told[1:-1], ("70999999", 15_000_00)]
    rows = [statements.GoodRow(reference, amount, StatementState.PERFORMED, now - timedelta(days=1), day) for reference, amount in told]
    statements.keep(session, contract_id, StatementSource.GATEWAY, rows)
    reconciliation.reconcile(session, contract_id, day, now=now)


def charge(session: Session, homes: Homes, *, today: date) -> None:
    """Charge penalty for the days since the first bill was due, hold one account free of it, grant a subsidy, record a theft."""
    since = months_after(homes.first_month, 1).replace(day=11)
    session.add(
        PenaltyHold(division_id=homes.division_id, account_id=homes.ids[8], valid_from=since, valid_to=months_after(today, 2), basis=_BASIS)
    )
    session.flush()
    if since < today:
        run = penalties.open_run(session, division_id=homes.division_id, period_from=since, period_to=today, today=today)
        rules, found, after = penalties.rules_of(session, run), penalties.PenaltyRunTotals(), 0
        while window := claim_queries.window(session, division_id=homes.division_id, after=after, limit=penalties.WINDOW):
            found, after = penalties.preview_window(session, run, rules, window, found), window.last_id
        penalties.finish_preview(session, run, found)
        penalties.begin_posting(session, run.id)
        after = 0
        while window := claim_queries.window(session, division_id=homes.division_id, after=after, limit=penalties.WINDOW):
            penalties.post_window(session, run, rules, window)
            after = window.last_id
        runs.close_run(session, penalties.RUN, run.id, RunEvent.CLOSE)
    row = SubsidyLine(1, homes.numbers[9], "25000", f"{homes.billed_to:%Y-%m}")
    claims.grant_subsidies(session, [row], division_id=homes.division_id, programme="Namunaviy dastur")
    window_from = inspections.earliest_day(session, homes.ids[10], until=homes.billed_to, today=today)
    finding = inspections.Finding(
        account_id=homes.ids[10], number="N-1", drawn_on=today, kind=ViolationKind.UNMETERED, inspector="Bahodir Ergashev",
        period_from=max(window_from, homes.first_month), period_to=homes.billed_to, method=EnergyMethod.APPLIANCES,
        findings="Hisobga olish asbobini chetlab oʻtgan ulanish", capacity_kw=Decimal(6), hours_a_day=Decimal(12),
    )  # fmt: skip
    inspections.ask(session, finding, today=today)


def correct_a_bill(session: Session, homes: Homes, *, today: date) -> None:
    """Bill a household's last month again."""
    wanted = corrections.CorrectionRequest(
        homes.division_id, months_after(homes.billed_to, -1), CorrectionKind.REBILL, _BASIS, "demo-correction", account_id=homes.ids[11]
    )
    corrections.correct_account(session, wanted, today=today)


def hold_accounts(session: Session, homes: Homes, *, today: date) -> None:
    """Let an account keep an old price for energy it had paid for, block payments of another, substitute one person by another."""
    version = fetch_one(
        session,
        "SELECT v.id FROM tariff_version v JOIN tariff t ON t.id = v.tariff_id JOIN tariff_group g ON g.id = t.tariff_group_id "
             "WHERE g.code = 'HOUSEHOLD' ORDER BY v.valid_from, v.id LIMIT 1",
        int,
    )  # fmt: skip
    session.add_all(
        [
            PrepaidVolume(division_id=homes.division_id, account_id=homes.ids[6], tariff_version_id=version, quantity_milli=150_000,
                          valid_from=homes.billed_to, valid_to=months_after(homes.billed_to, 6), basis=_BASIS),
            PaymentBlock(division_id=homes.division_id, account_id=homes.ids[7], creditor="“Namuna tozalash” MChJ", valid_from=today,
                         valid_to=today + timedelta(days=10), basis=_BASIS),
        ]
    )  # fmt: skip
    people: Sequence[StaffMember] = session.scalars(select(StaffMember).order_by(StaffMember.id).limit(2)).all()
    if len(people) == 2:
        absent, other = people
        session.add(
            # A holiday to come: today nobody of the demo has another one's rights.
            Substitution(division_id=absent.division_id, absent_id=absent.id, substitute_id=other.id, valid_from=today + timedelta(days=30),
                         valid_to=today + timedelta(days=44), basis=_BASIS)
        )  # fmt: skip
    session.execute(text("INSERT INTO ab_group (name, label, description) VALUES ('Namuna guruhi', 'Namuna guruhi', '')"))
    session.flush()


def work_lists(session: Session, division_id: int) -> None:
    """Let the operator look after some debtors and exceptions, and record how far he came."""
    debtors_found = fetch_all(
        session, "SELECT account_id FROM debtor WHERE division_id = :id ORDER BY debt_tiyin DESC, account_id LIMIT 6", int, id=division_id
    )
    debtors.assign(session, debtors_found, owner="operator")
    for place, stage in enumerate((DebtStage.CONTACTED, DebtStage.PROMISED, DebtStage.DISPUTED)):
        debtors.advance(session, debtors_found[place : place + 1], stage, by="operator")
    found = fetch_all(session, "SELECT id FROM bill_exception WHERE division_id = :id ORDER BY id LIMIT 4", int, id=division_id)
    exceptions.assign(session, found[:3], owner="operator")
    exceptions.settle(session, found[3:], by="operator")


def try_prices(session: Session, division_id: int, *, month: date) -> None:
    """Compute a posted month with a proposed price."""
    tariff_id = fetch_one(
        session,
        "SELECT t.id FROM tariff t JOIN tariff_group g ON g.id = t.tariff_group_id JOIN resource r ON r.id = t.resource_id "
             "WHERE g.code = 'HOUSEHOLD' AND r.code = 'ELECTRICITY'",
        int,
    )  # fmt: skip
    assert session.get(Tariff, tariff_id) is not None
    run = shadow.open_run(session, division_id=division_id, month=month, tariff_id=tariff_id, blocks="200=650; =1100")
    *_before, (_done, found) = shadow.compare(session, run)
    shadow.finish(session, run, found)


def draft_prices(session: Session, *, today: date, valid_from: date) -> list[int]:
    """Ask for prices of households a tenth higher from a day on, and return the jobs that compute the effect."""
    tariff = session.scalars(select(Tariff).join(Tariff.tariff_group).where(TariffGroup.code == "HOUSEHOLD").order_by(Tariff.id)).first()
    assert tariff is not None
    held = tariffs.version_before(session, tariff.id, valid_from)
    higher = blocks_text(each._replace(rate_e4=each.rate_e4 * 11 // 10) for each in held.blocks) if held else "=1000"
    contents = {"tariff_id": str(tariff.id), "valid_from": valid_from.isoformat(), "valid_to": None, "source": _BASIS, "blocks": higher}
    draft = reference.Draft("tariff_version", ChangeKind.ADD, None, contents, today)
    asked = reference.propose(session, [draft], subject=tariff.name, basis=_BASIS, today=today)
    return shadow.start_effects(session, asked.id, today=today)


def receive_readings(session: Session, homes: Homes, *, today: date) -> int:
    """Take in a small file of readings, one of a future day; return the job that checks it."""
    rows = [f"{homes.numbers[0]};;{today};99999", f"{homes.numbers[1]};;{months_after(today, 12)};100"]
    return _receive(session, homes, "namuna-readings.csv", rows)[0]


def receive_wrong_readings(session: Session, homes: Homes, *, today: date) -> tuple[int, int]:
    """Take in the file of another district with most of its rows refused; return the job that checks it, and the file to discard."""
    last = readings.series_by_number(session, [homes.numbers[2]])[-1]
    good = ((last.last_dial_milli or 0) // 1000 + 5) % (last.capacity_milli // 1000)
    rows = [f"{homes.numbers[2]};;{today};{good}", f"269999999999;;{today};250", f"{homes.numbers[3]};;31.02.{today.year};300"]
    return _receive(session, homes, "boshqa-tuman.csv", rows)


def _receive(session: Session, homes: Homes, name: str, rows: Sequence[str]) -> tuple[int, int]:
    content = "\n".join(["account;meter;date;reading", *rows]).encode()
    stored = administration.store_file(session, division_id=homes.division_id, name=name, media_type="text/csv", content=content)
    taken = metering.receive_file(session, stored)
    job_id = administration.start_job(session, JobKind.READING_CHECK, division_id=homes.division_id, subject_id=taken.id)
    return job_id, taken.id


def receive_subsidies(session: Session, homes: Homes) -> int:
    """Take in a file of subsidies above what one person may grant alone, one row of nobody's; return the job that asks a second person."""
    month = f"{homes.billed_to:%Y-%m}"
    rows = [f"{homes.numbers[9]};450000;{month}", f"{homes.numbers[10]};700000,50;{month}", f"269999999999;300000;{month}"]
    content = "\n".join(["account number;amount;month", *rows]).encode()
    stored = administration.store_file(
        session, division_id=homes.division_id, name="namuna-subsidiya.csv", media_type="text/csv", content=content
    )
    given = {"file_id": stored.id, "programme": "Namunaviy dastur 2"}
    return administration.start_job(session, JobKind.SUBSIDY_IMPORT, division_id=homes.division_id, parameters=given)


def discard(session: Session, import_id: int) -> None:
    """Put a checked file of readings aside."""
    metering.discard_file(session, metering.reading_import(session, import_id))


def largest_bill_som(session: Session, division_id: int, month: date) -> int:
    """Return a sum that few bills of a district's month came to, in soʻm."""
    statement = "SELECT coalesce(max(amount_tiyin), 0) FROM bill WHERE division_id = :division_id AND billing_month = :month"
    return fetch_one(session, statement, int, division_id=division_id, month=month) * 3 // 400
