"""The operating parameters of all subsystems, each declared once. The first word of a code names its group."""

from collections.abc import Mapping

from app.domain.administration.parameters import (
    access,
    billing,
    claims,
    contracts,
    equipment,
    metering,
    notices,
    payments,
    portal,
    reports,
    system,
    tariffs,
)
from app.domain.administration.parameters.record import Parameter, ParameterUnit

#: Every operating parameter; a code that is not listed cannot be set.
PARAMETERS: Mapping[str, Parameter] = {
    code: parameter
    for group in (access, billing, claims, contracts, equipment, metering, notices, payments, portal, reports, system, tariffs)
    for code, parameter in group.PARAMETERS.items()
}

__all__ = ["PARAMETERS", "Parameter", "ParameterUnit"]
