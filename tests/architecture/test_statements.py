"""Every statement of app/ is prepared on a real database: its columns and their types are those of the record it is read into."""

import ast
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import Engine

from app.cli import node_setup
from app.cli.demo import examples
from app.documents.reports import REPORTS, ReportSpec
from app.domain.administration import nodes
from app.domain.billing.replay import columns_of
from app.domain.reference import DICTIONARIES
from app.domain.reports import SUMMED, ReportColumn, ReportUnit
from app.models.columns import metadata
from app.queries import ledger, names, reference
from app.queries.accounts import details as account_details
from app.queries.accounts import search
from app.queries.administration import audit
from app.queries.billing import history, inputs, replay, rules
from app.queries.ledger import checks, periods, proofs
from app.queries.locks import Lock
from app.queries.monitoring import home
from app.queries.reports import SummedColumns
from app.queries.reports.behind import AskedFigure
from app.services import documents as papers
from app.services.equipment import maintenance, verification
from app.services.payments import held, matching
from tests.result_columns import ResultColumn, describe
from tests.statements import ARRAY_READERS, ROOT, SENDERS, Statement, modules, statements

_REFERENCES = [(user.name, column.name) for user in metadata.sorted_tables for column in user.columns if column.foreign_keys]
_BY_ROW = "(e.happened_at, e.id) < (:before_at, :before_id) AND e.table_name = :table0 AND e.row_id = :row0"
_Q, _S = "app.queries", "app.services"
#: One table, for statements that are made for each: with a division, a name and a key.
_INCOMING = "node"
_PLAIN = ["tariff_group", "street", "benefit"]
_KEYS = {
    ReportUnit.PLACE: 1,
    ReportUnit.ACCOUNT: 1,
    ReportUnit.DAY: date(2026, 1, 1),
    ReportUnit.MONTH: date(2026, 1, 1),
}


def _keys_of(spec: ReportSpec) -> list[ReportColumn]:
    return [each for each in spec.columns if each.name in spec.told_apart[1:]]


