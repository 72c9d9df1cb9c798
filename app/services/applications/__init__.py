"""Applications of consumers: filed, moved on by staff, and done by the acts they ask for."""

from app.services.applications.kinds import checked, fields_of, is_possible, offered, offered_on, schema_of
from app.services.applications.steps import LateApplication, StepTaken, advance, escalate, file
from app.services.applications.works import FILLABLE, accept, attach, follow_all, page_values, rule_of

__all__ = [
    "FILLABLE",
    "LateApplication",
    "StepTaken",
    "accept",
    "advance",
    "attach",
    "checked",
    "escalate",
    "fields_of",
    "file",
    "follow_all",
    "is_possible",
    "offered",
    "offered_on",
    "page_values",
    "rule_of",
    "schema_of",
]
