"""A penalty run of one account: what an owner who leaves owes for delay up to his last day."""

from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

_KEY = "CREATE UNIQUE INDEX penalty_run_period_key ON penalty_run (division_id, period_from) WHERE status = 'POSTED'"


def upgrade() -> None:
    """Go forward."""
    op.execute("ALTER TABLE penalty_run ADD COLUMN account_id bigint CONSTRAINT penalty_run_account_id_fkey REFERENCES account (id)")
    op.execute("CREATE INDEX penalty_run_account_id_idx ON penalty_run (account_id) WHERE account_id IS NOT NULL")
    op.execute("DROP INDEX penalty_run_period_key")
    op.execute(f"{_KEY} AND account_id IS NULL")


def downgrade() -> None:
    """Go back; only while no account was charged alone."""
    op.execute("DROP INDEX penalty_run_period_key")
    op.execute(_KEY)
    op.execute("ALTER TABLE penalty_run DROP COLUMN account_id")
