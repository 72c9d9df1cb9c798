"""Bank statements as payment files: what 1CClientBankExchange and ISO 20022 share.

Runs in the process that the package starts. Money that came in is a payment; a payment taken back is a negative one. What else
stands in a statement is left out by name: transfers of our own, money in another currency, what goes out, what the bank kept.

A settlement account of 20 digits has its currency in the sixth to eighth, 000 is the soʻm (RECALL: chart of accounts of banks).
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from app.domain.payments.files import FIELDS, FileTotals, PaymentRowProblem, Profile, StatementAccount
from app.gateways.payment_files.rows import Days, UnreadableRow, amount_reader

OUR_CURRENCY = "UZS"


class StatementEntry(NamedTuple):
    """A payment of a statement, or what is left out of it."""

    #: its number among the documents or payments of the file, from 1
    number: int
    #: texts of ``FIELDS``; of what is left out with an amount if the statement counts it as come in
    texts: list[str]
    #: why it is left out; None: it is a payment
    reason: PaymentRowProblem | None = None
    #: what shows why
    value: str = ""


@dataclass
class StatementHead:
    """What a statement says besides its payments, filled while it is read."""

    declared: FileTotals | None = None
    payment_file_number: str = ""
    dated_on: str = ""
    accounts: list[StatementAccount] = field(default_factory=list)
    #: names of filled sheets of a workbook that were not read
    unread_sheets: list[str] = field(default_factory=list)


class StatementMoney:
    """Amounts and days outside of rows: missing or wrong ones are None or empty."""

    def __init__(self, profile: Profile, *date_formats: str) -> None:
        self._amount_of, self._days = amount_reader(profile), Days(*date_formats)

    def tiyin(self, text: str) -> int | None:
        """Return an amount; zero is one here."""
        if text and not text.strip("0.,"):
            return 0
        try:
            return self._amount_of(text)
        except UnreadableRow:
            return None

    def day(self, text: str) -> str:
        """Return an ISO date."""
        try:
            return self._days[text]
        except UnreadableRow:
            return ""


def texts_of(**said: str) -> list[str]:
    """Return the texts of ``FIELDS``, empty where nothing is said."""
    return [said.get(name, "") for name in FIELDS]


def is_ours(account: str) -> bool:
    """Tell whether a settlement account is one in soʻm; one of another shape is."""
    return not (len(account) == 20 and account.isdecimal()) or account[5:8] == "000"
