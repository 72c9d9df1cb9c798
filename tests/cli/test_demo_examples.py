"""The demo holds an example of everything: no list of the menu is empty."""

import psycopg
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql

from app.factory import VIEWS

#: Lists that are right to be empty in a demo, and why.
EMPTY: dict[str, str] = {
    "DeliveryReceiptView": "a gateway sends receipts; no contract of the demo is in use",
    "SpecialDayView": "the usual calendar holds until a decree moves a day",
    "TotpDeviceView": "a second factor belongs to a person's telephone",
    "UserSessionView": "nobody has signed in yet",
}


def test_every_list_of_the_menu_has_a_row(app: Flask, demo_database: psycopg.Connection) -> None:
    listed = {view.__name__: view.datamodel.obj for view in VIEWS if view.page.menu and getattr(view, "datamodel", None) is not None}

    empty = set()
    for name, model in listed.items():
        statement = select(func.count()).select_from(model)
        counted = str(statement.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}))
        if demo_database.execute(counted).fetchone() == (0,):
            empty.add(name)

    assert app
    assert len(listed) > 50
    assert sorted(empty - set(EMPTY)) == []


def test_file_of_subsidies_of_the_operator_waits_for_a_second_person(app: Flask, demo_database: psycopg.Connection) -> None:
    waiting = "SELECT created_by, contents ->> 'rows', contents ->> 'rejected_rows' FROM approval WHERE kind = 'SUBSIDY_GRANT'"

    assert app
    assert demo_database.execute(waiting).fetchall() == [("operator", "2", "1")]
