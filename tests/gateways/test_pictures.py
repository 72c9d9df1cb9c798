"""Photographs are drawn anew: without what the phone wrote, of a size that fits, and nothing that is no photograph."""

import io
import struct
import zlib

import pytest
from PIL import Image

from app.domain.documents import LARGEST_PICTURE_BYTES, PictureFault, PictureRefused
from app.gateways.pictures import drawn_anew

_DETAILS, _TAKEN_AT, _PLACE, _MAKER, _TURNED = 0x8769, 0x9003, 0x8825, 0x010F, 0x0112


def photograph(kind: str = "JPEG", size: tuple[int, int] = (3000, 1000), *, turned: int = 1) -> bytes:
    """Return a picture as a telephone takes it: with its maker, the day and the place."""
    made, notes = io.BytesIO(), Image.Exif()
    notes[_MAKER], notes[_TURNED] = "Telephone", turned
    notes[_DETAILS] = {_TAKEN_AT: "2026:11:30 09:15:00"}
    notes[_PLACE] = {1: "N", 2: (41.0, 18.0, 0.0)}
    Image.new("RGB", size, "teal").save(made, kind, exif=notes)
    return made.getvalue()


def png_of(width: int, height: int) -> bytes:
    """Return a PNG that says it is so large, as a few bytes that would unpack to gigabytes."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [b"IHDR" + head, b"IDAT" + zlib.compress(b"\0" * 1000)]
    return b"\x89PNG\r\n\x1a\n" + b"".join(struct.pack(">I", len(each) - 4) + each + struct.pack(">I", zlib.crc32(each)) for each in chunks)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_photograph_becomes_a_smaller_jpeg_without_what_the_phone_wrote(kind: str) -> None:
    picture = Image.open(io.BytesIO(drawn_anew(photograph(kind))))

    assert (picture.format, picture.size) == ("JPEG", (2000, 667))
    assert dict(picture.getexif()) == {}


def test_day_and_place_are_kept_on_purpose_and_nothing_else() -> None:
    notes = Image.open(io.BytesIO(drawn_anew(photograph(), keeps_place=True))).getexif()

    assert notes.get_ifd(_DETAILS)[_TAKEN_AT] == "2026:11:30 09:15:00"
    assert notes.get_ifd(_PLACE)[1] == "N"
    assert _MAKER not in notes


def test_picture_taken_sideways_stands_upright() -> None:
    picture = Image.open(io.BytesIO(drawn_anew(photograph(size=(300, 100), turned=6))))

    assert picture.size == (100, 300)


def test_same_photograph_gives_the_same_bytes() -> None:
    assert drawn_anew(photograph()) == drawn_anew(photograph())


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", PictureFault.EMPTY),
        (b"\xff\xd8\xff" + b"\0" * LARGEST_PICTURE_BYTES, PictureFault.TOO_LARGE),
        (b"\0\0\0\x18ftypheic" + b"\0" * 100, PictureFault.HEIC),
        (b"MZ\x90\0" + b"\0" * 1000, PictureFault.KIND),
        (b"<svg onload='alert(1)'/>", PictureFault.KIND),
        (png_of(30_000, 30_000), PictureFault.TOO_MANY_PIXELS),
        (png_of(8_000, 7_000), PictureFault.TOO_MANY_PIXELS),
        (photograph()[:2000], PictureFault.BROKEN),
    ],
    ids=["nothing", "eleven megabytes", "HEIC", "a program", "a drawing", "30,000 by 30,000", "56 million pixels", "cut off"],
)
def test_what_is_no_photograph_is_refused_in_words(content: bytes, fault: PictureFault) -> None:
    with pytest.raises(PictureRefused) as refused:
        drawn_anew(content)

    assert refused.value.fault == fault
