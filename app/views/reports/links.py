"""Where the cells of reports lead: to the rows behind each figure, and from there to the pages of single rows."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from flask import url_for

from app.documents.reports import ReportSpec
from app.domain.reports import SUMMED, key_text
from app.extensions import appbuilder

#: Tables whose rows are shown by pages of other tables, or of which several lists show rows.
_PAGES: Mapping[str, str] = {
    "account_balance": "AccountView", "allocation": "BillView", "bill_line": "BillView", "consumption": "BillView", "debt": "BillView",
    "tender": "TenderView",
}  # fmt: skip


@cache
def _page_of(table: str) -> str:
    """Return the page that shows a row of a table; empty: there is none."""
    for each in appbuilder.baseviews:
        model = getattr(getattr(each, "datamodel", None), "obj", None)
        if model is not None and model.__tablename__ == table:
            return type(each).__name__
    return ""


def row_page(table: str, row_id: int) -> str:
    """Return the address of the page of a row; empty: it has none, or the reader may not see it."""
    if table == "audit_entry":
        return url_for("AuditTrailView.entry", entry_id=row_id) if appbuilder.sm.has_access("can_entry", "AuditTrailView") else ""
    page = _PAGES.get(table) or _page_of(table)
    return url_for(f"{page}.show", pk=row_id) if page and appbuilder.sm.has_access("can_show", page) else ""


def cell_links(spec: ReportSpec, arguments: Mapping[str, Any], row: Sequence[Any]) -> dict[int, str]:
    """Return where the cells of a row lead, by their places: each figure to the rows that add up to it.

    :param row: one of the report; that of its totals has no part
    :param arguments: those of the report's address
    """
    if spec.documents is None:
        return {}
    told = dict(zip((column.name for column in spec.columns), row, strict=True))
    keys = {name: key_text(told[name]) for name in spec.told_apart[1:]} if row[0] is not None else {}
    return {
        place: url_for("ReportsView.rows", report=spec.name, **arguments, column=column.name, part=row[0], **keys)
        for place, column in enumerate(spec.columns)
        if column.unit in SUMMED and row[place]
    }
