"""The database's schema: roles, extensions, the baseline, and Alembic's revisions.

An empty database begins with the baseline, the schema as of one revision; whatever stands at a revision goes on by those that follow.
"""

from pathlib import Path
from typing import Any

import click
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.pool import NullPool

from app.queries import locks
from app.queries.locks import Lock

_SCRIPTS = Path(__file__).resolve().parent.parent / "schema"
#: What an empty database begins with: the catalogue, then what every installation starts with.
_BASELINE = ("baseline.sql", "seeds.sql")

#: Database roles: owner of the schema, web requests (under row-level security), jobs (all rows), read-only reports.
ROLES = ("pcb_owner", "pcb_web", "pcb_worker", "pcb_report")

#: Logins of the processes that strangers reach, by the setting that holds their address, and the one role each may take.
LOGINS = {"DATABASE_WEB_URL": ("pcb_web_login", "pcb_web"), "DATABASE_INTAKE_URL": ("pcb_intake_login", "pcb_worker")}


def upgrade(url: str) -> bool:
    """Bring the schema up to date; processes that come together wait for the first. Return whether anything was done.

    :raises click.ClickException: if the database stands at a revision that this version does not know
    """
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        if _is_current(connection):
            return False
        locks.acquire_for_connection(connection, Lock.SCHEMA)
        connection.commit()
        if _is_current(connection):
            return False
        _prepare(connection)
        connection.execute(text("SET ROLE pcb_owner"))
        connection.commit()
        if not _revisions_of(connection):
            _begin(connection)
        _check_known(connection)
        command.upgrade(_config(connection), "head")
        connection.commit()
    return True


def _begin(connection: Connection) -> None:
    """Give an empty database the baseline, all or nothing."""
    connection.execute(text("SET LOCAL lock_timeout = '4s'"))
    driver: Any = connection.connection.driver_connection
    for name in _BASELINE:
        driver.execute((_SCRIPTS / name).read_text(encoding="utf-8"))
    connection.commit()


def _check_known(connection: Connection) -> None:
    known = {each.revision for each in ScriptDirectory(str(_SCRIPTS)).walk_revisions()}
    if unknown := _revisions_of(connection) - known:
        raise click.ClickException(
            f"The database stands at revision {', '.join(unknown)}, which this version does not know: "
            f"it goes on from {min(known)}. Bring it there with an earlier version, or use the version it was made with."
        )


def is_current(url: str) -> bool:
    """Tell whether the schema is the one of this version; any login may ask."""
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return _is_current(connection)


def make_logins(url: str) -> dict[str, str]:
    """Create the logins of web server and intake on the embedded server, whose socket asks no password; return their addresses."""
    found = make_url(url)
    with create_engine(url, poolclass=NullPool).begin() as connection:
        locks.acquire(connection, Lock.SCHEMA)
        for login, role in LOGINS.values():
            if not connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :login"), {"login": login}):
                connection.execute(text(f"CREATE ROLE {login} LOGIN IN ROLE {role}"))
    return {name: found.set(username=login).render_as_string(hide_password=False) for name, (login, _) in LOGINS.items()}


def revise(url: str, message: str) -> None:
    """Write a revision from what the models have and the database has not, members of enums too; views, policies and triggers by hand."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("SET ROLE pcb_owner"))
        connection.commit()
        number = f"{max(int(path.name[:4]) for path in _SCRIPTS.glob('versions/*.py')) + 1:04d}"
        command.revision(_config(connection), message=message, autogenerate=True, rev_id=number)


def _config(connection: Connection) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_SCRIPTS))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def _is_current(connection: Connection) -> bool:
    heads = set(ScriptDirectory(str(_SCRIPTS)).get_heads())
    return bool(heads) and _revisions_of(connection) == heads


def _revisions_of(connection: Connection) -> set[str]:
    """Return where a database stands; nowhere if it is empty."""
    current = set(MigrationContext.configure(connection).get_current_heads())
    connection.rollback()
    return current


def _create_role(connection: Connection, role: str) -> None:
    """Create a role; the workers' one stands above row-level security where the login may give that away.

    Where it may not, a policy lets workers see every row, and bulk writes go by INSERT in place of COPY.
    """
    if role == "pcb_worker":
        try:
            with connection.begin_nested():
                connection.execute(text(f"CREATE ROLE {role} NOLOGIN BYPASSRLS"))
        except ProgrammingError:
            pass
        else:
            return
    connection.execute(text(f"CREATE ROLE {role} NOLOGIN"))


def _count_statements(connection: Connection) -> None:
    """Let ``flask --app run database slow`` read what PostgreSQL counts of statements, where the server and the login allow it."""
    try:
        with connection.begin_nested():
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_stat_statements"))
            connection.execute(text("GRANT pg_read_all_stats TO pcb_worker"))
    except DBAPIError:
        pass  # a managed server without the extension, or a login that is no superuser: the command says so


def _prepare(connection: Connection) -> None:
    """Create the roles and extensions; needs a login that may, once."""
    for role in ROLES:
        if not connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}):
            _create_role(connection, role)
        if not connection.scalar(text("SELECT pg_has_role(current_user, :role, 'SET')"), {"role": role}):
            connection.execute(text(f"GRANT {role} TO CURRENT_USER"))
    for extension in ("btree_gist", "pg_trgm"):
        connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {extension}"))
    _count_statements(connection)
    database = connection.scalar(text("SELECT quote_ident(current_database())"))
    connection.execute(text(f"GRANT CREATE ON DATABASE {database} TO pcb_owner"))
    connection.execute(text("GRANT CREATE, USAGE ON SCHEMA public TO pcb_owner"))
    connection.execute(text("GRANT USAGE ON SCHEMA public TO pcb_web, pcb_worker"))
    connection.commit()
