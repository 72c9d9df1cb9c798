"""Names of departments and of contracts with payment providers in the languages of readers."""

from alembic import op

revision = "0079"
down_revision = "0078"
branch_labels = None
depends_on = None

phase = "EXPAND"

_TABLES = ("department", "payment_contract")


def upgrade() -> None:
    """Go forward."""
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} ADD COLUMN name_uz_cyrl varchar(200), ADD COLUMN name_ru varchar(200)")


def downgrade() -> None:
    """Go back."""
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} DROP COLUMN name_uz_cyrl, DROP COLUMN name_ru")
