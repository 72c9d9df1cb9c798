"""Operating parameters: devices and their movements."""

from app.domain.administration.parameters.record import Parameter, ParameterUnit
from app.domain.administration.translations import catalog_text as _

PARAMETERS = {
    "equipment.ready_before_installation": Parameter(
        1,
        0,
        1,
        ParameterUnit.CHOICE,
        _("Meters and instrument transformers are issued and installed."),
        _("our default; to be confirmed by the company"),
        choices=(_("as they come"), _("only verified, sealed and issued to a brigade")),
    ),
    "equipment.seals_from_register": Parameter(
        1,
        0,
        1,
        ParameterUnit.CHOICE,
        _("Seals are applied."),
        _("our default; to be confirmed by the company"),
        choices=(_("as they come; unknown numbers are entered by it"), _("only from the stock of the brigade or warehouse")),
    ),
    "equipment.verification_notice_days": Parameter(
        30,
        1,
        120,
        ParameterUnit.DAYS,
        _("A consumer is told so long before the verification of a meter ends."),
        _("our default; to be confirmed by the company"),
    ),
}
