"""Applications of consumers, what happened to each, and the reference data of their kinds."""

from datetime import date
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, SmallInteger, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.applications import OPEN, ApplicationEvent, ApplicationStatus, ApplicationWay, ApplicationWork, FilingRight
from app.models.accounts import Account
from app.models.administration import Department, Division, StoredFile
from app.models.columns import EVERY_COLUMN, Code, Day, Key, Money, Name, NamedInLanguages, Recorded, Retirable, enum_column
from app.models.tasks import Task

_IS_OPEN = f"status IN ({', '.join(repr(str(each)) for each in sorted(OPEN))})"


class ApplicationKind(NamedInLanguages, Recorded, Retirable, Model):
    """A kind of application: what is asked, which documents come with it, who may file it, and what its acceptance does."""

    __tablename__ = "application_kind"
    __table_args__ = (
        CheckConstraint("NOT is_active OR work IS NOT NULL", name="application_kind_work_there"),
        CheckConstraint("form_schema IS JSON OBJECT", name="application_kind_form_schema"),
        CheckConstraint("documents_least BETWEEN 0 AND documents_most AND documents_most <= 20", name="application_kind_documents"),
        CheckConstraint("document_kilobytes BETWEEN 1 AND 10240", name="application_kind_size"),
    )

    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(unique=True)
    filing_right: Mapped[FilingRight] = enum_column(FilingRight, name="application_kind_filing_right")
    work: Mapped[ApplicationWork | None] = enum_column(ApplicationWork, name="application_kind_work")
    is_active: Mapped[bool] = mapped_column(server_default=text("false"))
    #: JSON schema of what is asked: ``domain.applications.forms``
    form_schema: Mapped[str] = mapped_column(Text)
    documents_least: Mapped[int] = mapped_column(SmallInteger)
    documents_most: Mapped[int] = mapped_column(SmallInteger)
    #: largest size of one
    document_kilobytes: Mapped[int] = mapped_column(SmallInteger)


class ApplicationTerm(Recorded, Retirable, Model):
    """How many working days an application of a kind may take that is filed from a day on, and what it costs."""

    __tablename__ = "application_term"
    __table_args__ = (
        UniqueConstraint("application_kind_id", "valid_from"),
        CheckConstraint("term_days BETWEEN 1 AND 250", name="application_term_days"),
        CheckConstraint("fee_tiyin >= 0", name="application_term_fee"),
    )

    id: Mapped[Key]
    application_kind_id: Mapped[int] = mapped_column(ForeignKey("application_kind.id"))
    valid_from: Mapped[date] = mapped_column(Date)
    term_days: Mapped[int] = mapped_column(SmallInteger)
    fee_tiyin: Mapped[Money]
    source: Mapped[str] = mapped_column(String(300))

    application_kind: Mapped[ApplicationKind] = relationship()

    def __repr__(self) -> str:
        return f"{self.application_kind} · {self.valid_from:%d.%m.%Y}"


class ApplicationStage(NamedInLanguages, Recorded, Retirable, Model):
    """A stage of the route of a kind: the department that has it, and whether it hands a paper on."""

    __tablename__ = "application_stage"
    __table_args__ = (
        UniqueConstraint("application_kind_id", "stage"),
        CheckConstraint("stage BETWEEN 1 AND 20", name="application_stage_number"),
    )

    id: Mapped[Key]
    application_kind_id: Mapped[int] = mapped_column(ForeignKey("application_kind.id"))
    stage: Mapped[int] = mapped_column(SmallInteger)
    #: the code of a department; a division without it lets anybody take it who may
    department_code: Mapped[Code]
    #: it is left only with a paper: technical conditions, an offer
    needs_paper: Mapped[bool] = mapped_column(server_default=text("false"))

    application_kind: Mapped[ApplicationKind] = relationship()


class ReplyTemplate(NamedInLanguages, Recorded, Retirable, Model):
    """Words of an answer to consumers that the office writes often, in each language."""

    __tablename__ = "reply_template"
    __table_args__ = (
        Index("reply_template_notice_key", "application_event", unique=True, postgresql_where=text("is_notice AND retired_on IS NULL")),
    )

    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(unique=True)
    application_event: Mapped[ApplicationEvent] = enum_column(ApplicationEvent, name="reply_template_event")
    #: what a message says of the step itself, not words that staff choose
    is_notice: Mapped[bool] = mapped_column(server_default=text("false"))
    text_uz: Mapped[str] = mapped_column(String(1000))
    text_uz_cyrl: Mapped[str | None] = mapped_column(String(1000))
    text_ru: Mapped[str | None] = mapped_column(String(1000))
    text_kaa: Mapped[str | None] = mapped_column(String(1000))


class SpecialDay(Recorded, Retirable, Model):
    """A day that a decree makes a working day or a day off, whatever the usual calendar says."""

    __tablename__ = "special_day"

    id: Mapped[Key]
    day: Mapped[date] = mapped_column(Date, unique=True)
    is_working: Mapped[bool] = mapped_column(server_default=text("false"))
    source: Mapped[str] = mapped_column(String(300))

    def __repr__(self) -> str:
        return f"{self.day:%d.%m.%Y}"


