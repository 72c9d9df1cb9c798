"""Applications: the inbox, cards, steps and files, and the documents that do what they ask for."""

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.domain.applications import ApplicationEvent, ApplicationStatus, ApplicationWay
from app.queries.applications.reference import ApplicationSourceRecord as ApplicationSourceRecord
from app.queries.applications.reference import KindRecord as KindRecord
from app.queries.applications.reference import StageRecord as StageRecord
from app.queries.applications.reference import benefit_id as benefit_id
from app.queries.applications.reference import benefits as benefits
from app.queries.applications.reference import department_of as department_of
from app.queries.applications.reference import division_of_code as division_of_code
from app.queries.applications.reference import kind as kind
from app.queries.applications.reference import kinds as kinds
from app.queries.applications.reference import reason_id as reason_id
from app.queries.applications.reference import receivers as receivers
from app.queries.applications.reference import routes as routes
from app.queries.applications.reference import sources as sources
from app.queries.applications.reference import special_days as special_days
from app.queries.applications.reference import stages as stages
from app.queries.applications.reference import step_words as step_words
from app.queries.applications.reference import templates as templates
from app.queries.names import full_name, shown
from app.queries.records import fetch_all, fetch_one, fetch_optional

_OPEN = "a.status IN ('RECEIVED', 'TAKEN', 'RETURNED', 'ACCEPTED')"


class ApplicationRecord(NamedTuple):
    """An application as pages show it.

    :ivar assignee: whose work it is now
    """

    id: int
    division_id: int
    division: str
    kind_id: int
    kind_code: str
    kind: str
    work: str | None
    form_schema: str
    documents_most: int
    document_kilobytes: int
    account_id: int | None
    account: str | None
    applicant_name: str
    phone: str | None
    language: str
    way: ApplicationWay
    reference: str
    given: dict[str, Any]
    filed_on: date
    term_on: date
    ended_on: date | None
    status: ApplicationStatus
    stage: int
    department_id: int | None
    department: str | None
    task_id: int | None
    assignee_id: int | None
    assignee: str | None
    escalated_on: date | None
    work_reference: str | None


_APPLICATION = f"""
    SELECT a.id, a.division_id, {shown("d")} AS division, k.id AS kind_id, k.code AS kind_code, {shown("k")} AS kind, k.work,
           k.form_schema, k.documents_most, k.document_kilobytes, a.account_id, x.number AS account, a.applicant_name, a.phone,
           a.language, a.way, a.reference, a.given, a.filed_on, a.term_on, a.ended_on, a.status, a.stage, a.department_id,
           {shown("dep")} AS department, a.task_id, t.assignee_id, {full_name("u")} AS assignee, a.escalated_on, a.work_reference
    FROM application a JOIN division d ON d.id = a.division_id JOIN application_kind k ON k.id = a.application_kind_id
    LEFT JOIN account x ON x.id = a.account_id LEFT JOIN department dep ON dep.id = a.department_id
    LEFT JOIN task t ON t.id = a.task_id AND t.status <> 'DONE' LEFT JOIN ab_user u ON u.id = t.assignee_id
    """
_BY_TERM = "ORDER BY a.term_on, a.id LIMIT :limit"


def application(session: Session, application_id: int) -> ApplicationRecord | None:
    """Return an application of the reader's divisions."""
    return fetch_optional(session, f"{_APPLICATION} WHERE a.id = :id", ApplicationRecord, id=application_id)


def of_consumer(
    session: Session, account_id: int, consumer_id: int, actor: str, *, limit: int, skipped: int = 0, before: int | None = None
) -> list[ApplicationRecord]:
    """Return what a consumer filed about an account, with what the actor filed without one, the newest first.

    :param before: only those filed before the application with this id
    """
    statement = f"""
        {_APPLICATION} WHERE ((a.account_id = :account_id AND a.consumer_id = :consumer_id)
                              OR (a.account_id IS NULL AND a.created_by = :actor))
                         AND (CAST(:before AS bigint) IS NULL OR a.id < :before)
        ORDER BY a.id DESC LIMIT :limit OFFSET :skipped
        """
    given = {"account_id": account_id, "consumer_id": consumer_id, "actor": actor, "limit": limit, "skipped": skipped, "before": before}
    return fetch_all(session, statement, ApplicationRecord, **given)


def application_of_consumer(
    session: Session, application_id: int, account_id: int, consumer_id: int, actor: str
) -> ApplicationRecord | None:
    """Return an application if it is one that ``of_consumer`` returns."""
    statement = f"""
        {_APPLICATION} WHERE a.id = :id AND ((a.account_id = :account_id AND a.consumer_id = :consumer_id)
                                             OR (a.account_id IS NULL AND a.created_by = :actor))
        """
    given = {"id": application_id, "account_id": account_id, "consumer_id": consumer_id, "actor": actor}
    return fetch_optional(session, statement, ApplicationRecord, **given)


