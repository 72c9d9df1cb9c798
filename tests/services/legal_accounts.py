"""Accounts of a legal consumer."""

from sqlalchemy.orm import Session

from app.models.accounts import Account
from app.models.legal_consumers import LegalConsumer
from tests.builders import make_district, make_home


def make_legal(session: Session, accounts: int = 1, code: str = "1726999") -> list[Account]:
    """Add a legal consumer with accounts and no contract."""
    district = make_district(session, code)
    homes = [make_home(session, district, serial, group="LEGAL") for serial in range(1, accounts + 1)]
    consumer = LegalConsumer(division_id=district.id, name="“Zamin agro” MChJ", stir="301234567", language="uz")
    session.add(consumer)
    session.flush()
    made = [session.get_one(Account, home.account_id) for home in homes]
    for account in made:
        account.consumer_id = consumer.id
    session.flush()
    session.expire_all()
    return made
