"""A district on its own node: two clusters, a link that is cut and joined again, refusals, conflicts, and the way back."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.cli import node_setup
from app.cli.servers import CannotStart, Servers
from app.domain.administration.nodes import OPERATIONAL, REFERENCE, key_range
from app.domain.payments.channels import Channel
from app.queries import ledger
from app.queries.administration import nodes as monitor
from app.queries.administration import replication
from app.services import payments
from app.services.administration import nodes
from app.services.payments import MoneyReceived
from tests.builders import bill_month, read
from tests.nodes.conftest import OF_NODE, Pair, Side
from tests.waiting import wait_until

MONTH = date(2026, 1, 1)
SUBSCRIPTIONS = ("pcb_centre", "pcb_node_7")
_ENABLED = "SELECT bool_and(subenabled) FROM pg_subscription"


def cut(pair: Pair) -> None:
    pair.to_centre.cut()
    pair.to_node.cut()


def joined(pair: Pair) -> None:
    pair.to_centre.join()
    pair.to_node.join()


def in_step(writer: Side, slot: str) -> None:
    """Wait until all a side has written has been confirmed by the other."""
    end = writer.one("SELECT pg_current_wal_insert_lsn()")
    wait_until(lambda: writer.one(f"SELECT confirmed_flush_lsn >= '{end}' FROM pg_replication_slots WHERE slot_name = '{slot}'"))


def hashes(pair: Pair) -> tuple[dict[str, object], dict[str, object]]:
    """Return the hashes of all tables that travel, the node's and the centre's, when both have heard all of the other."""
    in_step(pair.node, "pcb_centre")
    in_step(pair.centre, "pcb_node_7")
    found = []
    for side in (pair.node, pair.centre):
        with psycopg.connect(side.url) as connection:
            divisions = replication.divisions_of_node(connection, 7)
            found.append({table: replication.fingerprint(connection, table, divisions) for table in (*REFERENCE, *OPERATIONAL)})
    return found[0], found[1]


def test_node_begins_with_the_reference_information_and_its_own_rows(pair: Pair) -> None:
    of_node, of_centre = hashes(pair)

    assert of_node == of_centre
    told = pair.node.status("--hash")
    assert {table: tuple(value) for table, value in told["hashes"].items() if table != "node_state"} == {
        table: value for table, value in of_node.items() if table != "node_state"
    }
    assert pair.node.one("SELECT count(*) FROM account") == 2
    assert pair.centre.one("SELECT count(*) FROM account") == 4


def test_every_key_of_a_node_is_made_in_its_range(pair: Pair) -> None:
    keys = key_range(7)
    with psycopg.connect(pair.node.url) as connection:
        rows = connection.execute("SELECT sequencename, data_type::text, min_value, max_value, start_value FROM pg_sequences").fetchall()

    wide = [row for row in rows if row[1] == "bigint"]
    assert len(wide) > 30
    assert {row[2:] for row in wide} == {(keys.first, keys.last, keys.first)}
    assert keys.last < 2**53
    # The framework's tables have short keys; their rows are made at the centre, or not at all.
    short = {str(row[0]).removesuffix("_id_seq") for row in rows if row[1] != "bigint"}
    assert short - set(REFERENCE) == {"ab_api_key", "ab_register_user"}


def test_both_sides_work_without_the_link_and_agree_when_it_is_back(pair: Pair) -> None:
    version = pair.node.one("SELECT max(number) FROM reference_release")
    cut(pair)

    with pair.node.session() as session:
        reading = read(session, pair.node_home, date(2026, 2, 20), 1300)
        run = bill_month(session, pair.node_home.division_id, MONTH)
        payment = payments.book(session, MoneyReceived(Channel.CASHIER, "node-1", pair.node_home.account_id, 5_000_000), received_on=MONTH)
        posted_with = session.scalar(text(f"SELECT reference_release FROM bill_run WHERE id = {run}"))
        assert ledger.drifts(session) == []
    with pair.centre.session() as session:
        session.execute(text("UPDATE tariff_version SET source = source || ' (new)' WHERE valid_to IS NULL"))
        session.execute(text("INSERT INTO bank (mfo, name) VALUES ('00001', 'First')"))
        session.execute(text("UPDATE street SET name = 'Bobur'"))
        session.execute(text("DELETE FROM benefit"))
        bill_month(session, pair.centre_home.division_id, MONTH)
        other = payments.book(session, MoneyReceived(Channel.CASHIER, "centre-1", pair.centre_home.account_id, 1_000), received_on=MONTH)
    behind = pair.node.one("SELECT max(number) FROM reference_release")
    joined(pair)
    of_node, of_centre = hashes(pair)

    assert behind == version == posted_with
    assert of_node == of_centre
    assert pair.node.one("SELECT max(number) FROM reference_release") == version + 1
    keys = key_range(7)
    assert all(keys.first <= made <= keys.last for made in (reading, run, payment))
    assert other < key_range(1).first
    assert pair.centre.one("SELECT count(*) FROM bill") == 4
    with pair.centre.session() as session:
        assert ledger.drifts(session) == []
    assert pair.centre.one("SELECT count(*) FROM audit_entry WHERE table_name = 'bank'") == 1
    assert pair.node.one("SELECT count(*) FROM audit_entry WHERE table_name = 'bank'") == 0


def end_walsenders(pair: Pair) -> None:
    for side in (pair.centre, pair.node):
        side.do("SELECT pg_terminate_backend(pid) FROM pg_stat_replication")


def kill_servers(pair: Pair) -> None:
    for side in (pair.centre, pair.node):
        servers = Servers(side.var)
        os.kill(int((servers.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        wait_until(lambda servers=servers: _is_started(servers))


def _is_started(servers: Servers) -> bool:
    with suppress(CannotStart):
        servers.revive()
        return True
    return False


def lose_the_route(pair: Pair) -> None:
    cut(pair)
    time.sleep(1)
    joined(pair)


def swallow(pair: Pair) -> None:
    """Let both lines swallow everything for longer than the servers wait for a word."""
    for line in (pair.to_centre, pair.to_node):
        line.signal(signal.SIGSTOP)
    time.sleep(5)
    for line in (pair.to_centre, pair.to_node):
        line.signal(signal.SIGCONT)


@pytest.mark.parametrize("harm", [end_walsenders, kill_servers, lose_the_route, swallow])
def test_lost_line_comes_back_by_itself(pair: Pair, harm: Callable[[Pair], None]) -> None:
    for side in (pair.node, pair.centre):
        side.status()
    listed = [side.one("SELECT count(*) FROM sync_conflict") for side in (pair.node, pair.centre)]

    for number in range(3):
        harm(pair)
        pair.centre.do(f"INSERT INTO bank (mfo, name) VALUES ('{abs(hash((harm.__name__, number))) % 100_000:05}', '{harm.__name__}')")
        pair.node.do("UPDATE consumer SET phone = '+99890' || lpad((random() * 9999999)::int::text, 7, '0')")
        of_node, of_centre = hashes(pair)
        assert of_node == of_centre

    for side in (pair.node, pair.centre):
        side.status()
    assert [side.one(_ENABLED) for side in (pair.node, pair.centre)] == [True, True]
    assert [side.one("SELECT count(*) FROM sync_conflict") for side in (pair.node, pair.centre)] == listed


@pytest.mark.parametrize(
    ("side", "statement", "reason"),
    [
        ("centre", "UPDATE account SET status = 'CLOSED' WHERE division_id = {own}", "division_works_on_its_node"),
        ("centre", "UPDATE account SET division_id = {own} WHERE division_id = {foreign}", "division_works_on_its_node"),
        ("centre", "DELETE FROM account_position WHERE division_id = {own}", "division_works_on_its_node"),
        ("centre", "INSERT INTO register (meter_id, code, digits) SELECT min(id), 'PEAK', 5 FROM device WHERE division_id = {own}",
         "division_works_on_its_node"),
        ("centre", "INSERT INTO consumer (division_id, kind, name) VALUES ({own}, 'HOUSEHOLD', 'X')", "division_works_on_its_node"),
        ("node", "INSERT INTO consumer (division_id, kind, name) VALUES ({foreign}, 'HOUSEHOLD', 'X')", "division_is_not_of_this_node"),
        ("node", "INSERT INTO bank (mfo, name) VALUES ('00002', 'Second')", "reference_is_kept_at_the_centre"),
        ("node", "UPDATE tariff_block SET rate = 0", "reference_is_kept_at_the_centre"),
        ("node", "UPDATE ab_user SET password = 'x'", "reference_is_kept_at_the_centre"),
        ("node", "DELETE FROM node", "reference_is_kept_at_the_centre"),
    ],
)  # fmt: skip
def test_what_the_other_side_keeps_cannot_be_written(pair: Pair, side: str, statement: str, reason: str) -> None:
    ids = {"own": pair.node_home.division_id, "foreign": pair.centre_home.division_id}
    # The owner of the server is refused as well as an ordinary role.
    with psycopg.connect(getattr(pair, side).url) as connection, pytest.raises(psycopg.errors.RestrictViolation) as refused:
        connection.execute(statement.format(**ids))

    assert refused.value.diag.constraint_name == reason


def test_services_are_refused_at_the_centre_and_other_districts_are_not(pair: Pair) -> None:
    money = MoneyReceived(Channel.CASHIER, "wrong-place", pair.node_home.account_id, 1_000)

    with pytest.raises(IntegrityError, match="division works on its node"), pair.centre.session() as session:
        payments.book(session, money, received_on=MONTH)
    with pair.centre.session() as session:
        payments.book(session, money._replace(account_id=pair.centre_home.account_id), received_on=MONTH)

    assert pair.centre.one("SELECT account_id FROM payment WHERE reference = 'wrong-place'") == pair.centre_home.account_id


def test_cash_is_taken_at_the_node_by_a_cashier_of_the_whole_region(pair: Pair) -> None:
    everywhere = "SELECT set_config('app.divisions', (SELECT array_agg(id)::text FROM division), true)"
    with pair.node.session() as session:
        session.execute(text(everywhere))
        division_id = monitor.highest_division_written_here(session)
        number = session.scalar(text(f"SELECT number FROM account WHERE id = {pair.node_home.account_id}"))
        cashier = payments.Cashier("of-the-region", division_id or 0)
        cash = payments.Cash("at-the-node", str(number), 700_000)
        payment = payments.take_cash(session, cash, cashier=cashier, now=datetime(2026, 3, 1, tzinfo=UTC), today=date(2026, 3, 1))
    with pair.centre.session() as session:
        session.execute(text(everywhere))
        at_the_centre = monitor.highest_division_written_here(session)
    in_step(pair.node, "pcb_centre")

    assert division_id == pair.node_home.division_id
    assert at_the_centre == pair.centre.one("SELECT id FROM division WHERE parent_id IS NULL")
    assert pair.centre.one(f"SELECT amount_tiyin FROM payment WHERE id = {payment}") == 700_000


def test_change_that_cannot_be_applied_is_listed_and_goes_on_once_it_can(pair: Pair) -> None:
    pair.node.status()
    pair.node.do("ALTER TABLE bank ADD CONSTRAINT planted CHECK (name <> 'Refused there')")
    pair.centre.do("INSERT INTO bank (mfo, name) VALUES ('00777', 'Refused there')")
    tried = "SELECT apply_error_count FROM pg_stat_subscription_stats WHERE subname = 'pcb_centre'"
    already = pair.node.one(tried)
    wait_until(lambda: pair.node.one(tried) > already + 8)
    # At the moment of a further try it looks as if the exchange worked again.
    wait_until(lambda: pair.node.one("SELECT pid FROM pg_stat_subscription WHERE subname = 'pcb_centre' AND leader_pid IS NULL") is None)

    told = pair.node.status()
    pair.node.do("ALTER TABLE bank DROP CONSTRAINT planted")
    in_step(pair.centre, "pcb_node_7")
    with pair.node.session() as session:
        nodes.settle_conflicts(session, now=datetime(2026, 3, 1, tzinfo=UTC), by="test")

    assert [row["kind"] for row in told["conflicts"]] == ["apply_error_count"]
    assert told["subscriptions"][0]["is_enabled"] is True
    assert pair.node.one("SELECT count(*) FROM bank WHERE mfo = '00777'") == 1


def test_signing_in_is_counted_at_the_node_and_is_no_conflict(pair: Pair) -> None:
    pair.centre.do("INSERT INTO ab_user (first_name, last_name, username, email) VALUES ('A', 'B', 'ab', 'ab@example.uz')")
    in_step(pair.centre, "pcb_node_7")
    pair.node.do("UPDATE ab_user SET last_login = now(), login_count = 1, fail_login_count = 0 WHERE username = 'ab'")

    pair.centre.do("UPDATE ab_user SET last_name = 'C' WHERE username = 'ab'")
    in_step(pair.centre, "pcb_node_7")

    told = pair.node.status()
    version = pair.centre.one("SELECT max(number) FROM reference_release")
    pair.centre.do("UPDATE ab_user SET last_login = now(), login_count = 9 WHERE username = 'ab'")

    assert pair.node.one("SELECT last_name || login_count FROM ab_user WHERE username = 'ab'") == "C1"
    assert told["subscriptions"][0]["counters"]["update_origin_differs"] > 0
    assert told["conflicts"] == []
    assert pair.centre.one("SELECT max(number) FROM reference_release") == version


def test_conflict_stops_the_exchange_and_stays_listed_until_it_is_settled(pair: Pair) -> None:
    with psycopg.connect(pair.node.url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("INSERT INTO bank (mfo, name) VALUES ('00444', 'Made at the wrong place')")
    pair.centre.do("INSERT INTO bank (mfo, name) VALUES ('00444', 'The right one')")
    wait_until(lambda: pair.node.one("SELECT confl_insert_exists > 0 FROM pg_stat_subscription_stats WHERE subname = 'pcb_centre'"))

    told = pair.node.status()
    with pair.node.session() as session:
        # The exchange may have tried once more while it was being stopped; that is written down once, and told with the next heartbeat.
        nodes.record_conflicts(session, now=datetime(2026, 3, 1, tzinfo=UTC))
        counted_again = nodes.record_conflicts(session, now=datetime(2026, 3, 1, tzinfo=UTC))
    in_step(pair.node, "pcb_centre")
    with pair.centre.session() as session:
        at_the_centre = monitor.nodes(session, now=datetime(2026, 3, 1, tzinfo=UTC))[0]
    pair.node.do("SET session_replication_role = replica; DELETE FROM bank WHERE mfo = '00444'")
    pair.node.run("node", "resume")
    in_step(pair.centre, "pcb_node_7")

    kinds = {row["kind"]: row for row in told["conflicts"]}
    assert set(kinds) == {"insert_exists"}
    assert kinds["insert_exists"]["detail"] == "bank: insert_exists (mfo)=(00444)"
    assert told["subscriptions"][0]["is_enabled"] is False
    assert counted_again == []
    assert at_the_centre.conflicts == len(told["conflicts"]) + 1
    assert pair.node.one("SELECT name FROM bank WHERE mfo = '00444'") == "The right one"


def test_node_is_made_once_and_of_an_empty_database(pair: Pair) -> None:
    wanted = node_setup.NodeRequest(8, OF_NODE, None, pair.centre.url, pair.node.url, is_linked=True)

    with pytest.raises(node_setup.NodeSetupRefused, match="This database is node 7 already"):
        node_setup.join(pair.node.url, wanted, pair.node.var / "node_key")
    with pytest.raises(node_setup.NodeSetupRefused, match="This database is not empty"):
        node_setup.join(pair.centre.url, wanted, pair.centre.var / "node_key")


def test_refresh_takes_in_what_publications_and_guards_lack(pair: Pair) -> None:
    published = "SELECT array_agg(tablename::text ORDER BY tablename) FROM pg_publication_tables"
    guarded = "SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'place%'"
    before = pair.node.one(published), pair.node.one(guarded)
    pair.node.do("ALTER PUBLICATION pcb_operational DROP TABLE tender")
    pair.node.do("DROP TRIGGER place_insert ON tender")

    pair.node.run("node", "refresh")

    assert (pair.node.one(published), pair.node.one(guarded)) == before
    assert set(before[0]) == set(OPERATIONAL)


def test_dropped_node_hands_its_last_rows_over_and_the_centre_writes_again(pair: Pair) -> None:
    with pair.node.session() as session:
        read(session, pair.node_home, date(2026, 3, 1), 1400)

    node_setup.leave(pair.centre.url, 7, without_node=False)

    assert pair.centre.one("SELECT count(*) FROM reading WHERE dial_milli = 1400000") == 1
    assert [side.one("SELECT count(*) FROM pg_subscription") for side in (pair.centre, pair.node)] == [0, 0]
    assert [side.one("SELECT count(*) FROM pg_replication_slots") for side in (pair.centre, pair.node)] == [0, 0]
    with pair.centre.session() as session:
        payments.book(session, MoneyReceived(Channel.CASHIER, "back", pair.node_home.account_id, 1_000), received_on=MONTH)
    with pytest.raises(IntegrityError), pair.node.session() as session:
        read(session, pair.node_home, date(2026, 3, 2), 1410)
