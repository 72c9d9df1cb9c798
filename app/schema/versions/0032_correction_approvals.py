"""A second person for corrections that change closed months."""

from importlib import import_module

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_charges = import_module("app.schema.versions.0012_charges")
_APPROVALS = ("approval", "kind", "approval_kind", ("BILL_CORRECTION",))


def upgrade() -> None:
    """Go forward."""
    op.execute(_charges._learn(*_APPROVALS))  # noqa: SLF001


def downgrade() -> None:
    """Go back; only while nothing of the new kind was asked for."""
    op.execute(_charges._forget(*_APPROVALS))  # noqa: SLF001
