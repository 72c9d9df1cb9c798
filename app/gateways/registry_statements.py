"""Bank statements as registries: 1CClientBankExchange 1.03 and ISO 20022 camt.053 and camt.054.

Runs in the process that ``registries`` starts. Only money that came in is a row; a payment taken back is a negative one.

Sources: v8.1c.ru/edi, standard of exchange 1.03; the message definitions of camt.053 and .054, versions 02 to 08 (RECALL: their
elements are as we remember them; OPEN: which of them each bank fills, and whether it exports 1C at all). In camt a credit
taken back is a debit entry with the reversal mark; a credit with that mark is our own payment come back, and no row.
"""

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder  # elements only: expat itself parses, without entities
from xml.parsers import expat

from app.domain.registries import FIELDS, Profile, StatementAccount, Totals
from app.gateways.registry_rows import Days, Fault, References, amount_reader
from app.gateways.registry_tables import open_text
from app.gateways.tables_child import Refused

MOST_KEYS = 500  # of a section of a 1C file
LONGEST_LINE = 1 << 16
DEEPEST = 40
#: Elements of an entry; about a hundred thousand payments booked as one sum.
MOST_ELEMENTS = 2_000_000
_CHUNK = 1 << 16
_SAMPLE = 1 << 12

Row = tuple[int, list[str]]


@dataclass
class Head:
    """What a statement says besides its payments, filled while it is read."""

    declared: Totals | None = None
    registry_number: str = ""
    dated_on: str = ""
    accounts: list[StatementAccount] = field(default_factory=list)
    #: documents or entries that brought no money in
    left_out: int = 0


class Money:
    """Amounts and days outside of rows: missing or wrong ones are None or empty."""

    def __init__(self, profile: Profile, *date_formats: str) -> None:
        self._amount_of, self._days = amount_reader(profile), Days(*date_formats)

    def tiyin(self, text: str) -> int | None:
        """Return an amount; zero is one here."""
        if text and not text.strip("0.,"):
            return 0
        try:
            return self._amount_of(text)
        except Fault:
            return None

    def day(self, text: str) -> str:
        """Return an ISO date."""
        try:
            return self._days[text]
        except Fault:
            return ""


def _texts(**said: str) -> list[str]:
    return [said.get(name, "") for name in FIELDS]


# 1C


_SAYS_ENCODING = re.compile(rb"=(Windows|DOS)\s")
_ACCOUNT, _DOCUMENT, _FILE_END = "СекцияРасчСчет", "СекцияДокумент", "КонецФайла"
_ENDS = {_ACCOUNT: "КонецРасчСчет", _DOCUMENT: "КонецДокумента"}
_PURPOSES = ("НазначениеПлатежа", *(f"НазначениеПлатежа{number}" for number in range(1, 7)))

Section = tuple[str, dict[str, str]]


def one_c_rows(path: Path, profile: Profile, head: Head) -> Iterator[Row]:
    """Return the incoming documents of a 1C file; the row is the document's number among all of the file.

    A document came in if its receiver is one of the statement's own accounts and the day it arrived is filled. It has no
    number of its own that is unique, so its reference is a digest of what identifies a payment order.

    :raises Refused: if it is no such file, or is cut
    """
    own: set[str] = set()
    incoming: list[int | None] = []
    money, references = Money(profile, profile.date_format), References()
    row_no = 0
    for name, said in _one_c_sections(path, profile):
        if name == _DOCUMENT:
            row_no += 1
            if {said.get("ПолучательСчет"), said.get("ПолучательРасчСчет")} & own and said.get("ДатаПоступило"):
                yield row_no, _one_c_texts(said, references)
            else:
                head.left_out += 1
            continue
        head.dated_on = head.dated_on or money.day(said.get("ДатаСоздания", ""))
        own.update(filter(None, said.get("РасчСчет", "").split()))
        if name == _ACCOUNT:
            incoming.append(money.tiyin(said.get("ВсегоПоступило", "")))
            head.accounts.append(_one_c_account(said, money))
    if not own:
        raise Refused("NO_HEADER", "РасчСчет")
    known = [amount for amount in incoming if amount is not None]
    head.declared = Totals(None, sum(known)) if known and len(known) == len(incoming) else None


def _one_c_account(said: Mapping[str, str], money: Money) -> StatementAccount:
    opening, closing = (money.tiyin(said.get(name, "")) for name in ("НачальныйОстаток", "КонечныйОстаток"))
    return StatementAccount(said.get("РасчСчет", ""), opening, closing)


