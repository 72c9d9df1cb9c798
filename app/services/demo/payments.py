"""Contracts with providers for the demo, and files of a bank: one of payments, one that repeats a row of it, a statement."""

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.payments.channels import CHANNELS, Channel, Collection
from app.models.payments import PaymentContract
from app.queries.records import Choice, fetch_all, fetch_one
from app.services.payments import files
from app.services.payments.files import Upload

#: The company's settlement accounts in the demo.
OWN, OTHER_OWN = "20208000900000001001", "20208000900000001002"
_HEADER = "Номер документа;Дата;Лицевой счет;Сумма;Плательщик;Телефон;Назначение платежа"

PAYME_KEY = "demo-payme-key-000000000000000000000"
PAYME_MERCHANT = "demo0000000000000000merch"
PROVIDER_LOGIN = "pc-billing-demo"
PROVIDER_KEY = "demo-provider-key-00000000000000000"


class DemoContract(NamedTuple):
    """A contract with a provider, whose keys anybody may know."""

    channel: Channel
    name: str
    merchant_number: str
    service_number: str = ""
    login: str = ""
    key: str = ""  #: the key it sends
    secret: str | None = None  #: the key it signs with


_CONTRACTS = (
    DemoContract(Channel.PAYME, "Payme (demo)", PAYME_MERCHANT, "", "Paycom", PAYME_KEY),
    DemoContract(Channel.PAYNET, "PAYNET (demo)", "700", "7", PROVIDER_LOGIN, PROVIDER_KEY),
    DemoContract(Channel.CLICK, "Click (demo)", "8001", "80012", secret=PROVIDER_KEY),
    DemoContract(Channel.UZUM, "Uzum Bank (demo)", "9001", "9", PROVIDER_LOGIN, PROVIDER_KEY),
    DemoContract(Channel.SMS, "SMS (demo)", "3700", "3700", PROVIDER_LOGIN, PROVIDER_KEY, PROVIDER_KEY),
    DemoContract(Channel.BANK, "Namuna bank (demo)", "20208000900000001001"),
    DemoContract(Channel.POST, "Oʻzbekiston pochtasi (demo)", "100"),
)


def contracts() -> list[DemoContract]:
    """Return a contract with each provider; of a channel that is not listed it has numbers made up."""
    listed = {each.channel for each in _CONTRACTS}
    made_up = [
        DemoContract(spec.channel, f"{spec.label} (demo)", "900", "9", PROVIDER_LOGIN, PROVIDER_KEY, PROVIDER_KEY)
        for spec in CHANNELS.values()
        if spec.collection != Collection.CASH and spec.channel not in listed
    ]
    return [*_CONTRACTS, *made_up]


def make_contracts(session: Session) -> None:
    """Add a contract with each provider; of a key its digest is kept."""
    for each in contracts():
        columns = each._asdict()
        key = columns.pop("key")
        session.add(PaymentContract(**columns, key_sha256=hashlib.sha256(key.encode()).hexdigest() if key else ""))
    session.flush()


def providers(address: str) -> dict[str, dict[str, str]]:
    """Return where the providers of online channels call, and by which keys."""
    online = {each.channel.lower(): each for each in contracts() if CHANNELS[each.channel].collection == Collection.ONLINE}
    found = {
        channel.lower(): {
            "url": f"{address}/api/{channel.lower()}",
            "login": each.login,
            "key": PROVIDER_KEY,
            "service": each.service_number,
        }
        for channel, each in online.items()
    }
    found["paynet"]["soap"] = f"{address}/api/paynet/soap"
    return found


def bring_files(session: Session, *, today: date) -> list[int]:
    """Bring the bank's files, as an operator of the region does, and return the jobs that load them, in order."""
    numbers = fetch_all(session, "SELECT number FROM account WHERE closed_on IS NULL ORDER BY id LIMIT 5", str)
    division_id = fetch_one(session, "SELECT id FROM division WHERE code = '1726'", int)
    table = "Bank CSV (cp1251, ;)"
    brought = (
        (table, "payments-1.csv", _first(numbers, today)),
        (table, "payments-2.csv", _second(numbers, today)),
        ("1C", "kl_to_1c.txt", _statement(numbers, today)),
    )
    profiles = {row.name: row.id for row in fetch_all(session, "SELECT id, name FROM payment_file_layout ORDER BY id DESC", Choice)}
    return [
        files.receive(
            session, Upload(name, "text/plain", content.encode("cp1251")), profile_id=profiles[layout], division_id=division_id, today=today
        )
        for layout, name, content in brought
    ]


def _table(rows: Sequence[tuple[str, date, str, int, str]]) -> str:
    lines = [f"{number};{day:%d.%m.%Y};{account};{som},00;{payer};;за электроэнергию" for number, day, account, som, payer in rows]
    return "\n".join([_HEADER, *lines, f"ИТОГО;{len(rows)};;{sum(row[3] for row in rows)},00;;;", ""])


def _first(numbers: Sequence[str], today: date) -> str:
    day = today - timedelta(days=2)
    rows = [(str(place), day, number, 40_000 + 5_000 * place, f"Абонент {place}") for place, number in enumerate(numbers[:3], 1)]
    # A digit was dropped: the money waits in suspense, and its account is among the candidates.
    return _table([*rows, ("4", day, numbers[0][:-1], 60_000, "Абонент 4")])


def _second(numbers: Sequence[str], today: date) -> str:
    day = today - timedelta(days=2)
    table = _table([
        ("1", day, numbers[0], 45_000, "АБОНЕНТ  1"), ("1", today - timedelta(days=1), numbers[3], 80_000, "Абонент 5"),
        ("2", today + timedelta(days=3), numbers[4], 30_000, "Абонент 6"), ("3", day, numbers[4], 15_000, "Абонент 7"),
    ])  # fmt: skip
    # A row that is refused: there is no such day.
    return table.replace(f"3;{day:%d.%m.%Y}", f"3;31.02.{day.year}")


def _statement(numbers: Sequence[str], today: date) -> str:
    day = f"{today - timedelta(days=1):%d.%m.%Y}"
    documents = (
        ("901", "20208000700555555001", OWN, 150_000, f"л/с {numbers[1]} за электроэнергию"),
        ("902", OTHER_OWN, OWN, 500_000, "Перевод собственных средств"),
        ("903", OWN, "20208000700999999001", 70_000, "Аренда"),
    )
    head = [
        "1CClientBankExchange", "ВерсияФормата=1.03", "Кодировка=Windows", f"ДатаСоздания={day}", f"ДатаНачала={day}", f"ДатаКонца={day}",
        f"РасчСчет={OWN}", f"РасчСчет={OTHER_OWN}", "СекцияРасчСчет", f"РасчСчет={OWN}", "ВсегоПоступило=650000.00", "КонецРасчСчет",
    ]  # fmt: skip
    for number, payer, receiver, som, purpose in documents:
        head += [
            "СекцияДокумент=Платежное поручение", f"Номер={number}", f"Дата={day}", f"Сумма={som}.00", f"ПлательщикСчет={payer}",
            f"ПолучательСчет={receiver}", f"ДатаПоступило={day if receiver == OWN else ''}", f"НазначениеПлатежа={purpose}",
            "КонецДокумента",
        ]  # fmt: skip
    return "\n".join([*head, "КонецФайла", ""])
