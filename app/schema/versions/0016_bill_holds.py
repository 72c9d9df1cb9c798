"""Bills that wait for a person before they are posted."""

from importlib import import_module

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_charges = import_module("app.schema.versions.0012_charges")
_HEAD = _charges._head  # noqa: SLF001
_RECORDED = _charges._RECORDED  # noqa: SLF001
_REASONS = "NO_TARIFF IMPLAUSIBLE TOO_LARGE ESTIMATED HIGH ZERO ZONES_DISAGREE ESTIMATED_LONG UNVERIFIED".split()
_NEW_REASONS = ("ZERO_MONTHS", "NEGATIVE", "OVER_AMOUNT")
_LEARNT = ("bill_exception", "reason", "bill_exception_reason", _NEW_REASONS)

_TABLES = (
    f"""
    CREATE TABLE bill_hold (
        {_HEAD("bill_hold")}
        billing_month date NOT NULL,
        bill_run_id bigint NOT NULL CONSTRAINT bill_hold_bill_run_id_fkey REFERENCES bill_run (id),
        reason varchar(24) NOT NULL CONSTRAINT bill_hold_reason CHECK (reason IN {(*_REASONS, *_NEW_REASONS)}),
        quantity_milli bigint,
        amount_tiyin bigint,
        status varchar(24) DEFAULT 'OPEN' NOT NULL CONSTRAINT bill_hold_status
            CHECK (status IN ('OPEN', 'RELEASED', 'CORRECTED', 'PARKED')),
        owner varchar(64),
        decided_by varchar(64),
        decided_at timestamptz,
        remark varchar(300),
        {_RECORDED},
        CONSTRAINT bill_hold_account_id_billing_month_key UNIQUE (account_id, billing_month)
    )
    """,
    "CREATE INDEX bill_hold_division_id_idx ON bill_hold (division_id, id)",
    "CREATE INDEX bill_hold_waiting_idx ON bill_hold (division_id, id) WHERE status = 'OPEN'",
    "CREATE INDEX bill_hold_bill_run_id_idx ON bill_hold (bill_run_id)",
)


def upgrade() -> None:
    """Go forward."""
    op.execute(_charges._learn(*_LEARNT))  # noqa: SLF001
    for statement in _TABLES:
        op.execute(statement)
    _charges._guard("bill_hold")  # noqa: SLF001
    op.execute("GRANT SELECT ON bill_hold TO pcb_web, pcb_worker, pcb_report")
    op.execute("GRANT INSERT, UPDATE ON bill_hold TO pcb_web, pcb_worker")
    _charges._audit("bill_hold")  # noqa: SLF001


def downgrade() -> None:
    """Go back; only while no row uses the new words."""
    op.execute("DROP TABLE bill_hold")
    op.execute(_charges._forget(*_LEARNT))  # noqa: SLF001
