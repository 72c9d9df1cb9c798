"""What is asked of a whole list as jobs: an act on all rows that match, and a file of more rows than a page waits for.

The rows were found, and what may be done with them was checked, when the job was asked for; it holds their keys.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, NamedTuple

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock
from app.domain.administration import JobKind, JobStatus, job_status_of
from app.domain.administration.translations import catalog_text
from app.domain.billing import HoldEvent
from app.jobs.runner import JobSpec, JobStep
from app.queries.administration import JobRecord
from app.services import administration, notices
from app.services.billing import holds

#: Rows in a transaction.
CHUNK = 100
#: Rows named in the log; beyond these they are only counted.
NAMED = 200


class BulkAct(NamedTuple):
    """An act on many rows.

    :ivar work: given the rows' keys and the user who asked; all of them or, with one of ``refusals``, none
    """

    work: Callable[[Session, Sequence[int], str], object]
    refusals: tuple[type[Exception], ...] = ()


def _decide(event: HoldEvent) -> BulkAct:
    return BulkAct(lambda session, ids, by: holds.decide(session, ids, event, by=by, remark="", now=clock.now()), (holds.HoldRefused,))


#: List and name of the act → what it does. Others are done at once, and therefore on few rows only.
ACTS: Mapping[str, BulkAct] = {
    "BillHoldView.take_holds": BulkAct(lambda session, ids, by: holds.assign(session, ids, owner=by)),
    "BillHoldView.release_holds": _decide(HoldEvent.RELEASE),
    "BillHoldView.park_holds": _decide(HoldEvent.PARK),
    "NoticeView.send_notices_again": BulkAct(
        lambda session, ids, by: notices.send_again(session, ids, by=by, now=clock.now()), (notices.NotSendableAgain,)
    ),
    "NoticeView.mark_notices_sent": BulkAct(
        lambda session, ids, by: notices.mark_sent(session, ids, by=by, now=clock.now()), (notices.NotInDoubt,)
    ),
}


def act_on_rows(session: Session, record: JobRecord) -> Generator[JobStep, None, JobStatus]:
    """Do an act on rows, portion by portion; rows that do not allow it are left and named."""
    asked, counts = ACTS[record.parameters["act"]], {"done": 0, "left": 0, **record.checkpoint}
    keys: list[int] = record.parameters["keys"]
    for start in range(counts["done"] + counts["left"], len(keys), CHUNK):
        portion = keys[start : start + CHUNK]
        left = _left_out(session, asked, portion, record.created_by)
        for key in left[: max(NAMED - counts["left"], 0)]:
            administration.log_job(session, record.id, catalog_text("Number %(id)s does not allow this"), id=key)
        counts = {"done": counts["done"] + len(portion) - len(left), "left": counts["left"] + len(left)}
        yield JobStep(start + len(portion), len(keys), dict(counts))
    administration.log_job(session, record.id, catalog_text("%(done)s rows done, %(left)s left as they were"), **counts)
    return job_status_of(done=counts["done"], left_out=counts["left"])


def _left_out(session: Session, asked: BulkAct, keys: Sequence[int], by: str) -> list[int]:
    """Do an act on rows, all at once or, where one of them does not allow it, one by one; return those that do not."""
    try:
        with session.begin_nested():
            asked.work(session, keys, by)
    except asked.refusals:
        return [*keys] if len(keys) == 1 else [key for each in keys for key in _left_out(session, asked, [each], by)]
    return []


def write_file(session: Session, record: JobRecord) -> Generator[JobStep, None, JobStatus]:
    """Write the rows of a list into a file."""
    asked = record.parameters
    yield JobStep(0, len(asked["keys"]), {})
    write: Any = current_app.extensions["list_files"]
    name, media_type, content = write(asked)
    kept = {"name": name, "media_type": media_type, "content": content, "by": record.created_by}
    stored = administration.store_file(session, division_id=record.division_id, **kept)
    yield JobStep(len(asked["keys"]), len(asked["keys"]), {"files": [[stored.id, name, len(asked["keys"])]], "rows": True})
    return JobStatus.DONE


JOBS = (
    JobSpec(JobKind.BULK_ACT, _l("Act on all rows of a list"), act_on_rows, ("can_cancel", "JobView")),
    JobSpec(JobKind.LIST_EXPORT, _l("File of a list"), write_file, ("can_trail", "AuditTrailView")),
)
