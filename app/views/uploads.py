"""The page that loads a file, and its example; what stands there comes from the declaration of the file's kind."""

from typing import Any

from flask import Response, render_template, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from sqlalchemy.orm import Session

from app import labels
from app.documents import downloads
from app.gateways.uploads import FileSpec
from app.services import administration


class FileForm(FlaskForm):
    """A form with a file; fields of a kind's own stand above it."""

    file = FileField(labels.COLUMN_LABELS["stored_file"], [FileRequired()])

    def stored(self, session: Session, division_id: int) -> Any:
        """Keep the file that was sent and return its row."""
        upload = self.file.data
        return administration.store_file(
            session, division_id=division_id, name=upload.filename or "file", media_type=upload.mimetype, content=upload.read()
        )


def upload_page(spec: FileSpec, form: FileForm, *, back: str, example: str = "", **texts: str) -> str:
    """Return the page that loads a file.

    :param back: address that leads away
    :param example: address of an example; empty: there is none
    :param texts: what stands in the places of the title and the hint
    """
    return render_template(
        "file_load.html",
        title=gettext(spec.title, **texts),
        hint=gettext(spec.hint, **texts),
        send=gettext(spec.send),
        spec=spec,
        columns=[(column.header(labels.locale_code()), column) for column in spec.columns.values()],
        form=form,
        back=back,
        example=example,
    )


class LoadsFiles:
    """What a view adds whose page takes in files of a kind: the page's frame and the download of an example."""

    file_spec: FileSpec
    endpoint: str
    base_permissions: list[str] | None

    def file_page(self, form: FileForm, *, back: str = "") -> str:
        """Return the page that loads a file; it leads back to the list."""
        example = url_for(f"{self.endpoint}.example") if self.file_spec.example else ""
        return upload_page(self.file_spec, form, back=back or url_for(f"{self.endpoint}.list"), example=example)

    @expose("/example.csv")
    @has_access
    @permission_name("load")
    def example(self) -> Response:
        """Send an example of such a file, its columns called as in the reader's language."""
        header, rows = self.file_spec.sample(labels.locale_code())
        return downloads.attachment(downloads.csv_bytes(header, rows), "example.csv", "text/csv")
