"""Divisions, who may work where, jobs, and the look-up behind related fields."""

from app.views.administration.access import AccessTodayView, DivisionAccessView, LanguageView, StaffManager
from app.views.administration.approvals import SPECS as APPROVALS
from app.views.administration.approvals import ApprovalView
from app.views.administration.audit import AuditChainView, AuditTrailView
from app.views.administration.divisions import (
    DivisionFileView,
    DivisionSwitchView,
    DivisionView,
    division_asked,
    divisions_above,
    my_divisions,
)
from app.views.administration.jobs import FileView, JobView, start_and_show, subject_url
from app.views.administration.lookup import LookupView
from app.views.administration.nodes import NodesView
from app.views.administration.parameters import ParameterView
from app.views.administration.passwords import validate_password
from app.views.administration.people import EmployeeView
from app.views.administration.profile import ProfileView
from app.views.administration.rights import PERSONAL_DATA
from app.views.administration.roles import RoleView
from app.views.administration.sessions import LoginCodeView, MySessionsView, TotpDeviceView, UserSessionView
from app.views.administration.staff import GroupView, UserView
from app.views.administration.structure import DepartmentView, PostView, StaffMemberView, StructureView, SubstitutionView
from app.views.administration.translations import CorrectedDomain, TranslationView
from app.views.lists.saved import ListViewsView

#: The pages of this area.
VIEWS = (
    ListViewsView,
    JobView,
    ApprovalView,
    DivisionView,
    UserView,
    EmployeeView,
    RoleView,
    GroupView,
    DivisionAccessView,
    UserSessionView,
    TotpDeviceView,
    AccessTodayView,
    StructureView,
    DepartmentView,
    PostView,
    StaffMemberView,
    SubstitutionView,
    TranslationView,
    AuditTrailView,
    AuditChainView,
    NodesView,
    ParameterView,
    DivisionFileView,
    FileView,
    DivisionSwitchView,
    LanguageView,
    LoginCodeView,
    LookupView,
    MySessionsView,
    ProfileView,
)

__all__ = [
    "APPROVALS",
    "PERSONAL_DATA",
    "VIEWS",
    "AccessTodayView",
    "AuditChainView",
    "AuditTrailView",
    "CorrectedDomain",
    "DepartmentView",
    "DivisionAccessView",
    "DivisionFileView",
    "DivisionSwitchView",
    "DivisionView",
    "EmployeeView",
    "FileView",
    "GroupView",
    "JobView",
    "LanguageView",
    "LoginCodeView",
    "LookupView",
    "MySessionsView",
    "NodesView",
    "ParameterView",
    "PostView",
    "ProfileView",
    "RoleView",
    "StaffManager",
    "StaffMemberView",
    "StructureView",
    "SubstitutionView",
    "TotpDeviceView",
    "TranslationView",
    "UserSessionView",
    "UserView",
    "division_asked",
    "divisions_above",
    "my_divisions",
    "start_and_show",
    "subject_url",
    "validate_password",
]
