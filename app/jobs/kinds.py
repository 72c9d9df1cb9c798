"""Every kind of job, collected from the areas that declare them."""

from app.domain.administration import JobKind
from app.jobs import (
    billing,
    claims,
    documents,
    indicators,
    ledger,
    lists,
    metering,
    notices,
    outages,
    payments,
    reference,
    reports,
    verification,
)
from app.jobs.administration import divisions, nodes
from app.jobs.billing import corrections, shadow
from app.jobs.notices import campaigns
from app.jobs.payments import reconciliation
from app.jobs.reports import sending
from app.jobs.runner import JobSpec

#: How each kind of job is declared.
JOBS: dict[JobKind, JobSpec] = {
    spec.kind: spec
    for area in (
        billing, campaigns, claims, corrections, divisions, documents, indicators, ledger, lists, metering, nodes, notices, outages,
        payments, reconciliation, reference, reports, sending, shadow, verification,
    )
    for spec in area.JOBS
}  # fmt: skip
