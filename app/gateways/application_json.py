"""Applications as systems send them, as JSON, and the signatures of their calls.

A body: ``{"number": …, "kind": …, "account": …, "division": …, "language": …, "applicant": {"name": …, "phone": …, "identifier": …},
"fields": {…}, "files": [{"name": …, "content": base64}]}``. A signed call names its login, moment and signature in headers; the signature
is the HMAC-SHA256 of method, path, moment and body's SHA-256, a line each, in hexadecimal digits.
"""

import hashlib
import hmac
from base64 import b64decode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from app.domain.applications import FileGiven
from app.gateways import json_bodies
from app.gateways.json_bodies import NotJson, is_short_text

#: A signed call is of this age at most, and its clock this much ahead.
TOLERANCE = timedelta(minutes=5)
LONGEST_NUMBER = 64
_MOST_FILES = 20
_KEYS = frozenset({"number", "kind", "account", "division", "language", "applicant", "fields", "files"})


class NotAnApplication(Exception):
    """A body is no application; the text is the name of what is wrong in it."""


class SentApplication(NamedTuple):
    """An application a system sends.

    :ivar number: the system's own
    :ivar account: number of the account; empty: about none
    :ivar division: code of the division; empty: that of the account, or the source's own
    :ivar identifier: JSHSHIR or STIR of the applicant
    """

    number: str
    kind: str
    account: str
    division: str
    language: str
    name: str
    phone: str
    identifier: str
    fields: Mapping[str, Any]
    files: list[FileGiven]


def parse(body: bytes) -> SentApplication:
    """Return the application of a body; whether it can be filed is not looked at.

    :raises NotAnApplication: if it is no JSON or not of this form
    """
    try:
        sent = json_bodies.decode(body)
    except NotJson:
        raise NotAnApplication("JSON") from None
    if not isinstance(sent, dict) or not set(sent) <= _KEYS:
        raise NotAnApplication("body")
    applicant = sent.get("applicant")
    if not isinstance(applicant, dict):
        raise NotAnApplication("applicant")
    fields = sent.get("fields", {})
    if not isinstance(fields, dict):
        raise NotAnApplication("fields")
    texts = {name: _text(sent, name, needed=name in {"number", "kind"}) for name in ("number", "kind", "account", "division", "language")}
    who = {name: _text(applicant, name, longest=200, needed=name == "name") for name in ("name", "phone", "identifier")}
    return SentApplication(**texts, **who, fields=fields, files=_files(sent.get("files", [])))


def _text(holder: Mapping[str, Any], name: str, *, longest: int = LONGEST_NUMBER, needed: bool) -> str:
    value = holder.get(name) or ""
    if (needed or value) and not is_short_text(value, longest):
        raise NotAnApplication(name)
    return str(value)


def _files(sent: Any) -> list[FileGiven]:
    if not isinstance(sent, list) or len(sent) > _MOST_FILES:
        raise NotAnApplication("files")
    found = []
    for each in sent:
        if not isinstance(each, dict) or not is_short_text(each.get("name"), 200) or not isinstance(each.get("content"), str):
            raise NotAnApplication("files")
        try:
            found.append(FileGiven(each["name"], b64decode(each["content"], validate=True)))
        except ValueError:
            raise NotAnApplication("files") from None
    return found


def is_signed(secret: str, signature: str, *, method: str, path: str, sent_at: str, body: bytes, now: datetime) -> bool:
    """Return whether a call bears the signature of a secret, and is not older than allowed.

    :param sent_at: seconds since 1970, as the header has them
    """
    if (
        not sent_at.isascii()
        or not sent_at.isdecimal()
        or len(sent_at) > 12
        or abs(now.timestamp() - int(sent_at)) > TOLERANCE.total_seconds()
    ):
        return False
    return hmac.compare_digest(sign(secret, method=method, path=path, sent_at=sent_at, body=body), signature.lower())


def sign(secret: str, *, method: str, path: str, sent_at: str, body: bytes) -> str:
    """Return the signature of a call."""
    text = "\n".join((method, path, sent_at, hashlib.sha256(body).hexdigest()))
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
