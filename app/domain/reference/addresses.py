"""Addresses of others that this system asks by itself: only hosts that the operator of the machine has listed.

Whoever may edit a contract could otherwise let the server ask addresses inside the company's network. Source: OWASP ASVS 5.0, 1.3.6.
"""

from collections.abc import Collection
from urllib.parse import urlsplit

#: Hosts of providers of payments and of gateways of SMS whose interface is public.
PROVIDER_HOSTS = frozenset({"api.click.uz", "notify.eskiz.uz", "send.smsxabar.uz"})
#: This machine itself, for trials and tests.
THIS_MACHINE = frozenset({"127.0.0.1", "localhost"})


def is_listed(address: str, hosts: Collection[str]) -> bool:
    """Tell whether an address is one of a listed host, by TLS and without a name to sign in; this machine is asked as it likes.

    >>> is_listed("https://api.click.uz/v2/merchant/", PROVIDER_HOSTS)
    True
    >>> is_listed("https://api.click.uz@10.0.0.1/", PROVIDER_HOSTS), is_listed("http://api.click.uz/", PROVIDER_HOSTS)
    (False, False)
    """
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return False
    if host not in hosts or parts.username is not None or parts.scheme not in {"http", "https"}:
        return False
    return host in THIS_MACHINE or (parts.scheme == "https" and port in {None, 443})
