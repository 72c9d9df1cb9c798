"""A closed control takes no entry, a contract keeps its channel, and credentials name one contract.

What is posted of a tender after its control was closed stands under no control. ``open_control`` sees controls of every
division, and holds the one it returns open to the end of the transaction.
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_FUNCTIONS = (
    """
    CREATE FUNCTION open_control(control bigint) RETURNS bigint
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT id FROM payment_control WHERE id = control AND status <> 'CLOSED' FOR SHARE
    $$
    """,
    """
    CREATE FUNCTION refuse_entry_of_closed_control() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF open_control(NEW.payment_control_id) IS NULL THEN
            RAISE EXCEPTION 'payment control % is closed', NEW.payment_control_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_control_is_closed';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE FUNCTION refuse_other_channel() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'payment contract % keeps its channel', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_contract_keeps_its_channel';
    END $$
    """,
)


def upgrade() -> None:
    """Go forward; fails if two active contracts have the same credentials: end one of them first."""
    for statement in _FUNCTIONS:
        op.execute(statement)
    op.execute("REVOKE EXECUTE ON FUNCTION open_control(bigint) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION open_control(bigint) TO pcb_web, pcb_worker")
    op.execute("ALTER TABLE control_entry ALTER COLUMN payment_control_id DROP NOT NULL")
    op.execute(
        "ALTER TABLE control_entry ADD CONSTRAINT control_entry_belongs CHECK (payment_control_id IS NOT NULL OR tender_id IS NOT NULL)"
    )
    op.execute(
        "CREATE TRIGGER control_entry_is_open BEFORE INSERT ON control_entry FOR EACH ROW "
        "WHEN (NEW.payment_control_id IS NOT NULL) EXECUTE FUNCTION refuse_entry_of_closed_control()"
    )
    op.execute(
        "CREATE TRIGGER payment_contract_channel BEFORE UPDATE OF channel ON payment_contract FOR EACH ROW "
        "WHEN (OLD.channel <> NEW.channel) EXECUTE FUNCTION refuse_other_channel()"
    )
    op.execute(
        "CREATE UNIQUE INDEX payment_contract_key ON payment_contract (channel, login, key_sha256) WHERE is_active AND key_sha256 <> ''"
    )
    op.execute(
        "CREATE UNIQUE INDEX payment_contract_signing_key ON payment_contract (channel, service_number, secret) "
        "WHERE is_active AND secret <> '' AND channel IN ('CLICK', 'SMS')"
    )


def downgrade() -> None:
    """Go back; only while no entry stands under no control."""
    op.execute("DROP INDEX payment_contract_key, payment_contract_signing_key")
    op.execute("DROP TRIGGER payment_contract_channel ON payment_contract")
    op.execute("DROP TRIGGER control_entry_is_open ON control_entry")
    op.execute("DROP FUNCTION refuse_other_channel(), refuse_entry_of_closed_control(), open_control(bigint)")
    op.execute("ALTER TABLE control_entry DROP CONSTRAINT control_entry_belongs")
    op.execute("ALTER TABLE control_entry ALTER COLUMN payment_control_id SET NOT NULL")
