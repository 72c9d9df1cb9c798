"""The revisions and the models must tell the same story."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.engine import Engine

from app.domain.administration import JobKind
from app.models.columns import changed_members, is_in_database, metadata


def test_revisions_make_what_the_models_say(engine: Engine) -> None:
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection, opts={"include_object": is_in_database}), metadata)

    assert differences == []


def test_revision_written_from_the_models_lets_a_column_hold_what_its_enum_learnt(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(text("SET LOCAL ROLE pcb_owner"))
        up_to_date = changed_members(connection)
        connection.execute(
            text(
                "ALTER TABLE job_run DROP CONSTRAINT job_run_kind, "
                "ADD CONSTRAINT job_run_kind CHECK (kind IN ('BILL_POST', 'BILL_PREVIEW')) NOT VALID"
            )
        )
        ((forth, back),) = changed_members(connection)
        connection.execute(text(forth))
        after = changed_members(connection)
        connection.rollback()

    assert up_to_date == after == []
    assert all(f"'{kind}'" in forth for kind in JobKind)
    assert "IN ('BILL_POST', 'BILL_PREVIEW')" in back
