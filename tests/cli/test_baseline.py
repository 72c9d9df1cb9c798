"""The schema: an empty base begins with the baseline, a base that is older goes on, and both come to the same."""

import lzma
import re
import subprocess
from pathlib import Path

import click
import psycopg
import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

import config
from app.cli import schema
from app.cli.servers import postgresql_binary
from app.queries import ledger
from app.queries.administration import audit
from tests.databases import ROOT, copy_database, fresh_database

#: A demo base of 20 accounts and two months, made and left at revision 0049, the last before the baseline.
OLD = Path(__file__).with_name("base_at_0049.sql.xz")
VERSIONS = sorted((ROOT / "app/schema/versions").glob("*.py"))
#: The baseline's revision, and what followed it before revisions had phases.
BASELINE = "0055"
_TAKES_AWAY = re.compile(r"DROP (COLUMN|TABLE|VIEW|SCHEMA)|RENAME|SET NOT NULL|ALTER COLUMN \w+ TYPE|drop_column|drop_table|nullable=False")
_SUMS = {
    "bills": "SELECT count(*), sum(amount_tiyin) FROM bill",
    "lines": "SELECT count(*), sum(amount_tiyin) FROM bill_line",
    "entries": "SELECT count(*), sum(amount_tiyin) FROM ledger_entry",
    "allocations": "SELECT count(*), sum(amount_tiyin) FROM allocation",
    # Revision 0063 says names in further languages, 0071 settles exceptions, 0089 adds reasons, and the trail tells of it.
    "trail": "SELECT count(*), sum(id) FROM audit_entry "
    "WHERE table_name NOT IN ('benefit', 'meter_change_reason', 'resource', 'tariff', 'tariff_group') "
    "AND reason IS DISTINCT FROM 'the account was billed since'",
    "calls": "SELECT count(*), sum(id) FROM gateway_call",
}
#: Tables, kinds and pages of payment files before revision 0060 and since.
_FORMER = ("registry_profile", "registry_problem", "registry_held", "REGISTRY", "REGISTRY_LOAD", "RegistryProfileView")
_PRESENT = ("payment_file_layout", "payment_file_problem", "held_row", "PAYMENT_FILE", "PAYMENT_FILE_LOAD", "PaymentFileLayoutView")
_NAMED = (
    "SELECT (SELECT count(*) FROM {0}), (SELECT count(*) FROM {1}), (SELECT count(*) FROM {2})",
    "SELECT id, status FROM payment_control WHERE kind = '{3}' ORDER BY id",
    "SELECT id, status FROM job_run WHERE kind = '{4}' ORDER BY id",
    """SELECT r.role_id, v.permission_id FROM ab_permission_view v JOIN ab_permission_view_role r ON r.permission_view_id = v.id
    JOIN ab_view_menu m ON m.id = v.view_menu_id WHERE m.name = '{5}' ORDER BY 1, 2""",
)
_LEFT = """
    SELECT name FROM (
        SELECT relname FROM pg_class UNION ALL SELECT attname FROM pg_attribute
        UNION ALL SELECT pg_get_constraintdef(oid) FROM pg_constraint UNION ALL SELECT conname FROM pg_constraint
        UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger
        UNION ALL SELECT indexdef FROM pg_indexes
        UNION ALL SELECT prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    ) names (name) WHERE name ~* 'registr(y|ies)'
"""


@pytest.fixture
def old(servers: tuple[str, str]) -> str:
    """The address of a base at revision 0049, with its rows."""
    fresh_database(servers[0], "pc_billing_baseline")  # makes the roles
    url = copy_database(servers[0], "pc_billing_old", "template0")
    with psycopg.connect(url) as connection:
        connection.execute(lzma.decompress(OLD.read_bytes()))
    return url


def catalogue(url: str) -> str:
    """Return the schema as pg_dump tells it, without the months of logs, which depend on the day.

    PostgreSQL writes the list of a CHECK in one of two ways, by whether it was read from a dump before.
    """
    command = [str(postgresql_binary("pg_dump")), "--schema-only", "--exclude-table=monthly.*_2*", url]
    dumped = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    words = re.sub(r"\(('\w+'::character varying)\)::text", r"\1", dumped)
    lists = re.sub(r"\(ARRAY\[([^\]]*)\]\)::text\[\]", r"ARRAY[\1]", words)
    return "\n".join(line for line in lists.splitlines() if not line.startswith("\\"))


