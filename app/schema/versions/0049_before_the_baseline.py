"""Where a base stands that was made before the baseline: it goes on from here by the revisions that follow."""

revision = "0049"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Refuse: a new base begins with the baseline (``app.cli.schema``), not with a revision.

    :raises AssertionError: always
    """
    raise AssertionError("an empty database begins with baseline.sql")


def downgrade() -> None:
    """Leave the base as it is; nothing lies before."""
