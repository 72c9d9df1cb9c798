"""An answer to a reconciliation statement that came on paper keeps the paper."""

from alembic import op

revision = "0155"
down_revision = "0152"
branch_labels = None
depends_on = None

phase = "EXPAND"


def upgrade() -> None:
    """Go forward."""
    op.execute(
        "ALTER TABLE statement_answer ADD COLUMN stored_file_id bigint "
        "CONSTRAINT statement_answer_stored_file_id_fkey REFERENCES stored_file (id)"
    )
    op.execute("CREATE INDEX statement_answer_stored_file_id_idx ON statement_answer (stored_file_id)")


def downgrade() -> None:
    """Go back."""
    op.execute("ALTER TABLE statement_answer DROP COLUMN stored_file_id")
