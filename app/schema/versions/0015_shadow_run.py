"""Months computed again with proposed prices; nothing of it is posted."""

from importlib import import_module

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_charges = import_module("app.schema.versions.0012_charges")
_HEAD = _charges._head  # noqa: SLF001
_RECORDED = _charges._RECORDED  # noqa: SLF001
_LEARNT = ("job_run", "kind", "job_run_kind", ("SHADOW_RUN",))

_TABLES = (
    f"""
    CREATE TABLE shadow_run (
        {_HEAD("shadow_run", account=False)}
        billing_month date NOT NULL CONSTRAINT shadow_run_month CHECK (extract(day FROM billing_month) = 1),
        tariff_id bigint NOT NULL CONSTRAINT shadow_run_tariff_id_fkey REFERENCES tariff (id),
        blocks varchar(1000) NOT NULL,
        status varchar(24) DEFAULT 'PREVIEWING' NOT NULL CONSTRAINT shadow_run_status
            CHECK (status IN ('PREVIEWING', 'PREVIEWED', 'CANCELLED', 'FAILED')),
        bills integer DEFAULT 0 NOT NULL,
        left_out integer DEFAULT 0 NOT NULL,
        amount_now_tiyin bigint DEFAULT 0 NOT NULL,
        amount_proposed_tiyin bigint DEFAULT 0 NOT NULL,
        largest jsonb DEFAULT '[]' NOT NULL,
        {_RECORDED}
    )
    """,
    "CREATE INDEX shadow_run_division_id_idx ON shadow_run (division_id)",
    f"""
    CREATE TABLE shadow_result (
        {_HEAD("shadow_result", account=False)}
        shadow_run_id bigint NOT NULL CONSTRAINT shadow_result_shadow_run_id_fkey REFERENCES shadow_run (id),
        tariff_group_id bigint NOT NULL CONSTRAINT shadow_result_tariff_group_id_fkey REFERENCES tariff_group (id),
        component varchar(24) NOT NULL,
        zone varchar(16) NOT NULL,
        block_no integer NOT NULL,
        bills integer NOT NULL,
        quantity_now_milli bigint NOT NULL,
        quantity_proposed_milli bigint NOT NULL,
        amount_now_tiyin bigint NOT NULL,
        amount_proposed_tiyin bigint NOT NULL,
        {_RECORDED},
        CONSTRAINT shadow_result_key UNIQUE (shadow_run_id, division_id, component, zone, block_no)
    )
    """,
    "CREATE INDEX shadow_result_division_id_idx ON shadow_result (division_id)",
)


def upgrade() -> None:
    """Go forward."""
    op.execute(_charges._learn(*_LEARNT))  # noqa: SLF001
    for statement in _TABLES:
        op.execute(statement)
    for table in ("shadow_run", "shadow_result"):
        _charges._guard(table)  # noqa: SLF001
        op.execute(f"GRANT SELECT ON {table} TO pcb_web, pcb_worker, pcb_report")
        op.execute(f"GRANT INSERT ON {table} TO pcb_web, pcb_worker")
        _charges._audit(table)  # noqa: SLF001
    op.execute("GRANT UPDATE ON shadow_run TO pcb_web, pcb_worker")


def downgrade() -> None:
    """Go back."""
    op.execute("DROP TABLE shadow_result")
    op.execute("DROP TABLE shadow_run")
    op.execute(_charges._forget(*_LEARNT))  # noqa: SLF001
