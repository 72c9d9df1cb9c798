"""The log of an embedded database server, for what its counters do not tell."""

import re
from pathlib import Path

from app.domain.administration.privacy import PERSONAL, masked

_TAIL_BYTES = 64 * 1024
#: How PostgreSQL begins what it says of a change that did not fit, and how it names the key.
_BEGINS = re.compile(r'conflict detected on relation "(?:public\.)?(\w+)": conflict=(\w+)')
_KEY = re.compile(r"Key \(([\w, \"]+)\)=\((.*?)\)(?:;|\.|$)")
_LINES = 6


def last_conflict(path: Path) -> str | None:
    """Return the table, the kind and the key of the last conflict in the log, or None if there is no log or it tells of none.

    The rows, which the log quotes whole, are left out: a page shows no passwords and no personal data.
    """
    if not path.is_file():
        return None
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        lines = stream.read().decode(errors="replace").splitlines()
    begun = [(number, found) for number, line in enumerate(lines) if (found := _BEGINS.search(line))]
    if not begun:
        return None
    number, found = begun[-1]
    keys = [key for line in lines[number + 1 : number + _LINES] if (key := _KEY.search(line))]
    return " ".join([f"{found[1]}: {found[2]}", *(f"({key[1]})=({_shown(key[1], key[2])})" for key in keys[:1])])[:300]


def _shown(columns: str, values: str) -> str:
    return masked(values) if PERSONAL & set(columns.replace('"', "").split(", ")) else values
