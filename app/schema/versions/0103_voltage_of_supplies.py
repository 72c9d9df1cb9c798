"""The voltage an account is supplied at is a dated term, by which sales are told apart."""

from alembic import op

revision = "0103"
down_revision = "0110"
branch_labels = None
depends_on = None

phase = "EXPAND"

_BEFORE = (
    "FAMILIES", "CONTRACT_LIMIT", "DEMAND", "TG_NORM", "LOSS_PERCENT", "LOSS_BOUNDARY", "UNMETERED_NORM", "ADVANCE_PERCENT", "RESIDENTS",
    "CAPACITY",
)  # fmt: skip


def upgrade() -> None:
    """Go forward."""
    _allow((*_BEFORE, "VOLTAGE"))


def downgrade() -> None:
    """Go back."""
    op.execute("DELETE FROM supply_term WHERE kind = 'VOLTAGE'")
    _allow(_BEFORE)


def _allow(kinds: tuple[str, ...]) -> None:
    op.execute("ALTER TABLE supply_term DROP CONSTRAINT supply_term_kind")
    named = ", ".join(f"'{kind}'" for kind in kinds)
    op.execute(f"ALTER TABLE supply_term ADD CONSTRAINT supply_term_kind CHECK (kind IN ({named})) NOT VALID")
    op.execute("ALTER TABLE supply_term VALIDATE CONSTRAINT supply_term_kind")