#: A figure of each report, told apart by all it can be.
_FIGURES = [
    AskedFigure(
        spec.documents,
        spec.told_apart,
        column.name,
        {each: _KEYS.get(each.unit, "") for each in spec.columns if each.name in spec.told_apart[1:]},
        None,
    )
    for spec in REPORTS.values()
    if spec.documents
    for column in spec.columns
    if column.unit in SUMMED
]
#: What parts of statements can be where the source alone does not tell: a name in its function, and its values.
VARIANTS: Mapping[str, Sequence[Any]] = {
    "app.services.seals.movements.undo.name": ["equipment_document_id", "act_id"],
    f"{_Q}.accounts.search.search.statement": [search._BY_DIGITS, search._BY_WORDS],
    f"{_Q}.accounts.search.offers.table": [*search._OFFERS],
    f"{_Q}.accounts.search.account_ids.statement": [search._BY_DIGITS, search._BY_WORDS],
    f"{_Q}.administration.audit.entries.source": [
        f"{audit._ENTRY} ",
        f"{audit._ENTRY} WHERE {' AND '.join(audit._CONDITIONS.values())}",
        " UNION ALL ".join(2 * [f"({audit._ENTRY} WHERE {_BY_ROW} ORDER BY e.happened_at DESC, e.id DESC LIMIT :most)"]),
    ],
    f"{_Q}.administration.replication.filled_tables.table": nodes.OPERATIONAL,
    f"{_Q}.administration.replication.fingerprint.table": [*nodes.OPERATIONAL, *nodes.REFERENCE],
    f"{_Q}.administration.replication.fingerprint.divisions": [[1, 2]],
    f"{_Q}.administration.replication.fingerprint.listed": ["1"],
    f"{_Q}.billing.inputs.readings_in.statement": [replay._READINGS],
    f"{_Q}.billing.history.history_in.statement": [history._RECENT, history._HISTORY, replay._HISTORY],
    f"{_Q}.billing.inputs.estimated_in.statement": [inputs._ESTIMATED, replay._ESTIMATED],
    f"{_Q}.billing.invoices._record.where": ["id = :key", "bill_id = :key"],
    f"{_Q}.billing.replay._stored.of_line": [columns_of()[1]],
    f"{_Q}.billing.replay._stored.of_consumption": [columns_of()[2]],
    f"{_Q}.billing.rules.rules_of.statements": [rules.NOW, replay._RULES],
    f"{_Q}.billing.rules._terms.statements": [rules.NOW, replay._RULES],
    f"{_Q}.billing.rules._zone_history.statements": [rules.NOW, replay._RULES],
    f"{_Q}.ledger._by_bill.statement": [ledger._OPEN_DEBTS, ledger._ALLOCATED],
    f"{_Q}.locks._call.function": ["pg_advisory_xact_lock", "pg_advisory_lock", "pg_try_advisory_lock", "pg_advisory_unlock"],
    f"{_Q}.locks._call.lock": [*Lock],
    f"{_Q}.locks.acquire_shared.lock": [*Lock],
    f"{_Q}.ledger.proofs.drifts.proof": [*proofs._PROOFS.values()],
    f"{_Q}.ledger.proofs.drifts.scope": ["", *set(proofs._SCOPES.values())],
    f"{_Q}.ledger.checks.divisions_of_rows.told_by": sorted(checks._BY_ID),
    f"{_Q}.ledger.periods.checks.rows": [*periods._COUNTED.values()],
    f"{_Q}.ledger.periods.rows_behind.check": [*periods._COUNTED],
    f"{_Q}.monitoring.home.waiting.kinds": [list(home._WAITING)],
    f"{_Q}.names.row_names.statement": [*names._ROW_NAMES.values()],
    f"{_Q}.reports.added_up.sums": [SummedColumns(each.documents, each.record) for each in REPORTS.values() if each.documents],
    f"{_Q}.reports.behind.rows_behind.figure": _FIGURES,
    f"{_Q}.reports.behind.total_behind.figure": _FIGURES,
    f"{_Q}.reference.row_texts.table": [*DICTIONARIES],
    f"{_Q}.reference.as_texts.table": [*DICTIONARIES],
    f"{_Q}.reference.rows_on.table": [*DICTIONARIES],
    f"{_Q}.reference.rows_on.condition": ["v.valid_to IS NULL", f"{reference._ON_DAY}{reference._NOT_RETIRED}"],
    f"{_Q}.reference.versions_of.table": [*DICTIONARIES],
    f"{_Q}.reference.key_waits.table": ["tariff_group"],
    f"{_Q}.reference.key_waits.same": ["coalesce(c.contents ->> 'code', to_jsonb(t) ->> 'code') = :code"],
    f"{_Q}.reference.usages.inner": [f"SELECT 1 FROM {table} WHERE {column} = :id LIMIT 1001" for table, column in _REFERENCES],
    f"{_Q}.reference.names_by_id.table": ["bank", "resource", "tariff", "tariff_group"],
    f"{_S}.equipment.plans.draw_up.spec": [verification.PLAN, maintenance.PLAN],
    f"{_S}.administration.company._write.values": [{"name": 1}],
    f"{_S}.administration.company._write.table": ["division", "payment_contract"],
    f"{_S}.administration.packages.rows.table": [*nodes.OPERATIONAL, *nodes.REFERENCE],
    f"{_S}.administration.packages.rows.divisions": [[1]],
    f"{_S}.administration.packages.rows.listed": ["1"],
    f"{_S}.administration.packages.rows.keys": ["1"],
    f"{_S}.administration.packages.apply.table": [*nodes.OPERATIONAL, *nodes.REFERENCE],
    f"{_S}.administration.packages._take_in.table": [_INCOMING],
    f"{_S}.administration.packages._take_in.listed": ["id"],
    f"{_S}.administration.packages._refuse_others.table": [_INCOMING],
    f"{_S}.administration.packages._refuse_others.divisions": [[1]],
    f"{_S}.administration.packages._merge.table": [_INCOMING],
    f"{_S}.administration.packages._merge.divisions": [[1]],
    f"{_S}.administration.packages._merge.listed": ["id"],
    f"{_S}.administration.packages._merge.mine": [f"({_INCOMING}.id, {_INCOMING}.name)"],
    f"{_S}.administration.packages._merge.theirs": ["(i.id, i.name)"],
    f"{_S}.administration.packages._merge.same_key": [f"i.id = {_INCOMING}.id"],
    f"{_S}.administration.permissions._make.table": ["ab_permission", "ab_view_menu"],
    f"{_S}.administration.permissions._make.column": ["permission", "view"],
    f"{_S}.administration.replication.guard_node.table": [_INCOMING],
    f"{_S}.administration.replication.guard_node.changes": ["UPDATE", "UPDATE OF id"],
    f"{_S}.administration.replication._remove_guards.name": ["place_row"],
    f"{_S}.administration.replication._remove_guards.table": [_INCOMING],
    f"{_S}.administration.replication._guard.table": [_INCOMING],
    f"{_S}.administration.replication._guard.function": ["refuse_place_of_owner('t', 'a', 'b', 'c', '{1}', 'true')"],
    f"{_S}.administration.replication._guard.event": ["INSERT", "UPDATE", "DELETE"],
    f"{_S}.administration.replication._guard.condition": ["OLD.division_id = ANY ('{1}'::bigint[])"],
    f"{_S}.administration.replication._guard.reason": ["elsewhere"],
    f"{_S}.administration.replication.set_key_ranges.table": ["account"],
    f"{_S}.administration.replication.set_key_ranges.column": ["id"],
    f"{_S}.administration.replication.set_key_ranges.sequence": ["account_id_seq"],
    f"{_S}.administration.replication.set_key_ranges.start": [2],
    f"{_S}.administration.replication.set_key_ranges.number": [1],
    f"{_S}.administration.replication.publish_operational.table": [_INCOMING],
    f"{_S}.administration.replication._publish.name": ["pcb_reference"],
    f"{_S}.administration.replication._publish.tables": [["account", "bill WHERE (division_id IN (1))"]],
    f"{_S}.administration.replication.stop.name": ["pcb_centre"],
    f"{_S}.administration.replication.reread_publications.name": ["pcb_centre"],
    f"{_S}.administration.replication.enable_subscriptions.name": ["pcb_centre"],
    f"{_S}.administration.replication._subscriptions.condition": ["subenabled", "subdisableonerr", "NOT subenabled"],
    f"{_S}.administration.replication.unsubscribe.name": ["pcb_centre"],
    f"{_S}.administration.replication.copy_first_contents.table": [_INCOMING],
    f"{_S}.administration.replication.copy_first_contents.columns": ["id"],
    f"{_S}.administration.replication.copy_first_contents.chosen": ["true"],
    f"{_S}.administration.replication.empty.listed": ["account, bill"],
    f"{_S}.administration.replication.subscribe_to_centre.centre_url": ["host=centre"],
    f"{_S}.administration.replication.subscribe_to_node.node_url": ["host=node"],
    f"{_S}.administration.replication.subscribe_to_centre.number": [1],
    f"{_S}.administration.replication.subscribe_to_node.number": [1],
    f"{_S}.bulk.copy.table": ["bill"],
    f"{_S}.bulk.copy.columns": [["id", "account_id"]],
    f"{_S}.bulk._insert.table": ["bill"],
    f"{_S}.bulk._insert.listed": ["id, account_id"],
    f"{_S}.documents.record_prints.kind": [*papers._TABLES],
    f"{_S}.payments.held.decide.wish": [held.DecisionRequest(1, each, "", None) for each in held._DECIDABLE],
    f"{_S}.payments.held._mark.column": ["approval_id", "job_run_id"],
    f"{_S}.payments.held.free.column": ["approval_id", "job_run_id"],
    f"{_S}.payments.matching._match.which": [" OR ".join(f"({each})" for each in matching._REASONS.values())],
    f"{_S}.payments.matching._match.wanted": [["once"]],
    f"{_S}.payments.matching._write.given": [{"division": 1, "control": 1}],
    f"{_S}.reference.changes._plain_writer.add.table": _PLAIN,
    f"{_S}.reference.changes._plain_writer.add.names": ["name"],
    f"{_S}.reference.changes._plain_writer.add.values": ["SELECT 'x' WHERE :contents <> ''"],
    f"{_S}.reference.changes._plain_writer.change.table": _PLAIN,
    f"{_S}.reference.changes._plain_writer.change.names": ["name"],
    f"{_S}.reference.changes._plain_writer.change.values": ["SELECT 'x' WHERE :contents <> ''"],
    f"{_S}.reference.changes._plain_writer.retire.table": _PLAIN,
    "app.cli.demo._counts.table": ["account", "bill", "payment"],
    "app.cli.demo.examples.accounts_to_try.condition": [*examples._KINDS.values()],
    "app.cli.node_setup._fill.snapshot": ["00000003-00000002-1"],
    "app.cli.node_setup._slot.wanted": [node_setup.NodeRequest(1, "1726", None, "", "", is_linked=True)],
    "app.cli.schema.make_logins.login": ["pcb_login"],
    "app.cli.schema.make_logins.role": ["pcb_web"],
    "app.cli.schema._create_role.role": ["pcb_web"],
    "app.cli.schema._prepare.role": ["pcb_web"],
    "app.cli.schema._prepare.extension": ["pg_trgm"],
    "app.cli.schema._prepare.database": ["pc_billing"],
    "app.extensions._take_role.role": ["pcb_web"],
}

