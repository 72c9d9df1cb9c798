"""What is measured works in small, and what is compared is the same."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from app.services.payments import matching
from bench import losses, payment_file
from bench.billing import run
from tests.databases import BARE


def test_small_country_is_billed_copied_and_looped_over(servers: tuple[str, str], tmp_path: Path) -> None:
    # It makes an application of its own, and a process has room for one.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as alone:
        found = alone.submit(run, 200, servers[0], tmp_path, processes=1, orm_sample=5, schema_of=BARE).result()

    assert found["bills"] == 200
    assert min(found[name] for name in ("accounts_per_s", "ratio_to_copy", "ratio_to_orm", "rss_mb")) > 0


def test_small_payment_file_is_matched_beside_in_parts_and_copied(
    servers: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "CHUNKS_OF_PART", 1)

    found = payment_file.run(40_000, servers[0], tmp_path, accounts=200, schema_of=BARE)

    outcome = [found[name] for name in ("accepted", "suspense", "held", "rejected")]
    assert outcome == [39_200, 600, 0, 200]
    assert min(found[name] for name in ("rows_per_s", "ratio_to_copy", "credited_per_s")) > 0


def test_losses_of_a_thousand_transformers_are_computed() -> None:
    found = losses.run(1000)

    assert min(found[name] for name in ("transformers_with_lines_ms", "sums_to_source_ms")) > 0
    assert found["worst_ratio"] < 1
