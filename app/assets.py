"""Style sheets, scripts and pictures as browsers get them: named by what they hold, kept for a year, packed."""

import gzip
import hashlib
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

STATIC = Path(__file__).resolve().parent / "static"
_YEAR_S = 365 * 24 * 3600
#: What becomes smaller. Pages are not packed: an attacker who chooses a part of a page could guess its secrets from its length.
_PACKED = {"text/css", "text/javascript", "application/javascript", "image/svg+xml"}


def init_assets(app: Flask) -> None:
    """Name files by their contents, and let browsers keep what is so named."""
    app.url_defaults(_with_digest)
    app.after_request(_pack)


def _with_digest(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and (digest := _digest(values.get("filename", ""))):
        values.setdefault("v", digest)


def _pack(response: Response) -> Response:
    if request.endpoint != "static" or response.status_code != HTTPStatus.OK:
        return response
    name = (request.view_args or {})["filename"]
    if request.args.get("v") == _digest(name):
        response.cache_control.max_age, response.cache_control.public, response.cache_control.immutable = _YEAR_S, True, True
        response.cache_control.no_cache = None
    if response.mimetype in _PACKED and "gzip" in request.accept_encodings:
        response.direct_passthrough = False
        response.set_data(_packed(name))
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
    return response


@lru_cache(maxsize=200)
def _digest(name: str) -> str:
    path = STATIC / name
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else ""


@lru_cache(maxsize=200)
def _packed(name: str) -> bytes:
    return gzip.compress((STATIC / name).read_bytes(), 9)
