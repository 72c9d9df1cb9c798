"""Divisions, who may work where, jobs, and the look-up behind related fields."""

from app.views.administration.access import DivisionAccessView, LanguageView, StaffManager
from app.views.administration.divisions import DivisionFileForm, DivisionFileView, DivisionView, my_divisions
from app.views.administration.jobs import FileView, JobView, start_and_show, subject_url
from app.views.administration.lookup import LookupView
from app.views.administration.nodes import NodesView

__all__ = [
    "DivisionAccessView",
    "DivisionFileForm",
    "DivisionFileView",
    "DivisionView",
    "FileView",
    "JobView",
    "LanguageView",
    "LookupView",
    "NodesView",
    "StaffManager",
    "my_divisions",
    "start_and_show",
    "subject_url",
]
