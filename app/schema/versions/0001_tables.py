"""The first tables; their definitions are plain SQL in the file beside this one."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SQL = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Go forward."""
    for statement in _SQL.read_text(encoding="utf-8").split(";\n"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Go back to an empty schema."""
    for line in reversed(_SQL.read_text(encoding="utf-8").splitlines()):
        if line.startswith("CREATE TABLE "):
            op.execute(f"DROP TABLE {line.split()[2]} CASCADE")
