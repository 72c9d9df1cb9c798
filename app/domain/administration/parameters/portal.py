"""Operating parameters: the portal of consumers."""

from app.domain.administration.parameters.record import Parameter, ParameterUnit
from app.domain.administration.translations import catalog_text as _

PARAMETERS = {
    "portal.code_minutes": Parameter(
        5, 1, 10, ParameterUnit.MINUTES, _("How long a login code of the portal is valid."), _("OWASP ASVS 5.0, 6.5.5")
    ),
    "portal.code_attempts": Parameter(
        5, 1, 10, ParameterUnit.TRIES, _("Wrong tries after which a login code of the portal is void."), _("OWASP ASVS 5.0, 6.6")
    ),
    "portal.codes_account_day": Parameter(
        15, 1, 100, ParameterUnit.CODES, _("Login codes of the portal for an account within a day."), _("our default")
    ),
    "portal.codes_asker_day": Parameter(
        5,
        1,
        100,
        ParameterUnit.CODES,
        _("Login codes of the portal for an account from one address within a day."),
        _("our default"),
    ),
    "portal.codes_address_day": Parameter(
        200,
        1,
        1_000_000,
        ParameterUnit.CODES,
        _("Login codes of the portal from one address within a day."),
        _("our default"),
    ),
    "portal.codes_company_day": Parameter(
        20_000,
        1,
        10_000_000,
        ParameterUnit.CODES,
        _("Login codes of the portal that the whole company sends within a day."),
        _("our default"),
    ),
    "portal.user_idle_days": Parameter(
        180,
        1,
        3650,
        ParameterUnit.DAYS,
        _("After so many days without signing in a user of the portal claims the accounts anew: the telephone may be another's."),
        _("our default; to be confirmed by the company"),
    ),
    "portal.link_hours": Parameter(
        72, 1, 720, ParameterUnit.HOURS, _("How long a link of one purpose works."), _("our default; to be confirmed by the company")
    ),
    "portal.readings_day": Parameter(
        5, 1, 100, ParameterUnit.TIMES, _("Readings that a consumer may send for an account within a day."), _("our default")
    ),
    "portal.device_idle_days": Parameter(
        90, 1, 3650, ParameterUnit.DAYS, _("After so many days without use a device of a consumer signs in anew."), _("our default")
    ),
    "portal.replies_days": Parameter(
        30,
        1,
        3650,
        ParameterUnit.DAYS,
        _("Answers to calls of apps are kept so many days: a repeat of a call gets the same answer until then."),
        _("our default; to be confirmed by the company"),
    ),
    "portal.invitations_day": Parameter(
        10,
        1,
        1000,
        ParameterUnit.TIMES,
        _("People whom the users of an account may let in within a day: an SMS goes to each."),
        _("our default"),
    ),
}
