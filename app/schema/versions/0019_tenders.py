"""Tenders apart from payments: contracts of every channel, controls money is counted by, entries beside accounts, blocked accounts."""

from importlib import import_module

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_charges = import_module("app.schema.versions.0012_charges")
_HEAD = _charges._head  # noqa: SLF001
_RECORDED = _charges._RECORDED  # noqa: SLF001

_NEW_CHANNELS = ("POST", "PAYNET", "CLICK", "UZUM", "SMS")
_LEARNT = tuple((table, "channel", f"{table}_channel", _NEW_CHANNELS) for table in ("payment", "payment_contract", "gateway_call"))
_LEDGER_ACCOUNTS = "('CASH', 'PROVIDER', 'BANK', 'SUSPENSE', 'OVER_SHORT', 'COMMISSION')"

_CONTRACT = """
    ALTER TABLE payment_contract
        ADD COLUMN service_number varchar(64) DEFAULT '' NOT NULL,
        ADD COLUMN login varchar(64) DEFAULT '' NOT NULL,
        ADD COLUMN secret varchar(200),
        ADD COLUMN networks varchar(1000) DEFAULT '' NOT NULL,
        ADD COLUMN commission_percent numeric(6, 3) DEFAULT 0 NOT NULL
            CONSTRAINT payment_contract_commission CHECK (commission_percent BETWEEN 0 AND 100),
        ADD COLUMN is_stopped boolean DEFAULT false NOT NULL,
        ADD COLUMN unknown_transaction varchar(24) DEFAULT 'STATE_3' NOT NULL
            CONSTRAINT payment_contract_unknown_transaction CHECK (unknown_transaction IN ('STATE_3', 'NOT_FOUND', 'UNKNOWN_ERROR')),
        ADD COLUMN repeated_cancel varchar(24) DEFAULT 'SAME_ANSWER' NOT NULL
            CONSTRAINT payment_contract_repeated_cancel CHECK (repeated_cancel IN ('SAME_ANSWER', 'REFUSED')),
        ADD COLUMN repeated_payment varchar(24) DEFAULT 'REFUSED' NOT NULL
            CONSTRAINT payment_contract_repeated_payment CHECK (repeated_payment IN ('SAME_ANSWER', 'REFUSED')),
        ADD COLUMN cancel_days integer DEFAULT 30 NOT NULL CONSTRAINT payment_contract_cancel_days CHECK (cancel_days >= 0),
        ALTER COLUMN key_sha256 SET DEFAULT ''
"""
_TABLES = (
    f"""
    CREATE TABLE payment_control (
        {_HEAD("payment_control", account=False)}
        kind varchar(24) NOT NULL CONSTRAINT payment_control_kind CHECK (kind IN ('SHIFT', 'REGISTRY', 'GATEWAY_DAY')),
        payment_contract_id bigint CONSTRAINT payment_control_payment_contract_id_fkey REFERENCES payment_contract (id),
        cashier varchar(64),
        business_day date NOT NULL,
        name varchar(200) DEFAULT '' NOT NULL,
        stored_file_id bigint CONSTRAINT payment_control_stored_file_id_fkey REFERENCES stored_file (id),
        file_sha256 varchar(64),
        status varchar(24) DEFAULT 'OPEN' NOT NULL CONSTRAINT payment_control_status CHECK (status IN ('OPEN', 'COUNTED', 'CLOSED')),
        tenders integer DEFAULT 0 NOT NULL,
        received_tiyin bigint DEFAULT 0 NOT NULL,
        counted_tiyin bigint CONSTRAINT payment_control_counted CHECK (counted_tiyin >= 0),
        counted_by varchar(64),
        closed_by varchar(64),
        closed_at timestamptz,
        {_RECORDED},
        CONSTRAINT payment_control_of_whom
            CHECK ((kind = 'SHIFT') = (cashier IS NOT NULL) AND (kind = 'SHIFT') = (payment_contract_id IS NULL)),
        CONSTRAINT payment_control_file CHECK ((kind = 'REGISTRY') = (file_sha256 IS NOT NULL)),
        CONSTRAINT payment_control_counted_before_closed CHECK (status = 'OPEN' OR counted_tiyin IS NOT NULL)
    )
    """,
    "CREATE UNIQUE INDEX payment_control_shift_key ON payment_control (cashier) WHERE kind = 'SHIFT' AND status <> 'CLOSED'",
    "CREATE UNIQUE INDEX payment_control_day_key ON payment_control (payment_contract_id, business_day) WHERE kind = 'GATEWAY_DAY'",
    "CREATE UNIQUE INDEX payment_control_file_key ON payment_control (payment_contract_id, file_sha256) WHERE kind = 'REGISTRY'",
    "CREATE INDEX payment_control_division_id_idx ON payment_control (division_id, id)",
    f"""
    CREATE TABLE control_entry (
        {_HEAD("control_entry", account=False)}
        payment_control_id bigint NOT NULL CONSTRAINT control_entry_payment_control_id_fkey REFERENCES payment_control (id),
        tender_id bigint CONSTRAINT control_entry_tender_id_fkey REFERENCES tender (id),
        debit varchar(24) NOT NULL CONSTRAINT control_entry_debit CHECK (debit IN {_LEDGER_ACCOUNTS}),
        credit varchar(24) NOT NULL CONSTRAINT control_entry_credit CHECK (credit IN {_LEDGER_ACCOUNTS}),
        amount_tiyin bigint NOT NULL CONSTRAINT control_entry_amount_positive CHECK (amount_tiyin > 0),
        posted_on date NOT NULL,
        reason varchar(300) NOT NULL,
        {_RECORDED},
        CONSTRAINT control_entry_moves CHECK (debit <> credit)
    )
    """,
    "CREATE INDEX control_entry_payment_control_id_idx ON control_entry (payment_control_id, id)",
    "CREATE INDEX control_entry_tender_id_idx ON control_entry (tender_id) WHERE tender_id IS NOT NULL",
    "CREATE INDEX control_entry_division_id_idx ON control_entry (division_id, id)",
    f"""
    CREATE TABLE payment_block (
        {_HEAD("payment_block")}
        valid_from date NOT NULL,
        valid_to date,
        creditor varchar(200) NOT NULL,
        basis varchar(300) NOT NULL,
        {_RECORDED},
        CONSTRAINT payment_block_period_rises CHECK (valid_to IS NULL OR valid_to > valid_from),
        CONSTRAINT payment_block_no_overlap EXCLUDE USING gist (account_id WITH =, daterange(valid_from, valid_to) WITH &&)
    )
    """,
    "CREATE INDEX payment_block_account_id_idx ON payment_block (account_id, valid_from)",
    "CREATE INDEX payment_block_division_id_idx ON payment_block (division_id)",
)
#: ``waiting``: the ledger does not know yet of what was performed, or of what was undone.
_TENDER = """
    ALTER TABLE tender
        ALTER COLUMN account_id DROP NOT NULL,
        ADD COLUMN account_number varchar(64) DEFAULT '' NOT NULL,
        ADD COLUMN payment_control_id bigint CONSTRAINT tender_payment_control_id_fkey REFERENCES payment_control (id),
        ADD COLUMN received_on date,
        ADD COLUMN reversal_control_id bigint CONSTRAINT tender_reversal_control_id_fkey REFERENCES payment_control (id),
        ADD COLUMN waiting boolean DEFAULT false NOT NULL,
        ADD COLUMN payer varchar(200),
        ADD COLUMN phone varchar(32),
        ADD COLUMN purpose varchar(500),
        ADD COLUMN fiscal jsonb DEFAULT '{}' NOT NULL,
        ADD CONSTRAINT tender_performed_is_controlled
            CHECK (status IN ('CREATED', 'CANCELLED') OR (payment_control_id IS NOT NULL AND received_on IS NOT NULL)) NOT VALID
"""
_TENDER_INDEXES = (
    "CREATE INDEX tender_waiting_idx ON tender (id) WHERE waiting",
    "CREATE INDEX tender_of_account_waiting_idx ON tender (account_id) WHERE waiting",
    "CREATE INDEX tender_suspense_idx ON tender (division_id, id) WHERE account_id IS NULL",
    "CREATE INDEX tender_payment_control_id_idx ON tender (payment_control_id, id)",
    "CREATE INDEX tender_reversal_control_id_idx ON tender (reversal_control_id) WHERE reversal_control_id IS NOT NULL",
    "CREATE INDEX tender_payment_contract_id_provider_ms_idx ON tender (payment_contract_id, provider_ms)",
    "CREATE UNIQUE INDEX payment_tender_id_key ON payment (tender_id) WHERE reverses_id IS NULL",
)
_STAYS_CLOSED = """
    CREATE FUNCTION refuse_change_of_closed_control() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'payment control % is closed', OLD.id USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_control_is_closed';
    END $$
"""


