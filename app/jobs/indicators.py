"""Indicators are counted by the worker, a region and a month at a time, what was counted longest ago first."""

import time
from collections.abc import Generator, Iterator
from datetime import date, timedelta

from flask import current_app
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock
from app.documents.indicators import INDICATORS, measure
from app.documents.reports import REPORTS
from app.domain.administration import DivisionLevel, JobKind, JobStatus, job_status_of
from app.domain.administration.translations import catalog_text
from app.domain.calendar import latest_months, month_period, month_start
from app.domain.indicators import IndicatorSpan, Measured
from app.extensions import db, transaction
from app.gateways.targets_file import parse_targets
from app.jobs.runner import JobSpec, JobStep, log_refused, read_upload
from app.queries import administration, indicators, locks
from app.queries.administration import JobRecord
from app.queries.indicators import RECEIVED, Piece
from app.queries.locks import Lock
from app.queries.reports import ReportRequest
from app.services import administration as administration_service
from app.services import indicators as service
from app.services.indicators import CountedFigure, TargetScope

#: Months that are counted; of these the newest again and again.
MONTHS, CHANGING = 14, 2
#: The scheduler counts for so long in a turn.
TURN_S = 1


def keep_due() -> int:
    """Count what is due, for about a second, and return how many pieces were counted; where pieces are large, it is one."""
    begun, count = time.monotonic(), 0
    while time.monotonic() - begun < TURN_S and _keep_piece():
        count += 1
    return count


def keep_all() -> int:
    """Count all that is due and return how many pieces there were."""
    count = 0
    while _keep_piece():
        count += 1
    return count


def _keep_piece() -> bool:
    """Count the region's month that was counted longest ago, if it is due, and return whether one was."""
    today, now = clock.today(), clock.now()
    minutes = administration.value_on(db.session(), "indicators.keep_minutes", today)
    months = latest_months(today, MONTHS)
    with transaction() as session:
        if not locks.try_to_acquire(session, Lock.INDICATORS):
            return False
        piece = indicators.stale_piece(session, months, months[:CHANGING], now - timedelta(minutes=minutes))
        if piece is not None:
            service.keep(session, list(_counted(session, piece, today)), now=now)
        return piece is not None


def _counted(session: Session, piece: Piece, today: date) -> Iterator[CountedFigure]:
    """Yield what is counted of each division of a piece."""
    inside = [
        each.id
        for each in administration.divisions(session)
        if each.id == piece.division_id or (piece.whole and each.path.startswith(piece.path))
    ]
    is_current = piece.month == month_start(today)
    spans = {IndicatorSpan.MONTH, IndicatorSpan.NOW} if is_current else {IndicatorSpan.MONTH}
    specs = [spec for spec in INDICATORS.values() if spec.span in spans]
    for name, by_division in measure(session, specs, inside, inside, month=piece.month, today=today).items():
        for division_id, measured in by_division.items():
            yield CountedFigure(name, piece.month, division_id, measured)
    for row in REPORTS["payments_by_day"].rows(session, ReportRequest(inside, inside, month_period(piece.month))):
        yield CountedFigure(RECEIVED, row.received_on, row.division_id, Measured(row.kept_tiyin))


def load_targets(session: Session, record: JobRecord) -> Generator[JobStep, None, JobStatus]:
    """Set the targets of a file, of the divisions below those of its user; each row that is not taken is named in the log."""
    lines = read_upload(session, record, parse_targets)
    scope = target_scope(session, record.parameters["user_id"])
    taken, changed, refused = service.import_targets(session, lines, scope)
    assert taken + len(refused) == len(lines)
    for row in refused:
        log_refused(session, record, row)
    counts = {"rows": len(lines), "changed": changed, "rejected": len(refused)}
    administration_service.log_job(session, record.id, _LOADED, **counts)
    yield JobStep(len(lines), len(lines), {})
    return job_status_of(done=taken, left_out=len(refused))


_LOADED = catalog_text("%(rows)s rows, %(changed)s targets changed, %(rejected)s rejected")


def target_scope(session: Session, user_id: int) -> TargetScope:
    """Return what targets a user may set: of the parts of his divisions, and of the company if he works in all of it."""
    today = clock.today()
    mine, rights = administration.divisions_of_user(session, user_id, today), administration.permissions_of_user(session, user_id, today)
    ids = {each.id for each in mine}
    divisions = {each.code: each.id for each in mine if each.parent_id in ids or each.level == DivisionLevel.REPUBLIC}
    seen = [spec for spec in INDICATORS.values() if spec.span != IndicatorSpan.TODAY and spec.report.permission in rights]
    names = {spec.name: (spec.name, spec.unit) for spec in seen}
    for language in current_app.config["LANGUAGES"]:
        with force_locale(language):
            names |= {str(spec.title).casefold(): (spec.name, spec.unit) for spec in seen}
    return TargetScope(divisions, names)


JOBS = (JobSpec(JobKind.TARGET_IMPORT, _l("Import of targets"), load_targets, ("can_set", "TargetsView")),)
