"""Messages to consumers and staff: what became of each, and decisions about those that were not sent or are in doubt."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import flash, g
from flask_appbuilder.actions import action
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock, labels
from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.domain.notices import DeliveryOutcome, DeliveryProblem
from app.extensions import db, transaction
from app.labels import personal
from app.models.notices import Notice
from app.queries import notices as queries
from app.services import notices as service
from app.views import menu
from app.views.base import FactView

_AGAIN = _l("Send again")
_SENT = _l("Was sent")


class NoticeView(FactView):
    page = Page(
        _l("Messages"),
        {
            LOOK: (roles.LAWYER, roles.BILLING_OPERATOR, roles.SUPERVISOR, roles.AUDITOR, roles.ADMINISTRATOR),
            "mark_notices_sent send_notices_again": roles.MANAGERS,
        },
        menu.MONITORING.at(30, "Notices"),
    )
    datamodel = SQLAInterface(Notice)
    list_template = "notices.html"
    show_template = "notice.html"
    list_columns = [
        "id", "kind", "account", "user", "phone", "status", "problem", "attempts", "provider_reference", "expires_at", "sent_at",
    ]  # fmt: skip
    show_columns = [
        *list_columns, "channel", "email",
        "subject", "text", "provider", "detail", "due_at", "decided_by", "decided_at", "created_at", "created_by",
    ]  # fmt: skip
    search_columns = ["kind", "channel", "account", "phone", "status", "problem", "provider_reference"]
    base_order = ("id", "desc")
    searched = ("id", "account", "phone")
    formatters_columns = {"text": personal.message}

    def render_template(self, template: str, **kwargs: Any) -> Any:
        """Render a page that also says which channels have no gateway; that of a message names every attempt to send it."""
        attempts = _attempts(int(kwargs["pk"])) if "pk" in kwargs else []
        return super().render_template(template, silent=labels.silent_channels(), attempts=attempts, **kwargs)

    @action("send_notices_again", _AGAIN, _l("Send these messages again? Who has got one already gets it twice."), "fa-repeat")
    def send_notices_again(self, items: Any) -> Any:
        """Queue messages anew that failed, came too late or are in doubt."""
        words = _("Only messages that failed, were too late or are in doubt are sent again, and no codes: the consumer asks for a new one.")
        if self._decided(items, service.send_again, service.NotSendableAgain, words):
            flash(_("Queued again. The list shows what becomes of it."), "info")
        return self.back()

    @action("mark_notices_sent", _SENT, _l("Did the provider send these messages? Look there first."), "fa-check")
    def mark_notices_sent(self, items: Any) -> Any:
        """Record that messages in doubt were sent."""
        if self._decided(items, service.mark_sent, service.NotInDoubt, _("Only messages in doubt are decided about.")):
            flash(_("Recorded as sent on your word."), "success")
        return self.back()

    def _decided(self, items: Any, decide: Callable[..., None], refusal: type[Exception], words: str) -> bool:
        chosen: Sequence[Notice] = items if isinstance(items, Sequence) else [items]
        try:
            with transaction() as session:
                decide(session, [each.id for each in chosen], by=g.user.username, now=clock.now())
        except refusal:
            flash(words, "warning")
            return False
        return True


def _attempts(notice_id: int) -> list[tuple[Any, ...]]:
    session: Session = db.session()
    return [
        (
            each,
            labels.member_of(DeliveryOutcome, each.outcome) if each.outcome else "",
            labels.member_of(DeliveryProblem, each.problem) if each.problem else "",
        )
        for each in queries.attempts(session, notice_id)
    ]


#: The pages of this area.
VIEWS = (NoticeView,)
