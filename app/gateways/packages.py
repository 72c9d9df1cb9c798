"""Package files between the centre and a node without a link: a ZIP with a manifest, its signature, and rows.

The manifest is canonical JSON and names the SHA-256 of the rows; the signature (Ed25519) is over the manifest. Nothing
is unpacked to disk, and the rows are read only after the signature was found good, and no further than the manifest says.
"""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.domain.administration.nodes import PackageKind

FORMAT = 1
_MANIFEST, _SIGNATURE, _ROWS = "manifest.json", "signature", "rows.jsonl"
_MEMBERS = sorted([_MANIFEST, _SIGNATURE, _ROWS])
_LARGEST_MANIFEST = 1 << 20
_LARGEST_ROWS = 64 << 30
_LARGEST_LINE = 128 << 20


class BadPackage(Exception):
    """A file is no package, or is not what its sender signed; the text says why."""


class Manifest(NamedTuple):
    """What a package says of itself."""

    kind: PackageKind
    sender: int
    receiver: int
    version: int
    #: version of the package before it that the receiver acknowledged; 0 if none
    previous_version: int
    revision: str
    made_at: str
    #: table → [rows, hash]
    tables: dict[str, list[Any]]
    rows_bytes: int
    rows_sha256: str
    #: of an acknowledgement: the SHA-256 of the package that arrived
    acknowledges: str = ""


class Package(NamedTuple):
    """An opened package whose signature is good."""

    manifest: Manifest
    #: of the manifest; two packages never share it
    sha256: str
    lines: Callable[[], Iterator[tuple[str, str]]]


def private_key(path: Path) -> Ed25519PrivateKey:
    """Return this place's own key, made at first use and readable by its user only."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(Ed25519PrivateKey.generate().private_bytes_raw().hex())
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text().strip()))


def public_key(key: Ed25519PrivateKey) -> str:
    """Return the public half of a key as hexadecimal digits."""
    return key.public_key().public_bytes_raw().hex()


def write(path: Path, key: Ed25519PrivateKey, rows: Iterable[tuple[str, str]], describe: Callable[[int, str], Manifest]) -> str:
    """Write a package and return its SHA-256; the rows come first, because the manifest tells their size and hash.

    :param rows: (table, the row as JSON)
    :param describe: makes the manifest of the size and the SHA-256 of the rows
    """
    size, digest, unfinished = 0, hashlib.sha256(), path.with_name(path.name + ".part")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(_ROWS, "w", force_zip64=True) as stream:
            for table, row in rows:
                line = f"{table} {row}\n".encode()
                stream.write(line)
                digest.update(line)
                size += len(line)
        manifest = {"format": FORMAT, **describe(size, digest.hexdigest())._asdict()}
        stated = json.dumps(manifest, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        archive.writestr(_MANIFEST, stated)
        archive.writestr(_SIGNATURE, key.sign(stated).hex())
    unfinished.replace(path)
    return hashlib.sha256(stated).hexdigest()


@contextmanager
def opened(path: Path, key_of: Callable[[int], str | None]) -> Iterator[Package]:
    """Open a package whose signature is its sender's.

    :param key_of: returns the public key of a sender by its number, or None if nobody knows it
    :raises BadPackage: saying why; also while the lines are read
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if sorted(archive.namelist()) != _MEMBERS:
                raise BadPackage("This is no package: it does not hold a manifest, a signature and rows, and nothing else.")
            stated = _read(archive, _MANIFEST)
            manifest = _signed(stated, _read(archive, _SIGNATURE), key_of)
            yield Package(manifest, hashlib.sha256(stated).hexdigest(), lambda: _lines(archive, manifest))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        if isinstance(error, FileNotFoundError):
            raise BadPackage("There is no such file.") from error
        raise BadPackage("The file is damaged.") from error


def _signed(stated: bytes, signature: bytes, key_of: Callable[[int], str | None]) -> Manifest:
    claimed = _parsed(stated)
    public = key_of(claimed.sender)
    if public is None:
        raise BadPackage(f"The sender, node {claimed.sender}, is not known here.")
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature.decode("ascii")), stated)
    except (InvalidSignature, ValueError):
        raise BadPackage("The signature is not the sender's, or the manifest was changed.") from None
    return claimed


def _parsed(stated: bytes) -> Manifest:
    try:
        found = json.loads(stated)
        if found.pop("format") != FORMAT:
            raise BadPackage("The package was made by another version of the program.")
        made = Manifest(**found)
        kind, sender = PackageKind(made.kind), int(made.sender)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise BadPackage("The manifest cannot be read.") from None
    return made._replace(kind=kind, sender=sender)


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as stream:
        content = stream.read(_LARGEST_MANIFEST + 1)
    if len(content) > _LARGEST_MANIFEST:
        raise BadPackage("The manifest is too large.")
    return content


def _lines(archive: zipfile.ZipFile, manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Yield (table, row as JSON); what comes out before the end is only good if the end is reached."""
    if manifest.rows_bytes > _LARGEST_ROWS:
        raise BadPackage("The package is too large.")
    size, digest = 0, hashlib.sha256()
    with archive.open(_ROWS) as stream:
        for line in _read_lines(stream):
            size += len(line)
            if size > manifest.rows_bytes:
                raise BadPackage("The package holds more than its manifest says.")
            digest.update(line)
            table, _space, row = line.decode().rstrip("\n").partition(" ")
            if table not in manifest.tables:
                raise BadPackage("The package holds a table its manifest does not name.")
            yield table, row
    if size != manifest.rows_bytes or digest.hexdigest() != manifest.rows_sha256:
        raise BadPackage("The rows are not those that were signed.")


def _read_lines(stream: Any) -> Iterator[bytes]:
    source: BinaryIO = stream
    while line := source.readline(_LARGEST_LINE):
        yield line
