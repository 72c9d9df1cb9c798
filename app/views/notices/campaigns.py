"""Campaigns of messages: a filter, what it would send and cost, a second person above a limit, and what became of the messages."""

from typing import Any

from flask import flash, g, redirect, url_for
from flask_appbuilder import expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app import clock, labels
from app.domain.administration import roles
from app.domain.administration.pages import LOOK, Page
from app.domain.notices import LeftOut, NoticeKind, NoticeStatus
from app.domain.reference import LANGUAGES, ConsumerKind
from app.domain.runs import RunStatus
from app.extensions import db, transaction
from app.models.notices import Campaign
from app.queries.notices import campaigns as queries
from app.services.notices import campaigns as service
from app.views import fields, menu
from app.views.languages import language_name
from app.views.refusals import FormRefused
from app.views.runs import LinkedText, RunFindings, RunTable, RunTexts, RunView

_KINDS = (NoticeKind.DEBT, NoticeKind.ANNOUNCEMENT)


class CampaignForm(FlaskForm):
    """To whom, and what is said."""

    division = fields.division_field([InputRequired()])
    notice_kind = SelectField(labels.COLUMN_LABELS["notice_kind"], choices=lambda: [(each.value, labels.member(each)) for each in _KINDS])
    consumer_kind = fields.enum_field(labels.COLUMN_LABELS["consumer_kind"], ConsumerKind, [Optional()], optional=True)
    debt_from_tiyin = fields.money_field(labels.COLUMN_LABELS["debt_from_tiyin"], [Optional(), NumberRange(min=0)])
    overdue_days = IntegerField(labels.COLUMN_LABELS["overdue_days"], [Optional(), NumberRange(0, 3650)])
    basis = StringField(labels.COLUMN_LABELS["basis"], [DataRequired(), Length(max=300)], description=_l("Document, number, day"))


for _code in LANGUAGES:
    _label = LazyString(lambda code=_code: _("Announcement: %(language)s", language=language_name(code)))
    _field = TextAreaField(_label, [Length(max=500)], render_kw={"rows": 2, "maxlength": 500})
    setattr(CampaignForm, f"words_{_code}", _field)


