"""Roles: who may do what. Permissions are the framework's; roles are ours and are filled here."""

import sys
from getpass import getpass
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from app import clock, labels
from app.domain.administration import EVERYBODYS
from app.domain.administration.nodes import CENTRE
from app.extensions import Scope, appbuilder, db, menus_by_view, set_scope, transaction
from app.queries import administration as queries
from app.queries.administration import nodes
from app.services import administration as service
from app.services.administration import permissions

_LOOK = ("can_list", "can_show")
_EDIT = (*_LOOK, "can_add", "can_edit", "can_delete")

#: What acts change; nobody edits it.
_FACTS = "AccountView SupplyView SupplyTermView AccountBenefitView".split()
_FORMS = "HouseholdConsumerView LegalConsumerView ServicePointView".split()
_CARDS = [*_FACTS, *_FORMS]
_EQUIPMENT = "MeterView RegisterView MeterInstallationView MeterModelView".split()
_READINGS = "ReadingView ConsumptionView".split()
_BILLS = "BillView BillRunView BillExceptionView PrepaidVolumeView".split()
_PAYMENTS = "PaymentView AllocationView".split()
_BOOKS = "LedgerEntryView AccountBalanceView DebtView TenderView NoticeView".split()
_PRICES = "TariffView TariffVersionView TariffBlockView".split()
_PLACES = "StreetView MahallaView".split()
_REFERENCE = [*_PRICES, *"TariffGroupView ResourceView VatRateView BankView BenefitView".split(), *_PLACES]
_STRUCTURE = "DepartmentView PostView StaffMemberView".split()
#: Whose calls are taken.
_MACHINES = "PaymentContractView MeterDataSourceView".split()
_USERS = "UserView RoleView GroupView".split()
#: What everybody in the office looks at while he helps a consumer.
_READ_VIEWS = [
    *_CARDS, *_READINGS, "MeterView", "RegisterView", "MeterInstallationView", *_BILLS, *_PAYMENTS, "JobView", *_PRICES, *_PLACES,
]  # fmt: skip


class NoUser(Exception):
    """There is no user of this name."""


def _on(views: list[str], permissions: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(permission, view) for view in views for permission in permissions]


