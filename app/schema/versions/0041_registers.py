"""Registers of reactive energy and capacity leave no consumption, but bills that stand are made with their readings too."""

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_STANDS = "b.cancels_id IS NULL AND NOT EXISTS (SELECT 1 FROM bill x WHERE x.cancels_id = b.id)"
_BY_CONSUMPTION = f"""
    EXISTS (SELECT 1 FROM consumption c JOIN bill b ON b.id = c.bill_id AND {_STANDS}
            WHERE c.account_id = r.account_id AND r.id IN (c.earlier_reading_id, c.later_reading_id))
"""
_BY_DAYS = f"""
    (EXISTS (SELECT 1 FROM register g WHERE g.id = r.register_id AND g.code IN ('REACTIVE', 'DEMAND'))
     AND EXISTS (SELECT 1 FROM bill b WHERE b.account_id = r.account_id AND b.quality = 'ACTUAL'
                 AND r.read_on BETWEEN b.period_from AND b.period_to AND {_STANDS}))
"""


def _readings(condition: str) -> str:
    return f"""
    CREATE OR REPLACE FUNCTION billed_readings(installation bigint, counter bigint) RETURNS SETOF reading
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT r.* FROM reading r
        WHERE (installation IS NULL OR r.meter_installation_id = installation) AND (counter IS NULL OR r.register_id = counter)
          AND {condition}
    $$
    """


def upgrade() -> None:
    op.execute(_readings(f"({_BY_CONSUMPTION} OR {_BY_DAYS})"))


def downgrade() -> None:
    op.execute(_readings(_BY_CONSUMPTION))
