"""Bank statements of 1CClientBankExchange 1.03.

Source: v8.1c.ru/edi, standard of exchange 1.03 (OPEN: whether each bank exports it at all).
"""

import re
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from pathlib import Path

from app.domain.payments.files import FIELDS, FileTotals, OwnTransfers, PaymentRowProblem, Profile, StatementAccount
from app.gateways.payment_files.statements import StatementEntry, StatementHead, StatementMoney, is_ours, texts_of
from app.gateways.payment_files.tables import open_text
from app.gateways.workbooks import WorkbookRefused

MOST_KEYS = 500  # of a section
LONGEST_LINE = 1 << 16
_SAMPLE = 1 << 12

_ACCOUNT, _DOCUMENT, _FILE_END = "СекцияРасчСчет", "СекцияДокумент", "КонецФайла"
_ENDS = {_ACCOUNT: "КонецРасчСчет", _DOCUMENT: "КонецДокумента"}
_PURPOSES = ("НазначениеПлатежа", *(f"НазначениеПлатежа{number}" for number in range(1, 7)))
#: Keys of a document; behind a purpose anything else is its next line.
_KEYS = re.compile(
    "(?:Плательщик|Получатель|Показатель|Квитанция|УсловиеОплаты|НазначениеПлатежа)[А-Яа-яЁё]*[0-9]?"
    "|Номер|Дата|Сумма|Валюта|КодВалюты|ДатаСписано|ДатаПоступило|ВидПлатежа|ВидОплаты|Код|КодНазПлатежа|СтатусСоставителя|ОКАТО"
    "|СрокПлатежа|СрокАкцепта|Очередность|ВидАккредитива|ПлатежПоПредст|ДополнУсловия|НомерСчетаПоставщика|ДатаОтсылкиДок"
)
#: Words that a file of the format cannot do without; they tell its encoding better than what it says of it.
_SURE_WORDS = ("ВерсияФормата", "РасчСчет", _DOCUMENT)

Section = tuple[str, dict[str, str]]


def one_c_rows(path: Path, profile: Profile, head: StatementHead) -> Iterator[StatementEntry]:
    """Return the documents of a 1C file: a payment came in if its receiver is one of the statement's own accounts.

    A bank that leaves out the day of arrival means the day of its statement, or of several days that of the document.

    :raises WorkbookRefused: if it is no such file, or is cut
    """
    statement = _OneC(profile, head)
    number = 0
    for name, said in _one_c_sections(path, profile):
        if name == _DOCUMENT:
            number += 1
            yield statement.row(number, said)
        else:
            statement.learn(name, said)
    statement.close()


