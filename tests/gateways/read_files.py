"""Files of payments, read whole."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from app.domain.payments.files import Profile
from app.gateways import payment_files
from app.gateways.payment_files import PaymentFileRow, Summary, reading


def read(content: bytes | Path, profile: Profile) -> tuple[list[PaymentFileRow], Summary]:
    """Return the rows and the summary as the child process gives them."""
    with on_disk(content) as path, reading(path, profile, timeout_s=30) as payment_file:
        rows = rows_of(payment_file.chunks)
        return rows, payment_file.summary


def rows_of(chunks: Iterator[bytes]) -> list[PaymentFileRow]:
    lines = b"".join(chunks).decode().split("\n")
    assert lines.pop() == ""
    return [payment_files.row_of(line) for line in lines]


@contextlib.contextmanager
def on_disk(content: bytes | Path) -> Iterator[Path]:
    if isinstance(content, Path):
        yield content
        return
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        yield Path(file.name)
