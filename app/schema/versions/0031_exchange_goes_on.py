"""How far the counters of exchanges were read is kept apart from the conflicts; what was quoted of rows leaves the list."""

from importlib import import_module

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_charges = import_module("app.schema.versions.0012_charges")
_JOBS = ("job_run", "kind", "job_run_kind", ("NODE_RESUME",))


def upgrade() -> None:
    """Go forward."""
    op.execute(_charges._learn(*_JOBS))  # noqa: SLF001
    op.execute(
        """
        CREATE TABLE sync_counter (
            subscription_id BIGINT NOT NULL,
            kind VARCHAR(48) NOT NULL,
            total BIGINT NOT NULL,
            read_at TIMESTAMP WITH TIME ZONE NOT NULL,
            CONSTRAINT sync_counter_pkey PRIMARY KEY (subscription_id, kind)
        )
        """
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON sync_counter TO pcb_worker")
    op.execute("GRANT SELECT ON sync_counter TO pcb_web, pcb_report")
    op.execute("GRANT UPDATE (count, total, happened_at) ON sync_conflict TO pcb_worker")
    op.execute(
        "INSERT INTO sync_counter SELECT DISTINCT ON (subscription_id, kind) subscription_id, kind, total, happened_at "
        "FROM sync_conflict ORDER BY subscription_id, kind, id DESC"
    )
    op.execute("UPDATE sync_conflict SET detail = NULL WHERE detail LIKE '% row (%'")
    op.execute(
        "UPDATE sync_conflict SET settled_at = now(), settled_by = 'system' "
        "WHERE settled_at IS NULL AND kind IN ('update_origin_differs', 'delete_origin_differs')"
    )


def downgrade() -> None:
    """Go back."""
    op.execute("REVOKE UPDATE (count, total, happened_at) ON sync_conflict FROM pcb_worker")
    op.execute("DROP TABLE sync_counter")
    op.execute(_charges._forget(*_JOBS))  # noqa: SLF001
