"""Settings from the environment; nothing secret has a default that could reach production."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent

LANGUAGES = {
    "uz": {"flag": "uz", "name": "Oʻzbekcha"},
    "uz_Cyrl": {"flag": "uz", "name": "Ўзбекча"},
    "ru": {"flag": "ru", "name": "Русский"},
    "kaa": {"flag": "uz", "name": "Qaraqalpaqsha"},
    "en": {"flag": "gb", "name": "English"},
}


def settings(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return the configuration of the application.

    ``DATABASE_URL``, ``REDIS_URL`` and ``SECRET_KEY`` must be set: ``run.py`` sets them to the embedded servers and to a
    key of this machine where the operator has not.
    """
    return {
        "SECRET_KEY": environ["SECRET_KEY"],
        "SQLALCHEMY_DATABASE_URI": database_url(environ["DATABASE_URL"]),
        "SQLALCHEMY_ENGINE_OPTIONS": {"pool_size": 8, "max_overflow": 8, "pool_pre_ping": True},
        "DATABASE_ROLE": environ.get("DATABASE_ROLE", "pcb_web"),
        "REDIS_URL": environ["REDIS_URL"],
        "PUBLIC_URL": environ.get("PUBLIC_URL", f"http://127.0.0.1:{environ.get('PORT', '8080')}"),
        "VAR": environ.get("PC_BILLING_VAR", str(ROOT / "var")),
        "NODE_KEY_FILE": environ.get("NODE_KEY_FILE") or str(Path(environ.get("PC_BILLING_VAR", ROOT / "var")) / "node_key"),
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
        "LOGIN_LIMIT": "10 per 5 minutes",
        "ADDRESS_LIMIT": "100 per 5 minutes",
        "TRUSTED_PROXIES": int(environ.get("TRUSTED_PROXIES", "0")),
        "RATELIMIT_ENABLED": True,
        "RATELIMIT_STORAGE_URI": limiter_storage(environ["REDIS_URL"]),
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "WTF_CSRF_TIME_LIMIT": None,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SECURE": environ.get("PUBLIC_URL", "").startswith("https://"),
        "MAX_CONTENT_LENGTH": 32 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
        "MAX_FORM_PARTS": 1000,
    }


def database_url(url: str) -> str:
    """Return the address with the driver we use, whatever the operator wrote."""
    scheme, rest = url.split("://", 1)
    return f"postgresql+psycopg://{rest}" if scheme in {"postgres", "postgresql"} else url


def limiter_storage(url: str) -> str:
    """Return the address of the counters of failed logins, in the form the limiter library wants."""
    return f"redis+{url}" if url.startswith("unix://") else url
