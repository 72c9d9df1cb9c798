"""Columns of applications and their dictionaries."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

OF_APPLICATIONS: Mapping[str, Any] = {
    "applicant_name": _("Applicant"),
    "application": _("Application"),
    "application_event": _("Step"),
    "application_kind": _("Kind of application"),
    "application_source": _("Source of applications"),
    "application_step": _("Step"),
    "applications": _("Applications"),
    "declined": _("Refused or withdrawn"),
    "department_code": _("Code of the department"),
    "document_kilobytes": _("Largest size of a document, KB"),
    "documents_least": _("Documents at least"),
    "documents_most": _("Documents at most"),
    "done_in_term": _("Done in term"),
    "done_late": _("Done late"),
    "fee_tiyin": _("Fee"),
    "filed": _("Received"),
    "filed_on": _("Filed on"),
    "filing_right": _("Who may file it"),
    "form_schema": _("Schema of the form"),
    "given": _("What was asked for"),
    "in_term_percent": _("Done in term, %"),
    "is_notice": _("Words of a message"),
    "is_working": _("Working day"),
    "late_open": _("Late and open"),
    "needs_paper": _("Left with a paper only"),
    "returned_on": _("Asked on"),
    "term_days": _("Term, working days"),
    "text_kaa": _("Text in Karakalpak"),
    "text_ru": _("Text in Russian"),
    "text_uz": _("Text in Uzbek"),
    "text_uz_cyrl": _("Text in Uzbek, Cyrillic"),
    "way": _("Came by"),
    "work": _("What its acceptance does"),
    "work_reference": _("Document that does it"),
}
