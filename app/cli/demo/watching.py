"""What people of the demo wait for: applications, tasks, and reports by e-mail."""

from app import clock
from app.extensions import Scope, set_scope, transaction
from app.jobs import alerts, runner
from app.services.demo import applications, monitoring
from app.services.reports import schedules as reports


def watch(division_id: int) -> None:
    """Give tasks, schedule reports by e-mail and send one of them."""
    with transaction() as session:
        applications.receive_applications(session, division_id, now=clock.now(), today=clock.today())
        monitoring.watch_figures(session)
        monitoring.give_tasks(session, today=clock.today())
        schedule_id = monitoring.schedule_reports(session, now=clock.now())
        job_id = reports.start_at_once(session, schedule_id, "demo", today=clock.today())
    runner.perform(job_id)
    set_scope(Scope(actor="operator", today=clock.today(), everywhere=True))
    alerts.look_at_all()
    set_scope(Scope(actor="operator", today=clock.today(), everywhere=True))
    with transaction() as session:
        monitoring.deliver_letters(session, division_id, now=clock.now())
