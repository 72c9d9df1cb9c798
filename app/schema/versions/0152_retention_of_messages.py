"""Messages that wait are found by their number; answers to apps and messages of consumers are deleted when they are old."""

from alembic import op

revision = "0152"
down_revision = "0149"
branch_labels = None
depends_on = None

phase = "EXPAND"


def upgrade() -> None:
    """Go forward."""
    op.execute("CREATE INDEX notice_phone_unsent_idx ON notice (phone) WHERE phone IS NOT NULL AND sent_at IS NULL")
    op.execute("GRANT DELETE ON consumer_reply, inquiry TO pcb_worker")
    # What a call changed is audited in its own tables; the answer would be kept longer in the trail than by itself.
    op.execute("DROP TRIGGER consumer_reply_audit ON consumer_reply")


def downgrade() -> None:
    """Go back."""
    op.execute("""
        CREATE TRIGGER consumer_reply_audit AFTER INSERT OR UPDATE OR DELETE ON consumer_reply
            FOR EACH ROW EXECUTE FUNCTION write_audit('consumer_reply')
    """)
    op.execute("REVOKE DELETE ON consumer_reply, inquiry FROM pcb_worker")
    op.execute("DROP INDEX notice_phone_unsent_idx")