class ApplicationSource(Recorded, Model):
    """A system that files applications for consumers: a state portal, an aggregator; its keys and networks."""

    __tablename__ = "application_source"
    __table_args__ = (
        UniqueConstraint("login"),
        CheckConstraint("NOT is_active OR key_sha256 <> '' OR secret IS NOT NULL", name="application_source_key"),
    )

    id: Mapped[Key]
    #: applications of this division and those below are taken
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"), index=True)
    name: Mapped[Name]
    login: Mapped[str] = mapped_column(String(64))
    #: SHA-256 of the key it sends
    key_sha256: Mapped[str] = mapped_column(String(64), server_default=text("''"))
    #: the key itself, where calls are signed with it and it is never sent
    secret: Mapped[str | None] = mapped_column(String(200))
    #: networks it may call from, separated by blanks; empty: any
    networks: Mapped[str] = mapped_column(String(1000), server_default=text("''"))
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))

    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return self.name


class ConsumerApplication(Recorded, Model):
    """What a consumer asks for, with its term and where it stands; services alone change that."""

    __tablename__ = "application"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("application_division_id_id_idx", "division_id", "id"),
        # Of one kind an account waits for one at a time.
        Index(
            "application_open_key",
            "account_id",
            "application_kind_id",
            unique=True,
            postgresql_where=text(f"{_IS_OPEN} AND account_id IS NOT NULL"),
        ),
        Index("application_account_id_idx", "account_id", "id"),
        Index("application_waiting_idx", "division_id", "term_on", postgresql_where=text(_IS_OPEN)),
        Index("application_phone_idx", "phone", postgresql_where=text(_IS_OPEN)),
        Index("application_of_phone_idx", "phone", "id", postgresql_where=text("account_id IS NULL")),
        Index("application_filed_on_idx", "filed_on", "division_id"),
        Index("application_created_by_idx", "created_by", "id", postgresql_where=text("account_id IS NULL")),
        CheckConstraint("term_on > filed_on", name="application_term_rises"),
        CheckConstraint(f"(ended_on IS NULL) = ({_IS_OPEN})", name="application_ended"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    application_kind_id: Mapped[int] = mapped_column(ForeignKey("application_kind.id"))
    #: None: of a person without an account
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    #: whose account it was when it was filed
    consumer_id: Mapped[int | None] = mapped_column(ForeignKey("consumer.id"), index=True)
    applicant_name: Mapped[Name]
    phone: Mapped[str | None] = mapped_column(String(13))
    language: Mapped[str] = mapped_column(String(8))
    way: Mapped[ApplicationWay] = enum_column(ApplicationWay, name="application_way")
    application_source_id: Mapped[int | None] = mapped_column(ForeignKey("application_source.id"), index=True)
    #: the key of the form, or the source's own number; with the way and the source it is known by
    reference: Mapped[str] = mapped_column(String(120), unique=True)
    #: what the fields of its kind hold
    given: Mapped[dict[str, Any]] = mapped_column(JSONB)
    filed_on: Mapped[Day]
    #: the last day by which it is answered
    term_on: Mapped[Day]
    ended_on: Mapped[date | None] = mapped_column(Date)
    status: Mapped[ApplicationStatus] = enum_column(ApplicationStatus, name="application_status", server_default=ApplicationStatus.RECEIVED)
    #: of its route
    stage: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True)
    #: whose work it is: handed over and escalated there
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"), index=True)
    #: since when the consumer is asked
    returned_on: Mapped[date | None] = mapped_column(Date)
    #: when it was found to be late, once a term
    escalated_on: Mapped[date | None] = mapped_column(Date)
    #: the key of the document that does what it asks for
    work_reference: Mapped[str | None] = mapped_column(String(80), unique=True)

    division: Mapped[Division] = relationship()
    application_kind: Mapped[ApplicationKind] = relationship()
    account: Mapped[Account | None] = relationship()
    application_source: Mapped[ApplicationSource | None] = relationship()
    department: Mapped[Department | None] = relationship()
    task: Mapped[Task | None] = relationship()

    def __repr__(self) -> str:
        return f"№ {self.id}"


class ApplicationStep(Recorded, Model):
    """What happened to an application: who did it, where it stood then, and the words the consumer reads."""

    __tablename__ = "application_step"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("application_step_application_id_idx", "application_id", "id"),
        Index("application_step_division_id_idx", "division_id"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    event: Mapped[ApplicationEvent] = enum_column(ApplicationEvent, name="application_step_event")
    status: Mapped[ApplicationStatus] = enum_column(ApplicationStatus, name="application_step_status")
    stage: Mapped[int] = mapped_column(SmallInteger)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True)
    reason: Mapped[str] = mapped_column(Text, server_default="")

    application: Mapped[ConsumerApplication] = relationship()
    department: Mapped[Department | None] = relationship()


class ApplicationFile(Recorded, Model):
    """A file that came with a step of an application: of the consumer's, or a paper of the office."""

    __tablename__ = "application_file"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("application_file_application_id_idx", "application_id", "id"),
        Index("application_file_division_id_idx", "division_id"),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    application_step_id: Mapped[int] = mapped_column(ForeignKey("application_step.id"), index=True)
    stored_file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"), unique=True)

    application_step: Mapped[ApplicationStep] = relationship()
    stored_file: Mapped[StoredFile] = relationship()
