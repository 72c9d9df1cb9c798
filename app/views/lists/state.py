"""What the address of a list says: columns, order, page, rows a page; the filters stand in it too."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import abort, g, request
from werkzeug.datastructures import MultiDict

from app import clock
from app.extensions import db
from app.labels import personal
from app.queries.administration import values_on
from app.views.lists.rows import Order

#: How many rows a page may have.
SIZES = (25, 50, 100)
#: Arguments that say which rows are shown, in which order and with which columns, or how a table is laid out: what a saved view keeps.
KEPT = ("_flt_", "_oc_", "_od_", "_col", "_q", "psize_", "_tbl_")


class ListState(NamedTuple):
    """What is asked of a list.

    :ivar columns: what is shown, in this order
    :ivar order: None: the list's own
    :ivar page: counts from 0
    """

    name: str
    columns: Sequence[str]
    order: Order | None
    page: int
    size: int

    @property
    def start(self) -> int:
        """How many rows stand before the page."""
        return self.page * self.size

    def page_address(self, page: int) -> str:
        """Return the address of another page."""
        return address({f"page_{self.name}": str(page)})

    def size_address(self, size: int) -> str:
        """Return the address with more or fewer rows a page, from the first one."""
        return address({f"psize_{self.name}": str(size), f"page_{self.name}": None})

    def order_address(self, column: str) -> str:
        """Return the address in the order of a column; a second time the other way round."""
        is_rising = self.order == Order(column, "asc")
        return address({f"_oc_{self.name}": column, f"_od_{self.name}": "desc" if is_rising else "asc", f"page_{self.name}": None})


def list_parameters() -> dict[str, int]:
    """Return the operating parameters of lists, asked once a request."""
    if "list_parameters" not in g:
        g.list_parameters = values_on(db.session(), "lists", clock.today())
    return dict(g.list_parameters)


def state_of(view: Any) -> ListState:
    """Return what the address of this request asks of a view's list; what makes no sense is refused."""
    name = type(view).__name__
    page, size = (request.args.get(f"{argument}_{name}", "") for argument in ("page", "psize"))
    if not all(each.isdecimal() and len(each) < 10 for each in (page, size) if each):
        abort(400)
    chosen = [column for column in view.offered_columns if column in request.args.getlist("_col")]
    return ListState(
        name, chosen or view.list_columns, _order(view, name), int(page or 0), min(int(size or 0), SIZES[-1]) or view.usual_size()
    )


def _order(view: Any, name: str) -> Order | None:
    column, direction = request.args.get(f"_oc_{name}", ""), request.args.get(f"_od_{name}", "")
    if not column:
        return None
    if column not in {*filter(personal.may_search, view.stored_columns)} or direction not in {"", "asc", "desc"}:
        abort(400)
    return Order(column, direction or "asc")


def address(changes: dict[str, str | None], path: str = "") -> str:
    """Return the address of this request with other arguments.

    :param changes: None takes an argument out
    """
    kept = [(key, value) for key, value in request.args.items(multi=True) if key not in changes]
    given = [*kept, *((key, value) for key, value in changes.items() if value is not None)]
    return f"{path or request.path}?{urlencode(given)}" if given else path or request.path


def kept_arguments(arguments: MultiDict[str, str] | None = None) -> list[tuple[str, str]]:
    """Return the arguments a saved view keeps, in a fixed order."""
    given = request.args if arguments is None else arguments
    return sorted((key, value) for key, value in given.items(multi=True) if key.startswith(KEPT) and value)


def without(names: Iterable[str]) -> list[tuple[str, str]]:
    """Return the arguments of this request but for those whose names begin so, for the hidden inputs of a form."""
    return [(key, value) for key, value in request.args.items(multi=True) if not key.startswith(tuple(names))]
