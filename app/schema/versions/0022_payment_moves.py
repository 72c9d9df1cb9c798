"""Payments moved: a tender may be credited more than once, each time after what was credited before is undone.

A control is summed over all its tenders, also those of divisions the reader does not work in; a drawer may have given out more than
it took.
"""

from importlib import import_module

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_charges = import_module("app.schema.versions.0012_charges")
_APPROVALS = ("approval", "kind", "approval_kind", ("PAYMENT_MOVE",))

_SUMS = """
    CREATE FUNCTION control_sums(control bigint, OUT tenders bigint, OUT received_tiyin bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT (SELECT count(*) FROM tender WHERE payment_control_id = control),
               (SELECT coalesce(sum(amount_tiyin), 0) FROM tender WHERE payment_control_id = control)
             - (SELECT coalesce(sum(amount_tiyin), 0) FROM tender WHERE reversal_control_id = control)
    $$
"""


def upgrade() -> None:
    """Go forward."""
    op.execute(_SUMS)
    op.execute("REVOKE EXECUTE ON FUNCTION control_sums(bigint) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION control_sums(bigint) TO pcb_web, pcb_worker")
    op.execute("ALTER TABLE payment_control DROP CONSTRAINT payment_control_counted")
    op.execute(_charges._learn(*_APPROVALS))  # noqa: SLF001
    op.execute("DROP INDEX payment_tender_id_key")
    op.execute("CREATE INDEX payment_tender_id_idx ON payment (tender_id) WHERE tender_id IS NOT NULL")


def downgrade() -> None:
    """Go back; only while no payment was moved."""
    op.execute("DROP FUNCTION control_sums(bigint)")
    op.execute("ALTER TABLE payment_control ADD CONSTRAINT payment_control_counted CHECK (counted_tiyin >= 0)")
    op.execute("DROP INDEX payment_tender_id_idx")
    op.execute("CREATE UNIQUE INDEX payment_tender_id_key ON payment (tender_id) WHERE reverses_id IS NULL")
    op.execute(_charges._forget(*_APPROVALS))  # noqa: SLF001
