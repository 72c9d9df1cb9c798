"""Documents of accounts: attached by a form, given out by their record and to nobody who may not read personal data."""

from typing import Any

from flask import Response, abort, flash, redirect, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from app import labels
from app.domain.accounts.attachments import LARGEST_BYTES, AttachmentRefused
from app.domain.administration import roles
from app.domain.administration.pages import Page
from app.extensions import db, record_disclosure, transaction
from app.labels import personal
from app.queries import accounts
from app.queries.accounts import details as queries
from app.services.accounts import documents as service
from app.views.stored_files import sent_file


class DocumentForm(FlaskForm):
    """A file and what it is."""

    title = StringField(labels.COLUMN_LABELS["title"], [DataRequired(), Length(max=200)])
    file = FileField(labels.COLUMN_LABELS["stored_file"], [FileRequired()])


class AccountDocumentView(BaseView):
    """Documents attached to accounts."""

    page = Page(_l("Documents of accounts"), {"can_attach can_download": roles.CONTRACT_STAFF}, under="AccountView")
    route_base = "/account-documents"
    default_view = "attach"

    @expose("/attach/<int:account_id>", methods=["GET", "POST"])
    @has_access
    def attach(self, account_id: int) -> Any:
        """Attach a file to an account, or say beside the field why not."""
        card = accounts.card(db.session(), account_id)
        if card is None:
            abort(404)
        record_disclosure("account", [card.id])
        form = DocumentForm()
        if form.validate_on_submit():
            upload = form.file.data
            # One byte more than may be, so that a longer one is known without reading all of it.
            content = upload.read(LARGEST_BYTES + 1)
            upload.close()
            try:
                with transaction() as session:
                    service.attach(session, card.id, title=form.title.data.strip(), name=upload.filename or "", content=content)
            except AttachmentRefused as refused:
                form.file.errors = [*form.file.errors, labels.member(refused.fault)]
            else:
                flash(_("The document was attached."), "success")
                return redirect(url_for("AccountView.show", pk=card.id, _anchor="papers"))
        return self.render_template("account_document.html", form=form, card=card)

    @expose("/<int:document_id>", methods=["GET"])
    @has_access
    def download(self, document_id: int) -> Response:
        """Send a document to who may read personal data."""
        document = queries.document(db.session(), document_id)
        if document is None:
            abort(404)
        if not personal.may_read():
            abort(403)
        record_disclosure("account", [document.account_id])
        return sent_file(document.stored_file_id)
