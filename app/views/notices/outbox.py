"""Messages to consumers and staff: what became of each, and decisions about those that were not sent or are in doubt."""

from typing import Any

from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import labels
from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.domain.notices import DeliveryOutcome, DeliveryProblem
from app.extensions import db
from app.labels import personal
from app.models.notices import DeliveryReceipt, Notice
from app.queries import notices as queries
from app.views import menu
from app.views.base import FactView
from app.views.lists.selection import bulk_act

_AGAIN = _l("Send again")
_SENT = _l("Was sent")


class NoticeView(FactView):
    page = Page(
        _l("Messages"),
        {
            LOOK: (roles.LAWYER, roles.BILLING_OPERATOR, roles.SUPERVISOR, roles.AUDITOR, roles.ADMINISTRATOR),
            "mark_notices_sent send_notices_again": roles.MANAGERS,
        },
        menu.INFORMATION.at(30, "Notices"),
    )
    datamodel = SQLAInterface(Notice)
    list_template = "notices.html"
    show_template = "notice.html"
    list_columns = [
        "id", "kind", "account", "user", "phone", "status", "problem", "expires_at", "sent_at",
    ]  # fmt: skip
    show_columns = [
        *list_columns, "attempts", "provider_reference", "delivered_at", "parts", "cost_tiyin", "message_contract", "campaign", "channel",
        "email", "subject", "text", "provider", "detail", "due_at", "decided_by", "decided_at", "created_at", "created_by",
    ]  # fmt: skip
    search_columns = ["kind", "channel", "campaign", "account", "phone", "status", "problem", "provider_reference"]
    base_order = ("id", "desc")
    searched = ("id", "account")
    formatters_columns = {"text": personal.message}

    def render_template(self, template: str, **kwargs: Any) -> Any:
        """Render a page that also says which channels have no gateway; that of a message names every attempt to send it."""
        attempts = _attempts(int(kwargs["pk"])) if "pk" in kwargs else []
        return super().render_template(template, silent=labels.silent_channels(db.session()), attempts=attempts, **kwargs)

    send_notices_again = bulk_act(
        "send_notices_again", _AGAIN, _l("Send these messages again? Who has got one already gets it twice."), "fa-repeat", single=True
    )
    mark_notices_sent = bulk_act(
        "mark_notices_sent", _SENT, _l("Did the provider send these messages? Look there first."), "fa-check", single=True
    )


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


class DeliveryReceiptView(FactView):
    page = Page(
        _l("Receipts of gateways"),
        {LOOK: (roles.SUPERVISOR, roles.AUDITOR, roles.ADMINISTRATOR)},
        menu.INFORMATION.at(31, "Receipts of gateways"),
    )
    datamodel = SQLAInterface(DeliveryReceipt)
    list_columns = ["id", "notice", "message_contract", "meaning", "receipt_use", "created_at"]
    show_columns = [*list_columns, "reference", "body"]
    search_columns = ["meaning", "receipt_use", "message_contract", "created_at"]
    base_order = ("id", "desc")
    searched = ("id",)
    formatters_columns = {"body": personal.message}
