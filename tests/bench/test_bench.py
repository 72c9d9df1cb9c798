"""The measuring of bill runs works, and what it compares is the same."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from bench.billing import run


def test_small_country_is_billed_copied_and_looped_over(servers: tuple[str, str], tmp_path: Path) -> None:
    # It makes an application of its own, and a process has room for one.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as alone:
        found = alone.submit(run, 200, servers[0], tmp_path, processes=1, orm_sample=5).result()

    assert found["bills"] == 200
    assert min(found[name] for name in ("accounts_per_s", "ratio_to_copy", "ratio_to_orm", "rss_mb")) > 0
