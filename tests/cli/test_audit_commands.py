"""``flask --app run audit``: sealing, verifying, the exit code a watchman needs."""

import json
from pathlib import Path
from subprocess import CompletedProcess

import psycopg
import pytest

from tests import commands
from tests.databases import environment, fresh_database


@pytest.fixture(scope="module")
def url(servers: tuple[str, str]) -> str:
    """A database whose trail has only what the schema itself wrote."""
    return fresh_database(servers[0], "pc_billing_audit")


def run(url: str, queue: str, heads: Path, *words: str) -> CompletedProcess[str]:
    return commands.flask("audit", *words, environ=environment(url, queue, AUDIT_HEADS=str(heads), AUDIT_KEY=f"{heads}.key"))


def test_trail_is_sealed_verified_and_its_tampering_named(url: str, servers: tuple[str, str], tmp_path: Path) -> None:
    heads = tmp_path / "heads.log"

    sealing = run(url, servers[1], heads, "seal")
    good = run(url, servers[1], heads, "verify")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("DELETE FROM audit_entry WHERE id = 9")
    bad = run(url, servers[1], heads, "verify", "--json")
    with psycopg.connect(url, autocommit=True) as connection:
        problems = connection.execute("SELECT problem, problem_entry_id, created_by FROM audit_check ORDER BY id").fetchall()

    assert (sealing.returncode, good.returncode, bad.returncode) == (0, 0, 1), sealing.stderr + good.stderr
    assert int(sealing.stdout.split()[0]) > 50
    assert len(heads.read_text().split()) == 4
    assert good.stdout.startswith(f"{sealing.stdout.split()[0]} entries hold")
    found = json.loads(bad.stdout)
    assert (found["ok"], found["fault"]["problem"], found["fault"]["entry_id"]) == (False, "DELETED", 9)
    assert problems == [(None, None, "operator"), ("DELETED", 9, "operator")]


def test_disabled_trigger_and_forged_head_are_named(servers: tuple[str, str], tmp_path: Path) -> None:
    url, heads = fresh_database(servers[0], "pc_billing_audit_off"), tmp_path / "heads.log"
    sealing = run(url, servers[1], heads, "seal")
    public = run(url, servers[1], heads, "public-key").stdout.strip()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET ROLE pcb_owner")
        connection.execute("ALTER TABLE tariff DISABLE TRIGGER tariff_audit")
    off = run(url, servers[1], heads, "verify")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER TABLE tariff ENABLE TRIGGER tariff_audit")
    good = run(url, servers[1], heads, "verify", "--public-key", public)
    forged = run(url, servers[1], heads, "verify", "--public-key", "ab" * 32)

    assert (sealing.returncode, off.returncode, good.returncode, forged.returncode) == (0, 1, 0, 1), sealing.stderr + good.stderr
    assert "tariff" in off.stdout
    assert "whose signature is not of our key" in forged.stdout
    assert "If AUDIT_KEY was replaced" in forged.stdout
    assert "If AUDIT_KEY was replaced" not in off.stdout + good.stdout


def test_unknown_file_of_heads_is_refused(url: str, servers: tuple[str, str], tmp_path: Path) -> None:
    answer = run(url, servers[1], tmp_path / "heads.log", "verify", "--heads", str(tmp_path / "none.log"))

    assert answer.returncode == 1
    assert "There is no file" in answer.stderr
