"""Lines of job logs: stored as messages with their parameters, read in the reader's language."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.domain.payments.files import PaymentRowProblem
from app.domain.readers import FileProblem
from app.domain.reference import RowFault
from app.labels.columns import COLUMN_LABELS
from app.labels.figures import member_of, money
from app.labels.reading import file_detail

#: What jobs of earlier versions wrote; what today's write is collected where they write it.
EARLIER_MESSAGES = (_("%(received)s rows: %(accepted)s accepted, %(suspense)s in suspense, %(repeated)s repeated, %(rejected)s rejected"),)


def job_message(message: str, parameters: Mapping[str, Any]) -> str:
    """Return a line of a job's log in the reader's language; one without places is shown as it stands."""
    shown = {name: _shown(name, value) for name, value in parameters.items()}
    if message.startswith("The file was refused."):
        shown["detail"] = file_detail(str(parameters["detail"]), parameters)
    return gettext(message, **shown) if parameters else gettext(message) if "%" not in message else message


def _shown(name: str, value: Any) -> Any:
    if name.endswith("_tiyin"):
        return money(value)
    if name == "row_problem":
        return member_of(PaymentRowProblem, value)
    if name == "problem":
        return member_of(FileProblem, value)
    if name == "column":
        return str(COLUMN_LABELS.get(value, value))
    return member_of(RowFault, value) if name == "reason" and value in set(RowFault) else value
