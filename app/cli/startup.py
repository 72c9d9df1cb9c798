"""Whether PC Billing may serve real people: in production it refuses to start while anything is as in a trial."""

from collections.abc import Iterator, Mapping
from typing import Any

import psycopg
from werkzeug.security import check_password_hash

from app.cli.demo import PASSWORD
from app.gateways import senders

SHORTEST_KEY = 32
_KNOWN_KEYS = ("change", "secret", "default", "example", "dev", "test")
_EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#: Contracts whose provider calls us and could be anybody: the key he sends, or the one he signs with, is empty.
_WITHOUT_KEY = """
    SELECT name FROM payment_contract
    WHERE is_active AND (channel IN ('PAYME', 'PAYNET', 'UZUM') AND btrim(key_sha256) IN ('', %s)
                         OR channel IN ('CLICK', 'SMS') AND coalesce(btrim(secret), '') = '')
"""
#: Users looked at; a trial's come first.
_MOST_USERS = 200


def faults(environ: Mapping[str, str], settings: Mapping[str, Any]) -> list[str]:
    """Return why PC Billing must not serve real people, one sentence a fault."""
    found = [*_of_environment(environ), *_of_settings(settings), *senders.faults(settings)]
    if url := environ.get("DATABASE_URL"):
        found += _of_database(url, settings["DATABASE_ROLE"])
    return found


def _of_environment(environ: Mapping[str, str]) -> Iterator[str]:
    key = environ.get("SECRET_KEY", "")
    if not key:
        yield "SECRET_KEY is not set: set it to 64 random characters, the same for every process."
    elif len(key) < SHORTEST_KEY or len(set(key)) < 8 or any(word in key.lower() for word in _KNOWN_KEYS):
        yield f"SECRET_KEY is short or easy to guess: it needs at least {SHORTEST_KEY} random characters."
    for name, server in (("DATABASE_URL", "database"), ("REDIS_URL", "queue")):
        if not environ.get(name):
            yield f"{name} is not set: the embedded {server} is for a trial only."
    if not environ.get("PUBLIC_URL", "").startswith("https://"):
        yield "PUBLIC_URL is no https:// address: passwords and cookies would travel in the open."
    elif (environ.get("TRUSTED_PROXIES") or "0") == "0":
        yield "TRUSTED_PROXIES is 0: a proxy serves the https:// address, and every caller would be taken for it. Say how many there are."
    if environ.get("FLASK_DEBUG", "0").lower() not in {"", "0", "false", "no"}:
        yield "FLASK_DEBUG is on: it shows the inside of the program to everybody."


def _of_settings(settings: Mapping[str, Any]) -> Iterator[str]:
    if settings.get("DEBUG"):
        yield "DEBUG is on: it shows the inside of the program to everybody."
    if not settings.get("WTF_CSRF_ENABLED", True):
        yield "WTF_CSRF_ENABLED is off: other sites could send our forms."
    if not settings["RATELIMIT_ENABLED"]:
        yield "RATELIMIT_ENABLED is off: passwords could be tried without end."
    if settings["RATELIMIT_STORAGE_URI"].startswith("memory"):
        yield "RATELIMIT_STORAGE_URI is the memory of a process: each process would count failures for itself."
    if not settings["TOTP_REQUIRED"]:
        yield "TOTP_REQUIRED is off: a stolen password would be enough for administrators and cashiers."


def _of_database(url: str, role: str) -> Iterator[str]:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        power = connection.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
        if power is not None and any(power):
            yield f"DATABASE_ROLE {role} stands above row-level security: web requests would see every division."
        if connection.execute("SELECT to_regclass('payment_contract')").fetchone() == (None,):
            return
        connection.execute("SET ROLE pcb_owner")
        users = connection.execute("SELECT username, password FROM ab_user WHERE active ORDER BY id LIMIT %s", (_MOST_USERS,)).fetchall()
        if weak := [name for name, hashed in users if hashed and check_password_hash(hashed, PASSWORD)]:
            yield f"Users have the demo's password: {', '.join(weak)}. Change it: flask --app run access set-password NAME"
        for (name,) in connection.execute(_WITHOUT_KEY, (_EMPTY_SHA256,)):
            yield f"The contract {name} has an empty key: anybody could report payments."
