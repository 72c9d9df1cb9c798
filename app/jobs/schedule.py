"""What happens by itself, and how often: one table, run by one scheduler beside each worker.

Each entry finds out by itself whether there is something to do, so it does no harm that several workers run the table.
"""

import itertools
import time
from collections.abc import Callable
from datetime import datetime
from datetime import time as day_time
from typing import NamedTuple

from flask import Flask, current_app
from redis import RedisError
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.domain.calendar import TASHKENT
from app.extensions import db, transaction
from app.jobs import notices, reference, runner
from app.jobs.administration import audit, months, nodes
from app.jobs.payments import reconciliation
from app.services import administration

#: The scheduler looks at its table so often.
TURN_S = 3


class Scheduled(NamedTuple):
    """Something done again and again, in all divisions, under a name that the audit trail shows.

    :param every_s: a multiple of ``TURN_S``, counted from the end of the turn before
    """

    actor: str
    work: Callable[[], object]
    every_s: int


def start_daily_jobs() -> list[int]:
    """Start the daily jobs whose time has passed and that were not started since midnight of Tashkent; return them."""
    local = clock.now().astimezone(TASHKENT)
    midnight = datetime.combine(local.date(), day_time(), TASHKENT)
    due = [spec.kind for spec in current_app.extensions["jobs"].values() if spec.daily_at and local.time() >= spec.daily_at]
    started = []
    for kind in due:
        with transaction() as session:
            job_id = administration.start_daily(session, kind, since=midnight)
        if job_id is not None:
            runner.enqueue(job_id)
            started.append(job_id)
    return started


SCHEDULE = (
    Scheduled("scheduler", runner.requeue_stalled, 3),
    Scheduled("calendar", reference.put_in_force, 3),
    Scheduled("scheduler", notices.start_due, 3),
    Scheduled("sealer", audit.seal_waiting, 3),
    Scheduled("scheduler", nodes.look, 30),
    Scheduled("scheduler", reconciliation.start_recheck, 30),
    Scheduled("scheduler", start_daily_jobs, 30),
    Scheduled("scheduler", months.make_ahead, 3600),
)


def run_for_ever(app: Flask) -> None:
    """Run the table until the process ends."""
    for turn in itertools.count():
        run_turn(app, turn)
        time.sleep(TURN_S)


def run_turn(app: Flask, turn: int) -> None:
    """Do what is due in a turn; what fails is logged, done again when it is due again, and keeps nothing else from being done."""
    for each in SCHEDULE:
        if turn * TURN_S % each.every_s == 0:
            _run(app, each)


def _run(app: Flask, each: Scheduled) -> None:
    with app.app_context():
        runner.enter_worker(each.actor)
        try:
            each.work()
        except (RedisError, SQLAlchemyError, OSError, ValueError) as error:
            app.logger.warning("schedule: %s: %s", each.work.__qualname__, error)
        finally:
            db.session.remove()
