"""Tell the functions of triggers which table they serve: in a partition ``TG_TABLE_NAME`` is the partition's name, not the table's."""

import re
from collections.abc import Callable

from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

_TOLD = "keep_referenced keep_row_version keep_version refuse_change refuse_place refuse_place_of_owner write_audit write_statement".split()
#: What counts arguments, before and after the name of the table became the first of them.
_COUNTED = (
    ("TG_NARGS / 2 - 1", "(TG_NARGS - 1) / 2 - 1"),
    ("TG_NARGS > 0", "TG_NARGS > 1"),
    ("TG_NARGS = 0", "TG_NARGS = 1"),
    ("row - TG_ARGV;", "row - TG_ARGV[1:];"),
    ("TG_ARGV[2 * i + 1]", "TG_ARGV[2 * i + 2]"),
    ("TG_ARGV[2 * i]", "TG_ARGV[2 * i + 1]"),
)
_TRIGGERS = """
    SELECT t.tgname, c.relname, pg_get_triggerdef(t.oid), t.tgenabled = 'A'
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE NOT t.tgisinternal AND p.pronamespace = 'public'::regnamespace AND p.proname = ANY (%s) ORDER BY c.relname, t.tgname
"""


def upgrade() -> None:
    """Go forward."""
    for function in _TOLD:
        body = _body(function)
        for old, new in _COUNTED:
            body = body.replace(old, new)
        body = re.sub(r"TG_ARGV\[(\d)\]", lambda found: f"TG_ARGV[{int(found[1]) + 1}]", body)
        _replace(body.replace("TG_TABLE_NAME", "TG_ARGV[0]"))
    _make_again(lambda table, call: call.replace("(", f"('{table}', ", 1) if "'" in call else call.replace("(", f"('{table}'", 1))


def downgrade() -> None:
    """Go back."""
    for function in _TOLD:
        body = _body(function).replace("TG_ARGV[0]", "TG_TABLE_NAME")
        body = re.sub(r"TG_ARGV\[(\d)\]", lambda found: f"TG_ARGV[{int(found[1]) - 1}]", body)
        for old, new in reversed(_COUNTED):
            body = body.replace(new, old)
        _replace(body)
    _make_again(lambda table, call: call.replace(f"'{table}', ", "", 1).replace(f"('{table}')", "()", 1))


def _body(function: str) -> str:
    connection = op.get_bind()
    named = "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname = %s"
    return str(connection.exec_driver_sql(named, (function,)).scalar_one())


def _replace(body: str) -> None:
    op.get_bind().exec_driver_sql(body.replace("%", "%%"))


def _make_again(called: Callable[[str, str], str]) -> None:
    """Make each trigger again with other arguments."""
    connection = op.get_bind()
    for trigger, table, definition, always in connection.exec_driver_sql(_TRIGGERS, (_TOLD,)).all():
        head, call = definition.split(" EXECUTE FUNCTION ")
        op.execute(f"DROP TRIGGER {trigger} ON {table}")
        connection.exec_driver_sql(f"{head} EXECUTE FUNCTION {called(table, call)}".replace("%", "%%"))
        if always:
            op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")
