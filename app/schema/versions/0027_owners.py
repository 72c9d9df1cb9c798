"""What acts about owners need: supplies that begin anew, accounts that continue another, joined consumers, readings withdrawn."""

from importlib import import_module

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_charges = import_module("app.schema.versions.0012_charges")
_KINDS = ("reading", "kind", "reading_kind", ("WITHDRAWAL",))
_INDEX = "CREATE INDEX supply_account_id_idx ON supply (account_id, valid_from) INCLUDE (valid_to, service_point_id, tariff_group_id"


def upgrade() -> None:
    """Go forward."""
    op.execute("ALTER TABLE supply ADD COLUMN begins_anew boolean DEFAULT false NOT NULL")
    op.execute("DROP INDEX supply_account_id_idx")
    op.execute(f"{_INDEX}, begins_anew)")
    op.execute("ALTER TABLE account ADD COLUMN continues_id bigint CONSTRAINT account_continues_id_fkey REFERENCES account (id)")
    op.execute("CREATE INDEX account_continues_id_idx ON account (continues_id) WHERE continues_id IS NOT NULL")
    op.execute("ALTER TABLE account DROP CONSTRAINT account_period_rises")
    op.execute("ALTER TABLE account ADD CONSTRAINT account_period_rises CHECK (closed_on IS NULL OR closed_on >= opened_on)")
    op.execute("ALTER TABLE consumer ADD COLUMN joined_to_id bigint CONSTRAINT consumer_joined_to_id_fkey REFERENCES consumer (id)")
    op.execute("CREATE INDEX consumer_joined_to_id_idx ON consumer (joined_to_id) WHERE joined_to_id IS NOT NULL")
    op.execute("ALTER TABLE consumer ADD CONSTRAINT consumer_joined_to_another CHECK (joined_to_id <> id)")
    op.execute(_charges._learn(*_KINDS))  # noqa: SLF001


def downgrade() -> None:
    """Go back; only while no act used what this brings."""
    op.execute(_charges._forget(*_KINDS))  # noqa: SLF001
    op.execute("ALTER TABLE consumer DROP COLUMN joined_to_id")
    op.execute("ALTER TABLE account DROP CONSTRAINT account_period_rises")
    op.execute("ALTER TABLE account ADD CONSTRAINT account_period_rises CHECK (closed_on IS NULL OR closed_on > opened_on)")
    op.execute("ALTER TABLE account DROP COLUMN continues_id")
    op.execute("DROP INDEX supply_account_id_idx")
    op.execute(f"{_INDEX})")
    op.execute("ALTER TABLE supply DROP COLUMN begins_anew")
