"""No reading stands outside the days its meter served; a meter is installed on a day on which it is verified."""

from alembic import op

revision = "0090"
down_revision = "0089"
branch_labels = None
depends_on = None

phase = "EXPAND"

#: Readings of a statement are looked at together; each installation by its key, however many there are.
_READ = """
    CREATE FUNCTION refuse_reading_of_no_meter() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path TO public, pg_temp AS $$
    DECLARE
        strange bigint;
    BEGIN
        SELECT a.id INTO strange FROM added a JOIN meter_installation i ON i.id = a.meter_installation_id
        WHERE a.kind <> 'WITHDRAWAL' AND (a.read_on < i.valid_from OR a.read_on > i.valid_to OR i.valid_to = i.valid_from) LIMIT 1;
        IF strange IS NOT NULL THEN
            RAISE EXCEPTION 'reading % lies outside the days its meter served', strange
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reading_of_no_meter';
        END IF;
        RETURN NULL;
    END $$
"""
_VERIFIED = """
    CREATE FUNCTION refuse_unverified_meter() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path TO public, pg_temp AS $$
    BEGIN
        IF EXISTS (SELECT FROM device d WHERE d.id = NEW.meter_id AND d.verified_to <= NEW.valid_from) THEN
            RAISE EXCEPTION 'meter % is not verified on %', NEW.meter_id, NEW.valid_from
            USING ERRCODE = 'check_violation', CONSTRAINT = 'meter_is_not_verified';
        END IF;
        RETURN NEW;
    END $$
"""
_STATEMENTS = (
    _READ,
    _VERIFIED,
    "REVOKE ALL ON FUNCTION refuse_reading_of_no_meter(), refuse_unverified_meter() FROM PUBLIC",
    """
    CREATE TRIGGER reading_of_its_meter AFTER INSERT ON reading REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_reading_of_no_meter()
    """,
    """
    CREATE TRIGGER meter_installation_verified BEFORE INSERT OR UPDATE OF meter_id, valid_from ON meter_installation
    FOR EACH ROW EXECUTE FUNCTION refuse_unverified_meter()
    """,
)


def upgrade() -> None:
    """Go forward."""
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Go back."""
    op.execute("DROP TRIGGER reading_of_its_meter ON reading")
    op.execute("DROP TRIGGER meter_installation_verified ON meter_installation")
    op.execute("DROP FUNCTION refuse_reading_of_no_meter(), refuse_unverified_meter()")
