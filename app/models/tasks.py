"""Tasks of people with a term, and what happened to each."""

from datetime import date

from flask_appbuilder import Model
from sqlalchemy import Date, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.tasks import TaskEvent, TaskStatus
from app.models.administration import Division
from app.models.columns import EVERY_COLUMN, Key, Recorded, enum_column


class Task(Recorded, Model):
    """What somebody asks somebody else to do until a day; acts alone change where it stands."""

    __tablename__ = "task"
    facts = EVERY_COLUMN
    __table_args__ = (
        Index("task_division_id_id_idx", "division_id", "id"),
        Index("task_open_idx", "assignee_id", "term_on", postgresql_where=text("status <> 'DONE'")),
        Index("task_term_idx", "term_on", "id", postgresql_where=text("status <> 'DONE'")),
    )

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"))
    title: Mapped[str] = mapped_column(String(200))
    #: the page of the record it is about; empty: none
    page: Mapped[str] = mapped_column(String(300), server_default="")
    assignee_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    giver_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    term_on: Mapped[date] = mapped_column(Date)
    status: Mapped[TaskStatus] = enum_column(TaskStatus, name="task_status", server_default=TaskStatus.GIVEN)
    #: when it was found to be late, once a term and person
    escalated_on: Mapped[date | None] = mapped_column(Date)

    division: Mapped[Division] = relationship()

    def __repr__(self) -> str:
        return self.title


class TaskStep(Recorded, Model):
    """What happened to a task: who did it, whose it was then, and why."""

    __tablename__ = "task_step"
    facts = EVERY_COLUMN
    __table_args__ = (Index("task_step_task_id_idx", "task_id", "id"),)

    id: Mapped[Key]
    division_id: Mapped[int] = mapped_column(ForeignKey("division.id"), index=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"))
    event: Mapped[TaskEvent] = enum_column(TaskEvent, name="task_step_event")
    status: Mapped[TaskStatus] = enum_column(TaskStatus, name="task_step_status")
    assignee_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    reason: Mapped[str] = mapped_column(String(300), server_default="")
