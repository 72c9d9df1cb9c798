"""Batches of head-ends: readings of devices, interval profiles and events, each stored once and answered row by row."""

from collections import Counter
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock
from app.documents.metering import reason_of_refusal, words_of
from app.domain.metering import REASONS, ImportContent, ReadingSource, Verdict
from app.extensions import record_disclosure
from app.gateways import json_bodies
from app.gateways.meter_data_json import parse_device_batch, parse_event_batch, parse_profile_batch
from app.queries.metering import SourceRecord
from app.services import metering as service


def taken(session: Session, source: SourceRecord, key: str, body: bytes) -> bytes:
    """Take readings of devices and return what became of each."""
    rows = parse_device_batch(body)
    target = service.open_batch(session, source, key=key, body=body, content=ImportContent.DEVICES)
    found = service.take_rows(session, target, rows, source=ReadingSource(source.source), today=clock.today(), now=clock.now())
    service.finish(session, target)
    told = [_reading(rows, found, place) for place in range(len(rows.row_no))]
    told += [{"row": row["row_no"], "status": Verdict.REFUSED.name, **_refusal(row)} for row in map(service.refusal_of_fault, rows.faults)]
    return _reply(target, "readings", sorted(told, key=lambda row: row["row"]))


def _reading(rows: Any, found: service.TakenRows, place: int) -> dict[str, Any]:
    told: dict[str, Any] = {"row": int(rows.row_no[place]), "status": Verdict(int(found.verdict[place])).name}
    code = str(REASONS[int(found.reason[place])])
    if told["status"] == Verdict.REFUSED.name:
        return told | _refusal(service.refusal_of(rows, found, place))
    if told["status"] == Verdict.PARKED.name:
        return told | {"code": "UNKNOWN_DEVICE", "reason": _("The device is not known, or not installed. The reading waits for it.")}
    return told | ({"code": code, "reason": words_of(code)} if code else {})


def _refusal(row: dict[str, Any]) -> dict[str, str]:
    field = {"field": row["column"]} if row["column"] else {}
    return {"code": row["problem"], **field, "reason": reason_of_refusal(row["problem"], row["about"])}


def taken_profiles(session: Session, source: SourceRecord, key: str, body: bytes) -> bytes:
    """Store profiles of devices and return what became of each; gaps are told in minutes."""
    rows = parse_profile_batch(body)
    target = service.open_batch(session, source, key=key, body=body, content=ImportContent.PROFILES)
    found = service.take_profiles(session, target, rows, today=clock.today())
    service.finish(session, target)
    told: list[dict[str, Any]] = []
    for row in rows:
        broken = found.refused.get(row.row_no)
        about = {"value": broken.value[:100]} if broken and broken.value else {}
        if broken:
            refusal = _refusal({"problem": broken.problem, "column": broken.column, "about": about})
            told.append({"row": row.row_no, "status": "REFUSED", **refusal})
        else:
            told.append({"row": row.row_no, "status": "ACCEPTED", "gap_minutes": found.gap_minutes[row.row_no]})
    return _reply(target, "profiles", told)


def taken_events(session: Session, source: SourceRecord, key: str, body: bytes) -> bytes:
    """Keep events of devices and return what became of each."""
    rows = parse_event_batch(body)
    target = service.open_batch(session, source, key=key, body=body, content=ImportContent.EVENTS)
    refused = service.take_events(session, target, rows, service.limits_on(session, clock.today()), now=clock.now())
    service.finish(session, target)
    told = [
        {"row": row.row_no, "status": "REFUSED", **_refusal(_of_event(refused[row.row_no]))}
        if row.row_no in refused
        else {"row": row.row_no, "status": "ACCEPTED"}
        for row in rows
    ]
    return _reply(target, "events", told)


def _of_event(refused: Any) -> dict[str, Any]:
    return {"problem": refused.problem, "column": refused.column, "about": {"value": refused.value[:100]} if refused.value else {}}


def _reply(target: Any, name: str, told: list[dict[str, Any]]) -> bytes:
    """Return the reply of a batch, and keep it."""
    record_disclosure("reading_import", [target.id])
    statuses, reasons = Counter(row["status"] for row in told), Counter(row["code"] for row in told if row["status"] == "REFUSED")
    counts = {status.name.lower(): statuses[status.name] for status in Verdict}
    reply = json_bodies.encode(
        {"batch": target.id, "received": len(told), **counts, "refused_by_reason": dict(sorted(reasons.items())), name: told}
    )
    target.reply = reply.decode()
    return reply
