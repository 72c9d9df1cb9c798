"""JSON of machines as bytes: what a stranger sends is read or refused, what we answer is always the same bytes."""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from app.domain.readers import LARGEST_MONEY_TIYIN, Misread, code, money

#: Protocols write a point and no groups.
_PLAIN_SOM = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)
#: The id of a JSON-RPC call; a fraction, a list or an object is no id and is answered with null.
CallId = int | str | None


class NotJson(Exception):
    """A body is not JSON."""


class RpcBody(NamedTuple):
    """The body of a JSON-RPC call, read once."""

    #: None: it has none that can be echoed
    id: CallId
    content: Any
    is_json: bool


def decode(body: bytes, *, numbers_as_text: bool = False) -> Any:
    """Return what a body says.

    :param numbers_as_text: leave numbers as the digits that were sent, where a signature covers them
    :raises NotJson: if it is no JSON, is nested too deep, holds NaN or Infinity, or a number too long to count with
    """
    decoder = _TEXTS if numbers_as_text else _NUMBERS
    try:
        return decoder.decode(body.decode(json.detect_encoding(body), "surrogatepass"))
    except (ValueError, RecursionError, NotJson):
        raise NotJson from None


def encode(answer: Mapping[str, Any]) -> bytes:
    """Return an answer as JSON, the names in the order they were given."""
    # Half of a surrogate pair, echoed from a call, cannot be UTF-8; its escape is the same text in JSON.
    return _WRITER.encode(answer).encode("utf-8", "backslashreplace")


def decode_rpc(body: bytes) -> RpcBody:
    """Return a JSON-RPC call that may be unreadable."""
    try:
        content = decode(body)
    except NotJson:
        return RpcBody(None, None, is_json=False)
    found = content.get("id") if isinstance(content, dict) else None
    return RpcBody(found if isinstance(found, int | str) and not isinstance(found, bool) else None, content, is_json=True)


def is_int63(value: Any) -> bool:
    """Tell whether a value is a whole number that fits 63 bits; True and False are none."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**62


def is_short_text(value: Any, longest: int = 64) -> bool:
    """Tell whether a value is a text that can be kept: not empty, not too long, no control characters."""
    return isinstance(value, str) and 0 < len(value) <= longest and value.isprintable()


def account_number(value: Any) -> str:
    """Return the account number a payer typed, without blanks and what spreadsheets add; empty if it cannot be one.

    >>> account_number(" 2628 01234567 ")
    '262801234567'
    """
    text = str(value) if is_int63(value) else value if isinstance(value, str) else ""
    try:
        number = "".join(code(text).split())
    except Misread:
        return ""
    return number if is_short_text(number) else ""


def amount_tiyin(value: Any) -> int | None:
    """Return an amount sent as a whole number of tiyin, or None if it is none or beyond what the system carries."""
    return value if is_int63(value) and 0 < value <= LARGEST_MONEY_TIYIN else None


def amount_of_som(text: str) -> int | None:
    """Return an amount sent as soʻm with a point, in tiyin; None if it is none that can be paid."""
    if not _PLAIN_SOM.fullmatch(text):
        return None
    try:
        amount = money(text)
    except Misread:
        return None
    return amount or None


def _refuse(_constant: str) -> None:
    raise NotJson


# Built once: json.loads and json.dumps build one for each call that wants anything special.
_NUMBERS = json.JSONDecoder(parse_constant=_refuse)
_TEXTS = json.JSONDecoder(parse_constant=_refuse, parse_int=str, parse_float=str)
_WRITER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
