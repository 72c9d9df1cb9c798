"""A workbook with further filled sheets: whatever kind of file it is, its job names those that were not read."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.administration import JobKind
from app.domain.payments.layouts import Form, Profile
from app.gateways import payment_files
from app.jobs import claims, metering, reference
from app.jobs.administration import divisions
from app.jobs.kinds import JOBS
from app.jobs.payments import reconciliation
from app.jobs.runner import FURTHER_SHEETS
from app.models.metering import ReadingImport
from app.queries import administration as queries
from app.services import administration
from tests.builders import make_district

#: What jobs are registered by.
MODULES = (claims, divisions, metering, reconciliation, reference)


def workbook(*rows: list[str]) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        for name in ("First", "February", "March"):
            page = book.add_worksheet(name)
            for row_no, row in enumerate(rows):
                page.write_row(row_no, 0, row)
        book.add_worksheet("Empty")
    return content.getvalue()


FILES: dict[JobKind, tuple[list[str], list[str]]] = {
    JobKind.DIVISION_IMPORT: (["code", "name"], ["1726777", "Yangi tuman"]),
    JobKind.SUBSIDY_IMPORT: (["account number", "amount", "month"], ["1", "1000", "2026-05"]),
    JobKind.REFERENCE_IMPORT: (["mfo", "name"], ["00999", "A bank"]),
    JobKind.RECONCILE: (["reference", "amount", "state", "moment"], ["A1", "1000", "performed", "2026-03-03 10:00"]),
    JobKind.READING_CHECK: (["account", "meter", "date", "reading"], ["1", "", "2026-03-03", "5"]),
}


def given(session: Session, kind: JobKind, file_id: int, division_id: int) -> dict[str, Any]:
    """What such a job is asked to do."""
    if kind == JobKind.READING_CHECK:
        target = ReadingImport(division_id=division_id, stored_file_id=file_id)
        session.add(target)
        session.flush()
        return {"subject_id": target.id}
    contract = "INSERT INTO payment_contract (channel, name, merchant_number) VALUES ('BANK', 'Test', '1') RETURNING id"
    parameters = {
        "file_id": file_id, "programme": "test", "table": "bank", "valid_from": "2030-01-01", "basis": "letter", "subject": "file",
        "divisions": [division_id], "contract_id": session.scalar(text(contract)), "source": "GATEWAY",
    }  # fmt: skip
    return {"parameters": parameters}


@pytest.mark.parametrize("kind", FILES)
def test_job_names_the_sheets_that_were_not_read(session: Session, kind: JobKind) -> None:
    district = make_district(session)
    stored = administration.store_file(session, division_id=district.id, name="file.xlsx", media_type="", content=workbook(*FILES[kind]))
    job_id = administration.start_job(session, kind, division_id=district.id, **given(session, kind, stored.id, district.id))
    record = queries.job(session, job_id)
    assert record is not None

    for _step in JOBS[kind].work(session, record):
        pass

    said = [places for _at, message, places in queries.job_log(session, job_id) if message == FURTHER_SHEETS]
    assert said == [{"sheets": "February, March"}]


def test_payment_file_knows_the_sheets_that_were_not_read(tmp_path: Path) -> None:
    profile = Profile(form=Form.XLSX, header_rows=1, columns={"reference": 1, "account_number": 2, "amount": 3, "paid_on": 4})
    path = tmp_path / "payments.xlsx"
    path.write_bytes(workbook(["no", "account", "sum", "day"], ["A1", "269990000001", "1000.00", "02.03.2026"]))

    with payment_files.reading(path, Profile.from_dict(json.loads(json.dumps(profile.to_dict())))) as payment_file:
        rows = b"".join(payment_file.chunks)

    assert (rows.count(b"\n"), payment_file.summary.unread_sheets) == (1, ("February", "March"))
