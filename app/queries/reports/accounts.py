"""Accounts opened and closed, contracts, and meters without readings."""

from typing import NamedTuple

from app.domain.contracts import ContractKind
from app.domain.metering.counting import ReadingSource
from app.domain.reference import ConsumerKind
from app.queries.reports import Documents, kind_counts, of_kind, parted, within


def _open_on(day: str) -> str:
    """Return the SQL that tells whether an account was open at the beginning of a day."""
    return f"a.opened_on < CAST(:{day} AS date) AND (a.closed_on IS NULL OR a.closed_on >= CAST(:{day} AS date))"


def _in_force(alias: str) -> str:
    """Return the SQL that tells whether a row is in force on the last day of the period."""
    return f"{alias}.valid_from < CAST(:end AS date) AND ({alias}.valid_to IS NULL OR {alias}.valid_to >= CAST(:end AS date))"


class AccountMovement(NamedTuple):
    """Accounts of a kind of consumers: how many were there before, were opened (some of them continue another), closed, and are left.

    Source: ``account``.
    """

    division_id: int
    consumer_kind: ConsumerKind
    before: int
    opened: int
    continued: int
    closed: int
    left: int


MOVEMENT = Documents(
    f"""
    SELECT part.part_id AS division_id, a.division_id AS own_id, 'account' AS row_table, a.id AS row_id, a.id AS account_id,
           a.opened_on AS row_on, c.kind AS consumer_kind, ({_open_on("start")})::int AS before, ({within("a.opened_on")})::int AS opened,
           ({within("a.opened_on")} AND a.continues_id IS NOT NULL)::int AS continued,
           coalesce({within("a.closed_on")}, false)::int AS closed, ({_open_on("end")})::int AS left
    FROM account a {parted("a")} JOIN consumer c ON c.id = a.consumer_id
    WHERE {kind_counts("c.kind")}
    """
)


#: What is counted as concluded: signed, whatever became of it later.
_CONCLUDED = "k.status IN ('SIGNED', 'ENDED')"


class ConcludedContracts(NamedTuple):
    """Contracts of a kind that were concluded in a period.

    Source: ``contract``.
    """

    division_id: int
    contract_kind: ContractKind
    contracts: int


_OF_CONTRACT = """part.part_id AS division_id, k.division_id AS own_id, 'contract' AS row_table, k.id AS row_id, NULL::bigint AS account_id,
           k.signed_on AS row_on, k.kind AS contract_kind"""
CONCLUDED = Documents(
    f"""
    SELECT {_OF_CONTRACT}, 1 AS contracts
    FROM contract k {parted("k")} JOIN consumer c ON c.id = k.consumer_id
    WHERE {_CONCLUDED} AND {within("k.signed_on")} AND {kind_counts("c.kind")}
    """
)


class ContractMovement(NamedTuple):
    """Contracts of a kind: concluded and ended in the period, and in force at its end.

    Source: ``contract``.
    """

    division_id: int
    contract_kind: ContractKind
    concluded: int
    ended: int
    in_force: int


CONTRACTS = Documents(
    f"""
    SELECT {_OF_CONTRACT}, coalesce({within("k.signed_on")}, false)::int AS concluded,
           coalesce({within("k.valid_to")}, false)::int AS ended, ({_in_force("k")})::int AS in_force
    FROM contract k {parted("k")} JOIN consumer c ON c.id = k.consumer_id
    WHERE {_CONCLUDED} AND {kind_counts("c.kind")}
    """
)


class UnmeteredSupplies(NamedTuple):
    """Supplies that go on without a meter, and without a norm in its place.

    Source: ``unmetered_supply``, ``supply``.
    """

    division_id: int
    supplies: int


UNMETERED = Documents(
    f"""
    SELECT part.part_id AS division_id, s.division_id AS own_id, 'supply' AS row_table, s.id AS row_id, s.account_id,
           s.valid_from AS row_on, 1 AS supplies
    FROM unmetered_supply u JOIN supply s ON s.id = u.supply_id {parted("s")} WHERE {of_kind("s")}
    """
)


class UnreadMeters(NamedTuple):
    """Meters that were installed on the last day of a period, and how many of them were read in it.

    Source: ``meter_installation``, ``reading``.
    """

    division_id: int
    meters: int
    read: int
    unread: int


METERS = Documents(
    f"""
    SELECT i.division_id, i.own_id, 'meter_installation' AS row_table, i.id AS row_id, NULL::bigint AS account_id, i.valid_from AS row_on,
           1 AS meters, i.is_read::int AS read, (NOT i.is_read)::int AS unread
    FROM (
        SELECT part.part_id AS division_id, i.division_id AS own_id, i.id, i.valid_from, EXISTS (
                   SELECT FROM reading r WHERE r.meter_installation_id = i.id AND r.kind <> 'WITHDRAWAL' AND {within("r.read_on")}
                     AND NOT EXISTS (SELECT FROM reading w WHERE w.replaces_id = r.id)) AS is_read
        FROM meter_installation i {parted("i")}
        WHERE {_in_force("i")}
          AND (CAST(:consumers AS text) IS NULL OR EXISTS (
              SELECT FROM supply s JOIN account a ON a.id = s.account_id JOIN consumer c ON c.id = a.consumer_id
              WHERE s.service_point_id = i.service_point_id AND {_in_force("s")} AND c.kind = CAST(:consumers AS text)))
    ) i
    """
)


class ReadingsBySource(NamedTuple):
    """Readings that stand, by where they came from.

    Source: ``reading``.
    """

    division_id: int
    source: ReadingSource
    readings_entered: int


READINGS = Documents(
    f"""
    SELECT part.part_id AS division_id, r.division_id AS own_id, 'reading' AS row_table, r.id AS row_id, r.account_id, r.read_on AS row_on,
           r.source, 1 AS readings_entered
    FROM reading r {parted("r")}
    WHERE {within("r.read_on")} AND r.kind <> 'WITHDRAWAL' AND NOT EXISTS (SELECT FROM reading w WHERE w.replaces_id = r.id)
      AND {of_kind("r")}
    """
)
