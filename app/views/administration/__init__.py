"""Divisions, who may work where, jobs, and the look-up behind related fields."""

from app.views.administration.access import AccessTodayView, DivisionAccessView, LanguageView, StaffManager
from app.views.administration.divisions import DivisionFileForm, DivisionFileView, DivisionView, my_divisions
from app.views.administration.jobs import FileView, JobView, start_and_show, subject_url
from app.views.administration.lookup import LookupView
from app.views.administration.profile import ProfileView
from app.views.administration.staff import GroupView, RoleView, UserView
from app.views.administration.structure import DepartmentView, PostView, StaffMemberView, StructureView, SubstitutionView
from app.views.administration.translations import CorrectedDomain, TranslationView

__all__ = [
    "AccessTodayView",
    "CorrectedDomain",
    "DepartmentView",
    "DivisionAccessView",
    "DivisionFileForm",
    "DivisionFileView",
    "DivisionView",
    "FileView",
    "GroupView",
    "JobView",
    "LanguageView",
    "LookupView",
    "PostView",
    "ProfileView",
    "RoleView",
    "StaffManager",
    "StaffMemberView",
    "StructureView",
    "SubstitutionView",
    "TranslationView",
    "UserView",
    "my_divisions",
    "start_and_show",
    "subject_url",
]
