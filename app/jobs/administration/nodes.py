"""What a worker does for the exchange with nodes: its own heartbeat, the list of conflicts, and going on after one."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock
from app.domain.administration import JobKind
from app.domain.administration.nodes import STOPPING
from app.domain.administration.translations import catalog_text
from app.extensions import transaction
from app.gateways import server_log
from app.jobs.runner import JobSpec, JobStep
from app.queries.administration import JobRecord
from app.services import administration
from app.services.administration import nodes as service
from app.services.administration import replication


def look() -> int:
    """Record new conflicts and send a heartbeat; return how many conflicts were new.

    An exchange that met a conflict is stopped until a person lets it go on.
    """
    log = Path(current_app.config["VAR"]) / "postgresql.log"
    with transaction() as session:
        found = service.record_conflicts(session, now=clock.now(), detail=server_log.last_conflict(log))
    for name in sorted({each.subscription for each in found if each.kind in STOPPING}):
        with psycopg.connect(own_url(), autocommit=True) as database:
            replication.stop(database, name)
    with transaction() as session:
        service.record_heartbeat(session, now=clock.now())
    return sum(each.times for each in found)


def own_url() -> str:
    """Return the address of this database as its own driver writes it; its login owns the subscriptions."""
    return str(current_app.config["SQLALCHEMY_DATABASE_URI"]).replace("+psycopg", "")


def resume(session: Session, record: JobRecord) -> Iterator[JobStep]:
    """Let the exchanges that stopped at a conflict go on."""
    with psycopg.connect(own_url(), autocommit=True) as database:
        resumed = replication.enable_subscriptions(database)
    if resumed:
        administration.log_job(session, record.id, catalog_text("The exchange goes on: %(names)s"), names=", ".join(resumed))
    else:
        administration.log_job(session, record.id, catalog_text("No exchange stood still"))
    yield JobStep(1, 1, {})


JOBS = (JobSpec(JobKind.NODE_RESUME, _l("Resuming the exchange with nodes"), resume, ("can_resume", "NodesView")),)
