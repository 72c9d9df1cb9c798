"""What the consumer is told of a step of an application."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.applications import TOLD, ApplicationEvent, ApplicationWay
from app.domain.calendar import TASHKENT
from app.domain.notices import NoticeKind, Value
from app.models.applications import ConsumerApplication
from app.queries import applications as queries
from app.services import notices


def words_of(session: Session, event: ApplicationEvent) -> Mapping[str, str] | None:
    """Return what a message says of a step, by language; None: the consumer is not told of it."""
    found = queries.step_words(session, event) if event in TOLD else None
    if found is None:
        return None
    by_language = {"uz": found.uz, "uz_Cyrl": found.uz_cyrl, "ru": found.ru, "kaa": found.kaa}
    return {language: words for language, words in by_language.items() if words}


def tell(session: Session, found: ConsumerApplication, event: ApplicationEvent, *, now: datetime) -> None:
    """Write the consumer what happened, in the transaction of the step; who has no account, at the telephone that was proved."""
    words = words_of(session, event)
    if words is None:
        return
    values: dict[str, Value] = {"number": str(found.id), "step": words, "day": now.astimezone(TASHKENT).date()}
    if found.account_id is None:
        if found.way == ApplicationWay.PORTAL and found.phone:
            person = notices.Person(found.division_id, found.phone, found.language)
            notices.notify_person(session, person, NoticeKind.APPLICATION_STEP, values, now=now)
        return
    notices.notify(session, found.account_id, NoticeKind.APPLICATION_STEP, values, now=now)