_OF_PHONE = "a.account_id IS NULL AND a.phone = :phone AND a.way = 'PORTAL'"


def of_phone(session: Session, phone: str, *, limit: int) -> list[ApplicationRecord]:
    """Return what a telephone filed without an account, the newest first."""
    statement = f"{_APPLICATION} WHERE {_OF_PHONE} ORDER BY a.id DESC LIMIT :limit"
    return fetch_all(session, statement, ApplicationRecord, phone=phone, limit=limit)


def application_of_phone(session: Session, application_id: int, phone: str) -> ApplicationRecord | None:
    """Return an application if it is one that ``of_phone`` returns."""
    return fetch_optional(session, f"{_APPLICATION} WHERE a.id = :id AND {_OF_PHONE}", ApplicationRecord, id=application_id, phone=phone)


def of_assignee(session: Session, user_id: int, on: date, *, limit: int) -> list[ApplicationRecord]:
    """Return the open applications in the hands of a user, or of whom the user stands in for, those with the earliest term first."""
    mine = "(t.assignee_id = :user_id OR t.assignee_id IN (SELECT absent_users(:user_id, :on)))"
    statement = f"{_APPLICATION} WHERE {_OPEN} AND {mine} {_BY_TERM}"
    return fetch_all(session, statement, ApplicationRecord, user_id=user_id, on=on, limit=limit)


def of_department(session: Session, user_id: int, on: date, *, limit: int) -> list[ApplicationRecord]:
    """Return the open applications of the department in which a user works on a day, those with the earliest term first."""
    statement = f"""
        {_APPLICATION} WHERE {_OPEN} AND a.department_id = (
            SELECT own.department_id FROM staff_member own
            WHERE own.user_id = :user_id AND own.valid_from <= :on AND coalesce(own.valid_to > :on, true))
        {_BY_TERM}
        """
    return fetch_all(session, statement, ApplicationRecord, user_id=user_id, on=on, limit=limit)


def waiting(session: Session, *, limit: int) -> list[ApplicationRecord]:
    """Return the open applications that nobody has taken up, those with the earliest term first."""
    return fetch_all(session, f"{_APPLICATION} WHERE a.status = 'RECEIVED' {_BY_TERM}", ApplicationRecord, limit=limit)


def late(session: Session, on: date, *, limit: int) -> list[ApplicationRecord]:
    """Return the open applications whose term is over, the oldest term first."""
    return fetch_all(session, f"{_APPLICATION} WHERE {_OPEN} AND a.term_on < :on {_BY_TERM}", ApplicationRecord, on=on, limit=limit)


class ApplicationStepRecord(NamedTuple):
    """What happened to an application."""

    id: int
    created_at: datetime
    event: ApplicationEvent
    status: ApplicationStatus
    stage: int
    department: str | None
    reason: str
    created_by: str


def steps(session: Session, application_id: int) -> list[ApplicationStepRecord]:
    """Return what happened to an application, the newest first."""
    statement = f"""
        SELECT s.id, s.created_at, s.event, s.status, s.stage, {shown("dep")} AS department, s.reason, s.created_by
        FROM application_step s LEFT JOIN department dep ON dep.id = s.department_id
        WHERE s.application_id = :id ORDER BY s.id DESC
        """
    return fetch_all(session, statement, ApplicationStepRecord, id=application_id)


class FileRecord(NamedTuple):
    """A file of an application, and the step it came with."""

    id: int
    stored_file_id: int
    name: str
    media_type: str
    event: ApplicationEvent
    created_at: datetime


def files(session: Session, application_id: int) -> list[FileRecord]:
    """Return the files of an application in the order in which they came."""
    statement = """
        SELECT f.id, f.stored_file_id, o.name, o.media_type, s.event, f.created_at
        FROM application_file f JOIN stored_file o ON o.id = f.stored_file_id JOIN application_step s ON s.id = f.application_step_id
        WHERE f.application_id = :id ORDER BY f.id
        """
    return fetch_all(session, statement, FileRecord, id=application_id)


def file(session: Session, file_id: int) -> FileRecord | None:
    """Return a file of an application of the reader's divisions."""
    statement = """
        SELECT f.id, f.stored_file_id, o.name, o.media_type, s.event, f.created_at
        FROM application_file f JOIN stored_file o ON o.id = f.stored_file_id JOIN application_step s ON s.id = f.application_step_id
        WHERE f.id = :id
        """
    return fetch_optional(session, statement, FileRecord, id=file_id)


def given_files(session: Session, application_id: int) -> int:
    """Return how many files the consumer gave."""
    statement = """
        SELECT count(*) FROM application_file f JOIN application_step s ON s.id = f.application_step_id
        WHERE f.application_id = :id AND s.event IN ('FILE', 'ANSWER')
        """
    return fetch_one(session, statement, int, id=application_id)


