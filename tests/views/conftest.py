"""A member of the staff for tests of sessions, and catalogs that lack texts."""

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from flask import Flask
from limits.storage import MemoryStorage

from app.cli import access
from app.extensions import appbuilder
from tests.databases import PASSWORD, ROOT
from tests.views.members import MEMBER, OTHER


@pytest.fixture(scope="module")
def member(app: Flask, demo_url: str) -> str:
    """A user of his own for these tests."""
    with app.app_context(), psycopg.connect(demo_url) as demo_database:
        for name in (MEMBER, OTHER):
            user_id = access.add_user(username=name, first_name="Ses", last_name="Sion", role_names=["Cashier"], password=PASSWORD)
            demo_database.execute(
                "INSERT INTO division_access (user_id, division_id, valid_from, basis) "
                "SELECT %s, id, '2020-01-01', 'test' FROM division WHERE code = '1726' ON CONFLICT DO NOTHING",
                (user_id,),
            )
    return MEMBER


@pytest.fixture
def clean(member: str, demo_database: psycopg.Connection) -> Iterator[None]:
    """Counters of failures at zero before, and the member as he was after."""
    storage = appbuilder.sm.limiter.storage
    assert isinstance(storage, MemoryStorage)
    storage.reset()
    before = demo_database.execute("SELECT password, id FROM ab_user WHERE username = %s", (member,)).fetchone()
    assert before is not None
    roles = demo_database.execute("SELECT user_id, role_id FROM ab_user_role WHERE user_id = %s", (before[1],)).fetchall()
    yield
    demo_database.execute("DELETE FROM ab_user_role WHERE user_id = %s", (before[1],))
    for row in roles:
        demo_database.execute("INSERT INTO ab_user_role (user_id, role_id) VALUES (%s, %s)", row)
    demo_database.execute("UPDATE ab_user SET password = %s, active = true WHERE username = %s", (before[0], member))
    demo_database.execute("DELETE FROM totp_device")
    demo_database.execute("DELETE FROM given_password")
    demo_database.execute("DELETE FROM operating_parameter WHERE code LIKE 'access.%'")


@pytest.fixture
def lacking(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Texts that Karakalpak lacks in catalogs of the test's own, whatever those of the program hold."""
    shutil.copytree(ROOT / "translations", tmp_path / "translations")
    path = tmp_path / "translations" / "kaa" / "LC_MESSAGES" / "messages.po"
    catalog = read_po(io.BytesIO(path.read_bytes()), locale="kaa")
    taken = [each for each in catalog if isinstance(each.id, str) and each.id.startswith("The ")]
    for each in catalog:
        each.string = each.string if any(each.string) else each.id  # what the program lacks today is not lacking here
    for each in taken:
        each.string = ""
    with path.open("wb") as po, path.with_suffix(".mo").open("wb") as mo:
        write_po(po, catalog)
        write_mo(mo, catalog)
    monkeypatch.setitem(app.config, "BABEL_TRANSLATION_DIRECTORIES", str(tmp_path / "translations"))
    return [str(each.id) for each in taken]