#: Contracts: read by everybody who helps consumers; drafted by those who answer for them.
_CONTRACTS = _on(["ContractView"], (*_LOOK, "can_pdf", "can_register", "can_export"))
_CONTRACTING = [("can_draft", "ContractView"), ("can_edit", "ContractDraftView"), ("can_withdraw", "ContractDraftView")]
_CONTRACTING += _on("SignContractView AnnexContractView RenewContractView EndContractView".split(), ("can_perform",))
_CONTRACTING += [("can_reverse_act", "AccountActView")]
#: Blocks are written with their version, and a rate of VAT that was in force stays.
_REFERENCE_EDITED = [
    *_on([view for view in _REFERENCE if view not in {"TariffBlockView", "VatRateView"}], _EDIT),
    *_on(["TariffBlockView"], _LOOK),
    *_on(["VatRateView"], (*_LOOK, "can_add", "can_edit")),
    *_on(["ContractTemplateView"], (*_LOOK, "can_add")),
]
_DICTIONARY = [(permission, "DictionaryView") for permission in ("can_on", "can_difference", "can_history", "can_uses", "can_export")]
_DRAFTING = [
    ("can_load", "DictionaryView"),
    *[(permission, "JobView") for permission in _LOOK],
    *[(permission, "ApprovalView") for permission in (*_LOOK, "can_inbox", "can_withdraw")],
]
_APPROVING = [(permission, "ApprovalView") for permission in (*_LOOK, "can_inbox", "can_decide", "can_approve_reference_change")]
#: What holds in the whole company: texts, contracts with providers, operating parameters.
_APPROVING_SETTINGS = _on(["ApprovalView"], ("can_approve_translation", "can_approve_company_setting"))
_FIND = [("can_find", "SearchView"), ("can_find", "LookupView"), ("can_show", "StructureView")]
_COMMON = [*_FIND, *_DICTIONARY, *_CONTRACTS, ("can_download", "FileView"), ("can_pdf", "BillView")]
_METERING = [
    ("can_enter", "ReadingEntryView"),
    ("can_correct", "ReadingEntryView"),
    *_on(["ReadingImportView"], (*_LOOK, "can_load", "can_accept", "can_discard", "can_report")),
    *_on(["MeterDataSourceView"], _LOOK),
]
_CASHIER = [
    *_on(["CashierView"], ("can_find", "can_take", "can_receipt", "can_receipt_pdf", "can_reverse")),
    *_on(["PaymentControlView"], (*_LOOK, "can_count")),
    *_on(["ApprovalView"], ("can_show", "can_withdraw")),
]
#: Tenders and what they are counted by.
_CONTROLS = [
    *_on(["PaymentControlView"], (*_LOOK, "can_count", "can_close", "can_export", "can_rows")),
    *_on(["HeldRowView"], (*_LOOK, "can_rows_of", "can_decide")),
    *_on(["PaymentBlockView"], (*_LOOK, "can_add", "can_edit")),
    *_on(["RegistryProfileView"], (*_LOOK, "can_load")),
    *_on(["SuspenseView"], (*_LOOK, "can_transfer")),
    *[(permission, "ApprovalView") for permission in (*_LOOK, "can_withdraw")],
]
_DECIDED_BY_SUPERVISOR = ("adjustment", "bill_correction", "tender_transfer", "payment_move", "act", "held_decision")
#: Days of providers beside ours.
_RECONCILING = [
    *_on(["ReconciliationView"], (*_LOOK, "can_load", "can_reconcile")),
    *_on(["ReconciliationRowView"], (*_LOOK, "can_decide")),
]
_CHARTS = _on(["ChartsView"], ("can_divisions", "can_accounts"))
_SHADOW = _on(["ShadowRunView"], (*_LOOK, "can_try_prices"))
#: Deciding about messages that failed or are in doubt.
_SENDING = _on(["NoticeView"], (*_LOOK, "send_notices_again", "mark_notices_sent"))
_AUDIT = _on(["AuditTrailView"], ("can_trail", "can_entry", "can_history"))
_PERSONAL_DATA = ("can_read", "PersonalData")
#: Files attached to accounts hold personal data, so they go with its reading.
_ACCOUNT_DOCUMENTS = _on(["AccountDocumentView"], ("can_attach", "can_download"))
_BILLING = [
    *_on(["DivisionView"], (*_LOOK, "bill_month")),
    *_on(["BillRunView"], ("can_open", "can_post", "can_cancel", "post_runs")),
    ("can_grant", "PrepaidVolumeView"),
]
_HOLDS = _on(["BillHoldView"], (*_LOOK, "can_work", "take_holds", "release_holds", "park_holds"))
#: Bills taken back and billed again, credit and debit notes.
_CORRECTIONS = ["BillCorrectionView", "AdjustmentView"]
_CORRECTING = [
    *_on(["BillCorrectionView"], (*_LOOK, "can_correct_bills", "can_correct_many")),
    *_on(["AdjustmentView"], (*_LOOK, "can_note", "can_take_again")),
    *[(permission, "ApprovalView") for permission in (*_LOOK, "can_withdraw")],
]
#: Acts: their list, their documents, and the pages of those a role performs.
_ACTS_SEEN = _on(["AccountActView"], (*_LOOK, "can_pdf", "can_export"))
_ACT_PAGES = (
    "ChangeOwnerView CloseAccountView ReopenAccountView CorrectIdentityView JoinConsumersView ChangeTariffGroupView "
    "ChangeTermView ChangeBenefitView WithdrawPrepaidView CorrectReadingView CorrectAddressView"
).split()
_ACTING = [
    *_ACTS_SEEN, ("can_reverse_act", "AccountActView"), *_on(_ACT_PAGES, ("can_perform",)),
    *_on(["AccountView"], ("change_owner", "close_account", "reopen_account")),
    *[(permission, "ApprovalView") for permission in (*_LOOK, "can_withdraw")],
]  # fmt: skip
_PAPERS = [
    *_on(["TaxInvoiceView"], (*_LOOK, "can_invoice_pdf", "can_invoice_json", "can_issue")),
    *_on(["PapersView"], ("can_start", "can_act")),
]
#: Charges beside the month's energy.
_CHARGES = "BillableChargeView PenaltyRunView PenaltyView PenaltyHoldView InspectionRecordView SubsidyView".split()
_CHARGING = [
    *_on(["PenaltyRunView"], ("can_open", "can_post", "can_cancel")),
    *_on(["PenaltyHoldView"], ("can_add", "can_edit")),
    ("can_load", "SubsidyView"), ("can_reverse_charge", "BillableChargeView"),
]  # fmt: skip
#: Looking at the months, and closing them.
_PERIODS = _on(["PeriodsView"], ("can_months", "can_month"))
_CLOSING = [
    *_on(["PeriodsView"], ("can_close_month", "can_ask_reopening")),
    *[(permission, "ApprovalView") for permission in (*_LOOK, "can_inbox", "can_decide", "can_withdraw", "can_approve_period_reopen")],
]
_DRAFTING_RECORDS = [
    ("can_draft", "InspectionRecordView"),
    ("can_pdf", "InspectionRecordView"),
    *[(permission, "ApprovalView") for permission in (*_LOOK, "can_withdraw")],
]
_APPROVING_CHARGES = [
    ("can_pdf", "InspectionRecordView"),
    *[
        (permission, "ApprovalView")
        for permission in (*_LOOK, "can_inbox", "can_decide", "can_approve_inspection_record", "can_approve_charge_reversal")
    ],
]
_STAFF = [
    *_on(["UserView"], (*_LOOK, "can_add", "can_edit", "can_reset", "can_switch")),
    *_on(["RoleView", "GroupView", *_STRUCTURE], _EDIT),
    *_on(["DivisionAccessView", "SubstitutionView"], (*_LOOK, "can_add", "can_edit", "can_end")),
    ("can_list", "AccessTodayView"),
]
_NODES = [("can_show", "NodesView"), ("can_settle", "NodesView"), ("can_resume", "NodesView")]

