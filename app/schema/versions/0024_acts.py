"""Acts: what changes facts under bills, entries and papers."""

from importlib import import_module

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_charges = import_module("app.schema.versions.0012_charges")
_APPROVALS = ("approval", "kind", "approval_kind", ("ACT",))

_TABLES = (
    f"""
    CREATE TABLE act (
        {_charges._head("act", account=False)}
        kind varchar(24) NOT NULL,
        status varchar(24) DEFAULT 'REQUESTED' NOT NULL CONSTRAINT act_status
            CHECK (status IN ('REQUESTED', 'DONE', 'REVERSED', 'REFUSED')),
        account_id bigint CONSTRAINT act_account_id_fkey REFERENCES account (id),
        consumer_id bigint CONSTRAINT act_consumer_id_fkey REFERENCES consumer (id),
        effective_on date NOT NULL,
        reason varchar(300) NOT NULL,
        parameters jsonb DEFAULT '{{}}' NOT NULL,
        result jsonb DEFAULT '{{}}' NOT NULL,
        reverses_id bigint CONSTRAINT act_reverses_id_fkey REFERENCES act (id),
        reference varchar(80) NOT NULL CONSTRAINT act_reference_key UNIQUE,
        {_charges._RECORDED}
    )
    """,  # noqa: SLF001
    "CREATE INDEX act_division_id_idx ON act (division_id, id)",
    "CREATE INDEX act_account_id_idx ON act (account_id, id)",
    "CREATE INDEX act_consumer_id_idx ON act (consumer_id, id)",
    "CREATE UNIQUE INDEX act_reverses_id_key ON act (reverses_id) WHERE status IN ('REQUESTED', 'DONE')",
)


def upgrade() -> None:
    """Go forward."""
    op.execute(_charges._learn(*_APPROVALS))  # noqa: SLF001
    for statement in _TABLES:
        op.execute(statement)
    _charges._guard("act")  # noqa: SLF001
    op.execute("GRANT SELECT ON act TO pcb_web, pcb_worker, pcb_report")
    op.execute("GRANT INSERT, UPDATE (status, account_id, consumer_id, result) ON act TO pcb_web, pcb_worker")
    _charges._audit("act")  # noqa: SLF001


def downgrade() -> None:
    """Go back; only while no act waits for a second person."""
    op.execute("DROP TABLE act")
    op.execute(_charges._forget(*_APPROVALS))  # noqa: SLF001
