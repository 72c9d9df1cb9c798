"""States as badges: one colour for what is well, for what is wrong, for what waits, for what is over."""

from enum import StrEnum

from markupsafe import Markup

from app.labels.figures import kind_named, member_of

#: The members of any enum of states, by the colour they are shown in; every other one is calm.
TONES = {
    "good": "ACCEPTED APPROVED CLOSED_PAID DONE IN_FORCE MATCHED OPEN PAID PERFORMED POSTED RELEASED SENT SIGNED ACTIVE",
    "bad": "DIFFERENT DISCONNECTED EXPIRED FAILED IN_DOUBT MISSING OVERDUE REFUSED REJECTED",
    "warn": "ASKED COUNTED DRAFT NOT_BEGUN PARKED PART_PAID PARTLY PENDING PREVIEWED QUEUED REQUESTED UNPAID WAITING",
    "info": "CHECKED CREATED POSTING PREVIEWING RECEIVED RUNNING SENDING",
}
_TONE = {member: tone for tone, members in TONES.items() for member in members.split()}


def badge(value: str | None, kind: type[StrEnum] | str) -> Markup:
    """Return a state in the reader's words, coloured by what it means; nothing where there is no state.

    :param kind: the enum, or in templates its name
    """
    if value is None:
        return Markup("")
    kind = kind_named(kind) if isinstance(kind, str) else kind
    return Markup('<span class="badge badge-{}">{}</span>').format(_TONE.get(str(value), "calm"), member_of(kind, value))


def is_state(column: str) -> bool:
    """Tell whether a column holds a state.

    >>> [is_state(name) for name in ("status", "approval_status", "kind")]
    [True, True, False]
    """
    return column.endswith(("status", "state"))


def is_figure(column: str) -> bool:
    """Tell whether a column is written with its numbers below one another.

    >>> [is_figure(name) for name in ("amount_tiyin", "smallest_milli", "name", "done", "cancel_days")]
    [True, True, False, True, True]
    """
    return column.endswith(("_tiyin", "_milli", "_percent", "_count", "_days", "_no")) or column in {
        "done",
        "total",
        "attempts",
        "priority",
    }


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
