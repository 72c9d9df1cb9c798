"""The form of a paper stands with what it is made of; offices of shifts have names in languages, cash desks one in Uzbek."""

from alembic import op

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None

phase = "EXPAND"

_TABLES = ("act", "inspection_record", "contract_paper")
_SHIFT = """
    CREATE FUNCTION shift_of_payment(paid bigint, {out}) RETURNS record
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT s.cashier_name, {names} FROM payment p JOIN tender t ON t.id = p.tender_id
        JOIN payment_control s ON s.kind = 'SHIFT' AND s.cashier_name IS NOT NULL
            AND s.id = CASE WHEN p.reverses_id IS NULL THEN t.payment_control_id ELSE t.reversal_control_id END
        JOIN division n ON n.id = s.division_id CROSS JOIN LATERAL as_of(n, n.id, p.created_at) d
        WHERE p.id = paid
    $$
"""


def upgrade() -> None:
    """Go forward; what was made before is printed as it was."""
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} ADD COLUMN form smallint NOT NULL DEFAULT 1")
        op.execute(f"ALTER TABLE {table} ALTER COLUMN form SET DEFAULT 2")
    # Nobody changed it: what the first row is called when it is made is no change of reference information.
    op.execute("ALTER TABLE payment_contract DISABLE TRIGGER USER")
    op.execute("UPDATE payment_contract SET name = 'Kassalar' WHERE id = 1 AND name = 'Cash desks'")
    op.execute("ALTER TABLE payment_contract ENABLE TRIGGER USER")
    # The column "office" is what processes of the version before ask for.
    _replace_shift(
        "OUT cashier_name text, OUT office text, OUT name text, OUT name_uz_cyrl text, OUT name_ru text",
        "d.name, d.name, d.name_uz_cyrl, d.name_ru",
    )


def downgrade() -> None:
    """Go back."""
    _replace_shift("OUT cashier_name text, OUT office text", "d.name")
    for table in _TABLES:
        op.drop_column(table, "form")


def _replace_shift(out: str, names: str) -> None:
    op.execute("DROP FUNCTION shift_of_payment(bigint)")
    op.execute(_SHIFT.format(out=out, names=names))
    op.execute("REVOKE ALL ON FUNCTION shift_of_payment(bigint) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION shift_of_payment(bigint) TO pcb_web, pcb_worker")
