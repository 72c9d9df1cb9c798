"""Settings from the environment; nothing secret has a default that could reach production."""

import os
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from app.domain.reference.addresses import PROVIDER_HOSTS, THIS_MACHINE

ROOT = Path(__file__).resolve().parent

LANGUAGES = {
    "uz": {"flag": "uz", "name": "Oʻzbekcha"},
    "uz_Cyrl": {"flag": "uz", "name": "Ўзбекча"},
    "ru": {"flag": "ru", "name": "Русский"},
    "kaa": {"flag": "uz", "name": "Qaraqalpaqsha"},
    "en": {"flag": "gb", "name": "English"},
}


#: Words for the framework's numbers of ways to log in.
KINDS_OF_SIGN_ON = {"database": 1, "ldap": 2, "oauth": 4}
#: What a file of sign-on may set, besides AUTH_LDAP_*; the framework's documentation says what each means.
SIGN_ON = frozenset(
    "AUTH_TYPE AUTH_ROLES_MAPPING AUTH_ROLES_SYNC_AT_LOGIN AUTH_USER_REGISTRATION AUTH_USER_REGISTRATION_ROLE "
    "AUTH_USER_REGISTRATION_ROLE_JMESPATH AUTH_USERNAME_CI OAUTH_PROVIDERS".split()
)


class WrongSetting(Exception):
    """A setting of the operator's cannot be used; the text says why."""


