"""Which channels of messages are silent, for the word on pages that messages wait on."""

from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from app.domain.notices import NoticeChannel
from app.labels.figures import member
from app.services.notices import channels_with_gateway


def silent_channels(session: Session) -> list[Any]:
    """Return the names of the channels that have no gateway here, so that nothing is sent by them."""
    given = channels_with_gateway(session, current_app.config)
    return [member(each) for each in NoticeChannel if each not in given]
