"""Autonomous divisions: which tables travel which way, and which keys belong to whom.

The centre keeps reference information and publishes it; a node works for one division and all below it, and publishes
its operational rows. Keys are made in ranges by node, so rows made on both sides never collide.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

#: The centre is node 0.
CENTRE = 0
LARGEST_NUMBER = 8191
#: A node's keys begin with its number; 13 + 40 bits stay below 2^53, so a browser's numbers hold them exactly.
KEY_BITS = 40

#: Written at the centre only; every change makes a new version of the reference information.
VERSIONED = (
    "ab_group ab_group_role ab_permission ab_permission_view ab_permission_view_role ab_role ab_user ab_user_group ab_user_role "
    "ab_view_menu application_kind application_source application_stage application_term "
    "bank benefit brigade contract_template department device_kind device_model division division_access mahalla "
    "maintenance_kind material material_norm message_contract meter_change_reason meter_data_source notice_template "
    "operating_parameter payment_contract payment_file_layout post reply_template report_column report_row resource seal_kind "
    "special_day staff_member street "
    "substitution tariff tariff_block tariff_group tariff_version translation vat_rate verification_interval"
).split()

#: Written at the centre only, and sent to every node.
REFERENCE = (*VERSIONED, "node", "reference_release", "reference_version")

#: What happened in a division; only ever added.
FACTS = (
    "account_document account_statement act_photo adjustment allocation bill bill_correction bill_line billable_charge consumption "
    "contract_paper control_entry equipment_signature interval_day ledger_entry maintenance_order "
    "maintenance_record material_use movement paper_print payment payment_file_problem penalty "
    "prepaid_volume prepaid_withdrawal reading report_step row_version seal_movement stored_file stored_report subsidy tax_invoice"
).split()

#: What a division keeps and changes.
STATES = (
    "outage_street planned_outage "
    "account account_balance account_benefit account_position accounting_period act bill_exception bill_hold bill_run consumer "
    "contract contract_account contract_counter debt debt_total debt_work device device_event division_turnover doubtful_reading "
    "equipment_document field_proposal field_round inspection inspection_record maintenance_plan "
    "maintenance_work meter_installation node_state parked_device parked_reading "
    "payment_block payment_control penalty_hold penalty_run planned_verification point_state reading_import reading_import_row "
    "register round_point seal service_point stock_place supply supply_order supply_term tender unmetered_supply "
    "verification_plan"
).split()

#: Written where the division works, and copied to the centre.
OPERATIONAL = (*FACTS, *STATES)

#: Stay where they are made, and why.
LOCAL: Mapping[str, str] = {
    "ab_api_key": "secret",
    "ab_register_user": "unused",
    "alembic_version": "schema",
    "alert": "work",
    "alert_crossing": "work",
    "application": "inbox",
    "application_file": "inbox",
    "application_step": "inbox",
    "approval": "inbox",
    "audit_check": "trail",
    "audit_entry": "trail",
    "audit_pending": "trail",
    "audit_seal": "trail",
    "books_check": "log",
    "books_difference": "log",
    "campaign": "outbox",
    "consumer_reply": "log",
    "delivery_receipt": "outbox",
    "inquiry": "inbox",
    "gateway_call": "log",
    "given_password": "secret",
    "held_row": "inbox",
    "indicator": "work",
    "indicator_target": "work",
    "indicator_value": "work",
    "job_event": "log",
    "job_run": "work",
    "limit_use": "work",
    "list_view": "work",
    "maintenance": "work",
    "node_setting": "identity",
    "notice": "outbox",
    "notice_attempt": "outbox",
    "consumer_reading": "inbox",
    "notice_preference": "outbox",
    "notice_stop": "outbox",
    "portal_access": "secret",
    "portal_code": "secret",
    "portal_device": "secret",
    "portal_link": "secret",
    "portal_session": "secret",
    "portal_user": "secret",
    "reconciliation": "work",
    "reconciliation_row": "work",
    "reference_change": "inbox",
    "report_schedule": "work",
    "report_sending": "outbox",
    "shadow_result": "work",
    "shadow_run": "work",
    "statement_answer": "work",
    "statement_row": "work",
    "sync_conflict": "log",
    "sync_counter": "log",
    "sync_package": "log",
    "task": "work",
    "task_step": "work",
    "totp_device": "secret",
    "unkept_call": "log",
    "user_session": "secret",
}

#: Columns of reference tables that each place keeps for itself: signing in must work without the centre.
KEPT_APART: Mapping[str, tuple[str, ...]] = {"ab_user": ("last_login", "login_count", "fail_login_count")}

#: Operational tables without a division of their own: the table that has it, and the key that leads there.
BELONGS_TO: Mapping[str, tuple[str, str]] = {"register": ("device", "meter_id")}

#: Constraint names under which the guards of tables refuse a row.
WORKS_ON_ITS_NODE = "division_works_on_its_node"
OF_ANOTHER_PLACE = "division_is_not_of_this_node"
KEPT_AT_THE_CENTRE = "reference_is_kept_at_the_centre"
PLACE_REFUSALS = frozenset({WORKS_ON_ITS_NODE, OF_ANOTHER_PLACE, KEPT_AT_THE_CENTRE})


#: Conflicts PostgreSQL cannot apply: the exchange stops at them until a person has put the rows right.
STOPPING = frozenset({"insert_exists", "update_exists", "multiple_unique_conflicts"})
#: Counted by PostgreSQL, and no conflicts: a row has one writer, so a row "of another origin" was here before the exchange began, or holds
#: the columns each place keeps for itself.
EXPECTED = frozenset({"update_origin_differs", "delete_origin_differs"})
#: What counts every attempt that failed, also for a line that was lost.
ATTEMPTS = "apply_error_count"
#: A lost line fails once and is then tried without being counted; a change that cannot be applied is tried again every five seconds.
FAILURES_A_MINUTE = 3


def are_failures_of_a_change(*, added: int, seconds: float, is_running: bool) -> bool:
    """Return whether attempts that failed are a change that cannot be applied, and not a line that was lost now and then.

    :param added: attempts that failed in the last ``seconds``
    :param is_running: whether the exchange works again

    >>> are_failures_of_a_change(added=6, seconds=30, is_running=False), are_failures_of_a_change(added=1, seconds=3, is_running=False)
    (True, False)
    """
    return not is_running and added >= FAILURES_A_MINUTE and added * 60 >= FAILURES_A_MINUTE * seconds


class PackageKind(StrEnum):
    """What a package file holds."""

    REFERENCE = "REFERENCE"
    OPERATIONAL = "OPERATIONAL"
    ACKNOWLEDGEMENT = "ACKNOWLEDGEMENT"


class PackageDirection(StrEnum):
    """Whether a package left or arrived."""

    SENT = "SENT"
    RECEIVED = "RECEIVED"


class NodeCondition(StrEnum):
    """How the monitor judges a node."""

    IN_STEP = "IN_STEP"
    BEHIND = "BEHIND"
    SILENT = "SILENT"
    STOPPED = "STOPPED"
    BY_PACKAGES = "BY_PACKAGES"


class KeyRange(NamedTuple):
    """The keys of a node; both ends are included."""

    first: int
    last: int


def key_range(number: int) -> KeyRange:
    """Return the keys a node makes.

    >>> key_range(1)
    KeyRange(first=1099511627777, last=2199023255551)
    """
    assert CENTRE <= number <= LARGEST_NUMBER
    return KeyRange((number << KEY_BITS) + 1, ((number + 1) << KEY_BITS) - 1)


def condition(*, is_linked: bool, is_stopped: bool, silent_s: float | None, silent_after_s: int, versions_behind: int) -> NodeCondition:
    """Judge a node by the worst that is known of it.

    :param silent_s: seconds since its last heartbeat; None: it never sent one
    :param silent_after_s: a node that sent none for longer is silent
    """
    if not is_linked:
        return NodeCondition.BY_PACKAGES
    if is_stopped:
        return NodeCondition.STOPPED
    if silent_s is None or silent_s > silent_after_s:
        return NodeCondition.SILENT
    return NodeCondition.BEHIND if versions_behind else NodeCondition.IN_STEP
