"""The pages of the portal, registered by being imported."""

from app.portal import (
    account,
    accounts,
    applications,
    bills,
    calculator,
    connections,
    consumption,
    holders,
    home,
    legal,
    links,
    oneid,
    payments,
    public,
    readings,
)
from app.portal.base import blueprint
from app.portal.links import limit_links
from app.portal.login import limit_logins

#: Modules whose routes are the blueprint's.
MODULES = (
    account, accounts, applications, bills, calculator, connections, consumption, holders, home, legal, links, oneid, payments, public,
    readings,
)  # fmt: skip

__all__ = ["MODULES", "blueprint", "limit"]


def limit() -> None:
    """Let codes, links and questions be tried only so often."""
    limit_logins()
    limit_links()
    calculator.limit_questions()
