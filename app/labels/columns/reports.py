"""Columns of reports alone."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

REPORTED: Mapping[str, Any] = {
    "report_form": _("Form"),
    "row_code": _("Row code"),
    "row_name": _("Row of the form"),
    "days_from_no": _("Overdue from, days"),
    "days_to_no": _("Overdue to, days"),
    "energy_thousand_milli": _("Energy, thousand kWh"),
    "estimated_percent": _("Estimated, %"),
    "read_percent": _("Read, %"),
    "received_month": _("Month received"),
    "collected_percent": _("Collected, %"),
}
