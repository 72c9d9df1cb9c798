"""Months of logs that are made before they begin."""

from app import clock
from app.extensions import transaction
from app.services.administration import months as service


def make_ahead() -> list[str]:
    """Make the coming months that are missing; return their tables' names."""
    with transaction() as session:
        return service.make_ahead(session, today=clock.today())
