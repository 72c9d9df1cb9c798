"""Rows of a payment file as lines for PostgreSQL's ``COPY … FROM STDIN`` in text form.

Runs in the process that the package starts. A million rows pass here, so what a profile says is made into functions once,
and the usual spelling of an amount or a day takes a short way; every other spelling is looked at with care.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date
from hashlib import blake2b

from app.domain import readers
from app.domain.payments.files import (
    DEFAULT_KEY,
    FIELDS,
    FILLERS,
    KEY_PARTS,
    OCCURRENCE,
    FileTotals,
    Form,
    PaymentRowProblem,
    Profile,
    Unit,
)
from app.domain.readers import LARGEST_MONEY_TIYIN, Misread, ReadingFault

NULL = r"\N"
LONGEST_NUMBER = 64  # account number, reference, phone
LONGEST_TEXT = 1000  # payer, purpose
LONGEST_VALUE = 100  # what a problem shows of a cell
MOST_OF_NUMBER = 32  # what a key shows of a number

#: Texts of ``FIELDS``, in that order; empty where the file has none.
RowTexts = Sequence[str]

_LIMITS = {
    "account_number": LONGEST_NUMBER,
    "reference": LONGEST_NUMBER,
    "payer": LONGEST_TEXT,
    "phone": LONGEST_NUMBER,
    "purpose": LONGEST_TEXT,
}
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), *range(127, 160), *range(0xD800, 0xE000)])
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_KEY_PLACES = {part: place for place, part in enumerate(KEY_PARTS) if part != OCCURRENCE}
_MOST_DAYS_KEPT = 10_000
#: Payments are of this century.
FIRST_DAY, DAY_AFTER_LAST = date(2000, 1, 1), date(2100, 1, 1)


_PROBLEMS = {
    ReadingFault.EMPTY: PaymentRowProblem.BAD_AMOUNT,
    ReadingFault.NOT_A_NUMBER: PaymentRowProblem.BAD_AMOUNT,
    ReadingFault.TOO_LARGE: PaymentRowProblem.AMOUNT_TOO_LARGE,
    ReadingFault.NOT_A_DAY: PaymentRowProblem.BAD_DATE,
}
#: Begins what a spreadsheet adds to a text, or puts in the place of what it lost; few rows have any of it.
_SPREADSHEET_MARKS = re.compile(r"[#'=]|E\+")


class UnreadableRow(Exception):
    """A row is not taken.

    :ivar column: one of ``FIELDS``, or empty if the whole row is meant
    :ivar value: what stands there
    """

    def __init__(self, problem: PaymentRowProblem, column: str, value: str) -> None:
        super().__init__(problem)
        self.problem, self.column, self.value = problem, column, value


def cleaned(text: str) -> str:
    """Return a text without NUL and control characters; tabs and line breaks stay."""
    return text.translate(_CONTROLS)


def escaped(text: str) -> str:
    r"""Return a text as COPY wants it; an empty one is NULL.

    >>> print(escaped("C:\\a\tb"), escaped(""))
    C:\\a\tb \N
    """
    return text.translate(_ESCAPES) or NULL


# Amounts


def fault_of(misread: Misread, column: str, value: str) -> UnreadableRow:
    """Return the fault of a row in whose column a value could not be read."""
    if misread.fault is ReadingFault.EMPTY and column == "paid_on":
        return UnreadableRow(PaymentRowProblem.BAD_DATE, column, value)
    return UnreadableRow(_PROBLEMS.get(misread.fault) or PaymentRowProblem(misread.fault.value), column, value)


def amount_reader(profile: Profile) -> Callable[[str], int]:
    """Return the function that turns the text of an amount into tiyin, exactly.

    A sign may stand before or, as accountants write it, behind; groups are of three digits; there are no more decimals than
    a tiyin has. The function raises ``Fault``.

    >>> amount_reader(Profile.from_dict({"form": "CAMT", "account_pattern": "x", "group_separator": " "}))("1 000.5")
    100050
    """
    point = profile.decimal_separator
    slowly = _careful_amount_reader(profile)
    if profile.unit is Unit.TIYIN:
        return slowly

    def read(text: str) -> int:
        digits = text.replace(point, "", 1)
        if text[-3:-2] == point and 3 < len(text) <= 16 and digits.isdecimal() and digits.isascii():
            return int(digits) or slowly(text)
        return slowly(text)

    return read


def _careful_amount_reader(profile: Profile) -> Callable[[str], int]:
    blanks = " \u00a0\u2009\u202f" if profile.group_separator == " " else profile.group_separator
    places = readers.MONEY_PLACES if profile.unit is Unit.SOM else 0
    number = readers.number_reader(places, points=profile.decimal_separator, blanks=blanks, sign_behind=True)

    def read(text: str) -> int:
        try:
            amount = number(readers.shortest(text) if profile.form is Form.CAMT else text)
        except Misread as misread:
            raise fault_of(misread, "amount", text) from None
        if not amount:
            raise UnreadableRow(PaymentRowProblem.ZERO_AMOUNT, "amount", text)
        if abs(amount) > LARGEST_MONEY_TIYIN:
            raise UnreadableRow(PaymentRowProblem.AMOUNT_TOO_LARGE, "amount", text)
        return amount

    return read


# Days


class Days(dict[str, str]):
    """Texts of days already read, with their ISO dates; a payment file has few different ones.

    Several formats may be allowed; a time behind the day is left out. Asking for a text that is no day of this century
    raises ``Fault``.
    """

    def __init__(self, *date_formats: str) -> None:
        super().__init__()
        self._read = readers.day_reader(*date_formats)

    def __missing__(self, text: str) -> str:
        if len(self) >= _MOST_DAYS_KEPT:
            self.clear()
        try:
            day = self._read(text)
        except Misread as misread:
            raise fault_of(misread, "paid_on", text) from None
        if not FIRST_DAY <= day < DAY_AFTER_LAST:
            raise UnreadableRow(PaymentRowProblem.BAD_DATE, "paid_on", text)
        return self.setdefault(text, day.isoformat())


# References


def is_number(reference: str) -> bool:
    """Tell whether a number of a payment is one, and not what stands where there is none.

    >>> is_number("17"), is_number("NONREF"), is_number("000"), is_number("-")
    (True, False, False, False)
    """
    return bool(reference.strip("0-–—. ")) and reference.casefold() not in FILLERS


class References:
    """Keys of payments: what the contract says a payment is known by, and a number among the rows of the file that say the same.

    So the same rows in another order have the same keys. For counting a hash of eight bytes stands for the digest: a
    million rows take 100 MB so. Should two of them ever agree, a number is one too high, and the keys still differ.

    :param unique: parts of ``KEY_PARTS``; a row without a number is known by all that it says
    """

    def __init__(self, unique: Sequence[str] = DEFAULT_KEY) -> None:
        self._counts: dict[int, int] = {}
        self._parts = [_KEY_PLACES[part] for part in unique if part in _KEY_PLACES]
        self._is_numbered = "reference" in unique

    def next_of(self, said: str) -> str:
        """Return the reference of the next row that says this."""
        return self._counted(blake2b(said.encode(), digest_size=16).hexdigest())

    def of_payment(self, values: Sequence[str], said: str) -> str:
        """Return the reference of the next payment of a key; a number that it is known by is the beginning.

        :param values: of ``KEY_PARTS``, without the last
        :param said: all that the row says
        """
        number = values[2]
        if self._is_numbered and not is_number(number):
            return self.next_of(said)
        # Blanks and capitals of a payer's name differ from one export to the next.
        known = " ".join(filter(None, "\t".join([values[place] for place in self._parts]).casefold().split(" ")))
        beginning = number[:MOST_OF_NUMBER] if self._is_numbered else ""
        return self._counted(f"{beginning}~{blake2b(known.encode(), digest_size=10).hexdigest()}")

    def _counted(self, key: str) -> str:
        place = hash(key)
        self._counts[place] = number = self._counts.get(place, 0) + 1
        return f"{key}-{number}"


# Lines


class TextLines:
    """Makes the line of each row and keeps the totals found.

    :ivar rows: lines made, with a problem or not
    :ivar rejected: those with a problem
    :ivar left_out: rows of a statement that are no money of consumers
    :ivar sum_tiyin: sum of every amount that could be read, also where something else is wrong with the row
    """

    def __init__(self, profile: Profile, *date_formats: str) -> None:
        self.rows = self.rejected = self.left_out = self.sum_tiyin = 0
        self._amount_of = amount_reader(profile)
        self._days = Days(*date_formats)
        self._dated = "paid_on" in profile.columns or not profile.columns
        self._account = re.compile(profile.account_pattern) if profile.account_pattern else None
        self._references = References(profile.unique)

    @property
    def found(self) -> FileTotals:
        """The totals of the rows so far."""
        return FileTotals(self.rows, self.sum_tiyin)

    def line(self, row_no: int, texts: RowTexts) -> str:
        """Return the line of a row.

        :raises Fault: if the row is not taken; it is not counted then, ``faulty`` does that
        """
        joined = "".join(texts)
        plain = joined.isprintable() and "\\" not in joined
        if not plain:
            texts = [cleaned(text) for text in texts]
        account, amount, reference, paid_on, payer, phone, purpose, period = texts
        tiyin = self._amount_of(amount)
        if period:
            purpose = f"{purpose} {period}"
        if not (account.isdigit() or not account) or not reference.isalnum() or _SPREADSHEET_MARKS.search(joined):
            account, reference, payer, phone, purpose = _bare(account, reference, payer, phone, purpose)
        account = "".join(account.split()) or self._account_in(purpose)
        day = self._days[paid_on] if self._dated else NULL
        reference, payer, phone, purpose = reference.strip(), payer.strip(), phone.strip(), purpose.strip()
        if len(joined) >= LONGEST_NUMBER:
            _check_lengths(account, reference, payer, phone, purpose)
        values = (day, payer, reference, account, str(tiyin), purpose)
        if not plain:
            account, payer, phone, purpose = (text.translate(_ESCAPES) for text in (account, payer, phone, purpose))
        said = f"{account}\t{tiyin}\t{day}\t{payer or NULL}\t{phone or NULL}\t{purpose or NULL}\t\\N\t\\N\t\\N\n"
        # Only money that comes in is a payment, and counted among its like.
        key = self._references.of_payment(values, said) if tiyin > 0 else reference
        self.rows += 1
        self.sum_tiyin += tiyin
        return f"{row_no}\t{key if plain else escaped(key)}\t{said}"

    def _account_in(self, purpose: str) -> str:
        match = self._account.search(purpose) if self._account else None
        return "".join((match[min(match.re.groups, 1)] or "").split()) if match else ""

    def faulty(self, row_no: int, texts: RowTexts, fault: UnreadableRow) -> str:
        """Return the line of a row that is not taken: without its day, and with what fits of the rest.

        :param texts: empty if the columns could not be told apart
        """
        self.rejected += 1
        return self._problem(row_no, texts, (fault.problem, fault.column, cleaned(fault.value).strip()[:LONGEST_VALUE]))

    def left(self, row_no: int, texts: RowTexts, reason: PaymentRowProblem, value: str) -> str:
        """Return the line of a row that is left out.

        :param texts: with an amount if it is counted in what the file declares
        :param value: what shows why
        """
        self.left_out += 1
        return self._problem(row_no, texts, (reason, "", cleaned(value).strip()[:LONGEST_VALUE]))

    def _problem(self, row_no: int, texts: RowTexts, about: tuple[str, str, str]) -> str:
        said = dict(zip(FIELDS, map(cleaned, texts), strict=False))
        kept = {name: _kept(said.get(name, ""), limit) for name, limit in _LIMITS.items()}
        self.rows += 1
        account = "".join(kept["account_number"].split())
        amount = self._counted_amount(said.get("amount", ""))
        line = "\t".join(map(escaped, (account, amount, "", kept["payer"], kept["phone"], kept["purpose"], *about)))
        return f"{row_no}\t{escaped(kept['reference'])}\t{line}\n"

    def _counted_amount(self, text: str) -> str:
        """Return an amount that can be read, counted with the others, or nothing."""
        try:
            tiyin = self._amount_of(text)
        except UnreadableRow:
            return ""
        self.sum_tiyin += tiyin
        return str(tiyin)


def _bare(account: str, reference: str, *others: str) -> tuple[str, ...]:
    """Return the texts of a row without what spreadsheets add to numbers; refuse what they lost.

    :raises Fault: naming the first cell with an error, or with a number of which 15 digits are left
    """
    bare = []
    for name, text in zip(_LIMITS, (account, reference, *others), strict=True):
        try:
            bare.append(readers.code(text) if name in {"account_number", "reference"} else readers.cell(text))
        except Misread as misread:
            raise fault_of(misread, name, text) from None
    return tuple(bare)


def _kept(text: str, limit: int) -> str:
    return text.strip() if len(text) <= limit else ""


def _check_lengths(account: str, reference: str, payer: str, phone: str, purpose: str) -> None:
    # The short way to nothing wrong takes a fifth of the time of the loop.
    if len(account) <= LONGEST_NUMBER >= len(reference) and len(phone) <= LONGEST_NUMBER and len(payer) <= LONGEST_TEXT >= len(purpose):
        return
    for (name, limit), text in zip(_LIMITS.items(), (account, reference, payer, phone, purpose), strict=True):
        if len(text) > limit:
            raise UnreadableRow(PaymentRowProblem.TEXT_TOO_LONG, name, text)
