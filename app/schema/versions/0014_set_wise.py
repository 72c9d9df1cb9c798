"""References of the mass tables, checked once a statement for all its rows in place of once a row."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

#: Table → its references: column → the table it refers to by id.
REFERENCES: dict[str, dict[str, str]] = {
    "bill": {"division_id": "division", "account_id": "account", "bill_run_id": "bill_run", "cancels_id": "bill"},
    "bill_line": {
        "bill_id": "bill", "division_id": "division", "tariff_version_id": "tariff_version", "charge_id": "billable_charge",
        "benefit_id": "benefit", "prepaid_id": "prepaid_volume",
    },
    "consumption": {
        "division_id": "division", "account_id": "account", "bill_id": "bill", "earlier_reading_id": "reading",
        "later_reading_id": "reading",
    },
    "ledger_entry": {"division_id": "division", "account_id": "account", "reverses_id": "ledger_entry"},
    "account_balance": {"account_id": "account", "division_id": "division"},
    "debt": {"bill_id": "bill", "account_id": "account", "division_id": "division"},
    "allocation": {"division_id": "division", "account_id": "account", "bill_id": "bill", "payment_id": "payment",
        "adjustment_id": "adjustment"},
}  # fmt: skip
#: Few rows, shared by many: locked while they are referred to, as a foreign key would, so that none goes meanwhile.
SHARED = ("division", "bill_run", "tariff_version")
#: Tables with rows that change; the columns that refer do not.
CHANGING = ("account_balance", "debt")
#: Columns with an index that begins with them, which the guard of a parent asks first.
INDEXED = {"account_id", "bill_id", "bill_run_id", "cancels_id", "charge_id", "payment_id"}

#: One scan of the new rows a reference. DISTINCT first, then a probe of the primary key: no choice of the planner can make it
#: read a whole parent table, whatever it believed about sizes when the plan was made.
_CHECK = """
CREATE FUNCTION check_references_of_{table}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    missing bigint;
BEGIN{checks}
    RETURN NULL;
END $$
"""
_LOCK = """
    PERFORM 1 FROM {parent} p WHERE p.id IN (SELECT DISTINCT n.{column} FROM added n) ORDER BY p.id FOR KEY SHARE;"""
_ONE = """
    SELECT n.{column} INTO missing FROM (SELECT DISTINCT {column} FROM added WHERE {column} IS NOT NULL) n
    LEFT JOIN {parent} p ON p.id = n.{column} WHERE p.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'insert on table "{table}" violates set-wise reference "{table}_{column}_fkey"'
            USING ERRCODE = 'foreign_key_violation', TABLE = '{table}', COLUMN = '{column}', CONSTRAINT = '{table}_{column}_fkey',
                  DETAIL = format('Key ({column})=(%s) is not present in table "{parent}".', missing);
    END IF;"""

#: Arguments: pairs of a table and its column, those with an index first.
_KEEP = """
CREATE FUNCTION keep_referenced() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    found_one boolean;
BEGIN
    FOR i IN 0 .. TG_NARGS / 2 - 1 LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I c WHERE c.%I = $1)', TG_ARGV[2 * i], TG_ARGV[2 * i + 1])
            INTO found_one USING OLD.id;
        IF found_one THEN
            RAISE EXCEPTION '% on table "%" violates set-wise reference "%_%_fkey" on table "%"',
                lower(TG_OP), TG_TABLE_NAME, TG_ARGV[2 * i], TG_ARGV[2 * i + 1], TG_ARGV[2 * i]
                USING ERRCODE = 'foreign_key_violation', TABLE = TG_ARGV[2 * i], COLUMN = TG_ARGV[2 * i + 1],
                      CONSTRAINT = TG_ARGV[2 * i] || '_' || TG_ARGV[2 * i + 1] || '_fkey',
                      DETAIL = format('Key (id)=(%s) is still referenced from table "%s".', OLD.id, TG_ARGV[2 * i]);
        END IF;
    END LOOP;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    """Go forward."""
    op.execute(_KEEP)
    for table, references in REFERENCES.items():
        op.execute(_CHECK.format(table=table, checks="".join(_check(table, column, parent) for column, parent in references.items())))
        op.execute(f"REVOKE EXECUTE ON FUNCTION check_references_of_{table}() FROM PUBLIC")
        pairs = ", ".join(f"'{column}', '{parent}'" for column, parent in references.items())
        op.execute(
            f"CREATE TRIGGER {table}_references AFTER INSERT ON {table} REFERENCING NEW TABLE AS added "
            f"FOR EACH STATEMENT EXECUTE FUNCTION check_references_of_{table}({pairs})"
        )
        for column in references:
            op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_{column}_fkey")
    for table in CHANGING:
        columns = list(REFERENCES[table])
        changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)
        op.execute(
            f"CREATE TRIGGER {table}_references_stay BEFORE UPDATE OF {', '.join(columns)} ON {table} "
            f"FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION refuse_change()"
        )
    op.execute("REVOKE EXECUTE ON FUNCTION keep_referenced() FROM PUBLIC")
    for parent, children in _children().items():
        pairs = ", ".join(f"'{table}', '{column}'" for table, column in children)
        op.execute(
            f"CREATE TRIGGER {parent}_referenced AFTER DELETE OR UPDATE OF id ON {parent} "
            f"FOR EACH ROW EXECUTE FUNCTION keep_referenced({pairs})"
        )


def downgrade() -> None:
    """Go back."""
    for parent in _children():
        op.execute(f"DROP TRIGGER {parent}_referenced ON {parent}")
    for table in CHANGING:
        op.execute(f"DROP TRIGGER {table}_references_stay ON {table}")
    for table, references in REFERENCES.items():
        op.execute(f"DROP TRIGGER {table}_references ON {table}")
        op.execute(f"DROP FUNCTION check_references_of_{table}()")
        for column, parent in references.items():
            op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_fkey FOREIGN KEY ({column}) REFERENCES {parent} (id)")
    op.execute("DROP FUNCTION keep_referenced()")


def _check(table: str, column: str, parent: str) -> str:
    names = {"table": table, "column": column, "parent": parent}
    return (_LOCK.format(**names) if parent in SHARED else "") + _ONE.format(**names)


def _children() -> dict[str, list[tuple[str, str]]]:
    """Return the references to each parent, those an index answers first."""
    found: dict[str, list[tuple[str, str]]] = {}
    for table, references in REFERENCES.items():
        for column, parent in references.items():
            found.setdefault(parent, []).append((table, column))
    return {parent: sorted(children, key=lambda child: child[1] not in INDEXED) for parent, children in found.items()}