def sums(url: str) -> dict[str, tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return {name: tuple(connection.execute(statement).fetchone() or ()) for name, statement in _SUMS.items()}


def test_base_from_before_the_baseline_goes_on_and_comes_to_the_same_schema(servers: tuple[str, str], old: str) -> None:
    before = sums(old)

    assert schema.upgrade(config.database_url(old))

    assert sums(old) == before
    assert catalogue(old) == catalogue(fresh_database(servers[0], "pc_billing_baseline"))
    with Session(create_engine(config.database_url(old), poolclass=NullPool)) as session:
        assert ledger.drifts(session) == []
        assert audit.verify(session, []).fault is None


def test_entries_of_the_trail_come_into_their_months(old: str) -> None:
    schema.upgrade(config.database_url(old))

    with psycopg.connect(old) as connection:
        late = connection.execute("SELECT count(*) FROM audit_entry WHERE tableoid = 'monthly.audit_entry_default'::regclass").fetchone()
    assert late == (0,)


def test_payment_files_of_an_old_base_keep_rows_rights_and_triggers_under_their_present_names(old: str) -> None:
    with psycopg.connect(old) as connection:
        before = [connection.execute(statement.format(*_FORMER)).fetchall() for statement in _NAMED]

    schema.upgrade(config.database_url(old))

    with psycopg.connect(old) as connection:
        after = [connection.execute(statement.format(*_PRESENT)).fetchall() for statement in _NAMED]
        left = connection.execute(_LEFT).fetchall()
    assert all(before)
    assert after == before
    assert left == []


def test_base_at_the_head_is_left_as_it_is(servers: tuple[str, str]) -> None:
    url = config.database_url(fresh_database(servers[0], "pc_billing_baseline"))

    assert schema.is_current(url)
    assert not schema.upgrade(url)


def test_base_at_a_revision_that_is_not_known_is_refused_with_words(servers: tuple[str, str]) -> None:
    url = fresh_database(servers[0], "pc_billing_baseline")
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0007'")

    with pytest.raises(click.ClickException, match="stands at revision 0007, which this version does not know: it goes on from 0049"):
        schema.upgrade(config.database_url(url))


def test_empty_base_starts_with_reference_information_and_no_parameters(servers: tuple[str, str]) -> None:
    with psycopg.connect(fresh_database(servers[0], "pc_billing_baseline")) as connection:
        counted = connection.execute(
            "SELECT (SELECT count(*) FROM division), (SELECT count(*) FROM tariff_block), (SELECT count(*) FROM contract_template), "
            "(SELECT count(*) FROM operating_parameter), (SELECT max(id) < nextval('division_id_seq') FROM division)"
        ).fetchone()

    assert counted == (15, 28, 15, 0, True)


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_revision_imports_nothing_of_the_application_or_of_another_revision(path: Path) -> None:
    source = path.read_text(encoding="utf-8")

    assert not re.search(r"^\s*(from|import) (app|importlib)\b|__import__|with_name", source, re.MULTILINE)


@pytest.mark.parametrize("path", [path for path in VERSIONS if path.name[:4] > BASELINE], ids=lambda path: path.stem)
def test_revision_after_the_baseline_says_its_phase_and_takes_away_only_when_it_contracts(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    found = re.search(r'^phase = "(EXPAND|MIGRATE|CONTRACT)"$', source, re.MULTILINE)

    assert found is not None
    assert found[1] == "CONTRACT" or not _TAKES_AWAY.search(source.partition("def downgrade")[0])


def test_revisions_run_with_limits_of_locks_and_statements() -> None:
    limits = (ROOT / "app/schema/env.py").read_text(encoding="utf-8")

    assert ("lock_timeout = '4s'" in limits, "statement_timeout = '60s'" in limits) == (True, True)
