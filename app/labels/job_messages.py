"""Lines of job logs: stored as messages with their parameters, read in the reader's language."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.domain.metering import FileProblem
from app.domain.payments.files import RegistryRowProblem
from app.domain.reference import RowFault
from app.labels.columns import COLUMN_LABELS
from app.labels.figures import member_of, money
from app.labels.reading import file_detail

#: What jobs write; listed so that the messages are collected for the translators.
JOB_MESSAGES = (
    _("%(bills)s bills compared, %(left_out)s cannot be priced"),
    _("%(bills)s bills, %(parked)s parked"),
    _("%(bills)s bills posted, %(parked)s accounts parked"),
    _("%(bills)s bills of %(accounts)s accounts corrected"),
    _("%(rows)s rows, %(good)s good, %(rejected)s rejected"),
    _("%(readings)s readings booked, %(rejected)s rows rejected"),
    _("%(rows)s rows, %(districts)s districts taken, %(rejected)s rejected"),
    _("%(accounts)s accounts and %(bills)s bills bear penalty"),
    _("%(accounts)s accounts were charged penalty for %(bills)s bills"),
    _("%(rows)s subsidies granted, %(rejected)s rows rejected"),
    _("The exchange goes on: %(names)s"),
    _("No exchange stood still"),
    _("%(sent)s messages sent, %(failed)s failed, %(again)s to be tried again, %(in_doubt)s in doubt"),
    _("%(received)s rows: %(accepted)s accepted, %(suspense)s in suspense, %(repeated)s repeated, %(rejected)s rejected"),
    _("%(rows)s rows received: %(sum_tiyin)s"),
    _("The file declares %(sum_tiyin)s, as was received."),
    _("%(rows)s rows accepted: %(sum_tiyin)s"),
    _("%(rows)s rows in suspense: %(sum_tiyin)s"),
    _("%(rows)s rows held for a person: %(sum_tiyin)s"),
    _("%(rows)s rows rejected: %(sum_tiyin)s"),
    _("%(rows)s rows left out: %(sum_tiyin)s"),
    _("%(rows)s rows decided about"),
    _("Row %(row)s: %(row_problem)s %(value)s"),
    _("%(invoices)s tax invoices in the month, %(refused)s bills got none"),
    _("Bill %(bill)s has no tax invoice: %(reason)s"),
    _("%(documents)s documents in %(files)s files, %(faulty)s could not be printed"),
    _("Paper %(paper)s: %(reason)s"),
    _("%(day)s: there is no statement of the provider"),
    _("%(day)s: %(equal)s equal, %(only_theirs)s only theirs, %(only_ours)s only ours, %(in_doubt)s in doubt"),
    _("%(count)s transactions were compared again, the providers answered about %(answered)s of them"),
    _("%(rules)s rules over %(entries)s entries, %(bills)s bills computed again: %(count)s figures differ"),
    _("%(row)s: %(rule)s: stored %(stored)s, computed %(computed)s"),
    _("%(count)s figures differ from what they are made of. The log names them."),
    _("Row %(row)s: %(reason)s"),
    _("Row %(row)s, “%(value)s”: %(reason)s"),
    _("Row %(row)s, %(column)s: %(reason)s"),
    _("Row %(row)s, %(column)s, “%(value)s”: %(reason)s"),
    _("Row %(row)s, %(column)s, “%(value)s”: %(reason)s The first is row %(twin)s."),
    _("Only one sheet was read. Others are filled too: %(sheets)s"),
    _("The file was discarded."),
    _("The file was refused. %(problem)s %(detail)s"),
    _("The file tells of %(declared)s rows and holds %(found)s: nothing of it was taken."),
    _("The file tells of %(declared_tiyin)s and holds %(found_tiyin)s: nothing of it was taken."),
)


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
        return member_of(RegistryRowProblem, value)
    if name == "problem":
        return member_of(FileProblem, value)
    if name == "column":
        return str(COLUMN_LABELS.get(value, value))
    return member_of(RowFault, value) if name == "reason" and value in set(RowFault) else value
