"""Rows of registries held for a person, and all rows of a registry counted with their sums.

What became of a registry's rows adds up to what was read, by count and by sum, and to what the file declares. Registries loaded before
have one sum, that of their payments; it is told as accepted.
"""

from importlib import import_module

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_charges = import_module("app.schema.versions.0012_charges")
_HEAD = _charges._head  # noqa: SLF001
_RECORDED = _charges._RECORDED  # noqa: SLF001

_LEARNT = (
    ("job_run", "kind", "job_run_kind", ("HELD_DECISION",)),
    ("approval", "kind", "approval_kind", ("HELD_DECISION",)),
    (
        "registry_problem", "problem", "registry_problem_problem",
        ("OUTGOING", "NOT_BOOKED", "PAYMENT_RETURNED", "OTHER_CURRENCY", "OWN_TRANSFER", "BANK_CHARGE"),
    ),
)  # fmt: skip
_PARTS = ("accepted", "suspense", "held", "repeated", "rejected", "left_out")
_SUMS = tuple(f"{part}_tiyin" for part in _PARTS)
_COLUMNS = (
    "file_times integer DEFAULT 0 NOT NULL",
    "held integer DEFAULT 0 NOT NULL",
    "left_out integer DEFAULT 0 NOT NULL",
    *(f"{name} bigint DEFAULT 0 NOT NULL" for name in ("rows_tiyin", *_SUMS, "charges_tiyin")),
    "declared_rows integer",
    "declared_tiyin bigint",
)
_COUNTED = f"received = {' + '.join(_PARTS)} AND rows_tiyin = {' + '.join(_SUMS)}"
_TABLE = f"""
    CREATE TABLE registry_held (
        {_HEAD("registry_held", account=False)}
        payment_contract_id bigint NOT NULL CONSTRAINT registry_held_payment_contract_id_fkey REFERENCES payment_contract (id),
        payment_control_id bigint NOT NULL CONSTRAINT registry_held_payment_control_id_fkey REFERENCES payment_control (id),
        row_no integer NOT NULL,
        repeat_key varchar(64) NOT NULL,
        reason varchar(24) NOT NULL CONSTRAINT registry_held_reason CHECK (reason IN ('OTHER_FILE', 'SAME_FILE', 'FUTURE')),
        account_number varchar(64) NOT NULL,
        amount_tiyin bigint NOT NULL CONSTRAINT registry_held_amount_positive CHECK (amount_tiyin > 0),
        paid_on date,
        payer varchar(200),
        phone varchar(32),
        purpose varchar(500),
        twin_control_id bigint CONSTRAINT registry_held_twin_control_id_fkey REFERENCES payment_control (id),
        twin_file varchar(200),
        twin_row_no integer,
        twin_on date,
        twin_account_number varchar(64),
        twin_amount_tiyin bigint,
        twin_loaded_by varchar(64),
        twin_loaded_at timestamptz,
        status varchar(24) DEFAULT 'WAITING' NOT NULL CONSTRAINT registry_held_status
            CHECK (status IN ('WAITING', 'ASKED', 'ACCEPTED', 'REPEATED', 'REJECTED')),
        approval_id bigint CONSTRAINT registry_held_approval_id_fkey REFERENCES approval (id),
        job_run_id bigint CONSTRAINT registry_held_job_run_id_fkey REFERENCES job_run (id),
        decided_by varchar(64),
        decided_at timestamptz,
        basis varchar(300),
        tender_id bigint CONSTRAINT registry_held_tender_id_fkey REFERENCES tender (id),
        {_RECORDED},
        CONSTRAINT registry_held_decided CHECK ((status IN ('WAITING', 'ASKED')) = (decided_by IS NULL)),
        CONSTRAINT registry_held_accepted CHECK ((status = 'ACCEPTED') = (tender_id IS NOT NULL))
    )
"""
_INDEXES = (
    "CREATE INDEX registry_held_payment_control_id_idx ON registry_held (payment_control_id, status, row_no, id)",
    "CREATE INDEX registry_held_payment_contract_id_repeat_key_idx ON registry_held (payment_contract_id, repeat_key)",
    *(
        f"CREATE INDEX registry_held_{column}_idx ON registry_held ({column}) WHERE {column} IS NOT NULL"
        for column in ("job_run_id", "approval_id", "tender_id", "twin_control_id")
    ),
    "CREATE INDEX registry_held_division_id_idx ON registry_held (division_id, id)",
)
_FILE_KEY = (
    "CREATE UNIQUE INDEX payment_control_file_key ON payment_control (payment_contract_id, file_sha256{0}) "
    "WHERE kind = 'REGISTRY' AND status <> 'REFUSED'"
)


