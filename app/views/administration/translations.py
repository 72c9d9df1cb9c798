"""Translations: a translator corrects what the screens say; every process shows it within seconds."""

import copy
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from flask import Response, abort, current_app, flash, g, has_request_context, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import Domain, force_locale, get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app import clock
from app.documents import downloads
from app.domain.administration import roles
from app.domain.administration.pages import Page
from app.domain.administration.translations import EmptyText, HoldsMarkup, PlacesDiffer, check_texts
from app.extensions import db, transaction
from app.gateways import catalogs
from app.labels import locale_code
from app.queries import administration as queries
from app.services import administration as service
from app.views import menu
from app.views.lists.files import limit_of
from app.views.lists.rows import RowCount
from app.views.lists.state import SIZES, ListState

#: A text, a file of them, and how many refused ones of a file are named.
LONGEST, LARGEST_BYTES, MOST_NAMED = 5000, 5_000_000, 5
#: The name of its pages in the address.
PAGED = "texts"
#: Which messages the page may be asked for.
WHICH = {"": _l("All"), "missing": _l("Missing"), "corrected": _l("Corrected"), "console": _l("Of the console")}
#: What is read where a language has no text yet: its nearest relative says more to its readers than English.
INSTEAD = {"kaa": "uz"}
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
        found, instead = super().get_translations(), INSTEAD.get(locale_code())
        if instead and found._fallback is None:  # noqa: SLF001 - the library offers no other way to ask
            with force_locale(instead):
                found.add_fallback(super().get_translations())
        return self.with_corrected(found)

    def with_corrected(self, shipped: Any) -> Any:
        """Return shipped texts in the reader's language with the corrected ones laid over them."""
        language = locale_code()
        self._refresh()
        if language not in self.texts:
            return shipped
        key = language, id(shipped)
        if key not in self.laid:
            over = copy.copy(shipped)
            over._catalog = {**shipped._catalog, **_keys(self.texts[language])}  # noqa: SLF001 - the library offers no other way in
            self.laid[key] = over
        return self.laid[key]

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
        return self._page(_language(request.args.get("language", "")), _Wanted.of(request.args))

    @expose("/save", methods=["POST"])
    @has_access
    def save(self) -> Any:
        """Put a corrected text before a second person, or say what is wrong with it."""
        language, wanted = _language(request.form.get("language", "")), _Wanted.of(request.form)
        message = request.form.get("message", "").replace("\r\n", "\n")
        texts = [text.replace("\r\n", "\n") for text in request.form.getlist("text")]
        entry = next((each for each in catalogs.entries(folder(), language) if each.message == message), None)
        if entry is None or len(texts) != len(entry.texts) or any("\0" in text or len(text) > LONGEST for text in texts):
            abort(400)
        try:
            with transaction() as session:
                before = queries.corrected_texts(session).get(language, {}).get(message, entry.texts)
                service.propose_text(session, language=language, source=entry.source, before=before, texts=texts)
        except (EmptyText, HoldsMarkup, PlacesDiffer, service.CorrectionWaits) as refused:
            return self._page(language, wanted, message, texts, _problem(refused))
        flash(_("A second person decides about the text. Then all screens show it within seconds."), "success")
        return redirect(url_for("TranslationView.list", language=language, **wanted.arguments))

    @expose("/file/<code>.po")
    @has_access
    @permission_name("list")
    def file(self, code: str) -> Response:
        """Send all texts of a language as a file for a translator's program."""
        language = _language(code)
        content = catalogs.exported(folder(), language, queries.corrected_texts(db.session()).get(language, {}))
        return downloads.attachment(content, f"pc-billing-{language}.po", "text/x-gettext-translation")

    @expose("/load", methods=["POST"])
    @has_access
    @permission_name("save")
    def load(self) -> Any:
        """Put the texts of a file that differ from ours before a second person, all at once."""
        language, upload = _language(request.form.get("language", "")), request.files.get("file")
        content = upload.read(LARGEST_BYTES + 1) if upload else b""
        back = redirect(url_for("TranslationView.list", language=language))
        try:
            found = catalogs.texts_of_file(content) if 0 < len(content) <= LARGEST_BYTES else None
        except catalogs.NotACatalog:
            found = None
        if found is None:
            flash(_("This is no .po file, or it is larger than %(size)s MB.", size=LARGEST_BYTES // 1_000_000), "warning")
            return back
        good, bad = self._corrections(language, found)
        for message, why in bad[:MOST_NAMED]:
            flash(f"{message}: {why}", "warning")
        if good:
            with transaction() as session:
                name = (upload.filename if upload else None) or "file.po"
                service.propose_file(session, language=language, name=name[:100], corrections=good)
        said = ngettext(
            "%(num)s text differs and waits for a second person.", "%(num)s texts differ and wait for a second person.", len(good)
        )
        flash(said + (" " + _("%(count)s texts were not taken.", count=len(bad)) if bad else ""), "success" if good else "info")
        return back

    def _corrections(self, language: str, found: dict[str, tuple[str, ...]]) -> tuple[Any, Any]:
        """Return the corrections of a file, and the messages of those that are refused with the reason."""
        corrected, good, bad = queries.corrected_texts(db.session()).get(language, {}), [], []
        for entry in catalogs.entries(folder(), language):
            texts, before = found.get(entry.message), tuple(corrected.get(entry.message, entry.texts))
            if texts is None or texts == before:
                continue
            if len(texts) != len(before) or any(len(text) > LONGEST for text in texts):
                bad.append((entry.message, _problem(EmptyText())))
                continue
            try:
                check_texts(entry.source, texts)
            except (EmptyText, HoldsMarkup, PlacesDiffer) as refused:
                bad.append((entry.message, _problem(refused)))
            else:
                good.append(service.Correction(entry.source, before, texts))
        return good, bad

    def _page(self, language: str, wanted: "_Wanted", message: str = "", typed: Any = None, problem: str = "") -> Any:
        corrected, languages = queries.corrected_texts(db.session()), _languages()
        known = {code: catalogs.entries(folder(), code) for code in languages}
        shown = {code: {**{each.message: each.texts for each in known[code]}, **corrected.get(code, {})} for code in languages}
        entries = [each for each in known[language] if wanted.takes(each, shown, language, corrected)]
        entries.sort(key=lambda each: (each.message != message, all(shown[language][each.message])))
        counts = [
            _Counts(code, len(shown[code]), sum(not all(texts) for texts in shown[code].values()), len(corrected.get(code, {})))
            for code in languages
        ]
        context = {"typed": typed, "message": message, "problem": problem, "wanted": wanted, "count": len(entries), "counts": counts}
        state = ListState(PAGED, (), None, 0 if message else wanted.page, wanted.size or limit_of("lists.page_size"))
        return self.render_template(
            "translations.html", language=language, languages=languages, state=state, counted=RowCount(len(entries), len(entries), {}, 0),
            entries=[_Shown.of(each) for each in entries[state.start : state.start + state.size]],
            others={code: name for code, name in languages.items() if code != language}, shown=shown, which=WHICH, **context
        )  # fmt: skip


class _Wanted(NamedTuple):
    """Which messages are shown."""

    q: str
    which: str
    page: int
    #: messages a page; 0: as many as lists have
    size: int

    @classmethod
    def of(cls, given: Any) -> "_Wanted":
        """Return what an address or a form asks for."""
        which, page, size = given.get("which", ""), given.get(f"page_{PAGED}", ""), given.get(f"psize_{PAGED}", "")
        return cls(
            given.get("q", "")[:100],
            which if which in WHICH else "",
            int(page) if page.isdecimal() and len(page) < 5 else 0,
            int(size) if size in map(str, SIZES) else 0,
        )

    @property
    def arguments(self) -> dict[str, str | int]:
        """The arguments of the address that asks for the same."""
        return {"q": self.q, "which": self.which, f"page_{PAGED}": self.page, f"psize_{PAGED}": self.size}

    def takes(self, entry: catalogs.CatalogEntry, shown: dict[str, dict[str, Any]], language: str, corrected: dict[str, Any]) -> bool:
        """Tell whether a message is wanted."""
        chosen = {
            "missing": not all(shown[language][entry.message]), "corrected": entry.message in corrected.get(language, {}),
            "console": entry.domain == "admin",
        }  # fmt: skip
        return chosen.get(self.which, True) and _matches(entry.message, self.q, shown)


class _Counts(NamedTuple):
    """How far a language is."""

    code: str
    messages: int
    missing: int
    corrected: int


class _Shown(NamedTuple):
    """A message with where it stands and which words of the glossary are in it."""

    message: str
    source: tuple[str, ...]
    places: list[str]
    terms: list[catalogs.GlossaryTerm]

    @classmethod
    def of(cls, entry: catalogs.CatalogEntry) -> "_Shown":
        """Return a message as the page shows it."""
        program = Path(current_app.root_path)
        glossary = program.parent / "docs" / "glossary.toml"
        places = catalogs.places_of(program, entry.message)
        named = places or ["console" if entry.domain == "admin" else "forms"]
        return cls(entry.message, entry.source, named, catalogs.terms_in(glossary, entry.message) if glossary.exists() else [])


def _problem(refused: Exception) -> str:
    """Say what is wrong with a text."""
    if isinstance(refused, PlacesDiffer):
        return _("Keep the places of the source as they are: %(places)s.", places=str(refused) or _("there are none"))
    if isinstance(refused, HoldsMarkup):
        return _("Write plain text: no tags, no entities, no backslash.")
    if isinstance(refused, EmptyText):
        return _("Write a text for every form.")
    return _("A correction of this text waits for a second person already.")


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
