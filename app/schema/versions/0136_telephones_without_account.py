"""A message may go to a telephone that belongs to no account: the code and the steps of who applies for a connection."""

from alembic import op

revision = "0136"
down_revision = "0126"
branch_labels = None
depends_on = None

phase = "EXPAND"

_ONE = "num_nonnulls(account_id, user_id) = 1"
_OR_NONE = f"{_ONE} OR (num_nonnulls(account_id, user_id) = 0 AND channel = 'SMS')"


def upgrade() -> None:
    """Go forward."""
    _recipient(f"CHECK ({_OR_NONE})")
    op.execute("CREATE INDEX application_of_phone_idx ON application (phone, id) WHERE account_id IS NULL")


def downgrade() -> None:
    """Go back; messages that went to nobody's telephone stay as they are."""
    op.execute("DROP INDEX application_of_phone_idx")
    _recipient(f"CHECK ({_ONE}) NOT VALID")


def _recipient(rule: str) -> None:
    op.execute("ALTER TABLE notice DROP CONSTRAINT notice_recipient")
    op.execute(f"ALTER TABLE notice ADD CONSTRAINT notice_recipient {rule}")
