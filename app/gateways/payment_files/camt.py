"""Bank statements of ISO 20022: camt.053 and camt.054, also in an envelope.

In camt a credit taken back is a debit entry with the reversal mark; a credit with that mark is our own payment come back, and none of
a consumer. The amount of an entry is what was booked; what the payer ordered may be in another currency, or more by what the bank kept.

Sources: the message definitions of camt.053 and .054, versions 02 to 08 (RECALL: their elements are as we remember them; OPEN: which of
them each bank fills).
"""

import re
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from app.domain.payments.files import FIELDS, FileTotals, OwnTransfers, PaymentRowProblem, Profile, StatementAccount
from app.gateways.payment_files.rows import is_number
from app.gateways.payment_files.statements import OUR_CURRENCY, StatementEntry, StatementHead, StatementMoney, texts_of
from app.gateways.workbooks import WorkbookRefused

#: An element with its children, as lxml gives it.
Element = Any

DEEPEST = 40
#: Elements of an entry; about a hundred thousand payments booked as one sum.
MOST_ELEMENTS = 2_000_000
#: Attributes of an element; the currency is one.
MOST_ATTRIBUTES = 20
_CHUNK = 1 << 16

_MESSAGE = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:camt\.05[34]\.001\.[0-9]{2}\}Document")
_DECLARED = re.compile(rb"[\xef\xbb\xbf]{0,3}<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}[\"']([^\"']{0,100})")
_ENCODINGS = re.compile(rb"(?i)utf-8|utf-16(?:le|be)?|us-ascii|iso-8859-[0-9]{1,2}|windows-125[0-8]|cp866|koi8-[ru]")
_BOOKED = {"BOOK", ""}
_NO_ACCOUNT = StatementAccount("", None, None)
_AMOUNT = FIELDS.index("amount")


def camt_rows(path: Path, profile: Profile, head: StatementHead) -> Iterator[StatementEntry]:
    """Return the payments of a camt message, several of an entry where the bank booked them as one sum.

    :raises WorkbookRefused: if it is no camt.053 or .054, is damaged, or has a DOCTYPE or anything else that only an attack needs
    """
    statement = _Statement(profile, head)
    for part in camt_parts(path):
        if part.tag == "Ntry":
            yield from statement.rows(part)
        else:
            statement.learn(part)
    statement.close()


