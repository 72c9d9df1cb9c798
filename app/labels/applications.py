"""Applications in words: why one is refused, what happened to one, and what a document about one bears as its reason."""

from datetime import date

from flask_babel import gettext as _

from app.domain.applications import ApplicationEvent, ApplicationRefused
from app.labels.figures import day
from app.labels.members.applications import APPLICATION_REFUSALS, APPLICATION_STEPS


def application_refusal(refused: ApplicationRefused) -> str:
    """Return why an application, or a step of one, is refused, in the reader's language."""
    return str(APPLICATION_REFUSALS[refused.refusal]) % {"detail": refused.detail}


def application_step(event: ApplicationEvent | str) -> str:
    """Return what happened to an application."""
    return str(APPLICATION_STEPS[ApplicationEvent(event)])


def application_basis(number: int, filed_on: date) -> str:
    """Return the reason of a document that does what an application asks for."""
    return _("Application № %(number)s of %(day)s", number=number, day=day(filed_on))
