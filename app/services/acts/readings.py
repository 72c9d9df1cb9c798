"""A reading that bills were made with, corrected: replaced by a further one of its day, and the months billed again in order."""

from datetime import date

from sqlalchemy.orm import Session

from app.domain.acts import ActKind, ActOutcome, ActRefusal, ActRefused
from app.models.acts import Act
from app.models.metering import Reading
from app.queries import metering as metering_queries
from app.queries.billing import corrections as queries
from app.services import metering
from app.services.acts.core import performs
from app.services.acts.rebilling import bill_again


def _reverse(session: Session, counter: Act, undone: Act, today: date) -> ActOutcome:
    """Put the value back that stood before, by a further reading."""
    undo = undone.result["undo"]
    return _correct(session, counter, undo["reading_id"], undo["dial"], today, read_on=undone.effective_on)


@performs(ActKind.CORRECT_READING, reverse=_reverse, is_ordered=False)
def correct_reading(session: Session, act: Act, today: date) -> ActOutcome:
    """Replace a reading, whatever was billed with it, and bill the months again.

    :raises ActRefused: if the new value breaks a rule, or a further reading replaced it before
    """
    return _correct(session, act, int(act.parameters["reading_id"]), str(act.parameters["dial"]), today, read_on=act.effective_on)


def _correct(session: Session, act: Act, reading_id: int, dial: str, today: date, *, read_on: date) -> ActOutcome:
    wrong = session.get(Reading, reading_id)
    if wrong is None or (wrong.account_id, wrong.read_on) != (act.account_id, read_on) or metering_queries.is_replaced(session, reading_id):
        raise ActRefused(ActRefusal.CHANGED_MEANWHILE, column="reading_id")
    since = queries.first_month_of_reading(session, reading_id)
    try:
        right = metering.replace(session, wrong, dial=dial, today=today)
    except metering.ReadingRefused as refused:
        raise ActRefused(ActRefusal.READING_REFUSED, refused.problem.value, column="dial") from refused
    if right.dial_milli == wrong.dial_milli:
        raise ActRefused(ActRefusal.NOTHING_CHANGES, column="dial")
    bill_again(session, act, since=since, today=today)
    meter = wrong.meter_installation.meter
    details = {
        "meter_number": meter.serial_number, "register": wrong.register.code, "read_on": wrong.read_on.isoformat(),
        "dial_milli_before": wrong.dial_milli, "dial_milli": right.dial_milli,
    }  # fmt: skip
    return ActOutcome(details, undo={"reading_id": right.id, "dial": metering.dial_text(wrong.dial_milli)})