#: Role → (permission, view) pairs: no more than the work needs.
ROLES: dict[str, list[tuple[str, str]]] = {
    "Cashier": [*_COMMON, *_ACTS_SEEN, *_on(_READ_VIEWS, _LOOK), *_CASHIER],
    "Inspector": [
        *_COMMON, *_ACTS_SEEN, *_on(_READ_VIEWS, _LOOK), *_METERING,
        *_on(["InspectionRecordView", "BillableChargeView"], _LOOK), *_DRAFTING_RECORDS,
    ],
    "Engineer": [*_FIND, *_on([*_CARDS, *_READINGS, *_PLACES], _LOOK), *_on(_EQUIPMENT, _EDIT)],
    "Lawyer": [
        *_COMMON, *_CONTRACTING, _PERSONAL_DATA, *_ACCOUNT_DOCUMENTS, *_ACTS_SEEN,
        *_on([*_CARDS, *_READINGS, "BillView", *_PAYMENTS, *_PRICES, *_PLACES], _LOOK),
        *_on(["DebtView", "AccountBalanceView", "LedgerEntryView", "NoticeView", *_CHARGES], _LOOK), *_APPROVING_CHARGES,
    ],
    "Billing operator": [
        *_COMMON, *_CONTRACTING, _PERSONAL_DATA, *_ACCOUNT_DOCUMENTS, *_on(_READ_VIEWS, _LOOK),
        *_on(_FORMS, _EDIT), *_on(_EQUIPMENT, _EDIT), *_on(_BOOKS, _LOOK), *_METERING, *_BILLING, *_PAPERS,
        ("can_cancel", "JobView"), *_on(_CHARGES, _LOOK), *_CHARGING, *_DRAFTING_RECORDS, *_PERIODS,
        *_CORRECTING, *_HOLDS, *_CONTROLS, *_RECONCILING, *_ACTING, ("can_perform", "NewAccountView"),
    ],
    "Supervisor": [
        *_COMMON, *_on(_READ_VIEWS, _LOOK), *_on(_BOOKS, _LOOK), *_METERING, *_BILLING, *_CASHIER,
        *_CONTROLS, *_RECONCILING,
        *_on(_CHARGES, _LOOK), *_CHARGING, *_APPROVING_CHARGES, *_PERIODS, *_CLOSING,
        *_CORRECTING, *_HOLDS, *_ACTING,
        *[(f"can_approve_{kind}", "ApprovalView") for kind in _DECIDED_BY_SUPERVISOR],
        *_SENDING, *_APPROVING, *_APPROVING_SETTINGS,
        *_AUDIT, *_NODES, *_CHARTS, *_SHADOW, ("can_cancel", "JobView"), *_on([*_STRUCTURE, "SubstitutionView"], _LOOK),
    ],
    "RNI editor": [
        *_COMMON, *_SHADOW, *_DRAFTING, *_APPROVING, ("can_approve_translation", "ApprovalView"),
        *_REFERENCE_EDITED, *_on(["DivisionView"], _LOOK),
    ],
    "Translator": [
        *_on(["TranslationView"], ("can_list", "can_save")),
        *_on(["ApprovalView"], ("can_inbox", "can_show", "can_decide", "can_withdraw")),
        ("can_approve_translation", "ApprovalView"),
    ],
    "Auditor": [
        *_COMMON, *_ACTS_SEEN,
        *_on([*_READ_VIEWS, *_EQUIPMENT, *_BOOKS, *_REFERENCE, *_MACHINES, "ReadingImportView", *_CHARGES], _LOOK),
        *_on([*_CORRECTIONS, "BillHoldView", "PaymentControlView", "PaymentBlockView", "RegistryProfileView", "SuspenseView"], _LOOK),
        *_on(["HeldRowView"], _LOOK), ("can_rows_of", "HeldRowView"), *_on(["PaymentControlView"], ("can_export", "can_rows")),
        *_on(["ReconciliationView", "ReconciliationRowView", "ContractTemplateView"], _LOOK),
        *_on(["DivisionView", "DivisionAccessView", "SubstitutionView", "ApprovalView", "UserSessionView", *_STRUCTURE, *_USERS], _LOOK),
        ("can_list", "AccessTodayView"), ("can_report", "ReadingImportView"), *_CHARTS, *_on(["Console"], ("can_use", "can_read_calls")),
        *_AUDIT, ("can_chain", "AuditChainView"), *_PERIODS, ("can_show", "NodesView"),
    ],
    "Administrator": [
        *_COMMON, *_DRAFTING, *_APPROVING, *_APPROVING_SETTINGS,
        *_on(["DivisionView"], _EDIT), *_on(_MACHINES, (*_LOOK, "can_add", "can_edit")), *_REFERENCE_EDITED, *_STAFF,
        *_on(["RegistryProfileView"], (*_LOOK, "can_lay_out")),
        *_on(["JobView", "UserSessionView", "TotpDeviceView"], _LOOK), ("can_cancel", "JobView"), *_SENDING,
        ("end_sessions", "UserSessionView"), ("reset", "TotpDeviceView"), ("can_load", "DivisionFileView"),
        *_on(["Console"], ("can_use", "can_set", "can_read_calls")), *_AUDIT, ("can_chain", "AuditChainView"), *_NODES,
    ],
}  # fmt: skip


