"""Rounds of inspectors: why one goes, what the phone sends, and what becomes of it.

What comes from a phone is a proposal. Staff accept it by the acts and readings of the office, or refuse it with a reason.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from app.domain.seals import LONGEST_NUMBER, SealedPart
from app.domain.supply import Consent

#: Points of a round; a phone holds them, and those of some further rounds, without a link.
MOST_POINTS = 300
MOST_CARRIED = 900
#: Seals of a brigade that a phone offers; others are typed.
MOST_SEALS_CARRIED = 500
#: A phone whose clock differs by more is told so, and so is who accepts.
CLOCK_TOLERANCE = timedelta(minutes=10)
#: Older than this is no act of a round.
OLDEST = timedelta(days=60)
#: Seals that are told of one meter.
_MOST_SEALS = 20
_DIAL = re.compile(r"[0-9]{1,9}([.,][0-9]{1,3})?")
_HOUR = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


class RoundReason(StrEnum):
    """Why an inspector goes to the points of a round."""

    READING = "READING"
    INSPECTION = "INSPECTION"
    INSTALLATION = "INSTALLATION"
    DISCONNECTION = "DISCONNECTION"
    MAINTENANCE = "MAINTENANCE"


class ProposalKind(StrEnum):
    """What an inspector did at a point."""

    READING = "READING"
    ORDER_DONE = "ORDER_DONE"
    ORDER_REFUSED = "ORDER_REFUSED"
    WORK_DONE = "WORK_DONE"  # ordered works on devices of the point
    VISIT = "VISIT"  # looked, sealed, photographed, or found nobody


class ProposalStatus(StrEnum):
    """Where a proposal stands."""

    WAITING = "WAITING"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"


class ProposalEvent(StrEnum):
    """What staff decide about a proposal."""

    ACCEPT = "ACCEPT"
    REFUSE = "REFUSE"


TRANSITIONS: Mapping[tuple[ProposalStatus, ProposalEvent], ProposalStatus] = {
    (ProposalStatus.WAITING, ProposalEvent.ACCEPT): ProposalStatus.ACCEPTED,
    (ProposalStatus.WAITING, ProposalEvent.REFUSE): ProposalStatus.REFUSED,
}


class FieldFault(StrEnum):
    """Why an act of a phone is not taken, or a proposal not decided."""

    MALFORMED = "MALFORMED"
    OTHER_CONTENTS = "OTHER_CONTENTS"
    FOREIGN_POINT = "FOREIGN_POINT"
    TOO_OLD = "TOO_OLD"
    PICTURE = "PICTURE"
    DECIDED = "DECIDED"
    OWN_PROPOSAL = "OWN_PROPOSAL"
    FUTURE_HOUR = "FUTURE_HOUR"
    NO_REASON = "NO_REASON"
    NO_POINTS = "NO_POINTS"
    TOO_MANY_POINTS = "TOO_MANY_POINTS"
    DAY_IS_OVER = "DAY_IS_OVER"


class FieldRefused(Exception):
    """An act of a phone is not taken, or a proposal not decided."""

    def __init__(self, fault: FieldFault, detail: str = "") -> None:
        super().__init__(fault.value, detail)
        self.fault, self.detail = fault, detail


class FieldAct(NamedTuple):
    """What an inspector did at a point, as the phone sends it.

    :ivar uuid: made by the phone; the same act twice is one
    :ivar done_at: by the phone's clock
    :ivar contents: dials by register, hours by work, the seal that was applied and what it locks, seals found broken, remark, hour,
        signature and witnesses, whether the dial was looked at again
    :ivar sha256: of all that was sent, the photograph included
    """

    uuid: str
    round_point_id: int
    kind: ProposalKind
    done_at: datetime
    contents: Mapping[str, Any]
    sha256: str


def next_status(status: ProposalStatus, event: ProposalEvent) -> ProposalStatus:
    """Return where a proposal stands after a decision.

    :raises FieldRefused: if it was decided before
    """
    found = TRANSITIONS.get((status, event))
    if found is None:
        raise FieldRefused(FieldFault.DECIDED)
    return found


def read_act(sent: Any) -> FieldAct:
    """Return an act as a phone sent it.

    :raises FieldRefused: if something is missing, of another kind, or too long
    """
    try:
        act = FieldAct(
            str(UUID(sent["uuid"])), _number(sent["point"]), ProposalKind(sent["kind"]), moment(sent["done_at"]), _contents(sent),
            hashlib.sha256(json.dumps(sent, sort_keys=True).encode()).hexdigest(),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FieldRefused(FieldFault.MALFORMED) from error
    if act.kind == ProposalKind.READING and not act.contents["dials"]:
        raise FieldRefused(FieldFault.MALFORMED)
    if act.kind == ProposalKind.WORK_DONE and not act.contents["works"]:
        raise FieldRefused(FieldFault.MALFORMED)
    if act.kind == ProposalKind.ORDER_DONE and not act.contents["hour"]:
        raise FieldRefused(FieldFault.MALFORMED)
    return act


def moment(written: Any) -> datetime:
    """Return a moment as phones write it, with its zone.

    >>> moment("2026-03-01T10:00:00.000Z").isoformat()
    '2026-03-01T10:00:00+00:00'

    :raises ValueError: if it is none, or has no zone
    """
    found = datetime.fromisoformat(written)
    if found.tzinfo is None:
        raise ValueError(written)
    return found


def _number(sent: Any) -> int:
    if not isinstance(sent, int) or isinstance(sent, bool) or not 0 < sent < 2**63:
        raise ValueError(sent)
    return sent


def _contents(sent: Mapping[str, Any]) -> dict[str, Any]:
    figures = {name: _figures(sent.get(name)) for name in ("dials", "works")}
    hour = _matched(_HOUR, sent["hour"]) if sent.get("hour") else ""
    consent = Consent(sent["consent"]).value if sent.get("consent") else ""
    texts = {name: _text(sent.get(name), most) for name, most in (("seal", 32), ("remark", 300), ("witness_1", 100), ("witness_2", 100))}
    part = SealedPart(sent["sealed_part"]).value if sent.get("sealed_part") else ""
    broken = [_text(each, LONGEST_NUMBER) for each in _list(sent.get("broken"))]
    seals = {"sealed_part": part, "broken": [each for each in broken if each]}
    return figures | {"hour": hour, "consent": consent, "sure": sent.get("sure") is True} | texts | seals


def _list(sent: Any) -> list[Any]:
    found = [] if sent is None else sent
    if not isinstance(found, list) or len(found) > _MOST_SEALS:
        raise ValueError(sent)
    return found


def _figures(sent: Any) -> dict[str, str]:
    """Return numbers by the key of their register or work."""
    return {str(int(key)): _matched(_DIAL, figure).replace(",", ".") for key, figure in dict(sent or {}).items()}


def _matched(pattern: re.Pattern[str], sent: Any) -> str:
    if not isinstance(sent, str) or not pattern.fullmatch(sent):
        raise ValueError(sent)
    return sent


def _text(sent: Any, most: int) -> str:
    text = "" if sent is None else sent
    if not isinstance(text, str) or len(text) > most or "\0" in text:
        raise ValueError(sent)
    return text.strip()


def happened_at(done_at: datetime, sent_at: datetime, received_at: datetime) -> datetime:
    """Return when an act was done by the server's clock, from the phone's clock at that time and when it was sent.

    >>> at = datetime.fromisoformat
    >>> happened_at(at("2026-03-02T10:00+00:00"), at("2026-03-02T12:00+00:00"), at("2026-03-01T12:00+00:00")).isoformat()
    '2026-03-01T10:00:00+00:00'
    """
    off = received_at - sent_at
    return done_at + off if abs(off) > CLOCK_TOLERANCE else done_at


def clock_is_off(sent_at: datetime, received_at: datetime) -> bool:
    """Return whether a phone's clock differs so much that its days and hours mean nothing."""
    return abs(received_at - sent_at) > CLOCK_TOLERANCE
