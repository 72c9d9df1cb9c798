"""The languages of the screens: which one is spoken, and which of them lack texts."""

from functools import lru_cache
from typing import Any

from babel.support import Translations
from flask import Flask, current_app, has_request_context, request, session
from flask_babel import get_babel, get_domain
from flask_babel import gettext as _

from app.domain.reference import preferred_language


def init_languages(app: Flask) -> None:
    """Speak the language a user chose; who has chosen none is spoken to in that of his browser."""
    get_babel(app).locale_selector = chosen_language
    app.jinja_env.globals["language_name"] = language_name


def chosen_language() -> str:
    """Return the code of the language of the request: asked for in the address, chosen, the browser's, or the company's."""
    default = str(current_app.config["BABEL_DEFAULT_LOCALE"])
    if not has_request_context():
        return default
    languages = current_app.config["LANGUAGES"]
    asked = request.args.get("_l_")
    if asked is not None:
        return asked if asked in languages else default
    return session.get("locale") or _of_browser() or default


def _of_browser() -> str | None:
    """Return the language a browser asks for first among those we have."""
    return preferred_language(request.accept_languages, current_app.config["LANGUAGES"])


def choices() -> list[tuple[str, str]]:
    """Return the languages a consumer or a user may choose; one whose texts are not complete says so."""
    return [(code, language_name(code)) for code in current_app.config["LANGUAGES"]]


def language_name(code: str) -> str:
    """Return a language's own name for itself, and whether its texts are not complete."""
    name = str(current_app.config["LANGUAGES"][code]["name"])
    return _("%(language)s (not complete)", language=name) if is_incomplete(code) else name


def is_incomplete(code: str) -> bool:
    """Tell whether a message has no text in a language; English is what the messages are written in."""
    corrected = frozenset(getattr(get_domain(), "texts", {}).get(code, ()))
    folder = str(current_app.config["BABEL_TRANSLATION_DIRECTORIES"]).rsplit(";", 1)[-1]
    return code != "en" and _lacks_texts(folder, code, corrected)


@lru_cache
def _lacks_texts(folder: str, code: str, corrected: frozenset[str]) -> bool:
    return not _messages(folder, "ru") <= _messages(folder, code) | corrected


@lru_cache
def _messages(folder: str, code: str) -> frozenset[str]:
    """Return the messages that have a text in the shipped catalog of a language."""
    shipped: Any = Translations.load(folder, [code])
    return frozenset(key if isinstance(key, str) else key[0] for key, text in shipped._catalog.items() if text)  # noqa: SLF001 - the library offers no list
