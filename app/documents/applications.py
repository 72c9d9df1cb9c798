"""Forms of applications, the same in the office and in the portal: fields from the schema of the kind, read back with their faults."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app import labels
from app.domain import readers
from app.domain.accounts.attachments import LARGEST_BYTES, AttachmentRefused
from app.domain.applications import WORKS, AccountNeed, ApplicationRefused, ApplicationRequest, ApplicationWay, ApplicationWork, FileGiven
from app.domain.applications.forms import FormField, shown, typed
from app.domain.documents import PictureRefused
from app.queries.accounts import Card
from app.queries.applications import KindRecord
from app.services import applications as service

#: Names of inputs begin so: a field of a kind may be called as one of the page.
PREFIX = "given_"
#: Files of one sending that are read at all.
_MOST_READ = 40

#: What filing and answering an application may be refused with.
REFUSALS = (ApplicationRefused, AttachmentRefused, PictureRefused)


class FilledForm(NamedTuple):
    """A form of a kind: its fields, what was typed, and what is wrong with each."""

    fields: list[FormField]
    texts: Mapping[str, str]
    faults: dict[str, str]


def form_of(session: Session, schema_text: str, sent: Mapping[str, str], *, on: date) -> FilledForm:
    """Return the form of a kind with what was typed.

    :param sent: fields of the request; empty: nothing was typed yet
    """
    fields = service.fields_of(session, schema_text, labels.locale_code(), on)
    return FilledForm(fields, {each.name: sent.get(PREFIX + each.name, "") for each in fields}, {})


def read(form: FilledForm) -> dict[str, Any]:
    """Return what was typed as values; what is wrong stands in the form then."""
    values, faults = typed(form.fields, form.texts)
    form.faults.update({name: str(labels.member(fault)) for name, fault in faults.items()})
    return values


def given_files(uploads: Iterable[Any]) -> list[FileGiven]:
    """Return the files of a request, each read one byte further than may be, so that a longer one is known."""
    found = []
    for each in list(uploads)[:_MOST_READ]:
        if getattr(each, "filename", ""):
            found.append(FileGiven(each.filename, each.stream.read(LARGEST_BYTES + 1)))
        each.close()
    return found


def request_of(kind: KindRecord, card: Card, reference: str, values: Mapping[str, Any], files: Sequence[FileGiven]) -> ApplicationRequest:
    """Return the application of the consumer of an account who signed in, about the account if its kind is about one."""
    is_about = WORKS[ApplicationWork(kind.work or "")].account != AccountNeed.NONE
    return ApplicationRequest(
        kind.code, ApplicationWay.PORTAL, reference, card.division_id, card.id if is_about else None,
        card.consumer_name, card.phone, values, files, labels.locale_code(), is_owner=True,
    )  # fmt: skip


def refused_words(refused: Exception, form: FilledForm | None = None) -> str:
    """Return in words why something is refused; a fault of a field goes beside it, and the text names it by its title."""
    if not isinstance(refused, ApplicationRefused):
        return str(labels.member(refused.fault))  # type: ignore[attr-defined]
    titles = {each.name: each.title for each in form.fields} if form else {}
    if refused.column in titles:
        refused = ApplicationRefused(refused.refusal, titles[refused.column or ""], column=refused.column)
        if form is not None:
            form.faults.setdefault(refused.column or "", labels.application_refusal(refused))
    return labels.application_refusal(refused)


def lines(session: Session, schema_text: str, given: Mapping[str, Any], *, on: date) -> list[tuple[str, str]]:
    """Return what an application holds as pairs of words."""
    fields = service.fields_of(session, schema_text, labels.locale_code(), on)
    return [(field.title, _text(field, value)) for field, value in shown(fields, given)]


def _text(field: FormField, value: Any) -> str:
    if field.kind == "day":
        return str(labels.day(date.fromisoformat(value)))
    if field.format == "quantity":
        return str(labels.quantity(readers.quantity(str(value))))
    return str(labels.yes(value)) if field.kind == "tick" else str(labels.personal.shown(str(value), field.name))
