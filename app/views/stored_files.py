"""Stored files as answers: photographs and papers that a row of the reader's refers to."""

from flask import Response, abort

from app.documents import downloads
from app.extensions import db, record_disclosure
from app.queries import administration as queries


def sent_file(stored_file_id: int | None, *, is_shown: bool = False) -> Response:
    """Return a stored file as an answer, and record that it was read; the caller has checked that the reader may see its row.

    :param stored_file_id: None: the row has no file, which is not found
    :param is_shown: the browser shows it, a photograph; otherwise it is saved under its name
    """
    stored = queries.stored_file(db.session(), stored_file_id) if stored_file_id else None
    if stored is None:
        abort(404)
    record_disclosure("stored_file", [stored_file_id])
    name, media_type, content = stored
    return downloads.inline(content, name, media_type) if is_shown else downloads.attachment(content, name, media_type)
