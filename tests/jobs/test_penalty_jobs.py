"""Penalty runs as jobs: broken off after any step, the next one finishes and charges nobody twice."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.administration import JobKind, JobStatus
from app.domain.runs import RunStatus
from app.jobs import claims as _claim_jobs  # noqa: F401 - registers its work
from app.jobs.kinds import JOBS
from app.jobs.runner import JobStep
from app.queries import administration as queries
from app.queries.administration import JobRecord
from app.services import administration, runs
from app.services.claims import penalties
from tests.builders import bill_month, make_district, make_home, read

JAN, FEB, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
HOMES = 5
#: 310 kWh at the household tariff, 18 days at 0.1 %.
EACH = 18 * 20_800_000 // 1000


@pytest.fixture
def division_id(session: Session) -> int:
    """A district whose five accounts owe January."""
    district = make_district(session)
    for serial in range(1, HOMES + 1):
        read(session, make_home(session, district, serial), date(2026, 1, 25), 1310)
    bill_month(session, district.id, JAN)
    return district.id


def job_of(session: Session, kind: JobKind, run: penalties.PenaltyRun, **checkpoint: object) -> JobRecord:
    job_id = administration.start_job(session, kind, division_id=run.division_id, subject_id=run.id, parameters={"chunk": 1})
    found = queries.job(session, job_id)
    assert found is not None
    return found._replace(checkpoint=dict(checkpoint))


def steps(session: Session, record: JobRecord) -> Iterator[JobStep]:
    return JOBS[JobKind(record.kind)].work(session, record)


def previewed(session: Session, division_id: int) -> penalties.PenaltyRun:
    run = penalties.open_run(session, division_id=division_id, period_from=FEB, period_to=MARCH, today=MARCH)
    for _step in steps(session, job_of(session, JobKind.PENALTY_PREVIEW, run)):
        pass
    return run


def charged(session: Session) -> list[int]:
    return list(session.scalars(text("SELECT amount_tiyin FROM billable_charge ORDER BY account_id, id")))


def test_preview_tells_what_posting_will_charge(session: Session, division_id: int) -> None:
    run = previewed(session, division_id)

    assert (run.status, run.accounts, run.bills, run.amount_tiyin) == (RunStatus.PREVIEWED, HOMES, HOMES, HOMES * EACH)
    assert charged(session) == []


@pytest.mark.parametrize("taken", range(1, HOMES + 2))
def test_posting_goes_on_from_its_checkpoint(session: Session, division_id: int, taken: int) -> None:
    run = previewed(session, division_id)
    broken_off = steps(session, job_of(session, JobKind.PENALTY_ACCRUAL, run))
    last = [next(broken_off) for _ in range(taken)][-1]

    rest = list(steps(session, job_of(session, JobKind.PENALTY_ACCRUAL, run, **last.checkpoint)))

    assert rest[-1].done == rest[-1].total == HOMES
    assert charged(session) == [EACH] * HOMES
    assert (run.status, run.accounts, run.amount_tiyin) == (RunStatus.POSTED, HOMES, HOMES * EACH)


def test_cancelled_run_leaves_the_rest_to_a_further_one(session: Session, division_id: int) -> None:
    run = previewed(session, division_id)
    record = job_of(session, JobKind.PENALTY_ACCRUAL, run)
    broken_off = steps(session, record)
    for _ in range(3):
        next(broken_off)
    on_failure = JOBS[JobKind.PENALTY_ACCRUAL].on_failure
    assert on_failure is not None
    on_failure(session, record, JobStatus.CANCELLED)
    assert charged(session) == [EACH] * 2

    further = previewed(session, division_id)
    for _step in steps(session, job_of(session, JobKind.PENALTY_ACCRUAL, further)):
        pass

    assert (run.status, further.accounts) == (RunStatus.CANCELLED, HOMES - 2)
    assert charged(session) == [EACH] * HOMES


def test_run_is_posted_once(session: Session, division_id: int) -> None:
    run = previewed(session, division_id)
    list(steps(session, job_of(session, JobKind.PENALTY_ACCRUAL, run)))

    with pytest.raises(runs.RunNotReady):
        next(steps(session, job_of(session, JobKind.PENALTY_ACCRUAL, run)))
