"""Readings of devices: matched by serial number, judged by the thousand, recorded, held, parked or refused; set-wise from the start."""

from datetime import date, datetime
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain import metering
from app.domain.calendar import day_number, day_of
from app.domain.metering import (
    REASONS,
    REGISTERS,
    ImportStatus,
    ReadingKind,
    ReadingSource,
    RegisterCode,
    RowProblem,
    RowStatus,
    SentReadings,
    SentSeries,
    SentVerdicts,
    Verdict,
)
from app.domain.readers import ReadingFault
from app.domain.values import Flags, Integers
from app.gateways.device_data import DeviceFault, DeviceRows
from app.models.metering import ReadingImport
from app.queries.metering.latest import dials_before
from app.services import bulk
from app.services.metering import parking
from app.services.metering.judging import dial_text
from app.services.metering.matching import SOURCES, MatchedRows, match
from app.services.seals import inspections

_KINDS = (ReadingKind.PERIODIC, ReadingKind.INITIAL)


class TakenRows(NamedTuple):
    """What became of readings, in the order in which they could be read; those that could not stand in their ``faults``."""

    verdict: Integers
    reason: Integers
    #: day and dial of the reading before; −1: there is none
    last_day: Integers
    last_dial_milli: Integers

    def told(self, place: int) -> dict[str, Any]:
        """Return the reading before, where a reason is about it."""
        if self.last_day[place] < 0 or REASONS[int(self.reason[place])] not in _ABOUT_LAST:
            return {}
        return {"last_on": day_of(int(self.last_day[place])).isoformat(), "last_milli": int(self.last_dial_milli[place])}


#: What the last reading makes plain.
_ABOUT_LAST = {
    RowProblem.BEFORE_LAST_READING, RowProblem.LOWER_THAN_LAST, RowProblem.IMPOSSIBLE, RowProblem.REPEATED, RowProblem.OTHER_SOURCE,
}  # fmt: skip


def take_rows(session: Session, target: ReadingImport, rows: DeviceRows, *, source: ReadingSource, today: date, now: datetime) -> TakenRows:
    """Judge readings of devices, record those that nothing speaks against, and add up what became of them in their import.

    Doubtful ones go to the queue, those of unknown devices are parked, refused ones stand with the import.

    :param source: who read the registers
    """
    matched = match(session, rows, division_id=target.division_id, today=today)
    return take_matched(session, target, matched, source=source, today=today, now=now)


