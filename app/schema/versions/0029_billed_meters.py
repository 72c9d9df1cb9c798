"""What bills were made with stays: meters, registers and installations under them; one meter at a place, one number a meter.

A meter's number is compared without blanks, dashes, case and leading zeros, whatever the model. Numbers that stand twice
already are marked ``is_double``, but for the first, and listed on the meters' page.
"""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_STANDS = "b.cancels_id IS NULL AND NOT EXISTS (SELECT 1 FROM bill x WHERE x.cancels_id = b.id)"
_AS_OWNER = "SECURITY DEFINER SET search_path = public, pg_temp"

_FUNCTIONS = (
    """
    CREATE FUNCTION meter_serial(written text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT ltrim(upper(regexp_replace(written, '[^[:alnum:]]', '', 'g')), '0')
    $$
    """,
    # The readings of an installation (or of a register) that a bill which stands names.
    f"""
    CREATE FUNCTION billed_readings(installation bigint, counter bigint) RETURNS SETOF reading
    LANGUAGE sql STABLE {_AS_OWNER} AS $$
        SELECT r.* FROM reading r
        WHERE (installation IS NULL OR r.meter_installation_id = installation) AND (counter IS NULL OR r.register_id = counter)
          AND EXISTS (
              SELECT 1 FROM consumption c JOIN bill b ON b.id = c.bill_id AND {_STANDS}
              WHERE c.account_id = r.account_id AND r.id IN (c.earlier_reading_id, c.later_reading_id))
    $$
    """,
    f"""
    CREATE FUNCTION keep_billed_installation() RETURNS trigger LANGUAGE plpgsql {_AS_OWNER} AS $$
    BEGIN
        IF (OLD.meter_id, OLD.service_point_id, OLD.valid_from, OLD.ct_primary, OLD.ct_secondary, OLD.vt_primary, OLD.vt_secondary)
           IS DISTINCT FROM
           (NEW.meter_id, NEW.service_point_id, NEW.valid_from, NEW.ct_primary, NEW.ct_secondary, NEW.vt_primary, NEW.vt_secondary)
           AND EXISTS (SELECT 1 FROM billed_readings(OLD.id, NULL)) THEN
            RAISE EXCEPTION 'bills were made with installation %', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'meter_installation_is_billed';
        END IF;
        IF EXISTS (
            SELECT 1 FROM reading r
            WHERE r.meter_installation_id = OLD.id AND r.kind <> 'WITHDRAWAL' AND (r.read_on < NEW.valid_from OR r.read_on > NEW.valid_to)
              AND NOT EXISTS (SELECT 1 FROM reading n WHERE n.replaces_id = r.id)
        ) THEN
            RAISE EXCEPTION 'installation % was read outside its days', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'meter_installation_was_read';
        END IF;
        RETURN NEW;
    END $$
    """,
    f"""
    CREATE FUNCTION keep_billed_register() RETURNS trigger LANGUAGE plpgsql {_AS_OWNER} AS $$
    BEGIN
        IF EXISTS (
            SELECT 1 FROM meter_installation i CROSS JOIN LATERAL billed_readings(i.id, OLD.id) WHERE i.meter_id = OLD.meter_id
        ) THEN
            RAISE EXCEPTION 'bills were made with register %', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'register_is_billed';
        END IF;
        RETURN NEW;
    END $$
    """,
    # A later verification is no change of what was billed: a bill is computed again with the one of its day.
    f"""
    CREATE FUNCTION keep_billed_meter() RETURNS trigger LANGUAGE plpgsql {_AS_OWNER} AS $$
    BEGIN
        IF EXISTS (
            SELECT 1 FROM meter_installation i CROSS JOIN LATERAL billed_readings(i.id, NULL) r
            WHERE i.meter_id = OLD.id
              AND ((OLD.division_id, OLD.model_id, OLD.serial_number) IS DISTINCT FROM (NEW.division_id, NEW.model_id, NEW.serial_number)
                   OR (NEW.verified_to < coalesce(OLD.verified_to, 'infinity') AND NEW.verified_to < r.read_on))
        ) THEN
            RAISE EXCEPTION 'bills were made with meter %', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'meter_is_billed';
        END IF;
        RETURN NEW;
    END $$
    """,
)

