"""Key the locks of triggers as the others are keyed: by the hash of a name."""

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

#: What stood in the functions of triggers, and what the space of locks has for it.
_KEYS = {
    "7226007": "hashtextextended('REFERENCE_RELEASE:' || '', 0)",
    "20210021": "hashtextextended('PAYMENT_REFERENCES:' || '', 0)",
}


def _replace(old: str, new: str) -> None:
    """Put another key into each function that takes a lock by the old one; what it may do and who may call it stays."""
    connection = op.get_bind()
    found = connection.exec_driver_sql(
        "SELECT pg_get_functiondef(p.oid) FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f' "
        "AND p.prosrc LIKE %s ORDER BY p.oid",
        (f"%advisory%({old})%",),
    ).scalars()
    definitions = list(found)
    assert definitions, f"no function takes the lock {old}"
    for definition in definitions:
        connection.exec_driver_sql(definition.replace(f"({old})", f"({new})").replace("%", "%%"))


def upgrade() -> None:
    """Go forward."""
    for old, new in _KEYS.items():
        _replace(old, new)


def downgrade() -> None:
    """Go back."""
    for old, new in _KEYS.items():
        _replace(new, old)