def _one_c_texts(said: Mapping[str, str], references: References) -> list[str]:
    purpose = said.get(_PURPOSES[0]) or " ".join(filter(None, map(said.get, _PURPOSES[1:])))
    payer = said.get("Плательщик1") or said.get("Плательщик", "")
    names = ("Номер", "Дата", "Сумма", "ПлательщикСчет", "ПлательщикРасчСчет", "ПолучательСчет", "ПолучательРасчСчет")
    reference = references.next_of("\t".join([*(said.get(name, "") for name in names), purpose]))
    return _texts(amount=said.get("Сумма", ""), reference=reference, paid_on=said["ДатаПоступило"], payer=payer, purpose=purpose)


def _one_c_sections(path: Path, profile: Profile) -> Iterator[Section]:
    """Return what stands above the sections, under no name, and then each section; a repeated key's values are joined."""
    lines = _one_c_lines(path, profile.encoding)
    if next(lines, "") != "1CClientBankExchange":
        raise Refused("OTHER_KIND", "this is no 1CClientBankExchange file")
    name, said, last = "", dict[str, str](), ""
    for line in lines:
        key, equals, value = line.partition("=")
        if key in _ENDS or key == _FILE_END:
            if name:
                raise Refused("CUT", f"{_ENDS[name]} is missing")
            yield name, said
            name, said, last = key, {}, ""
            if key == _FILE_END:
                return
        elif name and line == _ENDS[name]:
            yield name, said
            name, said = "", {}
        elif equals or last:
            # A line without a key goes on with the value above it: purposes are broken like that.
            last, value = (key, value) if equals else (last, line)
            said[last] = f"{said[last]} {value}".strip() if last in said else value
            _check_section(said, last)
    raise Refused("CUT", f"{_FILE_END} is missing: the file is cut")


def _check_section(said: Mapping[str, str], last: str) -> None:
    if len(said) > MOST_KEYS or len(said[last]) > 16 * LONGEST_LINE:
        raise Refused("TOO_LARGE", f"a section with too much in it: {last[:50]}")


def _one_c_lines(path: Path, encoding: str) -> Iterator[str]:
    with path.open("rb") as binary:
        sample = binary.read(_SAMPLE)
    with open_text(path, _one_c_encoding(sample, encoding)) as file:
        while line := file.readline(LONGEST_LINE):
            if stripped := line.strip():
                yield stripped


def _one_c_encoding(sample: bytes, encoding: str) -> str:
    """Return the encoding a file names; some say Windows and are in UTF-8, which shows."""
    if "Кодировка".encode() in sample:
        return "utf-8"
    said = _SAYS_ENCODING.search(sample)
    return {b"Windows": "cp1251", b"DOS": "cp866"}[said[1]] if said else encoding


# ISO 20022


_MESSAGE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:camt\.05[34]\.001\.[0-9]{2} Document")
_BOOKED = {"BOOK", ""}
_NO_ACCOUNT = StatementAccount("", None, None)


