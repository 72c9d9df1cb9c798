"""What is done once a key, also by two at the same time."""

import threading

import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from app.models.reference import Bank
from app.services.once import added, once


class OtherContents(Exception):
    """The key was used with other contents."""


def bank(session: Session, mfo: str, name: str, made: list[str]) -> Bank:
    def make() -> Bank:
        made.append(name)
        return added(session, Bank(mfo=mfo, name=name))

    return once(
        session, ("bank", mfo), find=select(Bank).where(Bank.mfo == mfo), contents={"name": name}, conflict=OtherContents, make=make
    )


def test_a_repeat_gets_what_the_first_made(session: Session):
    made: list[str] = []

    first = bank(session, "09997", "one", made)
    again = bank(session, "09997", "one", made)

    assert again is first
    assert made == ["one"]


def test_a_repeat_with_other_contents_is_refused_and_told_the_first(session: Session):
    first = bank(session, "09997", "one", [])

    with pytest.raises(OtherContents, match=f"^{first.id}$"):
        bank(session, "09997", "two", [])


def test_of_two_at_the_same_time_one_makes_it_and_the_other_waits(engine: Engine):
    made: list[str] = []
    found: list[int] = []

    def ask() -> None:
        with Session(engine) as session, session.begin():
            found.append(bank(session, "09996", "one", made).id)

    with Session(engine) as session:
        try:
            first = bank(session, "09996", "one", made).id
            others = [threading.Thread(target=ask) for _ in range(3)]
            for other in others:
                other.start()
            assert not found
            session.commit()
            for other in others:
                other.join(30)
            assert found == [first] * 3
            assert made == ["one"]
        finally:
            session.execute(text("DELETE FROM bank WHERE mfo = '09996'"))
            session.commit()
