"""Whether PC Billing may serve real people: in production it refuses to start while anything is as in a trial."""

from collections.abc import Iterator, Mapping
from typing import Any

import psycopg
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry
from werkzeug.security import check_password_hash

import config
from app.cli import schema
from app.cli.demo import PASSWORD
from app.domain.payments.channels import SignIn, known_by
from app.gateways import oneid, senders

SHORTEST_KEY = 32
_KNOWN_KEYS = ("change", "secret", "default", "example", "dev", "test")
_EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#: Contracts whose provider calls us and could be anybody: the key he sends, or the one he signs with, is empty.
_WITHOUT_KEY = """
    SELECT name FROM payment_contract
    WHERE is_active AND (channel = ANY(%s) AND btrim(key_sha256) IN ('', %s) OR channel = ANY(%s) AND coalesce(btrim(secret), '') = '')
"""
#: What a login may by itself.
_POWERS = """
    SELECT rolname, CASE WHEN rolsuper THEN 'superuser' END, CASE WHEN rolbypassrls THEN 'above row-level security' END,
           CASE WHEN rolcreaterole THEN 'creates roles' END, CASE WHEN rolreplication THEN 'replicates' END,
           CASE WHEN EXISTS (SELECT 1 FROM pg_class WHERE relowner = r.oid) THEN 'owns tables' END,
           CASE WHEN EXISTS (SELECT 1 FROM pg_database WHERE datdba = r.oid AND datname = current_database()) THEN 'owns the database' END
    FROM pg_roles r WHERE rolname = session_user
"""
#: Roles a login can become, besides its own one and what that one may read.
_OTHER_ROLES = """
    SELECT rolname FROM pg_roles
    WHERE rolname <> session_user AND pg_has_role(session_user, oid, 'MEMBER') AND NOT pg_has_role(%s, oid, 'MEMBER') ORDER BY 1 LIMIT 8
"""
#: Users looked at; a trial's come first.
_MOST_USERS = 200


def faults(environ: Mapping[str, str], settings: Mapping[str, Any]) -> list[str]:
    """Return why PC Billing must not serve real people, one sentence a fault."""
    given = config.read(environ)
    found = [
        *_of_environment(given),
        *_of_addresses(given),
        *_of_settings(settings),
        *senders.faults(settings),
        *oneid.faults(settings),
        *_of_queue(given.redis_url),
    ]
    for name, (_, role) in schema.LOGINS.items():
        if url := getattr(given, name.lower()):
            found += _of_login(name, url, role)
    if url := given.database_url or given.database_web_url:
        found += _of_database(url, settings["DATABASE_ROLE"])
    return found


def _of_environment(given: config.Settings) -> Iterator[str]:
    key = given.secret_key
    if not key:
        yield "SECRET_KEY is not set: set it to 64 random characters, the same for every process."
    elif len(key) < SHORTEST_KEY or len(set(key)) < 8 or any(word in key.lower() for word in _KNOWN_KEYS):
        yield f"SECRET_KEY is short or easy to guess: it needs at least {SHORTEST_KEY} random characters."
    if not given.public_url.startswith("https://"):
        yield "PUBLIC_URL is no https:// address: passwords and cookies would travel in the open."
    elif not given.trusted_proxies:
        yield "TRUSTED_PROXIES is 0: a proxy serves the https:// address, and every caller would be taken for it. Say how many there are."
    if given.flask_debug:
        yield "FLASK_DEBUG is on: it shows the inside of the program to everybody."


def _of_addresses(given: config.Settings) -> Iterator[str]:
    if not given.database_url and not given.database_web_url:
        yield "DATABASE_URL is not set: the embedded database is for a trial only."
    elif not given.database_web_url:
        yield "DATABASE_WEB_URL is not set: the web server would work with a login that can change the schema and see every division."
    if given.database_url and not given.database_intake_url:
        yield "DATABASE_INTAKE_URL is not set: the intake of payments would work with a login that can change the schema."
    if not given.redis_url:
        yield "REDIS_URL is not set: the embedded queue is for a trial only."


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


def _of_queue(url: str) -> Iterator[str]:
    """Look whether the queue takes work from whoever reaches it: an address without a password, or a server that asks for none."""
    if not url:
        return
    try:
        connection = Redis.from_url(url, retry=Retry(NoBackoff(), 0), socket_connect_timeout=2, socket_timeout=2)
    except ValueError as error:
        yield f"REDIS_URL cannot be used: {error}."
        return
    if not connection.get_connection_kwargs().get("password"):
        yield "REDIS_URL has no password: whoever reaches the queue could give work to the workers."
        return
    pool = connection.connection_pool
    plain = type(pool)(pool.connection_class, **{**pool.connection_kwargs, "username": None, "password": None})
    try:
        Redis(connection_pool=plain).ping()
    except (RedisError, OSError):
        return  # it asks for one, or is not there, which is seen when it is used
    yield "The server of REDIS_URL asks for no password: whoever reaches it could give work to the workers."


def _of_login(name: str, url: str, role: str) -> Iterator[str]:
    """Look whether the login of a process that strangers reach is anything more than its one role."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        login, *powers = connection.execute(_POWERS).fetchone() or ("",)
        others = [other for (other,) in connection.execute(_OTHER_ROLES, (role,))]
        is_member = connection.execute("SELECT pg_has_role(session_user, oid, 'SET') FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
    if more := [*(word for word in powers if word), *others]:
        yield f"{name}: its login {login} is more than a member of {role}: {', '.join(more)}."
    elif is_member != (True,):
        yield f"{name}: its login {login} is no member of {role}: GRANT {role} TO {login}."


def _of_database(url: str, role: str) -> Iterator[str]:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        power = connection.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
        if power is not None and any(power):
            yield f"DATABASE_ROLE {role} stands above row-level security: web requests would see every division."
        if connection.execute("SELECT to_regclass('payment_contract')").fetchone() == (None,):
            return
        connection.execute("SET ROLE pcb_web")
        users = connection.execute("SELECT username, password FROM ab_user WHERE active ORDER BY id LIMIT %s", (_MOST_USERS,)).fetchall()
        if weak := [name for name, hashed in users if hashed and check_password_hash(hashed, PASSWORD)]:
            yield f"Users have the demo's password: {', '.join(weak)}. Change it: flask --app run access set-password NAME"
        for (name,) in connection.execute(_WITHOUT_KEY, (known_by(SignIn.KEY), _EMPTY_SHA256, known_by(SignIn.SIGNATURE))):
            yield f"The contract {name} has an empty key: anybody could report payments."
