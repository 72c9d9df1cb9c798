"""Roles: who may do what. Permissions are the framework's; roles are ours and are filled here."""

from flask import current_app

from app.domain.nodes import CENTRE
from app.extensions import appbuilder, db
from app.queries.administration import nodes

_LOOK = ("can_list", "can_show")
_EDIT = (*_LOOK, "can_add", "can_edit", "can_delete")

_READ_VIEWS = (
    "AccountView HouseholdConsumerView LegalConsumerView ContractView SupplyView ServicePointView AccountBenefitView ReadingView "
    "ConsumptionView MeterView RegisterView MeterInstallationView BillView BillRunView BillExceptionView PaymentView "
    "AllocationView JobView TariffView TariffVersionView TariffBlockView StreetView MahallaView"
).split()
_BOOKS = "LedgerEntryView AccountBalanceView DebtView TenderView NoticeView".split()
_CARDS = "AccountView HouseholdConsumerView LegalConsumerView ContractView SupplyView ServicePointView AccountBenefitView".split()
_EQUIPMENT = "MeterView RegisterView MeterInstallationView MeterModelView".split()
_REFERENCE = (
    "TariffView TariffVersionView TariffBlockView TariffGroupView ResourceView VatRateView BankView BenefitView MahallaView StreetView"
).split()


def _on(views: list[str], permissions: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(permission, view) for view in views for permission in permissions]


_COMMON = [("can_find", "SearchView"), ("can_find", "LookupView"), ("can_download", "FileView"), ("can_pdf", "BillView")]
_METERING = [
    ("can_enter", "ReadingEntryView"),
    ("can_correct", "ReadingEntryView"),
    *[(permission, "ReadingImportView") for permission in (*_LOOK, "can_load", "can_accept", "can_report")],
]
_CASHIER = [(permission, "CashierView") for permission in ("can_find", "can_take", "can_receipt", "can_receipt_pdf")]
_BILLING = [
    ("can_list", "DivisionView"),
    ("can_show", "DivisionView"),
    ("bill_month", "DivisionView"),
    ("can_open", "BillRunView"),
    ("can_post", "BillRunView"),
    ("can_cancel", "BillRunView"),
    ("post_runs", "BillRunView"),
]
_NODES = [("can_show", "NodesView"), ("can_settle", "NodesView")]

#: Role → (permission, view) pairs.
ROLES: dict[str, list[tuple[str, str]]] = {
    "Cashier": [*_COMMON, *_on(_READ_VIEWS, _LOOK), *_CASHIER],
    "Inspector": [*_COMMON, *_on(_READ_VIEWS, _LOOK), *_METERING],
    "Billing operator": [
        *_COMMON, ("can_open", "NewAccountView"), *_on(_READ_VIEWS, _LOOK),
        *_on(_CARDS, _EDIT), *_on(_EQUIPMENT, _EDIT), *_on(_BOOKS, _LOOK), *_METERING, *_BILLING,
        ("can_cancel", "JobView"),
    ],
    "Supervisor": [
        *_COMMON, *_on(_READ_VIEWS, _LOOK), *_on(_BOOKS, _LOOK), *_METERING, *_BILLING, *_CASHIER, ("can_reverse", "CashierView"),
        ("can_divisions", "ChartsView"), ("can_accounts", "ChartsView"), ("can_cancel", "JobView"), *_NODES,
    ],
    "RNI editor": [*_COMMON, *_on(_REFERENCE, _EDIT), *_on(["DivisionView"], _LOOK)],
    "Administrator": [
        *_COMMON, *_on(["DivisionView", "DivisionAccessView", "PaymentContractView"], _EDIT), *_on(_REFERENCE, _EDIT),
        *_on(["JobView", "NoticeView"], _LOOK), ("can_cancel", "JobView"), ("can_load", "DivisionFileView"), ("can_use", "Console"),
        *_NODES,
    ],
}  # fmt: skip


def sync() -> None:
    """Create every view's permissions and fill the roles; permissions an office added to a role stay. A node has the centre's."""
    if nodes.own_number(db.session()) != CENTRE:
        return
    manager = appbuilder.sm
    manager.add_role("Public")
    manager.add_role(current_app.config.get("AUTH_ROLE_ADMIN", "Admin"))
    appbuilder.add_permissions(update_perms=True)
    menus = _menus_by_view()
    for name, wanted in ROLES.items():
        role = manager.add_role(name)
        own = [manager.add_permission_view_menu(permission, view) for permission, view in wanted]
        views = {view for _, view in wanted}
        entries = {entry for view in views for entry in menus.get(view, ())}
        own += [manager.add_permission_view_menu("menu_access", entry) for entry in sorted(entries)]
        _profile(role)
        for permission in own:
            manager.add_permission_role(role, permission)
    db.session.commit()


def _menus_by_view() -> dict[str, tuple[str, str]]:
    """Return the menu entry and category of each view."""
    result = {}
    for category in appbuilder.menu.get_list():
        for entry in category.childs:
            if entry.baseview is not None:
                result[type(entry.baseview).__name__] = (entry.name, category.name)
    return result


def _profile(role: object) -> None:
    """Let everybody see himself and change his password."""
    manager = appbuilder.sm
    for permission, view in (("can_userinfo", "UserDBModelView"), ("resetmypassword", "UserDBModelView"),
                             ("can_this_form_get", "ResetMyPasswordView"), ("can_this_form_post", "ResetMyPasswordView")):  # fmt: skip
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
