"""Which channels of messages are silent, for the word on pages that messages wait on."""

from typing import Any

from flask import current_app

from app.domain.notices import NoticeChannel
from app.gateways.senders import channels
from app.labels.figures import member


def silent_channels() -> list[Any]:
    """Return the names of the channels that have no gateway here, so that nothing is sent by them."""
    given = channels(current_app.config)
    return [member(each) for each in NoticeChannel if each not in given]
