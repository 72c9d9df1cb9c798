"""Supplies without a meter are kept as they come and go: to find them among all supplies took seconds in a country."""

from alembic import op

revision = "0146"
down_revision = "0125"
branch_labels = None
depends_on = None

phase = "EXPAND"

_INSIDE = "division_id = ANY ((SELECT app_divisions())::bigint[])"
#: A supply that goes on, where no meter counts, and that is billed by no norm either; since the later of its own first day and the meter's last.
_FOUND = """
    SELECT s.id, s.division_id, greatest(s.valid_from, (SELECT max(e.valid_to) FROM meter_installation e WHERE e.service_point_id = s.service_point_id))
    FROM supply s
    WHERE s.valid_to IS NULL
      AND NOT EXISTS (SELECT FROM meter_installation i WHERE i.service_point_id = s.service_point_id AND i.valid_to IS NULL)
      AND NOT EXISTS (SELECT FROM supply_term t WHERE t.account_id = s.account_id AND t.kind = 'UNMETERED_NORM' AND t.valid_to IS NULL)
"""
_KEEP = f"""
    CREATE FUNCTION keep_unmetered_supplies() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path TO public, pg_temp AS $$
    DECLARE
        changed CONSTANT jsonb := to_jsonb(coalesce(NEW, OLD));
        places CONSTANT bigint[] := CASE TG_ARGV[0]
            WHEN 'supply_term' THEN ARRAY(SELECT service_point_id FROM supply WHERE account_id = (changed ->> 'account_id')::bigint)
            ELSE ARRAY[(changed ->> 'service_point_id')::bigint] END;
    BEGIN
        DELETE FROM unmetered_supply u USING supply s WHERE s.id = u.supply_id AND s.service_point_id = ANY (places);
        INSERT INTO unmetered_supply (supply_id, division_id, since) {_FOUND} AND s.service_point_id = ANY (places);
        RETURN NULL;
    END $$
"""
_TABLES = ("supply", "meter_installation", "supply_term")
_STATEMENTS = (
    """
    CREATE TABLE unmetered_supply (
        supply_id bigint NOT NULL CONSTRAINT unmetered_supply_supply_id_fkey REFERENCES supply (id) ON DELETE CASCADE,
        CONSTRAINT unmetered_supply_pkey PRIMARY KEY (supply_id),
        division_id bigint NOT NULL CONSTRAINT unmetered_supply_division_id_fkey REFERENCES division (id),
        since date NOT NULL
    )
    """,
    "CREATE INDEX unmetered_supply_division_id_idx ON unmetered_supply (division_id, supply_id)",
    "GRANT SELECT ON unmetered_supply TO pcb_web, pcb_worker",
    "ALTER TABLE unmetered_supply ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    "CREATE POLICY every_division ON unmetered_supply TO pcb_owner, pcb_worker USING (true) WITH CHECK (true)",
    f"CREATE POLICY division_scope ON unmetered_supply USING ({_INSIDE}) WITH CHECK ({_INSIDE})",
    _KEEP,
    "REVOKE ALL ON FUNCTION keep_unmetered_supplies() FROM PUBLIC",
    f"INSERT INTO unmetered_supply (supply_id, division_id, since) {_FOUND}",
    *(
        f"""
        CREATE TRIGGER {table}_unmetered AFTER INSERT OR UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION keep_unmetered_supplies('{table}')
        """
        for table in _TABLES
    ),
)


def upgrade() -> None:
    """Go forward; nothing may be installed meanwhile, so that the list begins right."""
    op.execute("SET LOCAL statement_timeout = 0")
    op.execute(f"LOCK TABLE {', '.join(_TABLES)} IN SHARE ROW EXCLUSIVE MODE")
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Go back."""
    for table in _TABLES:
        op.execute(f"DROP TRIGGER {table}_unmetered ON {table}")
    op.execute("DROP FUNCTION keep_unmetered_supplies()")
    op.execute("DROP TABLE unmetered_supply")
