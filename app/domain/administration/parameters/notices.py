"""Operating parameters: messages to consumers."""

from app.domain.administration.parameters.record import Parameter, ParameterUnit
from app.domain.administration.translations import catalog_text as _

_OURS = _("our default; to be confirmed by the company")

PARAMETERS = {
    "notices.quiet_from_hour": Parameter(
        21, 0, 23, ParameterUnit.HOUR_OF_DAY, _("From this hour on only codes and answers are sent; the rest waits."), _OURS
    ),
    "notices.quiet_to_hour": Parameter(
        8, 0, 23, ParameterUnit.HOUR_OF_DAY,
        _("From this hour on messages are sent again; equal to the hour before: there are no quiet hours."), _OURS,
    ),
    "notices.number_budget_day": Parameter(
        5, 1, 100, ParameterUnit.TIMES, _("SMS that a number gets within a day, codes and answers aside; further ones wait."), _OURS
    ),
    "notices.answers_number_day": Parameter(
        20, 1, 1000, ParameterUnit.TIMES, _("SMS of a number that are answered within a day."), _OURS
    ),
    "notices.inquiries_days": Parameter(
        1095, 30, 7300, ParameterUnit.DAYS, _("Messages that consumers sent by SMS are deleted after so many days."), _OURS
    ),
    "notices.campaign_limit_som": Parameter(
        1_000_000, 0, 1_000_000_000, ParameterUnit.SOM, _("A campaign of messages that costs more waits for a second person."), _OURS
    ),
}  # fmt: skip
