"""What the log of a database server tells of a conflict, and what it must not tell."""

from pathlib import Path

import pytest

from app.gateways.server_log import last_conflict

_BEGINS = '2026-11-29 10:00:00 UTC [77] ERROR:  conflict detected on relation "public.{table}": conflict={kind}\n'
_DETAIL = (
    '2026-11-29 10:00:00 UTC [77] DETAIL:  Key already exists in unique index "{index}", modified in transaction 800.\n'
    "\tKey ({columns})=({values}); existing local row (7, Ali, {secret}); remote row (8, Vali, {secret}).\n"
)
SECRET = "pbkdf2:sha256:1000000$abc$def"


@pytest.mark.parametrize(
    ("table", "columns", "values", "told"),
    [
        ("bank", "mfo", "00444", "bank: insert_exists (mfo)=(00444)"),
        ("ab_user", "username", "ali", "ab_user: insert_exists (username)=(ali)"),
        ("device", "model_id, serial_number", "3, A7", "device: insert_exists (model_id, serial_number)=(3, A7)"),
        ("consumer", "pinfl", "30101199000012", "consumer: insert_exists (pinfl)=(••••••••••••12)"),
    ],
)
def test_table_and_key_are_told_and_rows_are_not(tmp_path: Path, table: str, columns: str, values: str, told: str) -> None:
    log = tmp_path / "postgresql.log"
    begun = _BEGINS.format(table=table, kind="insert_exists")
    log.write_text(begun + _DETAIL.format(index="i", columns=columns, values=values, secret=SECRET))

    assert last_conflict(log) == told


@pytest.mark.parametrize("contents", [None, "", "LOG:  checkpoint starting: time\n"])
def test_log_that_tells_of_no_conflict(tmp_path: Path, contents: str | None) -> None:
    log = tmp_path / "postgresql.log"
    if contents is not None:
        log.write_text(contents)

    assert last_conflict(log) is None
