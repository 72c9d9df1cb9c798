"""Acts about whether a supply is on: orders to cut or restore it, and the brigade's records that end them."""

from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import HiddenField, SelectField, StringField, TimeField, ValidationError
from wtforms.validators import InputRequired, Length

from app import clock, labels
from app.domain.accounts import AccountStatus
from app.domain.acts import ActKind
from app.domain.administration import roles
from app.domain.administration.pages import Page
from app.domain.calendar import TASHKENT
from app.domain.supply import ORDERED_REASONS, Consent, SupplyOrderKind, SupplyOrderStatus
from app.extensions import db
from app.models.reference import Brigade
from app.models.supply import SupplyOrder
from app.queries.accounts import Card
from app.views import fields
from app.views.acts.accounts import RegistersView
from app.views.acts.base import ActForm, ActView
from app.views.acts.readings import RegistersForm

#: Days that an order's form proposes as its term.
_USUAL_TERM = timedelta(days=3)


def brigade_field() -> SelectField:
    """Return a field for a brigade, if one is known yet."""
    return SelectField(labels.COLUMN_LABELS["brigade"], coerce=fields.optional_number)


def _brigades(division_id: int, today: date) -> list[tuple[Any, str]]:
    offered = select(Brigade).where(Brigade.division_id == division_id, Brigade.retired_on.is_(None) | (Brigade.retired_on > today))
    return [("", ""), *((row.id, row.name) for row in db.session.scalars(offered.order_by(Brigade.name, Brigade.id)))]


class OrderForm(ActForm):
    """Until when a supply is to be switched, and what the brigade should know."""

    order_id = HiddenField()
    term_on = fields.day_field(labels.COLUMN_LABELS["term_on"], [InputRequired()])
    brigade_id = brigade_field()
    note = StringField(labels.COLUMN_LABELS["note"], [Length(max=300)])

    def parameters(self) -> dict[str, Any]:
        """Return the fields of the kind as JSON, the draft by its number."""
        given = super().parameters()
        return given | {"order_id": _number(given["order_id"])}

    def prepare(self, subject: Card, today: date) -> None:
        """Fill an empty form from the draft that it issues, if there is one."""
        self.brigade_id.choices = _brigades(subject.division_id, today)
        if self.is_submitted():
            return
        self.term_on.data = today + _USUAL_TERM
        draft = db.session.get(SupplyOrder, subject.order_id) if subject.order_status == SupplyOrderStatus.DRAFT else None
        if draft is not None:
            self.order_id.data, self.note.data, self.term_on.data = draft.id, draft.note, max(draft.term_on, today)
            self.brigade_id.data = draft.brigade_id
            if "off_reason" in self:
                self["off_reason"].data = draft.off_reason


class DisconnectionForm(OrderForm):
    """Why a supply is to be cut."""

    off_reason = SelectField(
        labels.COLUMN_LABELS["off_reason"], [InputRequired()],
        choices=lambda: [(each.value, labels.member(each)) for each in ORDERED_REASONS],
    )  # fmt: skip


def _number(written: str) -> int | None:
    return int(written) if str(written or "").isdecimal() and len(str(written)) < 19 else None


class OrderView(ActView):
    """The page that issues an order about an account's supply, a draft or a new one."""

    order_kind: ClassVar[SupplyOrderKind]
    is_off: ClassVar[bool]

    def is_offered(self, card: Card) -> bool:
        is_free = card.order_status is None or (card.order_status, card.order_kind) == (SupplyOrderStatus.DRAFT, self.order_kind)
        return card.status == AccountStatus.OPEN and bool(card.off_since) == self.is_off and is_free


class OrderDisconnectionView(OrderView):
    page = Page(_l("Act: disconnection order"), {"can_perform": (roles.ENGINEER, *roles.DEBT_STAFF)}, under="AccountView")
    kind, order_kind, is_off = ActKind.ORDER_DISCONNECTION, SupplyOrderKind.DISCONNECTION, False
    route_base = "/acts/disconnection-order"
    form = DisconnectionForm


class OrderReconnectionView(OrderView):
    page = Page(_l("Act: reconnection order"), {"can_perform": (roles.ENGINEER, *roles.DEBT_STAFF)}, under="AccountView")
    kind, order_kind, is_off = ActKind.ORDER_RECONNECTION, SupplyOrderKind.RECONNECTION, True
    route_base = "/acts/reconnection-order"
    form = OrderForm


