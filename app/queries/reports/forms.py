"""Columns of forms, dated."""

from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.domain.reference import Names
from app.domain.reports import FormColumn, ReportForm, ReportMeasure
from app.queries.records import fetch_all


class _Column(NamedTuple):
    measure: ReportMeasure
    code: str
    name: str
    name_uz_cyrl: str | None
    name_ru: str | None


def columns(session: Session, form: ReportForm, on: date) -> dict[ReportMeasure, FormColumn]:
    """Return the columns that a form has on a day."""
    statement = """
        SELECT measure, code, name, name_uz_cyrl, name_ru FROM report_column
        WHERE report_form = :form AND valid_from <= :on AND (valid_to IS NULL OR valid_to > :on) ORDER BY code, id
        """
    rows = fetch_all(session, statement, _Column, form=form, on=on)
    return {ReportMeasure(row.measure): FormColumn(row.code, Names(row.name, row.name_uz_cyrl, row.name_ru)) for row in rows}
