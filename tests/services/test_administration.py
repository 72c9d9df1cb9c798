"""Divisions, operating parameters and the life of a job."""

import hashlib
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from app.domain.administration import FINISHED, PARAMETERS, DivisionLevel, JobKind, JobStatus
from app.domain.identifiers import InvalidIdentifier, Reason
from app.domain.reference import RefusedRow, RowFault
from app.gateways.divisions_file import DistrictRow
from app.models.administration import Division, JobRun, OperatingParameter
from app.queries import administration as queries
from app.queries import locks
from app.queries.locks import Lock
from app.services import administration
from tests.builders import make_district
from tests.waiting import wait_until

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def division(session: Session, code: str) -> Division:
    return session.execute(select(Division).where(Division.code == code)).scalar_one()


@pytest.mark.parametrize(
    ("code", "branch", "path", "branch_made"),
    [
        ("1726997", None, "17/1726/1726997/", "26997"),
        (" 17 26-997 ", None, "17/1726/1726997/", "26997"),
        ("1726997", "00123", "17/1726/1726997/", "00123"),
    ],
)
def test_district_gets_its_path_and_a_branch_code(session: Session, code: str, branch: str | None, path: str, branch_made: str) -> None:
    district = Division(level=DivisionLevel.DISTRICT, code=code, name="New", parent_id=division(session, "1726").id, branch_code=branch)

    administration.place_division(session, district)

    assert (district.code, district.path, district.branch_code) == ("1726997", path, branch_made)


@pytest.mark.parametrize(
    ("code", "reason"), [("17269", Reason.LENGTH), ("1826997", Reason.PREFIX), ("17269x7", Reason.DIGITS), ("", Reason.DIGITS)]
)
def test_division_with_a_wrong_code_is_refused(session: Session, code: str, reason: Reason) -> None:
    district = Division(level=DivisionLevel.DISTRICT, code=code, name="New", parent_id=division(session, "1726").id)

    with pytest.raises(InvalidIdentifier) as refused:
        administration.place_division(session, district)

    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("level", "parent"),
    [
        (DivisionLevel.DISTRICT, "17"),
        (DivisionLevel.REGION, "1726"),
        (DivisionLevel.DISTRICT, "1726999"),
        (DivisionLevel.REPUBLIC, "17"),
        (DivisionLevel.DISTRICT, None),
    ],
)
def test_parent_that_is_not_one_level_above_is_refused(session: Session, level: DivisionLevel, parent: str | None) -> None:
    make_district(session, "1726999")
    parent_id = division(session, parent).id if parent else None

    with pytest.raises(administration.UnknownParent):
        administration.place_division(session, Division(level=level, code="1726997", name="New", parent_id=parent_id))


def row(row_no: int, code: str, region: str = "", name: str = "Yangi tuman", cyrillic: str = "", russian: str = "") -> DistrictRow:
    return DistrictRow(row_no, code, region, name, cyrillic, russian)


def test_good_districts_are_added_beside_the_bad_rows_that_are_named(session: Session) -> None:
    rows = [
        row(2, "1726997", name=" Yangi tuman ", cyrillic="Янги туман", russian="Новый район"),
        row(3, "1718996", "1718"),
        row(4, "17269"),
        row(5, "17269x7"),
        row(6, "2726997"),
        row(7, "1726995", "9999"),
        row(8, "1799995"),
        row(9, "1726"),
        row(10, "1726994", name="  "),
    ]

    accepted, rejected = administration.import_districts(session, rows)

    assert accepted == 2
    assert rejected == [
        RefusedRow(4, "code", RowFault.NOT_A_CODE, "17269"),
        RefusedRow(5, "code", RowFault.NOT_A_CODE, "17269x7"),
        RefusedRow(6, "code", RowFault.NOT_A_CODE, "2726997"),
        RefusedRow(7, "region", RowFault.UNKNOWN_ROW, "9999"),
        RefusedRow(8, "region", RowFault.UNKNOWN_ROW, "1799995"),
        RefusedRow(9, "region", RowFault.UNKNOWN_ROW, "1726"),
        RefusedRow(10, "name", RowFault.EMPTY),
    ]
    added = division(session, "1726997")
    assert (added.name, added.name_uz_cyrl, added.name_ru, added.path) == ("Yangi tuman", "Янги туман", "Новый район", "17/1726/1726997/")
    assert division(session, "1718996").branch_code == "18996"