#: Where rows are read by their places: what prepares servers, databases and nodes, before there is a schema.
_READ_BY_PLACE = ("app.cli.", "app.factory")
_TYPES = {each.__name__: each for each in (bool, int, float, str, bytes, Decimal, date, datetime, timedelta)}
_JSON = (dict, list, Mapping)


@pytest.fixture(scope="module")
def database(engine: Engine) -> Iterator[psycopg.Connection[Any]]:
    """The schema, with the tables that statements make for a while."""
    url = engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        for made in (
            matching._STAGING,
            matching._HOLDS.text,
            matching._MATCHES.text,
            f"CREATE TEMP TABLE incoming_{_INCOMING} (LIKE {_INCOMING})",
        ):
            connection.execute(made.replace("ON COMMIT DROP", "").encode())
        yield connection


@pytest.fixture(scope="module")
def found() -> list[Statement]:
    """Every statement of app/."""
    return [each for module in modules() for each in statements(module, VARIANTS)]


def problem_of(database: psycopg.Connection[Any], statement: Statement) -> str:
    """Return what is wrong with a statement and what it is read into; empty: nothing."""
    if statement.problem:
        return statement.problem
    if statement.sql.startswith("CREATE_REPLICATION_SLOT"):
        return ""  # not SQL: what a replica asks for
    try:
        columns = describe(database, statement.sql)
    except psycopg.Error as error:
        return str(error).splitlines()[0]
    if statement.kind is None:
        return ""
    if statement.by in ARRAY_READERS:
        return "" if len(columns) == statement.kind and all(map(_is_integer, columns)) else f"{statement.kind} arrays of {columns}"
    if not issubclass(statement.kind, tuple):
        wanted = statement.kind | None if statement.by == "fetch_optional" else statement.kind
        return _misfits({"it": wanted}, {"it": columns[0]}) if len(columns) == 1 else f"a single value of {columns}"
    fields = typing.get_type_hints(statement.kind)
    if sorted(fields) != sorted(column.name for column in columns):
        return f"{statement.kind.__name__} has {[*fields]}, the rows have {[column.name for column in columns]}"
    return _misfits(fields, {column.name: column for column in columns})


