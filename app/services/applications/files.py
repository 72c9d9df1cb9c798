"""Files of applications: checked by what they hold, photographs drawn anew, counted and kept with their step."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.domain.accounts.attachments import AttachmentFault, AttachmentRefused, media_type_of
from app.domain.applications import ApplicationRefusal, ApplicationRefused, FileGiven
from app.gateways.pictures import drawn_anew
from app.models.applications import ApplicationFile, ApplicationStep, ConsumerApplication
from app.queries import applications as queries
from app.services.administration import store_file

_KILOBYTE = 1024


class ReadyFile(FileGiven):
    """A file that may be kept, as it is kept."""

    @property
    def media_type(self) -> str:
        """What it is."""
        return "application/pdf" if self.content.startswith(b"%PDF-") else "image/jpeg"


def prepared(files: Sequence[FileGiven], *, largest_kilobytes: int) -> list[ReadyFile]:
    """Return files as they are kept: a PDF that does nothing by itself as it is, a photograph drawn anew.

    :raises ApplicationRefused: if one is larger than its kind allows
    :raises AttachmentRefused: if one is neither, or a PDF that does something by itself
    :raises PictureRefused: if a photograph cannot be drawn
    """
    ready = []
    for each in files:
        if len(each.content) > largest_kilobytes * _KILOBYTE:
            raise ApplicationRefused(ApplicationRefusal.DOCUMENT_TOO_LARGE, each.name, column="files")
        if each.content.startswith(b"%PDF-"):
            media_type_of(each.name, each.content)
            ready.append(ReadyFile(each.name[-200:], each.content))
        elif not each.content:
            raise AttachmentRefused(AttachmentFault.EMPTY)
        else:
            ready.append(ReadyFile(f"{each.name.rpartition('.')[0][-190:] or 'photo'}.jpg", drawn_anew(each.content)))
    return ready


def check_count(count: int, *, least: int, most: int) -> None:
    """Refuse fewer or more files than a kind takes.

    :raises ApplicationRefused: naming the limit
    """
    if count < least:
        raise ApplicationRefused(ApplicationRefusal.TOO_FEW_DOCUMENTS, str(least), column="files")
    if count > most:
        raise ApplicationRefused(ApplicationRefusal.TOO_MANY_DOCUMENTS, str(most), column="files")


def keep(session: Session, step: ApplicationStep, files: Sequence[ReadyFile]) -> None:
    """Keep files with the step they came with."""
    for each in files:
        stored = store_file(session, division_id=step.division_id, name=each.name, media_type=each.media_type, content=each.content)
        session.add(
            ApplicationFile(
                division_id=step.division_id, application_id=step.application_id, application_step_id=step.id, stored_file_id=stored.id
            )
        )
    session.flush()


def has_paper(session: Session, application: ConsumerApplication, files: Sequence[FileGiven]) -> bool:
    """Return whether the office added a paper in the present stage, or adds one now."""
    return bool(files) or queries.paper_count(session, application.id, application.stage) > 0
