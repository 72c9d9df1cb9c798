"""Whoever looks at an application is recorded, also where it is about no account."""

from alembic import op

revision = "0156"
down_revision = "0155"
branch_labels = None
depends_on = None

phase = "EXPAND"

_TABLES = "account,bill,consumer,job_run,notice,payment,reading_import,stored_file,tender"
_FUNCTION = """
    CREATE OR REPLACE FUNCTION public.write_reading(page text, query jsonb, tables text[], ids bigint[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $_$
DECLARE
    shown record;
BEGIN
    FOR shown IN SELECT name, array_agg(DISTINCT row_id) AS row_ids FROM unnest(tables, ids) AS each_(name, row_id) GROUP BY name LOOP
        IF shown.name <> ALL ('{%(tables)s}'::text[]) THEN
            RAISE EXCEPTION 'readings of %% are not recorded', shown.name;
        END IF;
        EXECUTE format(
            'WITH made AS (
                INSERT INTO audit_entry (division_id, actor, address, table_name, row_id, operation, after)
                SELECT r.division_id, $1, $2, %%L, r.id, ''READ'', $3 FROM %%I r WHERE r.id = ANY ($4) ORDER BY r.id RETURNING id
            ) INSERT INTO audit_pending (audit_entry_id) SELECT id FROM made', shown.name, shown.name)
        USING coalesce(nullif(current_setting('app.actor', true), ''), 'system'), nullif(current_setting('app.address', true), ''),
              jsonb_build_object('page', page, 'query', query), shown.row_ids;
    END LOOP;
END $_$
"""


def upgrade() -> None:
    """Go forward."""
    op.execute(_FUNCTION % {"tables": f"application,{_TABLES}"})


def downgrade() -> None:
    """Go back."""
    op.execute(_FUNCTION % {"tables": _TABLES})
