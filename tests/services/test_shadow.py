"""A posted month with proposed prices: the same blocks change nothing, twice the rate doubles the energy, nothing is posted."""

from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.tariffs import Block, blocks_text
from app.domain.values import rate_e4_of
from app.models.billing.shadow import ShadowRun
from app.services.billing import shadow
from tests.services.replay_scenario import FEB, JAN, MARCH, billed_story


def household(session: Session, times: int = 1) -> tuple[int, str]:
    """Return the tariff of the homes and its blocks in force in 2026, with rates so many times as high."""
    tariff_id = session.scalar(text("SELECT t.id FROM tariff t JOIN tariff_group g ON g.id = t.tariff_group_id WHERE g.code = 'HOUSEHOLD'"))
    rows = session.execute(
        text(
            "SELECT b.upper_milli, b.rate, b.zone FROM tariff_block b JOIN tariff_version v ON v.id = b.version_id"
            " WHERE v.tariff_id = :id AND v.valid_from <= '2026-01-01' AND (v.valid_to IS NULL OR v.valid_to > '2026-01-01')"
            " ORDER BY b.upper_milli NULLS LAST"
        ),
        {"id": tariff_id},
    )
    return int(tariff_id or 0), blocks_text(Block(upper, rate_e4_of(rate) * times, zone) for upper, rate, zone in rows)


def done(session: Session, month: date, times: int = 1) -> ShadowRun:
    home = billed_story(session)
    tariff_id, blocks = household(session, times)
    run = shadow.open_run(session, division_id=home.division_id, month=month, tariff_id=tariff_id, blocks=blocks)
    *_, (_read, found) = shadow.compare(session, run, limit=3)
    shadow.finish(session, run, found)
    return run


def posted(session: Session) -> list[tuple[int, ...]]:
    return [
        tuple(session.execute(text(f"SELECT count(*), coalesce(sum(hashtext(t::text)::bigint), 0) FROM {table} t")).one())
        for table in ("bill", "bill_line", "ledger_entry", "account_balance", "consumption", "debt")
    ]


def test_same_blocks_change_nothing(session: Session) -> None:
    for month in (JAN, FEB, MARCH):
        with session.begin_nested() as mark:
            run = done(session, month)
            assert (run.bills, run.left_out, run.largest) == (7, 0, [])
            assert run.amount_now_tiyin == run.amount_proposed_tiyin != 0
            mark.rollback()


def test_twice_the_rate_doubles_the_energy(session: Session) -> None:
    run = done(session, JAN, times=2)

    rows = session.execute(text("SELECT quantity_now_milli, quantity_proposed_milli, amount_now_tiyin, amount_proposed_tiyin"
                                " FROM shadow_result WHERE shadow_run_id = :id"), {"id": run.id}).all()  # fmt: skip
    assert rows
    assert all(row[0] == row[1] and row[3] == 2 * row[2] for row in rows)
    assert run.amount_proposed_tiyin == 2 * run.amount_now_tiyin > 0
    assert len(run.largest) == 7


def test_month_of_corrections_keeps_the_prices_of_the_months_before(session: Session) -> None:
    run = done(session, MARCH, times=2)

    of_march = session.scalar(
        text(
            "SELECT sum(l.amount_tiyin) FROM bill_line l JOIN bill b ON b.id = l.bill_id"
            " WHERE b.division_id = :id AND b.billing_month = '2026-03-01' AND l.for_month = '2026-03-01'"
        ),
        {"id": run.division_id},
    )
    assert run.amount_proposed_tiyin - run.amount_now_tiyin == of_march


def test_nothing_is_posted(session: Session) -> None:
    home = billed_story(session)
    before = posted(session)
    tariff_id, blocks = household(session, 3)
    run = shadow.open_run(session, division_id=home.division_id, month=JAN, tariff_id=tariff_id, blocks=blocks)
    *_, (_read, found) = shadow.compare(session, run)
    shadow.finish(session, run, found)

    assert posted(session) == before
