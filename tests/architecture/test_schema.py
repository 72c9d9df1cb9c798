"""The revisions and the models must tell the same story."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.engine import Engine

from app.models.columns import is_in_database, metadata


def test_revisions_make_what_the_models_say(engine: Engine) -> None:
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection, opts={"include_object": is_in_database}), metadata)

    assert differences == []
