"""Layouts of payment files to begin with; people copy and change them under reference information.

The layouts of banks, the post and settlement centres are annexes to contracts, and none is published (OPEN): these
profiles are examples of what is usual, to be replaced by the annexes. The account number of 12 digits is that of the payment
services' directory; whether a payer writes it so in the purpose is INFER.
"""

from collections.abc import Mapping

from app.domain.payments.files import ControlTotals, Form, Profile, TotalsPlace

#: Twelve digits that are no part of a longer number, such as a settlement account.
ACCOUNT_PATTERN = r"(?<![0-9])[0-9]{12}(?![0-9])"

SHIPPED: Mapping[str, Profile] = {
    "Bank CSV (cp1251, ;)": Profile(
        form=Form.CSV,
        encoding="cp1251",
        header_rows=1,
        decimal_separator=",",
        group_separator=" ",
        columns={
            "reference": "Номер документа",
            "paid_on": "Дата",
            "account_number": "Лицевой счет",
            "amount": "Сумма",
            "payer": "Плательщик",
            "phone": "Телефон",
            "purpose": "Назначение платежа",
        },
        totals=ControlTotals(place=TotalsPlace.MARKER, columns={"count": 2, "sum": 4}),
    ),
    "Oʻzbekiston pochtasi DBF (cp866)": Profile(
        form=Form.DBF,
        encoding="cp866",
        date_format="yyyymmdd",
        columns={
            "account_number": "LS",
            "amount": "SUMMA",
            "reference": "NUM",
            "paid_on": "DATA",
            "payer": "FIO",
            "period": "PERIOD",
        },
    ),
    "Bank XLSX, sarlavha 4-qatorda": Profile(
        form=Form.XLSX,
        header_rows=4,
        decimal_separator=",",
        group_separator=" ",
        columns={
            "reference": "Номер операции",
            "paid_on": "Дата операции",
            "account_number": "Лицевой счет",
            "amount": "Сумма",
            "payer": "ФИО",
            "purpose": "Назначение",
        },
    ),
    "1C": Profile(form=Form.ONE_C, encoding="cp1251", account_pattern=ACCOUNT_PATTERN),
    "camt.053": Profile(form=Form.CAMT, date_format="iso", account_pattern=ACCOUNT_PATTERN),
    "Hisob-kitob markazi, ustunlar kengligi boʻyicha": Profile(
        form=Form.FIXED,
        encoding="cp866",
        header_rows=1,
        date_format="ddmmyyyy",
        columns={
            "reference": (1, 10),
            "account_number": (11, 12),
            "paid_on": (23, 8),
            "amount": (31, 14),
            "period": (45, 6),
            "payer": (51, 30),
        },
        totals=ControlTotals(
            place=TotalsPlace.HEADER_ROW,
            columns={"number": (1, 10), "dated_on": (11, 8), "count": (19, 8), "sum": (27, 14)},
        ),
    ),
}
