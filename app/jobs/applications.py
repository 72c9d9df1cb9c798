"""Applications whose term is over are told of once; those whose document a second person decided about go on."""

from flask_babel import gettext as _

from app import clock, labels
from app.extensions import transaction
from app.jobs.notices import page_address, tell
from app.services import applications as service
from app.services.applications import LateApplication


def escalate() -> int:
    """Escalate the applications that are late, and return how many there were."""
    with transaction() as session:
        found = service.escalate(session, today=clock.today(), now=clock.now())
        for each in found:
            tell(session, each.told, lambda each=each: _words(each))  # type: ignore[misc]
    return len(found)


def follow() -> int:
    """End accepted applications whose document was performed since; return how many were looked at."""
    with transaction() as session:
        return service.follow_all(session, today=clock.today(), now=clock.now())


def _words(found: LateApplication) -> tuple[str, str]:
    number, address = found.application_id, page_address(f"/applications/show/{found.application_id}")
    message = _("Application № %(number)s was due on %(day)s: %(address)s", number=number, day=labels.day(found.term_on), address=address)
    return _("Late application: № %(number)s", number=number), message