#: Two meters that count the same register at one place: whoever writes one waits for who writes the other.
_OCCUPIED = """
CREATE FUNCTION refuse_occupied_{table}() RETURNS trigger LANGUAGE plpgsql {as_owner} AS $$
BEGIN
    PERFORM 1 FROM service_point p
    WHERE p.id IN (SELECT i.service_point_id FROM meter_installation i WHERE i.id IN ({chosen})) ORDER BY p.id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT 1 FROM meter_installation n
        JOIN meter_installation o ON o.service_point_id = n.service_point_id AND o.id <> n.id
            AND daterange(o.valid_from, o.valid_to) && daterange(n.valid_from, n.valid_to)
        JOIN register g ON g.meter_id = n.meter_id
        JOIN register h ON h.meter_id = o.meter_id AND h.code = g.code
        WHERE n.id IN ({chosen})
    ) THEN
        RAISE EXCEPTION 'another meter counts at this service point'
        USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'service_point_is_occupied';
    END IF;
    RETURN NULL;
END $$
"""
_CHOSEN = {
    "meter_installation": "SELECT c.id FROM changed c",
    "register": "SELECT i.id FROM changed c JOIN meter_installation i ON i.meter_id = c.meter_id",
}
_KEPT = {"meter_installation": "installation", "register": "register", "meter": "meter"}
_KEEPING = tuple(f"keep_billed_{word}()" for word in _KEPT.values())
_DOUBLES = """
    UPDATE meter m SET is_double = true
    WHERE EXISTS (SELECT 1 FROM meter o WHERE meter_serial(o.serial_number) = meter_serial(m.serial_number) AND o.id < m.id)
"""


def upgrade() -> None:
    """Go forward; numbers that stand twice are marked and stay."""
    for statement in _FUNCTIONS:
        op.execute(statement)
    for table, chosen in _CHOSEN.items():
        op.execute(_OCCUPIED.format(table=table, chosen=chosen, as_owner=_AS_OWNER))
        for event in ("INSERT", "UPDATE"):
            op.execute(
                f"CREATE TRIGGER {table}_occupied_{event.lower()} AFTER {event} ON {table} REFERENCING NEW TABLE AS changed "
                f"FOR EACH STATEMENT EXECUTE FUNCTION refuse_occupied_{table}()"
            )
    op.execute("ALTER TABLE meter ADD COLUMN is_double boolean DEFAULT false NOT NULL")
    op.execute("CREATE INDEX meter_serial_idx ON meter (meter_serial(serial_number))")
    op.execute(_DOUBLES)
    op.execute("CREATE UNIQUE INDEX meter_serial_key ON meter (meter_serial(serial_number)) WHERE NOT is_double")
    op.execute("DROP INDEX meter_serial_idx")
    for table, word in _KEPT.items():
        op.execute(
            f"CREATE TRIGGER {table}_billed BEFORE UPDATE ON {table} FOR EACH ROW "
            f"WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION keep_billed_{word}()"
        )
    for function in (*_KEEPING, *(f"refuse_occupied_{table}()" for table in _CHOSEN), "billed_readings(bigint, bigint)"):
        op.execute(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC")


def downgrade() -> None:
    """Go back."""
    for table in _KEPT:
        op.execute(f"DROP TRIGGER {table}_billed ON {table}")
    op.execute("DROP INDEX meter_serial_key")
    op.execute("ALTER TABLE meter DROP COLUMN is_double")
    for table in _CHOSEN:
        for event in ("insert", "update"):
            op.execute(f"DROP TRIGGER {table}_occupied_{event} ON {table}")
        op.execute(f"DROP FUNCTION refuse_occupied_{table}()")
    op.execute(f"DROP FUNCTION {', '.join(_KEEPING)}")
    op.execute("DROP FUNCTION billed_readings(bigint, bigint), meter_serial(text)")