def upgrade() -> None:
    """Go forward; tenders that were performed are given the days they belong to."""
    for learnt in _LEARNT:
        op.execute(_charges._learn(*learnt))  # noqa: SLF001
    op.execute(_CONTRACT)
    for statement in (*_TABLES, _TENDER, *_TENDER_INDEXES, _STAYS_CLOSED):
        op.execute(statement)
    op.execute(
        "CREATE TRIGGER payment_control_stays_closed BEFORE UPDATE OR DELETE ON payment_control FOR EACH ROW "
        "WHEN (OLD.status = 'CLOSED') EXECUTE FUNCTION refuse_change_of_closed_control()"
    )
    _place_old_tenders()
    # What cashiers take are tenders like any other, of a contract with ourselves.
    op.execute(
        "INSERT INTO payment_contract (channel, name, merchant_number, smallest_tiyin, largest_tiyin, cancel_days) "
        "VALUES ('CASHIER', 'Cash desks', '', 1, 1000000000000000, 366)"
    )
    for table in ("payment_control", "control_entry", "payment_block"):
        _charges._guard(table)  # noqa: SLF001
        op.execute(f"GRANT SELECT ON {table} TO pcb_web, pcb_worker, pcb_report")
        op.execute(f"GRANT INSERT ON {table} TO pcb_web, pcb_worker")
    for table in ("payment_control", "payment_block"):
        op.execute(f"GRANT UPDATE ON {table} TO pcb_web, pcb_worker")
        _charges._audit(table)  # noqa: SLF001
    op.execute("GRANT DELETE ON payment_block TO pcb_web, pcb_worker")
    op.execute(
        "CREATE TRIGGER control_entry_is_fact BEFORE UPDATE OR DELETE ON control_entry FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute("CREATE TRIGGER control_entry_stays BEFORE TRUNCATE ON control_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()")
    _charges._audit_statements("control_entry")  # noqa: SLF001
    # A day brings hundreds of thousands of tenders, which tell their own story; one audit row a statement is enough.
    op.execute("DROP TRIGGER tender_audit ON tender")
    _charges._audit_statements("tender")  # noqa: SLF001


def _place_old_tenders() -> None:
    day = "(to_timestamp(performed_ms / 1000.0) AT TIME ZONE 'Asia/Tashkent')::date"
    op.execute("UPDATE tender t SET account_number = a.number FROM account a WHERE a.id = t.account_id")
    op.execute(
        "INSERT INTO payment_control (division_id, kind, payment_contract_id, business_day) "
        f"SELECT DISTINCT (SELECT id FROM division WHERE parent_id IS NULL), 'GATEWAY_DAY', payment_contract_id, {day} "
        "FROM tender WHERE status IN ('PERFORMED', 'REVERSED')"
    )
    op.execute(
        f"UPDATE tender t SET received_on = {day}, payment_control_id = c.id FROM payment_control c "
        f"WHERE t.status IN ('PERFORMED', 'REVERSED') AND c.payment_contract_id = t.payment_contract_id AND c.business_day = {day}"
    )
    op.execute("ALTER TABLE tender VALIDATE CONSTRAINT tender_performed_is_controlled")


def downgrade() -> None:
    """Go back; only while no row uses the new channels and every tender has an account."""
    for event in ("insert", "update", "delete"):
        op.execute(f"DROP TRIGGER tender_audit_{event} ON tender")
    op.execute("DELETE FROM payment_contract WHERE channel = 'CASHIER'")
    _charges._audit("tender")  # noqa: SLF001
    op.execute("DROP INDEX payment_tender_id_key, tender_payment_contract_id_provider_ms_idx, tender_suspense_idx")
    op.execute("DROP TABLE control_entry, payment_block")
    op.execute(
        "ALTER TABLE tender DROP COLUMN fiscal, DROP COLUMN purpose, DROP COLUMN phone, DROP COLUMN payer, DROP COLUMN waiting, "
        "DROP COLUMN received_on CASCADE, DROP COLUMN reversal_control_id, "
        "DROP COLUMN payment_control_id CASCADE, DROP COLUMN account_number, ALTER COLUMN account_id SET NOT NULL"
    )
    op.execute("DROP TABLE payment_control")
    op.execute("DROP FUNCTION refuse_change_of_closed_control()")
    op.execute(
        "ALTER TABLE payment_contract DROP COLUMN cancel_days, DROP COLUMN repeated_payment, DROP COLUMN repeated_cancel, "
        "DROP COLUMN unknown_transaction, DROP COLUMN is_stopped, DROP COLUMN commission_percent, DROP COLUMN networks, "
        "DROP COLUMN secret, DROP COLUMN login, DROP COLUMN service_number, ALTER COLUMN key_sha256 DROP DEFAULT"
    )
    for learnt in _LEARNT:
        op.execute(_charges._forget(*learnt))  # noqa: SLF001
