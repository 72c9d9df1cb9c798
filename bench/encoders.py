"""Our binary COPY writer against pgpq's over the same rows: ``python -m bench.encoders 100000``.

pgpq and pyarrow are no requirements of ours. Both only make bytes; PostgreSQL takes as long for either. Columns are those of a bill's
line: numbers, a day, few different texts.
"""

import sys
import time
from collections.abc import Callable
from importlib import import_module

import numpy as np

from app.services.binary_copy import Coded, encoded

TYPES = ("bigint", "bigint", "bigint", "integer", "date", "text", "bigint", "bigint")
WORDS = ["ENERGY", "BENEFIT", "SUBSIDY", "PENALTY"]


def main(count: int) -> None:
    """Print milliseconds of each, best of five, and the ratio."""
    # At hand only where somebody measures them; they are no packages of ours.
    pgpq, pa = import_module("pgpq"), import_module("pyarrow")

    rng = np.random.default_rng(1)
    numbers = [rng.integers(0, 1 << 40, count) for _ in range(5)]
    small, days, codes = (
        rng.integers(0, 1000, count),
        rng.integers(18_000, 20_000, count).astype("datetime64[D]"),
        rng.integers(0, 4, count),
    )
    ours_columns = [*numbers[:3], small, days, Coded(WORDS, codes), *numbers[3:]]

    def ours() -> bytes:
        made = encoded(TYPES, ours_columns, count)
        assert made is not None
        return made

    def theirs() -> bytes:
        texts = pa.DictionaryArray.from_arrays(codes.astype(np.int32), WORDS).cast(pa.string())
        columns = [*numbers[:3], small.astype(np.int32), days.astype("datetime64[D]"), texts, *numbers[3:]]
        batch = pa.RecordBatch.from_arrays([pa.array(each) for each in columns], [f"c{n}" for n in range(len(columns))])
        encoder = pgpq.ArrowToPostgresBinaryEncoder(batch.schema)
        return bytes(encoder.write_header() + encoder.write_batch(batch) + encoder.finish())

    assert ours() == theirs()
    spent = {name: _best(encode) for name, encode in (("ours", ours), ("pgpq", theirs))}
    told = ", ".join(f"{name} {seconds * 1e3:.1f} ms" for name, seconds in spent.items())
    print(f"{count} rows: {told}, ours / pgpq {spent['ours'] / spent['pgpq']:.2f}")


def _best(encode: Callable[[], bytes]) -> float:
    found = []
    for _ in range(5):
        begun = time.process_time()
        encode()
        found.append(time.process_time() - begun)
    return min(found)


if __name__ == "__main__":
    main(int(sys.argv[1]))
