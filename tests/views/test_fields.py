import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import Form

from app.views.fields import money_field, quantity_field


class Sums(Form):
    money = money_field("money")
    units = quantity_field("units")


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
