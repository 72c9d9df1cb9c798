"""What browsers get: style sheets, scripts and pictures named by what they hold, kept for a year and packed; pages packed."""

import gzip
import hashlib
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

STATIC = Path(__file__).resolve().parent / "static"
_YEAR_S = 365 * 24 * 3600
#: Pages shorter than this go as they are.
_SHORT = 1000
#: Files that become smaller.
_PACKED = {"text/css", "text/javascript", "application/javascript", "image/svg+xml"}


def init_assets(app: Flask) -> None:
    """Name files by their contents, and let browsers keep what is so named."""
    app.url_defaults(_with_digest)
    app.after_request(_pack)


def _with_digest(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and (digest := _digest(values.get("filename", ""))):
        values.setdefault("v", digest)


def _pack(response: Response) -> Response:
    if request.endpoint != "static":
        return _pack_page(response)
    if response.status_code != HTTPStatus.OK:
        return response
    name = (request.view_args or {})["filename"]
    if request.args.get("v") == _digest(name):
        response.cache_control.max_age, response.cache_control.public, response.cache_control.immutable = _YEAR_S, True, True
        response.cache_control.no_cache = None
    if response.mimetype in _PACKED and "gzip" in request.accept_encodings:
        response.close()  # the file as it is
        response.direct_passthrough = False
        response.set_data(_packed(name))
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
    return response


def _pack_page(response: Response) -> Response:
    """Pack a page that the site itself led to, as the browser says.

    From elsewhere it goes as it is: whoever chooses a part of a page and asks for it again and again could guess its secrets from its
    length.
    """
    is_own = request.headers.get("Sec-Fetch-Site") in {"same-origin", "none"} and "gzip" in request.accept_encodings
    if not is_own or response.mimetype != "text/html" or response.is_streamed or response.content_encoding:
        return response
    page = response.get_data()
    if len(page) >= _SHORT:
        response.set_data(gzip.compress(page, 6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding, Sec-Fetch-Site, Cookie"
    return response


@lru_cache(maxsize=200)
def _digest(name: str) -> str:
    path = STATIC / name
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else ""


@lru_cache(maxsize=200)
def _packed(name: str) -> bytes:
    return gzip.compress((STATIC / name).read_bytes(), 9)
