"""Applications in words: why one is refused."""

from app.domain.applications import ApplicationRefused
from app.labels.members.applications import APPLICATION_REFUSALS


def application_refusal(refused: ApplicationRefused) -> str:
    """Return why an application, or a step of one, is refused, in the reader's language."""
    return str(APPLICATION_REFUSALS[refused.refusal]) % {"detail": refused.detail}
