"""Reports read their own schema and nothing else; the secret of a second factor waits on the server until it is confirmed."""

from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

_VIEWS = ("bill", "payment", "account_balance")


def upgrade() -> None:
    """Go forward."""
    op.execute("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM pcb_report")
    op.execute("REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM pcb_report")
    op.execute("REVOKE USAGE ON SCHEMA public FROM pcb_report")
    # The views show all divisions to whoever may read them, so requests may not.
    for view in _VIEWS:
        op.execute(f"REVOKE ALL ON report.{view} FROM pcb_web")
        op.execute(f"ALTER VIEW report.{view} SET (security_invoker = false, security_barrier = true)")
    op.execute("REVOKE USAGE ON SCHEMA report FROM pcb_web")
    op.execute("ALTER TABLE user_session ADD COLUMN totp_secret VARCHAR(64)")


def downgrade() -> None:
    """Go back."""
    op.execute("ALTER TABLE user_session DROP COLUMN totp_secret")
    op.execute("GRANT USAGE ON SCHEMA report TO pcb_web")
    for view in _VIEWS:
        op.execute(f"ALTER VIEW report.{view} SET (security_invoker = true, security_barrier = false)")
        op.execute(f"GRANT SELECT ON report.{view} TO pcb_web")
    op.execute("GRANT USAGE ON SCHEMA public TO pcb_report")
    op.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO pcb_report")
    op.execute("REVOKE SELECT ON ab_user, portal_code, payment_contract, audit_entry, gateway_call, row_version FROM pcb_report")
