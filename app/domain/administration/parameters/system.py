"""Operating parameters: lists and files, nodes, and what happens by itself."""

from app.domain.administration.parameters.record import Parameter, ParameterUnit
from app.domain.administration.translations import catalog_text as _

_OURS = _("our default")

PARAMETERS = {
    "access.code_attempts": Parameter(
        5, 1, 10, ParameterUnit.TRIES, _("Wrong codes of the second factor that end a login."), _("OWASP ASVS 5.0, 6.6")
    ),
    "access.code_minutes": Parameter(10, 1, 60, ParameterUnit.MINUTES, _("So long one may look for the device with the code."), _OURS),
    "access.known_days": Parameter(
        30,
        1,
        365,
        ParameterUnit.DAYS,
        _("Tries of a password from where the user worked within so long count apart from those of others."),
        _OURS,
    ),
    "lists.page_size": Parameter(
        25, 10, 100, ParameterUnit.ROWS, _("Rows on a page of a list, until the reader chooses another number."), _OURS
    ),
    "lists.workbook_rows": Parameter(
        100_000, 100, 1_000_000, ParameterUnit.ROWS, _("A workbook holds so many rows at most; a CSV holds any number."), _OURS
    ),
    "lists.pdf_rows": Parameter(50_000, 100, 50_000, ParameterUnit.ROWS, _("A PDF of a list holds so many rows at most."), _OURS),
    "lists.wait_rows": Parameter(
        10_000, 100, 100_000, ParameterUnit.ROWS, _("A page makes files of so many rows itself; larger ones are made by a job."), _OURS
    ),
    "lists.news_hours": Parameter(24, 1, 168, ParameterUnit.HOURS, _("An ended job stays among the notifications for so long."), _OURS),
    "home.refresh_seconds": Parameter(
        2, 1, 600, ParameterUnit.SECONDS, _("How often the figures of today are asked for while a home page is open."), _OURS
    ),
    "home.all_seconds": Parameter(
        30, 5, 3600, ParameterUnit.SECONDS, _("How often all figures are asked for while a home page is open."), _OURS
    ),
    "nodes.silent_seconds": Parameter(
        180, 30, 86_400, ParameterUnit.SECONDS, _("A node that sent no heartbeat for so long is silent."), _OURS
    ),
    "schedule.queue_seconds": Parameter(
        3, 3, 600, ParameterUnit.SECONDS, _("How often lost jobs, due messages and changes of dictionaries are looked for."), _OURS
    ),
    "schedule.seal_seconds": Parameter(3, 3, 600, ParameterUnit.SECONDS, _("How often new entries of the audit trail are sealed."), _OURS),
    "schedule.nodes_seconds": Parameter(30, 3, 3600, ParameterUnit.SECONDS, _("How often nodes are looked at."), _OURS),
    "schedule.statements_seconds": Parameter(
        30, 3, 3600, ParameterUnit.SECONDS, _("How often doubtful payments are looked for that a provider is to be asked about."), _OURS
    ),
    "schedule.daily_seconds": Parameter(
        30, 3, 3600, ParameterUnit.SECONDS, _("How often the jobs of the day and scheduled reports are looked for."), _OURS
    ),
    "schedule.indicators_seconds": Parameter(
        15, 3, 3600, ParameterUnit.SECONDS, _("How often it is looked whether a region's figures are due to be counted."), _OURS
    ),
    "schedule.alerts_seconds": Parameter(300, 3, 3600, ParameterUnit.SECONDS, _("How often the figures of alerts are looked at."), _OURS),
    "tasks.late_days": Parameter(
        5, 1, 90, ParameterUnit.DAYS, _("Requests and exceptions that have waited longer are told as late."), _OURS
    ),
    "schedule.verify_hour": Parameter(
        2, 0, 23, ParameterUnit.HOUR_OF_DAY, _("The books are checked each day once this hour has begun."), _OURS
    ),
    "schedule.parked_hour": Parameter(
        4, 0, 23, ParameterUnit.HOUR_OF_DAY, _("Parked readings are posted each day once this hour has begun."), _OURS
    ),
    "schedule.verification_hour": Parameter(
        9, 0, 23, ParameterUnit.HOUR_OF_DAY, _("Notices of verifications are written each day once this hour has begun."), _OURS
    ),
    "schedule.retention_seconds": Parameter(
        3600, 60, 86_400, ParameterUnit.SECONDS, _("How often rows are looked for that are older than they are kept."), _OURS
    ),
    "schedule.months_seconds": Parameter(
        3600, 60, 86_400, ParameterUnit.SECONDS, _("How often the months of the audit trail and of the log of calls are made ahead."), _OURS
    ),
}
