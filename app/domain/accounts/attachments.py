"""Documents attached to accounts: which files are taken, told by their contents and not by their names."""

from enum import StrEnum

LARGEST_BYTES = 10 * 1024 * 1024

#: First bytes → media type; the endings a name may have.
_KINDS: tuple[tuple[bytes, str, tuple[str, ...]], ...] = (
    (b"%PDF-", "application/pdf", (".pdf",)),
    (b"\x89PNG\r\n\x1a\n", "image/png", (".png",)),
    (b"\xff\xd8\xff", "image/jpeg", (".jpg", ".jpeg")),
)
#: What makes a PDF do something when it is opened, or carry another file.
_ACTIVE = (b"/JavaScript", b"/JS", b"/Launch", b"/OpenAction", b"/AA", b"/EmbeddedFile", b"/RichMedia", b"/XFA", b"/SubmitForm")
#: What may follow the name of a PDF's key.
_ENDS = frozenset(b" \t\r\n\f\0/<>[]()")


class AttachmentFault(StrEnum):
    """Why a file is not taken."""

    EMPTY = "EMPTY"
    TOO_LARGE = "TOO_LARGE"
    KIND = "KIND"
    NAME = "NAME"
    ACTIVE = "ACTIVE"


class AttachmentRefused(Exception):
    """A file is not taken as a document."""

    def __init__(self, fault: AttachmentFault) -> None:
        super().__init__(fault)
        self.fault = fault


def media_type_of(name: str, content: bytes) -> str:
    """Return the media type of a file that may be attached: a PDF that does nothing by itself, or a picture.

    >>> media_type_of("deed.pdf", b"%PDF-1.7 plain")
    'application/pdf'

    :raises AttachmentRefused: if it is anything else, too large, or its name says something else than its contents
    """
    if not content:
        raise AttachmentRefused(AttachmentFault.EMPTY)
    if len(content) > LARGEST_BYTES:
        raise AttachmentRefused(AttachmentFault.TOO_LARGE)
    for first, media_type, endings in _KINDS:
        if content.startswith(first):
            if not name.lower().endswith(endings):
                raise AttachmentRefused(AttachmentFault.NAME)
            if media_type == "application/pdf" and _is_active(content):
                raise AttachmentRefused(AttachmentFault.ACTIVE)
            return media_type
    raise AttachmentRefused(AttachmentFault.KIND)


def _is_active(content: bytes) -> bool:
    return any(_has_key(content, key) for key in _ACTIVE)


def _has_key(content: bytes, key: bytes) -> bool:
    place = content.find(key)
    while place >= 0:
        end = place + len(key)
        if end >= len(content) or content[end] in _ENDS:
            return True
        place = content.find(key, end)
    return False
