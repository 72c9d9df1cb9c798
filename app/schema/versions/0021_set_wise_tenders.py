"""References of tenders and payments, checked once a statement; who deletes what they refer to waits for those under way.

A foreign key locks the row it refers to. Every payment of a day refers to the same contract, control and division, so at once they
would all keep writing who locks those rows. Here a payment shares one lock in memory, and a deletion takes it alone.
"""

from importlib import import_module

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_before = import_module("app.schema.versions.0014_set_wise")

REFERENCES: dict[str, dict[str, str]] = {
    "tender": {
        "division_id": "division", "payment_contract_id": "payment_contract", "account_id": "account",
        "payment_control_id": "payment_control", "reversal_control_id": "payment_control",
    },
    "payment": {"division_id": "division", "account_id": "account", "reverses_id": "payment", "tender_id": "tender"},
}  # fmt: skip
_INDEXED = _before.INDEXED | {"payment_control_id", "reversal_control_id", "reverses_id", "tender_id"}
#: The lock that payments share, by a number of ours.
_SHARED = "pg_advisory_xact_lock_shared(20210021)"
_ALONE = "pg_advisory_xact_lock(20210021)"

#: Columns whose parents are few: the distinct rows of them are sought once for all.
_FEW = {"division_id", "payment_contract_id", "payment_control_id", "reversal_control_id"}
_CHECK = """
CREATE FUNCTION check_references_of_{table}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    lost record;
BEGIN
    PERFORM {shared};
    WITH few AS MATERIALIZED (SELECT DISTINCT {few} FROM added)
    SELECT * INTO lost FROM ({checks}
    ) m LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% on table "{table}" violates set-wise reference "{table}_%_fkey"', lower(TG_OP), lost.name
            USING ERRCODE = 'foreign_key_violation', TABLE = '{table}', COLUMN = lost.name, CONSTRAINT = '{table}_' || lost.name || '_fkey',
                  DETAIL = format('Key (%s)=(%s) is not present in table "%s".', lost.name, lost.id, lost.parent);
    END IF;
    RETURN NULL;
END $$
"""
_ONE = """
        SELECT '{column}' AS name, '{parent}' AS parent, n.{column} AS id
        FROM (SELECT DISTINCT {column} FROM {source} WHERE {column} IS NOT NULL) n
        LEFT JOIN {parent} p ON p.id = n.{column} WHERE p.id IS NULL"""

#: Fires before ``keep_referenced``, which then sees what was under way.
_WAIT = f"""
CREATE FUNCTION wait_for_payments() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = '2s' AS $$
BEGIN
    PERFORM {_ALONE};
    RETURN NULL;
END $$
"""
#: One index serves those who ask for an account's tenders and those who ask for its waiting ones; only providers ask by moment.
_INDEXES = (
    "DROP INDEX tender_of_account_waiting_idx, tender_account_id_idx, tender_payment_contract_id_provider_ms_idx",
    "CREATE INDEX tender_account_id_waiting_idx ON tender (account_id, waiting)",
    "CREATE INDEX tender_payment_contract_id_provider_ms_idx ON tender (payment_contract_id, provider_ms) WHERE provider_ms > 0",
)
#: What the intake server takes is told by the row and by the call that is kept; a row of the trail would only say that there was one.
_AUDIT = (
    "CREATE TRIGGER tender_audit_insert AFTER INSERT ON tender REFERENCING NEW TABLE AS moved FOR EACH STATEMENT {0} "
    "EXECUTE FUNCTION write_statement()"
)


def upgrade() -> None:
    """Go forward."""
    for statement in _INDEXES:
        op.execute(statement)
    op.execute("DROP TRIGGER tender_audit_insert ON tender")
    op.execute(_AUDIT.format("WHEN (current_setting('app.actor', true) IS DISTINCT FROM 'intake')"))
    for table, references in REFERENCES.items():
        for column in references:
            op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_{column}_fkey")
        _check(table, references)
    op.execute(_WAIT)
    op.execute("REVOKE EXECUTE ON FUNCTION wait_for_payments() FROM PUBLIC")
    known = _before._children()  # noqa: SLF001
    for parent, children in _children().items():
        if parent in known:
            op.execute(f"DROP TRIGGER {parent}_referenced ON {parent}")
        _keep(parent, known.get(parent, []) + children)
        op.execute(
            f"CREATE TRIGGER {parent}_awaited AFTER DELETE OR UPDATE OF id ON {parent} FOR EACH ROW EXECUTE FUNCTION wait_for_payments()"
        )


def downgrade() -> None:
    """Go back."""
    known = _before._children()  # noqa: SLF001
    for parent in _children():
        op.execute(f"DROP TRIGGER {parent}_awaited ON {parent}")
        op.execute(f"DROP TRIGGER {parent}_referenced ON {parent}")
        if parent in known:
            _keep(parent, known[parent])
    op.execute("DROP FUNCTION wait_for_payments()")
    op.execute("DROP TRIGGER tender_audit_insert ON tender")
    op.execute(_AUDIT.format(""))
    for table, references in REFERENCES.items():
        op.execute(f"DROP FUNCTION check_references_of_{table}() CASCADE")
        for column, parent in references.items():
            op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_fkey FOREIGN KEY ({column}) REFERENCES {parent} (id)")
    op.execute("DROP INDEX tender_account_id_waiting_idx, tender_payment_contract_id_provider_ms_idx")
    op.execute("CREATE INDEX tender_payment_contract_id_provider_ms_idx ON tender (payment_contract_id, provider_ms)")
    op.execute("CREATE INDEX tender_account_id_idx ON tender (account_id)")
    op.execute("CREATE INDEX tender_of_account_waiting_idx ON tender (account_id) WHERE waiting")


def _check(table: str, references: dict[str, str]) -> None:
    checks = "\n        UNION ALL".join(
        _ONE.format(column=column, parent=parent, source="few" if column in _FEW else "added") for column, parent in references.items()
    )
    few = ", ".join(column for column in references if column in _FEW)
    op.execute(_CHECK.format(table=table, shared=_SHARED, few=few, checks=checks))
    op.execute(f"REVOKE EXECUTE ON FUNCTION check_references_of_{table}() FROM PUBLIC")
    pairs = ", ".join(f"'{column}', '{parent}'" for column, parent in references.items())
    # A tender may get its account, and the control of its return, later; a payment never changes.
    for name, event in (("references", "INSERT"), ("references_later", "UPDATE"))[: 2 if table == "tender" else 1]:
        op.execute(
            f"CREATE TRIGGER {table}_{name} AFTER {event} ON {table} REFERENCING NEW TABLE AS added "
            f"FOR EACH STATEMENT EXECUTE FUNCTION check_references_of_{table}({pairs})"
        )


def _keep(parent: str, children: list[tuple[str, str]]) -> None:
    ordered = sorted(children, key=lambda child: child[1] not in _INDEXED)
    pairs = ", ".join(f"'{table}', '{column}'" for table, column in ordered)
    op.execute(
        f"CREATE TRIGGER {parent}_referenced AFTER DELETE OR UPDATE OF id ON {parent} "
        f"FOR EACH ROW EXECUTE FUNCTION keep_referenced({pairs})"
    )


def _children() -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for table, references in REFERENCES.items():
        for column, parent in references.items():
            found.setdefault(parent, []).append((table, column))
    return found
