"""A second person for corrected translations and for what holds in the whole company; keys that wait with a request."""

from importlib import import_module

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_charges = import_module("app.schema.versions.0012_charges")
_APPROVALS = ("approval", "kind", "approval_kind", ("TRANSLATION", "COMPANY_SETTING"))


def upgrade() -> None:
    """Go forward."""
    op.execute(_charges._learn(*_APPROVALS))  # noqa: SLF001
    op.execute("ALTER TABLE approval ADD COLUMN secret jsonb")
    op.execute("REVOKE SELECT ON approval FROM pcb_report")


def downgrade() -> None:
    """Go back; only while nothing of the new kinds was asked for."""
    op.execute("GRANT SELECT ON approval TO pcb_report")
    op.execute("ALTER TABLE approval DROP COLUMN secret")
    op.execute(_charges._forget(*_APPROVALS))  # noqa: SLF001
