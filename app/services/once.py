"""What is done once a key: a repeat gets what the first made, and one with other contents is refused.

Payments and tenders come in masses: the unique keys of their tables say the same there, many in one statement.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy import Select
from sqlalchemy.orm import Session

from app.queries import locks
from app.queries.locks import Lock

Result = TypeVar("Result")


def once(
    session: Session,
    key: tuple[str, str],
    *,
    find: Select[Any],
    contents: Mapping[str, Any],
    conflict: Callable[[str], Exception],
    make: Callable[[], Result],
) -> Result:
    """Return what was made with a key before, or make it now; of two that come at once the second waits for the first.

    The key is locked before rows are, so that repeats do not wait for one another in a circle.

    :param key: a namespace, and the key in it
    :param find: selects what was made with the key
    :param contents: attributes and the values in which a repeat must be equal to the first
    :param conflict: makes the error of a repeat with other contents; it is given the first's id
    """
    locks.acquire(session, Lock.KEY, *key)
    first: Any = session.scalar(find)
    if first is None:
        return make()
    if any(getattr(first, name) != value for name, value in contents.items()):
        raise conflict(str(first.id))
    made: Result = first
    return made


def added(session: Session, record: Result) -> Result:
    """Store a new record and return it, with the id that the database gave it."""
    session.add(record)
    session.flush()
    return record