def _consent_fields() -> dict[str, Any]:
    hint = _l("Where access or the signature was refused.")
    return {
        "consent": fields.enum_field(labels.COLUMN_LABELS["consent"], Consent, [InputRequired()]),
        "witness_1": StringField(labels.COLUMN_LABELS["witness_1"], [Length(max=100)], description=hint),
        "witness_2": StringField(labels.COLUMN_LABELS["witness_2"], [Length(max=100)], description=hint),
    }


class OrderEndForm(type("_Consent", (RegistersForm,), {"order_id": HiddenField()} | _consent_fields())):  # type: ignore[misc]
    """Which order a record ends, and who signed."""

    def parameters(self) -> dict[str, Any]:
        """Return the fields of the kind as JSON, the order by its number."""
        given: dict[str, Any] = super().parameters()
        return given | {"order_id": _number(given["order_id"])}

    def prepare(self, subject: Card, _today: date) -> None:
        """Name the order that waits."""
        if not self.is_submitted():
            self.order_id.data = subject.order_id if subject.order_status == SupplyOrderStatus.ISSUED else None


class SwitchForm(OrderEndForm):
    """When the brigade switched the supply, and the seal it left."""

    brigade_id = brigade_field()
    hour = TimeField(labels.COLUMN_LABELS["switched_hour"], [InputRequired()])
    seal_number = StringField(labels.COLUMN_LABELS["seal_number"], [Length(max=32)])
    seals_broken = StringField(
        labels.COLUMN_LABELS["seals_broken"], [Length(max=200)], description=_l("Each opens an inspection.")
    )  # fmt: skip

    def prepare(self, subject: Card, today: date) -> None:
        """Name the order that waits, and its brigade."""
        super().prepare(subject, today)
        self.brigade_id.choices = _brigades(subject.division_id, today)
        order = db.session.get(SupplyOrder, subject.order_id) if subject.order_id and not self.is_submitted() else None
        if order is not None:
            self.brigade_id.data = order.brigade_id

    def validate_hour(self, field: TimeField) -> None:
        """Refuse a moment that has not come yet.

        :raises ValidationError: saying so
        """
        day = self.effective_on.data
        if day and field.data and datetime.combine(day, field.data, TASHKENT) > clock.now():
            raise ValidationError(_("This moment has not come yet."))


_SIGNED = ("consent", "witness_1", "witness_2")


class OrderEndView(RegistersView):
    """The page of a record that ends the order about an account's supply."""

    order_kind: ClassVar[SupplyOrderKind]
    until = False
    is_read_always = False

    def is_offered(self, card: Card) -> bool:
        return card.order_status == SupplyOrderStatus.ISSUED and card.order_kind == self.order_kind


class DisconnectView(OrderEndView):
    page = Page(_l("Act: disconnection record"), {"can_perform": (roles.ENGINEER, *roles.BILLING_STAFF)}, under="AccountView")
    kind, order_kind = ActKind.DISCONNECT, SupplyOrderKind.DISCONNECTION
    route_base = "/acts/disconnect"
    form = SwitchForm
    groups = ((_l("Signatures"), _SIGNED),)


class ReconnectView(OrderEndView):
    page = Page(_l("Act: reconnection record"), {"can_perform": (roles.ENGINEER, *roles.BILLING_STAFF)}, under="AccountView")
    kind, order_kind = ActKind.RECONNECT, SupplyOrderKind.RECONNECTION
    route_base = "/acts/reconnect"
    form = SwitchForm
    groups = ((_l("Signatures"), _SIGNED),)


class RefuseSupplyOrderView(ActView):
    page = Page(_l("Act: order not carried out"), {"can_perform": (roles.ENGINEER, *roles.BILLING_STAFF)}, under="AccountView")
    kind = ActKind.REFUSE_SUPPLY_ORDER
    route_base = "/acts/refuse-supply-order"
    form = OrderEndForm
    groups = ((_l("Signatures"), _SIGNED),)

    def is_offered(self, card: Card) -> bool:
        return card.order_status == SupplyOrderStatus.ISSUED


#: Acts that begin and end an order.
SUPPLY_ORDER_ACTS = tuple(
    each.kind for each in (OrderDisconnectionView, DisconnectView, OrderReconnectionView, ReconnectView, RefuseSupplyOrderView)
)
