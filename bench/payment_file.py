"""How fast a payment file of a million rows is loaded: parsed in its child, matched, repeats and suspense told apart; against plain COPY.

``make bench-payment-file ROWS=1000000`` makes a country of 200,000 accounts and a CSV of 98 % known accounts, 1 % unknown ones, 0.5 % twins
and 0.5 % bad rows, loads it as the job does, copies the same tenders into the same table, credits a sample, and ends with one line of JSON.
"""

import resource
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import create_engine, event, text
from sqlalchemy.orm import Session

import config
from app.cli import schema
from app.domain.payments import ControlKind
from app.domain.payments.channels import Channel
from app.domain.payments.files import Form, Profile
from app.gateways import payment_files as gateway
from app.models.payments import PaymentContract, PaymentControl, PaymentFileLayout
from app.services import payments
from app.services.payments import files
from bench import country
from bench.billing import VAR, Cluster, _database, _execute, _scalar, _url, keep

ACCOUNTS, CREDITED = 200_000, 20_000
DAY, NOW = date(2026, 2, 3), datetime(2026, 2, 3, 6, 0, tzinfo=UTC)
PROFILE = Profile(
    form=Form.CSV, columns={"reference": 1, "account_number": 2, "amount": 3, "paid_on": 4, "payer": 5}, decimal_separator=","
)
_COLUMNS = (
    "id, division_id, payment_contract_id, reference, account_id, account_number, amount_tiyin, status, provider_ms, created_ms, "
    "performed_ms, payment_control_id, received_on, waiting, payer, phone, purpose, row_no"
)


def run(rows: int, base: str, folder: Path, accounts: int = ACCOUNTS, schema_of: str | None = None) -> dict[str, Any]:
    """Measure on a server and return the figures; ``base`` is the address of any database of it.

    :param schema_of: a database of the server that has the schema and nothing else
    """
    url = _url(base, "bench_payment_file")
    _database(base, "bench_payment_file", schema_of)
    schema.upgrade(config.database_url(url))
    country.make(url, accounts)
    path = folder / "payments.csv"
    _write(path, rows, accounts)
    engine = create_engine(config.database_url(url))
    event.listen(engine, "connect", lambda connection, _: connection.execute("SET ROLE pcb_worker") and connection.commit())
    with Session(engine) as session:
        control = _control(session)
        began = time.perf_counter()
        with gateway.reading(path, PROFILE) as payment_file, Session(engine) as beside:
            taken = files.load(session, control, payment_file, now=NOW, today=DAY, beside=beside).taken
        session.commit()
        loading = time.perf_counter() - began
        rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        copying = _copied(url)
        began, after, credited = time.perf_counter(), 0, 0
        while credited < min(CREDITED, taken.accepted):
            after, done, _ = payments.credit(session, today=DAY, after=after)
            session.commit()
            credited += done
        crediting = time.perf_counter() - began
    engine.dispose()
    return {
        "rows": rows, "accepted": taken.accepted, "suspense": taken.suspense, "held": taken.held, "rejected": taken.rejected,
        "rows_per_s": round(rows / loading), "copy_rows_per_s": round(rows / copying), "ratio_to_copy": round(copying / loading, 3),
        "rss_mb": round(rss), "credited_per_s": round(credited / crediting),
    }  # fmt: skip


def _write(path: Path, rows: int, accounts: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        for number in range(rows):
            account = f"9{number:011d}" if number % 100 == 0 else f"{number * 7919 % accounts + 1:012d}"
            key = number - 1 if number % 200 == 1 else number
            account = f"9{key:011d}" if key % 100 == 0 else account
            amount = "zero" if number % 200 == 3 else f"{key % 90000 + 500},{key % 100:02d}"
            file.write(f"B{key:012d};{account};{amount};02.02.2026;Karimov A.\n")


def _control(session: Session) -> PaymentControl:
    contract = PaymentContract(channel=Channel.BANK, name="bench", merchant_number="1")
    session.add(contract)
    session.flush()
    profile = PaymentFileLayout(payment_contract_id=contract.id, name="CSV", layout=PROFILE.to_dict())
    session.add(profile)
    session.flush()
    division = session.execute(text("SELECT id FROM division WHERE parent_id IS NULL")).scalar_one()
    control = PaymentControl(
        kind=ControlKind.PAYMENT_FILE,
        division_id=division,
        payment_contract_id=contract.id,
        business_day=DAY,
        name="bench",
        file_sha256="0" * 64,
        payment_file_layout_id=profile.id,
    )
    session.add(control)
    session.commit()
    return control


def _copied(url: str) -> float:
    """Copy the same tenders under another contract into the same table, and return the seconds."""
    with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        connection.execute("SET ROLE pcb_worker")
        other = "(SELECT max(id) FROM payment_contract WHERE channel = 'CASHIER')"
        chosen = _COLUMNS.replace("id, division_id, payment_contract_id", f"id + 100000000, division_id, {other}", 1)
        with cursor.copy(f"COPY (SELECT {chosen} FROM tender ORDER BY id) TO STDOUT (FORMAT BINARY)") as stream:
            rows = b"".join(bytes(block) for block in stream)
        began = time.perf_counter()
        with connection.transaction(), cursor.copy(f"COPY tender ({_COLUMNS}) FROM STDIN (FORMAT BINARY)") as stream:
            stream.write(rows)
        seconds = time.perf_counter() - began
    _execute(url, "DELETE FROM tender WHERE id > 100000000")
    assert _scalar(url, "SELECT count(*) FROM tender WHERE id > 100000000") == 0
    return seconds


if __name__ == "__main__":
    keep("payment_file", run(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000, Cluster(VAR).ensure().database_url, VAR))
