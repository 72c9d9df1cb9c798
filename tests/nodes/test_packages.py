"""A district without a link: signed package files go out, come in once, in order and whole, or change nothing."""

import json
import shutil
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest

from app.cli import node_setup
from app.cli import packages as parcels
from app.domain.administration.nodes import OPERATIONAL, REFERENCE
from app.domain.payments.channels import Channel
from app.gateways import packages
from app.queries import ledger
from app.queries.administration import replication
from app.services import payments
from app.services.administration import packages as service
from app.services.payments import MoneyReceived
from tests.builders import Home, bill_month, read
from tests.nodes.conftest import OF_NODE, Side, clusters, settle

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MONTH = date(2026, 1, 1)
#: No two packages are made at the same moment.
_LATER = (timedelta(minutes=number) for number in count())


class Post(NamedTuple):
    """Two sides that only exchange files, and a folder for them."""

    centre: Side
    node: Side
    home: Home
    folder: Path

    def export(self, name: str) -> Path:
        """Write a package of the reference information (``reference…``) or of the node's rows."""
        path = self.folder / name
        side, number = (self.centre, 3) if name.startswith("reference") else (self.node, None)
        parcels.export(side.url, side.var / "node_key", path, number, NOW + next(_LATER))
        return path

    def take_in(self, path: Path) -> str:
        """Take a package in at the other side."""
        side = self.node if path.name.startswith("reference") else self.centre
        return parcels.take_in(side.url, side.var / "node_key", path, NOW)


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Side, Side, Home, Path]]:
    """A centre with a key and two districts, and an empty database."""
    place = tmp_path_factory.mktemp("post")
    with clusters(place) as (centre, node):
        home, _ = settle(centre)
        with psycopg.connect(centre.url) as connection:
            node_setup.publish_key(connection, centre.var / "node_key")
        yield centre, node, home, place


@pytest.fixture(scope="module")
def post(sides: tuple[Side, Side, Home, Path]) -> Post:
    centre, node, home, place = sides
    node_setup.join(node.url, node_setup.NodeRequest(3, OF_NODE, None, centre.url, "", is_linked=False), node.var / "node_key")
    return Post(centre, node, home, place)


def test_node_that_cannot_be_reached_does_not_join_and_leaves_no_trace(sides: tuple[Side, Side, Home, Path]) -> None:
    centre, node, home, _ = sides
    wanted = node_setup.NodeRequest(3, OF_NODE, None, centre.url, "host=/nowhere dbname=x", is_linked=True)

    with pytest.raises(psycopg.OperationalError, match="could not connect to the publisher"):
        node_setup.join(node.url, wanted, node.var / "node_key")

    for side in (centre, node):
        assert side.one("SELECT count(*) FROM pg_subscription") == 0
        assert side.one("SELECT count(*) FROM pg_replication_slots") == 0
    assert node.one("SELECT count(*) FROM account") == node.one("SELECT count(*) FROM node_setting") == 0
    with centre.session() as session:
        read(session, home, date(2026, 2, 3), 1160)


def contents(side: Side, tables: tuple[str, ...]) -> dict[str, object]:
    with psycopg.connect(side.url) as connection:
        divisions = replication.divisions_of_node(connection, 3)
        return {table: replication.fingerprint(connection, table, divisions) for table in tables}


def in_step(post: Post, tables: tuple[str, ...]) -> bool:
    return contents(post.node, tables) == contents(post.centre, tables)


