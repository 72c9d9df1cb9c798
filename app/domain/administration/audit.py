"""The chain of seals over the audit trail: each seal is SHA-256 of the one before and the text of its entry."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

#: What the first seal stands on.
GENESIS = bytes(32)


#: Tables without an audit trigger, and why.
NOT_AUDITED: Mapping[str, str] = {
    "unkept_call": "a count of calls that are not kept",
    "account_balance": "a sum of ledger entries, written with them; `ledger verify` names any other change",
    "account_position": "a sum of ledger entries, written with them; `ledger verify` names any other change",
    "alembic_version": "the schema's own book-keeping",
    "audit_check": "the trail's own book-keeping; append-only",
    "audit_entry": "the trail itself; append-only",
    "audit_pending": "the trail's own book-keeping",
    "audit_seal": "the trail's own book-keeping; append-only",
    "books_check": "is itself the record of a check of the books, and when; append-only",
    "books_difference": "is itself the record of what a check of the books found; append-only",
    "debt": "a bill less its allocations, written with them; `ledger verify` names any other change",
    "unmetered_supply": "kept by a trigger from tables that are audited themselves; `ledger verify` names any other change",
    "debt_total": "a sum of debts, written with them; `ledger verify` names any other change",
    "division_turnover": "a sum of ledger entries, written with them; `ledger verify` names any other change",
    "indicator_value": "figures that the worker counts again and again from tables that are audited themselves",
    "gateway_call": "is itself the record of who called, when, from where, and of the answer; append-only",
    "consumer_reply": "is itself the record of what a call of an app was answered; what the call changed is audited in its own tables",
    "delivery_receipt": "is itself the record of what a gateway told of a message, and when; append-only",
    "notice_attempt": "is itself the record of a message handed to a gateway, and of the answer",
    "node_state": "a heartbeat of the machine",
    "paper_print": "is itself the record of who printed first, and when; append-only",
    "sync_counter": "how far the database's own counters were read",
    "reference_release": "a counter kept by a trigger; says itself who and when",
    "reference_version": "kept by a trigger from tables that are audited row by row; nobody else may write it",
    "row_version": "kept by a trigger from tables that are audited row by row; append-only, and nobody else may write it",
    "job_event": "is itself the log of a job; append-only",
}


#: Tables, columns and pages under the names they had when entries were sealed, and what they are called now.
FORMER_NAMES: Mapping[str, str] = {
    "registry_profile": "payment_file_layout",
    "registry_problem": "payment_file_problem",
    "registry_held": "held_row",
    "registry_profile_id": "payment_file_layout_id",
    "registry_number": "payment_file_number",
    "RegistryProfileView": "PaymentFileLayoutView",
    "meter": "device",
    "meter_model": "device_model",
    "MeterView": "DeviceView",
    "MeterModelView": "DeviceModelView",
}


def present_name(name: str) -> str:
    """Return what a table, column or page is called now.

    >>> present_name("registry_held"), present_name("bill")
    ('held_row', 'bill')
    """
    return FORMER_NAMES.get(name, name)


def names_of(table: str) -> list[str]:
    """Return the names under which entries tell of a table: its own first, then those it had before.

    >>> names_of("held_row")
    ['held_row', 'registry_held']
    """
    return [table, *(former for former, present in FORMER_NAMES.items() if present == table)]


class AuditOperation(StrEnum):
    """What an audit entry tells of."""

    INSERT = "INSERT"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    READ = "READ"


class ChainProblem(StrEnum):
    """What is wrong with the first bad row of a chain."""

    CHANGED = "CHANGED"
    DELETED = "DELETED"
    INSERTED = "INSERTED"
    REORDERED = "REORDERED"
    SEAL_ALTERED = "SEAL_ALTERED"
    SEAL_DELETED = "SEAL_DELETED"
    CUT = "CUT"
    HEAD_FORGED = "HEAD_FORGED"
    TRIGGER_OFF = "TRIGGER_OFF"


class Link(NamedTuple):
    """A seal beside the text of the entry it seals; no text: the entry is gone."""

    seq: int
    entry_id: int
    hash: bytes
    text: str | None


class AuditHead(NamedTuple):
    """The last seal of a chain at some moment."""

    seq: int
    hash: str


class KeptHead(NamedTuple):
    """A head as it was kept outside the database, with the signature of a key that lies outside too.

    :ivar signature: Ed25519 over ``stated``, hexadecimal; None for the heads of a day that were kept before heads were signed
    """

    at: datetime
    seq: int
    hash: str
    signature: str | None = None

    def stated(self) -> str:
        """Return what is signed."""
        return f"pc-billing audit head {self.at.isoformat()} {self.seq} {self.hash}"


class AuditFault(NamedTuple):
    """The first bad row."""

    problem: ChainProblem
    seq: int | None
    entry_id: int | None
    #: the tables whose triggers are missing or off
    detail: str = ""


def sealed(before: bytes, text: str) -> bytes:
    """Return the seal of an entry that follows another seal."""
    return hashlib.sha256(before + text.encode()).digest()


class Walk:
    """A walk along a chain, batch by batch, up to the first bad link.

    A link that does not fit is judged together with the one after it: if that fits onto what the hash should have been,
    the seal was altered, else the entry. ``known`` may hold heads kept outside; a chain recomputed after a change meets
    every other test and is found by them.
    """

    def __init__(self, known: Mapping[int, str]) -> None:
        self.known = known
        self.seq = 0
        self.hash = GENESIS
        self.suspect: tuple[Link, bytes] | None = None

    def verify(self, links: Iterable[Link]) -> AuditFault | None:
        """Go on along the next links; return the first fault."""
        for link in links:
            if self.suspect is not None:
                return self._judged(link)
            fault = self._step(link)
            if fault is not None:
                return fault
        return None

    def end(self) -> AuditFault | None:
        """Return the fault of a last link that did not fit, or of heads that lie beyond the end."""
        if self.suspect is not None:
            return self._judged(None)
        beyond = [seq for seq in self.known if seq > self.seq]
        return AuditFault(ChainProblem.CUT, self.seq + 1, None) if beyond else None

    def _step(self, link: Link) -> AuditFault | None:
        if link.seq != self.seq + 1:
            return AuditFault(ChainProblem.SEAL_DELETED, self.seq + 1, None)
        if link.text is None:
            return AuditFault(ChainProblem.DELETED, link.seq, link.entry_id)
        due = sealed(self.hash, link.text)
        if due != link.hash:
            self.suspect = (link, due)
            return None
        if self.known.get(link.seq, link.hash.hex()) != link.hash.hex():
            return AuditFault(ChainProblem.SEAL_ALTERED, link.seq, link.entry_id)
        self.seq, self.hash = link.seq, link.hash
        return None

    def _judged(self, following: Link | None) -> AuditFault:
        assert self.suspect is not None
        link, due = self.suspect
        fits = following is not None and following.text is not None and sealed(due, following.text) == following.hash
        if fits or self.known.get(link.seq) == due.hex():
            return AuditFault(ChainProblem.SEAL_ALTERED, link.seq, link.entry_id)
        return AuditFault(ChainProblem.CHANGED, link.seq, link.entry_id)