def sync() -> None:
    """Create every view's permissions and fill the roles; permissions an office added to a role stay. A node has the centre's."""
    if nodes.own_number(db.session()) != CENTRE:
        return
    menus = menus_by_view()
    almighty = current_app.config.get("AUTH_ROLE_ADMIN", "Admin")
    pages: dict[str, set[str]] = {}
    for view in appbuilder.baseviews:
        pages.setdefault(view.class_permission_name, set()).update(view.base_permissions or ())
    entries = {entry for category in appbuilder.menu.get_list() for entry in (category.name, *(each.name for each in category.childs))}
    offered = {(permission, page) for page, allowed in pages.items() for permission in allowed}
    offered |= {("menu_access", entry) for entry in entries}
    roles = {name: [*wanted, *_menu(wanted, menus), *EVERYBODYS] for name, wanted in ROLES.items()}
    with transaction() as session:
        permissions.write(session, offered=offered, pages=pages, roles=roles | {"Public": []}, almighty=almighty)
    db.session.expire_all()


def _menu(wanted: list[tuple[str, str]], menus: dict[str, tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the entries of the menu that lead to what a role may do."""
    return [("menu_access", entry) for entry in sorted({entry for _, view in wanted for entry in menus.get(view, ())})]


def add_user(*, username: str, first_name: str, last_name: str, role_names: list[str], password: str) -> int:
    """Add a user and return his id; one that is there stays as he is."""
    manager = appbuilder.sm
    user = manager.find_user(username=username)
    if not user:
        roles = [manager.find_role(name) for name in role_names]
        user = manager.add_user(username, first_name, last_name, f"{username}@example.uz", roles, password)
    assert user, f"user {username} could not be added"
    return int(user.id)


def set_password(username: str, password: str) -> None:
    """Set a user's password; his sessions end, and at the next sign-in he chooses another.

    :raises NoUser: if there is no such user
    :raises WeakPassword: if the password is refused
    """
    appbuilder.sm.reset_password(_user(username).id, password)


def reset_totp(username: str) -> bool:
    """Take a user's generator of one-time codes away; tell whether he had one.

    :raises NoUser: if there is no such user
    """
    with transaction() as session:
        return service.reset_device(session, [_user(username).id]) > 0


def register(group: AppGroup) -> None:
    """Add the commands about users."""
    for command in (_add_user, _set_password, _reset_totp):
        group.add_command(command)


@click.command("add-user")
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True, help="A role; may be given several times.")
@click.option("--division", required=True, help="Code of the division he may work in.")
@click.option("--first-name", default="", help="The user's name, if it is another.")
@click.option("--last-name", default="")
@with_appcontext
def _add_user(name: str, roles: tuple[str, ...], division: str, first_name: str, last_name: str) -> None:
    """Add a user who may work in a division; the password is asked for, or read from the input. At the first sign-in he chooses another."""
    _enter()
    sync()
    unknown = [role for role in roles if not appbuilder.sm.find_role(role)]
    if unknown:
        raise click.ClickException(f"no such role: {', '.join(unknown)}")
    if appbuilder.sm.find_user(username=name):
        raise click.ClickException(f"there is a user {name} already")
    place = queries.division_by_code(db.session(), division)
    if place is None:
        raise click.ClickException(f"no such division: {division}")
    password = _asked_password(name)
    user_id = add_user(username=name, first_name=first_name or name, last_name=last_name, role_names=list(roles), password=password)
    with transaction() as session:
        service.mark_given(session, user_id, by="operator", now=clock.now())
        service.grant(
            session, user_id=user_id, division_ids=[place.id], valid_from=clock.today(), valid_to=None, basis="flask access add-user"
        )
    click.echo(f"{name} may log in and works in {place.name}")


@click.command("set-password")
@click.argument("name")
@with_appcontext
def _set_password(name: str) -> None:
    """Set a user's password; it is asked for, or read from the input. His sessions end, and he chooses another at the next sign-in."""
    _enter()
    try:
        _user(name)
        set_password(name, _asked_password(name))
    except NoUser:
        raise click.ClickException(f"no such user: {name}") from None
    click.echo(f"the password of {name} was set; his sessions have ended")


@click.command("reset-totp")
@click.argument("name")
@with_appcontext
def _reset_totp(name: str) -> None:
    """Take a user's second factor away, so that he can set up a new one."""
    _enter()
    try:
        had = reset_totp(name)
    except NoUser:
        raise click.ClickException(f"no such user: {name}") from None
    click.echo(f"the second factor of {name} was reset" if had else f"{name} has no second factor")


def _enter() -> None:
    set_scope(Scope(actor="operator", today=clock.today(), everywhere=True))


def _user(username: str) -> Any:
    user = appbuilder.sm.find_user(username=username)
    if not user:
        raise NoUser(username)
    return user


def _asked_password(username: str) -> str:
    """Return a good password from the terminal, or from the input if that is none."""
    typed = getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    if sys.stdin.isatty() and getpass("Password again: ") != typed:
        raise click.ClickException("the two passwords differ")
    try:
        service.check_password(typed, username=username)
    except service.WeakPassword as weak:
        raise click.ClickException(str(labels.member(weak.problem))) from None
    return typed