def paper_count(session: Session, application_id: int, stage: int) -> int:
    """Return how many files the office added in a stage."""
    statement = """
        SELECT count(*) FROM application_file f JOIN application_step s ON s.id = f.application_step_id
        WHERE f.application_id = :id AND s.stage = :stage AND s.event NOT IN ('FILE', 'ANSWER', 'WITHDRAW')
        """
    return fetch_one(session, statement, int, id=application_id, stage=stage)


def repeated(session: Session, kind_id: int, phone: str, values: str) -> int | None:
    """Return an open application of a kind that the same telephone filed with the same contents."""
    statement = f"""
        SELECT min(a.id) FROM application a
        WHERE {_OPEN} AND a.application_kind_id = :kind_id AND a.phone = :phone AND a.account_id IS NULL
          AND a.given = CAST(:values AS jsonb)
        """
    return fetch_optional(session, statement, int, kind_id=kind_id, phone=phone, values=values)


class WorkDocument(NamedTuple):
    """The document that does what an application asks for.

    :ivar state: DONE, ASKED (a second person decides) or REFUSED
    """

    place: str
    id: int
    state: str


#: A document is known by its reference; what is reversed later was done all the same.
_WORK = """
    SELECT 'ACT' AS place, x.id,
           CASE x.status WHEN 'REQUESTED' THEN 'ASKED' WHEN 'REFUSED' THEN 'REFUSED' ELSE 'DONE' END AS state
    FROM act x WHERE x.reference = :reference
    UNION ALL SELECT 'EQUIPMENT', x.id, CASE x.status WHEN 'REQUESTED' THEN 'ASKED' ELSE 'DONE' END
    FROM equipment_document x WHERE x.reference = :reference
    UNION ALL SELECT 'CORRECTION', x.id, 'DONE' FROM bill_correction x WHERE x.reference = :reference
    UNION ALL SELECT 'APPROVAL', x.id, CASE x.status WHEN 'PENDING' THEN 'ASKED' ELSE 'REFUSED' END
    FROM approval x WHERE x.kind = 'BILL_CORRECTION' AND x.contents ->> 'reference' = :reference AND x.status <> 'APPROVED'
    """


def work_document(session: Session, reference: str) -> WorkDocument | None:
    """Return the document with a reference; None: nothing was drawn up yet."""
    return fetch_optional(session, _WORK, WorkDocument, reference=reference)


def accepted(session: Session, *, limit: int) -> list[int]:
    """Return the applications that are agreed to and whose document is drawn up, the oldest first."""
    statement = "SELECT id FROM application WHERE status = 'ACCEPTED' AND work_reference IS NOT NULL ORDER BY id LIMIT :limit"
    return fetch_all(session, statement, int, limit=limit)


def serving_meters(session: Session, account_id: int, on: date) -> list[str]:
    """Return the serial numbers of the meters that serve an account on a day."""
    statement = """
        SELECT m.serial_number FROM supply s
        JOIN meter_installation i ON i.service_point_id = s.service_point_id AND i.valid_from <= :on AND coalesce(i.valid_to > :on, true)
        JOIN device m ON m.id = i.meter_id
        WHERE s.account_id = :account_id AND s.valid_from <= :on AND coalesce(s.valid_to > :on, true) ORDER BY i.id
        """
    return fetch_all(session, statement, str, account_id=account_id, on=on)


class FeeRecord(NamedTuple):
    """What an application costs, and the charge by which it was asked for.

    :ivar charge_id: None: it was not charged
    """

    fee_tiyin: int
    charge_id: int | None


def fee_reference(application_id: int) -> str:
    """Return the reference of the charge by which the fee of an application is asked for."""
    return f"application {application_id} fee"


def fee(session: Session, application_id: int) -> FeeRecord | None:
    """Return the fee that held on the day an application was filed; None: it cost nothing."""
    statement = """
        SELECT t.fee_tiyin, (
            SELECT min(c.id) FROM billable_charge c
            WHERE c.account_id = coalesce(a.account_id, (SELECT x.account_id FROM act x WHERE x.reference = a.work_reference))
              AND c.derivation ->> 'reference' = :reference) AS charge_id
        FROM application a JOIN LATERAL (
            SELECT x.fee_tiyin FROM application_term x
            WHERE x.application_kind_id = a.application_kind_id AND x.valid_from <= a.filed_on
              AND coalesce(x.retired_on > a.filed_on, true)
            ORDER BY x.valid_from DESC LIMIT 1
        ) t ON t.fee_tiyin > 0
        WHERE a.id = :id
        """
    return fetch_optional(session, statement, FeeRecord, id=application_id, reference=fee_reference(application_id))


def by_reference(session: Session, reference: str) -> int | None:
    """Return the application that was filed with a key."""
    return fetch_optional(session, "SELECT id FROM application WHERE reference = :reference", int, reference=reference)
