"""Translations: a translator corrects what the screens say; every process shows it within seconds."""

import copy
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import abort, current_app, flash, g, has_request_context, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import Domain, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app import clock
from app.domain.administration import roles
from app.domain.administration.pages import Page
from app.domain.administration.translations import EmptyText, HoldsMarkup, PlacesDiffer
from app.extensions import db, transaction
from app.gateways import catalogs
from app.labels import locale_code
from app.queries import administration as queries
from app.services import administration as service
from app.views import menu

PAGE = 30
_ASK_AGAIN = timedelta(seconds=3)


class CorrectedDomain(Domain):
    """The shipped catalogs, with corrected texts laid over them."""

    def __init__(self) -> None:
        super().__init__()
        self.asked_at: datetime | None = None
        self.version, self.texts, self.laid = 0, {}, {}

    def get_translations(self) -> Any:
        """Return the texts of the reader's language; a page, which asks hundreds of times, looks for them once."""
        if not has_request_context():
            return self._find_translations()
        locale, found = get_locale(), g.get("translations")
        if found is None or found[0] is not locale:
            found = g.translations = locale, self._find_translations()
        return found[1]

    def _find_translations(self) -> Any:
        shipped, language = super().get_translations(), locale_code()
        self._refresh()
        if language not in self.texts:
            return shipped
        if language not in self.laid:
            over = copy.copy(shipped)
            over._catalog = {**shipped._catalog, **_keys(self.texts[language])}  # noqa: SLF001 - the library offers no other way in
            self.laid[language] = over
        return self.laid[language]

    def _refresh(self) -> None:
        now = clock.now()
        if self.asked_at is not None and now - self.asked_at < _ASK_AGAIN:
            return
        self.asked_at = now
        try:
            # A session of its own: a page under way may be in the middle of anything.
            with Session(db.engine) as session:
                version = queries.version_of_texts(session)
                if version != self.version:
                    self.version, self.texts, self.laid = version, queries.corrected_texts(session), {}
        except SQLAlchemyError:
            current_app.logger.warning("corrected texts cannot be read; the shipped ones are shown")


class TranslationView(BaseView):
    """All messages of the program, those without a text first."""

    page = Page(
        _l("Translations"), {"can_list can_save": (roles.TRANSLATOR,)}, menu.ADMINISTRATION.at(150, "Translations"), company_wide="can_list"
    )
    route_base = "/translations"
    default_view = "list"

    @expose("/")
    @has_access
    def list(self) -> Any:
        """Show the messages of a language that match a word."""
        return self._page(_language(request.args.get("language", "")), request.args.get("q", "")[:100])

    @expose("/save", methods=["POST"])
    @has_access
    def save(self) -> Any:
        """Put a corrected text before a second person, or say what is wrong with it."""
        language, texts = _language(request.form.get("language", "")), request.form.getlist("text")
        word, message = request.form.get("q", "")[:100], request.form.get("message", "").replace("\r\n", "\n")
        entry = next((each for each in catalogs.entries(folder(), language) if each.message == message), None)
        texts = [text.replace("\r\n", "\n") for text in texts]
        if entry is None or len(texts) != len(entry.texts) or any("\0" in text or len(text) > 5000 for text in texts):
            abort(400)
        try:
            with transaction() as session:
                before = queries.corrected_texts(session).get(language, {}).get(message, entry.texts)
                service.propose_text(session, language=language, source=entry.source, before=before, texts=texts)
        except EmptyText:
            return self._page(language, word, message, texts, _("Write a text for every form."))
        except HoldsMarkup:
            return self._page(language, word, message, texts, _("Write plain text: no tags, no entities, no backslash."))
        except service.CorrectionWaits:
            return self._page(language, word, message, texts, _("A correction of this text waits for a second person already."))
        except PlacesDiffer as error:
            problem = _("Keep the places of the source as they are: %(places)s.", places=str(error) or _("there are none"))
            return self._page(language, word, message, texts, problem)
        flash(_("A second person decides about the text. Then all screens show it within seconds."), "success")
        return redirect(url_for("TranslationView.list", language=language, q=word))

    def _page(self, language: str, word: str, message: str = "", typed: Any = None, problem: str = "") -> Any:
        corrected, languages = queries.corrected_texts(db.session()), _languages()
        texts = {code: {each.message: each.texts for each in catalogs.entries(folder(), code)} for code in languages}
        shown = {code: {**texts[code], **corrected.get(code, {})} for code in languages}
        entries = [each for each in catalogs.entries(folder(), language) if _matches(each.message, word, shown)]
        entries.sort(key=lambda each: (each.message != message, all(shown[language][each.message])))
        others = {code: name for code, name in languages.items() if code != language}
        context = {"typed": typed, "message": message, "problem": problem, "word": word, "count": len(entries)}
        return self.render_template(
            "translations.html", language=language, languages=languages, others=others, entries=entries[:PAGE], shown=shown, **context
        )


def folder() -> Path:
    """Return where the catalogs lie."""
    return Path(current_app.config["BABEL_TRANSLATION_DIRECTORIES"].split(";")[-1])


def _languages() -> dict[str, str]:
    known = current_app.config["LANGUAGES"].items()
    return {code: each["name"] for code, each in known if (folder() / code / "LC_MESSAGES" / "messages.po").exists()}


def _language(code: str) -> str:
    languages = _languages()
    if code and code not in languages:
        abort(404)
    return code or next(iter(languages))


def _matches(message: str, word: str, shown: dict[str, dict[str, Any]]) -> bool:
    wanted = word.lower()
    return wanted in message.lower() or any(wanted in text.lower() for each in shown.values() for text in each.get(message, ()))


def _keys(texts: dict[str, list[str]]) -> dict[Any, str]:
    """Return texts as the library keeps them: one form by its message, several by message and number of the form."""
    result: dict[Any, str] = {}
    for message, forms in texts.items():
        result |= {message: forms[0]} if len(forms) == 1 else {(message, number): form for number, form in enumerate(forms)}
    return result
