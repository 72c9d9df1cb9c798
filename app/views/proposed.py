"""Forms over what lets machines in: a second person lets a change hold, and keys are written and never shown."""

from collections.abc import Mapping, Sequence
from ipaddress import ip_network
from typing import Any

from flask import flash, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError
from wtforms.validators import ValidationError

from app.extensions import transaction
from app.services import administration as administration_service
from app.services import payments as service
from app.views.base import EntityView
from app.views.refusals import FormRefused, explained, show_refusal

TYPED_ANEW = {"autocomplete": "new-password"}
_NOT_PROPOSED: dict[type[Exception], Any] = {
    administration_service.NothingChanged: _l("The row holds all of that already."),
    administration_service.SettingWaits: _l("Another change of this row waits for a second person already."),
}


def are_networks(_form: Any, field: Any) -> None:
    """Refuse what are not networks with blanks between."""
    for each in (field.data or "").split():
        try:
            ip_network(each, strict=False)
        except ValueError:
            raise ValidationError(_("%(text)s is no network. Write them like 185.234.113.0/28, with blanks between.", text=each)) from None


def typed_key(item: Any, column: str) -> str:
    """Return the key that was typed into a form; empty if none was.

    :raises FormRefused: if it is too short
    """
    key = str(item.__dict__.pop(column, "") or "").strip()
    if key and len(key) < service.SHORTEST_KEY:
        raise FormRefused(_("A key has at least %(count)s characters.", count=service.SHORTEST_KEY), column)
    return key


class ProposedView(EntityView):
    """A catalogue whose rows wait for a second person."""

    stopped_by: Sequence[Mapping[str, Any]] = ({"is_active": False},)  #: changes that only stop a caller, and need nobody

    added_message = changed_message = _l("The change waits for approval by a second person.")

    def _stored(self, form: Any, item: Any, *, is_new: bool) -> bool:
        """Put what a valid form holds before a second person; what only stops a caller holds at once."""
        try:
            with transaction() as session:
                with session.no_autoflush:
                    form.populate_obj(item)
                    self.pre_add(item) if is_new else self.pre_update(item)
                if is_new or not self._only_stops(item):
                    administration_service.propose_row(session, item, basis=request.form.get("change_reason", "")[:300])
        except FormRefused as refused:
            show_refusal(form, refused)
        except tuple(_NOT_PROPOSED) as error:
            flash(str(_NOT_PROPOSED[type(error)]), "warning")
        except (IntegrityError, DataError, ProgrammingError) as error:
            show_refusal(form, explained(error))
        else:
            return True
        return False

    def _only_stops(self, item: Any) -> bool:
        """Return whether a change only stops a caller, which may not have to wait for anybody."""
        return {column: after for column, (_before, after) in administration_service.changes_of(item).items()} in self.stopped_by
