"""Applications of consumers: where one may stand, what moves it on, and what its acceptance does.

Source: shared facts "processes of the office" (CM 555: new connection in three stages); terms, fees and routes are dated reference data,
to be confirmed by the customer.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from app.domain.acts import ActKind

#: Letters of an answer, of a reason, of what the consumer writes back.
LONGEST_REASON = 2000


class ApplicationStatus(StrEnum):
    """Where an application stands."""

    RECEIVED = "RECEIVED"
    TAKEN = "TAKEN"
    #: the consumer is asked for documents or an answer
    RETURNED = "RETURNED"
    #: agreed to; what it asks for is not done yet
    ACCEPTED = "ACCEPTED"
    DONE = "DONE"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"


class ApplicationEvent(StrEnum):
    """What happens to an application."""

    FILE = "FILE"
    TAKE = "TAKE"
    #: on to the next department of the route
    PASS_ON = "PASS_ON"  # noqa: S105 - a word, no password
    #: back to the consumer, for documents or an answer
    RETURN = "RETURN"
    ANSWER = "ANSWER"
    ACCEPT = "ACCEPT"
    FINISH = "FINISH"
    #: agreed to, but what it asks for could not be done so
    REOPEN = "REOPEN"
    REFUSE = "REFUSE"
    #: by the consumer
    WITHDRAW = "WITHDRAW"
    #: by the scheduler, once a term
    ESCALATE = "ESCALATE"


_S, _E = ApplicationStatus, ApplicationEvent
#: What may happen to an application, and where it stands then; None: it is not there yet. What is not listed does not happen.
TRANSITIONS: Mapping[tuple[ApplicationStatus | None, ApplicationEvent], ApplicationStatus] = {
    (None, _E.FILE): _S.RECEIVED,
    (_S.RECEIVED, _E.TAKE): _S.TAKEN,
    **{(status, _E.PASS_ON): _S.RECEIVED for status in (_S.RECEIVED, _S.TAKEN)},
    (_S.TAKEN, _E.RETURN): _S.RETURNED,
    (_S.RETURNED, _E.ANSWER): _S.TAKEN,
    (_S.TAKEN, _E.ACCEPT): _S.ACCEPTED,
    (_S.ACCEPTED, _E.FINISH): _S.DONE,
    (_S.ACCEPTED, _E.REOPEN): _S.TAKEN,
    **{(status, _E.REFUSE): _S.REFUSED for status in (_S.RECEIVED, _S.TAKEN, _S.RETURNED)},
    **{(status, _E.WITHDRAW): _S.WITHDRAWN for status in (_S.RECEIVED, _S.TAKEN, _S.RETURNED)},
    **{(status, _E.ESCALATE): status for status in (_S.RECEIVED, _S.TAKEN, _S.RETURNED, _S.ACCEPTED)},
}
#: Applications that are not over.
OPEN = frozenset({_S.RECEIVED, _S.TAKEN, _S.RETURNED, _S.ACCEPTED})
#: What staff let happen by a button of the card, beside accepting.
BY_STAFF = (_E.TAKE, _E.PASS_ON, _E.RETURN, _E.REFUSE, _E.FINISH, _E.REOPEN)
#: What the consumer does; staff record it where it came on paper.
BY_CONSUMER = (_E.ANSWER, _E.WITHDRAW)
#: What needs words that the consumer reads.
EXPLAINED = frozenset({_E.RETURN, _E.REFUSE, _E.ANSWER, _E.FINISH, _E.REOPEN})
#: What the consumer is told of.
TOLD = frozenset({_E.FILE, _E.PASS_ON, _E.RETURN, _E.ACCEPT, _E.FINISH, _E.REFUSE})


class ApplicationWay(StrEnum):
    """Which way an application came."""

    PORTAL = "PORTAL"
    OFFICE = "OFFICE"
    API = "API"
    SMS = "SMS"


class FilingRight(StrEnum):
    """Who may file applications of a kind."""

    OWNER = "OWNER"  # the consumer of the account, known by a proof
    ANYONE = "ANYONE"  # also who has no account yet
    STAFF = "STAFF"  # the office alone, for whoever stands before it


class AccountNeed(StrEnum):
    """Which account an application is about."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"
    #: none is there yet
    NONE = "NONE"
    #: one that is open, or none
    ANY = "ANY"


class ApplicationWork(StrEnum):
    """What the acceptance of an application does; a kind without any cannot be switched on."""

    OPEN_ACCOUNT = "OPEN_ACCOUNT"
    EXCHANGE_METER = "EXCHANGE_METER"
    VERIFY_METER = "VERIFY_METER"
    BILL_AGAIN = "BILL_AGAIN"
    CHANGE_OWNER = "CHANGE_OWNER"
    GRANT_BENEFIT = "GRANT_BENEFIT"
    DISCONNECT = "DISCONNECT"
    RECONNECT = "RECONNECT"
    ANSWER = "ANSWER"
    CLOSE_ACCOUNT = "CLOSE_ACCOUNT"
    REOPEN_ACCOUNT = "REOPEN_ACCOUNT"
    CORRECT_DATA = "CORRECT_DATA"


class WorkPlace(StrEnum):
    """Where the document that does the work of an application is kept."""

    ACT = "ACT"
    EQUIPMENT = "EQUIPMENT"
    CORRECTION = "CORRECTION"
    #: a written answer to the consumer, which the application itself keeps
    LETTER = "LETTER"


class WorkRule(NamedTuple):
    """What is known of a work before anything is done.

    :ivar place: where its document is kept
    :ivar account: which account it is about
    :ivar act: the act it is, where it is one
    :ivar needs_person: it asks for what only a person sees (dials, seals, a certificate): acceptance leads to the page of the document
    """

    place: WorkPlace
    account: AccountNeed = AccountNeed.OPEN
    act: ActKind | None = None
    needs_person: bool = False


