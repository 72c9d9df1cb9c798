"""A report as it is kept: its columns, the names of its divisions and its rows, as JSON that reads back the same for ever."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from app import labels
from app.domain.reference import Names
from app.domain.reports import FormColumn, ReportColumn, ReportUnit, sums_of


class ReportTable(NamedTuple):
    """The rows of a report with what they mean.

    :ivar names: division → its names
    """

    columns: Sequence[ReportColumn]
    names: Mapping[int, Names]
    rows: Sequence[Sequence[Any]]

    @property
    def totals(self) -> Sequence[Any]:
        """What the rows add up to."""
        return sums_of(self.columns, self.rows).cells

    def shown_names(self) -> dict[int, str]:
        """Return the names of the divisions in the reader's language."""
        return {key: names.in_language(labels.locale_code()) for key, names in self.names.items()}


def written(table: ReportTable) -> bytes:
    """Return a report as it is kept."""
    used = {row[0] for row in table.rows}
    contents = {
        "columns": [[each.name, each.unit, each.word.__name__ if each.word else None, each.part, each.whole] for each in table.columns],
        "names": {str(key): list(names) for key, names in sorted(table.names.items()) if key in used},
        **({"form": form} if (form := _form_of(table.columns)) else {}),
        "rows": [[cell.isoformat() if isinstance(cell, date) else cell for cell in row] for row in table.rows],
    }
    return json.dumps(contents, ensure_ascii=False, separators=(",", ":")).encode()


def read(contents: bytes) -> ReportTable:
    """Return a report that is kept."""
    kept = json.loads(contents)
    columns = [
        ReportColumn(name, ReportUnit(unit), labels.kind_named(word) if word else None, part, whole)
        for name, unit, word, part, whole in kept["columns"]
    ]
    form = kept.get("form")
    if form is not None:
        columns = [_in_form(column, form) for column in columns]
    rows = [tuple(_read(cell, column.unit) for cell, column in zip(row, columns, strict=True)) for row in kept["rows"]]
    return ReportTable(columns, {int(key): Names(*names) for key, names in kept["names"].items()}, rows)


def _form_of(columns: Sequence[ReportColumn]) -> dict[str, Any]:
    """Return what a form says of its columns as it is kept; None: it lacks the column."""
    told = {each.name: [each.form.code, *each.form.names] if each.form else None for each in columns if each.form or not each.is_shown}
    return dict(sorted(told.items()))


def _in_form(column: ReportColumn, form: Mapping[str, Any]) -> ReportColumn:
    if column.name not in form:
        return column
    told = form[column.name]
    return column._replace(form=FormColumn(told[0], Names(*told[1:])) if told else None, is_shown=bool(told))


def _read(cell: Any, unit: ReportUnit) -> Any:
    return date.fromisoformat(cell) if cell is not None and unit in {ReportUnit.DAY, ReportUnit.MONTH} else cell
