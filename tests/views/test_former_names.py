"""Entries of the trail were sealed under the names of their day; pages show what the names mean now."""

import psycopg
import pytest
from flask import Flask

from tests.browsers import log_in

_SEALED = """
    INSERT INTO audit_entry (table_name, row_id, operation, before, after, actor)
    VALUES ('registry_profile', 77, 'UPDATE', '{"name": "Old layout"}', '{"name": "New layout"}', 'operator'),
           ('payment_control', 78, 'UPDATE', '{"registry_number": "1"}', '{"registry_number": "2"}', 'operator')
"""


@pytest.fixture
def sealed(demo_database: psycopg.Connection) -> psycopg.Connection:
    """A base with entries from before payment files were called so."""
    demo_database.execute(_SEALED)
    return demo_database


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/audit-trail/?table=payment_file_layout&row=77", ["Layouts of payment files", "Old layout", "New layout"]),
        ("/audit-trail/?table=registry_profile&row=77", ["Layouts of payment files", "Old layout", "New layout"]),
        ("/audit-trail/?table=payment_file_layout", ["Layouts of payment files", "Old layout", "New layout"]),
        ("/audit-trail/history/payment_file_layout/77", ["Layouts of payment files", "Old layout"]),
        ("/audit-trail/history/registry_profile/77", ["Layouts of payment files", "Old layout"]),
        ("/audit-trail/history/payment_control/78", ["Number of the payment file"]),
    ],
)
def test_trail_shows_former_names_as_present_ones(app: Flask, sealed: psycopg.Connection, address: str, words: list[str]) -> None:
    page = log_in(app, "auditor").text(address)

    assert sealed
    assert [word for word in words if word not in page] == []
    assert "registry_number" not in page