_W, _A = ApplicationWork, ActKind
WORKS: Mapping[ApplicationWork, WorkRule] = {
    _W.OPEN_ACCOUNT: WorkRule(WorkPlace.ACT, AccountNeed.NONE, _A.OPEN_ACCOUNT, needs_person=True),
    _W.EXCHANGE_METER: WorkRule(WorkPlace.ACT, act=_A.EXCHANGE_METER, needs_person=True),
    _W.VERIFY_METER: WorkRule(WorkPlace.EQUIPMENT, needs_person=True),
    _W.BILL_AGAIN: WorkRule(WorkPlace.CORRECTION),
    _W.CHANGE_OWNER: WorkRule(WorkPlace.ACT, act=_A.CHANGE_OWNER, needs_person=True),
    _W.GRANT_BENEFIT: WorkRule(WorkPlace.ACT, act=_A.CHANGE_BENEFIT),
    _W.DISCONNECT: WorkRule(WorkPlace.ACT, act=_A.ORDER_DISCONNECTION),
    _W.RECONNECT: WorkRule(WorkPlace.ACT, act=_A.ORDER_RECONNECTION),
    _W.ANSWER: WorkRule(WorkPlace.LETTER, AccountNeed.ANY),
    _W.CLOSE_ACCOUNT: WorkRule(WorkPlace.ACT, act=_A.CLOSE_ACCOUNT, needs_person=True),
    _W.REOPEN_ACCOUNT: WorkRule(WorkPlace.ACT, AccountNeed.CLOSED, _A.REOPEN_ACCOUNT, needs_person=True),
    _W.CORRECT_DATA: WorkRule(WorkPlace.ACT, act=_A.CORRECT_IDENTITY),
}


class ApplicationRefusal(StrEnum):
    """Why an application, or a step of one, is refused."""

    UNKNOWN_KIND = "UNKNOWN_KIND"
    INACTIVE_KIND = "INACTIVE_KIND"
    NO_TERM = "NO_TERM"
    NOT_YOURS = "NOT_YOURS"
    STAFF_ONLY = "STAFF_ONLY"
    NO_ACCOUNT = "NO_ACCOUNT"
    ACCOUNT_CLOSED = "ACCOUNT_CLOSED"
    ACCOUNT_OPEN = "ACCOUNT_OPEN"
    NO_APPLICANT = "NO_APPLICANT"
    OPEN_ALREADY = "OPEN_ALREADY"
    OTHER_CONTENTS = "OTHER_CONTENTS"
    WRONG_FIELDS = "WRONG_FIELDS"
    TOO_FEW_DOCUMENTS = "TOO_FEW_DOCUMENTS"
    TOO_MANY_DOCUMENTS = "TOO_MANY_DOCUMENTS"
    DOCUMENT_TOO_LARGE = "DOCUMENT_TOO_LARGE"
    NOT_POSSIBLE = "NOT_POSSIBLE"
    NO_REASON = "NO_REASON"
    NO_PAPER = "NO_PAPER"
    NO_SIGNED_PAPER = "NO_SIGNED_PAPER"
    NO_NEXT_STAGE = "NO_NEXT_STAGE"
    STAGE_LEFT = "STAGE_LEFT"
    NOT_ITS_WORK = "NOT_ITS_WORK"
    OTHER_DIVISION = "OTHER_DIVISION"


class ApplicationRefused(Exception):
    """An application, or a step of one, is refused; ``detail`` names a number, a field or a limit where the reason has one.

    :param column: the field it is about; None: the application as a whole
    """

    def __init__(self, refusal: ApplicationRefusal, detail: str = "", *, column: str | None = None) -> None:
        super().__init__(refusal, detail)
        self.refusal, self.detail, self.column = refusal, detail, column


class FileGiven(NamedTuple):
    """A file that came with an application or an answer."""

    name: str
    content: bytes


class ApplicationRequest(NamedTuple):
    """An application somebody files.

    :ivar reference: the key of the form or the caller's own number; a repeat returns the first
    :ivar account_id: None: of a person without an account
    :ivar division_id: where it is filed; with an account, that account's
    :ivar values: what the fields of the kind hold
    :ivar is_owner: the applicant was shown to be the consumer of the account
    """

    kind_code: str
    way: ApplicationWay
    reference: str
    division_id: int
    account_id: int | None
    applicant_name: str
    phone: str | None
    values: Mapping[str, Any]
    files: Sequence[FileGiven] = ()
    language: str = "uz"
    is_owner: bool = False
    source_id: int | None = None


def possible(status: ApplicationStatus, *, needs_letter: bool, is_last_stage: bool) -> list[ApplicationEvent]:
    """Return what staff may let happen to an application where it stands, accepting included.

    :param needs_letter: its work is a written answer, which a person declares done
    :param is_last_stage: no department comes after the present one
    """
    events = [event for event in (*BY_STAFF, _E.ACCEPT) if (status, event) in TRANSITIONS]
    left_out = {_E.PASS_ON} if is_last_stage else {_E.ACCEPT}
    if not needs_letter:
        left_out.add(_E.FINISH)
    return [event for event in events if event not in left_out]


def days_late(term_on: date, today: date) -> int:
    """Return how many days the term has been over; 0: it is not.

    >>> days_late(date(2026, 11, 28), date(2026, 11, 30)), days_late(date(2026, 11, 30), date(2026, 11, 30))
    (2, 0)
    """
    return max((today - term_on).days, 0)
