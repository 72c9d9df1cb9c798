"""A dictionary: whoever edits it drafts a change, and a second person lets it come into force."""

from contextlib import ExitStack
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from flask import abort, flash, request
from flask_babel import lazy_gettext
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError
from sqlalchemy.orm import Session
from wtforms import StringField
from wtforms.validators import Length

from app import clock, labels
from app.domain.notices import BrokenTemplate, LastTemplate, MissingVariable, UnknownVariable
from app.domain.reference import DICTIONARIES, ChangeKind
from app.domain.tariffs import NotBlocks
from app.extensions import db, transaction
from app.jobs import runner
from app.models.administration import Approval
from app.queries import reference as queries
from app.services import reference as service
from app.services.reference import Draft
from app.services.tariffs import PricesAlreadyBilled
from app.views.base import EntityView
from app.views.fields import day_field
from app.views.refusals import FormRefused, explained, refusing, show_refusal
from app.views.values import ValueFormatter

REFUSALS: dict[type[Exception], Any] = {
    service.ChangeInThePast: lazy_gettext("The day is over. Choose today or a later day."),
    service.NothingChanges: lazy_gettext("The row holds all of that already."),
    service.AlreadyWaits: lazy_gettext("Another change of this row, or a row with the same key, waits for approval or for its day."),
    service.EndsByItself: lazy_gettext("A rate is not retired: a later one takes its place."),
    PricesAlreadyBilled: lazy_gettext("Bills were made with this version. End it and add a further version instead."),
    UnknownVariable: lazy_gettext("The words name a place that messages of this kind do not have; the page of the kind lists them."),
    MissingVariable: lazy_gettext("The words lack a place that messages of this kind cannot do without."),
    BrokenTemplate: lazy_gettext("Braces stand around the name of a place, as in {account}, and nowhere else."),
    LastTemplate: lazy_gettext("Messages of this kind would have no words in Uzbek. Put others in force first."),
    NotBlocks: lazy_gettext("Write each block with its end and its rate, ends rising, the last one without an end."),
}


class ReferenceView(EntityView):
    """A dictionary of the centre."""

    list_template = "dictionary.html"
    show_template = "dictionary_row.html"
    added_message = changed_message = lazy_gettext("The change waits for approval by a second person.")
    delete_texts = (lazy_gettext("Retire"), lazy_gettext("Retire this row from today on? You may say why."))

    def _init_properties(self) -> None:
        asked = {"basis": StringField(labels.COLUMN_LABELS["basis"], [Length(max=300)], description=lazy_gettext("Document, number, day"))}
        if not self._dictionary.dated:
            asked["in_force_from"] = day_field(labels.COLUMN_LABELS["in_force_from"], default=clock.today)
        self.add_form_extra_fields = (self.add_form_extra_fields or {}) | asked
        self.edit_form_extra_fields = (self.edit_form_extra_fields or {}) | asked
        super()._init_properties()
        self.add_columns = self.edit_columns = [*DICTIONARIES[self.table].columns, *asked]

    @property
    def table(self) -> str:
        """Return the table of the dictionary."""
        return str(self.datamodel.obj.__tablename__)

    @property
    def _dictionary(self) -> Any:
        return DICTIONARIES[self.table]

    def check(self, form: Any) -> None:
        """Refuse what the table cannot see."""

    def _stored(self, form: Any, item: Any, *, is_new: bool) -> bool:
        """Put what a valid form holds into the inbox; what the table would refuse is shown at once."""
        contents = {place: _plain(form[column].data) for column, place in queries.columns_of(self.table).items()}
        kind, row_id = (ChangeKind.ADD, None) if is_new else (ChangeKind.CHANGE, item.id)
        day = form.in_force_from.data or clock.today() if "in_force_from" in form else clock.today()
        db.session.rollback()  # a fresh transaction: the row was only read for the form
        try:
            self.check(form)
            self._propose(Draft(self.table, kind, row_id, contents, day), form.basis.data)
        except FormRefused as refused:
            show_refusal(form, refused)
        except (IntegrityError, DataError, ProgrammingError) as error:
            show_refusal(form, explained(error))
        else:
            return True
        return False

    def _delete(self, pk: Any) -> None:
        item = self.datamodel.get(pk, self._base_filters)
        if not item:
            abort(404)
        try:
            self._propose(Draft(self.table, ChangeKind.RETIRE, item.id, {}, clock.today()), request.form.get("change_reason"))
        except FormRefused as refused:
            flash(str(refused), "danger")
        except (IntegrityError, DataError, ProgrammingError) as error:
            flash(str(explained(error)), "danger")
        else:
            flash(str(self.changed_message), "success")

    def _propose(self, draft: Draft, basis: str | None) -> None:
        named = {
            NotBlocks: "blocks",
            PricesAlreadyBilled: "valid_from",
            service.ChangeInThePast: "in_force_from",
            **dict.fromkeys((UnknownVariable, MissingVariable, BrokenTemplate), "template_text"),
        }
        jobs = list[int]()
        with ExitStack() as refusals:
            for error, phrase in REFUSALS.items():
                refusals.enter_context(refusing(named.get(error, self._dictionary.key[-1]), {error: phrase}))
            session = refusals.enter_context(transaction())
            held = draft.contents or queries.row_texts(session, draft.table, draft.row_id or 0)
            subject = ValueFormatter().name(draft.table, queries.as_texts(session, draft.table, held))
            jobs = self.proposed(session, service.propose(session, [draft], subject=subject, basis=basis, today=clock.today()))
        for job_id in jobs:
            runner.enqueue(job_id)

    def proposed(self, _session: Session, _asked: Approval) -> list[int]:
        """Do what belongs to a request just made, and return the jobs that were started."""
        return []

    def render_template(self, template: str, **kwargs: Any) -> Any:
        """Render a page that knows its dictionary."""
        may_load = self.appbuilder.sm.has_access("can_add", type(self).__name__)
        waiting = queries.waiting_count(db.session(), self.table)
        return super().render_template(template, table=self.table, may_load=may_load, waiting=waiting, **kwargs)


def _plain(value: Any) -> str | None:
    """Return a field's value as a text of the table's; a related row is its id."""
    if value is None or value == "":
        return None
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(getattr(value, "id", value))
