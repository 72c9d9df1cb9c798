"""Payment files are called so in tables, columns, members of enums and pages, as everywhere else; nothing but names changes.

Entries of the trail stay as they were sealed: ``domain.administration.audit.FORMER_NAMES`` says what they mean now.
"""

from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

phase = "CONTRACT"

_TABLES = {"registry_profile": "payment_file_layout", "registry_problem": "payment_file_problem", "registry_held": "held_row"}
_COLUMNS = {"registry_profile_id": "payment_file_layout_id", "registry_number": "payment_file_number"}
_PAGES = {"RegistryProfileView": "PaymentFileLayoutView", "Registry layouts": "Payment file layouts"}
_KINDS = {"payment_control": ("REGISTRY", "PAYMENT_FILE"), "job_run": ("REGISTRY_LOAD", "PAYMENT_FILE_LOAD")}
_TRIGGERS = """
    SELECT tgname, pg_get_triggerdef(oid), tgenabled = 'A' FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal ORDER BY tgname
"""
_CONSTRAINTS = "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype <> 't'"
_INDEXES = "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = %s::regclass"
#: What names a member of an enum.
_CHECKS = """
    SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = %s::regclass AND contype = 'c' AND position(%s IN pg_get_constraintdef(oid)) > 0 ORDER BY conname
"""
_PARTIAL = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND position(%s IN indexdef) > 0 ORDER BY indexname"


def upgrade() -> None:
    """Go forward; no table is rewritten, and batches and jobs of payment files are few."""
    _rename(_TABLES, _COLUMNS, _PAGES, _KINDS)


def downgrade() -> None:
    """Go back."""
    tables, columns, pages = ({new: old for old, new in names.items()} for names in (_TABLES, _COLUMNS, _PAGES))
    _rename(tables, columns, pages, {table: (new, old) for table, (old, new) in _KINDS.items()})


def _rename(tables: dict[str, str], columns: dict[str, str], pages: dict[str, str], kinds: dict[str, tuple[str, str]]) -> None:
    op.execute("SET LOCAL statement_timeout = 0")
    for old, new in tables.items():
        op.execute(f"ALTER TABLE {old} RENAME TO {new}")
        op.execute(f"ALTER SEQUENCE {old}_id_seq RENAME TO {new}_id_seq")
        _make_triggers(new, old, new)
    for old, new in columns.items():
        op.execute(f"ALTER TABLE payment_control RENAME COLUMN {old} TO {new}")
    for old, new in {**tables, **columns}.items():
        for table in (*tables.values(), "payment_control"):
            _name(table, old, new)
    for table, (old, new) in kinds.items():
        _change_kind(table, old, new)
    for old, new in pages.items():
        _update(f"ab_view_menu SET name = '{new}' WHERE name = '{old}'")


def _make_triggers(table: str, old: str, new: str) -> None:
    """Make the triggers of a table again, which have its name and are told it."""
    connection = op.get_bind()
    for trigger, definition, always in connection.exec_driver_sql(_TRIGGERS, (table,)).all():
        if old in definition:
            op.execute(f"DROP TRIGGER {trigger} ON {table}")
            _run(definition.replace(old, new))
            if always:
                op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger.replace(old, new)}")


def _name(table: str, old: str, new: str) -> None:
    """Give constraints and indexes of a table their names."""
    connection = op.get_bind()
    for (name,) in connection.exec_driver_sql(_CONSTRAINTS, (table,)).all():
        if old in name:
            op.execute(f"ALTER TABLE {table} RENAME CONSTRAINT {name} TO {name.replace(old, new)}")
    for (name,) in connection.exec_driver_sql(_INDEXES, (table,)).all():
        if old in name:
            op.execute(f"ALTER INDEX {name} RENAME TO {name.replace(old, new)}")


def _change_kind(table: str, old: str, new: str) -> None:
    """Change a member of an enum where it is stored and where it is named."""
    connection = op.get_bind()
    checks = connection.exec_driver_sql(_CHECKS, (table, f"'{old}'")).all()
    indexes = connection.exec_driver_sql(_PARTIAL, (table, f"'{old}'")).all()
    for name, _definition in checks:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for name, _definition in indexes:
        op.execute(f"DROP INDEX {name}")
    _update(f"{table} SET kind = '{new}' WHERE kind = '{old}'")
    for name, definition in checks:
        _run(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}".replace(f"'{old}'", f"'{new}'"))
    for _name_of_index, definition in indexes:
        _run(definition.replace(f"'{old}'", f"'{new}'"))


def _update(change: str) -> None:
    """Change names in rows; facts stay facts, and nothing is audited that nobody did."""
    table = change.split(maxsplit=1)[0]
    op.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    op.execute(f"UPDATE {change}")
    op.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def _run(statement: str) -> None:
    op.get_bind().exec_driver_sql(statement.replace("%", "%%"))
