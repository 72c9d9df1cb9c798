"""Who works in a district sees the runs of the divisions above that take it in: its bills, exceptions and months rest on them."""

from alembic import op

revision = "0148"
down_revision = "0147"
branch_labels = None
depends_on = None

phase = "EXPAND"

_TABLES = ("bill_run", "penalty_run")


def upgrade() -> None:
    """Go forward; they are seen, not changed."""
    op.execute(
        """
        CREATE FUNCTION app_divisions_above() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
            WITH RECURSIVE above AS (
                SELECT parent_id AS id FROM division WHERE id = ANY (app_divisions())
                UNION SELECT d.parent_id FROM above a JOIN division d ON d.id = a.id
            )
            SELECT array_agg(id) FROM above WHERE id IS NOT NULL
        $$
        """
    )
    for table in _TABLES:
        op.execute(
            f"CREATE POLICY of_divisions_above ON {table} FOR SELECT USING (division_id = ANY ((SELECT app_divisions_above())::bigint[]))"
        )


def downgrade() -> None:
    """Go back."""
    for table in _TABLES:
        op.execute(f"DROP POLICY of_divisions_above ON {table}")
    op.execute("DROP FUNCTION app_divisions_above()")
