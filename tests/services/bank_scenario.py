"""A bank whose files of payments are loaded."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.payments import HeldDecision
from app.domain.payments.channels import Channel
from app.domain.payments.files import ControlTotals, Form, Profile, TotalsPlace
from app.gateways import payment_files as gateway
from app.models.payments import PaymentContract, PaymentControl, PaymentFileLayout
from app.queries import ledger
from app.services import payments
from app.services.payments import files, held
from app.services.payments.files import Upload
from tests.builders import bill_month, make_district, make_home, owed, read

DAY, NOW = date(2026, 3, 3), datetime(2026, 3, 3, 6, 0, tzinfo=UTC)


PROFILE = Profile(
    form=Form.CSV,
    columns={"reference": 1, "account_number": 2, "amount": 3, "paid_on": 4, "payer": 5},
    decimal_separator=",",
    totals=ControlTotals(place=TotalsPlace.MARKER, columns={"count": 2, "sum": 3}),
)


class Parts(NamedTuple):
    """How many rows became what."""

    accepted: int
    suspense: int
    held: int
    rejected: int


class Bank:
    """A bank that sends files, and an account that owes 6,000,000 tiyin."""

    def __init__(self, session: Session, folder: Path) -> None:
        self.session, self.folder = session, folder
        self.district = make_district(session)
        self.home = make_home(session, self.district)
        read(session, self.home, date(2026, 1, 31), 1100)
        bill_month(session, self.home.division_id, date(2026, 1, 1))
        contract = PaymentContract(channel=Channel.BANK, name="Test bank", merchant_number="1")
        session.add(contract)
        session.flush()
        self.contract_id = contract.id
        profile = PaymentFileLayout(payment_contract_id=contract.id, name="CSV", layout=PROFILE.to_dict())
        session.add(profile)
        session.flush()
        self.profile_id = profile.id

    def file(self, *rows: str, count: int | None = None, total: str | None = None) -> bytes:
        """A file with its totals: soʻm, two decimals."""
        sums = [int(row.split(";")[2].replace(",", "")) for row in rows]
        declared = total if total is not None else f"{sum(sums) // 100},{sum(sums) % 100:02d}"
        return "\n".join([*rows, f"ИТОГО;{len(rows) if count is None else count};{declared}"]).encode() + b"\n"

    def row(self, reference: str, amount: str = "10000,00", number: str | None = None) -> str:
        return f"{reference};{number or self.home.number};{amount};02.03.2026;Karimov A."

    def load(self, content: bytes, name: str = "payments.csv", *, again: bool = False) -> Parts:
        """Bring a file as an operator does, and load it as the job does; return how many rows became what."""
        upload = Upload(name, "text/csv", content)
        files.receive(self.session, upload, profile_id=self.profile_id, division_id=self.district.id, today=DAY, again=again)
        control = self.control(content)
        path = self.folder / "file"
        path.write_bytes(content)
        with gateway.reading(path, files.profile_of(self.session, control)) as payment_file:
            outcome = files.load(self.session, control, payment_file, now=NOW, today=DAY)
        taken = outcome.taken
        assert outcome.received == taken.accepted + taken.suspense + taken.held + taken.rejected + taken.left_out
        return Parts(taken.accepted, taken.suspense, taken.held, taken.rejected)

    def lay_out(self, **changed: object) -> None:
        """Change the layout."""
        layout = replace(PROFILE, **changed).to_dict()  # type: ignore[arg-type]
        self.session.execute(text("UPDATE payment_file_layout SET layout = CAST(:layout AS jsonb)"), {"layout": json.dumps(layout)})
        self.session.expire_all()

    def decide(
        self, control: PaymentControl, decision: HeldDecision, *rows: int, alone_som: int = 10**10, today: date = DAY
    ) -> held.DecisionStart:
        """Decide about held rows of a payment file, by their numbers, or about all of them."""
        ids = self.session.scalars(
            text("SELECT id FROM held_row WHERE payment_control_id = :id AND row_no = ANY(:rows)"),
            {"id": control.id, "rows": list(rows)},
        ).all()
        wish = held.DecisionRequest(control.id, decision, "letter of the bank", ids if rows else None)
        limit = (
            "INSERT INTO operating_parameter (code, value, valid_from, source) VALUES ('payments.held_alone_som', :som, '2020-01-01', 't') "
            "ON CONFLICT (code, valid_from) DO UPDATE SET value = excluded.value"
        )
        self.session.execute(text(limit), {"som": str(alone_som)})
        return held.decide(self.session, wish, by="operator", today=today)

    def perform(self, asked: held.DecisionStart) -> int:
        """Do what was decided, as the job does."""
        assert asked.job_id is not None
        subject, told = self.session.execute(text("SELECT subject_id, parameters FROM job_run WHERE id = :id"), {"id": asked.job_id}).one()
        return held.perform(self.session, asked.job_id, subject, told, now=NOW, today=DAY)

    def counted(self, control: PaymentControl) -> dict[str, tuple[int, int]]:
        """What became of a payment file's rows, where there are any: how many, and their sum."""
        self.session.refresh(control)
        names = ("accepted", "suspense", "held", "repeated", "rejected", "left_out")
        return {name: (rows, getattr(control, f"{name}_tiyin")) for name in names if (rows := getattr(control, name))}

    def control(self, content: bytes) -> PaymentControl:
        found = (
            self.session.query(PaymentControl).filter_by(file_sha256=hashlib.sha256(content).hexdigest()).order_by(PaymentControl.id.desc())
        )
        control = found.first()
        assert control is not None
        return control

    def credited(self) -> int:
        """Let the ledger hear of it; what the account owes then."""
        payments.credit(self.session, today=DAY)
        debt, advance = owed(self.session, self.home)
        assert ledger.drifts(self.session) == []
        return debt - advance

    def problems(self) -> list[tuple[int, str, str | None]]:
        rows = self.session.execute(text("SELECT row_no, problem, column_name FROM payment_file_problem ORDER BY id"))
        return [(row[0], row[1], row[2]) for row in rows]
