"""Statements of providers and banks beside our tenders: days compared, what was not equal, and where providers are asked."""

from importlib import import_module

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_charges = import_module("app.schema.versions.0012_charges")
_HEAD = _charges._head  # noqa: SLF001
_RECORDED = _charges._RECORDED  # noqa: SLF001
_LEARNT = ("job_run", "kind", "job_run_kind", ("RECONCILE",))
_STATES = "('PENDING', 'PERFORMED', 'CANCELLED')"
_TABLES_MADE = ("statement_row", "reconciliation", "reconciliation_row")


def _contract(table: str) -> str:
    return f"payment_contract_id bigint NOT NULL CONSTRAINT {table}_payment_contract_id_fkey REFERENCES payment_contract (id)"


_TABLES = (
    f"""
    CREATE TABLE statement_row (
        {_HEAD("statement_row", account=False)}
        {_contract("statement_row")},
        source varchar(24) NOT NULL CONSTRAINT statement_row_source CHECK (source IN ('GATEWAY', 'BANK')),
        business_day date NOT NULL,
        reference varchar(64) NOT NULL,
        amount_tiyin bigint NOT NULL CONSTRAINT statement_row_amount_positive CHECK (amount_tiyin > 0),
        state varchar(24) NOT NULL CONSTRAINT statement_row_state CHECK (state IN {_STATES}),
        happened_at timestamptz NOT NULL,
        {_RECORDED},
        CONSTRAINT statement_row_payment_contract_id_source_reference_key UNIQUE (payment_contract_id, source, reference)
    )
    """,
    "CREATE INDEX statement_row_payment_contract_id_business_day_idx ON statement_row (payment_contract_id, business_day)",
    "CREATE INDEX statement_row_division_id_idx ON statement_row (division_id, id)",
    f"""
    CREATE TABLE reconciliation (
        {_HEAD("reconciliation", account=False)}
        {_contract("reconciliation")},
        business_day date NOT NULL,
        equal_rows integer DEFAULT 0 NOT NULL,
        equal_tiyin bigint DEFAULT 0 NOT NULL,
        only_theirs_rows integer DEFAULT 0 NOT NULL,
        only_theirs_tiyin bigint DEFAULT 0 NOT NULL,
        only_ours_rows integer DEFAULT 0 NOT NULL,
        only_ours_tiyin bigint DEFAULT 0 NOT NULL,
        in_doubt_rows integer DEFAULT 0 NOT NULL,
        in_doubt_tiyin bigint DEFAULT 0 NOT NULL,
        theirs_tiyin bigint DEFAULT 0 NOT NULL,
        ours_tiyin bigint DEFAULT 0 NOT NULL,
        ledger_tiyin bigint DEFAULT 0 NOT NULL,
        expected_tiyin bigint DEFAULT 0 NOT NULL,
        bank_tiyin bigint,
        compared_at timestamptz NOT NULL,
        {_RECORDED},
        CONSTRAINT reconciliation_payment_contract_id_business_day_key UNIQUE (payment_contract_id, business_day)
    )
    """,
    "CREATE INDEX reconciliation_division_id_idx ON reconciliation (division_id, id)",
    f"""
    CREATE TABLE reconciliation_row (
        {_HEAD("reconciliation_row", account=False)}
        {_contract("reconciliation_row")},
        business_day date NOT NULL,
        reference varchar(64) NOT NULL,
        verdict varchar(24) NOT NULL CONSTRAINT reconciliation_row_verdict
            CHECK (verdict IN ('EQUAL', 'ONLY_THEIRS', 'ONLY_OURS', 'IN_DOUBT')),
        doubt_reason varchar(24) CONSTRAINT reconciliation_row_doubt_reason
            CHECK (doubt_reason IN ('PENDING', 'AMOUNT', 'STATE', 'NOT_CREDITED', 'NOT_UNDONE')),
        their_state varchar(24) CONSTRAINT reconciliation_row_their_state CHECK (their_state IN {_STATES}),
        theirs_tiyin bigint,
        our_status varchar(24) CONSTRAINT reconciliation_row_our_status
            CHECK (our_status IN ('CREATED', 'PERFORMED', 'CANCELLED', 'REVERSED')),
        ours_tiyin bigint,
        ledger_tiyin bigint DEFAULT 0 NOT NULL,
        status varchar(24) DEFAULT 'WAITS' NOT NULL CONSTRAINT reconciliation_row_status
            CHECK (status IN ('WAITS', 'NEEDS_PERSON', 'SETTLED', 'DECIDED')),
        appeared_at timestamptz NOT NULL,
        asked_times integer DEFAULT 0 NOT NULL,
        next_ask_at timestamptz,
        answer varchar(200) DEFAULT '' NOT NULL,
        decision varchar(24) CONSTRAINT reconciliation_row_decision CHECK (decision IN ('OURS_HOLDS', 'THEIRS_HOLDS', 'BOTH_WRONG')),
        decided_by varchar(64),
        decided_at timestamptz,
        remark varchar(300),
        {_RECORDED},
        CONSTRAINT reconciliation_row_payment_contract_id_reference_key UNIQUE (payment_contract_id, reference),
        CONSTRAINT reconciliation_row_doubted CHECK ((verdict = 'IN_DOUBT') = (doubt_reason IS NOT NULL)),
        CONSTRAINT reconciliation_row_asked CHECK ((status = 'WAITS') = (next_ask_at IS NOT NULL)),
        CONSTRAINT reconciliation_row_decided
            CHECK ((status = 'DECIDED') = (decision IS NOT NULL AND decided_by IS NOT NULL AND decided_at IS NOT NULL))
    )
    """,
    "CREATE INDEX reconciliation_row_payment_contract_id_business_day_idx ON reconciliation_row (payment_contract_id, business_day, id)",
    "CREATE INDEX reconciliation_row_due_idx ON reconciliation_row (next_ask_at, id) WHERE status = 'WAITS'",
    "CREATE INDEX reconciliation_row_unequal_idx ON reconciliation_row (payment_contract_id) WHERE verdict <> 'EQUAL'",
    "CREATE INDEX reconciliation_row_division_id_idx ON reconciliation_row (division_id, id)",
)


