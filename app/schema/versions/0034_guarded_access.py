"""Grants of access stand under forced row-level security like every other table with a division.

Who may do what to whom must not depend on what the one who asks happens to see: two functions that run as the owner answer it.
"""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_GRANTS_OF_USER = """
CREATE FUNCTION grants_of_user(who bigint) RETURNS TABLE (division_id bigint, valid_from date, valid_to date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT a.division_id, a.valid_from, a.valid_to FROM division_access a WHERE a.user_id = who
$$
"""

#: Whoever works in the division may know who else may, also by a grant above it or in the place of somebody absent.
_ACCESS_ON = """
CREATE FUNCTION access_on(which bigint, day date) RETURNS TABLE (
    user_id bigint, username text, name text, division text, valid_from date, valid_to date, basis text, instead_of text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH grants AS (
        SELECT a.user_id, top.name AS division, a.valid_from, a.valid_to, a.basis
        FROM division_access a JOIN division top ON top.id = a.division_id
        JOIN division d ON d.id = which AND starts_with(d.path, top.path)
        WHERE which = ANY (app_divisions()) AND a.valid_from <= day AND (a.valid_to IS NULL OR a.valid_to > day)
    )
    SELECT u.id, u.username, u.first_name || ' ' || u.last_name, g.division, g.valid_from, g.valid_to, g.basis, NULL
    FROM grants g JOIN ab_user u ON u.id = g.user_id WHERE u.active
    UNION ALL
    SELECT u.id, u.username, u.first_name || ' ' || u.last_name, g.division, s.valid_from, s.valid_to, s.basis, absent.name
    FROM grants g JOIN staff_member absent ON absent.user_id = g.user_id
    JOIN substitution s ON s.absent_id = absent.id AND s.valid_from <= day AND s.valid_to > day
    JOIN staff_member substitute ON substitute.id = s.substitute_id JOIN ab_user u ON u.id = substitute.user_id
    WHERE u.active AND day >= absent.valid_from AND coalesce(day < absent.valid_to, true)
      AND day >= substitute.valid_from AND coalesce(day < substitute.valid_to, true)
$$
"""
_SIGNATURES = "grants_of_user(bigint), access_on(bigint, date)"
_INSIDE = "division_id = ANY ((SELECT app_divisions())::bigint[])"


def upgrade() -> None:
    """Go forward."""
    for statement in (_GRANTS_OF_USER, _ACCESS_ON):
        op.get_bind().exec_driver_sql(statement)
    op.execute(f"REVOKE EXECUTE ON FUNCTION {_SIGNATURES} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {_SIGNATURES} TO pcb_web, pcb_worker")
    op.execute("ALTER TABLE division_access ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE division_access FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY every_division ON division_access TO pcb_owner, pcb_worker USING (true) WITH CHECK (true)")
    op.execute(f"CREATE POLICY division_scope ON division_access USING ({_INSIDE}) WITH CHECK ({_INSIDE})")


def downgrade() -> None:
    """Go back."""
    op.execute("DROP POLICY division_scope ON division_access")
    op.execute("DROP POLICY every_division ON division_access")
    op.execute("ALTER TABLE division_access NO FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE division_access DISABLE ROW LEVEL SECURITY")
    op.execute("DROP FUNCTION access_on(bigint, date)")
    op.execute("DROP FUNCTION grants_of_user(bigint)")
