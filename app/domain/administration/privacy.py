"""Personal data: which columns hold it, how a part of it is shown, how it is kept out of free text and logs.

Source: Law no. ZRU-547 of 2019-07-02 on personal data, art. 27 and 28.
"""

import re
from collections.abc import Mapping

HIDDEN = "•"

#: Columns whose values identify a person or open an account; shown in full only to who may read personal data.
PERSONAL = frozenset({"bank_account", "card_number", "contact_email", "identifier", "jshshir", "passport", "phone", "pinfl", "stir"})

#: First digits of a taxpayer number (STIR) of a legal entity; it stands in public registers, a person's does not.
_PUBLIC_STIR = ("2", "3")

_PHONE = re.compile(r"(?<![0-9])(?:\+|%2B)?998[ -]?[0-9]{2}[ -]?[0-9]{3}[ -]?[0-9]{2}[ -]?[0-9]{2}(?![0-9])")
_LOCAL_PHONE = re.compile(r"(?<![0-9])[0-9]{2}[ -]?[0-9]{3}[ -]?[0-9]{2}[ -]?[0-9]{2}(?![0-9])")
#: JSHSHIR, card and settlement account; account numbers have 12 or 13 digits and are left
_LONG = re.compile(r"(?<![0-9A-Za-z])(?:[0-9]{14}|[0-9]{16}|[0-9]{20})(?![0-9A-Za-z])")
#: Arguments of an address that were typed to find somebody.
_SEARCH = re.compile(r"_?q|_flt_.*")
_PASSPORT = re.compile(r"(?<![0-9A-Za-z])[A-Z]{2} ?[0-9]{7}(?![0-9A-Za-z])")
_CODE = re.compile(r"(?<![0-9])[0-9]{6}(?![0-9])")


def is_personal(column: str, value: str) -> bool:
    """Tell whether a value of a column is personal data; a legal entity's taxpayer number is not.

    >>> is_personal("stir", "301234567"), is_personal("stir", "501234567"), is_personal("house", "12")
    (False, True, False)
    """
    if column in {"stir", "identifier"} and len(value) == 9 and value.startswith(_PUBLIC_STIR):
        return False
    return column in PERSONAL


def masked(value: str) -> str:
    """Return a value with all but its last two characters hidden.

    >>> masked("+998901234534")
    '•• ••• •• 34'
    >>> masked("30101199000012")
    '••••••••••••12'
    """
    if value.startswith("+998"):
        return f"•• ••• •• {value[-2:]}"
    return HIDDEN * max(len(value) - 2, 4) + value[-2:]


def scrubbed(text: str) -> str:
    """Return a text without the telephone numbers, personal numbers, cards, settlement accounts and passports in it.

    >>> scrubbed("Key (phone)=(+998901234534) already exists; account 269010000017")
    'Key (phone)=(•• ••• •• 34) already exists; account 269010000017'
    """
    hidden = _PHONE.sub(lambda found: masked("+998" + found[0]), text)
    hidden = _LONG.sub(lambda found: masked(found[0]), hidden)
    return _PASSPORT.sub(lambda found: masked(found[0]), hidden)


def scrubbed_query(query: Mapping[str, str]) -> dict[str, str]:
    """Return the arguments of an address without the numbers in them that name a person; of searches, telephones without a country too.

    >>> scrubbed_query({"q": "90 123 45 34", "_q": "269010000017", "row": "901234534"})
    {'q': '•• ••• •• 34', '_q': '269010000017', 'row': '901234534'}
    """
    return {name: _without_phones(scrubbed(value)) if _SEARCH.fullmatch(name) else scrubbed(value) for name, value in query.items()}


def _without_phones(text: str) -> str:
    return _LOCAL_PHONE.sub(lambda found: masked("+998" + found[0]), text)


def without_codes(text: str) -> str:
    """Return a message without a one-time code.

    >>> without_codes("PC Billing: your code is 123456. Tell it to nobody.")
    'PC Billing: your code is ••••••. Tell it to nobody.'
    """
    return _CODE.sub(HIDDEN * 6, text)