class _OneC:
    """Turns the documents of a 1C file to rows, and keeps what its sections declare."""

    def __init__(self, profile: Profile, head: StatementHead) -> None:
        self._head, self._money = head, StatementMoney(profile, profile.date_format)
        self._own: set[str] = set()
        self._also_own = {*profile.own_accounts}
        self._leaves_transfers = profile.own_transfers is OwnTransfers.LEFT_OUT
        self._incoming: list[int | None] = []
        #: the day of the statement, as it is written; empty if it is of several
        self._day = ""

    def learn(self, name: str, said: Mapping[str, str]) -> None:
        """Keep what stands above the documents."""
        self._head.dated_on = self._head.dated_on or self._money.day(said.get("ДатаСоздания", ""))
        self._own.update(filter(None, said.get("РасчСчет", "").split()))
        first, last = said.get("ДатаНачала", ""), said.get("ДатаКонца", "")
        self._day = first if first and first == last else self._day
        if name != _ACCOUNT:
            return
        number = said.get("РасчСчет", "")
        opening, closing, incoming = (
            self._money.tiyin(said.get(key, "")) for key in ("НачальныйОстаток", "КонечныйОстаток", "ВсегоПоступило")
        )
        if is_ours(number):
            self._incoming.append(incoming)
            self._head.accounts.append(StatementAccount(number, opening, closing))
        else:
            self._head.accounts.append(StatementAccount(number, None, None))

    def row(self, number: int, said: Mapping[str, str]) -> StatementEntry:
        """Return a document as a payment, or as left out."""
        payers = {said.get("ПлательщикСчет", ""), said.get("ПлательщикРасчСчет", "")} - {""}
        receivers = {said.get("ПолучательСчет", ""), said.get("ПолучательРасчСчет", "")} - {""}
        texts, amount = self._texts(said), said.get("Сумма", "")
        counted_nowhere = [text if name != "amount" else "" for name, text in zip(FIELDS, texts, strict=True)]
        if not receivers & self._own:
            return StatementEntry(number, counted_nowhere, PaymentRowProblem.OUTGOING, " → ".join([amount, *sorted(receivers)]))
        if not all(map(is_ours, receivers & self._own)):
            return StatementEntry(number, counted_nowhere, PaymentRowProblem.OTHER_CURRENCY, " → ".join([amount, *sorted(receivers)]))
        if self._leaves_transfers and payers & (self._own | self._also_own):
            return StatementEntry(number, texts, PaymentRowProblem.OWN_TRANSFER, " → ".join([*sorted(payers), *sorted(receivers)]))
        return StatementEntry(number, texts)

    def _texts(self, said: Mapping[str, str]) -> list[str]:
        whole, lines = said.get(_PURPOSES[0], ""), " ".join(filter(None, map(said.get, _PURPOSES[1:])))
        return texts_of(
            amount=said.get("Сумма", ""),
            reference=said.get("Номер", ""),
            paid_on=said.get("ДатаПоступило") or self._day or said.get("Дата", ""),
            payer=said.get("Плательщик1") or said.get("Плательщик", ""),
            purpose=whole if lines in whole else f"{whole} {lines}".strip(),
        )

    def close(self) -> None:
        """End the file: what it declares are its accounts' incomes, if each of them tells it."""
        if not self._own:
            raise WorkbookRefused("NO_HEADER", "РасчСчет")
        known = [amount for amount in self._incoming if amount is not None]
        self._head.declared = FileTotals(None, sum(known)) if known and len(known) == len(self._incoming) else None


def _one_c_sections(path: Path, profile: Profile) -> Iterator[Section]:
    """Return what stands above the sections, under no name, and then each section; a repeated key's values are joined."""
    lines = _one_c_lines(path, profile.encoding)
    if next(lines, "") != "1CClientBankExchange":
        raise WorkbookRefused("OTHER_KIND", "this is no 1CClientBankExchange file")
    name, said, last = "", dict[str, str](), ""
    for line in lines:
        key, equals, value = line.partition("=")
        if key in _ENDS or key == _FILE_END:
            if name:
                raise WorkbookRefused("CUT", "%(mark)s is missing", mark=_ENDS[name])
            yield name, said
            name, said, last = key, {}, ""
            if key == _FILE_END:
                return
        elif name and line == _ENDS[name]:
            yield name, said
            name, said = "", {}
        elif equals or last:
            is_next_line = not equals or (last in _PURPOSES and (key in said or not _KEYS.fullmatch(key)))
            last, value = (last, line) if is_next_line else (key, value)
            said[last] = f"{said[last]} {value}".strip() if last in said else value
            _check_section(said, last)
    raise WorkbookRefused("CUT", "%(mark)s is missing", mark=_FILE_END)


def _check_section(said: Mapping[str, str], last: str) -> None:
    if len(said) > MOST_KEYS or len(said[last]) > 16 * LONGEST_LINE:
        raise WorkbookRefused("TOO_LARGE", "a section with too much in it: %(mark)s", mark=last[:50])


def _one_c_lines(path: Path, encoding: str) -> Iterator[str]:
    with path.open("rb") as binary:
        sample = binary.read(_SAMPLE)
    with open_text(path, _one_c_encoding(sample, encoding)) as file:
        while line := file.readline(LONGEST_LINE):
            if stripped := line.strip():
                yield stripped


def _one_c_encoding(sample: bytes, encoding: str) -> str:
    """Return the encoding a file is in, whatever it says; that of the profile if it cannot be told."""
    if sample.startswith(BOM_UTF8):
        return "utf-8"
    found = (one for one in ("utf-8", "cp1251", "cp866") if any(word.encode(one) in sample for word in _SURE_WORDS))
    return next(found, encoding)
