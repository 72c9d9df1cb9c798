"""A list as a file: a CSV is sent while it is made, however long it is; a workbook or a PDF of many rows is made by a job."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import current_app, flash, g, redirect, request, stream_with_context, url_for
from flask_appbuilder.urltools import get_filter_args
from flask_babel import force_locale
from flask_babel import gettext as _

from app import labels
from app.documents import downloads, tables
from app.domain.administration import JobKind
from app.extensions import appbuilder, independent_transaction
from app.services.administration import audit
from app.views.lists.rows import SORTED, Order, RowCount
from app.views.lists.selection import start_job
from app.views.lists.state import ListState, list_parameters, state_of

#: Kind of file → the operating parameter that says how many rows it holds; a CSV holds any number.
LARGEST: Mapping[str, str] = {"xlsx": "lists.workbook_rows", "pdf": "lists.pdf_rows"}
#: Rows loaded together: the first few, so that the file begins at once, then more.
FIRST, PORTION = 100, 1000


def export(view: Any, kind: str) -> Any:
    """Answer with the rows a list's address asks for as a file, or with the job that makes it."""
    get_filter_args(view._filters)  # noqa: SLF001 - the framework's own name
    state, rows = state_of(view), view.rows_asked(view._filters)  # noqa: SLF001
    at_once, largest = rows_at_once(), limit_of(LARGEST[kind]) if kind in LARGEST else 0
    counted = view.datamodel.counted(rows, limit=largest or SORTED)
    order = view.order_in(state, counted)
    if kind == "csv":
        return _streamed(view, state, rows, order, counted)
    if not counted.is_complete:
        most = labels.number(counted.limit)
        flash(_("More than %(count)s rows do not fit this kind of file. Narrow the filters, or take CSV.", count=most), "warning")
        return redirect(f"{url_for(f'{view.endpoint}.list')}?{request.query_string.decode(errors='replace')}")
    keys = view.datamodel.keys(rows, order, size=counted.limit, few=counted.is_sortable)
    if len(keys) > at_once:
        return _as_job(view, kind, state, keys)
    cells = [row for portion in _portions(iter(keys)) for row in _cells(view, state.columns, portion)]
    return tables.sent(kind, str(view.title), view.datamodel.obj.__tablename__, _header(view, state.columns), cells)


def rows_at_once() -> int:
    """Return how many rows a file has at most that a page makes itself."""
    return limit_of("lists.wait_rows")


def limit_of(code: str) -> int:
    """Return an operating parameter about lists in force today."""
    return list_parameters()[code]


def _streamed(view: Any, state: ListState, rows: Any, order: Order, counted: RowCount) -> Any:
    keys = view.datamodel.keys_in_turn(rows, order, few=counted.is_sortable)

    def written() -> Iterator[Sequence[tables.Cell]]:
        for portion in _portions(keys):
            found = _cells(view, state.columns, portion)
            _write_down()
            yield from found

    parts = tables.csv_parts(_header(view, state.columns), written())
    return downloads.attachment(stream_with_context(parts), f"{view.datamodel.obj.__tablename__}.csv", "text/csv")


def _write_down() -> None:
    """Write down whose data goes out next; the answer itself has begun already."""
    if shown := g.pop("rows_shown", None):
        with independent_transaction() as connection:
            audit.record_reading(connection, request.endpoint or "", request.args.to_dict(), shown)


def _as_job(view: Any, kind: str, state: ListState, keys: Sequence[tuple[Any, ...]]) -> Any:
    """Start the job that makes a file; whoever fetches it is written down then."""
    asked = {
        "list": type(view).__name__, "kind": kind, "columns": [*state.columns], "user": g.user.username,
        "language": labels.locale_code(), "keys": [[str(each) for each in key] for key in keys],
    }  # fmt: skip
    return start_job(JobKind.LIST_EXPORT, asked)


def write_asked(asked: Mapping[str, Any]) -> tuple[str, str, bytes]:
    """Return name, media type and contents of the file that a job was asked for, as its user may see the rows."""
    view = next(each for each in appbuilder.baseviews if type(each).__name__ == asked["list"])
    with current_app.test_request_context(), force_locale(asked["language"]):
        g.user = g._login_user = appbuilder.sm.find_user(asked["user"])  # noqa: SLF001 - how flask-login knows the user of a request
        keys = iter(view.datamodel.read_keys(asked["keys"]))
        cells = [row for portion in _portions(keys) for row in _cells(view, asked["columns"], portion)]
        chosen = tables.FORMATS[asked["kind"]]
        content = chosen.write(str(view.title), _header(view, asked["columns"]), cells)
        return f"{view.datamodel.obj.__tablename__}.{asked['kind']}", chosen.media_type, content


def _header(view: Any, columns: Sequence[str]) -> list[str]:
    return [tables.headline(column, str(view.label_columns[column])) for column in columns]


def _portions(keys: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    size = FIRST
    while portion := [key for _place, key in zip(range(size), keys, strict=False)]:
        yield portion
        size = PORTION


def _cells(view: Any, columns: Sequence[str], keys: Sequence[tuple[Any, ...]]) -> list[list[tables.Cell]]:
    rows = view.datamodel.shown(view.datamodel.loaded(keys, [*columns, *view.read_along]))
    return [[view.file_cell(column, values[column]) for column in columns] for values in view.values_of(rows, columns)]
