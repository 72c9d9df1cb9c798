"""Files of subsidies above what one person may grant alone in a day: nothing is granted until a second person agrees."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app import clock
from app.domain.administration import ApprovalKind, ApprovalStatus, JobKind, JobStatus
from app.domain.billing.corrections import AdjustmentKind
from app.jobs.kinds import JOBS
from app.jobs.runner import Failed
from app.models.administration import Approval, JobRun, LimitUse
from app.models.claims import Subsidy
from app.queries import administration as queries
from app.services import administration
from app.services.administration import approvals
from app.services.billing import adjustments
from app.services.claims.subsidies import NotApproved
from tests.builders import Home, make_district, make_home

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
LIMIT_SOM = 1_000_000


class Office:
    """A district with two homes, and what its operator loads there."""

    def __init__(self, session: Session) -> None:
        self.session = session
        district = make_district(session)
        self.homes: list[Home] = [make_home(session, district, serial) for serial in (1, 2)]
        self.division_id = district.id

    def become(self, name: str) -> None:
        self.session.execute(text("SELECT set_config('app.actor', :name, true)"), {"name": name})

    def load(self, *rows: tuple[int, str, str], by: str = "operator", programme: str = "resolution 1") -> int:
        """Load a file (home, amount, month) and return its job."""
        lines = [f"{self.homes[place].number if place < 2 else '999999999999'};{amount};{month}" for place, amount, month in rows]
        content = "\n".join(["account number;amount;month", *lines]).encode()
        self.become(by)
        stored = administration.store_file(self.session, division_id=self.division_id, name="s.csv", media_type="text/csv", content=content)
        given = {"file_id": stored.id, "programme": programme}
        return administration.start_job(self.session, JobKind.SUBSIDY_IMPORT, division_id=self.division_id, parameters=given)

    def perform(self, job_id: int, checkpoint: dict[str, Any] | None = None) -> JobStatus:
        """Do a job as a worker does, keep its last checkpoint, and return how it ended."""
        self.become(f"job:{job_id}")
        record = queries.job(self.session, job_id)
        assert record is not None
        work = JOBS[JobKind.SUBSIDY_IMPORT].work(self.session, record if checkpoint is None else record._replace(checkpoint=checkpoint))
        while True:
            try:
                step = next(work)
            except StopIteration as end:
                return JobStatus(end.value)
            administration.checkpoint_job(self.session, job_id, now=NOW, done=step.done, total=step.total, checkpoint=dict(step.checkpoint))

    def granted(self) -> list[int]:
        return list(self.session.scalars(select(Subsidy.amount_tiyin).order_by(Subsidy.id)))

    def requests(self) -> list[Approval]:
        return list(self.session.scalars(select(Approval).where(Approval.kind == ApprovalKind.SUBSIDY_GRANT).order_by(Approval.id)))

    def decide(self, *, grant: bool, by: str = "supervisor") -> Approval:
        self.become(by)
        request = self.requests()[-1]
        return approvals.decide(self.session, request.id, grant=grant, by=by, remark=None, today=clock.today(), now=NOW)

    def last_said(self, job_id: int) -> tuple[str, dict[str, Any]]:
        _at, message, places = queries.job_log(self.session, job_id)[-1]
        return message, places


@pytest.fixture
def office(session: Session) -> Office:
    return Office(session)


@pytest.mark.parametrize(
    ("amounts", "is_alone"),
    [
        ([f"{LIMIT_SOM}"], True),
        ([f"{LIMIT_SOM},01"], False),
        (["400000", "600000"], True),
        (["400000", "600000,01"], False),
    ],
)
def test_file_is_granted_alone_up_to_the_exact_limit_and_not_above(office: Office, amounts: list[str], is_alone: bool) -> None:
    job = office.load(*[(place, amount, "2026-02") for place, amount in enumerate(amounts)])

    assert office.perform(job) == JobStatus.DONE

    assert (len(office.granted()), len(office.requests())) == ((len(amounts), 0) if is_alone else (0, 1))
    used = office.session.execute(select(LimitUse.created_by, LimitUse.amount_tiyin)).all()
    assert used == ([("operator", LIMIT_SOM * 100)] if is_alone else []), "it counts for who loaded it, not for the worker"
    expected = "%(rows)s subsidies granted, %(rejected)s rows rejected" if is_alone else "Nothing was granted yet"
    assert office.last_said(job)[0].startswith(expected)


def test_rejected_rows_do_not_count_and_are_shown_to_the_second_person(office: Office) -> None:
    rows = [(0, "600000", "2026-02"), (0, "900000", "2026-02"), (2, "900000", "2026-02"), (1, "400000,01", "2026-02"), (1, "-5", "2026-03")]

    job = office.load(*rows)

    assert office.perform(job) == JobStatus.PARTLY
    (request,) = office.requests()
    told = request.contents
    assert (request.created_by, request.subject, request.subject_id) == ("operator", "s.csv", job)
    assert (told["file"], told["rows"], told["amount_tiyin"], told["rejected_rows"]) == ("s.csv", 2, 100_000_001, 3)
    assert [row[0] for row in told["rejected"]] == [3, 4, 6]
    assert office.last_said(job)[1] == {"rows": 2, "amount_tiyin": 100_000_001, "rejected": 3}


@pytest.mark.parametrize(("second", "is_alone"), [("400000", True), ("400000,01", False)])
@pytest.mark.parametrize("home", [0, 1])
def test_two_files_of_a_day_below_the_limit_count_together_whatever_accounts_they_are_of(
    office: Office, second: str, is_alone: bool, home: int
) -> None:
    office.perform(office.load((0, "600000", "2026-02")))

    office.perform(office.load((home, second, "2026-03"), programme="resolution 2"))

    assert len(office.granted()) == 1 + is_alone
    assert len(office.requests()) == (not is_alone)


def test_files_of_two_people_count_apart(office: Office) -> None:
    office.perform(office.load((0, "600000", "2026-02")))

    office.perform(office.load((0, "600000", "2026-03"), by="another"))

    assert len(office.granted()) == 2


@pytest.mark.parametrize("is_note_first", [True, False])
def test_credit_note_and_subsidy_of_one_account_count_together(office: Office, is_note_first: bool) -> None:
    wish = adjustments.NoteRequest(AdjustmentKind.CREDIT_NOTE, office.homes[0].account_id, 60_000_000, "letter", "a")
    made = []
    for is_note in (is_note_first, not is_note_first):
        office.become("operator")
        if is_note:
            made.append(not isinstance(adjustments.adjust(office.session, wish, today=clock.today()), Approval))
        else:
            office.perform(office.load((0, "600000", "2026-02")))
            made.append(bool(office.granted()))

    assert made == [True, False]


def test_approved_file_is_granted_by_a_job_and_uses_up_nobodys_limit(office: Office) -> None:
    asked = office.load((0, "900000", "2026-02"), (1, "900000", "2026-02"))
    office.perform(asked)

    office.decide(grant=True)
    message, places = office.last_said(asked)
    job = office.session.scalars(select(JobRun.id).order_by(JobRun.id.desc()).limit(1)).one()

    assert office.granted() == []
    assert message == "Approved by %(name)s; job № %(job)s grants it."
    assert places == {"name": "supervisor", "job": job}
    assert office.perform(job) == JobStatus.DONE
    assert office.granted() == [90_000_000, 90_000_000]
    assert office.session.scalar(select(LimitUse.id)) is None
    assert office.session.scalar(text("SELECT current_setting('app.approved_by')")) == "supervisor"
    assert office.perform(asked) == JobStatus.DONE, "the job that asked grants nothing when it is done again"
    assert office.granted() == [90_000_000, 90_000_000]


@pytest.mark.parametrize("end", [ApprovalStatus.REFUSED, ApprovalStatus.WITHDRAWN])
def test_refused_or_withdrawn_file_is_discarded_and_may_be_loaded_again(office: Office, end: ApprovalStatus) -> None:
    asked = office.load((0, "1500000", "2026-02"))
    office.perform(asked)
    jobs = office.session.scalar(text("SELECT count(*) FROM job_run"))

    if end == ApprovalStatus.REFUSED:
        office.decide(grant=False)
    else:
        approvals.withdraw(office.session, office.requests()[0].id, by="operator", today=clock.today(), now=NOW)

    assert office.session.scalar(text("SELECT count(*) FROM job_run")) == jobs
    assert office.granted() == []
    assert "the file was discarded and nothing was granted" in office.last_said(asked)[0]
    office.perform(office.load((0, "1000000", "2026-02")))
    assert office.granted() == [100_000_000]


def test_who_loaded_the_file_does_not_approve_it(office: Office) -> None:
    office.perform(office.load((0, "1500000", "2026-02")))

    with pytest.raises(approvals.SamePerson):
        office.decide(grant=True, by="operator")

    assert office.requests()[0].status == ApprovalStatus.PENDING
    assert office.granted() == []


def test_job_that_names_a_request_nobody_agreed_to_grants_nothing(office: Office) -> None:
    asked = office.load((0, "1500000", "2026-02"))
    office.perform(asked)
    (request,) = office.requests()
    told = {"file_id": request.contents["file_id"], "programme": "resolution 1", "approval_id": request.id}
    job = administration.start_job(office.session, JobKind.SUBSIDY_IMPORT, division_id=office.division_id, parameters=told)

    with pytest.raises(NotApproved):
        office.perform(job)


def test_approval_of_one_programme_grants_no_other(office: Office) -> None:
    office.perform(office.load((0, "1500000", "2026-02")))
    request = office.decide(grant=True)
    told = {"file_id": request.contents["file_id"], "programme": "resolution 2", "approval_id": request.id}
    job = administration.start_job(office.session, JobKind.SUBSIDY_IMPORT, division_id=office.division_id, parameters=told)

    with pytest.raises(NotApproved):
        office.perform(job)


def test_file_that_comes_to_more_than_was_agreed_to_stops(office: Office) -> None:
    job = office.load((0, "600000", "2026-02"), (1, "300000", "2026-02"))

    with pytest.raises(Failed):
        office.perform(job, {"done": 0, "granted": 0, "rejected": 0, "left_tiyin": 89_999_999})


def test_job_that_was_killed_after_it_counted_the_file_counts_it_once(office: Office) -> None:
    job = office.load((0, "600000", "2026-02"))
    office.become(f"job:{job}")
    record = queries.job(office.session, job)
    assert record is not None
    first = next(JOBS[JobKind.SUBSIDY_IMPORT].work(office.session, record))

    assert office.perform(job, dict(first.checkpoint)) == JobStatus.DONE

    assert office.granted() == [60_000_000]
    assert office.session.scalars(select(LimitUse.amount_tiyin)).all() == [60_000_000]


def test_subsidies_count_for_the_day_they_are_granted(office: Office) -> None:
    office.perform(office.load((0, "600000", "2026-02")))

    assert office.session.scalars(select(LimitUse.used_on)).all() == [clock.today()]