def take_matched(
    session: Session, target: ReadingImport, matched: MatchedRows, *, source: ReadingSource, today: date, now: datetime
) -> TakenRows:
    """Take readings that are matched already, as ``take_rows`` does."""
    rows, limits, device = matched.rows, matched.limits, matched.device
    is_late = (rows.minute > int(now.timestamp()) // 60 + limits.clock_minutes).astype(np.int64)
    sent = SentReadings(device, rows.register, rows.day, rows.dial_milli, rows.decimals, is_late, rows.is_reliable)
    series = _series_of(matched, np.array([limits.ranks[each] for each in SOURCES], dtype=np.int64))
    verdicts, _ = metering.judge_sent(sent, series, matched.is_known, thresholds=limits, today=day_number(today), rank=limits.ranks[source])
    _hold_lower(session, verdicts, matched)
    at = np.maximum(verdicts.series, 0)
    there = verdicts.series >= 0
    last_day = np.where(there, series.last_day[at], -1) if len(series.last_day) else np.full(len(device), -1)
    last_dial = series.last_dial_milli[at] if len(series.last_day) else np.zeros(len(device), np.int64)
    taken = TakenRows(verdicts.verdict, verdicts.reason, last_day, last_dial)
    _record(session, target, verdicts, matched, source=source)
    _hold(session, target, verdicts, matched, source=source)
    _refuse(session, target, rows, taken)
    parked = np.flatnonzero(verdicts.verdict == Verdict.PARKED)
    if len(parked):
        devices = parking.UnknownDevices(matched.keys, _written(matched), matched.is_known)
        parking.park(session, target, rows, parked, devices=devices, device=device[parked], source=source)
    _count(target, rows, verdicts.verdict)
    session.flush()
    # Whose connection broke meanwhile holds the accounts no more.
    matched.holder.execute(text("SELECT true"))
    return taken


def finish(session: Session, target: ReadingImport) -> None:
    """Mark an import as taken; one of which nothing was recorded, held or parked is refused."""
    target.status = ImportStatus.ACCEPTED if target.accepted + target.held + target.parked else ImportStatus.REFUSED
    session.flush()


def _series_of(matched: MatchedRows, ranks: Integers) -> SentSeries:
    installed, latest = matched.installed, matched.latest
    _, installation = np.unique(installed.installation_id, return_inverse=True)
    accounts, account = np.unique(installed.account_id, return_inverse=True)
    _, place = np.unique(installation * len(accounts) + account, return_inverse=True)
    return SentSeries(
        installed.device, installed.code, place, installed.valid_from, installed.valid_to, installed.capacity_milli, installed.decimals,
        installed.multiplier_numerator, installed.multiplier_denominator, installed.quantum_milli, installed.capacity_milli_per_hour,
        # What an act says of a meter that was installed or removed stands.
        latest.day, latest.dial_milli, np.where(latest.kind == 0, ranks[latest.source], 0),
        latest.history_milli, latest.history_days, latest.zeros_before,
        latest.actual_to, installed.off_day,
    )  # fmt: skip


def _record(session: Session, target: ReadingImport, verdicts: SentVerdicts, matched: MatchedRows, *, source: ReadingSource) -> None:
    """Record accepted readings; one that takes the place of another source's of the day names it."""
    rows, chosen = matched.rows, np.flatnonzero(verdicts.verdict == Verdict.ACCEPTED)
    at, replaces = verdicts.series[chosen], verdicts.replaces[chosen]
    was_read = matched.latest.day[at] >= 0
    kinds = np.where(was_read | ~_is_earliest(at, rows.day[chosen]), 0, 1)
    bulk.copy(
        session,
        "reading",
        {
            "division_id": matched.installed.division_id[at],
            "account_id": matched.installed.account_id[at],
            "meter_installation_id": matched.installed.installation_id[at],
            "register_id": matched.installed.register_id[at],
            "read_on": bulk.dates(rows.day[chosen]),
            "dial_milli": rows.dial_milli[chosen],
            "kind": bulk.Coded(_KINDS, kinds),
            "source": source,
            "replaces_id": bulk.Sparse(matched.latest.reading_id[at], replaces),
            "reading_import_id": target.id,
        },
        len(chosen),
    )


def _written(matched: MatchedRows) -> list[str]:
    """Return the number of each device as it was written first."""
    place, first = np.unique(matched.device, return_index=True)
    written = [""] * len(matched.keys)
    for device, row in zip(place.tolist(), first.tolist(), strict=True):
        written[device] = matched.rows.serial(row)
    return written


def _hold_lower(session: Session, verdicts: SentVerdicts, matched: MatchedRows) -> None:
    """Let a person decide about readings that would replace another source's and show less than the reading before that."""
    chosen = np.flatnonzero(verdicts.replaces)
    if not len(chosen):
        return
    at = verdicts.series[chosen]
    before = dials_before(session, matched.latest.reading_id[at])
    is_lower = (matched.rows.dial_milli[chosen] < before) & (matched.installed.code[at] != REGISTERS.index(RegisterCode.DEMAND))
    lower = chosen[is_lower]
    verdicts.verdict[lower], verdicts.replaces[lower] = Verdict.HELD, False
    verdicts.reason[lower] = metering.place_of(metering.Doubt.CONFLICT)


def _is_earliest(at: Integers, day: Integers) -> Flags:
    """Return which readings are the earliest of their registers."""
    order = np.lexsort((day, at))
    found = np.zeros(len(at), dtype=bool)
    found[order] = np.concatenate([[True], at[order][1:] != at[order][:-1]])[: len(at)]
    return found


_HOLD = text(
    """
    INSERT INTO doubtful_reading (
        division_id, account_id, meter_installation_id, register_id, reading_import_id, row_no, read_on, dial_milli, quantity_milli, source,
        doubt, other_reading_id
    )
    SELECT k.division_id, k.account_id, k.installation_id, k.register_id, :import_id, k.row_no, DATE '1970-01-01' + k.day::int,
           k.dial_milli, nullif(k.quantity_milli, -1), :source, (CAST(:doubts AS text[]))[k.reason + 1], nullif(k.other_id, 0)
    FROM unnest(
        CAST(:divisions AS bigint[]), CAST(:accounts AS bigint[]), CAST(:installations AS bigint[]), CAST(:registers AS bigint[]),
        CAST(:row_nos AS bigint[]), CAST(:days AS bigint[]), CAST(:dials AS bigint[]), CAST(:quantities AS bigint[]),
        CAST(:reasons AS bigint[]), CAST(:others AS bigint[])
    ) k (division_id, account_id, installation_id, register_id, row_no, day, dial_milli, quantity_milli, reason, other_id)
    ORDER BY k.row_no
    ON CONFLICT (register_id, account_id, read_on, dial_milli, doubt) DO NOTHING
    """
)


def _hold(session: Session, target: ReadingImport, verdicts: SentVerdicts, matched: MatchedRows, *, source: ReadingSource) -> None:
    """Put into the queue what a person decides about, and what was recorded but asks for an inspection."""
    rows, has_reason = matched.rows, verdicts.reason < metering.SOUND
    chosen = np.flatnonzero((verdicts.verdict == Verdict.HELD) | ((verdicts.verdict == Verdict.ACCEPTED) & has_reason))
    if not len(chosen):
        return
    at = verdicts.series[chosen]
    is_conflict = verdicts.reason[chosen] == metering.place_of(metering.Doubt.CONFLICT)
    given = {
        "divisions": matched.installed.division_id[at], "accounts": matched.installed.account_id[at],
        "installations": matched.installed.installation_id[at], "registers": matched.installed.register_id[at],
        "row_nos": rows.row_no[chosen], "days": rows.day[chosen], "dials": rows.dial_milli[chosen],
        "quantities": np.where(is_conflict | (matched.latest.day[at] < 0), -1, verdicts.quantity_milli[chosen]),
        "reasons": verdicts.reason[chosen], "others": np.where(is_conflict, matched.latest.reading_id[at], 0),
    }  # fmt: skip
    lists = {name: values.tolist() for name, values in given.items()}
    session.execute(_HOLD, {**lists, "import_id": target.id, "source": source, "doubts": [str(code) for code in REASONS]})
    unused = verdicts.reason[chosen] == metering.place_of(metering.Doubt.ZERO_N)
    if unused.any():
        inspections.open_for_no_use(session, given["installations"][unused].tolist(), given["days"][unused].tolist())


def _refuse(session: Session, target: ReadingImport, rows: DeviceRows, taken: TakenRows) -> None:
    """Keep refused readings with their import, each with its rule and column."""
    chosen = np.flatnonzero(taken.verdict == Verdict.REFUSED).tolist()
    refused = [refusal_of(rows, taken, place) for place in chosen] + [refusal_of_fault(fault) for fault in rows.faults]
    refused.sort(key=lambda row: row["row_no"])
    names = ("row_no", "meter_number", "read_on", "dial", "register", "problem", "column", "about")
    columns = {f'"{name}"' if name == "column" else name: [row[name] for row in refused] for name in names}
    fixed = {"division_id": target.division_id, "reading_import_id": target.id, "account_number": "", "status": RowStatus.REJECTED}
    bulk.copy(session, "reading_import_row", {**fixed, **columns}, len(refused))


def refusal_of(rows: DeviceRows, taken: TakenRows, place: int) -> dict[str, Any]:
    """Return a refused reading as its import keeps it."""
    code = REASONS[int(taken.reason[place])]
    register = int(rows.register[place])
    column = metering.RULES[int(taken.reason[place])].column if taken.reason[place] < metering.SOUND else ""
    texts = {
        "meter_number": rows.serial(place), "read_on": day_of(int(rows.day[place])).isoformat(),
        "dial": dial_text(int(rows.dial_milli[place])), "register": REGISTERS[register] if register >= 0 else "",
    }  # fmt: skip
    about = taken.told(place) or ({"value": texts[column]} if texts.get(column) else None)
    return {"row_no": int(rows.row_no[place]), **texts, "problem": str(code), "column": column, "about": about}


def refusal_of_fault(fault: DeviceFault) -> dict[str, Any]:
    """Return a reading that could not be read as its import keeps it."""
    faults = {member.value for member in ReadingFault}
    problem = metering.problem_of(ReadingFault(fault.problem)) if fault.problem in faults else fault.problem
    value = getattr(fault.texts, fault.column) if fault.column else ""
    names = ("meter_number", "read_on", "dial", "register")
    texts = {name: getattr(fault.texts, name)[:64] for name in names}
    about = {"value": value[:100]} if value else None
    return {"row_no": fault.texts.row_no, **texts, "problem": str(problem), "column": fault.column, "about": about}


def _count(target: ReadingImport, rows: DeviceRows, verdict: Integers) -> None:
    counts = np.bincount(verdict, minlength=len(Verdict)).tolist()
    target.received += len(verdict) + len(rows.faults)
    target.accepted += counts[Verdict.ACCEPTED]
    target.held += counts[Verdict.HELD]
    target.parked += counts[Verdict.PARKED]
    target.rejected += counts[Verdict.REFUSED] + len(rows.faults)
