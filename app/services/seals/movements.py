"""How seals are moved, many by one statement: the only writer of seals and of their movements.

What a movement writes on the seal is what the replay of its movements gives; ``ledger verify`` compares the two.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.seals import NOWHERE, TRANSITIONS, SealEvent, SealPlace, SealRange, SealRefusal, SealRefused, SealState
from app.queries.movements import SEALS
from app.queries.records import fetch_all, fetch_optional


class SealCause(NamedTuple):
    """What moves seals: one of these."""

    equipment_document_id: int | None = None
    act_id: int | None = None
    field_proposal_id: int | None = None
    inspection_record_id: int | None = None


class _Misfit(NamedTuple):
    number: str
    state: SealState | None
    moved_on: date | None
    fits: bool


_LOCK = "SELECT count(*) FROM (SELECT id FROM seal WHERE id = ANY (:ids) ORDER BY id FOR UPDATE) locked"
_MISFIT = """
    SELECT number, state, moved_on, fits FROM (
        SELECT number, state, moved_on, coalesce(CASE WHEN state IS NULL THEN :takes_new ELSE state = ANY (:states) END, false) AS fits
        FROM seal WHERE id = ANY (:ids)
    ) s WHERE NOT fits OR moved_on > :day ORDER BY fits, number LIMIT 1
"""
#: The two see the seals as they were before: what a movement begins with is what stands on the seal.
_MOVE = """
    WITH made AS (
        INSERT INTO seal_movement (
            division_id, seal_id, step_no, event, moved_on, from_state, to_state, from_stock_place_id, from_device_id, from_point_id,
            from_part, to_stock_place_id, to_device_id, to_point_id, to_part, equipment_document_id, act_id, field_proposal_id,
            inspection_record_id
        )
        SELECT division_id, id, step_no + 1, :event, :day, state, :state, stock_place_id, device_id, service_point_id, sealed_part,
               CAST(:stock_place_id AS bigint), CAST(:to_device AS bigint), CAST(:to_point AS bigint), CAST(:to_part AS text),
               CAST(:equipment_document_id AS bigint), CAST(:act_id AS bigint), CAST(:field_proposal_id AS bigint),
               CAST(:inspection_record_id AS bigint)
        FROM seal WHERE id = ANY (:ids)
        RETURNING seal_id, to_device_id, to_point_id, to_part
    )
    UPDATE seal s SET step_no = s.step_no + 1, moved_on = :day, state = :state, stock_place_id = CAST(:stock_place_id AS bigint),
        device_id = m.to_device_id, service_point_id = m.to_point_id, sealed_part = m.to_part
    FROM made m WHERE m.seal_id = s.id
"""
#: Breaking a seal leaves it where it is.
_MOVE_IN_PLACE = (
    _MOVE.replace("CAST(:to_device AS bigint)", "device_id")
    .replace("CAST(:to_point AS bigint)", "service_point_id")
    .replace("CAST(:to_part AS text)", "sealed_part")
)


def move(
    session: Session, seal_ids: Sequence[int], event: SealEvent, *, on: date, today: date, cause: SealCause, to: SealPlace = NOWHERE
) -> None:
    """Move seals the same way: check that each may go it, record the movements, and write what they leave on the seals.

    :param to: where they come; of BREAK they stay
    :raises SealRefused: if the state of one, the day or a later movement does not allow it; nothing is moved then
    """
    if on > today:
        raise SealRefused(SealRefusal.FUTURE_DAY, column="document_on")
    session.flush()
    ids = sorted({*seal_ids})
    session.execute(text(_LOCK), {"ids": ids})
    states = [state for state, each in TRANSITIONS if each == event and state]
    given = {"ids": ids, "states": states, "takes_new": (None, event) in TRANSITIONS, "day": on}
    misfit = fetch_optional(session, _MISFIT, _Misfit, **given)
    if misfit is not None:
        _refuse(misfit)
    (state,) = {end for (_state, each), end in TRANSITIONS.items() if each == event}
    place = {"to_device": to.device_id, "to_point": to.service_point_id, "to_part": to.sealed_part}
    stays = event == SealEvent.BREAK
    session.execute(
        text(_MOVE_IN_PLACE if stays else _MOVE),
        {"ids": ids, "event": event, "day": on, "state": state, "stock_place_id": to.stock_place_id, **cause._asdict()}
        | ({} if stays else place),
    )
    _forget(session)


def _refuse(misfit: _Misfit) -> None:
    if misfit.fits:
        day = f"{misfit.moved_on:%d.%m.%Y}"
        raise SealRefused(SealRefusal.LATER_MOVEMENT, f"{misfit.number}: {day}", column="document_on")
    raise SealRefused(SealRefusal.NOT_POSSIBLE, f"{misfit.number}: {misfit.state or '—'}", column="seals")


#: Movements of a cause that stand, with the place they have among those of their seal.
_CAUSED = f"""
    SELECT m.*, row_number() OVER (PARTITION BY m.seal_id ORDER BY m.step_no DESC) AS turn
    FROM seal_movement m WHERE m.{{cause}} = :undone AND {SEALS.stands("m")}