def test_reference_information_arrives_is_acknowledged_and_counts_once(post: Post) -> None:
    post.centre.do("INSERT INTO bank (mfo, name) VALUES ('00001', 'First'); UPDATE street SET name = 'Bobur'; DELETE FROM benefit")
    before = in_step(post, REFERENCE)
    path = post.export("reference-1")

    said = post.take_in(path)
    noted = parcels.note_arrival(post.centre.url, path.with_name("reference-1.ack"))
    repeated = post.take_in(path)

    assert (before, in_step(post, REFERENCE)) == (False, True)
    assert "is taken in" in said
    assert "has arrived" in noted
    assert "taken in before" in repeated
    assert post.centre.one("SELECT acknowledged_at IS NOT NULL FROM sync_package WHERE direction = 'SENT'") is True
    assert post.node.one("SELECT count(*) FROM sync_package") == 1
    assert post.node.one("SELECT count(*) FROM audit_entry WHERE table_name = 'bank'") == 0


def test_rows_of_the_district_arrive_with_all_that_stands_on_them(post: Post) -> None:
    with post.node.session() as session:
        read(session, post.home, date(2026, 2, 20), 1300)
        bill_month(session, post.home.division_id, MONTH)
        payments.book(session, MoneyReceived(Channel.CASHIER, "far-1", post.home.account_id, 5_000_000), received_on=MONTH)
    first = post.export("operational-1")
    with post.node.session() as session:
        payments.book(session, MoneyReceived(Channel.CASHIER, "far-2", post.home.account_id, 2_000_000), received_on=MONTH)
    second = post.export("operational-2")

    post.take_in(second)
    with pytest.raises(parcels.NotTaken, match="older than what is here"):
        post.take_in(first)

    assert in_step(post, OPERATIONAL)
    assert post.centre.one("SELECT count(*) FROM payment") == 2
    with post.centre.session() as session:
        assert ledger.drifts(session) == []


def test_older_version_of_the_reference_information_is_refused(post: Post) -> None:
    old = post.export("reference-old")
    for number in (1, 2):
        post.centre.do(f"UPDATE bank SET name = 'Name {number}'")
    post.take_in(post.export("reference-new"))

    with pytest.raises(parcels.NotTaken, match="older than what is here"):
        post.take_in(old)

    assert post.node.one("SELECT name FROM bank") == "Name 2"


def with_members(path: Path, target: Path, changed: dict[str, bytes]) -> Path:
    """Copy a package with some of its members replaced or added."""
    with zipfile.ZipFile(path) as source:
        members = {name: source.read(name) for name in source.namelist()} | changed
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target


