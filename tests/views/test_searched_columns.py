"""What each column that the search box of a list looks in is looked up by: an index, or a table so small that it is read as a whole."""

from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg as psycopg_dialect

from app.extensions import appbuilder
from app.views.base import EntityView
from app.views.lists import search
from tests.browsers import log_in

#: Column → the index that a plan names, or the function that looks into one (ADR 36).
LOOKED_UP_BY = {
    ("act", "id"): "act_pkey",
    ("application", "id"): "Index Only Scan using application_",
    ("act", "consumer"): "act_consumer_id_idx",
    ("consumer", "name"): "consumers_named",
    ("consumer", "phone"): "consumers_phoned",
    ("consumer", "pinfl"): "consumer_pinfl_key",
    ("consumer", "stir"): "consumer_stir_idx",
    ("contract", "number"): "contract_number_division_id_key",
    ("contract", "consumer"): "contract_consumer_id_idx",
    ("inspection_record", "number"): "inspection_record_division_id_number_key",
    ("ledger_entry", "id"): "ledger_entry_pkey",
    ("device", "serial_number"): "devices_numbered",
    ("device_event", "serial_number"): "device_event_serial_number_idx",
    ("field_proposal", "id"): "field_proposal_pkey",
    ("field_round", "inspector"): "field_round_inspector_id_idx",
    ("interval_day", "id"): "interval_day_pkey",
    ("parked_device", "serial_number"): "parked_device_serial_number_idx",
    ("supply_order", "id"): "supply_order_pkey",
    ("delivery_receipt", "id"): "delivery_receipt_",
    ("inquiry", "id"): "inquiry_pkey",
    ("maintenance_order", "id"): "maintenance_order_pkey",
    ("maintenance_record", "id"): "maintenance_record_pkey",
    ("maintenance_work", "device"): "maintenance_work_device_id_idx",
    ("material_use", "id"): "material_use_pkey",
    ("movement", "device"): "movement_device_id_step_no_key",
    ("equipment_document", "id"): "equipment_document_pkey",
    ("inspection", "seal"): "inspection_seal_id_idx",
    ("notice", "id"): "notice_pkey",
    ("planned_verification", "device"): "planned_verification_device_id_idx",
    ("payment", "id"): "payment_pkey",
    ("payment", "reference"): "payment_channel_reference_key",
    ("reconciliation_row", "reference"): "reconciliation_row_payment_contract_id_reference_key",
    ("register", "meter"): "register_meter_id_code_key",
    ("seal", "number"): "seal_number_idx",
    ("seal_movement", "seal"): "seal_movement_seal_id_step_no_key",
    ("service_point", "street"): "service_point_street_id_house_idx",
    ("tax_invoice", "number"): "tax_invoice_division_id_year_sequence_no_key",
    ("tender", "id"): "tender_pkey",
    ("tender", "reference"): "tender_payment_contract_id_reference_key",
}  # fmt: skip
#: Of the tenders that wait for an account there are few, and an index holds them: any column of theirs is looked for in them.
FEW = {"SuspenseView"}
#: What is typed of a column; of others a number.
TYPED = {("consumer", "name"): "karimov", ("act", "consumer"): "karimov", ("contract", "consumer"): "karimov",
         ("service_point", "street"): "navoiy", ("tax_invoice", "number"): "0123-2026-000001"}  # fmt: skip
#: Whose index begins otherwise: exceptions are of few runs, each of which is looked into; places and meters are found by what they supply.
ACCOUNTS_BY = {
    "account": "account_pkey",
    "debtor": "account_position_pkey",
    "meter_installation": "meter_installation_service_point_id_idx",
    "service_point": "service_point_pkey",
}


@pytest.fixture(scope="module")
def large(app: Flask) -> list[EntityView]:
    """Lists of tables that grow with accounts."""
    assert app
    views = [view for view in appbuilder.baseviews if isinstance(view, EntityView) and view.searched and type(view).__name__ not in FEW]
    return [view for view in views if view.datamodel.obj.__tablename__ not in search.SMALL_TABLES]


def columns_of(views: list[EntityView]) -> Iterator[tuple[EntityView, str, str]]:
    for view in views:
        for column in view.searched:
            yield view, view.datamodel.obj.__tablename__, column


