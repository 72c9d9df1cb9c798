"""HTTP Basic credentials of a provider, compared in constant time.

Source: RFC 7617. We keep the SHA-256 of a key, never the key.
"""

import hashlib
import hmac
from base64 import b64decode


def is_authorised(header: str | None, *, login: str, key_sha256: str) -> bool:
    """Tell whether an Authorization header is Basic ``login:key``.

    :param header: the header as it was sent; None if there was none
    :param key_sha256: SHA-256 of the key, in lowercase hexadecimal digits
    """
    sent_login, sent_key = _credentials(header or "")
    # Both are compared whatever the first comparison says: the time taken tells nothing.
    right_login = hmac.compare_digest(sent_login, login.encode())
    right_key = hmac.compare_digest(hashlib.sha256(sent_key).hexdigest(), key_sha256)
    return right_login and right_key


def _credentials(header: str) -> tuple[bytes, bytes]:
    """Return login and key; both empty if the header is not Basic."""
    scheme, _, encoded = header.partition(" ")
    try:
        login, colon, key = b64decode(encoded, validate=True).partition(b":")
    except ValueError:
        return b"", b""
    return (login, key) if colon and scheme.lower() == "basic" else (b"", b"")
