"""What stands on every page of the office."""

from enum import StrEnum


class NewsKind(StrEnum):
    """What is new for a reader."""

    BOOKS = "BOOKS"  # the books differ
    APPROVALS = "APPROVALS"  # requests wait for the reader
    SIGNATURES = "SIGNATURES"  # documents of equipment lack the reader's signature
    TASKS = "TASKS"
    ALERT = "ALERT"  # a figure is beyond its threshold
    REPORT = "REPORT"  # a scheduled report missed receivers
    JOB = "JOB"  # a job of the reader ended