def upgrade() -> None:
    """Go forward."""
    op.execute(_charges._learn(*_LEARNT))  # noqa: SLF001
    op.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with events that wait cannot be altered
    op.execute("SET CONSTRAINTS ALL DEFERRED")
    op.execute(
        "ALTER TABLE payment_contract ADD COLUMN ask_url varchar(200) DEFAULT '' NOT NULL "
        "CONSTRAINT payment_contract_ask_url CHECK (ask_url = '' OR ask_url ~ '^https?://[^/?#]+/([^?#]*/)?$'), "
        "ADD COLUMN ask_login varchar(64) DEFAULT '' NOT NULL"
    )
    for statement in _TABLES:
        op.execute(statement)
    for table in _TABLES_MADE:
        _charges._guard(table)  # noqa: SLF001
        op.execute(f"GRANT SELECT ON {table} TO pcb_web, pcb_worker, pcb_report")
        op.execute(f"GRANT INSERT, UPDATE ON {table} TO pcb_web, pcb_worker")
    _charges._audit("reconciliation")  # noqa: SLF001
    # A statement is hundreds of thousands of rows at once: one audit row a load. What changes afterwards is told row by row.
    for table in ("statement_row", "reconciliation_row"):
        op.execute(
            f"CREATE TRIGGER {table}_audit_insert AFTER INSERT ON {table} "
            "REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION write_statement()"
        )
        op.execute(f"CREATE TRIGGER {table}_audit AFTER UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION write_audit()")


def downgrade() -> None:
    """Go back; only while no row uses the new words."""
    for table in reversed(_TABLES_MADE):
        op.execute(f"DROP TABLE {table}")
    op.execute("ALTER TABLE payment_contract DROP COLUMN ask_login, DROP COLUMN ask_url")
    op.execute(_charges._forget(*_LEARNT))  # noqa: SLF001