def test_known_district_is_renamed_and_keeps_its_place(session: Session) -> None:
    district = make_district(session, "1726999")
    before = (district.id, district.path, district.branch_code)

    accepted, rejected = administration.import_districts(session, [row(2, "1726999", name="Boshqa nom"), row(3, "1726999", name="Yana")])

    session.expire_all()
    renamed = division(session, "1726999")
    assert (accepted, rejected) == (2, [])
    assert (renamed.name, (renamed.id, renamed.path, renamed.branch_code)) == ("Yana", before)


@pytest.mark.parametrize(
    "bad",
    [
        row(3, "1726998", name="x" * 201),
        row(3, "1726998", russian="x" * 201),
    ],
    ids=["long name", "long Russian name"],
)
def test_row_the_table_cannot_hold_is_rejected_and_the_others_are_taken(session: Session, bad: DistrictRow) -> None:
    accepted, rejected = administration.import_districts(session, [row(2, "1726997"), bad, row(4, "1726996")])

    assert (accepted, [each.row_no for each in rejected]) == (2, [3])
    assert division(session, "1726996").name == "Yangi tuman"


@pytest.mark.parametrize("code", PARAMETERS)
def test_default_and_both_ends_of_a_parameters_range_are_allowed(code: str) -> None:
    known = PARAMETERS[code]

    for value in (known.default, known.lowest, known.highest):
        administration.check_parameter(OperatingParameter(code=code, value=str(value)))


@pytest.mark.parametrize("value", ["0", "29", "-1", "5.5", "five", "", " ", "1e1"])
def test_parameter_beyond_its_range_is_refused_naming_it(value: str) -> None:
    with pytest.raises(administration.ParameterOutOfRange, match="1–28"):
        administration.check_parameter(OperatingParameter(code="billing.due_day", value=value))


def test_parameter_nobody_reads_is_refused() -> None:
    with pytest.raises(administration.UnknownParameter, match=r"billing\.due_dya"):
        administration.check_parameter(OperatingParameter(code="billing.due_dya", value="10"))


def test_parameter_holds_from_its_own_day_until_the_next_one(session: Session) -> None:
    session.add_all(
        OperatingParameter(code="billing.due_day", valid_from=date(2026, month, 1), value=value) for month, value in ((2, "15"), (4, "20"))
    )
    session.flush()

    days = (date(2026, 1, 31), date(2026, 2, 1), date(2026, 3, 31), date(2026, 4, 1))

    assert [queries.value_on(session, "billing.due_day", day) for day in days] == [10, 15, 15, 20]


def start(session: Session) -> int:
    region = division(session, "1726")
    return administration.start_job(session, JobKind.BILL_POST, division_id=region.id, subject_id=5, parameters={"chunk": 1})


def test_started_job_waits_for_a_worker(session: Session) -> None:
    record = queries.job(session, start(session))

    assert record is not None
    assert (record.status, record.subject_id, record.parameters, record.checkpoint) == (JobStatus.QUEUED, 5, {"chunk": 1}, {})
    assert (record.done, record.total, record.cancel_requested, record.started_at) == (0, 0, False, None)


def test_taken_job_runs_and_keeps_its_start_when_taken_again(session: Session) -> None:
    job_id = start(session)
    administration.take_job(session, job_id, now=NOW)

    again = administration.take_job(session, job_id, now=NOW + MINUTE)

    job = session.get(JobRun, job_id)
    assert again is not None
    assert job is not None
    assert (again.status, again.started_at) == (JobStatus.RUNNING, NOW)
    assert (job.attempts, job.seen_at) == (2, NOW + MINUTE)


