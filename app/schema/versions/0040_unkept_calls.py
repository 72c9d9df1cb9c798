"""Calls at the providers' addresses that show no key are counted by day, and not kept."""

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_CHANNELS = "'CASHIER', 'PAYME', 'BANK', 'POST', 'PAYNET', 'CLICK', 'UZUM', 'SMS'"


def upgrade() -> None:
    """Go forward."""
    op.execute(
        f"""
        CREATE TABLE unkept_call (
            day DATE NOT NULL,
            channel VARCHAR(24) NOT NULL,
            reason VARCHAR(24) NOT NULL,
            count BIGINT NOT NULL,
            CONSTRAINT unkept_call_pkey PRIMARY KEY (day, channel, reason),
            CONSTRAINT unkept_call_channel CHECK (channel IN ({_CHANNELS})),
            CONSTRAINT unkept_call_reason CHECK (reason IN ('WITHOUT_KEY', 'TOO_MANY_WRONG_KEYS'))
        )
        """
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON unkept_call TO pcb_web, pcb_worker")
    op.execute("GRANT SELECT ON unkept_call TO pcb_report")


def downgrade() -> None:
    """Go back."""
    op.execute("DROP TABLE unkept_call")
