"""Documents attached to accounts."""

from sqlalchemy.orm import Session

from app.domain.accounts.attachments import media_type_of
from app.models.accounts.documents import AccountDocument
from app.queries.records import fetch_one
from app.services import administration


def attach(session: Session, account_id: int, *, title: str, name: str, content: bytes) -> AccountDocument:
    """Attach a file to an account; it is kept in the database and given out by its record only.

    :raises AttachmentRefused: if it is no PDF or picture, too large, or a PDF that does something by itself
    """
    media_type = media_type_of(name, content)
    division_id = fetch_one(session, "SELECT division_id FROM account WHERE id = :id", int, id=account_id)
    stored = administration.store_file(session, division_id=division_id, name=name, media_type=media_type, content=content)
    document = AccountDocument(division_id=division_id, account_id=account_id, stored_file_id=stored.id, title=title[:200])
    session.add(document)
    session.flush()
    return document
