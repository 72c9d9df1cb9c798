"""States as badges: one colour for what is well, for what is wrong, for what waits, for what is over."""

from enum import StrEnum

from markupsafe import Markup

from app.labels.figures import kind_named, member_of

#: The members of any enum of states, or of one that is named, by the colour they are shown in; every other one is calm.
TONES = {
    "good": "ACCEPTED APPROVED CLOSED_PAID DELIVERED DONE IN_FORCE MATCHED OPEN PAID PERFORMED POSTED PROVED RELEASED SENT SIGNED ACTIVE"
    " SupplyState.ON",
    "bad": "DIFFERENT DIFFERS DISCONNECTED EXPIRED FAILED SupplyState.OFF IN_DOUBT MISSING OVERDUE REFUSED REJECTED UNDELIVERED"
    " SealState.BROKEN",
    "warn": "ASKED COUNTED DRAFT NOT_BEGUN PARKED PART_PAID PARTLY PENDING PREVIEWED QUEUED REQUESTED UNCHECKED UNPAID WAITING"
    " ExceptionStatus.OPEN HoldStatus.OPEN InspectionStatus.OPEN ApplicationStatus.RETURNED",
    "info": "ISSUED CHECKED CREATED POSTING PREVIEWING RECEIVED RUNNING SENDING ApplicationStatus.TAKEN ApplicationStatus.ACCEPTED",
}
_TONE = {member: tone for tone, members in TONES.items() for member in members.split()}


def badge(value: str | None, kind: type[StrEnum] | str) -> Markup:
    """Return a state in the reader's words, coloured by what it means; nothing where there is no state.

    :param kind: the enum, or in templates its name
    """
    if value is None:
        return Markup("")
    kind = kind_named(kind) if isinstance(kind, str) else kind
    tone = _TONE.get(f"{kind.__name__}.{value}") or _TONE.get(str(value), "calm")
    return Markup('<span class="badge badge-{}">{}</span>').format(tone, member_of(kind, value))


def is_state(column: str) -> bool:
    """Tell whether a column holds a state.

    >>> [is_state(name) for name in ("status", "approval_status", "kind")]
    [True, True, False]
    """
    return column.endswith(("status", "state"))


def is_figure(column: str) -> bool:
    """Tell whether a column is written with its numbers below one another.

    >>> [is_figure(name) for name in ("amount_tiyin", "smallest_milli", "name", "done", "cancel_days", "tenders")]
    [True, True, False, True, True, True]
    """
    return column.endswith(("_tiyin", "_milli", "_percent", "_count", "_days", "_no", "_rows")) or column in {
        "done",
        "total",
        "attempts",
        "held",
        "left_out",
        "priority",
        "rejected",
        "tenders",
    }


#: Letters that stay on one line in a list; letters that get a wide column; letters without a blank that are cut there.
_SHORT, _LONG, _TOKEN = 20, 40, 28
#: Ends of the names of days and moments.
DAYS = ("_on", "_day", "_at", "_month", "valid_from", "valid_to", "period_from", "period_to", "last_login")


def list_css(column: str, text: str) -> str:
    """Return the class of a cell of a list: how its text breaks over lines.

    >>> list_css("amount_tiyin", "5"), list_css("created_at", "30.11.2026 14:34"), list_css("division", "Namuna tumani")
    ('num', 'day', 'short')
    >>> list_css("reference", "1:ab3cb4c6faeb485db800207218911a58"), list_css("basis", "word " * 20), list_css("name", "word " * 6)
    ('token', 'long', 'words')
    """
    if is_figure(column):
        return "num"
    if column.endswith(DAYS):
        return "day"
    if len(text) > _TOKEN and " " not in text:
        return "token"
    return "short" if len(text) <= _SHORT else "long" if len(text) > _LONG else "words"


def pages_around(page: int, last: int, *, near: int = 5) -> list[int | None]:
    """Return the pages a list offers: the first, those near this one, the last; None where some are left out. Pages count from 0.

    >>> pages_around(10, 40, near=2)
    [0, None, 8, 9, 10, 11, 12, None, 40]
    >>> pages_around(1, 3)
    [0, 1, 2, 3]
    """
    shown = sorted({0, last, *range(max(page - near, 0), min(page + near, last) + 1)})
    found: list[int | None] = []
    for earlier, number in zip([-1, *shown], shown, strict=False):
        found += [None] if number > earlier + 1 else []
        found.append(number)
    return found
