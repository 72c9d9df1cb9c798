"""Readings: judged, entered by hand, taken from files."""

from app.services.metering.batches import OtherContents, first_answer, open_batch, take_batch
from app.services.metering.decisions import ReadingDecided, ReadingDecision, decide_doubtful
from app.services.metering.devices import TakenRows, finish, refusal_of, refusal_of_fault, take_matched, take_rows
from app.services.metering.events import follow_waiting, take_events
from app.services.metering.files import (
    NotChecked,
    Seen,
    accept_rows,
    check_rows,
    discard_file,
    finish_acceptance,
    finish_check,
    forget_rows,
    reading_import,
    receive_file,
    refuse_file,
    refuse_if_recorded,
)
from app.services.metering.judging import Doubtful, Judged, ReadingRefused, dial_text, judge, limits_on
from app.services.metering.matching import match_ahead
from app.services.metering.parking import NotWaiting, discard
from app.services.metering.posting import next_to_post, post_parked
from app.services.metering.profiles import take_profiles
from app.services.metering.readings import ReadingAlreadyBilled, correct, enter, enter_registers, replace

__all__ = [
    "Doubtful",
    "Judged",
    "NotChecked",
    "NotWaiting",
    "OtherContents",
    "ReadingAlreadyBilled",
    "ReadingDecided",
    "ReadingDecision",
    "ReadingRefused",
    "Seen",
    "TakenRows",
    "accept_rows",
    "check_rows",
    "correct",
    "decide_doubtful",
    "dial_text",
    "discard",
    "discard_file",
    "enter",
    "enter_registers",
    "finish",
    "finish_acceptance",
    "finish_check",
    "first_answer",
    "follow_waiting",
    "forget_rows",
    "judge",
    "limits_on",
    "match_ahead",
    "next_to_post",
    "open_batch",
    "post_parked",
    "reading_import",
    "receive_file",
    "refusal_of",
    "refusal_of_fault",
    "refuse_file",
    "refuse_if_recorded",
    "replace",
    "take_batch",
    "take_events",
    "take_matched",
    "take_profiles",
    "take_rows",
]
