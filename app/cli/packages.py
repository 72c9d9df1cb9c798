"""Packages of this database: written, taken in, acknowledged."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from app.domain.administration.nodes import CENTRE, PackageDirection, PackageKind
from app.gateways import packages
from app.gateways.packages import BadPackage, Manifest
from app.queries.administration import replication as queries
from app.services.administration import packages as service

Database = psycopg.Connection[Any]


class NotTaken(Exception):
    """A package was not written or not taken in, and nothing was changed; the text says why."""


def export(own_url: str, key_file: Path, file: Path, number: int | None, now: datetime) -> Manifest:
    """Write a package for a node, or at a node for the centre, from one snapshot.

    :raises NotTaken: if there is nobody to write it for
    """
    with psycopg.connect(own_url) as database:
        database.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        own = queries.own_number(database)
        receiver = _receiver(database, own, number)
        kind = PackageKind.REFERENCE if own == CENTRE else PackageKind.OPERATIONAL
        divisions = queries.divisions_of_node(database, own or receiver)
        sent = (PackageDirection.SENT, kind, receiver)
        version = queries.release(database) if own == CENTRE else service.latest_version(database, *sent) + 1
        manifest = Manifest(
            kind=kind,
            sender=own,
            receiver=receiver,
            version=version,
            previous_version=service.latest_version(database, *sent, acknowledged=True),
            revision=queries.revision(database),
            made_at=now.isoformat(),
            tables=service.fingerprints(database, kind, divisions),
            rows_bytes=0,
            rows_sha256="",
        )
        rows = service.rows(database, kind, divisions)
        sha256 = _write(file, key_file, rows, manifest)
        count = sum(each[0] for each in manifest.tables.values())
        service.note(database, sent[0], kind, number=receiver, version=version, sha256=sha256, rows=count)
        return manifest


def _receiver(database: Database, own: int, number: int | None) -> int:
    if own != CENTRE:
        return CENTRE
    if service.public_key_of(database, CENTRE) is None:
        raise NotTaken("The centre has no key for signing packages yet. Run `flask --app run node key` first.")
    found = database.execute("SELECT 1 FROM node WHERE number = %s AND dropped_at IS NULL", (number,)).fetchone()
    if number is None or found is None:
        raise NotTaken("Say which node the package is for: --node with the number of a node that works.")
    return number


def _write(file: Path, key_file: Path, rows: Iterable[tuple[str, str]], manifest: Manifest) -> str:
    key = packages.private_key(key_file)
    return packages.write(file, key, rows, lambda size, digest: manifest._replace(rows_bytes=size, rows_sha256=digest))


def take_in(own_url: str, key_file: Path, file: Path, now: datetime) -> str:
    """Take a package in, in one transaction, and write the acknowledgement; return what came of it.

    :raises NotTaken: if it is refused
    """
    with psycopg.connect(own_url) as database:
        try:
            with packages.opened(file, lambda number: service.public_key_of(database, number)) as package:
                manifest, own = package.manifest, queries.own_number(database)
                repeated = service.has_arrived(database, package.sha256)
                if not repeated:
                    _refuse_unless_due(database, manifest, own)
                    _apply(database, package, own)
        except (BadPackage, service.NotApplied) as refused:
            raise NotTaken(f"{refused} Nothing was changed.") from None
        except (psycopg.IntegrityError, psycopg.DataError) as error:
            raise NotTaken(f"The rows do not fit: {error.diag.message_primary}. Nothing was changed.") from None
        _acknowledge(database, key_file, file, package, now)
    if repeated:
        return f"{manifest.kind.lower()} version {manifest.version} was taken in before; nothing to do"
    return f"{manifest.kind.lower()} version {manifest.version} is taken in; send {file.name}.ack back"


def _apply(database: Database, package: packages.Package, own: int) -> None:
    manifest = package.manifest
    divisions = queries.divisions_of_node(database, own or manifest.sender)
    rows = service.apply(database, manifest.kind, package.lines(), manifest.tables, divisions)
    service.note(
        database,
        PackageDirection.RECEIVED,
        manifest.kind,
        number=manifest.sender,
        version=manifest.version,
        sha256=package.sha256,
        rows=rows,
    )


def _refuse_unless_due(database: Database, manifest: Manifest, own: int) -> None:
    if manifest.receiver != own:
        raise NotTaken(f"The package is for node {manifest.receiver}, this is {own}. Nothing was changed.")
    if manifest.kind == PackageKind.ACKNOWLEDGEMENT:
        raise NotTaken("This is an acknowledgement: `flask --app run node ack FILE` reads it.")
    if (manifest.kind == PackageKind.REFERENCE) != (manifest.sender == CENTRE):
        raise NotTaken("The package is of a kind its sender does not send. Nothing was changed.")
    if (mine := queries.revision(database)) != manifest.revision:
        raise NotTaken(f"The package was made with schema revision {manifest.revision}, here is {mine}. Nothing was changed.")
    known = service.latest_version(database, PackageDirection.RECEIVED, manifest.kind, manifest.sender)
    if manifest.kind == PackageKind.REFERENCE:
        known = max(known, queries.release(database) - 1)
    if manifest.version < known or (manifest.version == known and manifest.kind == PackageKind.OPERATIONAL):
        raise NotTaken(f"The package is of version {manifest.version}, older than what is here. Nothing was changed.")


def _acknowledge(database: Database, key_file: Path, file: Path, package: packages.Package, now: datetime) -> None:
    """Write FILE.ack; a repeated import writes it again, in case it was lost."""
    arrived = package.manifest
    manifest = Manifest(
        kind=PackageKind.ACKNOWLEDGEMENT,
        sender=arrived.receiver,
        receiver=arrived.sender,
        version=arrived.version,
        previous_version=0,
        revision=queries.revision(database),
        made_at=now.isoformat(),
        tables={},
        rows_bytes=0,
        rows_sha256="",
        acknowledges=package.sha256,
    )
    _write(file.with_name(file.name + ".ack"), key_file, (), manifest)


def note_arrival(own_url: str, file: Path) -> str:
    """Note that a package of ours arrived; return which.

    :raises NotTaken: if the file is no acknowledgement of a package of ours
    """
    with psycopg.connect(own_url) as database:
        try:
            with packages.opened(file, lambda number: service.public_key_of(database, number)) as package:
                manifest = package.manifest
        except BadPackage as refused:
            raise NotTaken(str(refused)) from None
        if manifest.kind != PackageKind.ACKNOWLEDGEMENT or manifest.receiver != queries.own_number(database):
            raise NotTaken("This is no acknowledgement of a package of ours.")
        if not service.acknowledge(database, number=manifest.sender, sha256=manifest.acknowledges):
            raise NotTaken("No such package left here.")
    return f"version {manifest.version} has arrived at {manifest.sender}"
