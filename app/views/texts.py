"""Translated texts in templates: text, never markup.

Jinja's own functions mark what a translator wrote as safe HTML, and Flask-Babel's lazy texts say so of themselves, so that a
translation could hold a script. Ours are plain text, which the templates escape like any other; a place filled with markup that
code has built keeps it.
"""

from typing import Any

from flask import Flask
from flask_babel import get_domain
from flask_babel.speaklater import LazyString
from markupsafe import Markup, escape


def init_texts(app: Flask) -> None:
    """Put our functions in the place of Jinja's in every template, and let lazy texts be escaped."""
    LazyString.__html__ = _escaped
    app.jinja_env.globals.update(gettext=_gettext, ngettext=_ngettext, pgettext=_pgettext, npgettext=_npgettext)


def _escaped(text: LazyString) -> Markup:
    return escape(str(text))


def _gettext(message: str, /, **places: Any) -> str:
    return _filled(get_domain().get_translations().ugettext(message), places)


def _ngettext(singular: str, plural: str, number: int, /, **places: Any) -> str:
    return _filled(get_domain().get_translations().ungettext(singular, plural, number), {"num": number, **places})


def _pgettext(context: str, message: str, /, **places: Any) -> str:
    return _filled(get_domain().get_translations().upgettext(context, message), places)


def _npgettext(context: str, singular: str, plural: str, number: int, /, **places: Any) -> str:
    return _filled(get_domain().get_translations().unpgettext(context, singular, plural, number), {"num": number, **places})


def _filled(text: Any, places: dict[str, Any]) -> str:
    """Return a text with its places filled; it is markup only if one of them is, and then only there."""
    written = str(text)
    if any(hasattr(value, "__html__") for value in places.values()):
        return escape(written) % places
    return written % places