class _Statement:
    """Turns the parts of statements to rows, and keeps what they declare."""

    def __init__(self, profile: Profile, head: StatementHead) -> None:
        self._head = head
        self._money = StatementMoney(profile, "iso")
        self._own = {*profile.own_accounts}
        self._leaves_transfers = profile.own_transfers is OwnTransfers.LEFT_OUT
        self._row_no = 0
        self._declared: int | None = None
        #: of the statement being read, by entries
        self._credits = 0
        #: what the rows so far must add up to
        self._due = 0
        self._account = _NO_ACCOUNT
        self._currency = ""

    def learn(self, part: Element) -> None:
        """Keep what the head of a statement says."""
        head, money = self._head, self._money
        if part.tag == "Id":
            self.close()
            head.payment_file_number = head.payment_file_number or _text(part, ".")[:100]
        elif part.tag == "CreDtTm":
            head.dated_on = head.dated_on or money.day(_text(part, "."))
        elif part.tag == "Acct":
            number = _text(part, "Id/IBAN", "Id/Othr/Id")[:64]
            self._account, self._currency = self._account._replace(number=number), _text(part, "Ccy")
            self._own.add(number)
        elif part.tag == "Bal":
            self._learn_balance(part)
        elif part.tag == "TxsSummry" and (said := money.tiyin(_text(part, "TtlCdtNtries/Sum"))) is not None:
            self._declared = said

    def _learn_balance(self, part: Element) -> None:
        amount = self._money.tiyin(_text(part, "Amt"))
        if amount is not None and _text(part, "CdtDbtInd") == "DBIT":
            amount = -amount
        kind = _text(part, "Tp/CdOrPrtry/Cd")
        if kind == "OPBD":
            self._account = self._account._replace(opening_tiyin=amount)
        elif kind == "CLBD":
            self._account = self._account._replace(closing_tiyin=amount)

    def rows(self, entry: Element) -> Iterator[StatementEntry]:
        """Return the payments of an entry, and what is left out of it."""
        details = entry.findall("NtryDtls/TxDtls")
        self._row_no += 1
        if (currency := _currency(entry, self._currency)) != OUR_CURRENCY:
            self._currency = self._currency or currency
            told = " ".join([_text(entry, "Amt"), currency, self._account.number])
            yield StatementEntry(self._row_no, texts_of(reference=_reference(entry)), PaymentRowProblem.OTHER_CURRENCY, told)
            return
        is_credit, is_reversal = _text(entry, "CdtDbtInd") == "CRDT", _text(entry, "RvslInd") in {"true", "1"}
        amount = self._money.tiyin(_text(entry, "Amt")) or 0
        self._credits += amount * is_credit
        if reason := _left_out(entry, is_credit=is_credit, is_reversal=is_reversal):
            texts = texts_of(
                amount=_text(entry, "Amt") if is_credit else "", reference=_reference(entry), purpose=_text(entry, "AddtlNtryInf")
            )
            yield StatementEntry(self._row_no, texts, reason, _text(entry, "Amt"))
            self._row_no += max(len(details), 1) - 1
            return
        self._due -= amount * is_reversal
        yield from self._payments(entry, details, amount)

    def _payments(self, entry: Element, details: list[Element], amount: int) -> Iterator[StatementEntry]:
        found = 0
        for place, detail in enumerate(details or [entry]):
            self._row_no += place > 0
            texts = self._texts(entry, detail, is_only=len(details) <= 1)
            found += abs(self._money.tiyin(texts[_AMOUNT]) or 0)
            payer = _text(detail, "RltdPties/DbtrAcct/Id/IBAN", "RltdPties/DbtrAcct/Id/Othr/Id")
            if self._leaves_transfers and payer in self._own:
                yield StatementEntry(self._row_no, texts, PaymentRowProblem.OWN_TRANSFER, payer)
            else:
                yield StatementEntry(self._row_no, texts)
        # What the payer paid and the bank kept is no part of the entry.
        if 0 < found - amount == self._charges(entry, details):
            kept = f"-{(found - amount) // 100}.{(found - amount) % 100:02d}"
            yield StatementEntry(self._row_no, texts_of(amount=kept, reference=_reference(entry)), PaymentRowProblem.BANK_CHARGE, kept)

    def _charges(self, entry: Element, details: list[Element]) -> int:
        """Return what the bank says that it kept of an entry, in tiyin."""
        said = [charge for part in (details or [entry]) for charge in part.findall("Chrgs/Rcrd") or part.findall("Chrgs")]
        kept = [charge for charge in said if _text(charge, "CdtDbtInd") != "CRDT" and _currency(charge, OUR_CURRENCY) == OUR_CURRENCY]
        return sum(self._money.tiyin(_text(charge, "Amt", "TtlChrgsAndTaxAmt")) or 0 for charge in kept)

    @staticmethod
    def _texts(entry: Element, detail: Element, *, is_only: bool) -> list[str]:
        """Return the texts of a payment.

        :param is_only: it is the only one of its entry, whose amount is its own then
        """
        amount = _amount(detail, _text(entry, "Amt") if is_only else "")
        if (_text(detail, "CdtDbtInd") or _text(entry, "CdtDbtInd")) != "CRDT":
            amount = f"-{amount}"
        return texts_of(
            amount=amount,
            reference=_reference(entry, detail),
            paid_on=_text(entry, "BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm"),
            payer=_text(detail, "RltdPties/Dbtr/Nm", "RltdPties/Dbtr/Pty/Nm"),
            phone=_text(detail, "RltdPties/Dbtr/CtctDtls/PhneNb", "RltdPties/Dbtr/Pty/CtctDtls/PhneNb"),
            purpose=_purpose(detail) or _text(entry, "AddtlNtryInf"),
        )

    def close(self) -> None:
        """End a statement: its credits are what its summary says, or else its entries; one in another currency has none of ours."""
        if (self._currency or OUR_CURRENCY) == OUR_CURRENCY:
            self._due += self._credits if self._declared is None else self._declared
        else:
            self._account = self._account._replace(opening_tiyin=None, closing_tiyin=None)
        if self._account != _NO_ACCOUNT:
            self._head.accounts.append(self._account)
        self._head.declared = FileTotals(None, self._due)
        self._account, self._currency, self._declared, self._credits = _NO_ACCOUNT, "", None, 0


def _left_out(entry: Element, *, is_credit: bool, is_reversal: bool) -> PaymentRowProblem | None:
    """Return why nothing of an entry is a payment, or None if it is one; one that is not booked yet will come again when it is."""
    if _text(entry, "Sts/Cd", "Sts") not in _BOOKED:
        return PaymentRowProblem.NOT_BOOKED
    if is_credit and is_reversal:
        return PaymentRowProblem.PAYMENT_RETURNED
    return None if is_credit or is_reversal else PaymentRowProblem.OUTGOING


def _reference(entry: Element, detail: Element | None = None) -> str:
    """Return the bank's own number of a payment, which all of an entry may bear; the payer's end-to-end number is none."""
    own = [_text(detail, path) for path in ("Refs/AcctSvcrRef", "Refs/UETR")] if detail is not None else []
    return next(filter(is_number, [*own, _text(entry, "AcctSvcrRef")]), "")


def _currency(part: Element, usual: str) -> str:
    found = part.find("Amt")
    return (found.get("Ccy", "") if found is not None else "") or usual or OUR_CURRENCY


