"""Messages know how they ended: claimed before they are sent, with every attempt, a last moment and the provider's number.

No gateway existed before, so a message that was marked as sent never left: it is marked as expired.
"""

from importlib import import_module

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_charges = import_module("app.schema.versions.0012_charges")
_head = _charges._head  # noqa: SLF001
_learn = _charges._learn  # noqa: SLF001
_forget = _charges._forget  # noqa: SLF001
_guard = _charges._guard  # noqa: SLF001
_PROBLEMS = "NO_CONNECTION WRONG_CREDENTIALS BUSY REFUSED NO_ANSWER UNREADABLE_ANSWER WORKER_ENDED".split()
_OUTCOMES = "SENT REFUSED NOT_SENT UNKNOWN".split()
_KINDS = "PORTAL_CODE MESSAGE STAFF_PASSWORD".split()
_LEARNT = (
    ("notice", "status", "notice_status", ("SENDING", "IN_DOUBT", "EXPIRED")),
    ("job_run", "status", "job_run_status", ("PARTLY", "REFUSED")),
)

_COLUMNS = f"""
ALTER TABLE notice
    ADD COLUMN user_id integer,
    ADD COLUMN kind varchar(24) CONSTRAINT notice_kind CHECK (kind IN {(*_KINDS,)}),
    ADD COLUMN channel varchar(24) CONSTRAINT notice_channel CHECK (channel IN ('SMS', 'EMAIL')),
    ADD COLUMN email varchar(320),
    ADD COLUMN subject varchar(200),
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN due_at timestamptz DEFAULT now() NOT NULL,
    ADD COLUMN attempts smallint DEFAULT 0 NOT NULL,
    ADD COLUMN provider varchar(24),
    ADD COLUMN provider_reference varchar(200),
    ADD COLUMN problem varchar(24) CONSTRAINT notice_problem CHECK (problem IN {(*_PROBLEMS,)}),
    ADD COLUMN detail varchar(300),
    ADD COLUMN decided_by varchar(64),
    ADD COLUMN decided_at timestamptz,
    ALTER COLUMN account_id DROP NOT NULL,
    ALTER COLUMN phone DROP NOT NULL
"""

_RULES = """
ALTER TABLE notice
    ALTER COLUMN kind SET NOT NULL,
    ALTER COLUMN channel SET NOT NULL,
    ALTER COLUMN expires_at SET NOT NULL,
    ADD CONSTRAINT notice_user_id_fkey FOREIGN KEY (user_id) REFERENCES ab_user (id),
    ADD CONSTRAINT notice_recipient CHECK (num_nonnulls(account_id, user_id) = 1),
    ADD CONSTRAINT notice_address CHECK (
        (channel = 'SMS') = (phone IS NOT NULL) AND (channel = 'EMAIL') = (email IS NOT NULL AND subject IS NOT NULL)
    )
"""

_ATTEMPT = f"""
CREATE TABLE notice_attempt (
    {_head("notice_attempt", account=False)}
    notice_id bigint NOT NULL CONSTRAINT notice_attempt_notice_id_fkey REFERENCES notice (id),
    number smallint NOT NULL,
    job_run_id bigint NOT NULL CONSTRAINT notice_attempt_job_run_id_fkey REFERENCES job_run (id),
    provider varchar(24) NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    outcome varchar(24) CONSTRAINT notice_attempt_outcome CHECK (outcome IN {(*_OUTCOMES,)}),
    problem varchar(24) CONSTRAINT notice_attempt_problem CHECK (problem IN {(*_PROBLEMS,)}),
    detail varchar(300),
    CONSTRAINT notice_attempt_notice_id_number_key UNIQUE (notice_id, number)
)
"""


def upgrade() -> None:
    """Go forward."""
    for learnt in _LEARNT:
        op.execute(_learn(*learnt))
    op.execute(_COLUMNS)
    # All messages were codes of the portal.
    op.execute(
        "UPDATE notice SET kind = 'PORTAL_CODE', channel = 'SMS', expires_at = created_at + interval '5 minutes', sent_at = NULL, "
        "status = CASE status WHEN 'SENT' THEN 'EXPIRED' ELSE status END"
    )
    op.execute(_RULES)
    op.execute("DROP INDEX notice_queued_idx")
    op.execute("CREATE INDEX notice_queued_idx ON notice (expires_at, id) WHERE status = 'QUEUED'")
    op.execute("CREATE INDEX notice_user_id_idx ON notice (user_id)")
    op.execute(_ATTEMPT)
    op.execute("CREATE INDEX notice_attempt_open_idx ON notice_attempt (job_run_id) WHERE outcome IS NULL")
    op.execute("CREATE INDEX notice_attempt_division_id_idx ON notice_attempt (division_id)")
    _guard("notice_attempt")
    op.execute("GRANT SELECT ON notice_attempt TO pcb_web, pcb_worker, pcb_report")
    op.execute("GRANT INSERT, UPDATE ON notice_attempt TO pcb_worker")
    # People decide about single messages: each change keeps the old and the new row.
    op.execute("DROP TRIGGER notice_audit_update ON notice")
    op.execute("CREATE TRIGGER notice_audit_update AFTER UPDATE ON notice FOR EACH ROW EXECUTE FUNCTION write_audit()")


def downgrade() -> None:
    """Go back; messages to users go, and what is in doubt or expired counts as failed."""
    op.execute("DROP TABLE notice_attempt")
    op.execute("DELETE FROM notice WHERE account_id IS NULL OR phone IS NULL")
    op.execute("UPDATE notice SET status = 'FAILED' WHERE status IN ('SENDING', 'IN_DOUBT', 'EXPIRED')")
    op.execute("UPDATE job_run SET status = CASE status WHEN 'PARTLY' THEN 'DONE' ELSE 'FAILED' END WHERE status IN ('PARTLY', 'REFUSED')")
    op.execute("DROP TRIGGER notice_audit_update ON notice")
    op.execute(
        "CREATE TRIGGER notice_audit_update AFTER UPDATE ON notice REFERENCING NEW TABLE AS moved "
        "FOR EACH STATEMENT EXECUTE FUNCTION write_statement()"
    )
    op.execute("DROP INDEX notice_queued_idx, notice_user_id_idx")
    op.execute("CREATE INDEX notice_queued_idx ON notice (id) WHERE status = 'QUEUED'")
    op.execute("ALTER TABLE notice DROP CONSTRAINT notice_address, DROP CONSTRAINT notice_recipient")
    gone = "user_id kind channel email subject expires_at due_at attempts provider provider_reference problem detail decided_by decided_at"
    op.execute("ALTER TABLE notice " + ", ".join(f"DROP COLUMN {column}" for column in gone.split()))
    op.execute("ALTER TABLE notice ALTER COLUMN account_id SET NOT NULL, ALTER COLUMN phone SET NOT NULL")
    for learnt in _LEARNT:
        op.execute(_forget(*learnt))
