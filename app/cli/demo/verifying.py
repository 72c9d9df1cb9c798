"""Verifications and maintenance of the demo: plans that are approved and one that waits, certificates, notices, works."""

from app import clock
from app.domain.administration import JobKind
from app.extensions import Scope, set_scope, transaction
from app.jobs import runner
from app.queries.records import fetch_one
from app.services import administration
from app.services.administration import approvals
from app.services.demo import equipment, maintenance


def verify(division_id: int) -> None:
    """Record certificates, let the plan of a year be approved and that of the next wait, and write whose verification ends soon."""
    today = clock.today()
    with transaction() as session:
        certificates = equipment.receive_certificates(session, division_id, today=today)
    runner.perform(certificates)
    set_scope(Scope(actor="operator", today=today, everywhere=True))
    with transaction() as session:
        equipment.plan_verifications(session, division_id, today=today)
        first = fetch_one(session, "SELECT id FROM approval WHERE kind = 'VERIFICATION_PLAN' ORDER BY id LIMIT 1", int)
    with transaction() as session:
        approvals.decide(session, first, grant=True, by="supervisor", remark=None, today=today, now=clock.now())
        notices = administration.start_job(session, JobKind.VERIFICATION_NOTICES, division_id=division_id)
    runner.perform(notices)
    set_scope(Scope(actor="operator", today=today, everywhere=True))
    _maintain(division_id)


def _maintain(division_id: int) -> None:
    """Let a plan of works be approved, and its works be ordered, done, put off and cancelled."""
    today = clock.today()
    with transaction() as session:
        maintenance.make_norms(session)
        plan_id = maintenance.draw_up(session, division_id, today=today)
        asked = fetch_one(session, "SELECT id FROM approval WHERE kind = 'MAINTENANCE_PLAN' ORDER BY id LIMIT 1", int)
    with transaction() as session:
        approvals.decide(session, asked, grant=True, by="supervisor", remark=None, today=today, now=clock.now())
        maintenance.work(session, plan_id, division_id, today=today)