def camt_rows(path: Path, profile: Profile, head: Head) -> Iterator[Row]:
    """Return the payments of a camt message, several of an entry where the bank booked them as one sum.

    :raises Refused: if it is no camt.053 or .054, is damaged, or has a DOCTYPE or anything else that only an attack needs
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

    def __init__(self, profile: Profile, head: Head) -> None:
        self._head = head
        self._money = Money(profile, "iso")
        self._references = References()
        self._row_no = 0
        self._declared: int | None = None
        #: of the statement being read, by entries
        self._credits = 0
        #: what the rows so far must add up to: credits that are rows less those taken back
        self._due = 0
        self._account = _NO_ACCOUNT

    def learn(self, part: Element) -> None:
        """Keep what the head of a statement says."""
        head, money = self._head, self._money
        if part.tag == "Id":
            self.close()
            head.registry_number = head.registry_number or _text(part, ".")[:100]
        elif part.tag == "CreDtTm":
            head.dated_on = head.dated_on or money.day(_text(part, "."))
        elif part.tag == "Acct":
            self._account = self._account._replace(number=_text(part, "Id/IBAN", "Id/Othr/Id")[:64])
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

    def rows(self, entry: Element) -> Iterator[Row]:
        """Return the payments of an entry; one that is not booked yet will come again when it is."""
        is_credit, is_reversal = _text(entry, "CdtDbtInd") == "CRDT", _text(entry, "RvslInd") in {"true", "1"}
        amount = self._money.tiyin(_text(entry, "Amt")) or 0
        self._credits += amount * is_credit
        details = entry.findall("NtryDtls/TxDtls")
        if is_credit == is_reversal or _text(entry, "Sts/Cd", "Sts") not in _BOOKED:
            self._due -= amount * is_credit
            self._row_no += max(len(details), 1)
            self._head.left_out += 1
            return
        self._due -= amount * is_reversal
        for number, detail in enumerate(details or [entry], 1):
            self._row_no += 1
            yield self._row_no, self._texts(entry, detail, number if len(details) > 1 else 0)

    def _texts(self, entry: Element, detail: Element, number: int) -> list[str]:
        """Return the texts of a payment.

        :param number: its number among the payments of the entry; 0 if it is the only one
        """
        amount = _amount(detail, "Amt", "AmtDtls/TxAmt/Amt") or ("" if number else _amount(entry, "Amt"))
        direction = _text(entry, "CdtDbtInd")
        if (_text(detail, "CdtDbtInd") or direction) != "CRDT":
            amount = f"-{amount}"
        texts = {
            "amount": amount,
            "paid_on": _text(entry, "BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm"),
            "payer": _text(detail, "RltdPties/Dbtr/Nm", "RltdPties/Dbtr/Pty/Nm"),
            "phone": _text(detail, "RltdPties/Dbtr/CtctDtls/PhneNb", "RltdPties/Dbtr/Pty/CtctDtls/PhneNb"),
            "purpose": _purpose(detail) or _text(entry, "AddtlNtryInf"),
        }
        reference = self._reference(entry, detail, number) or self._references.next_of("\t".join(texts.values()))
        return _texts(reference=reference, **texts)

    @staticmethod
    def _reference(entry: Element, detail: Element, number: int) -> str:
        """Return the bank's own number of a payment; the payer's end-to-end number may repeat and is none."""
        if own := _text(detail, "Refs/AcctSvcrRef", "Refs/UETR"):
            return own
        booked = _text(entry, "AcctSvcrRef")
        return f"{booked}/{number}" if booked and number else booked

    def close(self) -> None:
        """End a statement: its credits are what its summary says, or else its entries."""
        if self._account != _NO_ACCOUNT:
            self._head.accounts.append(self._account)
        self._due += self._credits if self._declared is None else self._declared
        self._head.declared = Totals(None, self._due)
        self._account, self._declared, self._credits = _NO_ACCOUNT, None, 0


def _text(part: Element, *paths: str) -> str:
    for path in paths:
        found = part if path == "." else part.find(path)
        if found is not None and (text := (found.text or "").strip()):
            return text
    return ""


def _amount(part: Element, *paths: str) -> str:
    """Return an amount; behind one in a foreign currency that stands, which makes it no amount of ours."""
    for path in paths:
        found = part.find(path)
        if found is not None:
            currency = found.get("Ccy", "UZS")
            return (found.text or "").strip() + ("" if currency == "UZS" else f" {currency}")
    return ""


def _purpose(detail: Element) -> str:
    lines = [line.text or "" for line in (*detail.findall("RmtInf/Ustrd"), *detail.findall("RmtInf/Strd/CdtrRefInf/Ref"))]
    return " ".join(map(str.strip, lines)) or _text(detail, "AddtlTxInf")


def camt_parts(path: Path) -> Iterator[Element]:
    """Return the parts of every statement or notification in a camt message, one after another, without their namespace."""
    parts: deque[Element] = deque()
    parser = _camt_parser(_Parts(parts.append))
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                parser.Parse(chunk, False)
                while parts:
                    yield parts.popleft()
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise Refused("UNREADABLE", f"damaged XML: {error}"[:200]) from None
    yield from parts


def _camt_parser(target: "_Parts") -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = target.start, target.end
    parser.CharacterDataHandler = target.text
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _refuse_declaration
    return parser


def _refuse_declaration(*_: object) -> None:
    raise Refused("UNREADABLE", "the message declares a document type or entities")


class _Parts:
    """Builds an element of each child of a statement: Document / message / statement / child."""

    _LEVEL = 4

    def __init__(self, take: Callable[[Element], object]) -> None:
        self._take = take
        self._depth = self._elements = 0
        self._builder = TreeBuilder()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Begin an element."""
        self._depth += 1
        if self._depth == 1 and not _MESSAGE.fullmatch(name):
            raise Refused("OTHER_KIND", f"this is no camt.053 or camt.054 message but {name[:100]}")
        if self._depth >= self._LEVEL:
            self._elements += 1
            if self._depth > DEEPEST or self._elements > MOST_ELEMENTS:
                raise Refused("TOO_LARGE", "elements stand too deep, or an entry has too many of them")
            self._builder.start(name.rpartition(" ")[2], attributes)

    def text(self, text: str) -> None:
        """Go on with the text of an element."""
        if self._depth >= self._LEVEL:
            self._builder.data(text)

    def end(self, name: str) -> None:
        """End an element."""
        if self._depth >= self._LEVEL:
            self._builder.end(name.rpartition(" ")[2])
        if self._depth == self._LEVEL:
            self._take(self._builder.close())
            self._builder, self._elements = TreeBuilder(), 0
        self._depth -= 1
