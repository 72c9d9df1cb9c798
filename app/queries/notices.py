"""The codes that opened the portal."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.notices import PortalCode


def opening_code(session: Session, account_id: int) -> int:
    """Return the id of the code that opened an account last."""
    used = select(PortalCode.id).where(PortalCode.account_id == account_id, PortalCode.used_at.is_not(None))
    return session.execute(used.order_by(PortalCode.id.desc()).limit(1)).scalar_one()


def is_open(session: Session, code_id: int, account_id: int) -> bool:
    """Tell whether what a code opened has not been shut."""
    still = select(PortalCode.id).where(PortalCode.id == code_id, PortalCode.account_id == account_id, PortalCode.closed_at.is_(None))
    return session.scalar(still) is not None
