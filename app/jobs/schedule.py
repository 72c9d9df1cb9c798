"""What happens by itself, and how often: one table, run by one scheduler beside each worker.

Each entry finds out by itself whether there is something to do, so it does no harm that several workers run the table.
"""

import itertools
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from datetime import time as day_time
from typing import NamedTuple

from flask import Flask, current_app
from redis import RedisError
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.domain.administration import PARAMETERS
from app.domain.calendar import TASHKENT
from app.extensions import db, transaction
from app.jobs import alerts, applications, indicators, notices, reference, runner, tasks
from app.jobs.administration import audit, months, nodes, retention
from app.jobs.payments import reconciliation
from app.jobs.reports import sending
from app.queries import administration as queries
from app.services import administration

#: The scheduler looks at its table so often.
TURN_S = 3


class Scheduled(NamedTuple):
    """Something done again and again, in all divisions, under a name that the audit trail shows.

    :param every: the operating parameter that says how often, in seconds; rounded up to turns
    """

    actor: str
    work: Callable[[], object]
    every: str


def start_daily_jobs() -> list[int]:
    """Start the daily jobs whose time has passed and that were not started since midnight of Tashkent; return them."""
    local = clock.now().astimezone(TASHKENT)
    midnight = datetime.combine(local.date(), day_time(), TASHKENT)
    hours = queries.values_on(db.session(), "schedule", local.date())
    due = [spec.kind for spec in current_app.extensions["jobs"].values() if spec.daily_at and local.hour >= hours[spec.daily_at]]
    started = []
    for kind in due:
        with transaction() as session:
            job_id = administration.start_daily(session, kind, since=midnight)
        if job_id is not None:
            runner.enqueue(job_id)
            started.append(job_id)
    return started


SCHEDULE = (
    Scheduled("scheduler", runner.requeue_stalled, "schedule.queue_seconds"),
    Scheduled("calendar", reference.put_in_force, "schedule.queue_seconds"),
    Scheduled("scheduler", notices.start_due, "schedule.queue_seconds"),
    Scheduled("sealer", audit.seal_waiting, "schedule.seal_seconds"),
    Scheduled("scheduler", nodes.look, "schedule.nodes_seconds"),
    Scheduled("scheduler", reconciliation.start_recheck, "schedule.statements_seconds"),
    Scheduled("scheduler", indicators.keep_due, "schedule.indicators_seconds"),
    Scheduled("scheduler", start_daily_jobs, "schedule.daily_seconds"),
    Scheduled("scheduler", months.make_ahead, "schedule.months_seconds"),
    Scheduled("scheduler", retention.delete_old, "schedule.retention_seconds"),
    Scheduled("scheduler", sending.start_due, "schedule.daily_seconds"),
    Scheduled("scheduler", tasks.escalate, "schedule.daily_seconds"),
    Scheduled("scheduler", applications.escalate, "schedule.daily_seconds"),
    Scheduled("scheduler", applications.follow, "schedule.statements_seconds"),
    Scheduled("scheduler", alerts.look_at_all, "schedule.alerts_seconds"),
)


def run_for_ever(app: Flask) -> None:
    """Run the table until the process ends."""
    for turn in itertools.count():
        run_turn(app, turn)
        time.sleep(TURN_S)


def run_turn(app: Flask, turn: int) -> None:
    """Do what is due in a turn; what fails is logged, done again when it is due again, and keeps nothing else from being done."""
    intervals = _intervals(app)
    for each in SCHEDULE:
        if turn % -(-intervals[each.every] // TURN_S) == 0:
            _run(app, each)


def _intervals(app: Flask) -> Mapping[str, int]:
    """Return how often each entry is due, in seconds; the defaults while the database does not answer."""
    with app.app_context():
        runner.enter_worker("scheduler")
        try:
            return queries.values_on(db.session(), "schedule", clock.today())
        except SQLAlchemyError as error:
            app.logger.warning("schedule: %s", error)
            return {code: parameter.default for code, parameter in PARAMETERS.items()}
        finally:
            db.session.remove()


def _run(app: Flask, each: Scheduled) -> None:
    with app.app_context():
        runner.enter_worker(each.actor)
        try:
            each.work()
        except (RedisError, SQLAlchemyError, OSError, ValueError) as error:
            app.logger.warning("schedule: %s: %s", each.work.__qualname__, error)
        finally:
            db.session.remove()
