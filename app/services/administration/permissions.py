"""What pages allow, written set-wise into the framework's tables: one statement a table, however many pages there are."""

from collections.abc import Collection, Mapping

from sqlalchemy import text
from sqlalchemy.orm import Session

#: A permission and the page or menu entry it is about.
Permission = tuple[str, str]

_PAIRS = "SELECT * FROM unnest(CAST(:permissions AS text[]), CAST(:views AS text[])) AS pair (permission, view)"
_KNOWN = """
    SELECT pv.id, p.name AS permission, v.name AS view
    FROM ab_permission_view pv JOIN ab_permission p ON p.id = pv.permission_id JOIN ab_view_menu v ON v.id = pv.view_menu_id
"""


def write(
    session: Session, *, offered: Collection[Permission], pages: Collection[str], roles: Mapping[str, Collection[Permission]], almighty: str
) -> None:
    """Make roles and permissions that are missing, and give each role its own; what an office added to a role stays.

    :param offered: what pages and menu entries allow
    :param pages: pages that lose every permission they do not allow any more and no role here holds
    :param roles: what each role holds at least
    :param almighty: the role that holds everything
    """
    all_pairs = sorted({*offered, *(pair for held in roles.values() for pair in held)})
    _make(session, all_pairs)
    _forget(session, all_pairs, pages)
    session.execute(
        text("INSERT INTO ab_role (name) SELECT unnest(CAST(:names AS text[])) ON CONFLICT (name) DO NOTHING"),
        {"names": sorted({*roles, almighty})},
    )
    for role, held in {**roles, almighty: all_pairs}.items():
        _give(session, role, held)


def _make(session: Session, pairs: Collection[Permission]) -> None:
    given = _columns(pairs)
    for table, column in (("ab_permission", "permission"), ("ab_view_menu", "view")):
        session.execute(
            text(
                f"INSERT INTO {table} (name) SELECT DISTINCT {column} FROM ({_PAIRS}) AS pairs "
                f"WHERE {column} NOT IN (SELECT name FROM {table}) ORDER BY 1"
            ),
            given,
        )
    session.execute(
        text(
            f"""
            INSERT INTO ab_permission_view (permission_id, view_menu_id)
            SELECT p.id, v.id FROM ({_PAIRS}) AS pairs JOIN ab_permission p ON p.name = pairs.permission
            JOIN ab_view_menu v ON v.name = pairs.view
            WHERE NOT EXISTS (SELECT FROM ab_permission_view pv WHERE pv.permission_id = p.id AND pv.view_menu_id = v.id)
            ORDER BY v.id, p.id
            """
        ),
        given,
    )


def _forget(session: Session, pairs: Collection[Permission], pages: Collection[str]) -> None:
    """Remove what pages do not allow any more; roles lose it too (``ON DELETE CASCADE``)."""
    session.execute(
        text(
            f"""
            DELETE FROM ab_permission_view WHERE id IN (
                SELECT known.id FROM ({_KNOWN}) AS known
                WHERE known.view = ANY (:pages) AND (known.permission, known.view) NOT IN ({_PAIRS}))
            """
        ),
        {**_columns(pairs), "pages": sorted(pages)},
    )


def _give(session: Session, role: str, pairs: Collection[Permission]) -> None:
    session.execute(
        text(
            f"""
            INSERT INTO ab_permission_view_role (permission_view_id, role_id)
            SELECT known.id, r.id FROM ({_PAIRS}) AS pairs JOIN ({_KNOWN}) AS known USING (permission, view), ab_role r
            WHERE r.name = :role
              AND NOT EXISTS (SELECT FROM ab_permission_view_role h WHERE h.permission_view_id = known.id AND h.role_id = r.id)
            ORDER BY known.id
            """
        ),
        {**_columns(sorted(set(pairs))), "role": role},
    )


def _columns(pairs: Collection[Permission]) -> dict[str, list[str]]:
    return {"permissions": [permission for permission, _ in pairs], "views": [view for _, view in pairs]}
