"""Users of the portal who are known by OneID: their JSHSHIR takes the place of a telephone, and finds their accounts."""

from alembic import op

revision = "0143"
down_revision = "0142"
branch_labels = None
depends_on = None

phase = "EXPAND"

_PROVED = "(x.granted_by_id IS NOT NULL OR x.phone = c.phone)"
_PROVED_ANEW = (
    "(x.granted_by_id IS NOT NULL OR x.phone = c.phone "
    "OR x.is_by_oneid AND c.pinfl = (SELECT u.pinfl FROM portal_user u WHERE u.id = x.portal_user_id))"
)


def upgrade() -> None:
    """Go forward."""
    op.execute(
        "ALTER TABLE portal_user ADD COLUMN pinfl varchar(14) CONSTRAINT portal_user_pinfl_key UNIQUE, ALTER COLUMN phone DROP NOT NULL, "
        "ADD CONSTRAINT portal_user_known CHECK (num_nonnulls(phone, pinfl) >= 1)"
    )
    op.execute("ALTER TABLE portal_access ADD COLUMN is_by_oneid boolean DEFAULT false NOT NULL")
    _rewrite(_PROVED, _PROVED_ANEW)


def downgrade() -> None:
    """Go back; only while nobody is known by OneID alone."""
    _rewrite(_PROVED_ANEW, _PROVED)
    op.execute("ALTER TABLE portal_access DROP COLUMN is_by_oneid")
    op.execute("ALTER TABLE portal_user DROP CONSTRAINT portal_user_known, ALTER COLUMN phone SET NOT NULL, DROP COLUMN pinfl")


def _rewrite(old: str, new: str) -> None:
    """Change how the function of accesses tells which of them hold, whatever else it says."""
    op.execute(f"""
        DO $do$
        DECLARE given text := pg_get_functiondef('portal_accesses(bigint)'::regprocedure);
        BEGIN
            IF position($old${old}$old$ IN given) = 0 THEN
                RAISE EXCEPTION 'the function of accesses is another';
            END IF;
            EXECUTE replace(given, $old${old}$old$, $new${new}$new$);
        END $do$
    """)
