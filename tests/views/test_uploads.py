"""Kinds of files, declared once: the example that a page offers is read by the kind's own reader, in every language."""

import csv
import io

import pytest
from flask import Flask

from app.gateways.certificates_file import CERTIFICATES
from app.gateways.divisions_file import DISTRICTS
from app.gateways.meter_data import READINGS
from app.gateways.statement_file import STATEMENTS
from app.gateways.subsidies_file import SUBSIDIES
from app.gateways.uploads import FileSpec
from tests.browsers import log_in

PAGES = {
    "/subsidyview/": SUBSIDIES, "/reconciliationview/": STATEMENTS, "/readingimportview/": READINGS, "/division-file/": DISTRICTS,
    "/verificationplanview/": CERTIFICATES,
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ru", "uz", "uz_Cyrl", "kaa"])
@pytest.mark.parametrize("spec", PAGES.values(), ids=PAGES)
def test_example_is_read_by_the_reader_of_its_kind(spec: FileSpec, language: str) -> None:
    header, rows = spec.sample(language)
    content = io.StringIO()
    csv.writer(content, delimiter=";").writerows([header, *rows])

    found = spec.reader(content.getvalue().encode(), "example.csv")
    (row,) = getattr(found, "rows", found)

    assert row.refusal is None
    assert set(rows[0]) <= {str(value) for value in row}


@pytest.mark.parametrize("page", PAGES)
def test_page_offers_the_example_and_names_the_columns(app: Flask, page: str) -> None:
    admin = log_in(app, "admin")

    text, example = admin.text(f"{page}load"), admin.text(f"{page}example.csv")

    assert f"{page}example.csv" in text
    assert all(column.header("en") in text and column.header("en") in example for column in PAGES[page].columns.values())


@pytest.mark.parametrize("page", PAGES)
def test_example_is_for_those_who_load_such_files(app: Flask, page: str) -> None:
    outsider = "cashier" if "verification" in page else "engineer"

    assert log_in(app, outsider).status(f"{page}example.csv") in {302, 403}


@pytest.mark.parametrize("page", ["/paymentfilelayoutview/load", "/reference/bank/load", "/reference/mahalla/load"])
def test_page_of_a_file_whose_layout_is_elsewhere_opens(app: Flask, page: str) -> None:
    assert log_in(app, "admin").status(page) == 200
