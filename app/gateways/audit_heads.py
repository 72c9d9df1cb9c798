"""Heads of the audit trail in a file outside the database, each signed (Ed25519) with a key outside the database.

Whoever owns the database can compute a whole chain anew; he cannot sign its head. A line is a moment, a number, a SHA-256 and a
signature. Lines of a day and without a signature were written by earlier versions; they count only before the first signed one.
"""

import fcntl
import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.domain.administration.audit import KeptHead

_TAIL_BYTES = 4096
#: A head is kept at least so often while entries are sealed.
EVERY = timedelta(minutes=1)


class KeyIsOpen(ValueError):
    """The key file can be read by others; the text names it."""


def private_key(path: Path) -> Ed25519PrivateKey:
    """Return the key of a file, made at first use and readable by its user only.

    :raises KeyIsOpen: if others may read the file
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = path.with_name(f"{path.name}.{os.getpid()}")
        made.touch(mode=0o600)
        made.write_text(Ed25519PrivateKey.generate().private_bytes_raw().hex())
        with suppress(FileExistsError):  # whoever comes second takes the first one's
            os.link(made, path)
        made.unlink()
    if path.stat().st_mode & 0o077:
        raise KeyIsOpen(str(path))
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text().strip()))


def public_key(key: Ed25519PrivateKey) -> str:
    """Return the public key that checks heads, in hexadecimal."""
    return key.public_key().public_bytes_raw().hex()


def keep(path: Path, key: Ed25519PrivateKey, head: KeptHead) -> bool:
    """Append a head, signed, unless the last one is as far or a minute young; tell whether it was appended.

    :raises ValueError: if the last line is no head
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        last = _last(handle)
        if last is not None and (last.seq >= head.seq or (last.signature and head.at - last.at < EVERY)):
            return False
        signature = key.sign(head.stated().encode()).hex()
        os.write(handle, f"{head.at.isoformat()} {head.seq} {head.hash} {signature}\n".encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    return True


def heads(path: Path) -> list[KeptHead]:
    """Return the heads kept in a file, oldest first; a file that is not there holds none.

    :raises ValueError: if a line is no head
    """
    if not path.exists():
        return []
    return [_head(line) for line in path.read_text(encoding="ascii").splitlines() if line.strip()]


def forged(kept: Sequence[KeptHead], public: str) -> KeptHead | None:
    """Return the first head whose signature is not the key's, or that has none after one that has."""
    key, signed = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)), False
    for head in kept:
        if head.signature is None:
            if signed:
                return head
            continue
        signed = True
        try:
            key.verify(bytes.fromhex(head.signature), head.stated().encode())
        except (InvalidSignature, ValueError):
            return head
    return None


def _last(handle: int) -> KeptHead | None:
    size = os.fstat(handle).st_size
    tail = os.pread(handle, _TAIL_BYTES, max(0, size - _TAIL_BYTES)).decode("ascii", errors="replace").splitlines()
    return _head(tail[-1]) if tail else None


def _head(line: str) -> KeptHead:
    moment, seq, link, *signature = line.split()
    if len(signature) > 1:
        raise ValueError(line)
    return KeptHead(datetime.fromisoformat(moment), int(seq), link, signature[0] if signature else None)
