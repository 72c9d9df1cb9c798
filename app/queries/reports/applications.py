"""Applications of consumers: filed, done in term and late, by kind."""

from typing import NamedTuple

from app.queries.names import shown
from app.queries.reports import Documents, of_kind, parted, within


class ApplicationsByKind(NamedTuple):
    """Applications by kind: filed in the period, ended in it, and those whose term was over at its end."""

    division_id: int
    application_kind: str
    filed: int
    done: int
    done_in_term: int
    done_late: int
    declined: int
    late_open: int


_ENDED, _LATE = within("a.ended_on"), "a.term_on < CAST(:end AS date) AND (a.ended_on IS NULL OR a.ended_on >= CAST(:end AS date))"
APPLICATIONS = Documents(
    f"""
    SELECT part.part_id AS division_id, a.division_id AS own_id, 'application' AS row_table, a.id AS row_id, a.account_id,
           a.filed_on AS row_on, {shown("k")} AS application_kind, ({within("a.filed_on")})::int AS filed,
           coalesce(a.status = 'DONE' AND {_ENDED}, false)::int AS done,
           coalesce(a.status = 'DONE' AND {_ENDED} AND a.ended_on <= a.term_on, false)::int AS done_in_term,
           coalesce(a.status = 'DONE' AND {_ENDED} AND a.ended_on > a.term_on, false)::int AS done_late,
           coalesce(a.status IN ('REFUSED', 'WITHDRAWN') AND {_ENDED}, false)::int AS declined, ({_LATE})::int AS late_open
    FROM application a {parted("a")} JOIN application_kind k ON k.id = a.application_kind_id
    WHERE ({within("a.filed_on")} OR {_ENDED} OR {_LATE}) AND {of_kind("a")}
    """
)
