"""Tasks whose term is over: told once, and given to the substitute of an absent person."""

from flask_babel import gettext as _

from app import clock, labels
from app.extensions import transaction
from app.jobs.notices import page_address, tell
from app.services import tasks as service
from app.services.tasks import Escalated


def escalate() -> int:
    """Escalate the tasks that are late, and return how many there were."""
    with transaction() as session:
        found = list(service.escalate(session, clock.today()))
        for each in found:
            tell(session, each.told, lambda each=each: _words(each))  # type: ignore[misc]
    return len(found)


def _words(found: Escalated) -> tuple[str, str]:
    address = page_address(f"/tasks/{found.task_id}")
    message = _("The task “%(title)s” was due on %(day)s: %(address)s", title=found.title, day=labels.day(found.term_on), address=address)
    return _("Late task: %(title)s", title=found.title), message
