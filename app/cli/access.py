"""Roles: who may do what. Permissions are the framework's; roles are ours and are filled here."""

from flask import current_app

from app.domain.administration import EVERYBODYS
from app.extensions import appbuilder, db, menus_by_view

_LOOK = ("can_list", "can_show")
_EDIT = (*_LOOK, "can_add", "can_edit", "can_delete")

_CARDS = "AccountView HouseholdConsumerView LegalConsumerView ContractView SupplyView ServicePointView AccountBenefitView".split()
_EQUIPMENT = "MeterView RegisterView MeterInstallationView MeterModelView".split()
_READINGS = "ReadingView ConsumptionView".split()
_BILLS = "BillView BillRunView BillExceptionView".split()
_PAYMENTS = "PaymentView AllocationView".split()
_BOOKS = "LedgerEntryView AccountBalanceView DebtView TenderView NoticeView".split()
_PRICES = "TariffView TariffVersionView TariffBlockView".split()
_PLACES = "StreetView MahallaView".split()
_REFERENCE = [*_PRICES, *"TariffGroupView ResourceView VatRateView BankView BenefitView".split(), *_PLACES]
_STRUCTURE = "DepartmentView PostView StaffMemberView".split()
_USERS = "UserView RoleView GroupView".split()
#: What everybody in the office looks at while he helps a consumer.
_READ_VIEWS = [
    *_CARDS, *_READINGS, "MeterView", "RegisterView", "MeterInstallationView", *_BILLS, *_PAYMENTS, "JobView", *_PRICES, *_PLACES,
]  # fmt: skip


def _on(views: list[str], permissions: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(permission, view) for view in views for permission in permissions]


_FIND = [("can_find", "SearchView"), ("can_find", "LookupView"), ("can_show", "StructureView")]
_COMMON = [*_FIND, ("can_download", "FileView"), ("can_pdf", "BillView")]
_METERING = [
    ("can_enter", "ReadingEntryView"),
    ("can_correct", "ReadingEntryView"),
    *_on(["ReadingImportView"], (*_LOOK, "can_load", "can_accept", "can_report")),
]
_CASHIER = _on(["CashierView"], ("can_find", "can_take", "can_receipt", "can_receipt_pdf"))
_CHARTS = _on(["ChartsView"], ("can_divisions", "can_accounts"))
_BILLING = [
    *_on(["DivisionView"], (*_LOOK, "bill_month")),
    *_on(["BillRunView"], ("can_open", "can_post", "can_cancel", "post_runs")),
]
_STAFF = [
    *_on(["UserView"], (*_LOOK, "can_add", "can_edit", "can_reset", "can_switch")),
    *_on(["RoleView", "GroupView", *_STRUCTURE], _EDIT),
    *_on(["DivisionAccessView", "SubstitutionView"], (*_LOOK, "can_add", "can_edit", "can_end")),
    ("can_list", "AccessTodayView"),
]

#: Role → (permission, view) pairs: no more than the work needs.
ROLES: dict[str, list[tuple[str, str]]] = {
    "Cashier": [*_COMMON, *_on(_READ_VIEWS, _LOOK), *_CASHIER],
    "Inspector": [*_COMMON, *_on(_READ_VIEWS, _LOOK), *_METERING],
    "Engineer": [*_FIND, *_on([*_CARDS, *_READINGS, *_PLACES], _LOOK), *_on(_EQUIPMENT, _EDIT)],
    "Lawyer": [
        *_COMMON, *_on([*_CARDS, *_READINGS, "BillView", *_PAYMENTS, *_PRICES, *_PLACES], _LOOK),
        *_on(["DebtView", "AccountBalanceView", "LedgerEntryView", "NoticeView"], _LOOK),
    ],
    "Billing operator": [
        *_COMMON, ("can_open", "NewAccountView"), *_on(_READ_VIEWS, _LOOK),
        *_on(_CARDS, _EDIT), *_on(_EQUIPMENT, _EDIT), *_on(_BOOKS, _LOOK), *_METERING, *_BILLING,
        ("can_cancel", "JobView"),
    ],
    "Supervisor": [
        *_COMMON, *_on(_READ_VIEWS, _LOOK), *_on(_BOOKS, _LOOK), *_METERING, *_BILLING, *_CASHIER, ("can_reverse", "CashierView"),
        *_CHARTS, ("can_cancel", "JobView"), *_on([*_STRUCTURE, "SubstitutionView"], _LOOK),
    ],
    "RNI editor": [*_COMMON, *_on(_REFERENCE, _EDIT), *_on(["DivisionView"], _LOOK)],
    "Translator": [("can_list", "TranslationView"), ("can_save", "TranslationView")],
    "Auditor": [
        *_COMMON, *_on([*_READ_VIEWS, *_EQUIPMENT, *_BOOKS, *_REFERENCE, "PaymentContractView", "ReadingImportView"], _LOOK),
        *_on(["DivisionView", "DivisionAccessView", "SubstitutionView", *_STRUCTURE, *_USERS], _LOOK),
        ("can_list", "AccessTodayView"), ("can_report", "ReadingImportView"), *_CHARTS, ("can_use", "Console"),
    ],
    "Administrator": [
        *_COMMON, *_on(["DivisionView", "PaymentContractView"], _EDIT), *_on(_REFERENCE, _EDIT), *_STAFF,
        *_on(["JobView", "NoticeView"], _LOOK), ("can_cancel", "JobView"), ("can_load", "DivisionFileView"),
        ("can_use", "Console"), ("can_set", "Console"),
    ],
}  # fmt: skip


def sync() -> None:
    """Create every view's permissions and fill the roles; permissions an office added to a role stay."""
    manager = appbuilder.sm
    manager.add_role("Public")
    almighty = manager.add_role(current_app.config.get("AUTH_ROLE_ADMIN", "Admin"))
    appbuilder.add_permissions(update_perms=True)
    menus = menus_by_view()
    for name, wanted in ROLES.items():
        role = manager.add_role(name)
        own = [manager.add_permission_view_menu(permission, view) for permission, view in wanted]
        views = {view for _, view in wanted}
        entries = {entry for view in views for entry in menus.get(view, ())}
        own += [manager.add_permission_view_menu("menu_access", entry) for entry in sorted(entries)]
        _profile(role)
        for permission in own:
            manager.add_permission_role(role, permission)
            manager.add_permission_role(almighty, permission)
    db.session.commit()


def _profile(role: object) -> None:
    """Let everybody see himself and change his password."""
    manager = appbuilder.sm
    for permission, view in EVERYBODYS:
        manager.add_permission_role(role, manager.add_permission_view_menu(permission, view))


def add_user(*, username: str, first_name: str, last_name: str, role_names: list[str], password: str) -> int:
    """Add a user and return his id; one that is there stays as he is."""
    manager = appbuilder.sm
    user = manager.find_user(username=username)
    if not user:
        roles = [manager.find_role(name) for name in role_names]
        user = manager.add_user(username, first_name, last_name, f"{username}@example.uz", roles, password)
    assert user, f"user {username} could not be added"
    return int(user.id)
