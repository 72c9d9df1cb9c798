"""What a request for approval is about, in the reader's words."""

from flask import current_app
from flask_babel import gettext

from app.domain.administration import PARAMETERS
from app.labels.parameters import parameter_meaning


def request_subject(text: str) -> str:
    """Return what a request names as its subject: a parameter by its meaning, a text by its language and in the reader's.

    Subjects of other requests are names and numbers, and stay.
    """
    if text in PARAMETERS:
        return parameter_meaning(text)
    code, separator, message = text.partition(": ")
    known = current_app.config["LANGUAGES"].get(code) if separator else None
    return f"{known['name']}: {gettext(message)}" if known and message else text
