"""A shift knows what change it began with, who its cashier was, how the cash was counted and why it differed."""

from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

phase = "EXPAND"

#: Who may see a payment may see whose receipt it is, in whatever division that shift is.
_SHIFT = """
    CREATE FUNCTION shift_of_payment(paid bigint, OUT cashier_name text, OUT office text) RETURNS record
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT s.cashier_name, d.name FROM payment p JOIN tender t ON t.id = p.tender_id
        JOIN payment_control s ON s.kind = 'SHIFT' AND s.cashier_name IS NOT NULL
            AND s.id = CASE WHEN p.reverses_id IS NULL THEN t.payment_control_id ELSE t.reversal_control_id END
        JOIN division n ON n.id = s.division_id CROSS JOIN LATERAL as_of(n, n.id, p.created_at) d
        WHERE p.id = paid
    $$
"""


def upgrade() -> None:
    """Go forward; shifts from before began with nothing."""
    op.execute("ALTER TABLE payment_control ADD COLUMN float_tiyin bigint NOT NULL DEFAULT 0, ADD COLUMN cashier_name varchar(200)")
    op.execute(
        "ALTER TABLE payment_control ADD COLUMN denominations jsonb NOT NULL DEFAULT '{}', ADD COLUMN difference_reason varchar(300)"
    )
    op.execute(
        "ALTER TABLE payment_control ADD CONSTRAINT payment_control_float CHECK (float_tiyin >= 0 AND (kind = 'SHIFT' OR float_tiyin = 0))"
    )
    op.execute(_SHIFT)
    op.execute("REVOKE ALL ON FUNCTION shift_of_payment(bigint) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION shift_of_payment(bigint) TO pcb_web, pcb_worker")


def downgrade() -> None:
    """Go back."""
    op.execute("DROP FUNCTION shift_of_payment(bigint)")
    op.execute("ALTER TABLE payment_control DROP CONSTRAINT payment_control_float")
    for column in ("difference_reason", "denominations", "cashier_name", "float_tiyin"):
        op.drop_column("payment_control", column)
