"""The nightly check of the books as a kind of job."""

from importlib import import_module

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_words = import_module("app.schema.versions.0013_corrections")


def upgrade() -> None:
    """Go forward."""
    _words._allow("job_run", "job_run_kind", "kind", ["LEDGER_VERIFY"])  # noqa: SLF001


def downgrade() -> None:
    """Go back; only while no row uses the new word."""
    kept = [word for word in _words._words("job_run_kind") if word != "LEDGER_VERIFY"]  # noqa: SLF001
    _words._check("job_run", "job_run_kind", "kind", kept)  # noqa: SLF001
