"""What a user may do on a day, from which role, and by whom he has it."""

from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.queries.records import fetch_all

#: Where a role comes from: his own, a group's, or a person's in whose place he works that day.
_SOURCES = """
    SELECT ur.role_id, 'OWN' AS way, '' AS through FROM ab_user_role ur WHERE ur.user_id = :user_id
    UNION ALL
    SELECT gr.role_id, 'GROUP', g.name FROM ab_user_group ug JOIN ab_group g ON g.id = ug.group_id
    JOIN ab_group_role gr ON gr.group_id = g.id WHERE ug.user_id = :user_id
    UNION ALL
    SELECT held.role_id, 'SUBSTITUTION', u.username FROM absent_users(:user_id, :on) AS absent (id) JOIN ab_user u ON u.id = absent.id
    JOIN LATERAL (
        SELECT role_id FROM ab_user_role WHERE user_id = u.id
        UNION SELECT gr.role_id FROM ab_user_group ug JOIN ab_group_role gr ON gr.group_id = ug.group_id WHERE ug.user_id = u.id
    ) held ON true
"""
_RIGHTS = f"""
    SELECT p.name AS permission, v.name AS view, r.name AS role, s.way, s.through FROM ({_SOURCES}) s
    JOIN ab_role r ON r.id = s.role_id JOIN ab_permission_view_role pr ON pr.role_id = r.id
    JOIN ab_permission_view pv ON pv.id = pr.permission_view_id
    JOIN ab_permission p ON p.id = pv.permission_id JOIN ab_view_menu v ON v.id = pv.view_menu_id
    ORDER BY v.name, p.name, s.way, s.through, r.name
"""
_PLACES = """
    SELECT d.name AS division, '' AS through FROM grants_of_user(:user_id) a JOIN division d ON d.id = a.division_id
    WHERE a.valid_from <= :on AND (a.valid_to IS NULL OR a.valid_to > :on)
    UNION
    SELECT d.name, u.username FROM absent_users(:user_id, :on) AS absent (id) JOIN ab_user u ON u.id = absent.id
    JOIN LATERAL grants_of_user(u.id) a ON a.valid_from <= :on AND (a.valid_to IS NULL OR a.valid_to > :on)
    JOIN division d ON d.id = a.division_id ORDER BY 2, 1
"""


class EffectiveRight(NamedTuple):
    """Something a user may do on a page, and the role it comes from.

    :ivar way: OWN, GROUP or SUBSTITUTION
    :ivar through: the group, or the user in whose place he works; empty: nobody
    """

    permission: str
    view: str
    role: str
    way: str
    through: str


class EffectivePlace(NamedTuple):
    """A division at the top of what a user reaches, and in whose place; empty: his own."""

    division: str
    through: str


def effective_rights(session: Session, user_id: int, on: date) -> list[EffectiveRight]:
    """Return all that a user may do on a day, a row for each role it comes from."""
    return fetch_all(session, _RIGHTS, EffectiveRight, user_id=user_id, on=on)


def effective_places(session: Session, user_id: int, on: date) -> list[EffectivePlace]:
    """Return where a user may work on a day, by his grants and in the place of others."""
    return fetch_all(session, _PLACES, EffectivePlace, user_id=user_id, on=on)