def _is_integer(column: ResultColumn) -> bool:
    return column.type in {"int", "Decimal"} and not column.may_be_null


def _misfits(fields: Mapping[str, Any], columns: Mapping[str, ResultColumn]) -> str:
    return "; ".join(f"{name} is {columns[name]}, not {hint}" for name, hint in fields.items() if not _fits(hint, columns[name]))


def _fits(hint: Any, column: ResultColumn) -> bool:
    """Return whether a field can hold what a column can have."""
    hint = getattr(hint, "__supertype__", hint)
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, types.UnionType}:
        column = column._replace(may_be_null=column.may_be_null and type(None) not in parts)
        return any(_fits(each, column) for each in parts)
    if column.may_be_null or column.type == "json":
        return not column.may_be_null and (origin or hint) in _JSON
    if column.type.startswith("list["):
        return origin is list and _fits(parts[0], column._replace(type=column.type[5:-1]))
    # A word of ours compares equal to the text of its column.
    return hint is _TYPES.get(column.type) or (column.type == "str" and isinstance(hint, type) and issubclass(hint, StrEnum))


def test_every_statement_is_prepared_and_fits_what_it_is_read_into(database: psycopg.Connection[Any], found: list[Statement]) -> None:
    wrong = {(each.where, told) for each in found if (told := problem_of(database, each))}

    assert wrong == set()
    assert len(found) > 500


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("reason, amount_tiyin, owner", "reason, sum_tiyin, owner", 'column "sum_tiyin" does not exist'),
        ("id, billing_month, reason", "id, billing_month AS month, reason", "HeldBill has"),
        ("id, billing_month, reason", "id, billing_month::text, reason", "not <class 'datetime.date'>"),
        ("id, billing_month, reason", "id::text, billing_month, reason", "not <class 'int'>"),
        ("0)::bigint AS overdue_tiyin", "0) AS overdue_tiyin", "type='Decimal'"),
        ("coalesce(sum(remaining_tiyin) FILTER (WHERE due_on < :today), 0)", "sum(remaining_tiyin)", "may_be_null=True"),
        ("SELECT b.name, b.limit_milli", "SELECT nullif(b.name, '') AS name, b.limit_milli", "may_be_null=True"),
        ("'OPEN' ORDER BY", "'OPEN' ORDER", "syntax error"),
    ],
)
def test_statement_that_does_not_fit_is_found(database: psycopg.Connection[Any], before: str, after: str, words: str) -> None:
    source = Path(str(account_details.__file__)).read_text()
    assert before in source

    wrong = [problem_of(database, each) for each in statements(account_details, VARIANTS, source.replace(before, after))]

    assert [told for told in wrong if told and words in told] == [told for told in wrong if told] != []


def test_rows_are_read_into_records_or_values(database: psycopg.Connection[Any], found: list[Statement]) -> None:
    sent = [each for each in found if each.by in SENDERS - {"copy"} and each.is_read and not each.where.startswith(_READ_BY_PLACE)]

    assert {each.where for each in sent if describe(database, each.sql)} == set()


def test_no_public_query_returns_anything() -> None:
    loose = [
        f"{path.relative_to(ROOT)}:{each.lineno} {each.name}"
        for path in sorted((ROOT / "app/queries").rglob("*.py"))
        for each in ast.walk(ast.parse(path.read_text()))
        if isinstance(each, ast.FunctionDef) and not each.name.startswith("_") and each.returns and _is_loose(each.returns)
    ]

    assert loose == []


def _is_loose(hint: ast.expr) -> bool:
    """Return whether a hint says nothing: ``Any``, or a list of it."""
    return ast.unparse(hint) in {"Any", "Any | None", "list[Any]"}
