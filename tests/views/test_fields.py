from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import Form

from app.views.fields import day_field, money_field, number_field, quantity_field


class Sums(Form):
    money = money_field("money")
    units = quantity_field("units")
    percent = number_field("percent", places=2, is_percent=True)
    day = day_field("day")


@pytest.mark.parametrize(
    ("typed", "tiyin"),
    [("1000", 100_000), ("1 000,50", 100_050), ("1000.5", 100_050), ("0,01", 1), ("-5", -500), (" 7 ", 700), ("10000000000000", 10**15)],
)
def test_sum_is_read_in_tiyin(app: Flask, typed: str, tiyin: int) -> None:
    with app.test_request_context():
        form = Sums(MultiDict({"money": typed}))

        assert form.validate()
        assert form.money.data == tiyin


@pytest.mark.parametrize("typed", ["1,000", "5.000", "10,555", "1_000", "1e3", "NaN", "abc", "1,000,000", "١٢", "10000000000000.01"])
def test_sum_that_could_be_read_in_two_ways_or_none_is_refused(app: Flask, typed: str) -> None:
    with app.test_request_context():
        form = Sums(MultiDict({"money": typed}))

        assert not form.validate()
        assert form.money.data is None


def test_quantity_has_three_decimals_and_no_more(app: Flask) -> None:
    with app.test_request_context():
        assert Sums(MultiDict({"units": "5,125"})).units.data == 5125
        assert Sums(MultiDict({"units": "5.1255"})).units.data is None


@pytest.mark.parametrize(("typed", "percent"), [("12", "12"), ("12,5 %", "12.5"), ("0.01", "0.01"), ("100", "100")])
def test_percent_is_stored_as_it_is_written(app: Flask, typed: str, percent: str) -> None:
    with app.test_request_context():
        assert Sums(MultiDict({"percent": typed})).percent.data == Decimal(percent)


@pytest.mark.parametrize("typed", ["100.01", "-1", "12,345", "NaN"])
def test_what_is_no_percent_is_refused(app: Flask, typed: str) -> None:
    with app.test_request_context():
        form = Sums(MultiDict({"percent": typed}))

        assert not form.validate()
        assert form.percent.data is None


@pytest.mark.parametrize("typed", ["2026-11-25", "25.11.2026", "25.11.2026 9:05"])
def test_day_is_read_as_files_have_it(app: Flask, typed: str) -> None:
    with app.test_request_context():
        assert Sums(MultiDict({"day": typed})).day.data == date(2026, 11, 25)


@pytest.mark.parametrize("typed", ["25/11/2026", "soon", "1899-12-31", "2200-01-01"])
def test_what_is_no_day_is_refused_with_its_reason(app: Flask, typed: str) -> None:
    with app.test_request_context():
        form = Sums(MultiDict({"day": typed}))

        assert not form.validate()
        assert "2026-01-31" in form.day.errors[0]


def test_form_shows_what_it_reads_back(app: Flask) -> None:
    with app.test_request_context():
        form = Sums(data={"money": 123_450, "units": 5_125, "percent": Decimal("12.50")})

        assert [field._value() for field in (form.money, form.units, form.percent)] == ["1234.50", "5.125", "12.5"]
