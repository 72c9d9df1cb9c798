"""One reader for each kind of value: it reads what people, spreadsheets and machines write, and never another figure."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from babel.core import Locale
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from app.domain import readers
from app.domain.readers import LARGEST_MONEY_TIYIN, LARGEST_QUANTITY_MILLI, Misread, ReadingFault

EMPTY, NOT_A_NUMBER, TOO_MANY_DECIMALS, TOO_LARGE, OUT_OF_RANGE, NOT_A_DAY, NOT_A_MOMENT, ERROR_CELL, LONG_NUMBER = (
    ReadingFault.EMPTY,
    ReadingFault.NOT_A_NUMBER,
    ReadingFault.TOO_MANY_DECIMALS,
    ReadingFault.TOO_LARGE,
    ReadingFault.OUT_OF_RANGE,
    ReadingFault.NOT_A_DAY,
    ReadingFault.NOT_A_MOMENT,
    ReadingFault.ERROR_CELL,
    ReadingFault.LONG_NUMBER,
)
LANGUAGES = ("en", "ru", "uz", "uz_Cyrl")

Read = Callable[[str], Any]


def fault_of(read: Read, text: str) -> ReadingFault:
    with pytest.raises(Misread) as misread:
        read(text)
    return misread.value.fault


# Numbers


@pytest.mark.parametrize(
    ("text", "tiyin"),
    [
        ("1234.56", 123_456),
        ("1 234,56", 123_456),
        ("1\u00a0234\u202f567,8", 123_456_780),
        ("  -5  ", -500),
        ("\u22125", -500),
        ("+5", 500),
        ("0,00", 0),
        (".5", 50),
        ("5.", 500),
        ("007", 700),
        ("'1234.56", 123_456),
        ('="1234.56"', 123_456),
        ("10000000000000", LARGEST_MONEY_TIYIN),
    ],
)
def test_money_is_read_as_people_write_it(text: str, tiyin: int) -> None:
    assert readers.money(text) == tiyin


@pytest.mark.parametrize(
    "text",
    [
        " ", "-", ".", ",", "1e5", "NaN", "Infinity", "1_000", "٣", "५", "²", "½", "--5", "5-", "1.234,56", "1,234.56", "0x10", "12a",
        "1\n2", "1 2", "12 34", "1 2345", "1 234 56", "5 %", "150 000 soʻm", "=1+1",
    ],
)  # fmt: skip
def test_what_is_no_plain_number_is_refused(text: str) -> None:
    assert fault_of(readers.money, text) in {NOT_A_NUMBER, EMPTY}


@pytest.mark.parametrize(
    ("read", "places"),
    [
        (readers.money, 2),
        (readers.quantity, 3),
        (readers.rate, 4),
        (readers.percent, 2),
        *((lambda text, places=places: readers.dial(text, places), places) for places in range(1, 4)),
    ],
)
@pytest.mark.parametrize("separator", [".", ","])
def test_more_decimals_than_the_kind_has_are_refused_and_as_many_are_read(read: Read, places: int, separator: str) -> None:
    assert read(f"1{separator}" + "0" * places) == read("1")
    assert fault_of(read, f"1{separator}" + "0" * (places + 1)) == TOO_MANY_DECIMALS


@pytest.mark.parametrize("text", ["1,000", "150,000", "150.000", "12 345,678"])
def test_thousands_behind_a_separator_are_never_soum(text: str) -> None:
    assert fault_of(readers.money, text) == TOO_MANY_DECIMALS


def test_display_without_decimals_takes_the_zero_that_programs_write() -> None:
    assert readers.dial("15060.0", 0) == 15_060_000
    assert [fault_of(lambda text: readers.dial(text, 0), text) for text in ("15060.5", "15060.00", "15,060")] == [TOO_MANY_DECIMALS] * 3


@pytest.mark.parametrize(
    ("read", "text", "fault"),
    [
        (readers.money, "10000000000000.01", TOO_LARGE),
        (readers.money, "-10000000000000.01", TOO_LARGE),
        (readers.money, "9" * 5_000, TOO_LARGE),
        (readers.quantity, "1000000000000.001", TOO_LARGE),
        (lambda text: readers.dial(text, 0), "-1", NOT_A_NUMBER),
        (readers.percent, "100.01", OUT_OF_RANGE),
        (readers.percent, "-1", OUT_OF_RANGE),
        (readers.percent, "5000%", OUT_OF_RANGE),
        (readers.money, "", EMPTY),
        (readers.money, "#N/A", ERROR_CELL),
        (readers.money, "2,02611E+17", LONG_NUMBER),
    ],
)
def test_value_beyond_its_kind_is_refused_with_the_reason(read: Read, text: str, fault: ReadingFault) -> None:
    assert fault_of(read, text) == fault


@pytest.mark.parametrize(
    ("text", "percent_e2"), [("50", 5_000), ("50%", 5_000), ("12,5 %", 1_250), ("0.5", 50), ("0", 0), ("100.00", 10_000)]
)
def test_percent_is_read_with_its_sign_or_without(text: str, percent_e2: int) -> None:
    assert readers.percent(text) == percent_e2


@given(st.integers(-LARGEST_MONEY_TIYIN, LARGEST_MONEY_TIYIN))
def test_money_is_read_back_as_it_is_written(tiyin: int) -> None:
    assert readers.money(readers.number_text(tiyin, 2)) == tiyin
    assert readers.money(readers.shortest(readers.number_text(tiyin, 2))) == tiyin


@given(st.integers(-LARGEST_QUANTITY_MILLI, LARGEST_QUANTITY_MILLI))
def test_quantities_are_read_back_as_they_are_written(milli: int) -> None:
    assert readers.quantity(readers.number_text(milli, 3)) == milli


@given(st.integers(-(10**15), 10**15))
def test_rates_are_read_back_as_they_are_written(rate_e4: int) -> None:
    assert readers.rate(readers.number_text(rate_e4, 4)) == rate_e4


@given(st.integers(0, 10_000))
def test_percents_are_read_back_as_they_are_written(percent_e2: int) -> None:
    assert readers.percent(readers.number_text(percent_e2, 2)) == percent_e2
    assert readers.percent(readers.number_text(percent_e2, 2) + " %") == percent_e2


@given(st.integers(0, 10**12), st.integers(0, 3))
def test_dials_are_read_back_as_they_are_written(shown: int, decimals: int) -> None:
    assert readers.dial(readers.number_text(shown, decimals), decimals) == shown * 10 ** (3 - decimals)


@given(st.integers(-(10**12), 10**12), st.sampled_from(("ru", "uz", "uz_Cyrl")))
def test_an_amount_as_the_screens_show_it_is_read_back(tiyin: int, language: str) -> None:
    shown = format_decimal(Decimal(tiyin).scaleb(-2), format="#,##0.00", locale=Locale.parse(language))

    assert readers.money(shown) == tiyin


@given(st.integers(0, 10**12), st.integers(0, 4))
def test_an_amount_as_english_shows_it_is_the_same_or_refused(whole: int, places: int) -> None:
    value = Decimal(whole).scaleb(-places)
    shown = format_decimal(value, format="#,##0.####", locale=Locale("en"))

    try:
        read = readers.money(shown)
    except Misread:
        return
    assert Decimal(read) == value * 100


@given(st.text(st.sampled_from("0123456789.,- \u00a0'+E%#"), max_size=14), st.integers(0, 4))
def test_a_number_that_is_read_has_the_digits_that_were_written(text: str, places: int) -> None:
    try:
        value = readers.number(text, places)
    except Misread:
        return

    written = readers.cell(text)
    whole, _point, fraction = written.replace(",", ".").partition(".")
    digits = "".join(filter(str.isdigit, whole)) + fraction.ljust(places, "0")[:places]
    assert abs(value) == int(digits or "0")
    assert set(fraction[places:]) <= {"0"}


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (readers.money, readers.percent, readers.day, readers.moment, readers.month, readers.account_number, readers.code):
        try:
            read(text)
        except Misread:
            continue


# Account numbers


@pytest.mark.parametrize(
    "text",
    ["269010000005", " 269010000005 ", "26901 0000005", "26901-0000005", "269010000005.0", "269010000005,00", "'269010000005",
     '="269010000005"', "\u00a0269010000005"],
)  # fmt: skip
def test_account_number_is_read_as_spreadsheets_write_it(text: str) -> None:
    assert readers.account_number(text) == "269010000005"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", EMPTY),
        ("'", EMPTY),
        ("2.69010E+11", LONG_NUMBER),
        ("#Н/Д", ERROR_CELL),
        ("26901000000", ReadingFault.NOT_AN_ACCOUNT_NUMBER),
        ("26901000000500", ReadingFault.NOT_AN_ACCOUNT_NUMBER),
        ("٢٦٩٠١٠٠٠٠٠٠٥", ReadingFault.NOT_AN_ACCOUNT_NUMBER),
        ("A69010000005", ReadingFault.NOT_AN_ACCOUNT_NUMBER),
    ],
)
def test_what_is_no_account_number_is_refused(text: str, fault: ReadingFault) -> None:
    assert fault_of(readers.account_number, text) == fault


@given(st.from_regex(r"[0-9]{12,13}", fullmatch=True), st.sampled_from(["{}", "'{}", '="{}"', "{}.0", " {} "]))
def test_every_account_number_survives_a_spreadsheet(number: str, written: str) -> None:
    assert readers.account_number(written.format(number)) == number


# Days and moments


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-25", date(2026, 11, 25)),
        ("25.11.2026", date(2026, 11, 25)),
        ("1.11.2026", date(2026, 11, 1)),
        ("25-11-2026", date(2026, 11, 25)),
        ("2026.11.25", date(2026, 11, 25)),
        ("25.11.2026 14:35", date(2026, 11, 25)),
        ("25.11.2026 0:00:00", date(2026, 11, 25)),
        ("25.11.2026 9:05:00", date(2026, 11, 25)),
        ("2026-11-25 00:00:00", date(2026, 11, 25)),
        ("2026-11-25T23:30:00", date(2026, 11, 25)),
        ("2026-11-25T23:30:00.123456+05:00", date(2026, 11, 25)),
        ("2026-11-25T19:30:00Z", date(2026, 11, 26)),
        ("2026-11-25+05:00", date(2026, 11, 25)),
        ("2026-11-25Z", date(2026, 11, 25)),
        ("'25.11.2026", date(2026, 11, 25)),
    ],
)
def test_day_is_read_as_programs_write_it(text: str, day: date) -> None:
    assert readers.day(text) == day


@pytest.mark.parametrize(
    "text",
    ["31.02.2026", "25.11.26", "25/11/2026", "11/25/2026", "20261125", "46351", "25.11.2026 25:00", "25.11.2026 14", "1899-12-31",
     "2200-01-01", "2026-11-25 14:35 PM", "٢٥.11.2026", "now", "25.11.2026 14:35:00+25:00", "9999-12-31T23:59:59Z"],
)  # fmt: skip
def test_what_is_no_day_is_refused(text: str) -> None:
    assert fault_of(readers.day, text) == NOT_A_DAY
    assert fault_of(readers.moment, text) == NOT_A_MOMENT


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("26.11.2026 9:05:00", datetime(2026, 11, 26, 4, 5, tzinfo=UTC)),
        ("26.11.2026 9:05", datetime(2026, 11, 26, 4, 5, tzinfo=UTC)),
        ("2026-11-26T10:00:00+05:00", datetime(2026, 11, 26, 5, tzinfo=UTC)),
        ("2026-11-26T10:00:00Z", datetime(2026, 11, 26, 10, tzinfo=UTC)),
        ("2026-11-26T10:00:00+05:30", datetime(2026, 11, 26, 4, 30, tzinfo=UTC)),
        ("2026-11-26T10:00:00-0330", datetime(2026, 11, 26, 13, 30, tzinfo=UTC)),
        ("2026-11-26T10:00:00+05", datetime(2026, 11, 26, 5, tzinfo=UTC)),
        ("2026-11-26 10:00:00", datetime(2026, 11, 26, 5, tzinfo=UTC)),
        ("26.11.2026", datetime(2026, 11, 25, 19, tzinfo=UTC)),
    ],
)
def test_moment_without_an_offset_is_that_of_tashkent(text: str, moment: datetime) -> None:
    assert readers.moment(text) == moment


def test_moment_has_the_zone_it_was_written_with_whatever_the_machine_s_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        found = readers.moment("2026-11-26T10:00:00Z"), readers.moment("2026-11-26T10:00:00")
    finally:
        monkeypatch.undo()
        time.tzset()

    assert found == (datetime(2026, 11, 26, 10, tzinfo=UTC), datetime(2026, 11, 26, 5, tzinfo=UTC))


@pytest.mark.parametrize(
    ("formats", "text", "read"),
    [
        (("dd/mm/yy",), "5/1/26", date(2026, 1, 5)),
        (("ddmmyyyy",), "05012026", date(2026, 1, 5)),
        (("ddmmyy", "dd.mm.yyyy"), "05.01.2026", date(2026, 1, 5)),
        (("yymmdd",), "260105 23:59", date(2026, 1, 5)),
        (("iso",), "2026-01-05T19:00:00Z", date(2026, 1, 6)),
        (("ddmmyyyy",), "5012026", None),
        (("iso",), "05.01.2026", None),
        (("dd.mm.yyyy",), "05x01x2026", None),
    ],
)
def test_day_is_read_in_the_formats_of_a_file_alone(formats: tuple[str, ...], text: str, read: date | None) -> None:
    if read is None:
        assert fault_of(readers.day_reader(*formats), text) == NOT_A_DAY
    else:
        assert readers.day_reader(*formats)(text) == read


DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))


@given(DAYS, st.sampled_from(["%Y-%m-%d", "%d.%m.%Y"]), st.sampled_from(["", " 00:00:00", " 9:05", "T23:59:59+05:00"]))
def test_days_are_read_back_as_they_are_written(day: date, pattern: str, time: str) -> None:
    assert readers.day(day.strftime(pattern) + time) == day


@given(st.datetimes(datetime(1900, 1, 2), datetime(2199, 12, 30)))  # noqa: DTZ001 - the offset is added below
def test_moments_are_read_back_as_they_are_written(moment: datetime) -> None:
    assert readers.moment(readers.moment_text(moment.replace(tzinfo=UTC))) == moment.replace(tzinfo=UTC)


@given(DAYS, st.timedeltas(timedelta(0), timedelta(hours=23, minutes=59)))
def test_the_day_of_a_moment_is_that_of_tashkent(day: date, time: timedelta) -> None:
    local = datetime(day.year, day.month, day.day, tzinfo=readers.TASHKENT) + time
    shown = local.astimezone(UTC)

    if shown.year >= 1900:
        assert readers.day(shown.isoformat()) == day


@pytest.mark.parametrize(("text", "month"), [("2026-03", 3), ("03.2026", 3), ("3.2026", 3), ("2026-03-31", 3), ("31.03.2026 00:00:00", 3)])
def test_month_is_read_alone_or_from_a_day(text: str, month: int) -> None:
    assert readers.month(text) == date(2026, month, 1)