def forged(post: Post, name: str) -> tuple[Path, str]:
    """Make a package that is not what the centre wrote; return it with what the refusal says."""
    good, bad = post.export("reference-good"), post.folder / f"reference-{name}"
    with zipfile.ZipFile(good) as archive:
        manifest, rows = json.loads(archive.read("manifest.json")), archive.read("rows.jsonl")
    cases: dict[str, tuple[dict[str, bytes], str]] = {
        "row": ({"rows.jsonl": rows.replace(b"Name 2", b"Name 9")}, "The rows are not those that were signed"),
        "more": ({"rows.jsonl": rows + b"bank {}\n" * 10_000}, "more than its manifest says"),
        "less": ({"rows.jsonl": rows[: len(rows) // 2]}, "not those that were signed|do not fit|does not name|damaged"),
        "manifest": ({"manifest.json": json.dumps(manifest | {"receiver": 4}).encode()}, "The signature is not the sender's"),
        "signature": ({"signature": b"00" * 64}, "The signature is not the sender's"),
        "words": ({"signature": b"\xff"}, "The signature is not the sender's"),
        "sender": ({"manifest.json": json.dumps(manifest | {"sender": 99}).encode()}, "is not known here"),
        "bomb": ({"manifest.json": b" " * (2 << 20)}, "The manifest is too large"),
        "deep": ({"manifest.json": b"[" * 200_000}, "The manifest cannot be read"),
        "path": ({"../../etc/cron.d/x": b"x"}, "This is no package"),
    }
    return with_members(good, bad, cases[name][0]), cases[name][1]


@pytest.mark.parametrize("name", ["row", "more", "less", "manifest", "signature", "words", "sender", "bomb", "deep", "path"])
def test_forged_package_is_refused_and_changes_nothing(post: Post, name: str) -> None:
    path, reason = forged(post, name)
    before = contents(post.node, REFERENCE)

    with pytest.raises(parcels.NotTaken, match=reason):
        post.take_in(path)

    assert contents(post.node, REFERENCE) == before
    assert not path.with_name(path.name + ".ack").exists()


def test_changed_byte_is_noticed_wherever_it_is(post: Post) -> None:
    post.centre.do("INSERT INTO bank (mfo, name) VALUES ('00077', 'New')")
    good, before = post.export("reference-whole"), contents(post.node, REFERENCE)
    whole, bad = good.read_bytes(), post.folder / "reference-bytes"
    places, refused = range(40, len(whole), max(1, len(whole) // 40)), 0

    for place in places:
        bad.write_bytes(whole[:place] + bytes([whole[place] ^ 0x20]) + whole[place + 1 :])
        try:
            post.take_in(bad)
        except parcels.NotTaken:
            refused += 1
            assert contents(post.node, REFERENCE) == before
        else:
            # No reader looks at a few bytes of the archive's own bookkeeping; what was taken in is what was signed.
            before = contents(post.node, REFERENCE)
            assert before == contents(post.centre, REFERENCE)
            post.node.do("DELETE FROM sync_package WHERE direction = 'RECEIVED'")

    assert refused > len(places) * 9 // 10


def test_package_of_another_sort_is_refused(post: Post) -> None:
    own, key = post.export("operational-9"), post.node.var / "node_key"
    shutil.copy(own, post.folder / "reference-theirs")
    with pytest.raises(parcels.NotTaken, match="The package is for node 0"):
        post.take_in(post.folder / "reference-theirs")

    manifest = packages.Manifest(packages.PackageKind.REFERENCE, 3, 0, 10**6, 0, "0007", "", {}, 0, "")
    path = post.folder / "operational-false"
    packages.write(path, packages.private_key(key), (), lambda size, digest: manifest._replace(rows_bytes=size, rows_sha256=digest))
    with pytest.raises(parcels.NotTaken, match="of a kind its sender does not send"):
        post.take_in(path)


def test_other_schema_is_refused(post: Post) -> None:
    path = post.export("reference-schema")
    revision = post.node.one("SELECT version_num FROM alembic_version")
    post.node.do("UPDATE alembic_version SET version_num = 'other'")
    try:
        with pytest.raises(parcels.NotTaken, match=f"schema revision {revision}, here is other"):
            post.take_in(path)
    finally:
        post.node.do(f"UPDATE alembic_version SET version_num = '{revision}'")


def test_fact_that_differs_from_the_one_here_refuses_the_whole_package(post: Post) -> None:
    path = post.export("operational-changed")
    with psycopg.connect(post.centre.url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE payment SET amount_tiyin = amount_tiyin + 1")
    before = contents(post.centre, OPERATIONAL)

    with pytest.raises(parcels.NotTaken, match="A fact differs"):
        post.take_in(path)

    assert contents(post.centre, OPERATIONAL) == before


def test_rows_of_another_district_are_refused(post: Post) -> None:
    foreign = post.centre.one("SELECT id FROM division WHERE code = '1726999'")
    with psycopg.connect(post.node.url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(f"INSERT INTO consumer (division_id, kind, name) VALUES ({foreign}, 'HOUSEHOLD', 'X')")
        rows = [("consumer", connection.execute("SELECT to_json(c)::text FROM consumer c WHERE name = 'X'").fetchone()[0])]
    kind = packages.PackageKind.OPERATIONAL

    with psycopg.connect(post.centre.url) as connection:
        divisions = replication.divisions_of_node(connection, 3)
        stated = service.fingerprints(connection, kind, divisions)
        with pytest.raises(service.NotApplied, match="not the sender's"):
            service.apply(connection, kind, rows, stated, divisions)
