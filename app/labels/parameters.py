"""Operating parameters in words: what each means, in which unit, and whose it is."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _


class ParameterText(NamedTuple):
    """What a parameter means and the unit of its value."""

    meaning: Any
    unit: Any


#: The first word of a code names its subsystem.
SUBSYSTEMS: Mapping[str, Any] = {
    "access": _("Access"),
    "acts": _("Acts"),
    "audit": _("Audit"),
    "billing": _("Billing"),
    "claims": _("Penalties and inspections"),
    "contracts": _("Contracts"),
    "metering": _("Metering"),
    "payments": _("Payments"),
    "portal": _("Portal of consumers"),
    "tariffs": _("Tariffs"),
}

PARAMETER_TEXTS: Mapping[str, ParameterText] = {
    "access.alone_times": ParameterText(
        _("Over all accounts one person does alone in a day so many times a limit above which a second person decides."), _("times")
    ),
    "access.given_password_days": ParameterText(
        _("For so long whoever gave a user a password counts as this user when a second person decides."), _("days")
    ),
    "access.idle_minutes": ParameterText(_("A session ends when nothing was done for so long."), _("minutes")),
    "access.session_hours": ParameterText(_("A session ends so long after the login, whatever is done."), _("hours")),
    "acts.limit_som": ParameterText(
        _("A second person approves acts once those of one person take back or move more than this sum on one account in a day."), _("soʻm")
    ),
    "audit.reason_required": ParameterText(_("1: every change and deletion needs a reason; 0: a reason may be given."), _("1 or 0")),
    "billing.adjustment_limit_som": ParameterText(
        _("A second person approves adjustments once those of one person pass this sum on one account in a day."), _("soʻm")
    ),
    "billing.due_day": ParameterText(_("Day of the next month by which a bill is to be paid."), _("day of the month")),
    "claims.penalty_cap_percent": ParameterText(
        _("The penalty of a bill comes to no more than this share of the sum overdue."), _("percent")
    ),
    "claims.penalty_rate_household": ParameterText(
        _("Penalty of a household for a day of delay; 1000 is 0.1 percent of the sum overdue."), _("1/10 000 % a day")
    ),
    "billing.zero_months": ParameterText(_("So many months without energy in a row ask for a look."), _("months")),
    "billing.largest_bill_som": ParameterText(_("A larger bill asks for a look; 0: none is too large."), _("soʻm")),
    "billing.hold_high": ParameterText(_("1: a bill with unusually high consumption waits until somebody has looked at it."), _("1 or 0")),
    "billing.hold_zero_months": ParameterText(
        _("1: a bill after months without energy waits until somebody has looked at it."), _("1 or 0")
    ),
    "billing.hold_negative": ParameterText(_("1: a bill that gives money back waits until somebody has looked at it."), _("1 or 0")),
    "billing.hold_over_amount": ParameterText(_("1: a bill above the largest sum waits until somebody has looked at it."), _("1 or 0")),
    "billing.hold_estimated_long": ParameterText(_("1: a bill estimated for too long waits until somebody has looked at it."), _("1 or 0")),
    "claims.penalty_rate_legal": ParameterText(
        _("Penalty of a legal consumer for a day of delay; 4000 is 0.4 percent of the sum overdue."), _("1/10 000 % a day")
    ),
    "claims.penalty_start_days": ParameterText(_("Days from the due day to the first day that bears penalty."), _("days")),
    "claims.priced_above_billed": ParameterText(
        _("1: energy of an inspection record is priced in the blocks above what was billed; 0: in blocks of its own."), _("1 or 0")
    ),
    "claims.reversal_alone_som": ParameterText(
        _("A second person approves reversals of charges once those of one person pass this sum on one account in a day."), _("soʻm")
    ),
    "payments.held_alone_som": ParameterText(
        _("A second person approves decisions about rows held once those of one person pass this sum in a day."), _("soʻm")
    ),
    "claims.window_days": ParameterText(_("An inspection record charges energy for no more days back than this."), _("days")),
    "contracts.number_form": ParameterText(
        _("Numbers of contracts are 0: branch-year-number; 1: number/branch/year; 2: year/branch/number."), _("0, 1 or 2")
    ),
    "contracts.number_width": ParameterText(_("Digits of the running number of a contract."), _("digits")),
    "contracts.term_months": ParameterText(_("Term of a contract with a legal consumer where the draft names no other."), _("months")),
    "contracts.notice_days": ParameterText(_("So long before its end a contract is to be renewed or ended."), _("days")),
    "metering.closing_from_day": ParameterText(
        _("Readings from this day of a month on close the month; earlier ones belong to the month before."), _("day of the month")
    ),
    "metering.estimation_hours_per_day": ParameterText(
        _("Hours a day at connected capacity that an estimate without any history assumes."), _("hours a day")
    ),
    "metering.high_times": ParameterText(_("A consumption this many times the usual one is doubted."), _("times")),
    "metering.estimation_order": ParameterText(
        _("Estimates come from 0: the months before, then the year before; 1: the year before first; 2: the connected capacity."),
        _("0, 1 or 2"),
    ),
    "metering.estimation_average": ParameterText(_("The months before are averaged 0: by days; 1: by months."), _("0 or 1")),
    "metering.most_estimated_months": ParameterText(_("More estimated months in a row than this ask for a look."), _("months")),
    "metering.true_up": ParameterText(
        _("After estimates, true consumption is billed 0: in the months it belongs to; 1: in the last month."), _("0 or 1")
    ),
    "metering.verification_grace_days": ParameterText(
        _("A meter counts for so long after its verification expired; then consumption is estimated."), _("days")
    ),
    "metering.zone_tolerance": ParameterText(_("The zones of a meter may differ from the whole by so many units a register."), _("units")),
    "tariffs.partial_month": ParameterText(_("In the month a consumer moves in or out, blocks count 0: whole; 1: by days."), _("0 or 1")),
    "tariffs.limit_change": ParameterText(
        _("Blocks that change in mid-month count 0: each for its own days; 1: blended over the month."), _("0 or 1")
    ),
    "tariffs.over_limit_tolerance": ParameterText(_("So much above the ordered energy costs nothing more."), _("percent")),
    "tariffs.over_limit_percent": ParameterText(_("Energy further above the ordered one costs so much more."), _("percent")),
    "tariffs.prepaid_months_household": ParameterText(
        _("A household that paid ahead keeps the old price for so many months of the norm."), _("months")
    ),
    "tariffs.prepaid_months_legal": ParameterText(
        _("Another consumer that paid ahead keeps the old price for so many usual months."), _("months")
    ),
    "tariffs.tg_norm_percent": ParameterText(
        _("Reactive energy that goes with active energy where no term of the account says otherwise."), _("percent")
    ),
    "payments.confirm_above_som": ParameterText(_("Above this sum the cashier is asked to look twice."), _("soʻm")),
    "payments.click_sign_minutes": ParameterText(
        _("A new payment of Click is refused when its signature is older; repeats of a known one are answered."), _("minutes")
    ),
    "payments.payme_timeout_ms": ParameterText(_("An unfinished payment of Payme is cancelled after this time."), _("milliseconds")),
    "portal.code_attempts": ParameterText(_("Wrong tries after which a login code of the portal is void."), _("tries")),
    "portal.codes_account_day": ParameterText(_("Login codes of the portal for an account within a day."), _("codes")),
    "portal.codes_asker_day": ParameterText(_("Login codes of the portal for an account from one address within a day."), _("codes")),
    "portal.codes_address_day": ParameterText(_("Login codes of the portal from one address within a day."), _("codes")),
    "portal.codes_company_day": ParameterText(_("Login codes of the portal that the whole company sends within a day."), _("codes")),
    "portal.code_minutes": ParameterText(_("How long a login code of the portal is valid."), _("minutes")),
}


def subsystem(code: str) -> str:
    """Return the subsystem a parameter belongs to."""
    word = code.split(".", 1)[0]
    return str(SUBSYSTEMS.get(word, word))


def parameter_text(code: str) -> ParameterText:
    """Return what a parameter means; one without words is called by its code."""
    return PARAMETER_TEXTS.get(code, ParameterText(code, ""))