def settings(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return the configuration of the application.

    ``DATABASE_URL``, ``REDIS_URL`` and ``SECRET_KEY`` must be set: ``run.py`` sets them to the embedded servers and to a
    key of this machine where the operator has not.
    """
    is_https = environ.get("PUBLIC_URL", "").startswith("https://")
    production = is_production(environ)
    var = Path(environ.get("PC_BILLING_VAR") or ROOT / "var")
    return {
        "PRODUCTION": production,
        "SECRET_KEY": environ["SECRET_KEY"],
        "SQLALCHEMY_DATABASE_URI": database_url(environ["DATABASE_URL"]),
        "SQLALCHEMY_ENGINE_OPTIONS": {"pool_size": 8, "max_overflow": 8, "pool_pre_ping": True, "hide_parameters": True},
        "DATABASE_ROLE": environ.get("DATABASE_ROLE", "pcb_web"),
        "REDIS_URL": environ["REDIS_URL"],
        "PUBLIC_URL": environ.get("PUBLIC_URL", f"http://127.0.0.1:{environ.get('PORT', '8080')}"),
        "AUDIT_HEADS": environ.get("AUDIT_HEADS") or str(var / "audit-heads.log"),
        "AUDIT_KEY": environ.get("AUDIT_KEY") or str(var / "audit_key"),
        "VAR": str(var),
        "NODE_KEY_FILE": environ.get("NODE_KEY_FILE") or str(var / "node_key"),
        "PROVIDER_HOSTS": provider_hosts(environ, production=production),
        "APP_NAME": "PC Billing",
        "LANGUAGES": LANGUAGES,
        "BABEL_DEFAULT_LOCALE": environ.get("DEFAULT_LANGUAGE", "en"),
        "BABEL_DEFAULT_TIMEZONE": "Asia/Tashkent",
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "translations"),
        "FAB_UPDATE_PERMS": environ.get("FAB_UPDATE_PERMS") == "1",
        "FAB_BASE_TEMPLATE": "base.html",
        "FAB_ADD_SECURITY_API": False,
        "FAB_INDEX_VIEW": "app.views.monitoring.HomeView",
        "FAB_SECURITY_MANAGER_CLASS": "app.views.administration.StaffManager",
        "FAB_PASSWORD_COMPLEXITY_ENABLED": True,
        "TOTP_REQUIRED": environ.get("TOTP_REQUIRED", "1" if production else "0") == "1",
        "TOTP_ROLES": ("Admin", "Administrator", "Supervisor", "Cashier"),
        "LOGIN_LIMIT": "10 per 5 minutes",
        "ADDRESS_LIMIT": "100 per 5 minutes",
        "TRUSTED_PROXIES": trusted_proxies(environ),
        "RATELIMIT_ENABLED": True,
        "RATELIMIT_STORAGE_URI": limiter_storage(environ["REDIS_URL"]),
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "WTF_CSRF_TIME_LIMIT": None,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SECURE": is_https,
        "SESSION_COOKIE_NAME": "__Host-session" if is_https else "session",
        **messages(environ),
        "MAX_CONTENT_LENGTH": 32 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
        "MAX_FORM_PARTS": 1000,
        **(sign_on(Path(environ["AUTH_SETTINGS"])) if environ.get("AUTH_SETTINGS") else {}),
    }


def trusted_proxies(environ: Mapping[str, str]) -> int:
    """Return how many proxies stand before the server and name the caller."""
    return int(environ.get("TRUSTED_PROXIES") or "0")


def provider_hosts(environ: Mapping[str, str], *, production: bool) -> frozenset[str]:
    """Return the hosts that may be asked about payments: those the operator lists, else the public ones; in a trial this machine too."""
    listed = frozenset(environ.get("PROVIDER_HOSTS", "").lower().split()) or PROVIDER_HOSTS
    return listed if production else listed | THIS_MACHINE


#: Gateways of SMS that ``SMS_GATEWAY`` may name, and ways to secure the line to the mail server.
SMS_GATEWAYS, MAIL_SECURITIES = ("eskiz",), ("tls", "starttls", "none")


def messages(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings of the gateways of messages; passwords stay in the environment, or in a file it names.

    :raises WrongSetting: if a gateway is not known, or a setting of the mail server makes no sense
    """
    names = "SMS_GATEWAY SMS_URL SMS_LOGIN SMS_SENDER MAIL_HOST MAIL_FROM MAIL_LOGIN MAIL_CA".split()
    given: dict[str, Any] = {name: environ.get(name, "").strip() for name in names}
    given |= {name: _secret(environ, name) for name in ("SMS_PASSWORD", "MAIL_PASSWORD")}
    given["MAIL_SECURITY"], port = environ.get("MAIL_SECURITY") or "starttls", environ.get("MAIL_PORT") or "0"
    if given["SMS_GATEWAY"] and given["SMS_GATEWAY"] not in SMS_GATEWAYS:
        raise WrongSetting(f"SMS_GATEWAY: {given['SMS_GATEWAY']} is no gateway; there is {', '.join(SMS_GATEWAYS)}")
    if given["MAIL_SECURITY"] not in MAIL_SECURITIES:
        raise WrongSetting(f"MAIL_SECURITY must be one of {', '.join(MAIL_SECURITIES)}")
    if not port.isdecimal() or int(port) > 65535:
        raise WrongSetting("MAIL_PORT is no port")
    if given["MAIL_HOST"] and "@" not in given["MAIL_FROM"]:
        raise WrongSetting("MAIL_FROM must be the address letters come from, such as billing@example.uz")
    return given | {"MAIL_PORT": int(port)}


def _secret(environ: Mapping[str, str], name: str) -> str:
    """Return a secret from the environment, or the first line of the file that ``NAME_FILE`` names."""
    path = environ.get(f"{name}_FILE")
    if not path:
        return environ.get(name, "")
    try:
        return (Path(path).read_text(encoding="utf-8").splitlines() or [""])[0]
    except (OSError, ValueError) as error:
        raise WrongSetting(f"{name}_FILE: {path}: {error}") from error


def is_production(environ: Mapping[str, str]) -> bool:
    """Tell whether real people's data is at stake: said so by the operator, or by an address the world may use."""
    return environ.get("PC_BILLING_ENV") == "production" or environ.get("PUBLIC_URL", "").startswith("https://")


def sign_on(path: Path) -> dict[str, Any]:
    """Return the settings of a directory or of providers to log in with, from a TOML file; see docs/sign-on.md.

    :raises WrongSetting: if the file is not there, is no TOML, or holds a key that sign-on does not know
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise WrongSetting(f"AUTH_SETTINGS: {path}: {error}") from error
    for key in given:
        if key not in SIGN_ON and not key.startswith("AUTH_LDAP_"):
            near = get_close_matches(key, SIGN_ON, 1)
            raise WrongSetting(f"AUTH_SETTINGS: {path}: {key} is no setting of sign-on" + (f"; {near[0]} is" if near else ""))
    kind = given.get("AUTH_TYPE")
    if kind not in KINDS_OF_SIGN_ON:
        raise WrongSetting(f"AUTH_SETTINGS: {path}: AUTH_TYPE must be one of {', '.join(KINDS_OF_SIGN_ON)}")
    return given | {"AUTH_TYPE": KINDS_OF_SIGN_ON[kind]}


def database_url(url: str) -> str:
    """Return the address with the driver we use, whatever the operator wrote."""
    scheme, rest = url.split("://", 1)
    return f"postgresql+psycopg://{rest}" if scheme in {"postgres", "postgresql"} else url


def limiter_storage(url: str) -> str:
    """Return the address of the counters of failed logins, in the form the limiter library wants."""
    return f"redis+{url}" if url.startswith("unix://") else url
