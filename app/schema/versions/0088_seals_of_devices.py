"""Devices are found by their seals, and a seal stands on one device."""

from alembic import op

revision = "0088"
down_revision = "0091"
branch_labels = None
depends_on = None

phase = "EXPAND"

_STATEMENTS = (
    "SET LOCAL statement_timeout = 0",
    "CREATE INDEX movement_seals_idx ON movement USING gin ((details -> 'seals')) WHERE event = 'SEAL'",
    """
    CREATE FUNCTION devices_sealed(seal text) RETURNS SETOF bigint LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
        SELECT m.device_id FROM movement m WHERE m.event = 'SEAL' AND m.details -> 'seals' ? seal AND m.reverses_id IS NULL
            AND NOT EXISTS (SELECT FROM movement u WHERE u.reverses_id = m.id) AND m.division_id IN (SELECT unnest(app_divisions()))
    $$
    """,
    "REVOKE ALL ON FUNCTION devices_sealed(text) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION devices_sealed(text) TO pcb_web, pcb_worker",
)


def upgrade() -> None:
    """Go forward."""
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Go back."""
    op.execute("DROP FUNCTION devices_sealed(text)")
    op.execute("DROP INDEX movement_seals_idx")
