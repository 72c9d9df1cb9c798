"""Documents of equipment that lack signatures are counted on every page: an index holds them alone."""

from alembic import op

revision = "0117"
down_revision = "0116"
branch_labels = None
depends_on = None

phase = "EXPAND"


def upgrade() -> None:
    """Go forward."""
    op.execute("CREATE INDEX equipment_document_requested_idx ON equipment_document (division_id, id) WHERE status = 'REQUESTED'")


def downgrade() -> None:
    """Go back."""
    op.execute("DROP INDEX equipment_document_requested_idx")