def test_every_column_a_large_list_is_searched_by_is_looked_up_by_an_index(
    app: Flask, large: list[EntityView], demo_database: psycopg.Connection
) -> None:
    columns = [each for each in columns_of(large) if each[2] != "account"]
    assert {(table, column) for _, table, column in columns} == set(LOOKED_UP_BY)

    with app.test_request_context():
        for view, table, column in columns:
            condition = search.condition_of(view.datamodel.obj, column, TYPED.get((table, column), "1234567"))
            plan = plan_of(demo_database, select(view.datamodel.obj.id).where(condition))
            assert LOOKED_UP_BY[table, column] in plan, (table, column, plan)
            assert f"Seq Scan on {table}\n" not in f"{plan}\n", plan


def plan_of(database: psycopg.Connection, statement: Select[tuple[int]], *, role: str = "postgres", joins: str = "off") -> str:
    """Return how the database finds rows of a table as if it were large.

    For the owner, the rule of divisions offers no other index; that of a kind of consumers, a third of the few here, is left out.
    """
    compiled = statement.compile(dialect=psycopg_dialect(), compile_kwargs={"render_postcompile": True})
    with database.transaction(force_rollback=True):
        database.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'consumer_kind_idx'::regclass")
        database.execute("SELECT set_config('app.divisions', array_agg(id)::text, true) FROM division")
        database.execute("SET LOCAL enable_seqscan = off")
        database.execute(f"SET LOCAL enable_hashjoin = {joins}")
        database.execute(f"SET LOCAL enable_mergejoin = {joins}")
        database.execute(f"SET LOCAL ROLE {role}")
        return "\n".join(line for (line,) in database.execute(f"EXPLAIN (VERBOSE) {compiled}", compiled.params))


def test_every_large_list_finds_rows_of_an_account_by_an_index(large: list[EntityView], demo_database: psycopg.Connection) -> None:
    leading = demo_database.execute(
        "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid "
        "JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE a.attname = 'account_id' AND i.indpred IS NULL"
    ).fetchall()
    known = {name for (name,) in demo_database.execute("SELECT indexname FROM pg_indexes").fetchall()}
    tables = {table for _, table, column in columns_of(large) if column == "account"}

    assert tables - {table for (table,) in leading} == set(ACCOUNTS_BY)
    assert {*ACCOUNTS_BY.values()} <= known


def test_each_column_is_looked_up_by_itself(app: Flask, large: list[EntityView], demo_database: psycopg.Connection) -> None:
    with app.test_request_context():
        for view in large:
            model = view.datamodel.obj
            if len(view.searched) > 1:
                plan = plan_of(
                    demo_database, select(model.id).where(search.matching(model, view.searched, "1234567")), role="pcb_web", joins="on"
                )
                assert f"Seq Scan on {model.__tablename__}" not in plan.replace("public.", ""), plan
                assert "SubPlan" not in plan, plan


@pytest.mark.parametrize(
    ("path", "reference"),
    [
        ("paymentview", "SELECT reference FROM payment ORDER BY id LIMIT 1"),
        ("contractview", "SELECT number FROM contract ORDER BY id LIMIT 1"),
        ("contractview", "SELECT left(number, -1) FROM contract ORDER BY id LIMIT 1"),
        ("taxinvoiceview", "SELECT number FROM tax_invoice ORDER BY id LIMIT 1"),
        ("taxinvoiceview", "SELECT concat_ws('-', year, sequence_no) FROM tax_invoice ORDER BY id LIMIT 1"),
        ("legalconsumerview", "SELECT stir FROM consumer WHERE stir IS NOT NULL AND kind <> 'HOUSEHOLD' ORDER BY id LIMIT 1"),
        ("householdconsumerview", "SELECT phone FROM consumer WHERE phone IS NOT NULL AND kind = 'HOUSEHOLD' ORDER BY id LIMIT 1"),
        (
            "householdconsumerview",
            "SELECT right(phone, 5) FROM consumer WHERE phone IS NOT NULL AND kind = 'HOUSEHOLD' ORDER BY id LIMIT 1",
        ),
        ("householdconsumerview", "SELECT name FROM consumer WHERE kind = 'HOUSEHOLD' ORDER BY id LIMIT 1"),
    ],
)
def test_row_is_found_by_its_number_or_what_it_begins_with(
    app: Flask, demo_database: psycopg.Connection, path: str, reference: str
) -> None:
    row = demo_database.execute(reference).fetchone()
    assert row is not None

    assert "No records found" not in log_in(app, "operator").client.get(f"/{path}/list/", query_string={"_q": row[0]}).text