class CampaignView(RunView):
    page = Page(
        _l("Campaigns of messages"),
        {LOOK: roles.LEDGER_READERS, "can_cancel can_open can_post": roles.DEBT_STAFF},
        menu.INFORMATION.at(34, "Campaigns of messages"),
    )
    datamodel = SQLAInterface(Campaign)
    spec = service.RUN
    texts = RunTexts(
        _l("New campaign"),
        _l("First comes a preview: how many messages, parts and soʻm, and who is left out. Nothing is sent before you say so."),
        _l("Send"),
        not_ready=_l("Only a campaign whose preview is ready and that waits for nobody can be sent."),
        asked=_l("It costs more than one person decides about alone: a second person approves it."),
    )
    list_columns = [
        "id",
        "notice_kind",
        "division",
        "status",
        "accounts",
        "messages",
        "parts",
        "cost_tiyin",
        "told",
        "created_at",
        "created_by",
    ]
    search_columns = ["notice_kind", "division", "status", "created_at"]
    searched = ("basis",)
    refusals = {service.NoWords: (f"words_{LANGUAGES[0]}", _l("An announcement needs its words in Uzbek."))}
    base_permissions = ["can_list", "can_show", "can_open", "can_post", "can_cancel"]

    def prepared(self) -> Any:
        """Return the form with its choices."""
        return CampaignForm()

    def opened(self, session: Session, form: Any) -> Campaign:
        """Open the campaign that a valid form asks for."""
        kind = NoticeKind(form.notice_kind.data)
        words = {code: (form[f"words_{code}"].data or "").strip() for code in LANGUAGES} if kind == NoticeKind.ANNOUNCEMENT else {}
        if kind == NoticeKind.DEBT and not form.debt_from_tiyin.data:
            raise FormRefused(_("A message about a debt goes to those who owe: say from what sum on."), "debt_from_tiyin")
        wanted = service.CampaignRequest(
            form.division.data, kind, {code: text for code, text in words.items() if text}, form.consumer_kind.data or None,
            form.debt_from_tiyin.data or 0, form.overdue_days.data or 0, form.basis.data.strip(),
        )  # fmt: skip
        return service.open_campaign(session, wanted)

    def findings(self, run: Campaign) -> RunFindings:
        """Return what a campaign would send, who is left out and why, and what became of what was sent."""
        figures = [
            (_("Consumers"), labels.number(run.accounts)),
            (_("SMS"), labels.number(run.messages)),
            (_("Parts of SMS"), labels.number(run.parts)),
            (_("Cost"), labels.money(run.cost_tiyin)),
            (_("Consumers told"), labels.number(run.told)),
        ]
        states = queries.states(db.session(), run.id)
        tables = [
            RunTable(_("Without SMS"), [(_("Why"), False), (_("Consumers"), True)], _counted(LeftOut, run.without_sms)),
            RunTable(_("Messages"), [(_("State"), False), (_("Messages"), True)], _counted(NoticeStatus, states)),
        ]
        lines = [LinkedText(f"{language_name(code)}: {text}") for code, text in run.words.items()]
        asked = _(
            "Send %(count)s SMS of %(parts)s parts for %(cost)s?", count=run.messages, parts=run.parts, cost=labels.money(run.cost_tiyin)
        )
        waits = _waits(run)
        return RunFindings(
            _(
                "Campaign %(number)s: %(kind)s, %(division)s",
                number=run.id,
                kind=labels.member(run.notice_kind),
                division=run.division.shown_name,
            ),
            [(label, LinkedText(value)) for label, value in figures],
            [each for each in tables if each.rows],
            posting=asked if run.accounts and not waits else "",
            notices=waits,
            lines=[LinkedText(run.basis), *lines],
            links=[LinkedText(_("Its messages"), url_for("NoticeView.list", _flt_0_campaign=run.id))] if states else [],
        )

    def started(self, session: Session, run: Campaign) -> int | None:
        """Send a previewed campaign and return the job, or None if it costs so much that a second person decides first."""
        sent = service.send(session, run.id, today=clock.today())
        return sent if isinstance(sent, int) else None

    @expose("/withdraw/<pk>", methods=["POST"])
    @has_access
    @permission_name("cancel")
    def withdraw(self, pk: str) -> Any:
        """Withdraw the messages of a campaign that wait."""
        run = self.found(pk)
        with transaction() as session:
            count = service.withdraw(session, run.id, by=g.user.username, now=clock.now())
        flash(_("Withdrawn: %(count)s.", count=count), "success")
        return redirect(url_for(".show", pk=pk))

    def render_template(self, template: str, **kwargs: Any) -> Any:
        """Render a page; that of a campaign offers to withdraw what waits."""
        run = kwargs.get("run")
        is_over = run is not None and run.status in {RunStatus.POSTED, RunStatus.CANCELLED}
        waits = is_over and NoticeStatus.QUEUED in queries.states(db.session(), run.id)
        return super().render_template("campaign.html" if waits else template, **kwargs)


def _waits(run: Campaign) -> list[tuple[str, LinkedText]]:
    """Return what is said of a campaign that waits for a second person; nothing if it does not."""
    request_id = service.waiting_request(db.session(), run.id) if run.status == RunStatus.PREVIEWED else None
    if request_id is None:
        return []
    return [("info", LinkedText(_("A second person decides about this."), url_for("ApprovalView.show", pk=request_id)))]


def _counted(kind: Any, counts: Any) -> list[list[LinkedText]]:
    return [[LinkedText(labels.member_of(kind, name)), LinkedText(labels.number(count))] for name, count in counts.items()]
