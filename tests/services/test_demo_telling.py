"""What the demo shows of telling consumers stands once it is made."""

from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.services.demo import telling
from tests.builders import make_district, make_home

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_demo_shows_wishes_outages_a_campaign_and_inquiries(session: Session) -> None:
    district = make_district(session)
    for serial in range(1, 4):
        make_home(session, district, serial=serial, phone=f"+99890123450{serial}")

    assert telling.tell_consumers(session, now=NOW) == 3

    counted = {
        table: session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
        for table in ("planned_outage", "campaign", "inquiry", "notice_preference", "notice_stop", "message_contract")
    }
    waiting = session.execute(text("SELECT count(*) FROM notice WHERE status IN ('QUEUED', 'SENDING')")).scalar_one()
    assert counted == {
        "planned_outage": 2, "campaign": 1, "inquiry": 2, "notice_preference": 1, "notice_stop": 1, "message_contract": 1,
    }  # fmt: skip
    assert waiting == 0
