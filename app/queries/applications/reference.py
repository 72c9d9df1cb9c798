"""Reference data of applications: kinds in force, routes, special days, answers, and the systems that file."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.applications import ApplicationEvent
from app.queries.names import shown
from app.queries.records import fetch_all, fetch_optional


class KindRecord(NamedTuple):
    """A kind of application as it is offered on a day.

    :ivar term_days: None: no term holds on the day
    """

    id: int
    code: str
    name: str
    filing_right: str
    work: str | None
    is_active: bool
    form_schema: str
    documents_least: int
    documents_most: int
    document_kilobytes: int
    term_days: int | None
    fee_tiyin: int | None


_KIND = f"""
    SELECT k.id, k.code, {shown("k")} AS name, k.filing_right, k.work, k.is_active, k.form_schema, k.documents_least, k.documents_most,
           k.document_kilobytes, t.term_days, t.fee_tiyin
    FROM application_kind k
    LEFT JOIN LATERAL (
        SELECT x.term_days, x.fee_tiyin FROM application_term x
        WHERE x.application_kind_id = k.id AND x.valid_from <= :on AND coalesce(x.retired_on > :on, true)
        ORDER BY x.valid_from DESC LIMIT 1
    ) t ON true
    WHERE coalesce(k.retired_on > :on, true)
    """


def kinds(session: Session, on: date) -> list[KindRecord]:
    """Return the kinds there are on a day, those that are switched off too, by name."""
    return fetch_all(session, f"{_KIND} ORDER BY name, k.id", KindRecord, on=on)


def kind(session: Session, code: str, on: date) -> KindRecord | None:
    """Return a kind as it is on a day."""
    return fetch_optional(session, f"{_KIND} AND k.code = :code", KindRecord, on=on, code=code)


class StageRecord(NamedTuple):
    """A stage of the route of a kind."""

    stage: int
    name: str
    department_code: str
    needs_paper: bool


def stages(session: Session, kind_id: int, on: date) -> list[StageRecord]:
    """Return the route of a kind on a day; without one, whoever may takes its applications."""
    statement = f"""
        SELECT s.stage, {shown("s")} AS name, s.department_code, s.needs_paper FROM application_stage s
        WHERE s.application_kind_id = :kind_id AND coalesce(s.retired_on > :on, true) ORDER BY s.stage
        """
    return fetch_all(session, statement, StageRecord, kind_id=kind_id, on=on)


class _StageName(NamedTuple):
    kind_id: int
    name: str


def routes(session: Session, on: date) -> dict[int, list[str]]:
    """Return the names of the stages of each kind that has a route on a day, in their order, by the kind."""
    statement = f"""
        SELECT s.application_kind_id AS kind_id, {shown("s")} AS name FROM application_stage s
        WHERE coalesce(s.retired_on > :on, true) ORDER BY s.application_kind_id, s.stage
        """
    found = dict[int, list[str]]()
    for row in fetch_all(session, statement, _StageName, on=on):
        found.setdefault(row.kind_id, []).append(row.name)
    return found


def department_of(session: Session, division_id: int, code: str, on: date) -> int | None:
    """Return the department of a division with a code on a day."""
    statement = """
        SELECT id FROM department
        WHERE division_id = :division_id AND code = :code AND valid_from <= :on AND coalesce(valid_to > :on, true)
        """
    return fetch_optional(session, statement, int, division_id=division_id, code=code, on=on)


class SpecialDayRecord(NamedTuple):
    """A day that the office corrected."""

    day: date
    is_working: bool


def special_days(session: Session, start: date, end: date) -> Mapping[date, bool]:
    """Return the corrected days from one day up to another, and whether offices work then."""
    statement = "SELECT day, is_working FROM special_day WHERE retired_on IS NULL AND day >= :start AND day < :end"
    return dict(fetch_all(session, statement, SpecialDayRecord, start=start, end=end))


def reason_id(session: Session, code: str) -> int | None:
    """Return the reason of a meter change with a code."""
    return fetch_optional(session, "SELECT id FROM meter_change_reason WHERE code = :code", int, code=code)


def benefit_id(session: Session, code: str) -> int | None:
    """Return the benefit with a code."""
    return fetch_optional(session, "SELECT id FROM benefit WHERE code = :code", int, code=code)


class BenefitChoice(NamedTuple):
    """A benefit that may be asked for."""

    code: str
    name: str


def benefits(session: Session, on: date) -> list[BenefitChoice]:
    """Return the benefits there are on a day, by name."""
    statement = f"SELECT b.code, {shown('b')} AS name FROM benefit b WHERE coalesce(b.retired_on > :on, true) ORDER BY name, b.id"
    return fetch_all(session, statement, BenefitChoice, on=on)


def receivers(session: Session, department_id: int | None, on: date) -> list[int]:
    """Return the users of a department on a day."""
    statement = """
        SELECT m.user_id FROM staff_member m JOIN ab_user u ON u.id = m.user_id AND u.active
        WHERE m.department_id = :department_id AND m.valid_from <= :on AND coalesce(m.valid_to > :on, true) ORDER BY m.id
        """
    return fetch_all(session, statement, int, department_id=department_id, on=on)


def division_of_code(session: Session, code: str) -> int | None:
    """Return the division of the reader's with a code, in which accounts are."""
    return fetch_optional(session, "SELECT id FROM division WHERE code = :code AND level = 'DISTRICT'", int, code=code)


class ApplicationSourceRecord(NamedTuple):
    """A system that files applications."""

    id: int
    division_id: int
    login: str
    key_sha256: str
    secret: str | None
    networks: str


def sources(session: Session) -> list[ApplicationSourceRecord]:
    """Return the systems that may file applications."""
    statement = "SELECT id, division_id, login, key_sha256, secret, networks FROM application_source WHERE is_active ORDER BY id DESC"
    return fetch_all(session, statement, ApplicationSourceRecord)


class TemplateRecord(NamedTuple):
    """Words of an answer, in the language of the consumer."""

    id: int
    name: str
    event: ApplicationEvent
    text: str


def templates(session: Session, language: str) -> Sequence[TemplateRecord]:
    """Return the templates of answers, their names in the reader's language and their words in the consumer's."""
    statement = f"""
        SELECT r.id, {shown("r")} AS name, r.application_event AS event,
               coalesce(CASE :language WHEN 'ru' THEN r.text_ru WHEN 'uz_Cyrl' THEN r.text_uz_cyrl WHEN 'kaa' THEN r.text_kaa END,
                        r.text_uz) AS text
        FROM reply_template r WHERE r.retired_on IS NULL AND NOT r.is_notice ORDER BY name, r.id
        """
    return fetch_all(session, statement, TemplateRecord, language=language)


class StepWords(NamedTuple):
    """What a message says of a step, in each language."""

    uz: str
    uz_cyrl: str | None
    ru: str | None
    kaa: str | None


def step_words(session: Session, event: ApplicationEvent) -> StepWords | None:
    """Return what a message says of a step; None: it says nothing of it."""
    statement = """
        SELECT text_uz AS uz, text_uz_cyrl AS uz_cyrl, text_ru AS ru, text_kaa AS kaa FROM reply_template
        WHERE is_notice AND retired_on IS NULL AND application_event = :event
        """
    return fetch_optional(session, statement, StepWords, event=event.value)