def _text(part: Element, *paths: str) -> str:
    for path in paths:
        found = part if path == "." else part.find(path)
        if found is not None and (text := (found.text or "").strip()):
            return text
    return ""


def _amount(detail: Element, otherwise: str) -> str:
    """Return a payment's amount in our currency, or else another text, or the amount with its currency, which makes it none of ours.

    What the payer ordered may be in another currency.
    """
    found = [each for path in ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/CntrValAmt/Amt") if (each := detail.find(path)) is not None]
    ours = (each.text or "" for each in found if each.get("Ccy", OUR_CURRENCY) == OUR_CURRENCY)
    foreign = (f"{each.text} {each.get('Ccy')}" for each in found)
    return next(ours, otherwise or next(foreign, "")).strip()


def _purpose(detail: Element) -> str:
    lines = [line.text or "" for line in (*detail.findall("RmtInf/Ustrd"), *detail.findall("RmtInf/Strd/CdtrRefInf/Ref"))]
    return " ".join(map(str.strip, lines)) or _text(detail, "AddtlTxInf")


def camt_parts(path: Path) -> Iterator[Element]:
    """Return the parts of every statement or notification in a camt message, one after another, without their namespace."""
    parts: deque[Element] = deque()
    target = _Parts(parts.append)
    parser = _camt_parser(target)
    try:
        with path.open("rb") as file:
            _check_encoding(file.peek())
            while chunk := file.read(_CHUNK):
                parser.feed(chunk)
                while parts:
                    yield parts.popleft()
        parser.close()
    except (etree.XMLSyntaxError, ValueError) as error:
        raise WorkbookRefused(
            "UNREADABLE", "damaged XML: %(error)s", error=str(getattr(error, "msg", error)).replace("\n", "")[:200]
        ) from None
    yield from parts
    if not target.has_message:
        raise target.refusal()


def _check_encoding(beginning: bytes) -> None:
    """Refuse a declared encoding that no bank writes; the parser knows hundreds, and in some of them letters hide marks.

    :raises ValueError: if it is none of ours
    """
    declared = _DECLARED.match(beginning)
    if declared and not _ENCODINGS.fullmatch(declared[1]):
        raise ValueError(f"unknown encoding {declared[1].decode('ascii', 'replace')}")


def _camt_parser(target: "_Parts") -> Any:
    """Return a parser that tells a target what it meets and builds no tree; it fetches nothing, and its own limits stay on."""
    return etree.XMLParser(
        target=target, resolve_entities=False, load_dtd=False, dtd_validation=False, no_network=True, huge_tree=False, remove_pis=True,
    )  # fmt: skip


class _Parts:
    """Builds an element of each child of a statement: Document / message / statement / child."""

    _LEVEL = 4

    def __init__(self, take: Callable[[Element], object]) -> None:
        self._take = take
        #: how deep we are in a message; below 1 we are in what it is sent in
        self._depth = self._elements = self._around = 0
        self._root = ""
        self._builder = etree.TreeBuilder()
        self.has_message = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Begin an element."""
        self._root = self._root or name
        if not self._depth and not _MESSAGE.fullmatch(name):
            if name.rpartition("}")[2] == "Document" or self._around >= DEEPEST:
                raise self.refusal(name)
            self._around += 1
            return
        self.has_message = True
        self._depth += 1
        if self._depth >= self._LEVEL:
            self._elements += 1
            if self._depth > DEEPEST or self._elements > MOST_ELEMENTS or len(attributes) > MOST_ATTRIBUTES:
                raise WorkbookRefused("TOO_LARGE", "elements stand too deep, or an entry has too many of them")
            self._builder.start(name.rpartition("}")[2], attributes)

    def doctype(self, *_: object) -> None:
        """Refuse a message that declares anything: entities stand in a document type only."""
        raise WorkbookRefused("UNREADABLE", "the message declares a document type or entities")

    def close(self) -> None:
        """End the document."""

    def data(self, text: str) -> None:
        """Go on with the text of an element."""
        if self._depth >= self._LEVEL:
            self._builder.data(text)

    def refusal(self, name: str = "") -> WorkbookRefused:
        """Return the refusal of another message, or of an envelope without one."""
        return WorkbookRefused(
            "OTHER_KIND",
            "this is no camt.053 or camt.054 message but %(root)s",
            root=(name or self._root).lstrip("{").replace("}", " ")[:100],
        )

    def end(self, name: str) -> None:
        """End an element."""
        if not self._depth:
            self._around -= 1
            return
        if self._depth >= self._LEVEL:
            self._builder.end(name.rpartition("}")[2])
        if self._depth == self._LEVEL:
            self._take(self._builder.close())
            self._builder, self._elements = etree.TreeBuilder(), 0
        self._depth -= 1
