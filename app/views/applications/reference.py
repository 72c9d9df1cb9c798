"""Dictionaries of applications: kinds, terms and fees, routes, answers, special days; and the systems that file them."""

import hashlib
from typing import Any

from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, TextAreaField
from wtforms.validators import InputRequired, Length

from app.domain.administration import roles
from app.domain.administration.pages import EDIT, LOOK, Page
from app.domain.applications.forms import NotASchema, parse_schema
from app.labels import COLUMN_LABELS
from app.models.applications import (
    ApplicationKind,
    ApplicationSource,
    ApplicationStage,
    ApplicationTerm,
    ReplyTemplate,
    SpecialDay,
)
from app.views import menu
from app.views.proposed import TYPED_ANEW, ProposedView, are_networks, typed_key
from app.views.reference import ReferenceView
from app.views.refusals import FormRefused

_RIGHTS = {LOOK: (*roles.REFERENCE_READERS, roles.SUPERVISOR), EDIT: roles.REFERENCE_EDITORS}


class ApplicationKindView(ReferenceView):
    page = Page(_l("Kinds of applications"), _RIGHTS, menu.REFERENCE.at(112, "Kinds of applications"), company_wide=LOOK)
    datamodel = SQLAInterface(ApplicationKind)
    form_columns = [
        "code", "name", "name_uz_cyrl", "name_ru", "filing_right", "work", "is_active", "form_schema", "documents_least", "documents_most",
        "document_kilobytes",
    ]  # fmt: skip
    list_columns = ["code", "name", "filing_right", "work", "is_active", "documents_least", "documents_most", "retired_on"]
    add_form_extra_fields = edit_form_extra_fields = {
        "form_schema": TextAreaField(
            COLUMN_LABELS["form_schema"],
            [InputRequired(), Length(max=20_000)],
            description=_l("JSON schema of type object; x-title holds the words of a field by language."),
            render_kw={"rows": 16, "spellcheck": "false"},
        )
    }
    description_columns = {"is_active": _l("A kind is switched on only with what its acceptance does.")}
    base_order = ("code", "asc")
    searched = ("code", "name")

    def check(self, form: Any) -> None:
        """Refuse a schema of which no form can be made, and a kind that is switched on without a work."""
        try:
            parse_schema(form.form_schema.data)
        except NotASchema as fault:
            raise FormRefused(_("No form can be made of this schema: %(detail)s.", detail=str(fault)), "form_schema") from fault
        if form.is_active.data and form.work.data is None:
            raise FormRefused(_("Without what its acceptance does a kind cannot be switched on."), "work")


class ApplicationTermView(ReferenceView):
    page = Page(_l("Terms and fees of applications"), _RIGHTS, menu.REFERENCE.at(113, "Terms of applications"), company_wide=LOOK)
    datamodel = SQLAInterface(ApplicationTerm)
    form_columns = ["application_kind", "valid_from", "term_days", "fee_tiyin", "source"]
    list_columns = [*form_columns, "retired_on"]
    base_order = ("valid_from", "desc")
    searched = ("source",)


class ApplicationStageView(ReferenceView):
    page = Page(_l("Routes of applications"), _RIGHTS, menu.REFERENCE.at(114, "Routes of applications"), company_wide=LOOK)
    datamodel = SQLAInterface(ApplicationStage)
    form_columns = ["application_kind", "stage", "name", "name_uz_cyrl", "name_ru", "department_code", "needs_paper"]
    list_columns = ["application_kind", "stage", "name", "department_code", "needs_paper", "retired_on"]
    base_order = ("id", "asc")
    searched = ("name", "department_code")


class ReplyTemplateView(ReferenceView):
    page = Page(_l("Answers to applications"), _RIGHTS, menu.REFERENCE.at(115, "Answers to applications"), company_wide=LOOK)
    datamodel = SQLAInterface(ReplyTemplate)
    form_columns = [
        "code", "application_event", "is_notice", "name", "name_uz_cyrl", "name_ru", "text_uz", "text_uz_cyrl", "text_ru", "text_kaa",
    ]  # fmt: skip
    list_columns = ["code", "application_event", "is_notice", "name", "text_uz"]
    show_columns = [*form_columns, "retired_on"]
    base_order = ("code", "asc")
    searched = ("code", "name")


class SpecialDayView(ReferenceView):
    page = Page(_l("Special days"), _RIGHTS, menu.REFERENCE.at(116, "Special days"), company_wide=LOOK)
    datamodel = SQLAInterface(SpecialDay)
    form_columns = ["day", "is_working", "source"]
    list_columns = [*form_columns, "retired_on"]
    base_order = ("day", "desc")
    searched = ("source",)


class ApplicationSourceView(ProposedView):
    """Systems that file applications for consumers; of a key only the digest is kept, a secret is never shown."""

    page = Page(
        _l("Sources of applications"),
        {LOOK: (roles.SUPERVISOR, roles.AUDITOR, roles.ADMINISTRATOR), "can_add can_edit": (roles.ADMINISTRATOR,)},
        menu.REFERENCE.at(117, "Sources of applications"),
    )
    datamodel = SQLAInterface(ApplicationSource)
    list_columns = ["name", "division", "login", "is_active"]
    form_columns = ["name", "division", "login", "new_key", "new_secret", "networks", "is_active"]
    show_columns = ["name", "division", "login", "networks", "is_active"]
    add_form_extra_fields = edit_form_extra_fields = {
        "new_key": PasswordField(_l("Key it sends"), [Length(max=200)], render_kw=TYPED_ANEW, description=_l("Empty: it stays as it is.")),
        "new_secret": PasswordField(
            _l("Key it signs with"), [Length(max=200)], render_kw=TYPED_ANEW, description=_l("Empty: it stays as it is.")
        ),
    }
    validators_columns = {"networks": [are_networks]}
    base_order = ("name", "asc")
    searched = ("name", "login")
    base_permissions = ["can_list", "can_show", "can_add", "can_edit"]

    def pre_add(self, item: ApplicationSource) -> None:
        """Keep the keys that were typed; an active source has one."""
        self.pre_update(item)

    def pre_update(self, item: ApplicationSource) -> None:
        """Keep the keys that were typed; an active source has one."""
        item.division_id = item.division.id
        if key := typed_key(item, "new_key"):
            item.key_sha256 = hashlib.sha256(key.encode()).hexdigest()
        if secret := typed_key(item, "new_secret"):
            item.secret = secret
        if item.is_active and not item.key_sha256 and not item.secret:
            raise FormRefused(_("Without a key the source cannot sign in."), "new_key")
