"""The demo shows what becomes of consumers' readings."""

import psycopg


def test_readings_of_consumers_are_shown_in_each_fate(demo_database: psycopg.Connection) -> None:
    rows = demo_database.execute(
        "SELECT c.account_id, array_agg(DISTINCT d.status::text) FROM consumer_reading c "
        "LEFT JOIN doubtful_reading d ON d.account_id = c.account_id AND d.read_on = c.read_on GROUP BY 1"
    ).fetchall()

    fates = {fate or "ACCEPTED" for _account, found in rows for fate in found}
    assert fates == {"ACCEPTED", "ASKED_AGAIN", "REPLACED", "WAITING"}