def upgrade() -> None:
    """Go forward."""
    for learnt in _LEARNT:
        op.execute(_charges._learn(*learnt))  # noqa: SLF001
    op.execute("ALTER TABLE tender ADD COLUMN row_no integer")
    op.execute("ALTER TABLE payment_control " + ", ".join(f"ADD COLUMN {column}" for column in _COLUMNS))
    # A closed control never changes; it learns here what its one sum is called now.
    op.execute("ALTER TABLE payment_control DISABLE TRIGGER USER")
    op.execute("UPDATE payment_control SET rows_tiyin = received_tiyin, accepted_tiyin = received_tiyin WHERE kind = 'REGISTRY'")
    op.execute("ALTER TABLE payment_control ENABLE TRIGGER USER")
    op.execute(
        "ALTER TABLE payment_control DROP CONSTRAINT payment_control_all_rows_counted, "
        f"ADD CONSTRAINT payment_control_all_rows_counted CHECK ({_COUNTED}), "
        "ADD CONSTRAINT payment_control_holds_what_it_declares "
        "CHECK (coalesce(declared_rows, received) = received AND coalesce(declared_tiyin, rows_tiyin) = rows_tiyin), "
        "ADD CONSTRAINT payment_control_decided_before_closed CHECK (status <> 'CLOSED' OR held = 0)"
    )
    op.execute("DROP INDEX payment_control_file_key")
    op.execute(_FILE_KEY.format(", file_times"))
    for statement in (_TABLE, *_INDEXES):
        op.execute(statement)
    _charges._guard("registry_held")  # noqa: SLF001
    op.execute("GRANT SELECT ON registry_held TO pcb_web, pcb_worker, pcb_report")
    op.execute("GRANT INSERT, UPDATE ON registry_held TO pcb_web, pcb_worker")
    op.execute(
        "CREATE TRIGGER registry_held_stays_decided BEFORE UPDATE ON registry_held FOR EACH ROW WHEN (OLD.decided_by IS NOT NULL) "
        "EXECUTE FUNCTION refuse_change()"
    )
    op.execute("CREATE TRIGGER registry_held_is_fact BEFORE DELETE ON registry_held FOR EACH ROW EXECUTE FUNCTION refuse_change()")
    op.execute("CREATE TRIGGER registry_held_stays BEFORE TRUNCATE ON registry_held FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()")
    _charges._audit_statements("registry_held")  # noqa: SLF001


def downgrade() -> None:
    """Go back; only while no row was held or left out, and no file was taken twice."""
    op.execute("DROP TABLE registry_held")
    op.execute("DROP INDEX payment_control_file_key")
    op.execute(_FILE_KEY.format(""))
    op.execute("ALTER TABLE payment_control " + ", ".join(f"DROP COLUMN {column.split()[0]} CASCADE" for column in _COLUMNS))
    op.execute(
        "ALTER TABLE payment_control ADD CONSTRAINT payment_control_all_rows_counted "
        "CHECK (received = accepted + suspense + repeated + rejected)"
    )
    op.execute("ALTER TABLE tender DROP COLUMN row_no")
    for learnt in _LEARNT:
        op.execute(_charges._forget(*learnt))  # noqa: SLF001
