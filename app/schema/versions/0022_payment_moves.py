"""Payments moved: a tender may be credited more than once, each time after what was credited before is undone."""

from importlib import import_module

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_charges = import_module("app.schema.versions.0012_charges")
_APPROVALS = ("approval", "kind", "approval_kind", ("PAYMENT_MOVE",))


def upgrade() -> None:
    """Go forward."""
    op.execute(_charges._learn(*_APPROVALS))  # noqa: SLF001
    op.execute("DROP INDEX payment_tender_id_key")
    op.execute("CREATE INDEX payment_tender_id_idx ON payment (tender_id) WHERE tender_id IS NOT NULL")


def downgrade() -> None:
    """Go back; only while no payment was moved."""
    op.execute("DROP INDEX payment_tender_id_idx")
    op.execute("CREATE UNIQUE INDEX payment_tender_id_key ON payment (tender_id) WHERE reverses_id IS NULL")
    op.execute(_charges._forget(*_APPROVALS))  # noqa: SLF001
