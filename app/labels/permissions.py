"""Roles and permissions in words: what a role may do reads like "Payments: see the list"."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

#: Roles that ship with the product; an office's own are called what the office called them.
ROLE_LABELS: Mapping[str, Any] = {
    "Admin": _("Owner of the system"),
    "Administrator": _("Administrator"),
    "Auditor": _("Auditor"),
    "Billing operator": _("Billing operator"),
    "Cashier": _("Cashier"),
    "Engineer": _("Engineer"),
    "Inspector": _("Inspector"),
    "Lawyer": _("Lawyer"),
    "Public": _("Everybody"),
    "RNI editor": _("Editor of reference information"),
    "Supervisor": _("Supervisor"),
    "Translator": _("Translator"),
}

#: What can be done on a page, with what kinds of approvals add; a permission that is not here is shown by its own name.
PERMISSION_LABELS: dict[str, Any] = {
    "bill_month": _("preview the bills of a month"),
    "can_plan_work": _("plan works outside the plans of a year"),
    "can_record_work": _("record works that were done, put off or cancelled"),
    "can_order_works": _("order works from brigades"),
    "can_withdraw_order": _("withdraw work orders"),
    "can_accept": _("record the good rows"),
    "can_discard": _("put a checked file aside"),
    "can_act": _("print acts of reconciliation"),
    "can_invoice_pdf": _("print tax invoices"),
    "can_invoice_json": _("download tax invoices"),
    "can_issue": _("issue tax invoices"),
    "can_start": _("print the documents of a month"),
    "can_accounts": _("see accounts behind a figure"),
    "can_catalogue": _("see which reports there are"),
    "can_file": _("take a report as a file"),
    "can_change": _("change what an indicator is called and which way is better"),
    "can_ranking": _("compare divisions by an indicator"),
    "can_targets": _("see targets"),
    "can_store": _("keep a report for submission"),
    "can_submission": _("see which reports were sent up"),
    "can_advance": _("send reports up"),
    "can_sign_reports": _("sign reports"),
    "can_take_reports": _("take or return reports of divisions below"),
    "can_accept_reports": _("accept reports for the company"),
    "can_add": _("add"),
    "can_perform": _("perform the act"),
    "can_reverse_act": _("reverse acts"),
    "can_cancel": _("stop"),
    "can_ask_reopening": _("ask for the reopening of a month"),
    "can_close_month": _("close a month"),
    "can_month": _("see what stands in the way of closing a month"),
    "can_months": _("see the months"),
    "can_chain": _("see the seals of the audit trail"),
    "can_correct": _("correct"),
    "can_correct_bills": _("cancel bills and bill again"),
    "can_correct_many": _("cancel bills of many accounts and bill again"),
    "can_work": _("decide about held bills"),
    "take_holds": _("take held bills up"),
    "release_holds": _("release held bills"),
    "park_holds": _("park held bills"),
    "can_note": _("write credit and debit notes"),
    "can_take_again": _("reverse credit notes"),
    "can_decide": _("decide"),
    "can_delete": _("delete"),
    "can_difference": _("compare two days"),
    "can_divisions": _("see the charts"),
    "can_attach": _("attach documents"),
    "can_download": _("download"),
    "can_draft": _("draft"),
    "can_draw_up": _("draw up"),
    "can_plan_outages": _("plan and cancel outages"),
    "can_stop": _("stop and start SMS to a number"),
    "can_choose": _("keep what a consumer wants to be told"),
    "can_kinds": _("see which documents there are"),
    "can_sign": _("sign"),
    "can_reverse_document": _("draw up counter-documents"),
    "can_passport": _("write the passport"),
    "can_photo": _("see photographs"),
    "can_statement": _("print what the consumer is told"),
    "can_stock": _("see what lay in stock on a day"),
    "can_edit": _("change"),
    "can_effect": _("compute the effect of a draft"),
    "can_end": _("end"),
    "can_enter": _("enter"),
    "can_entry": _("see an entry"),
    "can_export": _("export"),
    "can_find": _("find"),
    "can_plan": _("plan rounds"),
    "can_waiting": _("see the orders that wait"),
    "can_history": _("see the history"),
    "can_inbox": _("see what waits"),
    "can_close": _("close for good"),
    "can_count": _("record what was counted"),
    "can_lay_out": _("lay out payment files"),
    "can_link": _("make links of one purpose, and withdraw them"),
    "can_list": _("see the list"),
    "can_remove": _("end accesses to the portal"),
    "can_transfer": _("ask for the transfer of money in suspense"),
    "can_load": _("load a file"),
    "can_load_devices": _("load a file of devices"),
    "can_chart": _("look at the chart"),
    "can_on": _("see what is in force on a day"),
    "can_grant": _("keep an old price for what was paid ahead"),
    "can_open": _("open a new one"),
    "can_pdf": _("print"),
    "can_post": _("post"),
    "can_read_calls": _("read calls of providers"),
    "can_read": _("read unmasked"),
    "can_receipt": _("see receipts"),
    "can_receipt_pdf": _("print receipts"),
    "can_reconcile": _("compare a day"),
    "can_report": _("download the report"),
    "can_rights": _("see the rights of a user on a day"),
    "can_reset": _("set a new password"),
    "can_reverse": _("ask that a payment is moved or given back"),
    "can_reverse_charge": _("take a charge back"),
    "can_rows": _("export all rows of a payment file"),
    "can_rows_of": _("see the rows held of a payment file"),
    "can_save": _("save"),
    "can_set": _("set operating parameters"),
    "can_register": _("see the register of a day"),
    "can_resume": _("let exchanges go on"),
    "can_settle": _("settle conflicts"),
    "can_send": _("send at once"),
    "can_applications_inbox": _("see the inbox of applications"),
    "can_application_file": _("open files of applications"),
    "can_record_answer": _("record answers to acts of reconciliation that came on paper"),
    "can_signed_paper": _("open the papers of answers to acts of reconciliation"),
    "can_step_application": _("take up, pass on, return, refuse and finish applications"),
    "can_accept_application": _("accept applications"),
    "can_application_kinds": _("see which applications can be filed"),
    "can_file_application": _("file applications for consumers"),
    "can_mine": _("see one's own tasks and those of the department"),
    "can_give": _("give tasks"),
    "can_act_on_task": _("take up, finish, hand over and give back tasks"),
    "can_late": _("see what is late, and the work of people"),
    "can_pause": _("pause and let go on"),
    "can_show": _("see the details"),
    "can_switch": _("deactivate and activate"),
    "can_take": _("take money"),
    "can_trail": _("see the trail"),
    "can_use": _("open"),
    "can_uses": _("see where it is used"),
    "can_withdraw": _("take back"),
    "take_debtors": _("take debtors up"),
    "leave_debtors": _("give debtors back"),
    "call_debtors": _("record that debtors were contacted"),
    "promise_debtors": _("record that debtors promised to pay"),
    "dispute_debtors": _("record that debtors dispute what they owe"),
    "claim_debtors": _("give debtors to the lawyers"),
    "take_exceptions": _("take exceptions up"),
    "settle_exceptions": _("record exceptions as settled"),
    "can_share": _("share views of lists"),
    "end_sessions": _("end sessions"),
    "send_notices_again": _("send messages again"),
    "mark_notices_sent": _("record messages in doubt as sent"),
    "post_runs": _("post several at once"),
    "reset": _("reset"),
}


#: Kinds of permissions, the columns of the matrix of a role.
ACT_LABELS: Mapping[str, Any] = {
    "SEE": _("See"),
    "CHANGE": _("Add, change and do"),
    "DECIDE": _("Decide and approve"),
    "SEND": _("Print and send"),
}
#: How permissions begin that decide about something.
_DECIDE = ("can_accept_reports", "can_approve", "can_decide", "can_sign_reports", "can_take_reports", "can_withdraw", "release_")
_SEE = frozenset(
    "can_accounts can_catalogue can_chain can_difference can_divisions can_entry can_find can_history can_inbox can_late "
    "can_list can_mine can_month can_months can_on can_read can_read_calls can_receipt can_rights can_show can_submission "
    "can_kinds can_photo can_stock can_use can_uses".split()
)
_SEND = frozenset(
    "can_act can_download can_export can_file can_invoice_json can_invoice_pdf can_pdf can_receipt_pdf can_report can_start "
    "can_statement".split()
)


def act_of(name: str) -> str:
    """Return the kind of a permission, a key of ``ACT_LABELS``."""
    if name in _SEE:
        return "SEE"
    if name in _SEND:
        return "SEND"
    return (
        "DECIDE"
        if name.startswith(
            ("can_accept_reports", "can_approve", "can_decide", "can_sign_reports", "can_take_reports", "can_withdraw", "release_")
        )
        else "CHANGE"
    )


def add_permissions(phrases: Mapping[str, Any]) -> None:
    """Add the phrases of permissions that are declared with what they permit: decisions about kinds of requests."""
    PERMISSION_LABELS.update(phrases)


def role(name: str) -> str:
    """Return a role's name in the reader's language."""
    return str(ROLE_LABELS.get(name, name))


def permission(name: str) -> str:
    """Return what a permission lets one do."""
    return str(PERMISSION_LABELS.get(name, name.removeprefix("can_").replace("_", " ")))


def permission_on(name: str, page: Any) -> str:
    """Return a permission on a page, for lists: Payments: see the list."""
    return gettext("%(page)s: %(permission)s", page=page, permission=permission(name))
