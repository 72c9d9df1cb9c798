"""The log of an embedded database server, for what its counters do not tell."""

from pathlib import Path

_TAIL_BYTES = 64 * 1024
#: How PostgreSQL begins what it says of a change that did not fit.
_BEGINS = "conflict detected on relation"


def last_conflict(path: Path) -> str | None:
    """Return what the log says last of a conflict, with its details, or None if there is no log or it says nothing."""
    if not path.is_file():
        return None
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        lines = stream.read().decode(errors="replace").splitlines()
    begins = [number for number, line in enumerate(lines) if _BEGINS in line]
    if not begins:
        return None
    told = [lines[begins[-1]]]
    for line in lines[begins[-1] + 1 : begins[-1] + 6]:
        if not (line.startswith("\t") or "DETAIL:" in line or "CONTEXT:" in line):
            break
        told.append(line.strip())
    return "\n".join(told)[:2000]
