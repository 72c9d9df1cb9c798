"""Acts in words: why one is refused, and what one was given and wrote."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.domain.acts import ActRefusal, ActRefused
from app.domain.equipment import MovementRefusal, MovementRefused
from app.domain.identifiers import Reason
from app.domain.metering import Doubt, RowProblem
from app.domain.seals import SealRefusal, SealRefused
from app.domain.supply import SupplyOrderStatus
from app.labels import personal
from app.labels.columns import COLUMN_LABELS
from app.labels.equipment import movement_refusal
from app.labels.figures import day, member_of, moment, money, month, quantity, register
from app.labels.members import ENUM_LABELS
from app.labels.seals import seal_refusal

#: ``%(detail)s`` stands for the day, number or sum a refusal names.
_REFUSALS: Mapping[ActRefusal, Any] = {
    ActRefusal.FUTURE_DAY: _("The day has not come yet."),
    ActRefusal.OTHER_CONTENTS: _("This form was used for another act already. Begin anew."),
    ActRefusal.NOT_STANDING: _("Only an act that stands can be undone, and a counter-act is not undone."),
    ActRefusal.LATER_ACT: _("A later act stands (%(detail)s). Reverse it first."),
    ActRefusal.REQUESTED_ALREADY: _("Somebody asked for this already; a second person decides."),
    ActRefusal.CHANGED_MEANWHILE: _("What the act wrote was changed since; it cannot be undone."),
    ActRefusal.NOTHING_CHANGES: _("Nothing would change."),
    ActRefusal.NOT_BILLED_AGAIN: _("The month %(detail)s had a bill and would get none; nothing is changed."),
    ActRefusal.FOREIGN_STREET: _("The street lies in another division."),
    ActRefusal.NOT_SUPPLIED: _("The account is not supplied on this day."),
    ActRefusal.READING_REFUSED: _("The reading is refused: %(detail)s"),
    ActRefusal.CONTRACT_STATE: _("The contract does not stand so that this can be done."),
    ActRefusal.CONTRACT_EMPTY: _("The contract has no such account, or its term is over."),
    ActRefusal.CONTRACT_BILLED: _("Days before %(detail)s are billed; terms change from that day on."),
    ActRefusal.LATER_TERM: _("Another term begins on %(detail)s. Change that one first."),
    ActRefusal.TERM_OF_CONTRACT: _("This stands in the contract %(detail)s: change it there, by an additional agreement."),
    ActRefusal.TERM_FALLS: _("This day is too early."),
    ActRefusal.NOT_OPEN: _("The account is closed."),
    ActRefusal.NOT_CLOSED: _("The account is not closed."),
    ActRefusal.LATER_FACTS: _("A supply or a benefit of the account begins on %(detail)s or later. End it first."),
    ActRefusal.LATER_READING: _("There is a reading of %(detail)s: the supply went on after this day."),
    ActRefusal.READING_MISSING: _("What did the register %(detail)s show on this day?"),
    ActRefusal.READING_WRONG: _("The register %(detail)s cannot show this: it has other digits."),
    ActRefusal.READING_GOES_BACK: _("The readings before and after do not allow this at %(detail)s. Record or correct the reading first."),
    ActRefusal.READING_DIFFERS: _("Another reading of this day stands at %(detail)s. Correct it first, or write what it says."),
    ActRefusal.NO_FINAL_BILL: _("No bill could be made up to %(detail)s: look at the account's tariff and readings."),
    ActRefusal.PENALTY_RUN: _("A penalty run of the division is being posted (№ %(detail)s). Come again when it is over."),
    ActRefusal.UNSETTLED: _("The account stands at %(detail)s after the final bill: settle it first, or say what happens with it."),
    ActRefusal.NO_NEW_OWNER: _("Choose a consumer, or write the name of a new one."),
    ActRefusal.SAME_CONSUMER: _("This is the same consumer."),
    ActRefusal.OTHER_DIVISION: _("This consumer belongs to another division."),
    ActRefusal.OTHER_KIND: _("One is a household, the other a legal consumer."),
    ActRefusal.OTHER_PERSON: _("They have different JSHSHIR or STIR: these are two persons."),
    ActRefusal.JOINED_ALREADY: _("This row was joined to another one already."),
    ActRefusal.NO_NUMBER: _("Write the number of the new account."),
    ActRefusal.NUMBER_TAKEN: _("There is an account with this number already."),
    ActRefusal.FOREIGN_NUMBER: _("An account number begins with the code of its branch: %(detail)s."),
    ActRefusal.METER_TAKEN: _("There is a meter with this number already: %(detail)s. Look at the number."),
    ActRefusal.WRONG_IDENTIFIER: "%(detail)s",
    ActRefusal.POINT_TAKEN: _("Another account is supplied at this place."),
    ActRefusal.NO_METER: _("No meter served the account before this day and on it. Choose another day, or install one."),
    ActRefusal.METER_NOT_NAMED: _("Several meters serve this place (%(detail)s). Say which one."),
    ActRefusal.UNKNOWN_METER: _("There is no meter %(detail)s. Look at the number; a new one needs its model and digits."),
    ActRefusal.SEVERAL_METERS: _("Several meters have the number %(detail)s. Choose the model."),
    ActRefusal.OTHER_MODEL: _(
        "There is a meter with this number of another model: %(detail)s. Choose its model or leave the model empty if it is that one; "
        "if not, receive the new one by a document first: a second person signs that the number stands twice."
    ),
    ActRefusal.FOREIGN_METER: _("This meter belongs to another division: %(detail)s. Transfer it first."),
    ActRefusal.METER_ELSEWHERE: _("This meter serves another place then: %(detail)s. Remove it there first."),
    ActRefusal.METER_THERE: _("The meter %(detail)s counts here already. Exchange it, or remove it first."),
    ActRefusal.NOT_VERIFIED: _("The verification of this meter ended on %(detail)s. Have it verified, or choose another."),
    ActRefusal.LATER_CHANGE: _("A later act took this meter off on %(detail)s. Reverse that one first."),
    ActRefusal.READ_LATER: _(
        "The meter was read on %(detail)s, after this day. Choose a later day, or tick that those readings were not of this meter."
    ),
    ActRefusal.READING_DOUBTFUL: _("This is odd: %(detail)s. Read the register again; if it shows this, tick that it was read twice."),
    ActRefusal.NO_SUCH_REGISTER: _("The meter has no such register: %(detail)s. Leave it empty."),
    ActRefusal.ZONES_APART: _(
        "The zones and the whole counter differ: %(detail)s. Read them again; if they show this, tick that they were read twice."
    ),
    ActRefusal.RATIO_WRONG: _("Neither side of a transformer ratio is zero."),
    ActRefusal.DIGITS_WRONG: _("A display has from 3 to 9 whole digits."),
    ActRefusal.SUPPLY_IS_OFF: _("The supply is off already: %(detail)s."),
    ActRefusal.SUPPLY_IS_ON: _("The supply is on already."),
    ActRefusal.LATER_STATE: _("A later record or event of a device stands: %(detail)s. Take that one back first."),
    ActRefusal.ORDER_OPEN: _("Another order about this supply waits (%(detail)s). Carry it out or withdraw it first."),
    ActRefusal.ORDER_STATUS: _("The order does not stand so that this can be done: %(detail)s."),
    ActRefusal.ORDER_TERM: _("The term is over before the order is issued."),
    ActRefusal.NO_ORDER: _("There is no such order about this supply. Issue one first."),
    ActRefusal.BEFORE_ORDER: _("The order bears the day %(detail)s; it is carried out on that day at the earliest."),
    ActRefusal.WITNESSES: _("Without the consumer's signature two different witnesses sign."),
    ActRefusal.NO_BRIGADE: _("Say which brigade took the meter off: it keeps it until it is returned to a warehouse."),
    ActRefusal.NO_VERIFICATION: _("Say until when the verification of this meter holds: it stands on its certificate."),
    ActRefusal.NOT_MOVED: "%(detail)s",
    ActRefusal.SEAL_REFUSED: "%(detail)s",
    ActRefusal.BEFORE_CLOSING: _("The account was closed on %(detail)s; it can be reopened from that day on."),
}

#: Details whose values are members of an enum.
_MEMBERS: Mapping[str, str] = {
    "term": "TermKind", "register": "RegisterCode", "status": "AccountStatus", "owner_debt": "OwnerDebt", "unsettled": "Unsettled",
    "off_reason": "OffReason", "order_kind": "SupplyOrderKind", "order_status": "SupplyOrderStatus", "consent": "Consent",
    "sealed_part": "SealedPart",
}  # fmt: skip
_KINDS = {type(member).__name__: type(member) for member, _phrase in ENUM_LABELS}
#: A register as acts store it, after the number of its meter: its code, and what it showed in thousandths.
_REGISTER = re.compile(r"(?<= )([A-Z][A-Z0-9_]*)(?:: ([0-9]+)\.([0-9]{3}))?$")


def register_in_words(stored: str) -> str:
    """Return a register, and what it showed, as people read it."""
    return _REGISTER.sub(_register, stored)


def _register(found: re.Match[str]) -> str:
    code = register(found[1])
    return code if found[2] is None else f"{code}: {quantity(int(found[2] + found[3]))}"


#: How details are written whose name alone says it.
_WRITERS: Mapping[str, Callable[[Any], str]] = {
    "dials": register_in_words,
    **{name: partial(member_of, _KINDS[kind]) for name, kind in _MEMBERS.items()},
}


def act_refusal(refused: ActRefused) -> str:
    """Return why an act is refused, in the reader's language."""
    detail = refused.detail
    if refused.refusal == ActRefusal.READING_REFUSED:
        detail = member_of(RowProblem, detail)
    elif refused.refusal in (ActRefusal.NOT_MOVED, ActRefusal.SEAL_REFUSED):
        detail = _moved_refusal(refused)
    elif refused.refusal == ActRefusal.READING_DOUBTFUL:
        detail = member_of(Doubt, detail)
    elif refused.refusal == ActRefusal.UNSETTLED:
        detail = money(int(detail))
    elif refused.refusal == ActRefusal.WRONG_IDENTIFIER:
        detail = member_of(Reason, detail)
    elif refused.refusal == ActRefusal.ORDER_STATUS:
        detail = member_of(SupplyOrderStatus, detail)
    elif detail[4:5] == "-" and detail[10:11] in {"", "T"}:
        detail = day(date.fromisoformat(detail)) if len(detail) == len("2026-01-01") else moment(datetime.fromisoformat(detail))
    else:
        detail = register_in_words(detail)
    return str(_REFUSALS[refused.refusal]) % {"detail": detail}


