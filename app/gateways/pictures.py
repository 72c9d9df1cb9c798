"""Photographs that people upload: told by what they hold, drawn anew, and rid of what a phone writes into them.

A picture is opened only as far as its head before its size is known, so that a few bytes that unpack to gigabytes are refused unread.
"""

import io
import warnings
from typing import Any

from PIL import Image, ImageOps

from app.domain.documents import LARGEST_PICTURE_BYTES, MOST_PIXELS, PictureFault, PictureRefused

_LONGEST_SIDE = 2000
_QUALITY = 82
#: Formats of telephones that are told by a word of their head, and cannot be drawn here.
_HEIC = (b"ftypheic", b"ftypheix", b"ftyphevc", b"ftypmif1", b"ftypmsf1", b"ftypavif")
_DRAWN = ("JPEG", "PNG", "WEBP")
#: What of the phone's notes is kept on purpose: when and where the picture was taken.
_TAKEN_AT, _DETAILS, _PLACE = 0x9003, 0x8769, 0x8825


def drawn_anew(content: bytes, *, keeps_place: bool = False) -> bytes:
    """Return a photograph as JPEG, upright, of at most 2000 pixels a side, without what the phone wrote into it.

    :param keeps_place: leave the day and the place it was taken at
    :raises PictureRefused: if it is empty, too large, of another kind, or broken
    """
    if not content:
        raise PictureRefused(PictureFault.EMPTY)
    if len(content) > LARGEST_PICTURE_BYTES:
        raise PictureRefused(PictureFault.TOO_LARGE)
    if content[4:12] in _HEIC:
        raise PictureRefused(PictureFault.HEIC)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of sizes and damaged notes; both are looked at here
            picture = Image.open(io.BytesIO(content), formats=_DRAWN)
            if picture.width * picture.height > MOST_PIXELS:
                raise PictureRefused(PictureFault.TOO_MANY_PIXELS)
            return _jpeg(picture, keeps_place=keeps_place)
    except Image.DecompressionBombError as error:
        raise PictureRefused(PictureFault.TOO_MANY_PIXELS) from error
    except (OSError, SyntaxError, ValueError) as error:
        is_known = any(content.startswith(first) for first in (b"\xff\xd8\xff", b"\x89PNG", b"RIFF"))
        raise PictureRefused(PictureFault.BROKEN if is_known else PictureFault.KIND) from error


def _jpeg(picture: Any, *, keeps_place: bool) -> bytes:
    notes = _notes(picture) if keeps_place else None
    picture.draft("RGB", (_LONGEST_SIDE, _LONGEST_SIDE))
    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    plain = Image.new("RGB", upright.size, "white")
    plain.paste(upright.convert("RGBA"), mask=upright.convert("RGBA").getchannel("A"))
    made = io.BytesIO()
    plain.save(made, "JPEG", quality=_QUALITY, **({"exif": notes} if notes else {}))
    return made.getvalue()


def _notes(picture: Any) -> Any:
    """Return when and where a picture was taken, as its own notes say, and nothing else of them."""
    before, kept = picture.getexif(), Image.Exif()
    if taken_at := before.get_ifd(_DETAILS).get(_TAKEN_AT):
        kept[_DETAILS] = {_TAKEN_AT: taken_at}
    if place := before.get_ifd(_PLACE):
        kept[_PLACE] = dict(place)
    return kept
