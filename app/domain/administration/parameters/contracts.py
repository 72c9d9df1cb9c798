"""Operating parameters: contracts."""

from app.domain.administration.parameters.record import Parameter, ParameterUnit
from app.domain.administration.translations import catalog_text as _

PARAMETERS = {
    "contracts.number_form": Parameter(
        0,
        0,
        2,
        ParameterUnit.CHOICE,
        _("How contracts are numbered."),
        _("our default; to be confirmed by the company"),
        choices=(_("branch-year-number"), _("number/branch/year"), _("year/branch/number")),
    ),
    "contracts.number_width": Parameter(
        6, 3, 9, ParameterUnit.DIGITS, _("Digits of the running number of a contract."), _("our default; to be confirmed by the company")
    ),
    "contracts.term_months": Parameter(
        12,
        1,
        120,
        ParameterUnit.MONTHS,
        _("Term of a contract with a legal consumer where the draft names no other."),
        _("our default; resolution no. 319 of 2024 was not read"),
    ),
    "contracts.notice_days": Parameter(
        30,
        0,
        365,
        ParameterUnit.DAYS,
        _("So long before its end a contract is to be renewed or ended."),
        _("our default; resolution no. 319 of 2024 was not read"),
    ),
    "contracts.advance_percent": Parameter(
        30,
        0,
        100,
        ParameterUnit.PERCENT,
        _("Part of the cost of the month's limit that a legal consumer pays ahead."),
        _("our default; resolution no. 319 of 2024 was not read"),
    ),
    "contracts.advance_day": Parameter(
        10,
        1,
        28,
        ParameterUnit.DAY_OF_MONTH,
        _("Day of the month by which a legal consumer pays ahead."),
        _("our default; resolution no. 319 of 2024 was not read"),
    ),
    "contracts.objection_days": Parameter(
        10,
        1,
        90,
        ParameterUnit.DAYS,
        _("So soon the office answers an objection to a reconciliation statement."),
        _("our default; to be confirmed by the company"),
    ),
}
