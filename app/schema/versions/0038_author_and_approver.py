"""The audit trail names who asked and who approved, and a verification names tables whose triggers are off."""

from importlib import import_module

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_audit = import_module("app.schema.versions.0005_audit")
_NAMES = "nullif(current_setting('app.asked_by', true), ''), nullif(current_setting('app.approved_by', true), '')"


def upgrade() -> None:
    """Go forward."""
    op.execute("ALTER TABLE audit_entry ADD COLUMN asked_by varchar(64), ADD COLUMN approved_by varchar(64)")
    op.execute("ALTER TABLE audit_check ADD COLUMN problem_detail varchar(300)")
    rows, statements = _audit._WRITE_AUDIT, _audit._WRITE_STATEMENT  # noqa: SLF001
    op.execute(_with_names(rows, "operation, before, after)", "TG_OP, before_row, after_row"))
    op.execute(_with_names(_replacing(statements), "operation, after)", "TG_OP, jsonb_build_object('rows', how_many)"))


def downgrade() -> None:
    """Go back; seals of what two persons did hold no more."""
    op.execute(_audit._WRITE_AUDIT)  # noqa: SLF001
    op.execute(_replacing(_audit._WRITE_STATEMENT))  # noqa: SLF001
    op.execute("ALTER TABLE audit_check DROP COLUMN problem_detail")
    op.execute("ALTER TABLE audit_entry DROP COLUMN approved_by, DROP COLUMN asked_by")


def _with_names(function: str, columns: str, values: str) -> str:
    """Return a function that writes both names too."""
    assert function.count(columns) == function.count(values) == 1
    return function.replace(columns, f"{columns[:-1]}, asked_by, approved_by)").replace(values, f"{values}, {_NAMES}")


def _replacing(function: str) -> str:
    return function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