"""
_MOVED_SINCE = f"""
    SELECT s.number FROM ({_CAUSED}) c JOIN seal s ON s.id = c.seal_id
    JOIN seal_movement l ON l.seal_id = c.seal_id AND l.step_no > c.step_no
    WHERE {SEALS.stands("l")} AND l.{{cause}} IS DISTINCT FROM :undone ORDER BY s.number LIMIT 1
"""
_UNDO = f"""
    WITH caused AS ({_CAUSED}), made AS (
        INSERT INTO seal_movement (
            division_id, seal_id, step_no, event, moved_on, from_state, to_state, from_stock_place_id, from_device_id, from_point_id,
            from_part, to_stock_place_id, to_device_id, to_point_id, to_part, {{cause}}, reverses_id
        )
        SELECT c.division_id, c.seal_id, s.step_no + c.turn, c.event, c.moved_on, c.to_state, c.from_state, c.to_stock_place_id,
               c.to_device_id, c.to_point_id, c.to_part, c.from_stock_place_id, c.from_device_id, c.from_point_id, c.from_part,
               :counter, c.id
        FROM caused c JOIN seal s ON s.id = c.seal_id
    )
    UPDATE seal s SET step_no = s.step_no + f.turn, state = f.from_state, stock_place_id = f.from_stock_place_id,
        device_id = f.from_device_id, service_point_id = f.from_point_id, sealed_part = f.from_part, moved_on = (
            SELECT p.moved_on FROM seal_movement p WHERE p.seal_id = s.id AND p.step_no < f.step_no AND {SEALS.stands("p")}
            ORDER BY p.step_no DESC LIMIT 1)
    FROM (SELECT DISTINCT ON (seal_id) * FROM caused ORDER BY seal_id, step_no) f WHERE f.seal_id = s.id RETURNING s.id
"""


def undo(session: Session, cause: SealCause, *, counter_id: int) -> list[int]:
    """Take back all that a document or an act did with seals, as if it had not been; return the seals.

    :param counter_id: the counter-document or counter-act
    :raises SealRefused: if one of the seals was moved since
    """
    session.flush()
    ((name, undone),) = [(name, value) for name, value in cause._asdict().items() if value is not None]
    caused = _CAUSED.format(cause=name)
    session.execute(
        text(f"SELECT count(*) FROM (SELECT id FROM seal WHERE id IN (SELECT seal_id FROM ({caused}) c) ORDER BY id FOR UPDATE) locked"),
        {"undone": undone},
    )
    moved = fetch_optional(session, _MOVED_SINCE.format(cause=name), str, undone=undone)
    if moved is not None:
        raise SealRefused(SealRefusal.NOT_LAST, moved)
    found = fetch_all(session, _UNDO.format(cause=name), int, undone=undone, counter=counter_id)
    _forget(session)
    return found


def _forget(session: Session) -> None:
    """Let seals that the session knows be read anew."""
    for each in session.identity_map.values():
        if getattr(each, "__tablename__", "") == "seal":
            session.expire(each)


#: Numbers of ranges, each once, and their keys.
WANTED = """
    SELECT DISTINCT ON (key) key, number FROM (
        SELECT device_serial(r.series || CASE WHEN r.width = 0 THEN '' ELSE lpad(n::text, r.width, '0') END) AS key,
               r.series || CASE WHEN r.width = 0 THEN '' ELSE lpad(n::text, r.width, '0') END AS number
        FROM unnest(CAST(:series AS text[]), CAST(:firsts AS bigint[]), CAST(:lasts AS bigint[]), CAST(:widths AS int[]))
             r (series, first, last, width)
        CROSS JOIN LATERAL generate_series(r.first, r.last) n
    ) w ORDER BY key, number
"""
#: The seals (``s``) with those numbers (``w``): looked up by key, one number after the other, whatever the statistics say of the table.
FOUND = f"({WANTED}) w CROSS JOIN LATERAL (SELECT x.* FROM seal x WHERE x.number_key = w.key OFFSET 0) s"


def wanted(ranges: Sequence[SealRange]) -> dict[str, list[str] | list[int]]:
    """Return what ``WANTED`` is given."""
    return {
        "series": [each.series for each in ranges], "firsts": [each.first for each in ranges],
        "lasts": [each.last for each in ranges], "widths": [each.width for each in ranges],
    }  # fmt: skip


def added(session: Session, ranges: Sequence[SealRange], *, division_id: int, kind_id: int) -> list[int]:
    """Return the seals of some numbers that no movement stands of, added where the register does not know them."""
    session.flush()
    given = {"division": division_id, "kind": kind_id, **wanted(ranges)}
    session.execute(text(_ADD), given)
    session.execute(text(_OF_ANOTHER_KIND), given)
    return fetch_all(session, _FREE, int, **given)


_ADD = f"""
    INSERT INTO seal (division_id, seal_kind_id, number, number_key)
    SELECT :division, :kind, w.number, w.key FROM ({WANTED}) w ON CONFLICT (number_key) DO NOTHING
"""
_FREE = f"SELECT s.id FROM {FOUND} WHERE s.state IS NULL AND s.division_id = :division"
#: One whose receipt was undone may be of another kind now.
_OF_ANOTHER_KIND = (
    f"UPDATE seal SET seal_kind_id = :kind WHERE seal_kind_id <> :kind AND id = ANY (ARRAY({_FREE} AND s.seal_kind_id <> :kind))"
)
