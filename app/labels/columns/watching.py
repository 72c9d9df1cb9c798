"""Columns of what supervisors watch: scheduled reports, alerts, tasks."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

WATCHING: Mapping[str, Any] = {
    "report": _("Report"),
    "span": _("Days covered"),
    "file_format": _("File format"),
    "rhythm": _("How often"),
    "weekday": _("Day of the week"),
    "month_day": _("Day of the month"),
    "hour": _("From what hour"),
    "receiver_ids": _("Receivers"),
    "last_run_on": _("Last run on"),
    "indicator": _("Indicator"),
    "comparison": _("Told when"),
    "threshold": _("Threshold"),
    "is_paused": _("Paused"),
    "is_crossed": _("Beyond the threshold"),
    "crossed_at": _("Last crossing or return"),
    "assignee": _("Whose task"),
    "giver": _("Given by"),
    "page": _("About"),
    "term_on": _("Due"),
    "escalated_on": _("Escalated on"),
    "person": _("Person"),
    "worked_on": _("Day"),
    "readings_entered": _("Readings entered"),
    "holds_parked": _("Bills parked"),
    "holds_released": _("Bills released"),
    "payments_taken": _("Payments taken"),
    "approvals_decided": _("Requests decided"),
    "corrections_made": _("Corrections made"),
}
