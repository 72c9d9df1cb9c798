"""Seals in words: why one is not moved."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from app.domain.seals import SealRefusal, SealRefused, SealState
from app.labels.figures import member_of

#: ``%(detail)s`` stands for the seal, its place, a day or a number that a refusal names.
_REFUSALS: Mapping[SealRefusal, Any] = {
    SealRefusal.UNKNOWN: _("The register does not know these seals in the division: %(detail)s. Receive them, or look at the numbers."),
    SealRefusal.USED: _("The seal is used already: %(detail)s. Take another one."),
    SealRefusal.OTHER_KEEPER: _("The seal is kept elsewhere: %(detail)s. Issue it to this brigade first, or take one of its own."),
    SealRefusal.OTHER_DIVISION: _("A seal with this number belongs to another division: %(detail)s. Look at the number."),
    SealRefusal.NOT_POSSIBLE: _("This does not happen to a seal in this state: %(detail)s. Look at its card."),
    SealRefusal.NOT_ON_IT: _("The seal is not on this meter: %(detail)s. Look at the number."),
    SealRefusal.FUTURE_DAY: _("The day has not come yet."),
    SealRefusal.LATER_MOVEMENT: _(
        "The seal was moved on a later day: %(detail)s. Write a later day, or reverse that document or act first."
    ),
    SealRefusal.NOT_LAST: _("The seal %(detail)s was moved since. Reverse what moved it first."),
    SealRefusal.NO_KEEPER: _("Say which brigade or warehouse the seal %(detail)s is of."),
    SealRefusal.NO_PLACE: _("Choose the warehouse or the brigade."),
    SealRefusal.NO_SEAL: _("Write the numbers of the seals, a number or a range a line."),
    SealRefusal.NO_KIND: _("Choose a kind of seals that the company keeps itself."),
    SealRefusal.WRITTEN_TWICE: _("A seal is written twice."),
    SealRefusal.BAD_NUMBER: _("This is no number of a seal: %(detail)s. It has letters and digits, at most 32."),
    SealRefusal.BAD_RANGE: _(
        "This is no range: %(detail)s. Write the first number, two dots and the last one, in the same series and length."
    ),
    SealRefusal.TOO_MANY: _("One document takes %(detail)s seals at most. Divide it."),
    SealRefusal.ALL_DOUBLES: _("All these numbers are in the register already: %(detail)s."),
    SealRefusal.ENDED: _("The inspection № %(detail)s has ended already, or its end lacks a reason."),
}


def seal_refusal(refused: SealRefused) -> str:
    """Return why a seal is not moved, in the reader's language."""
    detail = refused.detail
    seal, _colon, state = detail.rpartition(": ")
    if state in SealState.__members__:
        detail = f"{seal}: {member_of(SealState, state)}"
    return str(_REFUSALS[refused.refusal]) % {"detail": detail}