def _moved_refusal(refused: ActRefused) -> str:
    """Return why a device or a seal of an act is not moved."""
    why, _blank, about = refused.detail.partition(" ")
    if refused.refusal == ActRefusal.SEAL_REFUSED:
        return seal_refusal(SealRefused(SealRefusal(why), about))
    return movement_refusal(MovementRefused(MovementRefusal(why), about))


def act_lines(details: Sequence[Sequence[Any]], *, codes: bool = False) -> list[tuple[str, str]]:
    """Return the details of an act as pairs of a word and a value, in the reader's language; empty ones are left out.

    :param codes: registers stand by their codes, as papers of the first form print them
    """
    lines = [(name, value) for name, value in details if value not in (None, "", [])]
    return [(_word(name), ", ".join(value) if codes and name == "dials" else _value(name, value)) for name, value in lines]


def movement_details(details: Mapping[str, Any]) -> str:
    """Return what belongs to a movement of a device, its certificate or its seals, in the reader's language."""
    named = [("verified_to_before" if name == "before" else name, value) for name, value in details.items()]
    return "; ".join(f"{word}: {value}" for word, value in act_lines(named))


def _word(name: str) -> str:
    column = name.removesuffix("_before")
    word = str(COLUMN_LABELS[column])
    return gettext("%(column)s, before", column=word) if name != column else word


def _value(name: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_value(name, each) for each in value)
    name = name.removesuffix("_before")
    if name in _WRITERS:
        return _WRITERS[name](value)
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if name.endswith("_tiyin"):
        return money(value)
    if name.endswith("_milli"):
        return quantity(value)
    if name.endswith("month"):
        return month(date.fromisoformat(value))
    if name.endswith("_on") or name in {"kept_to", "verified_to"}:
        return day(date.fromisoformat(value))
    return personal.shown(value, name)
