"""What may be attached to an account: a PDF that does nothing by itself, or a picture, called what it is."""

import pytest

from app.domain.accounts.attachments import LARGEST_BYTES, AttachmentFault, AttachmentRefused, media_type_of


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("deed.PDF", b"%PDF-1.7 /JSON /AAB", "application/pdf"),
        ("meter.jpeg", b"\xff\xd8\xff /JS ", "image/jpeg"),
        ("meter.png", b"\x89PNG\r\n\x1a\n".ljust(LARGEST_BYTES), "image/png"),
    ],
)
def test_pictures_and_plain_pdfs_are_taken(name: str, content: bytes, media_type: str) -> None:
    assert media_type_of(name, content) == media_type


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("deed.pdf", b"", AttachmentFault.EMPTY),
        ("deed.pdf", b"%PDF-1.7".ljust(LARGEST_BYTES + 1), AttachmentFault.TOO_LARGE),
        ("deed.png", b"%PDF-1.7", AttachmentFault.NAME),
        ("deed.docx", b"PK", AttachmentFault.KIND),
        ("deed.pdf", b"%PDF-1.7 <</OpenAction 5 0 R>>", AttachmentFault.ACTIVE),
        ("deed.pdf", b"%PDF-1.7 /JSON <</JS(1)>>", AttachmentFault.ACTIVE),
        ("deed.pdf", b"%PDF-1.7 /XFA", AttachmentFault.ACTIVE),
    ],
)
def test_what_is_something_else_or_does_something_is_refused(name: str, content: bytes, fault: AttachmentFault) -> None:
    with pytest.raises(AttachmentRefused) as refused:
        media_type_of(name, content)

    assert refused.value.fault == fault