def test_checkpoint_is_kept_when_a_step_brings_none(session: Session) -> None:
    job_id = start(session)
    administration.checkpoint_job(session, job_id, now=NOW, done=1, total=3, checkpoint={"after": 7})

    administration.checkpoint_job(session, job_id, now=NOW + MINUTE, done=2, total=3)

    record = queries.job(session, job_id)
    assert record is not None
    assert (record.done, record.total, record.checkpoint) == (2, 3, {"after": 7})


def test_cancellation_is_heard_until_the_job_is_over(session: Session) -> None:
    job_id = start(session)
    administration.take_job(session, job_id, now=NOW)
    before = administration.cancel_requested(session, job_id)

    heard = administration.request_cancel(session, job_id)

    assert (before, heard, administration.cancel_requested(session, job_id)) == (False, True, True)
    administration.finish_job(session, job_id, JobStatus.CANCELLED, now=NOW)
    assert administration.request_cancel(session, job_id) is False


@pytest.mark.parametrize("status", sorted(FINISHED))
def test_finished_job_is_never_taken_again(session: Session, status: JobStatus) -> None:
    job_id = start(session)
    administration.take_job(session, job_id, now=NOW)
    administration.finish_job(session, job_id, status, now=NOW + MINUTE, error="why")
    session.expire_all()

    assert administration.take_job(session, job_id, now=NOW + 2 * MINUTE) is None

    record = queries.job(session, job_id)
    assert record is not None
    assert (record.status, record.finished_at, record.error) == (status, NOW + MINUTE, "why")


def test_unknown_job_is_neither_taken_nor_cancelled(session: Session) -> None:
    assert administration.take_job(session, 10**9, now=NOW) is None
    assert administration.request_cancel(session, 10**9) is False
    assert administration.cancel_requested(session, 10**9) is False


def test_log_is_shown_oldest_first_and_cut_to_its_last_lines(session: Session) -> None:
    job_id = start(session)
    for message in ("one", "two", "three"):
        administration.log_job(session, job_id, message)

    assert [message for _, message, _places in queries.job_log(session, job_id)] == ["one", "two", "three"]
    assert [message for _, message, _places in queries.job_log(session, job_id, limit=2)] == ["two", "three"]


def test_silent_job_is_unattended_until_it_is_seen_locked_or_over(session: Session, engine: Engine) -> None:
    silent, seen, locked, over = (start(session) for _ in range(4))
    for job_id in (silent, seen, locked, over):
        administration.take_job(session, job_id, now=NOW)
    administration.checkpoint_job(session, seen, now=NOW + 2 * MINUTE, done=1, total=2)
    administration.finish_job(session, over, JobStatus.DONE, now=NOW)

    with engine.connect() as worker:
        assert locks.try_to_acquire_for_connection(worker, Lock.JOB, locked)
        while_locked = queries.unattended_jobs(session, silent_since=NOW + MINUTE)
    # The server ends a closed connection, and gives its locks back, a moment later.
    wait_until(lambda: queries.unattended_jobs(session, silent_since=NOW + MINUTE) == [silent, locked])

    assert while_locked == [silent]


def test_stored_file_keeps_its_content_and_a_short_name(session: Session) -> None:
    content = bytes(range(256))

    stored = administration.store_file(
        session, division_id=division(session, "1726").id, name="n" * 300, media_type="m" * 300, content=content
    )

    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    assert queries.stored_file(session, stored.id) == ("n" * 200, "m" * 100, content)


def test_district_whose_branch_code_is_taken_is_added_without_one(session: Session) -> None:
    accepted, rejected = administration.import_districts(session, [row(2, "1726997"), row(3, "1726997001")])

    assert (accepted, rejected) == (2, [])
    assert (division(session, "1726997").branch_code, division(session, "1726997001").branch_code) == ("26997", None)
