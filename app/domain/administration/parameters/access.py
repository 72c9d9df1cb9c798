"""Operating parameters: who gets in, and what one person does alone."""

from app.domain.administration.parameters.record import Parameter, ParameterUnit
from app.domain.administration.translations import catalog_text as _

PARAMETERS = {
    "access.alone_times": Parameter(
        10,
        1,
        10_000,
        ParameterUnit.TIMES,
        _("Over all accounts one person does alone in a day so many times a limit above which a second person decides."),
        _("our default"),
    ),
    "access.given_password_days": Parameter(
        14,
        0,
        3650,
        ParameterUnit.DAYS,
        _("For so long whoever gave a user a password counts as this user when a second person decides."),
        _("our default"),
    ),
    "access.idle_minutes": Parameter(
        30, 1, 480, ParameterUnit.MINUTES, _("A session ends when nothing was done for so long."), _("OWASP ASVS 5.0, 7.3.1")
    ),
    "access.session_hours": Parameter(
        12, 1, 24, ParameterUnit.HOURS, _("A session ends so long after the login, whatever is done."), _("OWASP ASVS 5.0, 7.3.2")
    ),
    "acts.limit_som": Parameter(
        1_000_000,
        0,
        10_000_000_000,
        ParameterUnit.SOM,
        _("A second person approves acts once those of one person take back or move more than this sum on one account in a day."),
        _("our default"),
    ),
    "audit.reason_required": Parameter(
        0,
        0,
        1,
        ParameterUnit.CHOICE,
        _("What a change or a deletion needs."),
        _("our default"),
        choices=(_("a reason may be given"), _("a reason must be given")),
    ),
}
