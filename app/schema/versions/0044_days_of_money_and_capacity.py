"""Money of a provider's day that is closed already is counted by the next day that is not.

A call that came before midnight may be kept after its day was closed. ``counted_control`` holds the control it returns open to
the end of the transaction, so that closing waits for what is being kept. Connected capacity is a dated term.
"""

from importlib import import_module

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

_words = import_module("app.schema.versions.0013_corrections")

_COUNTED = """
CREATE FUNCTION counted_control(control bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    held payment_control%ROWTYPE;
BEGIN
    LOOP
        SELECT * INTO held FROM payment_control WHERE id = control FOR KEY SHARE;
        IF NOT FOUND OR held.status <> 'CLOSED' THEN
            RETURN control;
        END IF;
        IF held.kind <> 'GATEWAY_DAY' THEN
            RAISE EXCEPTION 'payment control % is closed', control
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_control_is_closed';
        END IF;
        INSERT INTO payment_control (division_id, kind, payment_contract_id, business_day)
        VALUES (held.division_id, 'GATEWAY_DAY', held.payment_contract_id, held.business_day + 1)
        ON CONFLICT (payment_contract_id, business_day) WHERE kind = 'GATEWAY_DAY' DO NOTHING;
        SELECT id INTO control FROM payment_control
        WHERE kind = 'GATEWAY_DAY' AND payment_contract_id = held.payment_contract_id AND business_day = held.business_day + 1;
    END LOOP;
END $$
"""

_MOVE = """
CREATE FUNCTION move_to_counted_control() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.payment_control_id IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.payment_control_id IS DISTINCT FROM OLD.payment_control_id) THEN
        NEW.payment_control_id := counted_control(NEW.payment_control_id);
    END IF;
    IF NEW.reversal_control_id IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.reversal_control_id IS DISTINCT FROM OLD.reversal_control_id) THEN
        NEW.reversal_control_id := counted_control(NEW.reversal_control_id);
    END IF;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    """Go forward. Rows of a file are kept under its own control, which is locked while it is loaded."""
    _words._allow("supply_term", "supply_term_kind", "kind", ["CAPACITY"])  # noqa: SLF001
    op.execute(_COUNTED)
    op.execute(_MOVE)
    op.execute("REVOKE EXECUTE ON FUNCTION counted_control(bigint) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION counted_control(bigint) TO pcb_web, pcb_worker")
    calls = "EXECUTE FUNCTION move_to_counted_control()"
    op.execute(
        "CREATE TRIGGER tender_is_counted BEFORE INSERT ON tender FOR EACH ROW "
        f"WHEN (NEW.payment_control_id IS NOT NULL AND NEW.row_no IS NULL) {calls}"
    )
    op.execute(
        "CREATE TRIGGER tender_stays_counted BEFORE UPDATE OF payment_control_id, reversal_control_id ON tender FOR EACH ROW "
        f"WHEN (NEW.payment_control_id IS DISTINCT FROM OLD.payment_control_id "
        f"OR NEW.reversal_control_id IS DISTINCT FROM OLD.reversal_control_id) {calls}"
    )


def downgrade() -> None:
    """Go back; only while no term is a connected capacity."""
    op.execute("DROP TRIGGER tender_is_counted ON tender")
    op.execute("DROP TRIGGER tender_stays_counted ON tender")
    op.execute("DROP FUNCTION move_to_counted_control()")
    op.execute("DROP FUNCTION counted_control(bigint)")
    kept = [word for word in _words._words("supply_term_kind") if word != "CAPACITY"]  # noqa: SLF001
    _words._check("supply_term", "supply_term_kind", "kind", kept)  # noqa: SLF001
