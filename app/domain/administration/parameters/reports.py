"""Operating parameters: reports."""

from app.domain.administration.parameters.record import Parameter, ParameterUnit
from app.domain.administration.translations import catalog_text as _

_MEANING = _("So many days after the end of a month its reports are due, of a district, a region and the company.")
_OURS = _("our default")
_SOURCE = _("our default; to be confirmed by the company")
PARAMETERS = {
    "indicators.keep_minutes": Parameter(
        30,
        1,
        1440,
        ParameterUnit.MINUTES,
        _("Figures of this month and the month before are counted again after so long."),
        _("our default"),
    ),
}
PARAMETERS |= {
    f"reports.due_days_{level}": Parameter(days, 1, 90, ParameterUnit.DAYS, _MEANING, _SOURCE)
    for level, days in (("district", 5), ("region", 8), ("republic", 12))
} | {
    "reports.attachment_kb": Parameter(
        5_000,
        1,
        20_000,
        ParameterUnit.KILOBYTES,
        _("A scheduled report goes with its letter up to this size; a larger one is a link."),
        _OURS,
    ),
}
